#!/usr/bin/env node
// The table of a million rows in a browser: scrolling, sorting, filters, facets, keyboard.
import { browserOrSkip, axe, noConsoleErrors, fitsItsWidth, screenshot, startNode, must, Report, PHONE } from "../support/browser.mjs";
import { withTable } from "../support/table.mjs";

const report = new Report();
const node = await startNode();
try {
  const browser = await browserOrSkip(report, "table in a browser");
  if (browser) {
    await table(browser);
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

function cellText(page, row, column) {
  return page.evaluate(([at, i]) => document.getElementById(`${globalThis.table.id}r${at}c${i}`)?.textContent ?? null, [row, column]);
}

async function table(browser) {
  const million = "SELECT r, ev, e, datetime, uuid FROM kascade.events";
  const page = await withTable(browser, node, million);
  await report.run("a million rows are there, and few elements", async () => {
    const [rows, elements, count] = await page.evaluate(() =>
      [globalThis.table.nrow, document.querySelectorAll(".rt-row").length, document.querySelector(".rt-grid").getAttribute("aria-rowcount")]);
    must(rows === 1000000 && count === "1000001", `${rows} rows, aria-rowcount ${count}`);
    must(elements > 5 && elements < 80, `${elements} row elements`);
  });
  await report.run("it scrolls to the end: the last row is what TAP says", async () => {
    await page.evaluate(() => { globalThis.table.grid.scrollTop = 1e9; });
    await page.waitForFunction(() => document.getElementById(`${globalThis.table.id}r999999c0`));
    const last = await page.evaluate(() => globalThis.table.rowValues(999999));
    must(await cellText(page, 999999, 0) === String(last.r), "the last row's run");
  });
  await report.run("scrolling draws a frame in less than 30 ms on the average", async () => {
    const mean = await page.evaluate(async () => {
      const { grid } = globalThis.table;
      grid.scrollTop = 0;
      let spent = 0;
      for (let i = 0; i < 60; i++) {
        grid.scrollTop += 40000;
        const begun = performance.now();
        globalThis.table.draw();
        document.body.offsetHeight;
        spent += performance.now() - begun;
      }
      return spent / 60;
    });
    must(mean < 30, `${mean.toFixed(1)} ms`);
  });
  await report.run("sorting and filtering a million rows gives what the node gives", async () => {
    const want = (await (await fetch(`${node.url}/tap/sync?${new URLSearchParams({ LANG: "ADQL", RESPONSEFORMAT: "csv",
      QUERY: "SELECT TOP 1 e, (SELECT COUNT(*) FROM kascade.events WHERE e >= 16 AND r BETWEEN 1000 AND 3000) AS n FROM kascade.events WHERE e >= 16 AND r BETWEEN 1000 AND 3000 ORDER BY e DESC" })}`)).text()).trim().split("\n")[1].split(",");
    const got = await page.evaluate(() => {
      const { table } = globalThis;
      table.filter("e", ">=16");
      table.filter("r", "1000..3000");
      table.sort = { column: 2, descending: true };
      table.refresh();
      return [table.data.text(table.rows[0], 2), table.rows.length];
    });
    must(got[0] === want[0] && got[1] === Number(want[1]), `${got} is not ${want}`);
    await page.waitForFunction(() => document.querySelector("[aria-sort=descending]"));
  });
  await report.run("a filter that is none says so and changes nothing", async () => {
    const before = await page.evaluate(() => globalThis.table.rows.length);
    await page.evaluate(() => globalThis.table.openFacets(0));
    await page.fill(".rt-facets input", "> many");
    await page.waitForSelector(".rt-problem:not(:empty)");
    must((await page.textContent(".rt-problem")).includes("no number"), "says what to write");
    must(before === await page.evaluate(() => globalThis.table.rows.length), "rows stay");
    await page.focus(".rt-facets input");
    await page.keyboard.press("Control+A");
    await page.keyboard.press("Delete");
    await page.waitForFunction(() => globalThis.table.filters.size === 1).catch(async () => must(false, await page.evaluate(() => JSON.stringify([[...globalThis.table.filters], document.querySelector(".rt-problem").textContent, document.querySelector(".rt-facets input").value]))));
  });
  noConsoleErrorsAs("table of a million rows: no error in the console", page);
  await page.context().close();

  const small = "SELECT shower_id, model, predicted_group, prob_p, is_right FROM mc.predictions WHERE shower_id < 200";
  for (const dark of [false, true])
    for (const width of [1280, PHONE.width])
      await report.run(`table with facets ${dark ? "dark" : "light"} ${width}`, async () => {
        const view = await withTable(browser, node, small, { width, dark });
        await view.evaluate(() => globalThis.table.openFacets(2));
        await view.click(".rt-value >> nth=1");
        const [rows, top] = await view.evaluate(() => [globalThis.table.rows.length, document.querySelector(".rt-facets input").value.slice(1)]);
        const want = await view.evaluate((value) => globalThis.table.data.key(2).filter((one) => one === value).length, top);
        must(rows === want && rows > 0, `${rows} rows, ${want} wanted`);
        await axe(view);
        await fitsItsWidth(view);
        noConsoleErrors(view);
        await screenshot(view, `table-${dark ? "dark" : "light"}-${width}`);
        await view.context().close();
      });
  await report.run("keyboard: arrows, sorting from the head, Enter opens a row", async () => {
    const view = await withTable(browser, node, small);
    await view.focus(".rt-grid");
    for (const key of ["ArrowUp", "ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Enter"]) await view.keyboard.press(key);
    const [sort, chosen] = await view.evaluate(() => [globalThis.table.sort, globalThis.chosen]);
    must(sort?.column === 1 && !sort.descending, `sorted by ${JSON.stringify(sort)}`);
    must(chosen?.values.model === "EPOS", JSON.stringify(chosen));
    await view.keyboard.press("Control+End");
    const active = await view.getAttribute(".rt-grid", "aria-activedescendant");
    must(active?.endsWith(`r${await view.evaluate(() => globalThis.table.rows.length - 1)}c4`), active);
    await view.context().close();
  });
  await report.run("no number is cut, no text where there is room; the head has the units", async () => {
    const wide = "SELECT TOP 200 uuid, datetime, ra, dec, e, energy FROM kascade.events";
    for (const width of [1280, PHONE.width]) {
      const view = await withTable(browser, node, wide, { width });
      const cut = await view.evaluate(() => [...document.querySelectorAll(".rt-row .rt-cell, .rt-sort")].filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.textContent));
      must(!cut.length || (width === PHONE.width && cut.every((text) => /^[\w-]{36}$/.test(text))), `cut at ${width} px: ${cut.slice(0, 4)}`);
      const units = (await view.locator(".rt-unit").allTextContents()).join(" ");
      must(width === PHONE.width || units === "deg deg log(eV) eV", `units: ${units}`);
      await view.context().close();
    }
  });
  await report.run("hostile cells stay text; arrays, times and nulls are shown", async () => {
    const view = await withTable(browser, node, "SELECT TOP 3 '<img src=x onerror=alert(1)>' AS a, edeposit, datetime, CAST(NULL AS INTEGER) AS n FROM kascade.arrays JOIN kascade.events USING (uuid)");
    const cells = await view.evaluate(() => [0, 1, 2, 3].map((i) => globalThis.table.data.text(0, i)));
    must(cells[0].startsWith("<img") && /^\[.* … 252 values\]$/.test(cells[1]) && /^\d{4}-\d\d-\d\dT/.test(cells[2]) && cells[3] === "", cells.join(" | "));
    must(await view.evaluate(() => document.querySelector("main img") === null), "markup became an element");
    noConsoleErrors(view);
    await view.context().close();
  });
}

function noConsoleErrorsAs(name, page) {
  return report.run(name, async () => noConsoleErrors(page));
}
