#!/usr/bin/env node
// What the other plots look like, the list of jobs and a job's own page; each at phone and desk,
// light and dark, against its description.
import { sweep } from "../support/looks.mjs";
import { until, withWorkbench } from "../support/workbench.mjs";

const QUERY = "SELECT TOP 4 uuid, e FROM kascade.events ORDER BY e DESC";
const plot = (what) => ["plot", `/plot?table=kascade.events&${what}`, (page) => page.locator(".plot-place .plot-live").first().waitFor()];
const runAsJob = async (page) => {
  await page.waitForSelector("html[data-ready]");
  await page.selectOption("#mode", "async");
  await page.click("#run");
  await until(page, "#status", "4 rows in");
  await page.goto(new URL("/jobs", page.url()).href);
  await page.locator(".job[data-phase=COMPLETED]").waitFor();
};
const VIEWS = [
  plot("kind=histogram&x=energy&xlog=1&nlog=1"),
  plot("kind=scatter&x=ne&y=nmu&where=e%3E16.2"),
  plot("kind=series&x=datetime&y=t&bins=40"),
  plot("kind=facets&x=r&n=8"),
  ["jobs", `/query?QUERY=${encodeURIComponent(QUERY)}`, runAsJob],
  ["job", `/query?QUERY=${encodeURIComponent(QUERY)}`, async (page) => {
    await runAsJob(page);
    const id = await page.locator(".job code").first().textContent();
    await page.goto(new URL(`/tap/async/${id}`, page.url()).href);
  }],
];
await withWorkbench("what plots and jobs look like", (bench) => sweep(bench.report, bench.browser, bench.node, VIEWS));
