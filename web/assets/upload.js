// upload.js -- a file dropped on the page becomes TAP_UPLOAD.name: how its columns were
// understood is what the node itself says of it, by the way that queries take.
import { ask, bytes, count, el, NodeError } from "./base.js";
import { requestBody } from "./run.js";

const PREVIEW_ROWS = 8;

/** A regular name out of a file's: "My Data (1).csv" is my_data_1. taken: names in use. */
export function tableName(fileName, taken = [], reserved = new Set()) {
  let name = fileName.replace(/\.(vot|votable|xml|csv|tsv|txt|ecsv|fits?|json|parquet|gz)$/gi, "").replace(/\.[a-z]+$/i, "")
    .normalize("NFKD").toLowerCase().replace(/[^a-z0-9_]+/g, "_").replace(/^[^a-z]+|_+$/g, "").slice(0, 40) || "table1";
  if (reserved.has(name.toUpperCase())) name += "_1";
  const plain = name;
  for (let i = 2; taken.includes(name); i++) name = `${plain}_${i}`;
  return name;
}

async function askWith(upload, query, fields) {
  const body = requestBody({ LANG: "ADQL", QUERY: query, ...fields }, [upload]);
  return ask("/tap/sync", { method: "POST", body });
}

/** {columns, rows, count, empty}: the node's view of the file; empty: a VOTable without rows,
 *  for checking queries while they are typed. */
async function understand(name, file) {
  const upload = { name, file };
  const all = `SELECT * FROM TAP_UPLOAD.${name}`;
  const [first, number, empty] = await Promise.all([
    askWith(upload, all, { RESPONSEFORMAT: "json", MAXREC: String(PREVIEW_ROWS) }).then((r) => r.json()),
    askWith(upload, `SELECT COUNT(*) AS n FROM TAP_UPLOAD.${name}`, { RESPONSEFORMAT: "json" }).then((r) => r.json()),
    askWith(upload, all, { RESPONSEFORMAT: "votable/td", MAXREC: "0" }).then((r) => r.blob()),
  ]);
  return { columns: first.metadata, rows: first.data, count: number.data[0]?.[0] ?? 0, empty };
}

const TYPE_WORDS = {
  boolean: "true or false", unsignedByte: "small whole number", short: "whole number", int: "whole number", long: "whole number",
  float: "number", double: "number", char: "text", unicodeChar: "text",
};

/** How a column was understood, in words. */
export function columnWords(column) {
  if (column.xtype === "timestamp") return "time";
  if (column.xtype) return column.xtype;
  const words = TYPE_WORDS[column.datatype] ?? column.datatype;
  const isText = words === "text";
  return column.arraysize && !isText && column.arraysize !== "1" ? `array of ${words}s` : words;
}

export class Uploads {
  list = []; // {name, file, columns, rows, count, empty}
  constructor(schema, { changed }) {
    this.schema = schema;
    this.changed = changed;
    this.body = el("div", { class: "panel-body" });
    this.items = el("div");
    this.say = el("p", { role: "status" });
    const input = el("input", { type: "file", multiple: true, id: "upload-file", onchange: () => this.add(input.files).then(() => { input.value = ""; }) });
    this.body.append(
      el("p", null, el("label", { for: "upload-file" }, "A table of your own (VOTable, CSV, TSV, ECSV, FITS, JSON, Parquet), by dropping it on this page or from a file: "), input),
      this.say, this.items);
  }
  /** Drops anywhere on the page. */
  listen(target, opened) {
    target.addEventListener("dragover", (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      target.classList.add("drop");
    });
    target.addEventListener("dragleave", (event) => !target.contains(event.relatedTarget) && target.classList.remove("drop"));
    target.addEventListener("drop", (event) => {
      target.classList.remove("drop");
      if (!event.dataTransfer.files.length) return;
      event.preventDefault();
      opened();
      this.add(event.dataTransfer.files);
    });
  }
  async add(files) {
    for (const file of [...files]) {
      const name = tableName(file.name, this.list.map((u) => u.name), new Set(this.schema.words.words));
      this.say.className = "soft";
      this.say.textContent = `The node reads ${file.name}\u2026`;
      try {
        const limit = this.schema.words.upload_bytes;
        if (limit && file.size > limit) throw new NodeError(`${file.name} has ${bytes(file.size)}; this node takes at most ${bytes(limit)}.`);
        const found = await understand(name, file);
        this.list.push({ name, file, ...found });
        this.schema.uploads.set(`tap_upload.${name}`, found.columns);
        this.say.textContent = `${file.name} is TAP_UPLOAD.${name} in your queries.`;
      } catch (error) {
        this.say.className = "bad";
        this.say.textContent = `${file.name} was not taken: ${error.message}`;
      }
      this.draw();
      this.changed();
    }
  }
  remove(upload) {
    this.list = this.list.filter((u) => u !== upload);
    this.schema.uploads.delete(`tap_upload.${upload.name}`);
    this.draw();
    this.changed();
  }
  show() {
    this.draw();
  }
  draw() {
    this.items.replaceChildren(...this.list.map((upload) => el("section", { class: "upload" },
      el("h3", null, `TAP_UPLOAD.${upload.name}`, " ",
        el("button", { type: "button", class: "plain small", onclick: () => this.insert?.(`TAP_UPLOAD.${upload.name}`) }, "Put name at the cursor"), " ",
        el("button", { type: "button", class: "plain small", onclick: () => this.remove(upload) }, "Remove")),
      el("p", { class: "soft" }, `${upload.file.name}: ${count(upload.count)} ${upload.count === 1 ? "row" : "rows"}, ${upload.columns.length} ${upload.columns.length === 1 ? "column" : "columns"}, understood so:`),
      el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Columns of ${upload.name}` }, el("table", null,
        el("thead", null, el("tr", null, ["Column", "Kind", "Unit", "UCD", "First values"].map((t) => el("th", { scope: "col" }, t)))),
        el("tbody", null, upload.columns.map((column, i) => el("tr", null,
          el("th", { scope: "row" }, el("code", null, column.name)), el("td", null, columnWords(column)), el("td", null, column.unit ?? ""), el("td", null, column.ucd ?? ""),
          el("td", { class: "soft" }, upload.rows.slice(0, 3).map((row) => (row[i] === null ? "\u2014" : String(row[i]).slice(0, 40))).join(", "))))))))));
  }
  /** Those that the query names: only they are sent. */
  usedBy(query) {
    const text = query.toLowerCase();
    return this.list.filter((u) => new RegExp(`tap_upload\\s*\\.\\s*"?${u.name}\\b`).test(text));
  }
}

