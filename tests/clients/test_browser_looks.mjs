#!/usr/bin/env node
// What the pages look like, each at phone and desk, light and dark, against its description.
import { browserOrSkip, Report, settled, startNode } from "../support/browser.mjs";
import { sweep } from "../support/looks.mjs";

const plot = (what) => [`plot`, `/plot?table=kascade.events&${what}`, (page) => page.locator(".plot-place svg.plot-live").waitFor()];
const VIEWS = [
  ["front", "/"],
  ["schema", "/schema/kascade"],
  ["table", "/table/kascade.events"],
  ["column", "/table/kascade.events/e"],
  ["search", "/search?q=zenith"],
  ["docs", "/docs"],
  ["docs-page", "/docs/adql-functions"],
  ["classroom", "/kascade", (page) => page.locator("#first-rows .rt-row").first().waitFor()],
  plot("kind=histogram&x=e"),
  plot("kind=histogram2d&x=ne&y=nmu"),
  ["plot", "/plot?table=sources.catalogue&kind=sky", (page) => page.locator(".plot-sky").waitFor()],
  ["jobs-empty", "/jobs", (page) => page.locator("#jobs a").waitFor()],
  ["error", "/nothing/here", null, /status of 404/],
  ["result", `/tap/sync?${new URLSearchParams({ LANG: "ADQL", RESPONSEFORMAT: "html", QUERY: "SELECT TOP 20 uuid, ra, dec, e FROM kascade.events" })}`],
];
const report = new Report();
const browser = await browserOrSkip(report, "what pages look like");
if (browser) {
  const node = await startNode();
  try {
    await settled(node, VIEWS.slice(0, 8).map(([, path]) => path));
    await sweep(report, browser, node, VIEWS);
  } finally {
    await browser.close();
    await node.close();
  }
}
report.done();
