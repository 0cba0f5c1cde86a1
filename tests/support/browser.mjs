// browser.mjs -- drives Debian's Chromium for tests of pages, and reports in the words of
// tests/run. A test makes a Report, asks browserOrSkip() for a browser, starts a node with
// startNode(), and ends with report.done().
import { spawn, execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, openSync, closeSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const modules = path.join(root, "build", "browser", "node_modules");
const chromium = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** How long a page may take for anything: only a test that fails waits so long. */
const PATIENCE_MS = 60000;

/** Sizes of the screenshots: a phone and a desk. */
export const PHONE = { width: 390, height: 844 };
export const DESK = { width: 1280, height: 900 };

export class Report {
  failed = false;
  ok(name) {
    console.log(`ok ${name}`);
  }
  fail(name, why) {
    this.failed = true;
    console.log(`not ok ${name}: ${String(why?.stack ?? why).replace(/\s+/g, " ").slice(0, 900)}`);
  }
  skip(name, why) {
    console.log(`skip ${name}: ${why}`);
  }
  check(name, holds, why = "it does not hold") {
    if (holds) this.ok(name);
    else this.fail(name, why);
    return Boolean(holds);
  }
  /** what() returns, or throws the reason. */
  async run(name, what) {
    try {
      await what();
      this.ok(name);
    } catch (error) {
      this.fail(name, error);
    }
  }
  done() {
    process.exitCode = this.failed ? 1 : 0;
  }
}

/** A condition that must hold inside report.run(). */
export function must(holds, why) {
  if (!holds) throw new Error(why);
}

/** The browser, or null with a line that says why there is none. */
export async function browserOrSkip(report, name) {
  if (!existsSync(chromium)) {
    report.skip(name, `there is no Chromium at ${chromium} (Debian package chromium)`);
    return null;
  }
  try {
    execFileSync(path.join(root, "tests", "support", "browser-packages"), { stdio: "pipe" });
  } catch (error) {
    report.skip(name, `tests/support/browser-packages: ${String(error.stderr).trim()}`);
    return null;
  }
  const { chromium: driver } = createRequire(path.join(modules, "x.js"))("playwright-core");
  return driver.launch({
    executablePath: chromium,
    headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
      "--disable-component-update", "--disable-sync", "--no-proxy-server"],
  });
}

/** Opens an address in a fresh profile. Collects what must not happen: errors in the console,
 *  pages that threw, requests to other hosts; see noConsoleErrors. */
export async function open(browser, url, { width = DESK.width, height, dark = false, scripts = true, context } = {}) {
  const own = context ?? (await browser.newContext({
    viewport: { width, height: height ?? (width < 600 ? PHONE.height : DESK.height) },
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: scripts,
    permissions: ["clipboard-read", "clipboard-write"],
    reducedMotion: "reduce",
  }));
  const page = await own.newPage();
  const origin = new URL(url).origin;
  page.errors = [];
  page.traffic = [];
  page.on("console", (message) => message.type() === "error" && page.errors.push(message.text()));
  page.on("pageerror", (error) => page.errors.push(String(error)));
  page.on("request", (request) => {
    if (/^(data|blob):/.test(request.url()) || new URL(request.url()).origin === origin) return;
    page.errors.push(`a request to somebody else: ${request.url()}`);
  });
  page.on("response", async (response) => {
    const sizes = await response.request().sizes().catch(() => null);
    page.traffic.push({ url: response.url(), status: response.status(), bytes: sizes?.responseBodySize ?? 0 });
  });
  page.setDefaultTimeout(PATIENCE_MS);
  await page.goto(url, { waitUntil: "load" });
  return page;
}

/** Throws when the console of the page held an error, `allowed` (a pattern) aside. */
export function noConsoleErrors(page, allowed = /^$/) {
  const bad = page.errors.filter((text) => !allowed.test(text));
  must(bad.length === 0, `console: ${bad.join(" | ")}`);
}

/** Throws when axe-core finds that people with some disability are shut out (WCAG 2.2 AA); by some
 *  of its rules, or by all that belong. */
export async function axe(page, rules = null) {
  const source = readFileSync(path.join(modules, "axe-core", "axe.min.js"), "utf8");
  await page.evaluate(source); // by the debugger: the page's policy need not allow it
  const runOnly = rules ?? ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await page.evaluate((only) => globalThis.axe.run(document, { runOnly: only }), runOnly);
  must(found.violations.length === 0, found.violations.map((violation) =>
    `${violation.id}: ${violation.help} at ${violation.nodes.slice(0, 3).map((node) =>
      `${node.target.join(" ")} (${(node.any[0] ?? node.all[0] ?? node.none[0])?.message ?? ""})`).join("; ")}`).join(" | "));
}

/** build/screenshots/NAME.png, of what is on the screen or of the whole page. */
export async function screenshot(page, name, { whole = false } = {}) {
  const folder = path.join(root, "build", "screenshots");
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: whole, animations: "disabled" });
}

/** Throws when the page is wider than its window: on a phone nothing may stick out. */
export async function fitsItsWidth(page) {
  const [wide, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  must(wide <= window, `the page is ${wide} px wide in a window of ${window} px`);
}

/** Compares what is on the screen with its description in tests/browser/looks.json: what stands
 *  above what, what beside what, what is seen without scrolling, and whether it is as light or as dark
 *  as was asked. */
export async function looks(page, name) {
  const { [name]: description } = JSON.parse(readFileSync(path.join(root, "tests", "browser", "looks.json"), "utf8"));
  const { width } = page.viewportSize();
  for (const selector of description.seen ?? []) {
    const box = await page.locator(selector).first().boundingBox();
    must(box && box.width > 1 && box.height > 1 && box.y < page.viewportSize().height, `${selector} is not on the first screen (${description.says})`);
  }
  for (const [first, relation, second] of description[width < 600 ? "phone" : "desk"] ?? []) {
    const [a, b] = await Promise.all([first, second].map((selector) => page.locator(selector).first().boundingBox()));
    must(a && b, `${a ? second : first} is not to be seen (${description.says})`);
    must(relation === "above" ? a.y + a.height <= b.y + 2 : a.x + a.width <= b.x + 2, `${first} is not ${relation} ${second} (${description.says})`);
  }
  const [dark, colour] = await page.evaluate(() => [matchMedia("(prefers-color-scheme: dark)").matches, getComputedStyle(document.body).backgroundColor]);
  const light = colour.match(/\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 765;
  must(dark ? light < 0.2 : light > 0.9, `the background is ${colour}`);
}

// --- nodes ---

/** A port below those that the kernel gives to connections: while a node is away for a moment,
 *  nobody else gets it. */
export async function freePort() {
  for (;;) {
    const port = 22000 + Math.floor(Math.random() * 10000);
    const isFree = await new Promise((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
}

/** Waits until pages of the node have the drawings that are made in the background after its
 *  start: a page without them loads itself again when they are there, in the midst of a test. */
export async function settled(node, paths) {
  const until = Date.now() + 2 * PATIENCE_MS;
  for (const path of paths)
    while ((await (await fetch(node.url + path, { headers: { Accept: "text/html" } })).text()).includes("data-pending")) {
      must(Date.now() < until, `${path} still waits for its drawings: ${node.log().slice(-500)}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
}

/** The configuration of the demo data, which are made when they are not there. */
export function demoConf() {
  execFileSync(path.join(root, "tools", "setup", "demo-data"), { stdio: "pipe" });
  return path.join(root, "conf", "demo.yaml");
}

/** The configuration of the real data, or null where they are not. */
export function realConf() {
  if (!process.env.COLURE_DATA) return null;
  execFileSync(path.join(root, "tools", "setup", "real"), { stdio: "pipe" });
  return path.join(root, "conf", "real.yaml");
}

/** A running node; stop() ends it, start() begins it again at the same port. */
export class Node {
  constructor(conf, { port, env = {} } = {}) {
    Object.assign(this, { conf, port, env, url: `http://localhost:${port}` });
    this.folder = mkdtempSync(path.join(tmpdir(), "colure-browser-"));
  }
  async start() {
    const log = openSync(path.join(this.folder, "log"), "a");
    this.process = spawn(process.env.COLURE ?? path.join(root, "build", "colure"),
      ["serve", "--conf", this.conf, "--port", String(this.port), "--state", path.join(this.folder, "state")],
      { stdio: ["ignore", log, log], env: { DUCKDB_LIB: path.join(root, "build/lib/libduckdb.so"), ...process.env, ...this.env } });
    closeSync(log);
    for (let i = 0; i < 600; i++) {
      if (this.process.exitCode !== null) throw new Error(`the node ended at once: ${this.log().slice(-2000)}`);
      try {
        if ((await fetch(`${this.url}/tap/availability`)).ok) return this;
      } catch {
        // not yet
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`the node did not get ready: ${this.log().slice(-2000)}`);
  }
  log() {
    return readFileSync(path.join(this.folder, "log"), "utf8");
  }
  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    this.process.kill("SIGINT");
    const late = setTimeout(() => this.process.kill("SIGKILL"), 20000);
    await ended;
    clearTimeout(late);
  }
  async close() {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export async function startNode(conf = demoConf(), options = {}) {
  const node = new Node(conf, { port: await freePort(), ...options });
  try {
    return await node.start();
  } catch (error) {
    await node.close();
    throw error;
  }
}
