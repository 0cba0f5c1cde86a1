// workbench.mjs -- what the tests of the query workbench share: a browser, a node, and flows
// through its page in which no error may show up in the console.
import { existsSync } from "node:fs";
import path from "node:path";
import { browserOrSkip, must, noConsoleErrors, open, Report, root, startNode } from "./browser.mjs";

const EDITOR = ".cm-content";

/** Runs flows(bench) with a node and a browser, or says why not. */
export async function withWorkbench(name, flows) {
  const report = new Report();
  const browser = await browserOrSkip(report, name);
  if (!browser) return;
  if (!existsSync(path.join(root, "build/web/vendor/codemirror.js"))) {
    report.skip(name, "the bundles were not built (tools/setup/web)");
    await browser.close();
    return;
  }
  const node = await startNode();
  try {
    await flows(new Workbench(report, browser, node));
  } finally {
    await browser.close();
    await node.close();
  }
  report.done();
}

class Workbench {
  constructor(report, browser, node) {
    Object.assign(this, { report, browser, node });
  }
  /** Opens /query, waits for the editor, runs the steps, closes. allowed: errors that belong. */
  async flow(name, steps, { query, allowed, ...options } = {}) {
    await this.report.run(name, async () => {
      const page = await open(this.browser, `${this.node.url}/query${query ? `?QUERY=${encodeURIComponent(query)}` : ""}`, options);
      try {
        await page.waitForSelector("html[data-ready]");
        await steps(page);
        noConsoleErrors(page, allowed);
      } finally {
        await page.context().close();
      }
    });
  }
}

/** The editor's text. */
export const text = (page) => page.evaluate(() => document.getElementById("adql").value);
export const until = (page, selector, pattern) => page.locator(selector, { hasText: pattern }).first().waitFor();

/** Writes over all that is in the editor. */
export async function write(page, query) {
  await page.click(EDITOR);
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(query);
  must((await text(page)) === query, `the editor has ${await text(page)}`);
}
export { EDITOR };
