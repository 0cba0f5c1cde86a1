#!/usr/bin/env node
// docs/tour.md, taken word by word: each number is one press of what stands in bold, from the front page on; at most five
// for each question; what the end says is seen. TOUR_PICTURES=1 takes its pictures anew (docs/tour/*.png).
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { axe, browserOrSkip, fitsItsWidth, noConsoleErrors, open, settled, startNode, must, Report, root, PHONE } from "../support/browser.mjs";

const DESK = { width: 1080, height: 900 };
const report = new Report();
const walks = readWalks(readFileSync(path.join(root, "docs", "tour.md"), "utf8"));
pictures();
const browser = await browserOrSkip(report, "the tour in a browser");
if (browser) {
  const node = await startNode();
  try {
    await settled(node, ["/", "/schema/kascade", "/table/kascade.events"]);
    for (const walk of walks)
      for (const [size, scripts] of [[DESK, true], [PHONE, true], [DESK, false]])
        await report.run(`${walk.title} (${size.width} px, ${scripts ? "with" : "without"} scripts)`, () => take(node, walk, size, scripts));
  } finally {
    await browser.close();
    await node.close();
  }
}
report.done();

/** [{title, steps: [{press, picture}], seen}] */
function readWalks(text) {
  return text.split(/^## /m).slice(1).map((section) => {
    const steps = [];
    for (const match of section.matchAll(/^\d+\..*?\*\*(.+?)\*\*|!\[[^\]]*\]\(([^)]+)\)/gm)) {
      if (match[1]) steps.push({ press: match[1] });
      else steps.at(-1).picture = match[2];
    }
    return { title: section.split("\n")[0], steps, seen: section.match(/^Now you see: `(.+?)`/m)?.[1] };
  }).filter((walk) => walk.steps.length);
}

function pictures() {
  const files = readdirSync(path.join(root, "docs", "tour"));
  const named = walks.flatMap((walk) => walk.steps.map((step) => step.picture)).filter(Boolean);
  report.check("two walks, of at most five clicks", walks.length === 2 && walks.every((w) => w.steps.length <= 5 && w.seen));
  report.check("pictures are there, few and small", named.every((p) => existsSync(path.join(root, "docs", p))) && files.length <= 8 &&
    files.every((f) => statSync(path.join(root, "docs", "tour", f)).size < 80_000), files.join(" "));
}

async function take(node, walk, size, scripts) {
  const page = await open(browser, node.url + "/", { ...size, scripts });
  for (const step of walk.steps) {
    const main = page.locator("main");
    const link = main.locator("a").getByText(step.press, { exact: true }).or(main.getByRole("link", { name: step.press, exact: true }));
    const target = (await link.count()) ? link : main.locator("summary").filter({ hasText: step.press });
    const visible = target.filter({ visible: true }).first();
    const leads = await visible.evaluate((one) => one.closest("a")?.href.split("#")[0]);
    await Promise.all([leads && leads !== page.url().split("#")[0] ? page.waitForEvent("load") : null, visible.click()]);
    await fitsItsWidth(page);
    if (scripts) await axe(page);
    if (step.picture && process.env.TOUR_PICTURES && scripts && size === DESK) await picture(page, step.picture);
  }
  const text = (await page.locator("main").innerText()).replace(/[\u202f\u00a0]/g, " ");
  must(text.includes(walk.seen), `"${walk.seen}" is not on the last page, ${page.url()}`);
  noConsoleErrors(page);
  await page.context().close();
}

/** Small: few colours are enough for a page. */
async function picture(page, name) {
  const file = path.join(root, "docs", name);
  await page.evaluate(() => (document.activeElement.blur(), scrollTo(0, 0)));
  await page.screenshot({ path: file });
  execFileSync("convert", [file, "-dither", "None", "-colors", "48", "-define", "png:compression-level=9", "-strip", `png8:${file}`]);
}
