// wave.js -- an array as a curve: waveforms, traces, station arrays, time series of a row.
import { count, el } from "./base.js";
import { svg } from "./plot.js";
import { axisText, marks, scaling } from "./scales.js";

const EDGE = { left: 66, right: 12, top: 8, bottom: 40 };

/** Least and greatest of each stretch, so that a long array costs as much as a short one:
 *  [[index, least, greatest], ...], at most `most` of them. Pure. */
export function thin(values, from, to, most) {
  const step = Math.max(1, Math.ceil((to - from) / most));
  const found = [];
  for (let i = from; i < to; i += step) {
    let low = Infinity;
    let high = -Infinity;
    for (let k = i; k < Math.min(to, i + step); k++) {
      const v = values[k];
      if (v === null || !Number.isFinite(v)) continue;
      if (v < low) low = v;
      if (v > high) high = v;
    }
    found.push([i + (Math.min(step, to - i) - 1) / 2, low <= high ? low : null, low <= high ? high : null]);
  }
  return found;
}

/** values: numbers. options: name, unit, step (of x, in xUnit), xUnit. Dragging zooms. */
export function wave(element, values, options = {}) {
  const numbers = Array.from(values, (v) => (v === null || v === undefined ? NaN : Number(v)));
  const step = options.step ?? 1;
  let range = [0, numbers.length];
  const place = el("div", { class: "wave-place" });
  const said = el("p", { class: "plot-said soft" }, "\u00a0");
  const whole = el("button", { type: "button", class: "plain", hidden: true, onclick: () => {
    range = [0, numbers.length];
    redraw();
  } }, "Whole range");
  element.replaceChildren(place, said, whole);

  function redraw() {
    whole.hidden = range[0] === 0 && range[1] === numbers.length;
    const width = Math.max(300, Math.min(960, element.clientWidth || 640));
    const height = options.height ?? 220;
    const parts = thin(numbers, range[0], range[1], width - EDGE.left - EDGE.right);
    const good = parts.filter(([, low]) => low !== null);
    const low = Math.min(...good.map((part) => part[1]), good.length ? Infinity : 0);
    const high = Math.max(...good.map((part) => part[2]), good.length ? -Infinity : 1);
    const pad = high > low ? (high - low) * 0.06 : 0.5;
    const x = scaling("linear", range[0] * step, Math.max(range[0] + 1, range[1] - 1) * step, EDGE.left, width - EDGE.right);
    const y = scaling("linear", low - pad, high + pad, height - EDGE.bottom, EDGE.top);
    const root = svg("svg", { class: "plot plot-live", viewBox: `0 0 ${width} ${height}`, role: "img",
      "aria-label": `${options.name ?? "Array"}: ${numbers.length} values from ${axisText("linear", low)} to ${axisText("linear", high)}` });
    for (const mark of marks("linear", x.lo, x.hi, Math.round(width / 100))) {
      const at = x.place(mark.at);
      root.append(svg("path", { class: "grid", d: `M${at} ${EDGE.top}V${height - EDGE.bottom}` }), svg("text", { class: "mark", x: at, y: height - EDGE.bottom + 16, "text-anchor": "middle" }, mark.text));
    }
    for (const mark of marks("linear", y.lo, y.hi, 4)) {
      const at = y.place(mark.at);
      root.append(svg("path", { class: "grid", d: `M${EDGE.left} ${at}H${width - EDGE.right}` }), svg("text", { class: "mark", x: EDGE.left - 6, y: at + 4, "text-anchor": "end" }, mark.text));
    }
    let line = "";
    let pen = false;
    for (const [i, a, b] of parts) {
      if (a === null) {
        pen = false;
        continue;
      }
      line += `${pen ? "L" : "M"}${x.place(i * step).toFixed(1)} ${y.place(a).toFixed(1)}` + (a === b ? "" : `V${y.place(b).toFixed(1)}`);
      pen = true;
    }
    root.append(svg("path", { class: "line wave-line", d: line }),
      svg("path", { class: "edge", d: `M${EDGE.left} ${EDGE.top}V${height - EDGE.bottom}H${width - EDGE.right}` }),
      svg("text", { class: "name", x: (EDGE.left + width - EDGE.right) / 2, y: height - 6, "text-anchor": "middle" }, options.xUnit ? `[${options.xUnit}]` : "element"),
      svg("text", { class: "name", "text-anchor": "middle", transform: `translate(14 ${(EDGE.top + height - EDGE.bottom) / 2}) rotate(-90)` }, options.unit ? `[${options.unit}]` : ""));
    place.replaceChildren(root);
    listen(root, x, width);
  }

  function listen(root, x, width) {
    let from = null;
    const at = (event) => {
      const box = root.getBoundingClientRect();
      return Math.max(x.from, Math.min(x.to, ((event.clientX - box.left) / box.width) * width));
    };
    root.addEventListener("pointerdown", (event) => { from = at(event); });
    root.addEventListener("pointermove", (event) => {
      const i = Math.round(x.value(at(event)) / step);
      said.textContent = i >= 0 && i < numbers.length ? `element ${count(i + 1)}: ${Number.isFinite(numbers[i]) ? axisText("linear", numbers[i]) : "none"}${options.unit ? ` ${options.unit}` : ""}` : "\u00a0";
    });
    root.addEventListener("pointerup", (event) => {
      if (from === null) return;
      const [a, b] = [from, at(event)].sort((p, q) => p - q);
      from = null;
      if (b - a < 6) return;
      range = [Math.max(0, Math.floor(x.value(a) / step)), Math.min(numbers.length, Math.ceil(x.value(b) / step) + 1)];
      redraw();
    });
  }
  redraw();
  return { redraw };
}
