// kascade.js -- the classroom page: cuts as sliders, all views at once.
import { address, ask, toast } from "./base.js";
import { beginAll } from "./plot-page.js";

const form = document.getElementById("lesson");

/** Conditions of the cuts that cut something, joined by AND. */
export function condition(inputs) {
  return inputs.filter((input) => input.value !== "" && Number(input.value) !== Number(input.dataset.open) && Number.isFinite(Number(input.value)))
    .map((input) => `${input.dataset.cut}${Number(input.value)}`).join(" AND ");
}

/** The condition of a table of predictions about showers that pass the cuts. */
export function predictionCondition(own, key, to, showers, cuts) {
  const chosen = !cuts ? "" : key ? `${key} IN (SELECT ${to} FROM ${showers} WHERE ${cuts})` : cuts;
  return [own, chosen].filter(Boolean).join(" AND ");
}

function addSlider(input) {
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: input.min, max: input.max, step: input.dataset.step, value: input.value });
  slider.setAttribute("aria-label", `${input.parentElement.textContent.trim()} (slider)`);
  slider.addEventListener("input", () => {
    input.value = slider.value;
    changed();
  });
  input.addEventListener("input", () => {
    slider.value = input.value;
    changed();
  });
  input.before(slider);
  return slider;
}

let figures = [];
let inputs = [];
let table = null;
let timer = 0;

function changed() {
  clearTimeout(timer);
  timer = setTimeout(show, 250);
}

async function show() {
  const cuts = condition(inputs);
  const showers = form.elements.table.value;
  const text = document.getElementById("cut-text");
  if (cuts) {
    const code = document.createElement("code");
    code.textContent = cuts;
    text.replaceChildren("Cuts: ", code);
  } else text.textContent = "No cuts: all showers.";
  await Promise.all(figures.map((figure) => {
    const pie = figure.element.closest(".pie");
    const where = pie ? predictionCondition(pie.dataset.baseWhere, pie.dataset.key, pie.dataset.to, showers, cuts) : cuts;
    return figure.update({ where: where || null });
  }));
  const parameters = new URLSearchParams({ table: showers, shown: form.elements.shown.value });
  for (const input of inputs) if (Number(input.value) !== Number(input.dataset.open)) parameters.set(input.name, input.value);
  history.replaceState(null, "", address("/kascade", parameters));
  await showRows(cuts);
}

/** The first rows as a table to sort and to filter. */
async function showRows(cuts) {
  const pre = document.querySelector("#rows .adql pre");
  const query = pre.textContent.replace(/ WHERE [\s\S]*$/, "").replace(/^SELECT TOP \d+/, "SELECT TOP 200") + (cuts ? ` WHERE ${cuts}` : "");
  try {
    const { ResultTable } = await import("./table.js");
    const place = document.getElementById("first-rows");
    const answer = await ask("/tap/sync", { params: { LANG: "ADQL", RESPONSEFORMAT: "arrow", QUERY: query } });
    if (!table) {
      place.replaceChildren();
      table = new ResultTable(place, { name: "First rows" });
    }
    await table.load(answer);
    pre.textContent = query;
    for (const link of document.querySelectorAll("#rows .adql a")) {
      const url = new URL(link.href);
      url.searchParams.set("QUERY", query);
      link.href = url.href;
    }
  } catch (error) {
    toast(error.message, { bad: true });
  }
}

if (form) {
  inputs = [...form.querySelectorAll("input[data-cut]")];
  inputs.forEach(addSlider);
  for (const name of ["table", "shown"]) form.elements[name].addEventListener("change", () => form.requestSubmit());
  form.addEventListener("submit", () => {
    for (const input of inputs) input.disabled = Number(input.value) === Number(input.dataset.open);
  });
  window.addEventListener("pageshow", () => inputs.forEach((input) => { input.disabled = false; }));
  figures = await beginAll();
  await showRows(condition(inputs));
}
