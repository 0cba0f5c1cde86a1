// preview.js -- what belongs to a row, by DataLink: its picture, its files, and cut-outs
// drawn on the picture (SODA), as a link and as a picture of their own.
import { address, ask, bytes, copy, el, sameOrigin, toast } from "./base.js";
import { cornersOf, imageSky, pairs, sodaShape } from "./plane.js";
import { svg } from "./plot.js";

/** Rows and services of a DataLink answer. */
export function readLinks(text) {
  const tree = new DOMParser().parseFromString(text, "application/xml");
  const names = [...tree.querySelectorAll("TABLE > FIELD")].map((field) => field.getAttribute("name"));
  const rows = [...tree.querySelectorAll("TR")].map((row) => Object.fromEntries([...row.children].map((cell, i) => [names[i], cell.textContent])));
  const services = {};
  for (const resource of tree.querySelectorAll("RESOURCE[utype='adhoc:service']")) {
    const params = {};
    for (const param of resource.querySelectorAll("GROUP[name=inputParams] > PARAM")) {
      params[param.getAttribute("name")] = {
        value: param.getAttribute("value"), max: param.querySelector("VALUES > MAX")?.getAttribute("value"), min: param.querySelector("VALUES > MIN")?.getAttribute("value"),
        options: [...param.querySelectorAll("VALUES > OPTION")].map((option) => option.getAttribute("value")),
      };
    }
    services[resource.getAttribute("ID")] = { url: resource.querySelector(":scope > PARAM[name=accessURL]")?.getAttribute("value"), params };
  }
  return { rows, services };
}

/** Shows the product with this identifier (obs_publisher_did). */
export async function preview(element, did) {
  element.replaceChildren(el("p", { class: "soft" }, "Asking for what belongs to it …"));
  const { rows, services } = readLinks(await (await ask("/datalink/links", { params: { ID: did } })).text());
  const image = rows.find((row) => row.semantics === "#preview" && row.content_type?.startsWith("image/"));
  const cut = rows.map((row) => row.semantics === "#cutout" && services[row.service_def]).find((service) => service && /sync$/.test(service.url) && !/async$/.test(service.url));
  const pictures = el("div", { class: "preview-pictures" });
  element.replaceChildren(pictures, linkList(rows));
  await offerSend(element, rows.find((row) => row.semantics === "#this"));
  if (!image) {
    pictures.append(el("p", { class: "soft" }, "There is no picture of it."));
    return;
  }
  const words = rows.find((row) => row.semantics === "#this")?.description ?? did;
  const picture = el("img", { src: sameOrigin(image.access_url), alt: `Preview: ${words}`, class: "preview-image" });
  if (cut?.params.POLYGON?.max && cut.params.CIRCLE?.max) drawable(pictures, picture, cut);
  else pictures.append(el("figure", {}, picture, el("figcaption", {}, words)), ...(cut?.params.BAND?.min ? [bandForm(cut)] : []));
}

/** The file itself to a program on the desktop (SAMP), if programs take such files. */
async function offerSend(element, row) {
  const { kindOf, sendButton } = await import("./send.js").catch(() => ({}));
  const kind = kindOf?.(row);
  if (kind) element.append(el("p", {}, sendButton({ url: sameOrigin(row.access_url), name: row.description, kind, format: row.content_type })));
}

function linkList(rows) {
  return el("details", {}, el("summary", {}, `${rows.length} links`), el("ul", {}, rows.map((row) => {
    const size = row.content_length ? `, ${bytes(Number(row.content_length))}` : "";
    const text = row.description || row.semantics;
    if (row.error_message) return el("li", {}, `${text}: ${row.error_message}`);
    if (!row.access_url) return null;
    const url = row.access_url.includes("/datalink/") ? sameOrigin(row.access_url) : row.access_url;
    return el("li", {}, /^https?:/.test(url) ? el("a", { href: url }, text) : text, ` (${[row.semantics.replace("#", ""), row.content_type].filter(Boolean).join(", ")}${size})`);
  })));
}

/** The picture with a sheet over it that takes drawings. */
function drawable(place, picture, cut) {
  const corners = cornersOf(pairs(cut.params.POLYGON.max));
  const centre = cut.params.CIRCLE.max.trim().split(/\s+/).map(Number).slice(0, 2);
  const sky = imageSky(corners, centre);
  const sheet = svg("svg", { class: "preview-sheet", viewBox: "0 0 1 1", preserveAspectRatio: "none", "aria-hidden": "true" });
  const mark = svg("polygon", { class: "preview-mark", points: "" });
  sheet.append(mark);
  const shape = el("select", { "aria-label": "Shape of the cut-out" }, el("option", { value: "rectangle" }, "a rectangle"), el("option", { value: "circle" }, "a circle"));
  const said = el("p", { class: "plot-said soft" }, "\u00a0");
  const result = el("div", { class: "preview-cut", "aria-live": "polite" });
  let from = null;
  const at = (event) => {
    const box = sheet.getBoundingClientRect();
    return [Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)), Math.max(0, Math.min(1, 1 - (event.clientY - box.top) / box.height))];
  };
  sheet.addEventListener("pointerdown", (event) => {
    from = at(event);
    sheet.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  sheet.addEventListener("pointermove", (event) => {
    const to = at(event);
    const [lon, lat] = sky(...to);
    said.textContent = `RA ${lon.toFixed(5)}°, Dec ${lat.toFixed(5)}°`;
    if (from) mark.setAttribute("points", outline(shape.value, from, to, sheet));
  });
  sheet.addEventListener("pointerup", (event) => {
    if (!from) return;
    const to = at(event);
    const drawn = { shape: shape.value, from, to };
    from = null;
    if (Math.hypot(to[0] - drawn.from[0], to[1] - drawn.from[1]) < 0.01) return;
    showCut(result, cut, sodaShape(drawn, sky));
  });
  place.append(
    el("div", {}, el("p", {}, el("label", {}, "Draw ", shape, " on the picture to cut it out.")),
      el("div", { class: "preview-frame" }, picture, sheet), said, circleForm(result, cut)), result);
}

function outline(shape, [ax, ay], [bx, by], sheet) {
  const points = [];
  if (shape === "circle") {
    const box = sheet.getBoundingClientRect();
    const r = Math.hypot((bx - ax) * box.width, (by - ay) * box.height);
    for (let i = 0; i < 48; i++) points.push([ax + (r / box.width) * Math.cos((i * Math.PI) / 24), 1 - (ay + (r / box.height) * Math.sin((i * Math.PI) / 24))]);
  } else points.push([ax, 1 - ay], [bx, 1 - ay], [bx, 1 - by], [ax, 1 - by]);
  return points.map((point) => point.map((one) => one.toFixed(4)).join(",")).join(" ");
}

/** The same with the keyboard. */
function circleForm(result, cut) {
  const [lon, lat, radius] = cut.params.CIRCLE.max.trim().split(/\s+/).map(Number);
  const input = (name, value) => el("label", {}, `${name} `, el("input", { type: "number", step: "any", value: String(Number(value.toFixed(6))), required: true }));
  const fields = [input("RA", lon), input("Dec", lat), input("Radius", radius / 2)];
  return el("details", {}, el("summary", {}, "Or by numbers (degrees)"), el("form", { class: "preview-numbers", onsubmit: (event) => {
    event.preventDefault();
    showCut(result, cut, { CIRCLE: fields.map((field) => field.querySelector("input").value).join(" ") });
  } }, ...fields, el("button", {}, "Cut out")));
}

function bandForm(cut) {
  const result = el("div", { class: "preview-cut", "aria-live": "polite" });
  const fields = [["From", cut.params.BAND.min], ["To", cut.params.BAND.max]].map(([name, value]) =>
    el("label", {}, `${name} `, el("input", { type: "number", step: "any", value: String(Number(value)), required: true, "aria-label": `${name}, wavelength in metres` }), " m"));
  return el("div", {}, el("form", { class: "preview-numbers", onsubmit: (event) => {
    event.preventDefault();
    showCut(result, cut, { BAND: fields.map((field) => field.querySelector("input").value).join(" ") });
  } }, ...fields, el("button", {}, "Cut out")), result);
}

/** The cut-out's link, and its picture. */
async function showCut(result, cut, shape) {
  const url = new URL(sameOrigin(cut.url), address("/"));
  url.searchParams.set("ID", cut.params.ID.value);
  for (const [name, value] of Object.entries(shape)) url.searchParams.set(name, value);
  const pictureUrl = new URL(url);
  pictureUrl.searchParams.set("RESPONSEFORMAT", "image/png");
  result.replaceChildren(el("p", { class: "soft" }, "Cutting …"));
  try {
    const answer = await ask(pictureUrl.href);
    const blob = await answer.blob();
    const source = URL.createObjectURL(blob);
    result.replaceChildren(el("figure", {}, el("img", { src: source, alt: `Cut-out: ${Object.entries(shape).map((pair) => pair.join(" ")).join(", ")}`, class: "preview-image", onload: () => URL.revokeObjectURL(source) }),
      el("figcaption", {}, el("code", {}, Object.entries(shape).map((pair) => pair.join("=")).join(" ")))),
    el("p", {}, el("a", { href: url.href, class: "button plain", download: "" }, "Cut-out as FITS"), " ",
      el("button", { type: "button", class: "plain", onclick: async () => toast(await copy(url.href) ? "The link is copied." : url.href) }, "Copy its link")));
  } catch (error) {
    result.replaceChildren(el("p", { class: "warning", role: "alert" }, error.message));
  }
}
