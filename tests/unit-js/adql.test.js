// What the editor knows of ADQL by itself.
import assert from "node:assert/strict";
import test from "node:test";
import { placeOf, quoteName, stretchAt, suggestionOf, tablesOf, tokens, typedAt } from "../../web/assets/adql.js";

test("tokens keep texts, quoted names and comments whole", () => {
  const kinds = tokens("SELECT 'it''s' AS \"a \"\"b\", 1.5e3 -- from x\nFROM t").map((t) => [t.kind, t.text]);
  assert.deepEqual(kinds, [["word", "SELECT"], ["text", "'it''s'"], ["word", "AS"], ["quoted", '"a ""b"'], ["sign", ","], ["number", "1.5e3"],
    ["comment", "-- from x"], ["word", "FROM"], ["word", "t"]]);
});

test("tables of FROM with their aliases, joins and commas", () => {
  assert.deepEqual(tablesOf("SELECT * FROM a.b AS x JOIN c y ON x.i = y.i, \"D\".e WHERE z"),
    [{ name: "a.b", alias: "x" }, { name: "c", alias: "y" }, { name: '"D".e', alias: null }]);
});

test("a subquery gives its alias, and its own tables", () => {
  const found = tablesOf("SELECT q. FROM (SELECT ra FROM k.events WHERE ra IN (1, 2)) AS q, s.t");
  assert.deepEqual(found.map((t) => `${t.name} ${t.alias}`), ["k.events null", "null q", "s.t null"]);
});

test("unfinished text does not disturb", () => {
  for (const text of ["SELECT", "SELECT * FROM", "SELECT * FROM (", "SELECT * FROM a.", "FROM a JOIN", "')", "((((", "SELECT '"]) assert.ok(Array.isArray(tablesOf(text)), text);
});

test("what is typed: path, word, clause", () => {
  const text = 'SELECT e.en FROM k.events AS e WHERE "E".x';
  assert.deepEqual(typedAt(text, 11), { path: ["e"], word: "en", from: 9, clause: "select" });
  assert.equal(typedAt(text, text.indexOf("k.ev") + 4).clause, "from");
  assert.deepEqual(typedAt(text, text.length).path, ['"E"']);
  assert.equal(typedAt("SELECT 'abc' FROM t", 10), null, "nothing is proposed inside a text");
  assert.equal(typedAt("-- abc", 4), null, "nor in a comment");
});

test("places count characters, not code units, and know all line ends", () => {
  const text = "a\r\n\u{1F600}\u{1F600} x\rz";
  assert.equal(text.slice(placeOf(text, 2, 4))[0], "x");
  assert.equal(text.slice(placeOf(text, 3, 1)), "z");
  assert.equal(placeOf(text, 99, 1), text.length);
});

test("what is underlined is the token, or the end", () => {
  assert.deepEqual(stretchAt("SELECT enrgy FROM t", 7), { from: 7, to: 12 });
  const end = stretchAt("SELECT 1  ", 10);
  assert.ok(end.from < end.to && end.to === 10);
  assert.deepEqual(stretchAt("", 0), { from: 0, to: 0 });
});

test("proposals of the node", () => {
  assert.equal(suggestionOf({ suggestion: "energy" }), "energy");
  assert.equal(suggestionOf({ message: '`date` is a reserved word of ADQL: to use it as a name write "date" in double quotes' }), '"date"');
  assert.equal(suggestionOf({ message: "expected FROM" }), null);
});

test("names that need quotes get them", () => {
  assert.equal(quoteName("ra"), "ra");
  assert.equal(quoteName("Ra"), '"Ra"');
  assert.equal(quoteName("date", new Set(["DATE"])), '"date"');
  assert.equal(quoteName('a"b'), '"a""b"');
});
