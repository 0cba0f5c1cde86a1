#!/usr/bin/env node
// The documentation in a browser: for everybody (axe-core), on a phone and at a desk, light and dark; light of weight.
import { browserOrSkip, open, axe, noConsoleErrors, fitsItsWidth, screenshot, settled, startNode, must, Report, PHONE, DESK } from "../support/browser.mjs";

const PAGES = ["/docs", "/docs/first-query", "/docs/tour", "/docs/adql-functions", "/docs/experiment/kascade", "/docs/operations", "/docs/products", "/docs/scale",
  "/docs/decisions/003-meaning"];
const report = new Report();
const browser = await browserOrSkip(report, "documentation in a browser");
if (browser) {
  const node = await startNode();
  try {
    await settled(node, PAGES);
    for (const path of PAGES) await look(node, path);
    await report.run("an example of a function leads to the workbench with its query", async () => {
      const page = await open(browser, `${node.url}/docs/adql-functions#CONTAINS`);
      const link = page.locator("#CONTAINS + dd a.do");
      must((await link.getAttribute("href")).includes("CONTAINS"), "the link holds the query");
      await page.context().close();
    });
  } finally {
    await browser.close();
    await node.close();
  }
}
report.done();

async function look(node, path) {
  const name = path.replaceAll("/", "-").slice(1);
  for (const [width, dark] of [[PHONE.width, false], [DESK.width, true]])
    await report.run(`${path} ${width} ${dark ? "dark" : "light"}`, async () => {
      const page = await open(browser, node.url + path, { width, dark });
      await fitsItsWidth(page);
      await axe(page);
      noConsoleErrors(page);
      const bytes = page.traffic.filter((t) => !t.url.endsWith(".png")).reduce((sum, t) => sum + t.bytes, 0);
      must(bytes < 100_000, `${bytes} bytes`);
      await screenshot(page, `${name}-${width}-${dark ? "dark" : "light"}`);
      await page.context().close();
    });
}
