#!/usr/bin/env node
// What goes on from a query in a browser: plots, SAMP, jobs, uploads, code, links; and what
// may go wrong: reloads, two tabs, a full storage, a node that restarts, markup in values.
import { readFileSync } from "node:fs";
import { axe, fitsItsWidth, looks, must, noConsoleErrors, open, PHONE, screenshot } from "../support/browser.mjs";
import { text, until, withWorkbench, write } from "../support/workbench.mjs";

await withWorkbench("jobs and more", async (bench) => {
  await onwards(bench);
  await jobs(bench);
  await around(bench);
  await adversity(bench);
});

async function onwards(bench) {
  await bench.flow("from the answer to a plot of it", async (page) => {
    await page.click("#run");
    await until(page, "#status", "rows in");
    await page.click("#plot");
    await page.waitForURL(/\/plot\?/);
    await page.locator("figure svg").first().waitFor();
    must(page.url().includes("x=energy"), page.url());
  }, { query: "SELECT TOP 100 uuid, r, energy FROM kascade.events" });
  await bench.flow("a row of the answer is chosen by keyboard, and the table is sent by SAMP when a hub is there", async (page) => {
    await page.click("#run");
    await until(page, "#status", "rows in");
    await page.click("#send");
    await until(page, "#result-tools [role=status]", /hub|SAMP/);
  }, { query: "SELECT TOP 10 uuid FROM kascade.events", allowed: /21012|ERR_CONNECTION|Failed to load|somebody else/ });
}

async function jobs(bench) {
  await bench.flow("the first rows of a job are seen while it runs, and said to be no more than that", async (page) => {
    await page.fill("input[name=MAXREC]", "100000000");
    await page.selectOption("#mode", "async");
    await page.click("#run");
    await until(page, "#first-rows", /still runs/);
    const rows = await page.locator("#rows tbody tr").count();
    must(rows > 0 && rows <= 100, `${rows} rows`);
    must(/job runs/.test(await page.locator("#status").textContent()), "it runs still");
    await axe(page);
    await fitsItsWidth(page);
    await screenshot(page, "workbench-first-rows-1280-light");
    const other = await open(bench.browser, `${bench.node.url}/jobs`, { context: page.context() });
    await other.locator("a", { hasText: "See its first rows" }).click();
    await until(other, "#first-rows", /still runs/);
    await other.close();
    await page.click("#stop");
    await until(page, "#first-rows", /before the job ended/);
    must((await page.locator("#rows tbody tr").count()) > 0, "they stay");
  }, { query: "SELECT a.uuid AS one, b.e FROM kascade.events AS a, kascade.events AS b WHERE a.e + b.e > 30.5" });
  await bench.report.run("jobs: listed, shown as a table, run again, shared, deleted", async () => {
    const page = await open(bench.browser, `${bench.node.url}/query?QUERY=${encodeURIComponent("SELECT TOP 4 uuid FROM kascade.events")}`);
    await page.waitForSelector("html[data-ready]");
    await page.selectOption("#mode", "async");
    await page.click("#run");
    await until(page, "#status", "4 rows in");
    await page.goto(`${bench.node.url}/jobs`);
    await page.locator(".job[data-phase=COMPLETED]").waitFor();
    await axe(page);
    await looks(page, "jobs");
    await screenshot(page, "jobs-1280-light");
    await page.locator("button", { hasText: "Run again" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".job[data-phase=COMPLETED]").length === 2);
    await page.locator("button", { hasText: "Share" }).first().click();
    await until(page, ".toast", "copied");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    must(/\/jobs\?job=/.test(link), link);
    await page.locator("a", { hasText: "Show as a table" }).first().click();
    await until(page, "#status", "4 rows in");
    const other = await open(bench.browser, link, { ...PHONE });
    await other.locator(".job[data-phase=COMPLETED]").waitFor();
    await fitsItsWidth(other);
    await looks(other, "jobs");
    await screenshot(other, "jobs-390-light");
    await other.locator("button", { hasText: "Delete" }).click();
    await until(other, "#jobs", "There are no jobs yet");
    await page.goto(`${bench.node.url}/jobs`);
    await page.locator(".job[data-phase=GONE]").waitFor();
    await page.locator(".job[data-phase=GONE] button", { hasText: "Forget" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".job").length === 1);
    noConsoleErrors(page, /status of (404|410)/);
    await page.context().close();
    await other.context().close();
  });
}

async function around(bench) {
  await bench.flow("a dropped file is understood, completed, checked, joined", async (page) => {
    const drop = await page.evaluateHandle((content) => {
      const data = new DataTransfer();
      data.items.add(new File([content], "My Sources.csv", { type: "text/csv" }));
      return data;
    }, "name,ra,dec,seen\nCrab,83.633,22.014,2020-01-01T00:00:00\nVela,128.836,-45.176,2021-02-03T04:05:06\n");
    await page.dispatchEvent("body", "drop", { dataTransfer: drop });
    await until(page, ".upload", "TAP_UPLOAD.my_sources");
    const rows = await page.locator(".upload tbody tr").allTextContents();
    must(rows.length === 4 && /number/.test(rows[1]) && /text/.test(rows[0]), rows.join(" | "));
    await screenshot(page, "workbench-upload");
    await axe(page);
    await write(page, "SELECT u.name, u.ra FROM TAP_UPLOAD.my_sources AS u ORDER BY u.ra");
    await until(page, "#estimate", "Looks at");
    await page.click("#run");
    await until(page, "#status", "2 rows in");
    await page.selectOption("select[name=RESPONSEFORMAT]", { label: "csv" });
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("#run")]);
    must(file.suggestedFilename() === "result.csv", file.suggestedFilename());
    must(/^name,ra\s+Crab,83\.633\s/.test(readFileSync(await file.path(), "utf8")), "the rows are in the file");
    await page.selectOption("select[name=RESPONSEFORMAT]", "html");
    await page.click("#do-snippets");
    must((await page.locator("[data-snippet=curl]").textContent()).includes("UPLOAD=my_sources,param:my_sources"), "the upload is in the command");
    await page.click("#do-upload");
    await page.locator(".upload button", { hasText: "Remove" }).click();
    await until(page, "#estimate", "no uploaded table");
  });
  await bench.flow("a file that is no table says so", async (page) => {
    await page.click("#do-upload");
    await page.setInputFiles("#upload-file", { name: "x.fits", mimeType: "application/fits", buffer: Buffer.from("SIMPLE  = nonsense") });
    await until(page, "#panel .bad", "was not taken");
  }, { allowed: /status of 400/ });
  await bench.flow("the same query as code, copied", async (page) => {
    await page.click("#do-snippets");
    for (const name of ["curl", "pyvo", "astroquery", "STILTS", "TOPCAT"])
      must((await page.locator(`[data-snippet=${name}]`).textContent()).includes(`${bench.node.url}/tap`), name);
    await page.click("[aria-label='Copy for curl']");
    await until(page, ".toast", "Copied for curl");
    must((await page.evaluate(() => navigator.clipboard.readText())).startsWith("curl -sS"), "copied");
    await screenshot(page, "workbench-code", { whole: true });
    await axe(page);
  });
  await bench.flow("a shared link opens the same query", async (page) => {
    await page.click("#do-share");
    await until(page, ".toast", "copied");
    const link = await page.evaluate(() => navigator.clipboard.readText());
    await page.goto(link);
    await page.waitForSelector("html[data-ready]");
    must((await text(page)) === "SELECT TOP 2 '<b>&+%' AS x FROM kascade.events", await text(page));
  }, { query: "SELECT TOP 2 '<b>&+%' AS x FROM kascade.events" });
}

async function adversity(bench) {
  await bench.flow("what was written survives a reload, the back button, and an example's link", async (page) => {
    await write(page, "SELECT TOP 1 e FROM kascade.events -- mine");
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    must((await text(page)).endsWith("-- mine"), "after a reload");
    await page.locator("#examples summary").first().click();
    await page.locator("#examples a.open").first().click();
    await page.waitForSelector("html[data-ready]");
    must(!(await text(page)).endsWith("-- mine"), "the example is there");
    await page.goBack();
    await page.waitForSelector("html[data-ready]");
    must((await text(page)).endsWith("-- mine"), "after going back");
  });
  await bench.flow("two tabs do not disturb each other", async (page) => {
    await write(page, "SELECT TOP 1 e FROM kascade.events -- one");
    const other = await open(bench.browser, `${bench.node.url}/query`, { context: page.context() });
    await other.waitForSelector("html[data-ready]");
    await write(other, "SELECT TOP 1 e FROM kascade.events -- two");
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    must((await text(page)).endsWith("-- one"), await text(page));
    noConsoleErrors(other);
  });
  await bench.flow("a full or forbidden storage breaks nothing", async (page) => {
    await page.context().addInitScript(() => {
      Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
    });
    await page.reload();
    await page.waitForSelector("html[data-ready]");
    await page.click("#run");
    await until(page, "#status", "rows in");
    await page.click("#do-history");
    must((await page.locator(".history li").count()) === 1, "kept while the page is open");
  });
  await bench.flow("a node that restarts under the open page: said, nothing lost, and on it goes", async (page) => {
    await until(page, "#estimate", "Looks at");
    await bench.node.stop();
    await page.selectOption("#mode", "sync");
    await page.click("#run");
    await until(page, "#notice", "The node does not answer");
    must((await text(page)) === "SELECT TOP 3 e FROM kascade.events", "the query is there");
    await bench.node.start();
    await page.click("#run");
    await until(page, "#status", "3 rows in");
  }, { query: "SELECT TOP 3 e FROM kascade.events", allowed: /ERR_CONNECTION|Failed to load/ });
  await bench.flow("a job outlives the restart of its node, under the open page", async (page) => {
    await page.selectOption("#mode", "async");
    await page.click("#run");
    await until(page, "#status", /job (runs|waits)/);
    await bench.node.stop();
    await until(page, "#status", "does not answer; asking again");
    await bench.node.start();
    await until(page, "#status", /job (runs|waits)/);
    await page.click("#stop");
    await until(page, "#notice", /[Ss]topped|abort/);
  }, { query: "SELECT COUNT(*) AS n FROM kascade.events AS a, kascade.events AS b WHERE a.ze * b.ze > 100 AND a.e < b.e * 1.5", allowed: /ERR_CONNECTION|Failed to load|ERR_EMPTY|status of 50/ });
  await bench.report.run("hostile titles and descriptions, 5 000 tables, a table of 500 columns", async () => {
    const evil = "<script>hacked=1</script><img src=x onerror=hacked=1>\u202e\"'`";
    const context = await bench.browser.newContext({ viewport: PHONE });
    const schemas = [{ name: "odd", title: evil + "x".repeat(10000), tables: Array.from({ length: 5000 }, (_, i) => ({ name: `odd.t${i}`, title: evil, rows: i })) }];
    const columns = Array.from({ length: 500 }, (_, i) => ({ name: `c${i}`, description: evil + "y".repeat(10000), unit: evil, indexed: i % 2 === 0 }));
    await context.route("**/query/tables.json", (route) => route.fulfill({ json: { schemas } }));
    await context.route("**/table/*.json", (route) => route.fulfill({ json: { columns } }));
    const page = await open(bench.browser, `${bench.node.url}/query`, { context });
    await page.waitForSelector("html[data-ready]");
    await page.click("#side > summary");
    await page.fill(".tree-filter", "t49");
    await until(page, "#side", "odd.t49");
    must((await page.locator("#side details.table").count()) === 100, "no more than a hundred at a time");
    await page.locator("#side details.table summary").first().click();
    await until(page, "#side button.column", "c499");
    await write(page, "SELECT  FROM odd.t1");
    for (let i = 0; i < " FROM odd.t1".length; i++) await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("c49");
    await until(page, ".cm-tooltip-autocomplete li", "c490");
    must(await page.evaluate(() => !globalThis.hacked && !document.querySelector("main img, main script")), "nothing ran");
    await fitsItsWidth(page);
    await screenshot(page, "workbench-hostile-390");
    noConsoleErrors(page);
    await context.close();
  });
  await bench.flow("markup in a result and in a query stays text", async (page) => {
    await page.selectOption("#mode", "sync");
    await page.click("#run");
    await until(page, "#status", "1 row in");
    must(await page.evaluate(() => !document.querySelector("#answer img") && !globalThis.hacked), "nothing ran");
    await page.click("#do-snippets");
    await page.click("#do-history");
    must(await page.evaluate(() => !document.querySelector("#panel img")), "nor in the panels");
  }, { query: "SELECT TOP 1 '<img src=x onerror=hacked=1>' AS x FROM kascade.events" });
}
