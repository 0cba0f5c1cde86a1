// table.js -- a result as a table: a million rows scroll smoothly, because only what is on
// the screen is in the document. Sorting, filters, facets; by mouse, keyboard and ear.
import { Columns, KINDS, filterRows, parseFilter, scrolledRow, scrollOf, sortRows, summary, timeText, valueText, floatText, numberWithin, MOST_PIXELS } from "./columns.js";
import { NodeError, count, el, errorText } from "./base.js";

const ROW = 26; // px
const SPARE = 4; // rows beyond the screen's edge
const LONGEST = 400; // characters of a cell in the document
const MARGIN = 18; // px of a cell beside its text
const MORE = 42; // px of a head beside its name
const LEAST = 72; // px of a column
const MOST_TEXT = 340; // px of a text's column, unless there is room
let ids = 0;

function addStyle() {
  const href = new URL("./table.css", import.meta.url).href;
  if (!document.querySelector(`link[href="${href}"]`)) document.head.append(el("link", { rel: "stylesheet", href }));
}

export class ResultTable {
  /** name: for people. tableId, url: of SAMP (kept for others). onRow(row, values). details:
   *  arrays and products of a chosen row are shown below. */
  constructor(element, { name = "Result", tableId = "", url = "", onRow = null, details = true } = {}) {
    addStyle();
    Object.assign(this, { element, name, tableId, url, onRow, showsDetails: details, id: `rt${++ids}` });
    this.data = null;
    this.rows = new Uint32Array(0); // what is shown, in order
    this.sort = null; // {column, descending}
    this.filters = new Map(); // column > text
    this.active = { at: 0, column: 0 };
    this.marked = -1;
    this.widths = [];
    this.pool = [];
    this.build();
  }

  build() {
    this.status = el("p", { class: "rt-status", role: "status", "aria-live": "polite" });
    this.head = el("div", { class: "rt-head", role: "row", "aria-rowindex": "1" });
    this.body = el("div", { class: "rt-body", role: "rowgroup" });
    this.grid = el("div", {
      class: "rt-grid", role: "grid", tabindex: "0", "aria-label": `${this.name}: arrow keys move, Enter opens a row or sorts a column`,
      "aria-readonly": "true", onscroll: () => this.later(), onkeydown: (event) => this.onKey(event), onclick: (event) => this.onClick(event),
    }, el("div", { class: "rt-top", role: "rowgroup" }, this.head), this.body);
    this.details = el("div", { class: "rt-details" });
    this.facets = el("div", { class: "rt-facets", hidden: true, role: "region", "aria-label": "Column" });
    this.element.replaceChildren(this.status, el("div", { class: "rt-split" }, this.grid, this.facets), this.details);
    this.element.classList.add("rt");
    this.watcher = new ResizeObserver(() => this.later());
    this.watcher.observe(this.grid);
  }

  /** Reads an Arrow stream (a fetch Response of FORMAT arrow). Rows show as they come. */
  async load(response) {
    if (response.ok === false) {
      throw new NodeError(errorText(await response.text(), response.headers.get("Content-Type") ?? ""), { status: response.status });
    }
    const { RecordBatchReader } = await import("./vendor/arrow.js");
    const reader = await RecordBatchReader.from(response);
    await reader.open();
    this.setColumns(new Columns(reader.schema.fields));
    let shown = 0;
    for await (const batch of reader) {
      this.data.append(batch);
      if (performance.now() - shown > 150) {
        this.refresh(`${count(this.data.nrow)} rows so far`);
        shown = performance.now();
        await new Promise((done) => setTimeout(done)); // the page lives on
      }
    }
    this.refresh();
    return this;
  }

  setColumns(data) {
    this.data = data;
    this.sort = null;
    this.filters.clear();
    this.active = { at: 0, column: 0 };
    this.marked = -1;
    this.pool = [];
    this.facets.hidden = true;
    this.details.replaceChildren();
    this.grid.setAttribute("aria-colcount", data.fields.length);
  }

  get nrow() {
    return this.data?.nrow ?? 0;
  }
  get columns() {
    return this.data?.fields ?? [];
  }
  /** {column: value} of a row of the result (0 is its first, however it is sorted). */
  rowValues(row) {
    return this.data.row(row);
  }

  /** Rows that pass the filters, in the order of the sorting. */
  refresh(words = null) {
    if (!this.data) return;
    this.rows = this.passing();
    if (this.sort) this.rows = sortRows(this.rows, this.data.key(this.sort.column), this.sort.descending);
    this.measure();
    this.grid.setAttribute("aria-rowcount", this.rows.length + 1);
    this.active.at = Math.max(-1, Math.min(this.active.at, this.rows.length - 1));
    const of = this.rows.length === this.nrow ? "" : ` of ${count(this.nrow)}`;
    this.status.textContent = words ?? `${count(this.rows.length)}${of} ${this.nrow === 1 ? "row" : "rows"}, ${this.columns.length} ${this.columns.length === 1 ? "column" : "columns"}`
      + (this.sort ? `, sorted by ${this.columns[this.sort.column].name}${this.sort.descending ? ", greatest first" : ""}` : "");
    this.drawHead();
    this.draw(true);
  }

  /** Rows that pass the filters, of one column aside, in the result's order. */
  passing(aside = -1) {
    const tests = [...this.filters].filter(([column]) => column !== aside)
      .map(([column, text]) => ({ key: this.data.key(column), test: parseFilter(text, this.data.fields[column].kind) }));
    return tests.length ? filterRows(this.data.nrow, tests) : Uint32Array.from({ length: this.data.nrow }, (_, i) => i);
  }

  /** Column widths from names and some rows: numbers are whole; long texts are, if there is room. */
  measure() {
    const whole = this.data.fields.map((field, column) => this.wholeWidth(field, column));
    this.widths = whole.map((width, column) => (this.isNumeric(column) ? width : Math.min(MOST_TEXT, width)));
    let room = (this.grid.clientWidth || 0) - this.widths.reduce((sum, width) => sum + width, 0);
    whole.forEach((width, column) => {
      const more = Math.max(0, Math.min(width - this.widths[column], room));
      this.widths[column] += more;
      room -= more;
    });
    this.lefts = [];
    let left = 0;
    for (const width of this.widths) {
      this.lefts.push(left);
      left += width;
    }
    this.total = left;
    const height = Math.min(this.rows.length * ROW, MOST_PIXELS);
    this.body.style.height = `${height}px`;
    this.body.style.width = this.head.style.width = `${left}px`;
  }

  isNumeric(column) {
    return [KINDS.number, KINDS.integer].includes(this.data.fields[column].kind);
  }

  /** The width that a column needs for its name and the longest of some rows, all over the result. */
  wholeWidth(field, column) {
    const sample = Math.min(this.nrow, 60);
    const texts = Array.from({ length: sample }, (_, i) => this.data.text(Math.floor((i * this.nrow) / sample), column).slice(0, LONGEST));
    const most = Math.max(0, ...texts.map((text) => text.length));
    const widest = Math.max(0, ...texts.filter((text) => text.length === most).map((text) => this.textWidth(text)));
    const name = Math.max(this.textWidth(`${field.name} ▲`, "600 "), this.textWidth(field.unit)) + MORE;
    return Math.ceil(Math.max(LEAST, name, widest + MARGIN));
  }

  textWidth(text, weight = "") {
    const pen = (this.pen ??= document.createElement("canvas").getContext("2d"));
    const { fontSize, fontFamily } = (this.face ??= getComputedStyle(this.grid));
    pen.font = `${weight}${fontSize} ${fontFamily}`;
    return pen.measureText(text).width;
  }

  /** Most texts are so short that nobody need measure them. */
  fitsIn(text, width) {
    this.digit ??= this.textWidth("0");
    return text.length * this.digit <= width || this.textWidth(text) <= width + 1;
  }

  headCell(field, column) {
    const sorted = this.sort?.column === column ? (this.sort.descending ? "descending" : "ascending") : "none";
    const arrow = { ascending: " ▲", descending: " ▼", none: "" }[sorted];
    const filter = this.filters.get(column);
    const cell = el("div", {
      class: `rt-cell rt-name${filter ? " rt-filtered" : ""}`, role: "columnheader", "aria-colindex": column + 1, "aria-sort": sorted, id: `${this.id}h${column}`,
      title: [field.name, field.unit && `[${field.unit}]`, field.description, field.ucd].filter(Boolean).join("\n"),
    },
    el("button", { type: "button", class: "rt-sort", tabindex: "-1", onclick: () => this.sortBy(column) }, field.name + arrow,
      field.unit ? el("span", { class: "rt-unit" }, field.unit) : null),
    el("button", { type: "button", class: "rt-more", tabindex: "-1", "aria-label": `Filter and values of ${field.name}`, onclick: () => this.openFacets(column) }, "⋯"));
    cell.style.left = `${this.lefts[column]}px`;
    cell.style.width = `${this.widths[column]}px`;
    return cell;
  }

  drawHead() {
    const { from, to } = this.visibleColumns();
    this.head.replaceChildren(...this.data.fields.slice(from, to).map((field, i) => this.headCell(field, from + i)));
    this.headRange = `${from}-${to}`;
  }

  visibleColumns() {
    const left = this.grid.scrollLeft;
    const right = left + (this.grid.clientWidth || 800);
    let from = 0;
    while (from < this.lefts.length - 1 && this.lefts[from] + this.widths[from] < left) from++;
    let to = from;
    while (to < this.lefts.length && this.lefts[to] < right) to++;
    return { from, to };
  }

  later() {
    if (this.drawing) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.draw();
    });
  }

  viewHeight() {
    return Math.max(ROW, this.grid.clientHeight - this.head.offsetHeight);
  }

  draw(all = false) {
    if (!this.data || !this.lefts) return;
    const columns = this.visibleColumns();
    if (`${columns.from}-${columns.to}` !== this.headRange) this.drawHead();
    const view = this.viewHeight();
    const first = scrolledRow(this.grid.scrollTop, this.rows.length, ROW, view);
    const from = Math.max(0, Math.floor(first) - SPARE);
    const n = Math.min(this.rows.length - from, Math.ceil(view / ROW) + 2 * SPARE);
    const top = this.grid.scrollTop - (first - from) * ROW;
    while (this.pool.length < n) this.pool.push(el("div", { class: "rt-row", role: "row" }));
    if (all || this.body.childElementCount !== n) this.body.replaceChildren(...this.pool.slice(0, Math.max(0, n)));
    for (let i = 0; i < n; i++) this.drawRow(this.pool[i], from + i, top + i * ROW, columns, all);
    const cell = this.active.at < 0 ? `${this.id}h${this.active.column}` : `${this.id}r${this.active.at}c${this.active.column}`;
    if (document.getElementById(cell)) this.grid.setAttribute("aria-activedescendant", cell);
    else this.grid.removeAttribute("aria-activedescendant");
    this.head.querySelectorAll(".rt-active").forEach((one) => one.classList.remove("rt-active"));
    if (this.active.at < 0) document.getElementById(cell)?.classList.add("rt-active");
  }

  drawRow(line, at, top, { from, to }, all) {
    const row = this.rows[at];
    line.style.transform = `translateY(${top}px)`;
    line.className = `rt-row${at % 2 ? " rt-odd" : ""}${row === this.marked ? " rt-marked" : ""}`;
    const drawn = `${row} ${from} ${to}`;
    if (all || line.dataset.drawn !== drawn) {
      line.dataset.drawn = drawn;
      line.dataset.at = at;
      line.setAttribute("aria-rowindex", at + 2);
      line.setAttribute("aria-selected", row === this.marked);
      while (line.childElementCount < to - from) line.append(el("div", { role: "gridcell" }));
      while (line.childElementCount > to - from) line.lastElementChild.remove();
      for (let column = from; column < to; column++) this.drawCell(line.children[column - from], row, at, column);
    }
    line.setAttribute("aria-selected", row === this.marked);
    for (let column = from; column < to; column++) {
      line.children[column - from].classList.toggle("rt-active", at === this.active.at && column === this.active.column);
    }
  }

  drawCell(cell, row, at, column) {
    const text = this.data.text(row, column);
    const isNumber = this.isNumeric(column);
    if (isNumber) cell.textContent = numberWithin(text, (one) => this.fitsIn(one, this.widths[column] - MARGIN));
    else cell.textContent = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
    cell.title = text.length > 12 ? text.slice(0, 2000) : "";
    cell.className = `rt-cell${isNumber ? " rt-n" : ""}`;
    cell.id = `${this.id}r${at}c${column}`;
    cell.dataset.column = column;
    cell.setAttribute("aria-colindex", column + 1);
    cell.style.left = `${this.lefts[column]}px`;
    cell.style.width = `${this.widths[column]}px`;
  }

  // --- what people do ---

  sortBy(column) {
    if (this.sort?.column !== column) this.sort = { column, descending: false };
    else if (!this.sort.descending) this.sort = { column, descending: true };
    else this.sort = null;
    this.busy(() => this.refresh());
  }

  /** The status is painted before long work begins. */
  busy(work) {
    if (this.nrow < 200000) return work();
    this.status.textContent = "One moment …";
    requestAnimationFrame(() => setTimeout(work));
  }

  /** text: see parseFilter(); "" takes the filter away. Throws what is wrong with it. */
  filter(column, text) {
    const i = typeof column === "number" ? column : this.columns.findIndex((field) => field.name === column);
    parseFilter(text, this.data.fields[i].kind);
    if (text.trim()) this.filters.set(i, text);
    else this.filters.delete(i);
    this.grid.scrollTop = 0;
    this.active.at = 0;
    this.refresh();
  }

  openFacets(column) {
    const field = this.data.fields[column];
    const problem = el("p", { class: "rt-problem", role: "alert" });
    const values = el("div", { class: "rt-values" });
    const input = el("input", {
      type: "search", value: this.filters.get(column) ?? "", "aria-label": `Filter ${field.name}`, placeholder: field.kind === KINDS.text ? "Crab, =exact, !not, null" : ">5, 1..5, null",
      oninput: () => {
        clearTimeout(this.typing);
        this.typing = setTimeout(() => this.tryFilter(column, input.value, problem, values), this.nrow > 200000 ? 350 : 120);
      },
    });
    const close = () => {
      this.facets.hidden = true;
      this.grid.focus();
    };
    this.facets.replaceChildren(
      el("div", { class: "rt-facets-head" }, el("p", { class: "rt-title" }, field.name, field.unit ? el("span", { class: "soft" }, ` ${field.unit}`) : null),
        el("button", { type: "button", class: "plain", "aria-label": "Close", onclick: close }, "✕")),
      field.description ? el("p", { class: "soft" }, field.description) : "", input, problem, values);
    this.facets.onkeydown = (event) => {
      if (event.key === "Escape") close();
    };
    this.facets.hidden = false;
    this.drawValues(column, values, input, problem);
    input.focus();
    this.later();
  }

  tryFilter(column, text, problem, values) {
    try {
      this.filter(column, text);
      problem.textContent = "";
      this.drawValues(column, values, this.facets.querySelector("input"), problem);
    } catch (error) {
      problem.textContent = error.message;
    }
  }

  drawValues(column, place, input, problem) {
    const field = this.data.fields[column];
    const found = summary(this.filters.has(column) ? this.passing(column) : this.rows, this.data.key(column));
    const words = (value) => (field.kind === KINDS.time ? timeText(Math.round(value)) : field.kind === KINDS.bool ? String(Boolean(value)) : field.single ? floatText(value) : String(value));
    const most = found.top[0]?.n ?? 1;
    const facts = `${count(found.distinct)} different ${found.distinct === 1 ? "value" : "values"}${found.nulls ? `, ${count(found.nulls)} without` : ""}`;
    place.replaceChildren(el("p", { class: "soft" }, facts + (found.low === undefined ? "" : `; ${words(found.low)} to ${words(found.high)}`)));
    if (found.histogram && found.distinct > 12) place.append(miniature(found.histogram));
    place.append(el("ul", {}, found.top.map(({ value, n }) => {
      const bar = el("span", { class: "rt-bar" });
      bar.style.width = `${(100 * n) / most}%`;
      return el("li", {}, el("button", {
        type: "button", class: "rt-value", onclick: () => {
          input.value = `=${words(value)}`;
          this.tryFilter(column, input.value, problem, place);
        },
      }, bar, el("span", { class: "rt-word" }, words(value).slice(0, 60) || "(empty)"), el("span", { class: "rt-count" }, count(n))));
    })));
  }

  /** Shows a row of the result (0 is its first) and marks it. False: a filter hides it. */
  highlight(row) {
    const at = this.rows.indexOf(row);
    this.marked = row;
    if (at >= 0) this.moveTo(at, this.active.column);
    else this.later();
    return at >= 0;
  }

  moveTo(at, column) {
    this.active = { at: Math.max(-1, Math.min(at, this.rows.length - 1)), column: Math.max(0, Math.min(column, this.columns.length - 1)) };
    const view = this.viewHeight();
    const first = scrolledRow(this.grid.scrollTop, this.rows.length, ROW, view);
    const shown = Math.floor(view / ROW) - 1;
    if (this.active.at >= 0 && this.active.at < first) this.grid.scrollTop = scrollOf(this.active.at, this.rows.length, ROW, view);
    else if (this.active.at > first + shown) this.grid.scrollTop = scrollOf(this.active.at - shown, this.rows.length, ROW, view);
    const left = this.lefts[this.active.column];
    const right = left + this.widths[this.active.column];
    if (left < this.grid.scrollLeft) this.grid.scrollLeft = left;
    else if (right > this.grid.scrollLeft + this.grid.clientWidth) this.grid.scrollLeft = right - this.grid.clientWidth;
    this.draw();
  }

  onKey(event) {
    if (!this.data || event.target !== this.grid) return;
    const { at, column } = this.active;
    const page = Math.max(1, Math.floor(this.viewHeight() / ROW) - 1);
    const all = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowDown: [at + 1, column], ArrowUp: [at - 1, column], ArrowLeft: [at, column - 1], ArrowRight: [at, column + 1],
      PageDown: [at + page, column], PageUp: [Math.max(0, at - page), column],
      Home: all ? [0, 0] : [at, 0], End: all ? [this.rows.length - 1, this.columns.length - 1] : [at, this.columns.length - 1],
    };
    if (moves[event.key]) this.moveTo(...moves[event.key]);
    else if (event.key === "Enter" && at < 0) this.sortBy(column);
    else if (event.key === "Enter" || event.key === " ") this.choose(at);
    else if (event.key === "f" && !all) this.openFacets(column);
    else return;
    event.preventDefault();
  }

  onClick(event) {
    const cell = event.target.closest(".rt-row .rt-cell");
    if (!cell) return;
    this.active = { at: Number(cell.parentElement.dataset.at), column: Number(cell.dataset.column) };
    this.choose(this.active.at);
  }

  choose(at) {
    if (at < 0 || at >= this.rows.length) return;
    this.marked = this.rows[at];
    this.draw();
    const values = this.rowValues(this.marked);
    this.onRow?.(this.marked, values);
    if (this.showsDetails) this.showDetails(this.marked, values);
  }

  async showDetails(row, values) {
    const { showRow } = await import("./rowview.js");
    await showRow(this.details, values, this.columns, row);
  }

  close() {
    this.watcher.disconnect();
    this.element.replaceChildren();
  }
}

/** A small histogram; the numbers beside it say the same. */
function miniature(counts) {
  const most = Math.max(...counts, 1);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", `0 0 ${counts.length * 10} 60`);
  svg.setAttribute("class", "rt-miniature");
  svg.setAttribute("aria-hidden", "true");
  counts.forEach((n, i) => {
    const bar = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    const height = n ? Math.max(1, (n / most) * 60) : 0;
    for (const [name, value] of Object.entries({ x: i * 10, y: 60 - height, width: 9, height })) bar.setAttribute(name, value);
    svg.append(bar);
  });
  return svg;
}

export { valueText };
