#!/usr/bin/env node
// Pages as SAMP clients (SAMP 1.3, Web Profile): a page in Chromium, a hub without a screen, a client made of
// astropy, and TOPCAT under Xvfb. SAMP-1 to 3, 5 to 7, 11 to 16, 19, 20.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { browserOrSkip, open, noConsoleErrors, screenshot, startNode, must, Report, root } from "../support/browser.mjs";

const QUERY = "SELECT TOP 7 uuid, ra, dec, energy FROM kascade.events";
const report = new Report();
const browser = await browserOrSkip(report, "pages speak SAMP");
if (browser) {
  const node = await startNode();
  try {
    await withoutHub(node);
    const desk = await startDesk();
    if (desk.skip) report.skip("with a hub", desk.skip);
    else await withHub(node, desk).finally(() => desk.end());
  } finally {
    await browser.close();
    await node.close();
  }
}
report.done();

/** tests/support/samp_desk.py as functions: desk.ask("wait", "coord.pointAt.sky"). */
async function startDesk() {
  const child = spawn("/usr/bin/python3", ["-W", "ignore", path.join(root, "tests/support/samp_desk.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => JSON.parse((await lines.next()).value ?? '{"skip": "the desk ended"}');
  const first = await read();
  return {
    ...first,
    async ask(...command) {
      child.stdin.write(JSON.stringify(command) + "\n");
      const answer = await read();
      must(!answer.error, answer.error);
      return answer.is;
    },
    async end() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.stdin.end();
      await ended;
    },
  };
}

function resultUrl(node, format) {
  return `${node.url}/tap/sync?${new URLSearchParams({ LANG: "ADQL", QUERY, RESPONSEFORMAT: format })}`;
}

/** Runs `what(samp)` in the page, with the shared client of its scripts. */
async function inPage(page, what, arg) {
  await page.evaluate(async () => {
    const src = document.querySelector('script[src*="send.js"]').src.replace("send.js", "samp.js");
    globalThis.theSamp = (await import(src)).samp();
  });
  const samp = await page.evaluateHandle(() => globalThis.theSamp);
  return page.evaluate(what, [samp, arg]);
}

async function withoutHub(node) {
  await report.run("without a hub the page says so, and does nothing by itself", async () => {
    const page = await open(browser, resultUrl(node, "html"));
    await page.waitForTimeout(300);
    noConsoleErrors(page); // a hub is not looked for before the click
    await page.getByRole("button", { name: "Send to TOPCAT, Aladin" }).click();
    await page.getByText("No SAMP hub runs on this computer").waitFor();
    must(!(await page.getByRole("button", { name: /^Send to/ }).isDisabled()), "one may try again");
    await page.context().close();
  });
  await report.run("a result without an address of its own has no button", async () => {
    const page = await open(browser, node.url);
    const made = await page.request.post(`${node.url}/tap/sync`, { form: { LANG: "ADQL", QUERY, RESPONSEFORMAT: "html" } });
    must((await made.text()).includes('data-url="?"'), "the place is there");
    await page.context().close();
  });
}

async function withHub(node, desk) {
  const page = await open(browser, resultUrl(node, "html"));
  const table = resultUrl(node, "votable");
  page.errors = [];
  await report.run("a table is sent from the page, and the page says by whom it was taken", async () => {
    await page.getByRole("button", { name: "Send to TOPCAT, Aladin" }).click();
    await page.getByText("Opened in Desk.").waitFor();
    const got = await desk.ask("wait", "table.load.votable");
    must(got.url === table && got["table-id"] === table && got.name === "kascade.events", JSON.stringify(got));
    must((await fetch(got.url)).headers.get("Content-Type").startsWith("application/x-votable+xml"), "a VOTable is there");
  });
  await report.run("a row that is clicked is pointed at elsewhere; Enter does the same", async () => {
    await page.locator("tbody tr").nth(3).locator("td").nth(1).click();
    const got = await desk.ask("wait", "table.highlight.row");
    must(got.row === "3" && got["table-id"] === table && got.url === table, JSON.stringify(got));
    await page.locator("tbody tr").nth(5).focus();
    await page.keyboard.press("Enter");
    must((await desk.ask("wait", "table.highlight.row")).row === "5", "Enter");
  });
  await report.run("a row that is pointed at elsewhere is marked here", async () => {
    await desk.ask("notify", "table.highlight.row", { "table-id": table, url: table, row: "2", "x-unknown": { more: ["1"] } });
    await page.locator('tbody tr:nth-child(3)[aria-current="true"]').waitFor();
    must((await page.locator('tr[aria-current="true"]').count()) === 1, "one row");
    for (const bad of [{ "table-id": "another", row: "1" }, { "table-id": table, row: "-1" }, { "table-id": table, row: "x" }, {}])
      await desk.ask("notify", "table.highlight.row", bad);
    const pong = await desk.ask("call", await page.title(), "samp.app.ping", {});
    must(pong["samp.status"] === "samp.ok", JSON.stringify(pong)); // after the messages before it
    must(await page.locator('tbody tr:nth-child(3)[aria-current="true"]').isVisible(), "still the third");
  });
  await report.run("positions go both ways", async () => {
    await inPage(page, ([samp]) => samp.pointAt(83.6331, 22.0145));
    const got = await desk.ask("wait", "coord.pointAt.sky");
    must(got.ra === "83.6331" && got.dec === "22.0145", JSON.stringify(got));
    await inPage(page, ([samp]) => { globalThis.seen = []; samp.onPointAt((ra, dec) => globalThis.seen.push([ra, dec])); });
    await desk.ask("notify", "coord.pointAt.sky", { ra: "400", dec: "1" });
    await desk.ask("notify", "coord.pointAt.sky", { ra: "-10.5", dec: "1" });
    await page.waitForFunction(() => globalThis.seen.length > 0);
    must(JSON.stringify(await page.evaluate(() => globalThis.seen)) === "[[349.5,1]]", "one position");
  });
  await report.run("images and spectra are sent", async () => {
    const made = await inPage(page, ([samp, url]) => samp.sendImage(url, "caf\u00e9"), `${node.url}/x.fits`);
    must(made.length === 1 && made[0].ok && made[0].name === "Desk", JSON.stringify(made));
    const image = await desk.ask("wait", "image.load.fits");
    must(image.url === `${node.url}/x.fits` && image.name === "caf?", JSON.stringify(image));
    await inPage(page, ([samp, url]) => samp.sendSpectrum(url, { "Access.Format": "application/fits" }, "s"), `${node.url}/s.fits`);
    const spectrum = await desk.ask("wait", "spectrum.load.ssa-generic");
    must(spectrum.meta["Access.Format"] === "application/fits" && spectrum["spectrum-id"] === `${node.url}/s.fits`, JSON.stringify(spectrum));
  });
  await report.run("an address that another program names is read through the hub", async () => {
    const far = `${node.url}/tap/availability?x=1`; // hubs read only what others have named; JSAMP none with a %
    await desk.ask("notify", "table.highlight.row", { "table-id": "other", url: far, row: "0" });
    await desk.ask("call", await page.title(), "samp.app.ping", {});
    const [near, text] = await page.evaluate(async (url) => [theSamp.translate(url), await (await fetch(theSamp.translate(url))).text()], far);
    must(new URL(near).port === "21012" && text.includes("availab"), `${near}: ${text.slice(0, 200)}`);
  });
  await report.run("a refusal is told with the other's words", async () => {
    await desk.ask("answer", { "samp.status": "samp.error", "samp.error": { "samp.errortxt": "disk <b>full</b>" } });
    await page.getByRole("button", { name: /^Send to/ }).click();
    await page.getByText("Desk: disk <b>full</b>.").waitFor();
    await desk.ask("answer", { "samp.status": "samp.ok", "samp.result": {} });
    await desk.ask("wait", "table.load.votable");
  });
  await withTopcat(page, desk);
  await report.run("the page of a table sends its rows", async () => {
    await desk.ask("forget");
    const second = await open(browser, `${node.url}/table/alerts.neutrino`, { context: page.context() });
    await second.getByRole("button", { name: "Send to TOPCAT, Aladin" }).click();
    await second.getByText(/^Opened in/).waitFor();
    const got = await desk.ask("wait", "table.load.votable");
    must(got.name === "alerts.neutrino" && (await (await fetch(got.url)).text()).includes("event_time"), JSON.stringify(got));
    await second.goto("about:blank");
    await second.close();
  });
  await report.run("the workbench sends its result, and rows go both ways", async () => {
    await desk.ask("forget");
    const second = await open(browser, `${node.url}/query?QUERY=${encodeURIComponent(QUERY)}`, { context: page.context() });
    await second.locator("#run").click();
    await second.getByText(/^7 rows in/).waitFor();
    await second.locator("#send").click();
    await second.getByText(/^Opened in/).waitFor();
    const got = await desk.ask("wait", "table.load.votable");
    must((await (await fetch(got.url)).text()).includes("QUERY_STATUS"), JSON.stringify(got));
    await second.locator('.rt-row[data-at="4"] .rt-cell').nth(1).click();
    const row = await desk.ask("wait", "table.highlight.row");
    must(row.row === "4" && row["table-id"] === got["table-id"], JSON.stringify(row));
    await desk.ask("notify", "table.highlight.row", { "table-id": got["table-id"], url: got.url, row: "1" });
    await second.locator('.rt-row[data-at="1"].rt-marked, .rt-row[data-at="1"][aria-selected="true"]').first().waitFor();
    await second.goto("about:blank");
    await second.close();
  });
  await report.run("an image and a spectrum of a result are sent as what they are", async () => {
    for (const [type, mtype] of [["image", "image.load.fits"], ["spectrum", "spectrum.load.ssa-generic"]]) {
      await desk.ask("forget");
      const query = `SELECT TOP 3 obs_publisher_did, obs_id FROM ivoa.obscore WHERE dataproduct_type = '${type}'`;
      const second = await open(browser, `${node.url}/query?QUERY=${encodeURIComponent(query)}`, { context: page.context() });
      await second.locator("#run").click();
      await second.getByText(/^3 rows in/).waitFor();
      await second.locator('.rt-row[data-at="0"] .rt-cell').nth(1).click();
      await second.locator(".preview .samp button").click();
      await second.locator(".preview .samp").getByText(/^Opened in/).waitFor();
      const got = await desk.ask("wait", mtype);
      const start = new Uint8Array(await (await fetch(got.url)).arrayBuffer()).subarray(0, 9);
      must(String.fromCharCode(...start) === "SIMPLE  =", JSON.stringify(got));
      await second.goto("about:blank");
      await second.close();
    }
  });
  await report.run("two pages are two clients; the one that is left says good-bye", async () => {
    const second = await open(browser, resultUrl(node, "html"), { context: page.context() });
    await second.getByRole("button", { name: /^Send to/ }).click();
    await second.getByText(/^Opened in/).waitFor();
    const title = await page.title();
    const here = async () => (await desk.ask("names")).filter((name) => name === title).length;
    must((await here()) === 2, `${await here()} clients`);
    await second.goto("about:blank");
    for (let i = 0; i < 50 && (await here()) !== 1; i++) await page.waitForTimeout(100);
    must((await here()) === 1, "the page that was left is still registered");
  });
  await report.run("no error in the console, no request to others but the hub", async () => noConsoleErrors(page, /:21012/));
  await report.run("a hub that ends is noticed, without asking on and on", async () => {
    await desk.ask("kill");
    await page.waitForTimeout(2500);
    const before = page.errors.length;
    await page.waitForTimeout(2500);
    must(page.errors.filter((x) => /21012/.test(x)).length - before <= 1, "quiet");
    must(!(await inPage(page, ([samp]) => samp.isConnected)), "disconnected");
    await page.getByRole("button", { name: /^Send to/ }).click();
    await page.getByText("No SAMP hub runs on this computer").waitFor();
  });
  await page.context().close();
}

async function withTopcat(page, desk) {
  const why = await desk.ask("topcat");
  if (why) return report.skip("TOPCAT opens the table of the page", why);
  await report.run("TOPCAT opens the table of the page", async () => {
    await page.getByRole("button", { name: /^Send to/ }).click();
    await page.getByText(/^Opened in (Desk, topcat|topcat, Desk)\.$/i).waitFor({ timeout: 30000 });
    await page.locator("tbody tr").nth(4).locator("td").nth(1).click();
    await desk.ask("picture", path.join(root, "build", "topcat", "from-page.png"));
    await screenshot(page, "samp-sent");
  });
}
