// results.js -- the answer's place: rows as they come, what was cut, and where they may go.
import { count, el, errorText, NodeError } from "./base.js";

const FIRST_ROWS = 500; // that the plain table shows
const LEAST_SEEN = 240; // px of the answer's place that are seen while it comes

/** Rows out of the node's JSON as it comes in, a line a row. Feed it pieces of text. */
export class RowReader {
  #rest = "";
  #head = "";
  columns = null;
  rows = [];
  status = "";
  message = "";
  count = 0;
  most;
  constructor(most = Infinity) {
    this.most = most;
  }
  feed(text) {
    this.#rest += text;
    let end;
    while ((end = this.#rest.indexOf("\n")) >= 0) {
      this.#line(this.#rest.slice(0, end));
      this.#rest = this.#rest.slice(end + 1);
    }
  }
  end() {
    if (this.#rest.startsWith('"') || this.#rest.startsWith("]")) this.#line(this.#rest);
    if (!this.status) throw new NodeError("The answer broke off: what is shown is only its beginning.");
  }
  #line(line) {
    if (!this.columns) {
      this.#head += line;
      const at = this.#head.indexOf('"data":[');
      if (at < 0) return;
      const head = `${this.#head.slice(0, at).replace(/,\s*$/, "")}}`;
      this.columns = JSON.parse(head.startsWith("{") ? head : `{${head}`).metadata ?? [];
      return;
    }
    if (line.startsWith("[")) {
      this.count++;
      if (this.rows.length < this.most) this.rows.push(JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line));
    } else if (line.startsWith('"query_status"') || line.startsWith("],")) {
      const found = line.match(/"query_status":"(\w+)"(?:,"message":("(?:[^"\\]|\\.)*"))?/);
      if (found) {
        this.status = found[1];
        this.message = found[2] ? JSON.parse(found[2]) : "";
      }
    }
  }
}

/** The plain table, for a node without the bundles: the first rows, whole page wide. */
async function plainTable(place, response, told) {
  const reader = new RowReader(FIRST_ROWS);
  const head = el("tr");
  const rows = el("tbody");
  const table = el("table", { class: "result" }, el("thead", null, head), rows);
  place.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Rows of the answer" }, table));
  const stream = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let shown = 0;
  for (;;) {
    const { value, done } = await stream.read();
    if (!done) reader.feed(value);
    if (reader.columns && !head.children.length)
      head.append(...reader.columns.map((c) => el("th", { scope: "col", title: c.description }, c.name, c.unit ? el("span", null, ` [${c.unit}]`) : null)));
    for (; shown < reader.rows.length; shown++) rows.append(el("tr", null, reader.rows[shown].map(cell)));
    told(reader.count);
    if (done) break;
  }
  reader.end();
  return { rows: reader.count, overflow: reader.status === "OVERFLOW", message: reader.message, shown };
}

function cell(value) {
  if (value === null) return el("td", { class: "soft" }, "");
  if (typeof value === "number") return el("td", { class: "n" }, String(value));
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return el("td", null, /^https?:\/\/\S+$/.test(text) ? el("a", { href: text, rel: "noopener nofollow" }, text) : text);
}

/** How many rows a query itself asks for with TOP; NaN: as many as there are, or hard to say. */
function topOf(query) {
  if (/\b(UNION|EXCEPT|INTERSECT|WITH)\b/i.test(query)) return NaN;
  return Number(query.match(/^\s*SELECT\s+(?:(?:ALL|DISTINCT)\s+)?TOP\s+(\d+)\b/i)?.[1] ?? NaN);
}

/** An answer that ended well in its headers may still say that it was cut. */
export function overflowWords({ rows, overflow, message, limit, query = "" }) {
  if (overflow) return message || `There are more rows than these ${count(rows)}: the limit was reached. Ask for more rows, or for less with WHERE.`;
  if (limit > 0 && rows >= limit && overflow === undefined && !(topOf(query) <= limit)) return `Exactly ${count(limit)} rows came, which is the limit: there may be more.`;
  return "";
}

/** A response whose bytes are also counted; rows are told when the table has read them. */
async function richTable(place, response, options, module) {
  const known = response.headers.get("X-Colure-Overflow");
  const limit = Number(response.headers.get("X-Colure-Maxrec")) || options.limit || 0;
  const table = new module.ResultTable(place, options);
  await table.load(response);
  const rows = table.nrow;
  return { rows, limit, overflow: known === null ? undefined : known === "true", table };
}

export class Answer {
  constructor(place, { have }) {
    this.place = place;
    this.have = have;
    this.status = el("p", { id: "status", role: "status", "aria-live": "polite" });
    this.notice = el("div", { id: "notice" });
    this.tools = el("p", { class: "tools", id: "result-tools" });
    this.body = el("div", { id: "rows" });
    place.replaceChildren(this.status, this.notice, this.tools, this.body);
  }
  clear(words = "") {
    this.notice.replaceChildren();
    this.tools.replaceChildren();
    this.body.replaceChildren();
    this.isFull = false;
    this.say(words);
  }
  say(words, kind = "") {
    this.status.className = kind;
    this.status.textContent = words;
  }
  /** On a small screen the answer comes below what is seen: the page goes to it. */
  reveal() {
    if (this.status.getBoundingClientRect().top > innerHeight - LEAST_SEEN) this.status.scrollIntoView({ block: "start" });
  }
  /** The format that the table here reads best. */
  get format() {
    return this.have.table && this.have.arrow ? "arrow" : "json";
  }
  async show(response, options = {}) {
    const type = response.headers.get("Content-Type") ?? "";
    const begun = performance.now();
    let found;
    this.isFull = true; // first rows that come late are not shown any more
    this.body.replaceChildren();
    if (type.includes("arrow") && this.have.table) found = await richTable(this.body, response, options, await import("./table.js"));
    else if (type.includes("json")) found = await plainTable(this.body, response, (n) => this.say(`${count(n)} rows so far\u2026`));
    else throw new NodeError(`The result is of the type ${type}: open it by its link.`);
    const seconds = ((performance.now() - (options.begun ?? begun)) / 1000).toFixed(1);
    const cut = overflowWords({ ...found, query: options.query });
    this.say(`${count(found.rows)} row${found.rows === 1 ? "" : "s"} in ${seconds} s${found.shown < found.rows ? `; the first ${found.shown} are shown` : ""}.`);
    this.notice.replaceChildren(cut ? el("p", { class: "warning", role: "alert" }, el("strong", null, "Not all rows: "), cut) : "");
    return found;
  }
  /** The first rows of a job that runs, in a plain table, until its result takes their place. */
  async first(response) {
    const place = el("div");
    const { rows } = await plainTable(place, response, () => {});
    if (!rows || this.isFull) return 0;
    place.prepend(el("p", { class: "warning", id: "first-rows" }, el("strong", null, "First rows: "),
      `the job still runs; these are the first ${rows === 1 ? "row" : `${count(rows)} rows`} of its result.`));
    this.body.replaceChildren(place);
    return rows;
  }
  /** An error with the line of the query and a caret under the place. */
  fail(error, query = "") {
    this.say("");
    this.isFull = true;
    const first = this.body.querySelector("#first-rows");
    if (first) first.lastChild.textContent = "these came before the job ended; there is no more.";
    const message = (error.message ?? errorText(String(error))) + (error.retryAfter ? `\nThe node asks to wait ${error.retryAfter} s.` : "");
    const place = error.line > 0 ? caret(query, error.line, error.column) : "";
    this.notice.replaceChildren(el("div", { role: "alert" }, el("pre", { class: "error" }, place ? `${message}\n\n${place}` : message)));
  }
}

export function caret(query, line, column) {
  const text = query.split(/\r\n|\n|\r/)[line - 1];
  if (text === undefined) return "";
  const letters = [...text];
  const from = Math.max(0, column - 60);
  const shown = letters.slice(from, from + 100).join("").replaceAll("\t", " ");
  return `${shown}\n${" ".repeat(Math.max(0, column - 1 - from))}^`;
}
