// looks.mjs -- takes a view at phone and desk, light and dark, and compares what is on the screen
// with its description in tests/browser/looks.json; see there and tests/browser/schema.md.
import { axe, DESK, fitsItsWidth, looks, must, noConsoleErrors, open, PHONE, screenshot } from "./browser.mjs";

/** Each view: [name in looks.json, path, steps(page), what the console may say]. Two at a time. */
export async function sweep(report, browser, node, views) {
  const todo = views.flatMap((view) => [PHONE, DESK].map((size) => [size, ...view]));
  const work = async () => {
    for (let one; (one = todo.shift()); ) await report.run(`${one[1]} at ${one[0].width} px`, () => take(browser, node, ...one));
  };
  await Promise.all([work(), work(), work()]);
}

async function take(browser, node, size, name, path, steps, allowed) {
  const page = await open(browser, node.url + path, size);
  const label = `${name}-${[...path].reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 46656, 7).toString(36)}`; // one view of many pages
  try {
    await steps?.(page);
    await page.evaluate(() => scrollTo(0, 0));
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      await looks(page, name);
      await fitsItsWidth(page);
      await apart(page);
      await axe(page, ["color-contrast"]);
      await screenshot(page, `looks-${label}-${size.width}-${colorScheme}`, { whole: Boolean(process.env.WHOLE) });
    }
    noConsoleErrors(page, allowed);
  } finally {
    await page.context().close();
  }
}

/** Throws when two things to press or to fill in lie on each other; what a box around them cuts off does not count. */
async function apart(page) {
  const found = await page.evaluate(() => {
    const seen = (one) => {
      const { left, top, right, bottom } = one.getBoundingClientRect();
      const box = { left, top, right, bottom };
      for (let around = one.parentElement; around && around !== document.body; around = around.parentElement) {
        if (getComputedStyle(around).overflow === "visible") continue; // nothing is cut off here
        const frame = around.getBoundingClientRect();
        Object.assign(box, { left: Math.max(box.left, frame.left), top: Math.max(box.top, frame.top) });
        Object.assign(box, { right: Math.min(box.right, frame.right), bottom: Math.min(box.bottom, frame.bottom) });
      }
      return box;
    };
    const all = [...document.querySelectorAll("button, input:not([type=hidden]), select, textarea, summary, a.button")].filter((one) =>
      one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true }) && !one.closest(".cm-editor, svg, #toasts, .scroll, .rt-body, [role=listbox], .aladin-place"))
      .map((one) => [one, seen(one)]).filter(([, box]) => box.right - box.left > 1 && box.bottom - box.top > 1);
    for (const [i, [a, p]] of all.entries())
      for (const [b, q] of all.slice(i + 1)) {
        const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
        const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
        if (wide > 2 && high > 2 && !a.contains(b) && !b.contains(a)) return `${a.outerHTML.slice(0, 90)} and ${b.outerHTML.slice(0, 90)}`;
      }
    return null;
  });
  must(!found, `lie on each other: ${found}`);
}
