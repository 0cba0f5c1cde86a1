#!/usr/bin/env node
// The query workbench in a browser: how it looks, writing with help, running; phone and desk,
// light and dark, with and without scripts.
import { axe, DESK, fitsItsWidth, looks, must, open, PHONE, screenshot } from "../support/browser.mjs";
import { EDITOR, text, until, withWorkbench, write } from "../support/workbench.mjs";

await withWorkbench("query workbench", async (bench) => {
  await seen(bench);
  await writing(bench);
  await running(bench);
});

async function seen(bench) {
  for (const dark of [false, true])
    for (const { width } of [DESK, PHONE]) {
      const name = `${width}-${dark ? "dark" : "light"}`;
      await bench.flow(`workbench looks right and is open to all ${name}`, async (page) => {
        await until(page, "#estimate", "Looks at");
        await looks(page, "workbench");
        await screenshot(page, `workbench-${name}`);
        await fitsItsWidth(page);
        await page.click("#run");
        await until(page, "#status", "rows in");
        await page.click("#do-explain");
        await until(page, ".plan", "Reads kascade.events");
        await screenshot(page, `workbench-plan-${name}`, { whole: true });
        await axe(page);
        await fitsItsWidth(page);
      }, { width, dark });
    }
  await bench.flow("the first page of the workbench is small", async (page) => {
    await page.waitForTimeout(300);
    const own = page.traffic.filter((t) => !t.url.includes("/vendor/"));
    const sum = (list) => list.reduce((n, t) => n + t.bytes, 0);
    must(sum(own) < 120000, `${sum(own)} bytes beside the editor's bundle`);
    must(sum(page.traffic) < 280000, `${sum(page.traffic)} bytes in all`);
    must(page.traffic.length <= 32, `${page.traffic.length} requests`);
  });
  await bench.report.run("without scripts it is a form that works", async () => {
    const page = await open(bench.browser, `${bench.node.url}/query?QUERY=${encodeURIComponent("SELECT TOP 3 uuid FROM kascade.events")}`, { scripts: false });
    await page.click("#run");
    await page.waitForURL(/\/tap\/sync/);
    must((await page.locator("table.result tbody tr").count()) === 3, "three rows");
    await page.context().close();
  });
}

async function writing(bench) {
  await bench.flow("an error is underlined while one types, in the parser's words, and its proposal is one click", async (page) => {
    await page.locator(".cm-lintRange-error").waitFor();
    must((await page.locator(".cm-lintRange-error").textContent()) === "enrgy", "the word is marked");
    must((await page.locator("#estimate").textContent()).includes("did you mean `energy`"), "words below");
    await page.hover(".cm-lintRange-error");
    await page.click(".cm-diagnosticAction");
    must((await text(page)) === "SELECT TOP 5 energy FROM kascade.events", await text(page));
    await page.keyboard.press("Control+z");
    must((await text(page)).includes("enrgy"), "undo takes it back");
    await screenshot(page, "workbench-error");
  }, { query: "SELECT TOP 5 enrgy FROM kascade.events" });
  await bench.flow("a reserved word as a name is flagged, with quotes proposed", async (page) => {
    await page.locator(".cm-lintRange-error").waitFor();
    must((await page.locator(".cm-lintRange-error").textContent()) === "date", "date is marked");
    await page.hover(".cm-lintRange-error");
    await page.click(".cm-diagnosticAction");
    must((await text(page)).includes('SELECT "date"'), await text(page));
  }, { query: "SELECT date FROM kascade.events" });
  await bench.flow("completion knows columns by alias, tables, functions with signatures", async (page) => {
    await write(page, "SELECT e. FROM kascade.events AS e");
    for (let i = 0; i < " FROM kascade.events AS e".length; i++) await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("en");
    await until(page, ".cm-tooltip-autocomplete li", "energy");
    await screenshot(page, "workbench-completion");
    await page.keyboard.press("Enter");
    must((await text(page)).startsWith("SELECT e.energy FROM"), await text(page));
    await page.keyboard.type(", SQR");
    await until(page, ".cm-tooltip-autocomplete li", "(x DOUBLE) -> DOUBLE");
    await page.keyboard.press("Escape");
    await write(page, "SELECT * FROM ");
    await page.keyboard.type("kas");
    await until(page, ".cm-tooltip-autocomplete li", "kascade.events");
  });
  await bench.flow("a query is laid out, comments kept, and undo brings it back", async (page) => {
    const before = "select ra,dec -- where\nfrom kascade.events where e>17 and ze<20";
    await write(page, before);
    await page.click("#do-format");
    await page.waitForFunction(() => document.getElementById("adql").value.startsWith("SELECT ra, dec -- where\nFROM kascade.events\nWHERE e > 17\n  AND ze < 20"));
    await page.click(EDITOR);
    await page.keyboard.press("Control+z");
    must((await text(page)) === before, await text(page));
    await write(page, "SELECT FROM");
    await page.click("#do-format");
    await until(page, ".toast", "Not laid out");
    must((await text(page)) === "SELECT FROM", "a query that does not parse stays as it is");
  });
  await bench.flow("a click puts a name at the cursor and changes nothing else", async (page) => {
    await write(page, "SELECT  FROM kascade.events");
    for (let i = 0; i < " FROM kascade.events".length; i++) await page.keyboard.press("ArrowLeft");
    await page.locator("#side summary", { hasText: /^kascade/ }).first().click();
    await page.locator("#side details.table summary", { hasText: "kascade.events" }).click();
    await page.locator("button.column", { hasText: /^energy/ }).click();
    must((await text(page)) === "SELECT energy FROM kascade.events", await text(page));
    await page.locator("button.column", { hasText: /^ze/ }).click();
    must((await text(page)) === "SELECT energy, ze FROM kascade.events", await text(page));
    await page.fill(".tree-filter", "alert");
    must((await page.locator("#side summary", { hasText: /^kascade/ }).count()) === 0, "the filter leaves others out");
  });
  await bench.flow("a cone by coordinates goes in at the cursor", async (page) => {
    await write(page, "SELECT TOP 5 * FROM kascade.events AS k");
    await page.click("#do-position");
    await page.fill("#cone-place", "05:34:31.94 +22:00:52.2");
    await page.fill("#cone-radius", "3");
    await page.click("#panel button");
    await page.waitForFunction(() => document.getElementById("adql").value.endsWith("\nWHERE DISTANCE(k.ra, k.dec, 83.6330833, 22.0145) < 3"));
    await page.fill("#cone-place", "400 100");
    await page.click("#panel button");
    await until(page, "#panel .bad", "no such position");
    await until(page, "#estimate", "Looks at");
  });
  await bench.flow("a large table without TOP or WHERE is warned of", async (page) => {
    await until(page, "#warnings", "without TOP and without WHERE");
    await write(page, "SELECT TOP 5 * FROM kascade.events");
    await page.locator("#warnings .warning").waitFor({ state: "detached" });
  }, { query: "SELECT * FROM kascade.events" });
}

async function running(bench) {
  await bench.flow("rows, and the limit said plainly", async (page) => {
    await page.fill("input[name=MAXREC]", "7");
    await page.selectOption("#mode", "sync");
    await page.keyboard.press("Tab");
    await page.click(EDITOR);
    await page.keyboard.press("Control+Enter");
    await until(page, "#status", "7 rows in");
    await until(page, "#notice", "Not all rows");
    must((await page.locator("#result-tools").textContent()).includes("Download"), "downloads");
  }, { query: "SELECT uuid, e FROM kascade.events" });
  await bench.flow("an error of the run shows the line and a caret", async (page) => {
    await page.click("#run");
    await until(page, "#notice pre.error", "no column");
    must(/\n {7}\^/.test(await page.locator("#notice pre.error").textContent()), "caret under the column");
  }, { query: "SELECT nonsense FROM kascade.events", allowed: /status of 400/ });
  await bench.flow("a long query is a job by the estimate, with progress and its rows", async (page) => {
    await until(page, "#estimate", "better run as a job");
    await page.click("#run");
    await until(page, "#notice", "your jobs");
    await until(page, "#status", /rows? in/);
    await page.click("#do-history");
    await until(page, ".history", "async");
  }, { query: "SELECT COUNT(*) AS n FROM kascade.events AS a JOIN grande.events AS b ON a.uuid = b.uuid" });
  await bench.flow("a running query is stopped", async (page) => {
    await page.selectOption("#mode", "async");
    await page.click("#run");
    await until(page, "#status", /job (runs|waits)/);
    await page.click("#stop");
    await until(page, "#notice", /[Ss]topped|abort/);
    await page.selectOption("#mode", "sync");
    await page.click("#run");
    await page.waitForTimeout(300);
    await page.click("#stop");
    await until(page, "#status", "Stopped");
  }, { query: "SELECT COUNT(*) AS n FROM kascade.events AS a, kascade.events AS b WHERE a.ze * b.ze > 100 AND a.e < b.e * 1.5" });
}
