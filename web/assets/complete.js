// complete.js -- completion from the node's schema: schemas, tables, columns of the tables
// in FROM (by name or alias), functions with their signatures, words of the language.
import { clip, fetchJson } from "./base.js";
import { fold, tablesOf, typedAt } from "./adql.js";

/** What the node publishes; columns of a table are fetched when they are first needed. */
export class Schema {
  constructor() {
    this.words = { functions: [], words: [], formats: [], resolver: false };
    this.schemas = [];
    this.columns = new Map(); // of "schema.table" folded: promise of [{name, ...}]
    this.uploads = new Map(); // "tap_upload.name" to its columns
  }
  async load() {
    [this.words, { schemas: this.schemas }] = await Promise.all([fetchJson("/query/words.json"), fetchJson("/query/tables.json")]);
    return this;
  }
  tables() {
    return this.schemas.flatMap((schema) => schema.tables);
  }
  /** The published table that the name means, or null. */
  find(name) {
    const wanted = foldPath(name);
    return this.tables().find((table) => foldPath(table.name) === wanted)
      ?? (wanted.includes(".") ? null : only(this.tables().filter((table) => foldPath(table.name).split(".").pop() === wanted)));
  }
  columnsOf(name) {
    const key = foldPath(name);
    if (this.uploads.has(key)) return Promise.resolve(this.uploads.get(key));
    const table = this.find(name);
    if (!table) return Promise.resolve([]);
    if (!this.columns.has(table.name))
      this.columns.set(table.name, fetchJson(`/table/${encodeURIComponent(table.name)}.json`)
        .then((found) => found.columns ?? [])
        .catch(() => { this.columns.delete(table.name); return []; }));
    return this.columns.get(table.name);
  }
}

function only(list) {
  return list.length === 1 ? list[0] : null;
}

export function foldPath(name) {
  return (name.match(/"(?:[^"]|"")*"|[^."]+/g) ?? []).map(fold).join(".");
}

/** Options for what is typed: [{label, type, detail, info, apply, boost}] and where from. */
export async function optionsAt(schema, text, pos) {
  const typed = typedAt(text, pos);
  if (!typed) return null;
  const { path, word, from, clause } = typed;
  if (path.length) {
    const scope = await ofPath(schema, text, path);
    return scope.length ? { from, options: scope } : null;
  }
  if (!word) return null;
  const wantsTable = clause === "from" || clause === "join";
  const options = [
    ...(wantsTable ? [] : await ofScope(schema, text)),
    ...tableOptions(schema, wantsTable ? 2 : -1),
    ...(wantsTable ? [] : functionOptions(schema)),
    ...wordOptions(schema, word),
  ];
  return { from, options };
}

async function ofPath(schema, text, path) {
  const name = path.join(".");
  const used = tablesOf(text).find((t) => (t.alias && path.length === 1 && fold(t.alias) === fold(path[0]))
    || (t.name && (foldPath(t.name) === foldPath(name) || (path.length === 1 && foldPath(t.name).split(".").pop() === fold(path[0])))));
  const columns = used?.name ? await schema.columnsOf(used.name) : []; // none: "FROM k." is still being typed
  if (columns.length) return columns.map((column) => columnOption(column, 1));
  const inSchema = schema.schemas.find((s) => path.length === 1 && fold(s.name) === fold(path[0]));
  if (inSchema) return inSchema.tables.map((table) => tableOption(table, table.name.slice(inSchema.name.length + 1), 1));
  if (path.length === 1 && fold(path[0]) === "tap_upload")
    return [...schema.uploads.keys()].map((key) => ({ label: key.slice("tap_upload.".length), type: "class", detail: "uploaded" }));
  return (await schema.columnsOf(name)).map((column) => columnOption(column, 0));
}

async function ofScope(schema, text) {
  const used = tablesOf(text);
  const lists = await Promise.all(used.filter((t) => t.name).map((t) => schema.columnsOf(t.name)));
  const options = used.filter((t) => t.alias).map((t) => ({ label: t.alias, type: "variable", detail: t.name ?? "subquery", boost: 3 }));
  const seen = new Set();
  for (const column of lists.flat())
    if (!seen.has(column.adql_name ?? column.name)) {
      seen.add(column.adql_name ?? column.name);
      options.push(columnOption(column, 2));
    }
  return options;
}

function columnOption(column, boost) {
  return {
    label: column.adql_name ?? column.name,
    type: "property",
    detail: [clip(column.unit, 24), column.indexed ? "indexed" : ""].filter(Boolean).join(", "),
    info: clip([column.description, column.ucd_meaning].filter(Boolean).join(" \u2014 "), 400) || undefined,
    boost,
  };
}

function tableOption(table, label, boost) {
  return { label, type: "class", detail: table.rows >= 0 ? `${table.rows} rows` : "table", info: clip(table.title, 200) || undefined, boost };
}

function tableOptions(schema, boost) {
  return [
    ...schema.tables().map((table) => tableOption(table, table.name, boost)),
    ...[...schema.uploads.keys()].map((key) => ({ label: key.toUpperCase().startsWith("TAP_UPLOAD.") ? "TAP_UPLOAD." + key.slice(11) : key, type: "class", detail: "uploaded", boost })),
  ];
}

/** One option a name; all signatures of overloads in its description. */
export function functionOptions(schema) {
  const byName = new Map();
  for (const f of schema.words.functions) {
    const known = byName.get(f.name);
    if (known) known.info += `\n${f.signature}`;
    else byName.set(f.name, {
      label: f.name, type: "function", detail: f.signature.slice(f.name.length), info: `${f.signature}\n${f.description ?? ""}${f.example ? `\nExample: ${f.example}` : ""}`,
      apply: `${f.name}(`,
    });
  }
  return [...byName.values()];
}

function wordOptions(schema, word) {
  const lower = word === word.toLowerCase();
  return schema.words.words.map((w) => ({ label: lower ? w.toLowerCase() : w, type: "keyword", boost: -2 }));
}

/** The source of completions for the editor. */
export function completer(schema) {
  return async (context) => {
    const text = context.state.doc.toString();
    if (!context.explicit && !/[\w."]/.test(text[context.pos - 1] ?? "")) return null;
    const found = await optionsAt(schema, text, context.pos);
    return found && { ...found, validFor: /^[\w"]*$/ };
  };
}
