#!/usr/bin/env node
// The workbench of a node that lacks the bundles of npm packages: a plain text field with the
// same help. And positions by name, with a resolver of our own.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { axe, browserOrSkip, demoConf, fitsItsWidth, must, noConsoleErrors, open, PHONE, Report, root, screenshot, startNode } from "../support/browser.mjs";
import { text, until } from "../support/workbench.mjs";

const report = new Report();
const browser = await browserOrSkip(report, "a node without bundles");
if (browser) {
  const folder = mkdtempSync(path.join(tmpdir(), "colure-plain-"));
  try {
    await withoutBundles(folder);
    await withResolver(folder);
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
report.done();

async function withoutBundles(folder) {
  const web = path.join(folder, "web");
  cpSync(path.join(root, "build/web"), web, { recursive: true, filter: (from) => !from.includes("/vendor") });
  const node = await startNode(demoConf(), { env: { COLURE_WEB: web } });
  try {
    for (const { width } of [{ width: 1280 }, PHONE])
      await report.run(`without bundles the text field is an editor all the same ${width}`, async () => {
        const page = await open(browser, `${node.url}/query?QUERY=${encodeURIComponent("SELECT enrgy FROM kascade.events")}`, { width });
        await page.waitForSelector("html[data-ready]");
        await until(page, "main", "This node lacks something");
        await until(page, "#estimate", "did you mean `energy`");
        await page.fill("#adql", "select e from kascade.events where e>15.5");
        await page.click("#do-format");
        await page.waitForFunction(() => document.getElementById("adql").value.includes("\nWHERE e > 15.5"));
        await page.click("#adql");
        await page.keyboard.press("Control+z");
        must((await text(page)) === "select e from kascade.events where e>15.5", `undo: ${await text(page)}`);
        await until(page, "#estimate", "Looks at");
        await page.selectOption("#mode", "sync");
        await page.fill("input[name=MAXREC]", "3");
        await page.click("#run");
        await until(page, "#status", "3 rows in");
        await until(page, "#notice", "Not all rows");
        must((await page.locator("#rows tbody tr").count()) === 3, "three rows in the plain table");
        await axe(page);
        await fitsItsWidth(page);
        await screenshot(page, `workbench-plain-${width}`);
        noConsoleErrors(page);
        await page.context().close();
      });
  } finally {
    await node.close();
  }
}

/** As CDS Sesame answers. */
function sesame() {
  return new Promise((resolve) => {
    const server = createServer((request, response) => {
      server.asked.push(decodeURIComponent(request.url.split("?")[1] ?? ""));
      response.end(/Crab/.test(server.asked.at(-1)) ? "%J 083.63308300 +22.01450000 = 05 34 31.9\n" : "#! nothing found\n");
    });
    server.asked = [];
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

async function withResolver(folder) {
  const resolver = await sesame();
  const conf = path.join(folder, "demo.yaml");
  writeFileSync(conf, readFileSync(demoConf(), "utf8")
    .replace(/resolver: \S+/, `resolver: "http://127.0.0.1:${resolver.address().port}/?"`)
    .replaceAll("../build", path.join(root, "build")).replaceAll("{file: ", `{file: ${root}/conf/`)
    .replace(/instruments: .*/, `instruments: ${root}/conf/instruments`));
  const node = await startNode(conf);
  try {
    await report.run("a cone around an object's name; typing a name asks nobody", async () => {
      const page = await open(browser, `${node.url}/query?QUERY=${encodeURIComponent("SELECT TOP 5 * FROM kascade.events")}`);
      await page.waitForSelector("html[data-ready]");
      await page.click("#do-position");
      await page.fill("#cone-place", "Crab nebula");
      await page.click("#panel button");
      const wanted = "\nWHERE DISTANCE(ra, dec, 83.633083, 22.0145) < 5";
      await page.waitForFunction((end) => document.getElementById("adql").value.endsWith(end), wanted).catch(() => {});
      const said = await page.locator("#panel [role=status]").textContent();
      must((await text(page)).endsWith(wanted), `${await text(page)} | ${said}`);
      await page.fill("#cone-place", "Nowhere");
      await page.click("#panel button");
      await until(page, "#panel .bad", "nobody knows");
      const before = resolver.asked.length;
      must(before === 2, resolver.asked.join());
      await page.fill(".tree-filter", "x");
      await page.click(".cm-content");
      await page.keyboard.press("Control+End");
      await page.keyboard.type(" AND DISTANCE(POINT(ra, dec), ivo_simbadpoint('Vela')) < 1");
      await until(page, "#estimate", "Looks at");
      await page.waitForTimeout(800);
      must(resolver.asked.length === before, resolver.asked.join());
      noConsoleErrors(page, /status of 400/);
      await page.context().close();
    });
  } finally {
    await node.close();
    resolver.close();
  }
}
