#!/usr/bin/env node
// What a node looks like while one of its stores is down: each view at phone and desk, light and dark, against its
// description. The store is a PostgreSQL behind a door of this test's own, which is shut once the node has seen it.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { browserOrSkip, demoConf, must, Report, root, startNode } from "../support/browser.mjs";
import { sweep } from "../support/looks.mjs";

const NAME = "what a store that is down looks like";
const TABLE = "CREATE SCHEMA far; CREATE TABLE far.things AS SELECT i::bigint AS id, i::float8 AS x FROM generate_series(1, 300) i; ANALYZE";
const DESCRIPTION = `name: far
colure:title: Far things
description: Things in another store.
tables:
- name: things
  colure:title: Things
  description: One row for each thing.
  columns:
  - {name: id, datatype: long, description: Number of the thing.}
  - {name: x, datatype: double, 'ivoa:unit': m, description: How far the thing is.}
`;
const asked = "/query?QUERY=SELECT+TOP+5+x+FROM+far.things";
const VIEWS = [
  ["down-front", "/"],
  ["down-schema", "/schema/far"],
  ["down-table", "/table/far.things"],
  ["down-table", "/table/far.things/x"],
  ["down-search", "/search?q=thing"],
  ["down-query", asked, async (page) => {
    await page.waitForSelector("html[data-ready]");
    await page.selectOption("#mode", "sync");
    await page.click("#run");
    await page.locator("#notice pre.error", { hasText: /wait \d+ s/ }).waitFor();
  }, /status of 503/],
  ["down-plot", "/plot?table=far.things&x=x", (page) => page.locator("figure .warning").waitFor()],
];

const report = new Report();
if (!process.env.COLURE_TEST_POSTGRES) withCluster();
else await main();

/** This test once more, with a server that ends with it. */
function withCluster() {
  const self = fileURLToPath(import.meta.url);
  const { status, stderr } = spawnSync("/usr/bin/python3", [path.join(root, "tests/support/postgres.py"), process.execPath, self], { stdio: ["ignore", "inherit", "pipe"] });
  if (status === 77) return report.skip(NAME, String(stderr).trim());
  if (status) process.stderr.write(stderr);
  process.exitCode = status ?? 1;
}

async function main() {
  const browser = await browserOrSkip(report, NAME);
  if (!browser) return;
  const store = new URL(process.env.COLURE_TEST_POSTGRES);
  const folder = mkdtempSync(path.join(tmpdir(), "colure-down-"));
  const door = await openDoor(Number(store.port));
  let node = null;
  try {
    execFileSync("psql", ["-X", "-q", "-d", store.href, "-c", TABLE], { stdio: "pipe" });
    store.port = door.port;
    node = await startNode(configure(folder, store.href));
    door.shut();
    await known(node);
    await sweep(report, browser, node, VIEWS);
  } finally {
    await browser.close();
    await node?.close();
    door.shut();
    rmSync(folder, { recursive: true, force: true });
  }
  report.done();
}

/** Everything that comes to a port goes to the server's, until it is shut. */
async function openDoor(to) {
  const through = new Set();
  const server = createServer((from) => {
    const there = connect(to, "127.0.0.1");
    for (const [one, other] of [[from, there], [there, from]]) {
      through.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => (other.destroy(), through.delete(one)));
      one.pipe(other);
    }
  });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { port: server.address().port, shut: () => (server.close(), through.forEach((one) => one.destroy())) };
}

/** The demo's configuration with a store more. */
function configure(folder, url) {
  const demo = demoConf();
  const near = path.dirname(demo);
  writeFileSync(path.join(folder, "far.yaml"), DESCRIPTION);
  const text = readFileSync(demo, "utf8").replace(/\{file: /g, `{file: ${near}/`).replaceAll("../build/demo/", `${root}/build/demo/`).replace("instruments: instruments", `instruments: ${near}/instruments`)
    .replace("  contact: node operator\n", "$&  health_seconds: 0.5\n  drain_seconds: 1\n")
    .replace("\nschemas:\n", `\n- name: far\n  adapter: postgres\n  options: {url: '${url}', schemas: far}\n\nschemas:\n- {file: ${folder}/far.yaml, store: far}\n`);
  const file = path.join(folder, "node.yaml");
  writeFileSync(file, text);
  return file;
}

async function known(node) {
  const until = Date.now() + 60000;
  while (!(await (await fetch(`${node.url}/schema/far`, { headers: { Accept: "text/html" } })).text()).includes("store down")) {
    must(Date.now() < until, `the node does not see that its store is down: ${node.log().slice(-500)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
