// tree.js -- schemas, tables and columns beside the editor. A click puts the name at the
// cursor; columns are fetched when a table is opened.
import { base, clip, count, el } from "./base.js";

const MOST_FOUND = 100; // tables shown while somebody filters

export function tree(schema, insert) {
  const filter = el("input", { type: "search", placeholder: "Filter tables", "aria-label": "Filter tables", class: "tree-filter" });
  const list = el("div", { class: "tree" });
  const draw = () => {
    const wanted = filter.value.trim().toLowerCase();
    let room = MOST_FOUND;
    const nodes = [];
    for (const s of schema.schemas) {
      const node = room > 0 && schemaNode(schema, s, wanted, insert, room);
      if (!node) continue;
      nodes.push(node);
      if (wanted) room -= node.children.length - 1;
    }
    list.replaceChildren(...nodes);
    if (room <= 0) list.append(el("p", { class: "soft" }, `More tables have that in their names: the first ${MOST_FOUND} are shown.`));
    if (!list.children.length) list.append(el("p", { class: "soft" }, "No table has that in its name."));
  };
  filter.addEventListener("input", draw);
  draw();
  return el("div", null, filter, list);
}

function schemaNode(schema, s, wanted, insert, room) {
  const all = s.tables.filter((t) => !wanted || t.name.toLowerCase().includes(wanted) || (t.title ?? "").toLowerCase().includes(wanted));
  if (wanted ? !all.length : !s.tables) return null;
  const tables = wanted ? all.slice(0, room) : all;
  const node = el("details", { open: wanted.length > 0 }, el("summary", null, el("code", null, s.name), " ", el("bdi", { class: "soft" }, clip(s.title, 80))));
  const fill = () => node.children.length > 1 || node.append(...(tables.length ? tables.map((t) => tableNode(schema, t, insert)) : [el("p", { class: "soft" }, "No tables yet.")]));
  node.addEventListener("toggle", fill);
  if (wanted) fill();
  return node;
}

function tableNode(schema, table, insert) {
  const columns = el("div", { class: "columns" }, el("p", { class: "soft" }, "\u2026"));
  const node = el("details", { class: "table" },
    el("summary", null, el("code", null, table.name), " ", el("span", { class: "soft" }, table.rows >= 0 ? `${count(table.rows)} rows` : "")),
    el("p", null,
      el("button", { type: "button", class: "plain small", onclick: () => insert(table.name) }, "Put at the cursor"), " ",
      el("a", { href: `${base}/table/${encodeURIComponent(table.name)}` }, "About it"), " ",
      el("a", { href: `${base}/query?QUERY=${encodeURIComponent(`SELECT TOP 20 *\nFROM ${table.name}`)}` }, "First rows")),
    columns);
  node.addEventListener("toggle", async () => {
    if (!node.open) return;
    const found = await schema.columnsOf(table.name);
    columns.replaceChildren(...found.map((column) => el("button", {
      type: "button", class: "plain column", title: clip([column.description, column.ucd_meaning].filter(Boolean).join(" \u2014 "), 400),
      onclick: () => insert(column.adql_name ?? column.name),
    }, el("code", { class: column.indexed ? "indexed" : null }, column.adql_name ?? column.name), el("span", { class: "soft" }, ` ${column.unit ?? ""}`))));
    if (!found.length) columns.replaceChildren(el("p", { class: "bad" }, "Its columns could not be fetched; close and open it to try again."));
  });
  return node;
}

/** The name as it goes in at the cursor: with a comma after another name of a list, and
 *  blanks where there are none. */
export function inserted(before, after, name) {
  const blankBefore = /[\w")]$/.test(before) ? (/\b(select|from|where|and|or|by|on|join|as|in|not|top\s+\d+|distinct|having|then|when|else|between|like)$/i.test(before) ? " " : ", ") : "";
  const blankAfter = /^[\w"]/.test(after) ? " " : "";
  return blankBefore + name + blankAfter;
}
