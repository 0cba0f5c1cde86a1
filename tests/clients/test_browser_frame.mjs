#!/usr/bin/env node
// The frame of all pages, the assets, the policy of scripts: in a browser, and by hand.
import { browserOrSkip, open, axe, looks, noConsoleErrors, fitsItsWidth, screenshot, startNode, must, Report, PHONE } from "../support/browser.mjs";

const report = new Report();
const node = await startNode();
try {
  await byHand();
  const browser = await browserOrSkip(report, "frame in a browser");
  if (browser) {
    await inBrowser(browser);
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

async function byHand() {
  const get = (path, headers) => fetch(node.url + path, { headers });
  const front = await (await get("/")).text();
  const versioned = front.match(/\/assets\/@([0-9a-f]+)\//)?.[1] ?? "";
  await report.run("an asset has an ETag, and is asked for again", async () => {
    const first = await get("/assets/base.js");
    must(first.ok && first.headers.get("Cache-Control") === "no-cache", "no-cache without a version");
    must(first.headers.get("Content-Type").startsWith("text/javascript"), first.headers.get("Content-Type"));
    const again = await get("/assets/base.js", { "If-None-Match": first.headers.get("ETag") });
    must(again.status === 304, `status ${again.status}`);
  });
  await report.run("an asset under its version is kept for a year; under another it is not", async () => {
    const version = versioned || "0";
    const old = await get("/assets/@000000000000/base.js");
    must(old.ok && old.headers.get("Cache-Control") === "no-cache", "an old page still gets its scripts");
    if (versioned) must((await get(`/assets/@${version}/base.js`)).headers.get("Cache-Control").includes("immutable"), "immutable");
  });
  for (const path of ["/assets/../../etc/passwd", "/assets/..%2f..%2fMakefile", "/assets/@/", "/assets/", "/assets/vendor", "/assets/.stamp", "/assets/base.js/x"])
    await report.run(`no such asset: ${path}`, async () => must([400, 404].includes((await get(path)).status), "refused"));
  for (const path of ["/", "/tap", "/nowhere", "/tap/sync?LANG=ADQL&RESPONSEFORMAT=html&QUERY=SELECT+1+AS+a+FROM+tap_schema.schemas"])
    await report.run(`strict policy: ${path}`, async () => {
      const policy = (await get(path, { Accept: "text/html,application/xhtml+xml" })).headers.get("Content-Security-Policy") ?? "";
      must(policy.includes("default-src 'none'") && !policy.includes("unsafe") && policy.includes("sha256-"), policy);
    });
}

async function inBrowser(browser) {
  for (const dark of [false, true])
    for (const width of [1280, PHONE.width])
      await report.run(`frame ${dark ? "dark" : "light"} ${width}`, async () => {
        const page = await open(browser, `${node.url}/nowhere`, { width, dark });
        await axe(page);
        await looks(page, "frame");
        await fitsItsWidth(page);
        noConsoleErrors(page, /404/);
        await screenshot(page, `frame-${width}-${dark ? "dark" : "light"}`);
        await page.context().close();
      });
  await report.run("the first Tab leads to a link past the navigation", async () => {
    const page = await open(browser, `${node.url}/tap`);
    await page.keyboard.press("Tab");
    must((await page.evaluate(() => document.activeElement.getAttribute("href"))) === "#main", "skip link first");
    must(await page.locator("nav a", { hasText: "Query" }).isVisible(), "navigation");
    noConsoleErrors(page);
  });
}
