// Pure parts of SAMP in the page: XML-RPC calls, what others' messages mean, addresses, words. SAMP-1, SAMP-3, SAMP-19.
import assert from "node:assert/strict";
import test from "node:test";
import { outcome, positionOf, rowOf } from "../../web/assets/samp.js";
import { kindOf, summary, votableOf } from "../../web/assets/send.js";
import { ascii, encodeCall } from "../../web/assets/xmlrpc.js";

test("SAMP-1: only strings, lists and maps, only ASCII, escaped", () => {
  assert.equal(ascii("caf\u00e9 \u{1f30c}\u0001\t."), "caf? ??\t.");
  assert.equal(
    encodeCall("samp.webhub.notify", ["k", { url: "http://x/?a=1&b=<2>", n: 7 }, ["\u03b1"]]),
    '<?xml version="1.0"?>\n<methodCall><methodName>samp.webhub.notify</methodName><params>' +
      "<param><value><string>k</string></value></param><param><value><struct><member><name>url</name><value><string>" +
      "http://x/?a=1&amp;b=&lt;2&gt;</string></value></member><member><name>n</name><value><string>7</string></value></member>" +
      "</struct></value></param><param><value><array><data><value><string>?</string></value></data></array></value></param>" +
      "</params></methodCall>",
  );
  const deep = [];
  let at = deep;
  for (let i = 0; i < 40; i++) at.push((at = []));
  assert.throws(() => encodeCall("m", [deep]), /deeply/);
});

test("numbers of others are read with care", () => {
  assert.equal(rowOf({ row: "12" }), 12);
  for (const row of ["-1", "1.5", "", "x", "1e400", undefined, {}]) assert.equal(rowOf({ row }), -1, String(row));
  assert.equal(rowOf(undefined), -1);
  assert.deepEqual(positionOf({ ra: "83.6", dec: "-22" }), { ra: 83.6, dec: -22 });
  assert.deepEqual(positionOf({ ra: "-10.5", dec: "1e1" }), { ra: 349.5, dec: 10 });
  for (const [ra, dec] of [["x", "1"], ["1", "91"], ["400", "1"], ["", ""], ["Infinity", "1"]]) assert.equal(positionOf({ ra, dec }), null);
});

test("SAMP-3: what an answer means, and the words for it", () => {
  assert.deepEqual(outcome({ "samp.status": "samp.ok" }), { ok: true, text: "" });
  assert.deepEqual(outcome({ "samp.status": "samp.warning", "samp.error": { "samp.errortxt": "w" } }), { ok: true, text: "w" });
  assert.deepEqual(outcome({ "samp.status": "samp.error" }), { ok: false, text: "it refused without a reason" });
  assert.equal(outcome(null).ok, false);
  assert.equal(
    summary([{ name: "topcat", ok: true, text: "" }, { name: "Aladin", ok: false, text: "disk full" }]),
    "Opened in topcat. Aladin: disk full.",
  );
});

test("SAMP-19: the same page of rows has the same table behind it", () => {
  const page = "http://n/tap/sync?LANG=ADQL&QUERY=SELECT+1&ResponseFormat=html&MAXREC=5#x";
  assert.equal(votableOf(page), "http://n/tap/sync?LANG=ADQL&QUERY=SELECT+1&MAXREC=5&RESPONSEFORMAT=votable");
  assert.equal(votableOf(page), votableOf(votableOf(page)));
});

test("a product is sent as what it is", () => {
  const row = { content_type: "application/fits", access_url: "http://n/f", content_qualifier: "#image" };
  assert.equal(kindOf(row), "image");
  assert.equal(kindOf({ ...row, content_qualifier: "#spectrum" }), "spectrum");
  assert.equal(kindOf({ ...row, content_qualifier: "#event-list" }), "fits");
  for (const other of [undefined, {}, { ...row, access_url: "" }, { ...row, content_type: "image/png" }, { ...row, content_qualifier: "#x" }])
    assert.equal(kindOf(other), undefined);
});
