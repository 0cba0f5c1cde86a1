// sky.js -- the sky as the node counts it: HEALPix cells on a grid of its own, without any
// survey; Aladin Lite, served by the node, when the reader opens it.
import { count, el, toast } from "./base.js";
import { aitoff, cellOf, unAitoff } from "./healpix.js";
import { svg } from "./plot.js";
import { colour, shade } from "./scales.js";

/** Density of cells in Aitoff's projection. */
export function skyPlot(element, data, options = {}) {
  const width = Math.max(300, Math.min(960, element.clientWidth || 720));
  const height = Math.round(width / 2);
  const root = svg("svg", { class: "plot plot-live plot-sky", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": options.title ?? "Density on the sky" });
  const heights = new Map(data.cell.map((cell, i) => [cell, (data.values ?? data.counts)[i]]));
  root.append(svg("ellipse", { class: "sky-edge", cx: width / 2, cy: height / 2, rx: width / 2 - 1, ry: height / 2 - 1 }),
    svg("image", { x: 0, y: 0, width, height, href: picture(data, heights, width, height) }), svg("path", { class: "sky-grid", d: grid(width, height) }));
  for (const lon of [0, 60, 120, 240, 300]) root.append(label(lon, 0, `${lon / 15}h`, width, height));
  for (const lat of [-60, -30, 30, 60]) root.append(label(-60, lat, `${lat}°`, width, height));
  root.addEventListener("pointermove", (event) => {
    const box = root.getBoundingClientRect();
    const place = unAitoff(((event.clientX - box.left) / box.width) * 2 - 1, 0.5 - (event.clientY - box.top) / box.height);
    if (!place) return options.onRead?.("");
    const h = heights.get(cellOf(data.order, ...place));
    return options.onRead?.(`RA ${place[0].toFixed(1)}°, Dec ${place[1].toFixed(1)}°: ${h === undefined ? "no rows" : data.values ? `${data.aggregate} ${h}` : `${count(h)} rows`} in this cell`);
  });
  const open = el("button", { type: "button", class: "plain", onclick: () => openAladin(element, open, data) }, "Open in Aladin Lite");
  element.replaceChildren(root, ...(options.noAladin ? [] : [el("p", {}, open)]));
  return { root };
}

function picture(data, heights, width, height) {
  const values = [...heights.values()].filter((h) => h !== null);
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const most = values.reduce((a, b) => Math.max(a, b), -Infinity);
  const rgb = colour(getComputedStyle(document.documentElement).getPropertyValue("--link"));
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  const pixels = context.createImageData(width, height);
  for (let j = 0; j < height; j++)
    for (let i = 0; i < width; i++) {
      const place = unAitoff(((i + 0.5) / width) * 2 - 1, 0.5 - (j + 0.5) / height);
      const h = place && heights.get(cellOf(data.order, ...place));
      if (h === undefined || h === null || h === false) continue;
      pixels.data.set([...rgb, Math.round(255 * shade(h, low, most, !data.values))], 4 * (j * width + i));
    }
  context.putImageData(pixels, 0, 0);
  return canvas.toDataURL("image/png");
}

function at(lon, lat, width, height) {
  const [x, y] = aitoff(lon, lat);
  return [((x + 1) / 2) * width, (0.5 - y) * height];
}

function grid(width, height) {
  let d = "";
  for (let lon = -180; lon <= 180; lon += 30)
    for (let lat = -90; lat <= 90; lat += 5) d += `${lat === -90 ? "M" : "L"}${at(lon === 180 ? 179.99 : lon === -180 ? -179.99 : lon, lat, width, height).map((one) => one.toFixed(1)).join(" ")}`;
  for (let lat = -60; lat <= 60; lat += 30)
    for (let lon = -180; lon <= 180; lon += 5) d += `${lon === -180 ? "M" : "L"}${at(lon === 180 ? 179.99 : lon === -180 ? -179.99 : lon, lat, width, height).map((one) => one.toFixed(1)).join(" ")}`;
  return d;
}

function label(lon, lat, text, width, height) {
  const [x, y] = at(lon, lat, width, height);
  return svg("text", { class: "mark", x: x + 3, y: y - 3 }, text);
}

/** Aladin Lite over the node's own cells. A survey is asked for only when its name is chosen. */
async function openAladin(element, button, data) {
  button.disabled = true;
  try {
    const { default: A } = await import("./vendor/aladin.js");
    await A.init;
    const place = el("div", { class: "aladin-place" });
    element.append(place);
    const view = A.aladin(place, { survey: [], hipsList: [], fov: 360, projection: "AIT", cooFrame: "ICRS", showCooGrid: true, gridOptions: { thickness: 1, labelSize: 11 }, showReticle: false, showLayersControl: false, showSimbadPointerControl: false, showShareControl: false, log: false });
    const moc = { [data.order]: data.cell };
    view.addMOC(A.MOCFromJSON(moc, { name: "rows", color: "#7db8f2", opacity: 0.35, fill: true, lineWidth: 1 }));
    const choice = el("select", { "aria-label": "Survey behind the cells", onchange: () => {
      if (choice.value) view.setImageSurvey(choice.value);
    } }, el("option", { value: "" }, "no survey (nothing leaves this page)"),
    ...[["P/DSS2/color", "DSS, optical"], ["P/2MASS/color", "2MASS, infrared"], ["P/Fermi/color", "Fermi, gamma rays"]].map(([id, name]) => el("option", { value: id }, `${name} (from the CDS)`)));
    element.append(el("p", {}, el("label", {}, "Survey: ", choice)));
    button.remove();
  } catch (error) {
    button.disabled = false;
    toast(`Aladin Lite cannot be shown here: ${error.message}`, { bad: true });
  }
}
