// table.mjs -- a page of the node with the answer of a query in a table of its own, for tests.
import { open } from "./browser.mjs";

/** A page of the node with a result in a table of its own. */
export async function withTable(browser, node, query, options = {}) {
  const page = await open(browser, `${node.url}/nowhere`, options);
  page.errors.length = 0; // the page that is not there says 404
  await page.evaluate(async (text) => {
    const { ResultTable } = await import("/assets/table.js");
    const place = document.createElement("div");
    document.getElementById("main").append(place);
    globalThis.table = new ResultTable(place, { name: "Showers", onRow: (row, values) => { globalThis.chosen = { row, values }; } });
    const parameters = new URLSearchParams({ LANG: "ADQL", RESPONSEFORMAT: "arrow", MAXREC: "1000000", QUERY: text });
    await globalThis.table.load(await fetch(`/tap/sync?${parameters}`));
  }, query);
  return page;
}
