// Tables and plots: what needs no browser.
import test from "node:test";
import assert from "node:assert/strict";
import { Columns, filterRows, floatText, numberWithin, parseFilter, scrolledRow, scrollOf, sortRows, summary, timeText, valueText, MOST_PIXELS } from "../../web/assets/columns.js";
import { axisText, colour, marks, mjdText, numberText, roundStep, scaling, shade } from "../../web/assets/scales.js";
import { aitoff, cellOf, unAitoff } from "../../web/assets/healpix.js";
import { cornersOf, distance, fromPlane, imageSky, pairs, sodaShape, toPlane } from "../../web/assets/plane.js";

const vector = (values) => ({ get: (i) => values[i] });
const made = () => {
  const columns = new Columns([{ name: "n", type: { typeId: 3, precision: 2 } }, { name: "t", type: { typeId: 5 } }]);
  columns.append({ numRows: 3, vectors: [vector([3, null, 1]), vector(["b", "a", null])] });
  columns.append({ numRows: 2, vectors: [vector([NaN, 2]), vector(["a", "c"])] });
  return columns;
};

test("rows of batches that keep coming", () => {
  const columns = made();
  assert.equal(columns.nrow, 5);
  assert.deepEqual([0, 1, 2, 3, 4].map((row) => columns.text(row, 1)), ["b", "a", "", "a", "c"]);
  assert.deepEqual(columns.row(4), { n: 2, t: "c" });
  assert.equal(columns.value(99, 0), null);
});

test("a number that does not fit loses digits, never its size", () => {
  const within = (text, most) => numberWithin(text, (one) => one.length <= most);
  assert.equal(within("127233068132545.77", 18), "127233068132545.77");
  assert.equal(within("127233068132545.77", 10), "≈1.272e+14");
  assert.equal(within("-0.00000123456789", 9), "≈-1.23e-6");
  assert.equal(within("9007199254740993", 4), "≈9e+15");
});

test("what has no value comes last, whichever way", () => {
  const columns = made();
  const rows = Uint32Array.from([0, 1, 2, 3, 4]);
  assert.deepEqual([...sortRows(rows, columns.key(0), false)], [2, 4, 0, 1, 3]);
  assert.deepEqual([...sortRows(rows, columns.key(0), true)], [0, 4, 2, 1, 3]);
  assert.deepEqual([...sortRows(rows, columns.key(1), false)], [1, 3, 0, 4, 2]);
  assert.deepEqual([...sortRows(rows, columns.key(1), true)], [4, 0, 1, 3, 2]);
});

test("filters as people write them", () => {
  const columns = made();
  const pass = (column, text) => [...filterRows(columns.nrow, [{ key: columns.key(column), test: parseFilter(text, columns.fields[column].kind) }])];
  assert.deepEqual(pass(0, ">1"), [0, 4]);
  assert.deepEqual(pass(0, "<= 2"), [2, 4]);
  assert.deepEqual(pass(0, "1..2"), [2, 4]);
  assert.deepEqual(pass(0, "..2"), [2, 4]);
  assert.deepEqual(pass(0, "!=3"), [2, 4]);
  assert.deepEqual(pass(0, "null"), [1, 3]);
  assert.deepEqual(pass(0, "!null"), [0, 2, 4]);
  assert.deepEqual(pass(1, "A"), [1, 3]);
  assert.deepEqual(pass(1, "=b"), [0]);
  assert.deepEqual(pass(1, "!a"), [0, 4]);
  assert.deepEqual(pass(1, "null"), [2]);
  assert.equal(parseFilter("  ", "number"), null);
  assert.throws(() => parseFilter("> many", "number"), /no number/);
  const from2001 = parseFilter(">2001-01-01", "time");
  assert.ok(from2001(Date.UTC(2002, 0, 1) * 1000) && !from2001(Date.UTC(2000, 0, 1) * 1000));
});

test("most frequent values, and how numbers are spread", () => {
  const columns = made();
  const all = Uint32Array.from([0, 1, 2, 3, 4]);
  const texts = summary(all, columns.key(1));
  assert.deepEqual(texts.top, [{ value: "a", n: 2 }, { value: "b", n: 1 }, { value: "c", n: 1 }]);
  assert.equal(texts.nulls, 1);
  const numbers = summary(all, columns.key(0), { bins: 2 });
  assert.deepEqual([numbers.low, numbers.high, numbers.mean, numbers.nulls], [1, 3, 2, 2]);
  assert.deepEqual(numbers.histogram, [1, 2]);
  assert.equal(summary([], columns.key(0)).low, undefined);
});

test("values as text", () => {
  assert.equal(floatText(Math.fround(0.1)), "0.1");
  assert.equal(floatText(Math.fround(16777216)), "16777216");
  assert.equal(timeText(0n), "1970-01-01T00:00:00");
  assert.equal(timeText(-1n), "1969-12-31T23:59:59.999999");
  assert.equal(timeText(1500000n), "1970-01-01T00:00:01.500");
  assert.equal(valueText(12345678901234567890n, { kind: "integer" }), "12345678901234567890");
  assert.equal(valueText([1, 2, null], { kind: "list" }), "[1, 2, ]");
  assert.equal(valueText(Array(9).fill(0), { kind: "list" }), "[0, 0, 0, 0, 0, 0, … 9 values]");
});

test("a million rows in a document of bounded height: both ends are reached, and the way back", () => {
  const [n, height, view] = [1000000, 26, 500];
  assert.equal(scrolledRow(0, n, height, view), 0);
  assert.ok(Math.abs(scrolledRow(MOST_PIXELS - view, n, height, view) - (n - view / height)) < 1e-6);
  for (const row of [0, 5, 123456, 999000]) assert.ok(Math.abs(scrolledRow(scrollOf(row, n, height, view), n, height, view) - row) < 1e-6);
  assert.equal(scrolledRow(100, 3, height, view), 0);
});

test("marks of axes", () => {
  assert.equal(roundStep(0.03), 0.05);
  assert.deepEqual(marks("linear", 0, 1, 5).map((mark) => mark.text), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
  assert.deepEqual(marks("linear", -0.25, 0.25, 3).map((mark) => mark.text), ["-0.2", "0", "0.2"]);
  assert.deepEqual(marks("log", 1e-4, 1e4, 10).map((mark) => mark.text), ["1e-4", "0.001", "0.01", "0.1", "1", "10", "100", "1000", "10000"]);
  assert.deepEqual(marks("log", 1, 10, 5).map((mark) => mark.text), ["1", "2", "5", "10"]);
  assert.deepEqual(marks("time", 50814, 52640, 6).map((mark) => mark.text), ["1998", "1999", "2000", "2001", "2002", "2003"]);
  assert.deepEqual(marks("time", 50814, 50815, 4).map((mark) => mark.text)[1], "1998-01-01 06:00");
  assert.deepEqual(marks("linear", 1, 1, 5), []);
  assert.deepEqual(marks("linear", 0, Infinity, 5), []);
  assert.equal(numberText(1.5e9, 1e8), "1.5e9");
  assert.equal(mjdText(40587), "1970-01-01T00:00:00");
  assert.equal(axisText("time", 40587.5), "1970-01-01 12:00:00");
});

test("places, shades, colours", () => {
  const x = scaling("log", 1, 100, 0, 10);
  assert.equal(x.place(10), 5);
  assert.ok(Math.abs(x.value(5) - 10) < 1e-9);
  assert.equal(shade(null, 0, 1, true), 0);
  assert.ok(Math.abs(shade(100, 1, 100, true) - 1) < 1e-12);
  assert.ok(shade(1, 1, 100, true) > 0);
  assert.deepEqual(colour("#0b5cad"), [11, 92, 173]);
  assert.deepEqual(colour("rgb(1, 2, 3)"), [1, 2, 3]);
});

test("HEALPix and Aitoff", () => {
  assert.equal(cellOf(0, 45, 80), 0);
  assert.equal(cellOf(0, 0.001, 0), 4);
  assert.equal(cellOf(0, 300, -80), 11);
  for (let order = 0; order < 5; order++) {
    const seen = new Set();
    for (let i = 0; i < 40000; i++) seen.add(cellOf(order, (i * 137.50776) % 360, (Math.asin(2 * ((i + 0.5) / 40000) - 1) * 180) / Math.PI));
    assert.equal(seen.size, 12 * 4 ** order);
    assert.equal(Math.max(...seen), 12 * 4 ** order - 1);
  }
  for (const [lon, lat] of [[0, 0], [10, 80], [200, -45], [179, 5], [350, -89]]) {
    const [a, b] = unAitoff(...aitoff(lon, lat));
    assert.ok(Math.abs(b - lat) < 1e-9 && Math.abs(a - lon) < 1e-9, `${a} ${b}`);
  }
  assert.equal(unAitoff(0.9, 0.45), null);
});

test("drawing on an image gives positions", () => {
  const centre = [359.95, 60];
  const corners = [[-0.1, -0.1], [0.1, -0.1], [0.1, 0.1], [-0.1, 0.1]].map(([x, y]) => fromPlane([-x, y], centre)); // east is left
  const sky = imageSky(corners, centre);
  const middle = sky(0.5, 0.5);
  assert.ok(distance(middle, centre) < 1e-9);
  assert.ok(sky(1, 0.5)[0] < 359.9 && (sky(0, 0.5)[0] < 1 || sky(0, 0.5)[0] > 359.95));
  const circle = sodaShape({ shape: "circle", from: [0.5, 0.5], to: [1, 0.5] }, sky).CIRCLE.split(" ").map(Number);
  assert.ok(Math.abs(circle[2] - 0.1) < 1e-5 && Math.abs(circle[0] - 359.95) < 1e-6);
  const polygon = sodaShape({ shape: "rectangle", from: [0.75, 0.75], to: [0.25, 0.25] }, sky).POLYGON.split(" ").map(Number);
  assert.equal(polygon.length, 8);
  assert.ok(distance([polygon[0], polygon[1]], sky(0.25, 0.25)) < 1e-6);
  const [x, y] = toPlane(fromPlane([3, -2], centre), centre);
  assert.ok(Math.abs(x - 3) < 1e-9 && Math.abs(y + 2) < 1e-9);
});

test("corners of an outline, however many vertices its sides have", () => {
  const square = [[0, 0], [10, 0], [10, 5], [0, 5]];
  assert.deepEqual(cornersOf(square), square);
  const dense = [0, 1, 2, 3].flatMap((side) => Array.from({ length: 16 }, (_, k) => [0, 1].map((i) => square[side][i] + ((square[(side + 1) % 4][i] - square[side][i]) * k) / 16)));
  assert.deepEqual(cornersOf(dense), square);
  const mixed = (curved) => [0, 1, 2, 3].flatMap((side) => dense.slice(16 * side, 16 * side + (side % 2 === curved ? 16 : 1)));
  assert.deepEqual(cornersOf(mixed(0)), square);
  assert.deepEqual(cornersOf(mixed(1)), square);
  assert.deepEqual(pairs(" 1 2  3 4 "), [[1, 2], [3, 4]]);
});
