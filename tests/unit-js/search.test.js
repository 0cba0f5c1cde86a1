// The search box and the page that waits: what needs no browser.
import test from "node:test";
import assert from "node:assert/strict";
import { announce, describe, move } from "../../web/assets/search.js";
import { isReady, tableOf } from "../../web/assets/browse.js";

test("a hit in words", () => {
  assert.deepEqual(describe({ kind: "column", name: "ze", table: "a.b", unit: "deg", ucd_meaning: "zenith distance", description: "x" }),
    ["column", "ze", "in a.b · [deg] · zenith distance"]);
  assert.deepEqual(describe({ kind: "schema", name: "kascade", title: "KASCADE", description: "Showers" }),
    ["collection", "KASCADE", "KASCADE · Showers"]);
  assert.equal(describe({ kind: "table", name: "a.b", description: "y".repeat(500) })[2].length, 140);
});

test("arrow keys go round through the box itself", () => {
  assert.equal(move(-1, 1, 3), 0);
  assert.equal(move(2, 1, 3), -1);
  assert.equal(move(-1, -1, 3), 2);
  assert.equal(move(0, -1, 3), -1);
});

test("what is said to those who hear the page", () => {
  assert.equal(announce({ total: 0 }, 0), "Nothing found");
  assert.match(announce({ total: 3 }, 3), /^3 found; /);
  assert.match(announce({ total: 30 }, 8), /^30 found, 8 shown; /);
});

test("the table that a page is of", () => {
  assert.equal(tableOf("/table/a.b"), "/table/a.b.json");
  assert.equal(tableOf("/node/table/%22a%22.b/c"), "/table/%22a%22.b.json");
  assert.equal(tableOf("/schema/a"), null);
});

test("what a page waits for", () => {
  assert.equal(isReady({ statistics: { state: "pending" } }), false);
  assert.equal(isReady({ statistics: { state: "ready" } }), true);
  assert.equal(isReady({ statistics: { state: "failed" } }), null);
  assert.equal(isReady({ pending_statistics: 2 }), false);
  assert.equal(isReady({ pending_statistics: 0 }), true);
});
