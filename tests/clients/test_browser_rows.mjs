#!/usr/bin/env node
// A row looked at: its arrays as curves, its product's preview, cut-outs drawn on it.
import { browserOrSkip, axe, noConsoleErrors, fitsItsWidth, screenshot, startNode, must, Report, PHONE } from "../support/browser.mjs";
import { withTable } from "../support/table.mjs";

const report = new Report();
const node = await startNode();
try {
  const browser = await browserOrSkip(report, "rowViews in a browser");
  if (browser) {
    await rowViews(browser);
    await browser.close();
  }
} finally {
  await node.close();
}
report.done();

async function rowViews(browser) {
  await report.run("arrays of a chosen row are drawn", async () => {
    const page = await withTable(browser, node, "SELECT TOP 5 uuid, edeposit, arrival FROM kascade.arrays");
    await page.click(".rt-row .rt-cell >> nth=0");
    await page.waitForFunction(() => document.querySelectorAll(".rt-details .wave-line").length === 2);
    await axe(page);
    noConsoleErrors(page);
    await screenshot(page, "waves", { whole: true });
    await page.context().close();
  });
  const image = "SELECT TOP 1 obs_publisher_did, s_ra, s_dec, s_fov FROM ivoa.obscore WHERE obs_publisher_did LIKE '%reduced-01.fits'";
  for (const shape of ["rectangle", "circle"])
    await report.run(`a ${shape} drawn on a preview is cut out where it was drawn`, async () => {
      const page = await withTable(browser, node, image);
      await page.click(".rt-row .rt-cell >> nth=0");
      await page.waitForSelector(".preview-sheet");
      await page.waitForFunction(() => document.querySelector(".preview-image").complete && document.querySelector(".preview-image").naturalWidth > 0);
      await page.selectOption(".preview select", shape);
      await page.locator(".preview-sheet").scrollIntoViewIfNeeded();
      const box = await page.locator(".preview-sheet").boundingBox();
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width * 0.75, box.y + box.height * (shape === "circle" ? 0.5 : 0.75), { steps: 3 });
      await page.mouse.up();
      const link = await page.waitForSelector(".preview-cut a");
      await page.waitForSelector(".preview-cut img");
      const url = new URL(await link.getAttribute("href"));
      const values = await page.evaluate(() => globalThis.table.rowValues(0));
      if (shape === "circle") {
        const [ra, dec] = url.searchParams.get("CIRCLE").split(" ").map(Number);
        must(Math.hypot((ra - values.s_ra) * Math.cos(dec * Math.PI / 180), dec - values.s_dec) < 0.003, `${ra} ${dec} is not ${values.s_ra} ${values.s_dec}`);
      } else must(url.searchParams.get("POLYGON").split(" ").length === 8, url.href);
      const fits = await fetch(url);
      const head = Buffer.from(await fits.arrayBuffer()).toString("latin1");
      must(fits.ok && head.startsWith("SIMPLE"), `status ${fits.status}`);
      const whole = Number((await (await fetch(`${node.url}/datalink/file/Demo%20camera/images/reduced-01.fits`)).text()).match(/NAXIS1 *= *(\d+)/)[1]);
      const wide = Number(head.match(/NAXIS1 *= *(\d+)/)[1]);
      const part = wide / whole;
      must(shape === "circle" ? part > 0.42 && part < 0.62 : part > 0.2 && part < 0.36, `${wide} of ${whole} pixels`);
      await axe(page);
      noConsoleErrors(page);
      await screenshot(page, `cutout-${shape}`, { whole: true });
      await page.context().close();
    });
  await report.run("a spectrum's preview, cut by numbers", async () => {
    const page = await withTable(browser, node, "SELECT TOP 1 obs_publisher_did FROM ivoa.obscore WHERE dataproduct_type = 'spectrum'", { width: PHONE.width, dark: true });
    await page.click(".rt-row .rt-cell >> nth=0");
    await page.waitForSelector(".preview-image");
    await page.fill(".preview-numbers input >> nth=1", "5e-7");
    await page.click(".preview-numbers button");
    await page.waitForSelector(".preview-cut img");
    await fitsItsWidth(page);
    await axe(page);
    noConsoleErrors(page);
    await screenshot(page, "spectrum", { whole: true });
    await page.context().close();
  });
}
