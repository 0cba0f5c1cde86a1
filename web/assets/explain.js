// explain.js -- what a query will cost, in words, and its plan drawn as a tree.
import { ask, count, el } from "./base.js";
import { requestBody } from "./run.js";

/** "About 1 000 of 1 000 000 rows ..." of the node's estimate. */
export function estimateWords(estimate) {
  if (!estimate) return "";
  const rows = (n) => `${count(rounded(n))} row${n === 1 ? "" : "s"}`;
  const looks = `Looks at about ${rows(estimate.rows_read)} in store ${estimate.store}, gives at most about ${rows(estimate.rows_out)}`;
  return estimate.mode === "sync" ? `${looks}: a short query.` : `${looks}: a long query, better run as a job.`;
}

/** Two figures are enough of a guess. */
export function rounded(n) {
  if (n < 100) return Math.round(n);
  const step = 10 ** (Math.floor(Math.log10(n)) - 1);
  return Math.round(n / step) * step;
}

/** The tree {what, detail, rows, children} as nested lists. */
export function planTree(step) {
  const most = Math.max(1, ...allRows(step));
  const node = (s) => el("li", null,
    el("div", { class: "step" },
      el("strong", null, s.what),
      s.rows >= 0 ? el("span", { class: "step-rows" }, `about ${count(rounded(s.rows))} rows`, bar(s.rows / most)) : null,
      s.detail ? el("span", { class: "soft" }, s.detail) : null),
    s.children?.length ? el("ul", null, s.children.map(node)) : null);
  return el("ul", { class: "plan" }, node(step));
}

function allRows(step) {
  return [step.rows ?? 0, ...(step.children ?? []).flatMap(allRows)];
}

/** Its length is the logarithm's share: a thousandth is still to be seen. */
function bar(share) {
  const width = Math.max(0.02, 1 + Math.log10(Math.max(share, 1e-6)) / 6);
  const meter = el("span", { class: "bar-line", "aria-hidden": "true" });
  meter.style.width = `${Math.round(width * 100)}px`;
  return meter;
}

/** The panel asks when it is opened, and again on its button. describe(): the query. */
export function explainPanel(describe) {
  const body = el("div", { class: "panel-body" });
  const show = async () => {
    const { query, maxrec, uploads } = describe();
    body.replaceChildren(el("p", { class: "soft" }, "Asking the node\u2026"));
    try {
      const fields = { LANG: "ADQL", QUERY: query, RESPONSEFORMAT: "json", ...(maxrec ? { MAXREC: String(maxrec) } : {}) };
      const plan = await (await ask("/tap/explain", { method: "POST", body: requestBody(fields, uploads) })).json();
      body.replaceChildren(
        el("p", null, estimateWords(plan.estimate)),
        planTree(plan.steps),
        details("What the store is told", plan.statement),
        plan.store_plan ? details("The store's own plan", plan.store_plan) : "",
        details("The query as the node understood it", plan.text),
        el("button", { type: "button", class: "plain", onclick: show }, "Explain again"));
    } catch (error) {
      body.replaceChildren(el("p", { class: "bad" }, error.message));
    }
  };
  return { body, show };
}

function details(title, text) {
  return el("details", null, el("summary", null, title), el("pre", { tabindex: "0", class: "scroll" }, text));
}
