#!/usr/bin/env node
// The schema browser in a browser: front page, experiment, table, column; phone and desk,
// light and dark, with and without scripts.
import { browserOrSkip, open, axe, noConsoleErrors, fitsItsWidth, screenshot, settled, startNode, must, Report, PHONE } from "../support/browser.mjs";

const PAGES = {
  front: "/",
  schema: "/schema/kascade",
  table: "/table/kascade.events",
  column: "/table/kascade.events/e",
  wide: "/table/ivoa.obscore?principal=1",
  text: "/table/kascade.arrays",
  search: "/search?q=zenith",
};

const report = new Report();
const node = await startNode();
try {
  const browser = await browserOrSkip(report, "schema browser in a browser");
  if (browser) {
    await report.run("statistics come by themselves", () => statisticsCome(browser));
    for (const [name, path] of Object.entries(PAGES))
      for (const dark of [false, true])
        for (const width of [1280, PHONE.width])
          await report.run(`${name} ${dark ? "dark" : "light"} ${width}`, () => look(browser, name, path, { dark, width }));
    await report.run("from the front page to one quantity in three clicks", () => walk(browser));
    await report.run("columns are narrowed without scripts", () => filter(browser));
    await report.run("search answers as one types, by keyboard", () => typing(browser));
    await report.run("search works without scripts", () => plainSearch(browser));
    await report.run("the page shows its statistics when they are there", () => pendingPage(browser));
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

// A page asked for the first time says that it is being computed; a moment later it is there.
async function statisticsCome(browser) {
  const page = await open(browser, node.url + "/table/kascade.conditions", { scripts: false });
  must((await page.locator("#columns tbody tr").count()) > 0, "the page is whole without statistics");
  await settled(node, ["/table/kascade.conditions", ...Object.values(PAGES)]);
  await page.reload();
  must((await page.locator("[data-pending]").count()) === 0, "still pending");
  await page.context().close();
}

async function look(browser, name, path, { dark, width }) {
  const page = await open(browser, node.url + path, { dark, width });
  await axe(page);
  await fitsItsWidth(page);
  noConsoleErrors(page);
  await looksRight(page, name, { dark, width });
  const bytes = page.traffic.reduce((sum, one) => sum + one.bytes, 0);
  if (name === "front") must(bytes < 100_000 && page.traffic.length < 12, `${bytes} bytes in ${page.traffic.length} requests`);
  await screenshot(page, `browser-${name}-${width}-${dark ? "dark" : "light"}`, { whole: true });
  await page.context().close();
}

// What tests/browser/schema.md says, as far as a program sees it.
async function looksRight(page, name, { dark, width }) {
  const rows = (selector) => page.locator(selector).evaluateAll((all) => {
    const tops = all.map((one) => Math.round(one.getBoundingClientRect().bottom / 40));
    return { all: all.length, rows: new Set(tops).size };
  });
  const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
  must(dark ? Math.max(...ground) < 60 : Math.min(...ground) > 230, `the ground is ${ground}`);
  must((await page.locator("h1").count()) === 1, "one heading");
  const desk = width > 600;
  if (name === "front") {
    const tops = await page.locator(".card").evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().top)));
    must(tops.filter((top) => top === tops[0]).length === (desk ? 3 : 1), `cards in the first row: ${tops}`);
    must((await page.locator(".card svg.sky").count()) >= 8, "skies on the cards");
  }
  if (name === "table") {
    const figures = await rows("#glance figure");
    must(figures.all === 3 && figures.rows === (desk ? 1 : 3), `figures: ${JSON.stringify(figures)}`);
    must((await page.locator("#columns td.vals svg.bars").count()) >= 18, "small histograms");
    must((await page.locator("#keys svg rect").count()) === 4, "the diagram of keys");
    must((await page.locator("#sample tbody tr").count()) === 5, "five rows");
  }
  if (name === "text") must((await page.locator("#columns td.vals q").count()) > 2, "examples of values");
  if (name === "column") {
    const box = await page.locator("figure.large svg").boundingBox();
    must(box.height > 100 && box.width > (desk ? 500 : 300), JSON.stringify(box));
  }
  const sticking = await page.evaluate(() => [...document.querySelectorAll("main *")].filter((one) => {
    if (one.closest(".scroll, svg, .found, .unseen, pre")) return false;
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > document.documentElement.clientWidth + 1;
  }).map((one) => one.outerHTML.slice(0, 80)));
  must(sticking.length === 0, `sticks out: ${sticking[0]}`);
}

async function walk(browser) {
  const page = await open(browser, node.url + "/", { scripts: false });
  await page.locator(".card a", { hasText: "KASCADE air showers" }).first().click();
  await page.locator("#tables a", { hasText: "kascade.events" }).click();
  await page.locator("#columns th a", { hasText: /^e$/ }).click();
  must((await page.locator("h1").innerText()).includes("e"), "the column's page");
  must(await page.locator("figure.large svg").isVisible(), "a histogram");
  must((await page.locator("#values dt").allInnerTexts()).includes("Range"), "the range");
  await page.goBack();
  must(page.url().endsWith("/table/kascade.events"), "back to the table");
  await page.context().close();
}

async function typing(browser) {
  for (const [box, width] of [["#find", 1280], ["header input[name=q]", PHONE.width]]) {
    const page = await open(browser, node.url + "/", { width });
    // the list is drawn anew by each answer: only the last one stays
    const last = page.waitForResponse((response) => new URL(response.url()).searchParams.get("q") === "log10 eV");
    await page.locator(box).pressSequentially("log10 eV", { delay: 20 });
    await (await last).finished();
    const options = page.locator("[role=listbox]:visible [role=option]");
    await options.first().waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll("[role=status]")].some((one) => /found/.test(one.textContent)));
    await axe(page);
    await fitsItsWidth(page);
    await screenshot(page, `browser-typing-${width}-light`);
    await page.keyboard.press("ArrowDown");
    must((await options.first().getAttribute("aria-selected")) === "true", "the first is chosen");
    must(await page.locator(box).getAttribute("aria-activedescendant"), "said to screen readers");
    await page.keyboard.press("Escape");
    must((await options.count()) === 0, "Escape closes the list");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/table\/.+\/.+/);
    noConsoleErrors(page);
    await page.context().close();
  }
}

async function plainSearch(browser) {
  const page = await open(browser, node.url + "/", { scripts: false });
  await page.locator("#find").fill("zenith");
  await page.keyboard.press("Enter");
  must((await page.locator("ol.hits li").first().innerText()).includes("ze"), "the zenith angle first");
  must((await page.locator("ol.hits mark").count()) > 0, "hits are marked");
  await page.context().close();
}

async function pendingPage(browser) {
  const page = await open(browser, node.url + "/table/taiga.hillas");
  await page.locator("#glance figure svg").first().waitFor();
  must((await page.locator("#columns svg.bars").count()) > 0, "histograms of columns");
  noConsoleErrors(page);
  await page.context().close();
}

async function filter(browser) {
  const page = await open(browser, node.url + "/table/kascade.events", { scripts: false });
  const all = await page.locator("#columns tbody tr").count();
  await page.locator(".filter input[name=filter]").fill("zenith");
  await page.locator(".filter button").click();
  const some = await page.locator("#columns tbody tr").count();
  must(some > 0 && some < all, `${some} of ${all}`);
  must(page.url().includes("filter=zenith"), "the choice is in the address");
  await page.context().close();
}
