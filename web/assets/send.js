// send.js -- buttons "Send to TOPCAT, Aladin" wherever the page has
//   <span class="samp" data-url="..." data-name="..." data-table-id="..." data-kind="table|fits|image|spectrum" data-label="Send ...">
// data-url "?" stands for this page's own address with RESPONSEFORMAT=votable (results as HTML). Rows of a
// <table data-table-id="..."> with the same identifier are pointed at both ways. Without scripts, or without
// a hub, the page's own links to the file remain.
import { samp } from "./samp.js";

const SEND = {
  table: (s) => samp().sendTable(s.url, { tableId: s.tableId, name: s.name }),
  fits: (s) => samp().sendTable(s.url, { tableId: s.tableId, name: s.name, format: "fits" }),
  image: (s) => samp().sendImage(s.url, s.name),
  spectrum: (s) => samp().sendSpectrum(s.url, s.format ? { "Access.Format": s.format } : {}, s.name),
};

// The address of the VOTable of a result that is shown as HTML.
export function votableOf(href) {
  const url = new URL(href);
  url.hash = "";
  for (const name of Array.from(url.searchParams.keys())) {
    if (/^(responseformat|format)$/i.test(name)) url.searchParams.delete(name);
  }
  url.searchParams.set("RESPONSEFORMAT", "votable");
  return url.href;
}

// What was done, in words: "Opened in TOPCAT. Aladin: disk full".
export function summary(outcomes) {
  const done = outcomes.filter((o) => o.ok).map((o) => o.name);
  const rest = outcomes.filter((o) => o.text).map((o) => `${o.name}: ${o.text}.`);
  return [done.length ? `Opened in ${done.join(", ")}.` : "", ...rest].filter(Boolean).join(" ");
}

function source(span) {
  const url = span.dataset.url === "?" ? votableOf(location.href) : new URL(span.dataset.url, document.baseURI).href;
  return { url, name: span.dataset.name || document.title, tableId: span.dataset.tableId || url, format: span.dataset.format };
}

async function send(span, button, said) {
  button.disabled = true;
  said.textContent = "Asking the SAMP hub; it may ask you whether this page may join.";
  try {
    said.textContent = summary(await SEND[span.dataset.kind || "table"](source(span)));
    joinRows(span);
  } catch (error) {
    said.textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

function addButton(span) {
  const button = document.createElement("button");
  const said = document.createElement("span");
  button.type = "button";
  button.textContent = span.dataset.label || "Send to TOPCAT, Aladin";
  said.setAttribute("role", "status");
  said.className = "soft";
  span.replaceChildren(button, " ", said);
  button.addEventListener("click", () => send(span, button, said));
}

// The place of such a button for a script's own part of a page, the button in it.
export function sendButton({ url, name, kind = "table", format = "", label = "" }) {
  const span = document.createElement("span");
  Object.assign(span.dataset, { url, name, kind, format, label });
  span.className = "samp";
  addButton(span);
  return span;
}

// How a product of DataLink (content_qualifier of its #this) is sent; undefined: not at all.
export function kindOf(row) {
  if (!/^(application|image)\/fits\b/.test(row?.content_type ?? "") || !row.access_url) return undefined;
  return { "#image": "image", "#cube": "image", "#spectrum": "spectrum", "#event-list": "fits" }[row.content_qualifier];
}

// ---- rows, both ways

function rowsOf(tableId) {
  const table = Array.from(document.querySelectorAll("table[data-table-id]")).find(
    (t) => t.dataset.tableId === tableId || t.dataset.tableId === "?",
  );
  return table ? { table, rows: table.tBodies[0]?.rows ?? [] } : null;
}

function mark(table, row) {
  for (const old of table.querySelectorAll("tr[aria-current]")) old.removeAttribute("aria-current");
  row?.setAttribute("aria-current", "true");
  row?.scrollIntoView({ block: "nearest" });
}

const MAX_STOPS = 1000; // rows that the tabulator key stops at
const joined = new Set();

function joinRows(span) {
  const { url, tableId } = source(span);
  const found = rowsOf(tableId);
  if (!found || joined.has(tableId)) return;
  joined.add(tableId);
  const choose = (event) => {
    const row = event.target.closest("tbody tr");
    if (!row || event.target.closest("a") || (event.key && event.key !== "Enter")) return;
    mark(found.table, row);
    samp().highlightRow(tableId, url, row.sectionRowIndex);
  };
  for (const row of Array.from(found.rows).slice(0, MAX_STOPS)) row.tabIndex = 0; // Enter does what a click does
  found.table.addEventListener("click", choose);
  found.table.addEventListener("keydown", choose);
  samp().onHighlight((h) => {
    if (h.tableId === tableId || (!h.tableId && h.url === url)) mark(found.table, found.rows[h.row]);
  });
}

// A result has its own address only when it was asked for by one (a GET with the query in it).
const hasAddress = (span) => span.dataset.url !== "?" || /[?&](responseformat|query)=/i.test(location.search);

for (const span of globalThis.document?.querySelectorAll("span.samp[data-url]") ?? []) {
  if (hasAddress(span)) addButton(span);
}
