// plot.js -- draws the answers of /plot/data: histograms in one and two dimensions, scatter
// with density, series, most frequent values. SVG, sharp at any size; dragging selects.
import { count } from "./base.js";
import { axisText, colour, marks, scaling, shade } from "./scales.js";

const SVG = "http://www.w3.org/2000/svg";
const EDGE = { left: 76, right: 12, top: 10, bottom: 48 };

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

export function axisName(axis) {
  return axis.expression + (axis.unit ? ` [${axis.unit}]` : "") + (axis.scale === "time" ? " (UTC)" : "");
}

/** An empty drawing as wide as its place. */
function canvas(element, { height, title }) {
  const width = Math.max(300, Math.min(960, element.clientWidth || 720));
  const tall = height ?? Math.round(Math.max(240, Math.min(460, width * 0.6)));
  const root = svg("svg", { class: "plot plot-live", viewBox: `0 0 ${width} ${tall}`, role: "img", "aria-label": title ?? "Plot" });
  element.replaceChildren(root);
  return { root, width, tall, left: EDGE.left, right: width - EDGE.right, top: EDGE.top, bottom: tall - EDGE.bottom };
}

function axes(frame, x, y, xName, yName) {
  const { root, left, right, top, bottom, tall } = frame;
  for (const mark of marks(x.scale, x.lo, x.hi, Math.max(2, Math.round((right - left) / 90)))) {
    const at = x.place(mark.at);
    root.append(svg("path", { class: "grid", d: `M${at.toFixed(1)} ${top}V${bottom}` }), svg("text", { class: "mark", x: at, y: bottom + 17, "text-anchor": "middle" }, mark.text));
  }
  for (const mark of marks(y.scale, y.lo, y.hi, Math.max(2, Math.round((bottom - top) / 60)))) {
    const at = y.place(mark.at);
    root.append(svg("path", { class: "grid", d: `M${left} ${at.toFixed(1)}H${right}` }), svg("text", { class: "mark", x: left - 6, y: at + 4, "text-anchor": "end" }, mark.text));
  }
  root.append(svg("text", { class: "name", x: (left + right) / 2, y: tall - 8, "text-anchor": "middle" }, xName),
    svg("text", { class: "name", "text-anchor": "middle", transform: `translate(14 ${(top + bottom) / 2}) rotate(-90)` }, yName));
}

function finish(frame, x, y, options, tell) {
  frame.root.append(svg("path", { class: "edge", d: `M${frame.left} ${frame.top}V${frame.bottom}H${frame.right}` }));
  brush(frame, x, y, options, tell);
  return { root: frame.root, x, y };
}

/** Dragging over the plot selects a range; without dragging the pointer reads values. */
function brush(frame, x, y, { onZoom, onRead, both }, tell) {
  const { root, left, right, top, bottom } = frame;
  const area = svg("rect", { x: left, y: top, width: right - left, height: bottom - top, fill: "transparent", class: "plot-area" });
  const mark = svg("rect", { class: "brush", visibility: "hidden" });
  let from = null;
  const at = (event) => {
    const box = root.getBoundingClientRect();
    const scale = root.viewBox.baseVal.width / box.width;
    return [Math.max(left, Math.min(right, (event.clientX - box.left) * scale)), Math.max(top, Math.min(bottom, (event.clientY - box.top) * scale))];
  };
  area.addEventListener("pointerdown", (event) => {
    if (!onZoom || event.button !== 0) return;
    from = at(event);
    area.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    const [px, py] = at(event);
    if (!from) {
      onRead?.(tell(x.value(px), y.value(py)));
      return;
    }
    const box = { x: Math.min(px, from[0]), width: Math.abs(px - from[0]), y: both ? Math.min(py, from[1]) : top, height: both ? Math.abs(py - from[1]) : bottom - top };
    for (const [name, value] of Object.entries({ ...box, visibility: "visible" })) mark.setAttribute(name, value);
  });
  area.addEventListener("pointerup", (event) => {
    if (!from) return;
    const [px, py] = at(event);
    const [fx, fy] = from;
    from = null;
    mark.setAttribute("visibility", "hidden");
    if (Math.abs(px - fx) < 6 || (both && Math.abs(py - fy) < 6)) return;
    const zoom = { xmin: x.value(Math.min(px, fx)), xmax: x.value(Math.max(px, fx)) };
    if (both) Object.assign(zoom, { ymin: y.value(Math.max(py, fy)), ymax: y.value(Math.min(py, fy)) });
    onZoom(zoom);
  });
  area.addEventListener("pointerleave", () => onRead?.(""));
  root.append(mark, area);
}

/** The bin of a value among edges that rise; -1: none. */
export function binOf(edges, value) {
  if (!(value >= edges[0] && value <= edges[edges.length - 1])) return -1;
  let low = 0;
  let high = edges.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (edges[middle] <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

function heightScale(heights, isLog, frame) {
  const good = heights.filter((h) => h !== null && Number.isFinite(h) && (!isLog || h > 0));
  const high = Math.max(...good, good.length ? -Infinity : 1);
  const low = Math.min(...good, good.length ? Infinity : 0);
  if (isLog && good.length) return scaling("log", 10 ** Math.floor(Math.log10(low) - 0.01), Math.max(high * 1.3, 10 ** (Math.floor(Math.log10(low) - 0.01) + 1)), frame.bottom, frame.top);
  const floor = Math.min(0, low);
  const top = Math.max(0, high);
  return scaling("linear", floor, top + (top > floor ? (top - floor) * 0.05 : 1), frame.bottom, frame.top);
}

export function histogram(element, data, options = {}) {
  const frame = canvas(element, options);
  const { edges } = data.x;
  const heights = data.values ?? data.counts;
  const x = scaling(data.x.scale, edges[0], edges[edges.length - 1], frame.left, frame.right);
  const y = heightScale(heights, options.log, frame);
  axes(frame, x, y, axisName(data.x), data.values ? `${data.aggregate} of ${data.weight}` : "rows");
  const base = y.scale === "log" ? frame.bottom : y.place(0);
  let d = "";
  heights.forEach((h, i) => {
    if (h === null || (y.scale === "log" ? h <= 0 : h === 0)) return;
    const a = x.place(edges[i]);
    const b = x.place(edges[i + 1]);
    d += `M${a.toFixed(2)} ${base}V${y.place(h).toFixed(2)}h${Math.max(0.5, b - a - (b - a > 3 ? 0.8 : 0)).toFixed(2)}V${base}z`;
  });
  frame.root.append(svg("path", { class: "bar", d }));
  return finish(frame, x, y, { ...options, both: false }, (value) => {
    const i = binOf(edges, value);
    if (i < 0) return "";
    const step = edges[i + 1] - edges[i];
    return `${axisText(x.scale, edges[i], step / 10)} to ${axisText(x.scale, edges[i + 1], step / 10)}: ${count(data.counts[i])} rows`
      + (data.values ? `, ${data.aggregate} ${data.values[i] === null ? "none" : axisText("linear", data.values[i])}` : "");
  });
}

/** The cells as a picture of one pixel each, so that a drawing stays small. */
function cellPicture(data, rgb) {
  const wide = data.x.edges.length - 1;
  const high = data.y.edges.length - 1;
  const heights = data.values ?? data.counts;
  const good = heights.filter((h) => h !== null);
  const low = good.reduce((a, b) => Math.min(a, b), Infinity);
  const most = good.reduce((a, b) => Math.max(a, b), -Infinity);
  const picture = document.createElement("canvas");
  picture.width = wide;
  picture.height = high;
  const context = picture.getContext("2d");
  const pixels = context.createImageData(wide, high);
  heights.forEach((h, i) => {
    const at = 4 * ((high - 1 - data.iy[i]) * wide + data.ix[i]);
    pixels.data.set([...rgb, Math.round(255 * shade(h, low, most, !data.values))], at);
  });
  context.putImageData(pixels, 0, 0);
  return picture.toDataURL("image/png");
}

/** Lengths of one unit are as long in both directions. */
function tallOf(element, data, ends) {
  const width = Math.max(300, Math.min(960, element.clientWidth || 720));
  const [[a, b], [c, d]] = [ends(data.x), ends(data.y)];
  const ratio = (d - c) / (b - a);
  const isMap = data.x.unit && data.x.unit === data.y.unit && data.x.scale === "linear" && data.y.scale === "linear" && ratio > 0.4 && ratio < 2.5;
  if (isMap) return Math.round(Math.min(760, (width - EDGE.left - EDGE.right) * ratio) + EDGE.top + EDGE.bottom);
  return Math.round(Math.max(280, Math.min(560, width * 0.7)));
}

export function histogram2d(element, data, options = {}) {
  const ends = (axis) => [axis.edges[0], axis.edges[axis.edges.length - 1]];
  const frame = canvas(element, { ...options, height: options.height ?? tallOf(element, data, ends) });
  const x = scaling(data.x.scale, ...ends(data.x), frame.left, frame.right);
  const y = scaling(data.y.scale, ...ends(data.y), frame.bottom, frame.top);
  axes(frame, x, y, axisName(data.x), axisName(data.y));
  const rgb = colour(getComputedStyle(document.documentElement).getPropertyValue("--link"));
  if (data.points?.length) {
    frame.root.append(...data.points.map(([a, b]) => svg("circle", { class: "point", r: 2.2, cx: x.place(a).toFixed(1), cy: y.place(b).toFixed(1) })));
  } else if (data.counts.length) {
    const image = svg("image", { x: frame.left, y: frame.top, width: frame.right - frame.left, height: frame.bottom - frame.top, preserveAspectRatio: "none", href: cellPicture(data, rgb) });
    image.style.imageRendering = "pixelated";
    frame.root.append(image);
  }
  const held = new Map(data.counts.map((n, i) => [data.iy[i] * data.x.edges.length + data.ix[i], n]));
  return finish(frame, x, y, { ...options, both: true }, (vx, vy) => {
    const n = held.get(binOf(data.y.edges, vy) * data.x.edges.length + binOf(data.x.edges, vx)) ?? 0;
    return `${axisText(x.scale, vx)}, ${axisText(y.scale, vy)}: ${count(n)} rows in this cell`;
  });
}

export const scatter = histogram2d;

export function series(element, data, options = {}) {
  const frame = canvas(element, options);
  const { edges } = data.x;
  const x = scaling(data.x.scale, edges[0], edges[edges.length - 1], frame.left, frame.right);
  const low = Math.min(...data.min.filter((v) => v !== null), Infinity);
  const high = Math.max(...data.max.filter((v) => v !== null), -Infinity);
  const pad = high > low ? (high - low) * 0.05 : 0.5;
  const y = scaling(data.y.scale, Number.isFinite(low) ? low - pad : 0, Number.isFinite(high) ? high + pad : 1, frame.bottom, frame.top);
  axes(frame, x, y, axisName(data.x), axisName(data.y));
  let band = "";
  let line = "";
  data.counts.forEach((n, i) => {
    if (!n) return;
    const a = x.place(edges[i]);
    const b = x.place(edges[i + 1]);
    band += `M${a.toFixed(1)} ${(y.place(data.min[i]) + 0.5).toFixed(1)}V${(y.place(data.max[i]) - 0.5).toFixed(1)}H${b.toFixed(1)}V${(y.place(data.min[i]) + 0.5).toFixed(1)}z`;
    line += `${i && data.counts[i - 1] ? "L" : "M"}${((a + b) / 2).toFixed(1)} ${y.place(data.mean[i]).toFixed(1)}`;
  });
  frame.root.append(svg("path", { class: "band", d: band }), svg("path", { class: "line", d: line }));
  return finish(frame, x, y, { ...options, both: false }, (value) => {
    const i = binOf(edges, value);
    if (i < 0 || !data.counts[i]) return "";
    return `${axisText(x.scale, edges[i])}: mean ${axisText(y.scale, data.mean[i])}, ${axisText(y.scale, data.min[i])} to ${axisText(y.scale, data.max[i])}, ${count(data.counts[i])} rows`;
  });
}

export function facets(element, data, options = {}) {
  const width = Math.max(300, Math.min(960, element.clientWidth || 720));
  const names = Math.min(230, width * 0.32);
  const most = Math.max(1, ...data.facets.map((one) => one.count));
  const root = svg("svg", { class: "plot plot-live", viewBox: `0 0 ${width} ${data.facets.length * 26 + 8}`, role: "img", "aria-label": options.title ?? "Most frequent values" });
  data.facets.forEach((one, i) => {
    const long = (one.count / most) * (width - names - 80);
    const label = one.value === null ? "(NULL)" : one.value.length > 28 ? `${one.value.slice(0, 27)}…` : one.value || "(empty)";
    root.append(svg("text", { class: "mark", x: names - 8, y: i * 26 + 18, "text-anchor": "end" }, label),
      svg("path", { class: "bar", d: `M${names} ${i * 26 + 4}h${long.toFixed(1)}v18h${(-long).toFixed(1)}z` }),
      svg("text", { class: "mark", x: names + long + 6, y: i * 26 + 18 }, count(one.count)));
  });
  element.replaceChildren(root);
  return { root };
}

/** A kind of nucleus has one colour in all pies; what else there is shares six. */
const NUCLEI = ["p", "He", "C&O", "Si", "Fe"];

/** A pie of parts [{value, count}], its numbers beside it. */
export function pie(element, parts, { title = "Shares", size = 220 } = {}) {
  const all = parts.reduce((sum, part) => sum + part.count, 0) || 1;
  const root = svg("svg", { class: "plot plot-pie", viewBox: `0 0 ${size * 2} ${size}`, role: "img", "aria-label": `${title}: ${parts.map((part) => `${part.value} ${((100 * part.count) / all).toFixed(1)} %`).join(", ")}` });
  let turn = 0;
  parts.forEach((part, i) => {
    const share = part.count / all;
    const slice = `slice slice${NUCLEI.includes(part.value) ? NUCLEI.indexOf(part.value) : i % 6}`;
    const [a, b] = [turn, turn + share].map((t) => 2 * Math.PI * t - Math.PI / 2);
    turn += share;
    const [r, c] = [size * 0.45, size / 2];
    const point = (angle) => `${(c + r * Math.cos(angle)).toFixed(2)} ${(c + r * Math.sin(angle)).toFixed(2)}`;
    root.append(share > 0.9999 ? svg("circle", { class: slice, cx: c, cy: c, r })
      : svg("path", { class: slice, d: `M${c} ${c}L${point(a)}A${r} ${r} 0 ${share > 0.5 ? 1 : 0} 1 ${point(b)}z` }));
    root.append(svg("rect", { class: slice, x: size * 1.08, y: 24 + i * 28, width: 16, height: 16, rx: 3 }),
      svg("text", { x: size * 1.08 + 24, y: 37 + i * 28 }, `${part.value}  ${((100 * part.count) / all).toFixed(1)} %  (${count(part.count)})`));
  });
  element.replaceChildren(root);
  return { root };
}

export function draw(element, data, options = {}) {
  return { histogram, histogram2d, scatter, series, facets }[data.kind](element, data, options);
}

// --- keeping ---

const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "font-size", "font-family", "font-weight", "text-anchor", "visibility", "paint-order"];

/** The drawing as text of an SVG file that needs no page. */
export function svgText(root) {
  const copy = root.cloneNode(true);
  const originals = [root, ...root.querySelectorAll("*")];
  [copy, ...copy.querySelectorAll("*")].forEach((element, i) => {
    const style = getComputedStyle(originals[i]);
    for (const name of KEPT) element.setAttribute(name, style.getPropertyValue(name));
    element.removeAttribute("class");
  });
  const [, , width, height] = root.getAttribute("viewBox").split(" ");
  copy.setAttribute("xmlns", SVG);
  copy.setAttribute("width", width);
  copy.setAttribute("height", height);
  copy.prepend(svg("rect", { width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor }));
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(copy)}`;
}

export async function pngBlob(root, scale = 2) {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(root))}`;
  await image.decode();
  const picture = document.createElement("canvas");
  picture.width = image.width * scale;
  picture.height = image.height * scale;
  picture.getContext("2d").drawImage(image, 0, 0, picture.width, picture.height);
  return new Promise((done) => picture.toBlob(done, "image/png"));
}

export function download(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
