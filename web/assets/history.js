// history.js -- past queries, newest first, in this browser only.
import { el } from "./base.js";
import { read, write } from "./store.js";

const MOST = 200;

/** The list with one more: a query that is there already moves to the front. */
export function withEntry(list, entry) {
  return [entry, ...list.filter((old) => old.query.trim() !== entry.query.trim())].slice(0, MOST);
}

export function remember(entry) {
  return write("history", withEntry(read("history", []), { time: new Date().toISOString(), ...entry }));
}

/** choose(query) is called with what was clicked. */
export function historyPanel(choose) {
  const body = el("div", { class: "panel-body" });
  const show = () => {
    const list = read("history", []);
    body.replaceChildren(list.length
      ? el("ol", { class: "history" }, list.map((entry) => el("li", null,
        el("button", { type: "button", class: "plain entry", onclick: () => choose(entry.query) }, entry.query),
        el("span", { class: "soft" }, [when(entry.time), entry.mode, entry.rows >= 0 ? `${entry.rows} rows` : entry.error].filter(Boolean).join(" \u00b7 ")))))
      : el("p", { class: "soft" }, "Queries that you run are listed here, in this browser only."));
    if (list.length)
      body.append(el("button", { type: "button", class: "plain", onclick: () => { write("history", []); show(); } }, "Forget them all"));
  };
  return { body, show };
}

export function when(time) {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString().slice(0, 16).replace("T", " ");
}
