#!/usr/bin/env node
// The classroom page in a browser.
import { browserOrSkip, open, axe, noConsoleErrors, fitsItsWidth, screenshot, startNode, must, Report, PHONE } from "../support/browser.mjs";

const report = new Report();
const node = await startNode();
try {
  const browser = await browserOrSkip(report, "classroom in a browser");
  if (browser) {
    await classroom(browser);
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

async function classroom(browser) {
  for (const dark of [false, true])
    for (const width of [1280, PHONE.width])
      await report.run(`classroom ${dark ? "dark" : "light"} ${width}`, async () => {
        const page = await open(browser, `${node.url}/kascade?table=mc.showers`, { width, dark });
        await page.waitForSelector("#first-rows .rt-row");
        await axe(page);
        await fitsItsWidth(page);
        noConsoleErrors(page);
        await screenshot(page, `kascade-${dark ? "dark" : "light"}-${width}`, { whole: true });
        await page.context().close();
      });
  await report.run("a slider cuts all views at once, pies of predictions too", async () => {
    const page = await open(browser, `${node.url}/kascade?table=mc.showers`);
    await page.waitForSelector("#first-rows .rt-row");
    await page.locator("input[type=range]").first().fill("18");
    await page.waitForFunction(() => location.search.includes("ze_max=18"));
    await page.waitForFunction(() => document.querySelector(".pie:last-child figcaption").textContent.includes("ze <= 18"));
    const csv = await (await fetch(`${node.url}/tap/sync?${new URLSearchParams({ LANG: "ADQL", RESPONSEFORMAT: "csv",
      QUERY: "SELECT COUNT(*) FROM mc.showers WHERE ze <= 18" })}`)).text();
    const n = csv.trim().split("\n")[1];
    const captions = await page.locator("figcaption").allTextContents();
    must(captions.length === 7 && captions.every((text) => text.replace(/\u202f/g, "").startsWith(`${n} rows`)), captions.join(" | "));
    noConsoleErrors(page);
    await page.context().close();
  });
  await report.run("the classroom without scripts", async () => {
    const page = await open(browser, `${node.url}/kascade?table=mc.showers&ne_min=5`, { scripts: false });
    must(await page.locator("figure svg").count() === 7, "seven drawings");
    must(await page.locator("#first-rows tr").count() === 9, "eight rows");
    await page.context().close();
  });
}
