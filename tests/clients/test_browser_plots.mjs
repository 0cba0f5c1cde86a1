#!/usr/bin/env node
// Plots in a browser: drawn, zoomed, saved; and without scripts.
import { browserOrSkip, open, axe, noConsoleErrors, fitsItsWidth, screenshot, startNode, must, Report, PHONE } from "../support/browser.mjs";

const report = new Report();
const node = await startNode();
try {
  const browser = await browserOrSkip(report, "plots in a browser");
  if (browser) {
    await plots(browser);
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

async function plots(browser) {
  const kinds = {
    histogram: "kind=histogram&x=e", log: "kind=histogram&x=energy&xlog=1&nlog=1", histogram2d: "kind=histogram2d&x=ne&y=nmu",
    scatter: "kind=scatter&x=ne&y=nmu&where=e%3E16.2", series: "kind=series&x=datetime&y=t&bins=40", facets: "kind=facets&x=r&n=8",
  };
  for (const [name, query] of Object.entries(kinds))
    for (const [dark, width] of [[false, 1280], [true, PHONE.width]])
      await report.run(`plot ${name} ${dark ? "dark" : "light"} ${width}`, async () => {
        const page = await open(browser, `${node.url}/plot?table=kascade.events&${query}`, { width, dark });
        await page.waitForSelector(".plot-place svg.plot-live");
        await axe(page);
        await fitsItsWidth(page);
        noConsoleErrors(page);
        await screenshot(page, `plot-${name}-${dark ? "dark" : "light"}-${width}`, { whole: true });
        await page.context().close();
      });
  await report.run("dragging zooms; the address, the counts and the ADQL follow; whole range goes back", async () => {
    const page = await open(browser, `${node.url}/plot?table=kascade.events&x=e&where=ze%3C18`);
    const area = await page.waitForSelector(".plot-area");
    const box = await area.boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 90, { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(() => location.search.includes("xmin="));
    const params = Object.fromEntries(new URL(page.url()).searchParams);
    const want = await (await fetch(`${node.url}/tap/sync?${new URLSearchParams({ LANG: "ADQL", RESPONSEFORMAT: "csv",
      QUERY: `SELECT COUNT(*) FROM kascade.events WHERE ze < 18 AND e BETWEEN ${params.xmin} AND ${params.xmax}` })}`)).text();
    const inside = await (await fetch(`${node.url}/plot/data?${new URLSearchParams(params)}`)).json();
    must(inside.inside === Number(want.trim().split("\n")[1]), `${inside.inside} of ${want}`);
    must((await page.textContent(".adql pre")).includes(String(params.xmin)), "the ADQL shows the range");
    must(await page.inputValue("#plot-xmin") === params.xmin, "the form follows");
    await page.click("text=Whole range");
    await page.waitForFunction(() => !location.search.includes("xmin="));
    noConsoleErrors(page);
    await page.context().close();
  });
  await report.run("counts become logarithmic without asking the node; PNG and SVG are saved", async () => {
    const page = await open(browser, `${node.url}/plot?table=kascade.events&x=e`);
    await page.waitForSelector(".plot-area");
    const asked = page.traffic.length;
    await page.click("text=Log counts");
    must(page.traffic.length === asked, "no request");
    must(await page.getAttribute("text=Log counts", "aria-pressed") === "true", "pressed");
    for (const [button, start] of [["Save PNG", "\x89PNG"], ["Save SVG", "<?xml"]]) {
      const [file] = await Promise.all([page.waitForEvent("download"), page.click(`text=${button}`)]);
      const chunks = [];
      for await (const chunk of await file.createReadStream()) chunks.push(chunk);
      const content = Buffer.concat(chunks).toString("latin1");
      must(content.startsWith(start) && content.length > 2000, `${button}: ${content.length} bytes`);
      if (button === "Save SVG") must(!content.includes("var(--") && content.includes("rgb("), "colours of its own");
    }
    noConsoleErrors(page);
    await page.context().close();
  });
  await report.run("without scripts the page draws, and the form asks", async () => {
    const page = await open(browser, `${node.url}/plot?table=mc.showers`, { scripts: false });
    await page.fill("[name=x]", "nmu");
    await page.fill("[name=where]", "ze < 15");
    await page.click("main button:has-text('Plot')");
    await page.waitForLoadState();
    const want = await (await fetch(`${node.url}/plot/data?table=mc.showers&x=nmu&where=ze%3C15`)).json();
    must((await page.textContent("figcaption")).replace(/\u202f/g, "").startsWith(`${want.rows} rows`), await page.textContent("figcaption"));
    must(await page.locator("figure svg .bar").count() === 1, "bars are drawn");
    await page.context().close();
  });
  await report.run("what the axes mean and what the strongest colour counts is said, with and without scripts", async () => {
    const { counts, rows } = await (await fetch(`${node.url}/plot/data?table=kascade.events&kind=histogram2d&x=ne&y=nmu`)).json();
    const said = [];
    for (const scripts of [false, true]) {
      const page = await open(browser, `${node.url}/plot?table=kascade.events&kind=histogram2d&x=ne&y=nmu`, { scripts });
      if (scripts) await page.waitForSelector(".plot-place svg.plot-live");
      const meaning = await page.locator("#plot-meaning dd").allTextContents();
      must(meaning.length === 2 && /electrons/.test(meaning[0]) && /muons/.test(meaning[1]), meaning.join(" | "));
      said.push((await page.textContent("figcaption")).replace(/[\u202f\s]+/g, " ").trim());
      await page.context().close();
    }
    const plain = said[0].replaceAll(" ", "");
    must(plain.startsWith(`${rows}rows`) && plain.includes(`${Math.max(...counts)}rowsinthefullestcell`), said[0]);
    must(said[0] === said[1], said.join(" is not "));
  });
  await report.run("what cannot be plotted is said on the page", async () => {
    const page = await open(browser, `${node.url}/plot?table=kascade.events&x=nosuch`);
    must((await page.textContent("figure .warning")).includes("nosuch"), "the column");
    await axe(page);
    await page.context().close();
  });
}
