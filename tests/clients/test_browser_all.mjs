#!/usr/bin/env node
// Every kind of page of the node in one sweep: for everybody (axe-core, WCAG 2 A and AA), with the keyboard alone, on a
// phone, in the dark, without an error in the console, without a request to others, light of weight, and under a policy.
import { axe, browserOrSkip, fitsItsWidth, noConsoleErrors, open, screenshot, settled, startNode, must, Report, DESK, PHONE } from "../support/browser.mjs";

const QUERY = "SELECT TOP 30 * FROM kascade.events";
const ask = (query, format = "html") => `/tap/sync?${new URLSearchParams({ LANG: "ADQL", QUERY: query, RESPONSEFORMAT: format })}`;
const FIRST = 100_000; // bytes of a page that is only looked at, with all that it loads
const TOOL = 500_000; // of one with an editor or plots
const PAGES = [
  ["front", "/", FIRST],
  ["search", "/search?q=energy", FIRST],
  ["search-nothing", "/search?q=qwertz", FIRST],
  ["schema", "/schema/kascade", FIRST],
  ["table", "/table/kascade.events", 2 * FIRST],
  ["table-obscore", "/table/ivoa.obscore", 2 * FIRST],
  ["column", "/table/kascade.events/energy", FIRST],
  ["workbench", `/query?QUERY=${encodeURIComponent(QUERY)}`, TOOL],
  ["jobs", "/jobs", TOOL],
  ["plot-empty", "/plot", TOOL],
  ["plot", "/plot?table=kascade.events", TOOL],
  ["classroom", "/kascade", TOOL],
  ["docs", "/docs", FIRST],
  ["docs-tour", "/docs/tour", 3 * FIRST],
  ["docs-functions", "/docs/adql-functions", FIRST],
  ["docs-experiment", "/docs/experiment/kascade", FIRST],
  ["result", ask(QUERY), FIRST],
  ["result-empty", ask("SELECT * FROM kascade.events WHERE e > 99"), FIRST],
  ["examples", "/tap/examples", FIRST],
  ["uws-jobs", "/tap/async", FIRST],
  ["error-404", "/nothing/here", FIRST],
  ["error-query", ask("SELECT nothing FROM kascade.events"), FIRST],
];
const report = new Report();
const browser = await browserOrSkip(report, "all pages in a browser");
if (browser) {
  const node = await startNode();
  try {
    await settled(node, PAGES.filter(([name]) => !/^(result|error|examples|uws)/.test(name)).map(([, path]) => path));
    await fetch(`${node.url}/tap/async`, { method: "POST", body: new URLSearchParams({ LANG: "ADQL", QUERY, PHASE: "RUN" }) });
    const todo = [...PAGES]; // a page waits more than it works: three at a time
    const work = async () => {
      for (let page; (page = todo.shift()); ) await look(node, ...page);
    };
    await Promise.all([work(), work(), work()]);
    for (const page of PAGES) await report.run(`${page[0]}: readable without scripts`, () => plain(node, page[1]));
  } finally {
    await browser.close();
    await node.close();
  }
}
report.done();

function mayFail(path) {
  return /nothing/.test(path) ? /status of 4\d\d/ : /^$/;
}

async function look(node, name, path, most) {
  for (const [size, dark] of [[PHONE, true], [DESK, false]])
    await report.run(`${name}: ${size.width} px, ${dark ? "dark" : "light"}`, async () => {
      const page = await open(browser, node.url + path, { ...size, dark });
      await page.waitForLoadState("networkidle");
      await screenshot(page, `all-${name}-${size.width}-${dark ? "dark" : "light"}`);
      const problems = [];
      const note = async (what) => {
        try {
          await what();
        } catch (error) {
          problems.push(error.message);
        }
      };
      await note(() => fitsItsWidth(page));
      await note(() => axe(page));
      await note(() => noConsoleErrors(page, mayFail(path)));
      const parts = new Map(); // after a start a page asks again for drawings that were not made yet: each address once
      for (const t of page.traffic) parts.set(t.url, Math.max(t.bytes, parts.get(t.url) ?? 0));
      const bytes = [...parts.values()].reduce((sum, one) => sum + one, 0);
      await note(() => must(bytes < most, `${bytes} bytes in ${page.traffic.length} answers`));
      await note(async () => must((await page.locator("h1").count()) === 1, "one heading of the first rank"));
      if (size === DESK) await note(() => walk(page));
      await page.context().close();
      must(!problems.length, problems.join(" | "));
    });
}

/** Tab goes forward through what can be used, each stop is seen, and nothing holds it for ever. */
async function walk(page) {
  await page.evaluate(() => document.activeElement?.blur());
  const stops = new Map();
  let skipped = false;
  for (let i = 0; i < 40; i++) {
    await page.keyboard.press("Tab");
    const stop = await page.evaluate(() => {
      const at = document.activeElement;
      if (!at || at === document.body) return null;
      at.dataset.stop ??= String(globalThis.stops = (globalThis.stops ?? 0) + 1);
      const box = at.getBoundingClientRect();
      const style = getComputedStyle(at);
      const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      return { id: at.dataset.stop, href: at.getAttribute("href"), what: at.outerHTML.slice(0, 100), seen: box.width > 0 && box.height > 0,
        ring: ring || style.boxShadow !== "none" || at.closest(".cm-editor") !== null, inside: at.closest(".cm-editor") !== null };
    });
    if (!stop) break;
    skipped ||= stop.href === "#main";
    must(stop.seen, `a stop that is not seen: ${stop.what}`);
    must(stop.ring, `no mark at the stop: ${stop.what}`);
    const times = (stops.get(stop.id) ?? 0) + 1;
    stops.set(stop.id, times);
    if (stop.inside) await page.keyboard.press("Escape"); // an editor keeps Tab until Escape
    else must(times < 3, `held at ${stop.what}`);
  }
  if (await page.locator("header nav").count()) must(skipped && stops.size >= 8, `the first stop leads to the content; ${stops.size} stops`);
}

/** All there is to read is there without scripts, and nothing asks for them by a script in the page. */
async function plain(node, path) {
  const answer = await fetch(node.url + path, { headers: { Accept: "text/html,application/xhtml+xml" } });
  const text = await answer.text();
  const main = text.match(/<main[^>]*>([\s\S]*)<\/main>/)?.[1] ?? "";
  must(main.replace(/<[^>]*>/g, " ").trim().length > 20, "something to read");
  const policy = answer.headers.get("Content-Security-Policy") ?? "";
  must(policy.includes("default-src 'none'") && !/script-src[^;]*'unsafe-inline'/.test(policy), `policy: ${policy}`);
  must(!/<script(?![^>]*(src=|type="application\/(ld\+)?json"))/.test(text) && !/\son\w+="/.test(text), "a script in the page");
}
