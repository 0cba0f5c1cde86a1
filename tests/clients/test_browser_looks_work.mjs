#!/usr/bin/env node
// What working looks like: the workbench in its states, a row's arrays, its product; each at phone
// and desk, light and dark, against its description.
import { sweep } from "../support/looks.mjs";
import { until, withWorkbench } from "../support/workbench.mjs";

const open = (query) => `/query?QUERY=${encodeURIComponent(query)}`;
const ready = (page) => page.waitForSelector("html[data-ready]");
const run = async (page) => {
  await ready(page);
  await page.selectOption("#mode", "sync");
  await page.click("#run");
  await until(page, "#status", /rows? in/);
};
const row = (wanted) => async (page) => {
  await run(page);
  await page.click(".rt-row .rt-cell >> nth=0");
  await page.locator(wanted).first().waitFor();
};
const VIEWS = [
  ["workbench-empty", "/query", ready],
  ["workbench-error", open("SELECT TOP 5 enrgy FROM kascade.events"), async (page) => {
    await ready(page);
    await page.locator(".cm-lintRange-error").waitFor();
    await until(page, "#estimate.bad", "did you mean");
  }],
  ["workbench-results", open("SELECT TOP 100 uuid, ra, dec, e, energy FROM kascade.events"), run],
  ["workbench-upload", "/query", async (page) => {
    await ready(page);
    await page.click("#do-upload");
    await page.setInputFiles("#upload-file", { name: "sources.csv", mimeType: "text/csv", buffer: Buffer.from("name,ra,dec\nCrab,83.633,22.014\n") });
    await until(page, ".upload", /TAP_UPLOAD/i);
  }],
  ["waves", open("SELECT TOP 5 uuid, edeposit, arrival FROM kascade.arrays"), row(".rt-details .wave-line")],
  ["preview", open("SELECT TOP 1 obs_publisher_did, s_ra, s_dec, s_fov FROM ivoa.obscore WHERE obs_publisher_did LIKE '%reduced-01.fits'"), row(".preview-image")],
  ["preview", open("SELECT TOP 1 obs_publisher_did FROM ivoa.obscore WHERE dataproduct_type = 'spectrum'"), row(".preview-image")],
  ["samp", open("SELECT TOP 10 uuid FROM kascade.events"), async (page) => {
    await run(page);
    await page.click("#send");
    await until(page, "#result-tools [role=status]", /hub/i);
  }, /21012|ERR_CONNECTION|Failed to load|somebody else/],
];
await withWorkbench("what working looks like", (bench) => sweep(bench.report, bench.browser, bench.node, VIEWS));
