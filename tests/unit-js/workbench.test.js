// Pure parts of the workbench: completion, positions, snippets, history, jobs, results.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { bytes, clip, count, errorPlace, errorText, sameOrigin } from "../../web/assets/base.js";
import { foldPath, functionOptions, optionsAt, Schema } from "../../web/assets/complete.js";
import { estimateWords, rounded } from "../../web/assets/explain.js";
import { withEntry } from "../../web/assets/history.js";
import { withJob } from "../../web/assets/joblist.js";
import { coneText, parsePosition } from "../../web/assets/position.js";
import { caret, overflowWords, RowReader } from "../../web/assets/results.js";
import { isFinished, parseJob, requestBody } from "../../web/assets/run.js";
import { shareLink } from "../../web/assets/share.js";
import { python, shell, snippets, withoutComments } from "../../web/assets/snippets.js";
import { read, write } from "../../web/assets/store.js";
import { inserted } from "../../web/assets/tree.js";
import { columnWords, tableName } from "../../web/assets/upload.js";

function schema() {
  const s = new Schema();
  s.schemas = [{ name: "k", tables: [{ name: "k.events", rows: 10 }, { name: 'k."Odd"', rows: 1 }] }, { name: "g", tables: [{ name: "g.events", rows: 5 }] }];
  s.words = { functions: [{ name: "SQRT", signature: "SQRT(x DOUBLE) -> DOUBLE", description: "Square root." },
    { name: "LOG", signature: "LOG(x) -> DOUBLE" }, { name: "LOG", signature: "LOG(x, y) -> DOUBLE" }], words: ["SELECT", "FROM"], formats: [] };
  s.columns.set("k.events", Promise.resolve([{ name: "ra", unit: "deg", indexed: true }, { name: "Energy", adql_name: '"Energy"' }]));
  s.columns.set("g.events", Promise.resolve([{ name: "nmu" }]));
  return s;
}
const labels = async (text, pos = text.length) => (await optionsAt(schema(), text, pos))?.options.map((o) => o.label) ?? [];

test("behind an alias come the columns of its table", async () => {
  const text = "SELECT e. FROM k.events AS e";
  assert.deepEqual(await labels(text, 9), ["ra", '"Energy"']);
});
test("behind a schema come its tables", async () => {
  assert.deepEqual(await labels("SELECT * FROM k."), ["events", '"Odd"']);
});
test("columns of all tables in FROM, their aliases, and functions", async () => {
  const found = await labels("SELECT r FROM k.events AS e, g.events AS f", 8);
  for (const label of ["ra", "nmu", "e", "f", "SQRT"]) assert.ok(found.includes(label), label);
});
test("behind FROM come tables, not columns", async () => {
  const found = await labels("SELECT * FROM k");
  assert.ok(found.includes("k.events") && !found.includes("ra"));
});
test("uploads are completed like tables", async () => {
  const s = schema();
  s.uploads.set("tap_upload.mine", [{ name: "x" }]);
  assert.deepEqual((await optionsAt(s, "SELECT u. FROM TAP_UPLOAD.mine AS u", 9)).options.map((o) => o.label), ["x"]);
  assert.deepEqual((await optionsAt(s, "SELECT * FROM tap_upload.", 25)).options.map((o) => o.label), ["mine"]);
});
test("overloads of a function are one proposal with all signatures", () => {
  const log = functionOptions(schema()).filter((o) => o.label === "LOG");
  assert.equal(log.length, 1);
  assert.match(log[0].info, /LOG\(x\)[\s\S]*LOG\(x, y\)/);
});
test("a name without a schema is found when only one table has it", () => {
  assert.equal(schema().find("events"), null);
  assert.equal(schema().find('K.EVENTS').name, "k.events");
  assert.equal(foldPath('K."Odd"'), "k.Odd");
});

test("positions in degrees and sexagesimal", () => {
  assert.deepEqual(parsePosition("83.633, 22.014"), { ra: 83.633, dec: 22.014 });
  assert.deepEqual(parsePosition("05:34:31.94 +22:00:52.2"), { ra: 83.6330833, dec: 22.0145 });
  assert.deepEqual(parsePosition("5h34m31.94s -0d30m00s"), { ra: 83.6330833, dec: -0.5 });
  assert.equal(parsePosition("05 34 32 -00 30 00").dec, -0.5, "minus zero degrees is south");
  assert.equal(parsePosition("-10 5").ra, 350);
  assert.equal(parsePosition("Crab nebula"), null);
  assert.equal(parsePosition("M 31"), null);
  assert.throws(() => parsePosition("10 95"), /no such position/);
});
test("a cone fits where the cursor is", () => {
  const at = { ra: 1, dec: 2 };
  assert.equal(coneText("SELECT * FROM t", at, 5, "ra", "dec"), "\nWHERE DISTANCE(ra, dec, 1, 2) < 5");
  assert.equal(coneText("SELECT * FROM t WHERE a = 1", at, 5, "t.ra", "t.dec"), "\n  AND DISTANCE(t.ra, t.dec, 1, 2) < 5");
  assert.equal(coneText("SELECT * FROM t WHERE ", at, 5, "ra", "dec"), "DISTANCE(ra, dec, 1, 2) < 5");
  assert.equal(coneText("SELECT ", at, 5, null, null), "CIRCLE(1, 2, 5)");
});
test("names go in with commas and blanks", () => {
  assert.equal(inserted("SELECT", "", "ra"), " ra");
  assert.equal(inserted("SELECT ra", "", "dec"), ", dec");
  assert.equal(inserted("SELECT ", "FROM t", "ra"), "ra ");
  assert.equal(inserted("SELECT * FROM", "", "k.events"), " k.events");
  assert.equal(inserted("SELECT TOP 5", "", "ra"), " ra");
});

test("shell words and Python texts come back as they were", () => {
  for (const text of ["it's", "a $x `b` \\ \"c\"", "two\nlines 'x'", 'ends in "', '"""', "\\", "é \u{1F600}"]) {
    assert.equal(execFileSync("sh", ["-c", `printf %s ${shell(text)}`]).toString(), text);
    const back = execFileSync("/usr/bin/python3", ["-c", `import sys; sys.stdout.buffer.write((${python(text)}).encode())`]).toString();
    assert.equal(text.includes("\n") ? back.trim() : back, text);
  }
});
test("snippets name the node, the query, the limit, the upload", () => {
  const all = snippets({ base: "https://node.example/x", query: "SELECT 'a' FROM t -- why", maxrec: 7, mode: "async", uploads: [{ name: "u", file: "my file.csv" }] });
  assert.deepEqual(all.map((s) => s.name), ["curl", "pyvo", "astroquery", "STILTS", "TOPCAT"]);
  for (const { name, text } of all) {
    assert.ok(text.includes("https://node.example/x/tap"), name);
    assert.ok(text.includes("my file.csv"), name);
  }
  assert.match(all[3].text, /ufmt1=csv/);
  assert.ok(!all[3].text.includes("why"), "a comment would swallow the joined line");
});
test("comments go, texts with dashes stay", () => {
  assert.equal(withoutComments("SELECT '--x' -- y\nFROM \"a--b\""), "SELECT '--x' \nFROM \"a--b\"");
});

test("history: newest first, each query once, bounded", () => {
  let list = [];
  for (let i = 0; i < 300; i++) list = withEntry(list, { query: `q${i}` });
  assert.equal(list.length, 200);
  list = withEntry(list, { query: " q250 " });
  assert.equal(list.filter((e) => e.query.trim() === "q250").length, 1);
  assert.equal(list[0].query, " q250 ");
});
test("jobs: what is known stays, what is new wins", () => {
  assert.deepEqual(withJob([{ id: "a", query: "q" }, { id: "b" }], { id: "a", phase: "X" }), [{ id: "a", query: "q", phase: "X" }, { id: "b" }]);
});
test("a full browser storage loses nothing of the page", () => {
  const full = { setItem() { throw new Error("QuotaExceededError"); }, getItem() { return null; } };
  assert.equal(write("t1", [1, 2, 3], full), false);
  assert.deepEqual(read("t1", [], full), [1, 2, 3]);
  const room = { text: null, setItem(key, text) { if (text.length > 5) throw new Error("full"); this.text = text; }, getItem() { return this.text; } };
  assert.equal(write("t2", [1, 2, 3, 4], room), false);
  assert.equal(room.text, "[1,2]", "the newer half is kept");
  assert.equal(read("t3", "none", { getItem() { throw new Error("forbidden"); } }), "none");
});

test("job documents", () => {
  const job = parseJob(`<uws:job><uws:jobId>a1</uws:jobId><uws:runId xsi:nil="true"/><uws:phase>ERROR</uws:phase>
    <uws:creationTime>2026-01-01T00:00:00Z</uws:creationTime><uws:endTime xsi:nil="true"/>
    <uws:parameters><uws:parameter id="QUERY">SELECT &lt;1&gt; &amp; x</uws:parameter><uws:parameter id="LANG">ADQL</uws:parameter></uws:parameters>
    <uws:results><uws:result id="result" xlink:href="u" size="12" mime-type="text/csv"/></uws:results>
    <uws:errorSummary type="fatal"><uws:message>line 1, column 8: no column</uws:message></uws:errorSummary>
    <uws:jobInfo><c:progress>5 rows</c:progress><c:position>3</c:position></uws:jobInfo></uws:job>`);
  assert.equal(job.id, "a1");
  assert.equal(job.parameters.QUERY, "SELECT <1> & x");
  assert.equal(job.message, "line 1, column 8: no column");
  assert.deepEqual([job.size, job.mime, job.progress, job.position, job.ended], [12, "text/csv", "5 rows", 3, ""]);
  assert.ok(isFinished("ABORTED") && !isFinished("QUEUED"));
});
test("uploads make a form of parts", () => {
  assert.ok(requestBody({ a: "1" }) instanceof URLSearchParams);
  const body = requestBody({ QUERY: "q" }, [{ name: "u", file: new Blob(["x"]) }]);
  assert.equal(body.get("UPLOAD"), "u,param:u");
  assert.ok(body.get("u"));
});
test("table names out of file names", () => {
  assert.equal(tableName("My Data (1).csv"), "my_data_1");
  assert.equal(tableName("2024-run.vot"), "run");
  assert.equal(tableName("date.csv", [], new Set(["DATE"])), "date_1");
  assert.equal(tableName("a.csv", ["a", "a_2"]), "a_3");
  assert.equal(tableName("\u65e5\u672c.fits"), "table1");
});
test("types in words", () => {
  assert.equal(columnWords({ datatype: "double" }), "number");
  assert.equal(columnWords({ datatype: "char", arraysize: "*" }), "text");
  assert.equal(columnWords({ datatype: "char", arraysize: "*", xtype: "timestamp" }), "time");
  assert.equal(columnWords({ datatype: "float", arraysize: "3" }), "array of numbers");
});

test("rows of an answer come line by line, whatever the pieces", () => {
  const text = '{"metadata":[\n{"name":"a"},\n{"name":"b"}],\n"data":[\n[1,"x\\ny"],\n[null,"]"]\n],\n"query_status":"OVERFLOW",\n"message":"the limit of 2"}\n';
  for (const size of [1, 7, 1000]) {
    const reader = new RowReader();
    for (let i = 0; i < text.length; i += size) reader.feed(text.slice(i, i + size));
    reader.end();
    assert.deepEqual(reader.columns.map((c) => c.name), ["a", "b"]);
    assert.deepEqual(reader.rows, [[1, "x\ny"], [null, "]"]]);
    assert.equal(reader.status, "OVERFLOW");
  }
  const broken = new RowReader();
  broken.feed(text.slice(0, 60));
  assert.throws(() => broken.end(), /broke off/);
});
test("cut answers are called so", () => {
  assert.match(overflowWords({ rows: 5, overflow: true }), /more rows than these 5/);
  assert.match(overflowWords({ rows: 5, limit: 5 }), /may be more/);
  assert.equal(overflowWords({ rows: 5, limit: 5, query: "select distinct top 5 a FROM t" }), "", "as many as were asked for");
  assert.match(overflowWords({ rows: 5, limit: 5, query: "SELECT TOP 9 a FROM t" }), /may be more/);
  assert.match(overflowWords({ rows: 5, limit: 5, query: "SELECT TOP 3 a FROM t UNION SELECT TOP 3 a FROM u" }), /may be more/);
  assert.equal(overflowWords({ rows: 4, limit: 5 }), "");
  assert.equal(overflowWords({ rows: 5, limit: 5, overflow: false }), "");
});
test("the caret stands under its column", () => {
  assert.equal(caret("SELECT\n  enrgy", 2, 3), "  enrgy\n  ^");
  assert.equal(caret("x", 9, 1), "");
});
test("estimates are no more exact than they are", () => {
  assert.equal(rounded(1234567), 1200000);
  assert.equal(rounded(99), 99);
  assert.match(estimateWords({ rows_read: 2, rows_out: 1, store: "s", mode: "sync" }), /about 2 rows in store s, gives at most about 1 row: a short query/);
});

test("errors in words, from every kind of document", () => {
  assert.equal(errorText('<VOTABLE><INFO name="QUERY_STATUS" value="ERROR">a &lt; b</INFO></VOTABLE>'), "a < b");
  assert.equal(errorText('{"message":"no"}', "application/json"), "no");
  assert.equal(errorText("plain\n"), "plain");
  assert.equal(errorText("<html><body><h1>502</h1>Bad gateway</body></html>"), "502 Bad gateway");
  assert.deepEqual(errorPlace("line 2, column 8: x"), { line: 2, column: 8 });
});
test("a page behind another name asks its own origin", () => {
  assert.equal(sameOrigin("http://inner:8080/node", "https://outer.example"), "https://outer.example/node");
  assert.equal(sameOrigin("http://inner:8080", "https://outer.example"), "https://outer.example");
});
test("long texts are clipped between characters", () => {
  assert.equal(clip("abc", 3), "abc");
  assert.equal(clip("\u{1F600}".repeat(9), 3), "\u{1F600}\u{1F600}\u2026");
  assert.equal(clip(undefined, 3), "");
});
test("figures for people", () => {
  assert.equal(count(1234567), "1\u202f234\u202f567");
  assert.equal(bytes(1234), "1.2 kB");
  assert.equal(bytes(12), "12 B");
});
test("links carry the query", () => {
  const link = shareLink("SELECT 'a&b' FROM t\n+", 5, "https://n");
  assert.equal(new URL(link).searchParams.get("QUERY"), "SELECT 'a&b' FROM t\n+");
});
