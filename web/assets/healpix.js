// healpix.js -- HEALPix cells in the NESTED scheme (Gorski et al. 2005), and the Aitoff
// projection of the whole sky. Pure.

const TURN = 2 * Math.PI;

function spread(v) {
  let out = 0;
  for (let bit = 0; bit < 16; bit++) out += ((v >> bit) & 1) * 4 ** bit;
  return out;
}

/** The cell of a position in degrees at an order up to 12. */
export function cellOf(order, lon, lat) {
  const n = 2 ** order;
  const z = Math.sin((lat * Math.PI) / 180);
  const absolute = Math.abs(z);
  const t = ((((lon / 360) % 1) + 1) % 1) * 4; // 0 .. 4
  let face, x, y;
  if (absolute <= 2 / 3) {
    const a = n * (0.5 + t);
    const b = n * z * 0.75;
    const up = Math.floor(a - b);
    const down = Math.floor(a + b);
    const i = Math.floor(up / n);
    const k = Math.floor(down / n);
    face = i === k ? (i % 4) + 4 : i < k ? i % 4 : (k % 4) + 8;
    x = ((down % n) + n) % n;
    y = n - (((up % n) + n) % n) - 1;
  } else {
    const quarter = Math.min(3, Math.floor(t));
    const part = t - quarter;
    const away = n * Math.sqrt(3 * (1 - absolute));
    const p = Math.min(n - 1, Math.floor(part * away));
    const m = Math.min(n - 1, Math.floor((1 - part) * away));
    face = z >= 0 ? quarter : quarter + 8;
    x = z >= 0 ? n - m - 1 : p;
    y = z >= 0 ? n - p - 1 : m;
  }
  return face * n * n + spread(x) + 2 * spread(y);
}

/** Aitoff: degrees to [-1, 1] x [-0.5, 0.5]; longitude grows to the left, 0 is the middle. */
export function aitoff(lon, lat) {
  const half = ((((lon + 180) % 360) + 360) % 360 - 180) * (Math.PI / 360);
  const phi = (lat * Math.PI) / 180;
  const alpha = Math.acos(Math.max(-1, Math.min(1, Math.cos(phi) * Math.cos(half))));
  const sinc = alpha < 1e-9 ? 1 : Math.sin(alpha) / alpha;
  return [(-2 * Math.cos(phi) * Math.sin(half)) / sinc / Math.PI, Math.sin(phi) / sinc / Math.PI];
}

/** The way back; null: beside the sky. */
export function unAitoff(x, y) {
  if (x * x + 4 * y * y >= 1) return null;
  const a = (-x * Math.PI) / 2;
  const b = y * Math.PI;
  const alpha = Math.hypot(a, b);
  const sinc = alpha < 1e-9 ? 1 : Math.sin(alpha) / alpha;
  const [px, py, pz] = [Math.cos(alpha), a * sinc, b * sinc];
  const lon = (2 * Math.atan2(py, px)) % TURN;
  return [((lon * 180) / Math.PI + 360) % 360, (Math.asin(Math.max(-1, Math.min(1, pz))) * 180) / Math.PI];
}
