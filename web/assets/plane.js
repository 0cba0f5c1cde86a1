// plane.js -- an image on the sky: from its four corners to the positions between, and what
// was drawn on a picture of it as parameters of SODA. Pure.

const RAD = Math.PI / 180;

/** Gnomonic projection about a centre, degrees. */
export function toPlane([lon, lat], [lon0, lat0]) {
  const [a, d, a0, d0] = [lon, lat, lon0, lat0].map((one) => one * RAD);
  const cos = Math.sin(d0) * Math.sin(d) + Math.cos(d0) * Math.cos(d) * Math.cos(a - a0);
  return [Math.cos(d) * Math.sin(a - a0) / cos / RAD, (Math.cos(d0) * Math.sin(d) - Math.sin(d0) * Math.cos(d) * Math.cos(a - a0)) / cos / RAD];
}

export function fromPlane([x, y], [lon0, lat0]) {
  const [u, v, d0] = [x * RAD, y * RAD, lat0 * RAD];
  const rho = Math.hypot(u, v);
  if (rho === 0) return [lon0, lat0];
  const c = Math.atan(rho);
  const lat = Math.asin(Math.cos(c) * Math.sin(d0) + (v * Math.sin(c) * Math.cos(d0)) / rho);
  const lon = lon0 * RAD + Math.atan2(u * Math.sin(c), rho * Math.cos(d0) * Math.cos(c) - v * Math.sin(d0) * Math.sin(c));
  return [((lon / RAD) % 360 + 360) % 360, lat / RAD];
}

/** corners: of the first pixel, along x, opposite, along y: [lon, lat] each. A function from
 *  the picture (0..1 to the right, 0..1 upward) to a position. */
export function imageSky(corners, centre) {
  const [p, q, r, s] = corners.map((corner) => toPlane(corner, centre));
  return (x, y) => fromPlane([0, 1].map((i) => (1 - x) * (1 - y) * p[i] + x * (1 - y) * q[i] + x * y * r[i] + (1 - x) * y * s[i]), centre);
}

export function distance([a, b], [c, d]) {
  const half = (v) => Math.sin((v * RAD) / 2) ** 2;
  return (2 * Math.asin(Math.sqrt(Math.min(1, half(d - b) + Math.cos(b * RAD) * Math.cos(d * RAD) * half(c - a))))) / RAD;
}

const digits = (value) => String(Number(value.toFixed(7)));

/** {shape: "rectangle", from: [x, y], to: [x, y]} or {shape: "circle", ...centre to edge} as
 *  {POLYGON: ...} or {CIRCLE: ...}. */
export function sodaShape({ shape, from, to }, sky) {
  if (shape === "circle") {
    const centre = sky(...from);
    return { CIRCLE: [...centre, distance(centre, sky(...to))].map(digits).join(" ") };
  }
  const [a, b] = [Math.min(from[0], to[0]), Math.max(from[0], to[0])];
  const [c, d] = [Math.min(from[1], to[1]), Math.max(from[1], to[1])];
  return { POLYGON: [[a, c], [b, c], [b, d], [a, d]].flatMap(([x, y]) => sky(x, y)).map(digits).join(" ") };
}

/** "1 2 3 4 ..." as pairs. */
export function pairs(text) {
  const numbers = text.trim().split(/\s+/).map(Number);
  return Array.from({ length: Math.floor(numbers.length / 2) }, (_, i) => [numbers[2 * i], numbers[2 * i + 1]]);
}

/** The four corners of an outline. A side that is no great circle has vertices between its
 *  ends; opposite sides are alike. */
export function cornersOf(vertices) {
  const half = Math.floor(vertices.length / 2);
  const curved = half - 1;
  let first = half / 2;
  if (half % 2 === 1) {
    const long = distance(vertices[0], vertices[1]);
    const next = distance(vertices[1], vertices[2 % vertices.length]);
    first = long > next ? 1 : curved;
  }
  return [0, first, half, half + first].map((i) => vertices[Math.round(i) % vertices.length]);
}
