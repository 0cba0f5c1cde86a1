// rowview.js -- one row of a result, looked at: its arrays as curves, its product's picture,
// files and cut-outs. Nothing to show: nothing is shown.
import { el } from "./base.js";

const isArray = (value) => value !== null && typeof value === "object" && typeof value.length === "number" && value.length > 1;
const isNumber = (value) => typeof value === "number" || typeof value === "bigint";

/** The identifier of the data product that a row is of; null: none. */
export function productOf(values) {
  const name = Object.keys(values).find((one) => one.toLowerCase() === "obs_publisher_did");
  return name && typeof values[name] === "string" && values[name] ? values[name] : null;
}

/** Columns whose value is an array of numbers. */
export function arraysOf(values, fields) {
  return fields.filter((field) => isArray(values[field.name]) && isNumber(values[field.name].get?.(0) ?? values[field.name][0]));
}

/** True if there was something to look at. */
export async function showRow(element, values, fields, row) {
  const arrays = arraysOf(values, fields);
  const did = productOf(values);
  if (!arrays.length && !did) {
    element.replaceChildren();
    return false;
  }
  element.replaceChildren(el("p", { class: "rt-title" }, `Row ${row + 1}`));
  if (did) {
    const place = el("div", { class: "preview" });
    element.append(place);
    const { preview } = await import("./preview.js");
    await preview(place, did).catch((error) => place.replaceChildren(el("p", { class: "warning", role: "alert" }, error.message)));
  }
  if (arrays.length) {
    const { wave } = await import("./wave.js");
    for (const field of arrays) {
      const place = el("div");
      element.append(el("p", { class: "soft" }, el("strong", {}, field.name), field.description ? ` ${field.description}` : ""), place);
      wave(place, values[field.name], { name: field.name, unit: field.unit });
    }
  }
  return true;
}
