#!/usr/bin/env node
// The sky in a browser: the node's own cells, Aladin Lite without anybody else.
import { browserOrSkip, open, axe, noConsoleErrors, fitsItsWidth, screenshot, startNode, must, Report, PHONE } from "../support/browser.mjs";

const report = new Report();
const node = await startNode();
try {
  const browser = await browserOrSkip(report, "sky in a browser");
  if (browser) {
    await sky(browser);
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

async function sky(browser) {
  for (const [dark, width] of [[false, 1280], [true, PHONE.width]])
    await report.run(`sky ${dark ? "dark" : "light"} ${width}`, async () => {
      const page = await open(browser, `${node.url}/plot?table=sources.catalogue&kind=sky`, { width, dark });
      await page.waitForSelector(".plot-sky");
      await axe(page);
      await fitsItsWidth(page);
      noConsoleErrors(page);
      await screenshot(page, `sky-${dark ? "dark" : "light"}-${width}`, { whole: true });
      await page.context().close();
    });
  await report.run("the browser's HEALPix cells are the node's", async () => {
    const page = await open(browser, `${node.url}/plot?table=sources.catalogue&kind=sky&order=4`);
    const csv = await (await fetch(`${node.url}/tap/sync?${new URLSearchParams({ LANG: "ADQL", RESPONSEFORMAT: "csv",
      QUERY: "SELECT TOP 3000 ra, dec, ivo_healpix_index(5, ra, dec) AS c FROM sources.catalogue" })}`)).text();
    const rows = csv.trim().split("\n").slice(1).map((line) => line.split(",").map(Number));
    const wrong = await page.evaluate(async (all) => {
      const { cellOf, aitoff, unAitoff } = await import("/assets/healpix.js");
      return all.filter(([ra, dec, c]) => {
        const back = unAitoff(...aitoff(ra, dec));
        return cellOf(5, ra, dec) !== c || Math.abs(back[1] - dec) > 1e-6 || Math.abs(back[0] - ra) > 1e-6;
      }).length;
    }, rows);
    must(rows.length > 100 && wrong === 0, `${wrong} of ${rows.length}`);
    await page.context().close();
  });
  await report.run("Aladin Lite opens from the node, and nothing leaves the page", async () => {
    const page = await open(browser, `${node.url}/plot?table=sources.catalogue&kind=sky`);
    await page.waitForSelector(".plot-sky");
    await page.click("text=Open in Aladin Lite");
    await page.waitForSelector(".aladin-place canvas, #toasts .bad", { state: "attached" });
    await page.waitForTimeout(1500);
    const elsewhere = page.errors.filter((text) => text.startsWith("a request to somebody else"));
    must(elsewhere.length === 0, elsewhere.join(" | "));
    await screenshot(page, "sky-aladin", { whole: true });
    await page.context().close();
  });
}
