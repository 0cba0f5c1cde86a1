// scales.js -- axes of plots: where marks stand and what they say, colours of densities.
// Pure: no document. The node draws the same way (web/plot_axis.c).

const MJD_1970 = 40587;

/** Modified Julian date as ISO text. */
export function mjdText(mjd, length = 19) {
  const date = new Date(Math.round((mjd - MJD_1970) * 86400e3));
  return Number.isNaN(date.getTime()) ? String(mjd) : date.toISOString().slice(0, length);
}

export function roundStep(least) {
  const power = 10 ** Math.floor(Math.log10(least));
  const part = least / power;
  return (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10) * power;
}

/** A number with no more digits than the step tells. */
export function numberText(value, step = 0) {
  const clean = Math.abs(value) < step * 1e-6 ? 0 : value;
  const most = Math.max(Math.abs(clean), step);
  if (clean !== 0 && (most >= 1e6 || most < 1e-4)) {
    const digits = step ? Math.max(0, Math.min(12, Math.floor(Math.log10(most)) - Math.floor(Math.log10(step)))) : 3;
    return clean.toExponential(digits).replace("e+", "e");
  }
  const decimals = step ? Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) : 4;
  return String(Number(clean.toFixed(Math.min(12, decimals))));
}

/** Linear, log or time axis from [lo, hi] (values) to [from, to] (px). */
export function scaling(scale, lo, hi, from, to) {
  const enter = scale === "log" ? Math.log10 : (value) => value;
  const leave = scale === "log" ? (value) => 10 ** value : (value) => value;
  const a = enter(lo);
  const b = enter(hi);
  const span = b - a || 1;
  return {
    scale, lo, hi, from, to,
    place: (value) => from + ((enter(value) - a) / span) * (to - from),
    value: (px) => leave(a + ((px - from) / (to - from || 1)) * span),
  };
}

export function marks(scale, lo, hi, about = 7) {
  if (!(hi > lo) || !Number.isFinite(hi - lo)) return [];
  if (scale === "log") return logMarks(lo, hi, about);
  if (scale === "time") return timeMarks(lo, hi, about);
  const step = roundStep((hi - lo) / about);
  const first = Math.ceil(lo / step - 1e-9);
  const found = [];
  for (let i = 0; i < 40 && (first + i) * step <= hi + step * 1e-9; i++) {
    const at = (first + i) * step;
    found.push({ at, text: numberText(at, step) });
  }
  return found;
}

function logMarks(lo, hi, about) {
  const a = Math.log10(lo);
  const b = Math.log10(hi);
  const step = Math.max(1, Math.ceil((b - a) / about));
  const parts = b - a < 2.5 ? [1, 2, 5] : [1];
  const found = [];
  for (let power = Math.floor(a); power <= Math.ceil(b); power++)
    for (const part of parts) {
      const at = power + Math.log10(part);
      if (at < a - 1e-9 || at > b + 1e-9 || power % step !== 0) continue;
      found.push({ at: part * 10 ** power, text: power >= -3 && power <= 4 ? String(Number((part * 10 ** power).toPrecision(3))) : `${part}e${power}` });
    }
  return found;
}

function timeMarks(lo, hi, about) {
  const span = hi - lo;
  const found = [];
  if (span > 60) {
    const wanted = Math.ceil(span / 30.4 / about);
    const months = [1, 2, 3, 6, 12, 24, 60, 120, 240].find((one) => one >= wanted) ?? 600;
    let year = Number(mjdText(lo, 4));
    if (months > 12) year -= year % (months / 12);
    for (let k = 0; k < 6000 && found.length < 40; k += months) {
      const at = Date.UTC(year + Math.floor(k / 12), k % 12, 1) / 86400e3 + MJD_1970;
      if (at > hi) break;
      if (at >= lo) found.push({ at, text: mjdText(at, months >= 12 ? 4 : 7) });
    }
    return found;
  }
  const steps = [1 / 1440, 5 / 1440, 15 / 1440, 1 / 24, 3 / 24, 6 / 24, 1, 2, 5, 10];
  const step = steps.find((one) => span / one <= about) ?? 10;
  for (let k = Math.ceil(lo / step); k * step <= hi && found.length < 40; k++)
    found.push({ at: k * step, text: step >= 1 ? mjdText(k * step, 10) : mjdText(k * step, 16).replace("T", " ") });
  return found;
}

/** Value of an axis for people. */
export function axisText(scale, value, step = 0) {
  if (scale === "time") return mjdText(value).replace("T", " ");
  return step ? numberText(value, step) : numberText(value);
}

/** 0 to 1: how dark a cell is, by the logarithm of what it holds. */
export function shade(value, lo, hi, isCount) {
  if (value === null || Number.isNaN(value)) return 0;
  if (!isCount) return hi > lo ? 0.1 + (0.9 * (value - lo)) / (hi - lo) : 1;
  return hi > 1 ? 0.12 + (0.88 * Math.log(value)) / Math.log(hi) : 1;
}

/** "#0b5cad" or "rgb(11, 92, 173)" as three numbers. */
export function colour(text) {
  const hex = text.trim().match(/^#([0-9a-f]{3}|[0-9a-f]{6})$/i)?.[1];
  if (hex) {
    const six = hex.length === 3 ? [...hex].map((one) => one + one).join("") : hex;
    return [0, 2, 4].map((i) => parseInt(six.slice(i, i + 2), 16));
  }
  return (text.match(/\d+(\.\d+)?/g) ?? [11, 92, 173]).slice(0, 3).map(Number);
}
