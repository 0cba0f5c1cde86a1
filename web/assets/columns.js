// columns.js -- the rows of a result as columns: values, texts, sorting, filters, most
// frequent values. Pure: knows Arrow's batches by their shape only, and no document.

/** What a column's values are, as far as showing and sorting goes. */
export const KINDS = { number: "number", integer: "integer", text: "text", time: "time", bool: "bool", list: "list" };

/** The kind of an Arrow type (Schema.fbs numbers: apache-arrow's typeId). */
export function kindOf(type) {
  const id = Math.abs(type.typeId ?? 0);
  if (id === 2) return KINDS.integer;
  if (id === 3) return KINDS.number;
  if (id === 5 || id === 20) return KINDS.text;
  if (id === 6) return KINDS.bool;
  if (id === 10) return KINDS.time;
  if (id === 12 || id === 16) return KINDS.list;
  return KINDS.text;
}

/** The shortest decimal text that is this single-precision number again. */
export function floatText(value) {
  for (let digits = 6; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

/** A number's text, with as many digits as fit: a part of its digits would be another number. */
export function numberWithin(text, fits) {
  if (fits(text)) return text;
  for (let digits = 12; digits > 1; digits--) {
    const short = `≈${Number(text).toExponential(digits - 1)}`;
    if (fits(short)) return short;
  }
  return `≈${Number(text).toExponential(0)}`;
}

/** Microseconds since 1970 as ISO 8601, without a fraction where there is none. */
export function timeText(us) {
  const whole = BigInt(us);
  const second = whole >= 0n ? whole / 1000000n : (whole - 999999n) / 1000000n;
  const fraction = Number(whole - second * 1000000n);
  const date = new Date(Number(second) * 1000);
  if (Number.isNaN(date.getTime())) return String(us);
  const text = date.toISOString().slice(0, 19);
  return fraction ? `${text}.${String(fraction).padStart(6, "0").replace(/000$/, "")}` : text;
}

/** How many elements of an array are shown. */
const SHOWN = 6;

export function valueText(value, column) {
  if (value === null || value === undefined) return "";
  if (column.kind === KINDS.list) {
    const all = Array.from({ length: Math.min(value.length, SHOWN) }, (_, i) => {
      const one = value.get ? value.get(i) : value[i];
      return one === null ? "" : column.single ? floatText(one) : String(one);
    });
    return value.length > SHOWN ? `[${all.join(", ")}, … ${value.length} values]` : `[${all.join(", ")}]`;
  }
  if (column.kind === KINDS.time) return timeText(value);
  if (column.kind === KINDS.number && column.single) return floatText(value);
  return String(value);
}

/** Rows of batches that keep coming. */
export class Columns {
  constructor(fields) {
    this.fields = fields.map((field) => ({
      name: field.name,
      kind: kindOf(field.type),
      single: field.type.typeId === 3 ? field.type.precision === 1 : field.type.children?.[0]?.type?.precision === 1,
      unit: field.metadata?.get?.("unit") ?? "",
      ucd: field.metadata?.get?.("ucd") ?? "",
      description: field.metadata?.get?.("description") ?? "",
    }));
    this.batches = [];
    this.starts = [];
    this.nrow = 0;
    this.keys = new Map(); // column > what it is sorted and filtered by
  }

  append(batch) {
    if (batch.numRows === 0) return;
    this.batches.push(batch.vectors ?? this.fields.map((_, i) => batch.getChildAt(i)));
    this.starts.push(this.nrow);
    this.nrow += batch.numRows;
    this.keys.clear();
  }

  batchOf(row) {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle] <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  value(row, column) {
    if (row < 0 || row >= this.nrow) return null;
    const i = this.batchOf(row);
    const vector = this.batches[i][column];
    const value = vector.get(row - this.starts[i]);
    // Arrow's reader turns times into milliseconds; here they stay whole microseconds
    if (this.fields[column].kind === KINDS.time && value !== null && vector.data) return rawTime(vector, row - this.starts[i]);
    return value;
  }

  text(row, column) {
    return valueText(this.value(row, column), this.fields[column]);
  }

  /** {name: value} of a row; whole numbers beyond 2^53 stay bigint. */
  row(row) {
    return Object.fromEntries(this.fields.map((field, i) => [field.name, this.value(row, i)]));
  }

  /** All values of a column as numbers (NaN: none) or texts (null: none), made once. */
  key(column) {
    let made = this.keys.get(column);
    if (made) return made;
    const isNumber = [KINDS.number, KINDS.integer, KINDS.time, KINDS.bool].includes(this.fields[column].kind);
    made = isNumber ? new Float64Array(this.nrow) : new Array(this.nrow);
    for (let b = 0; b < this.batches.length; b++) {
      const vector = this.batches[b][column];
      const end = (this.starts[b + 1] ?? this.nrow) - this.starts[b];
      for (let i = 0; i < end; i++) {
        const value = vector.get(i);
        made[this.starts[b] + i] = isNumber ? (value === null ? NaN : Number(value))
          : value === null ? null : this.fields[column].kind === KINDS.text ? value : valueText(value, this.fields[column]);
      }
    }
    if (this.fields[column].kind === KINDS.time && this.batches[0]?.[column].data) for (let i = 0; i < this.nrow; i++) made[i] *= 1000;
    this.keys.set(column, made);
    return made;
  }
}

function rawTime(vector, i) {
  const data = vector.data[0];
  const values = data.values;
  if (values instanceof BigInt64Array) return values[i];
  if (values instanceof Int32Array) return (BigInt(values[2 * i + 1]) << 32n) | BigInt(values[2 * i] >>> 0);
  return vector.get(i);
}

/** Rows in a new order. What has no value comes last, whichever way. Equal ones stay. */
export function sortRows(rows, key, descending) {
  const sign = descending ? -1 : 1;
  if (key instanceof Float64Array) {
    return rows.slice().sort((a, b) => {
      const x = key[a];
      const y = key[b];
      if (x !== x) return y !== y ? 0 : 1;
      if (y !== y) return -1;
      return x < y ? -sign : x > y ? sign : 0;
    });
  }
  // texts are compared once each: equal ones share a rank
  const unique = [...new Set(key)].filter((text) => text !== null).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const rank = new Map(unique.map((text, i) => [text, i]));
  const ranks = Float64Array.from(key, (text) => (text === null ? NaN : rank.get(text)));
  return sortRows(rows, ranks, descending);
}

/** A filter as people write it: ">5", "<= 3", "1..5", "=Crab", "null", "!null", "cr".
 *  A test of one key; null: all pass. Throws words for a person. */
export function parseFilter(text, kind) {
  const wanted = text.trim();
  if (!wanted) return null;
  if (/^null$/i.test(wanted)) return (value) => value === null || value !== value;
  if (/^!\s*null$/i.test(wanted)) return (value) => value !== null && value === value;
  if (kind === KINDS.text || kind === KINDS.list) return textFilter(wanted);
  const number = (part) => {
    const value = kind === KINDS.time && /[-:T]/.test(part.slice(1)) ? Date.parse(`${part}${/T.*[Z+]/.test(part) || !/T/.test(part) ? "" : "Z"}`) * 1000
      : kind === KINDS.bool && /^(true|false)$/i.test(part) ? Number(/true/i.test(part)) : Number(part);
    if (part === "" || Number.isNaN(value)) throw new Error(`${part || wanted} is no ${kind === KINDS.time ? "time" : "number"}: write >5, <=3, 1..5, 7, null`);
    return value;
  };
  const range = wanted.match(/^(.*?)\.\.(.*)$/);
  if (range) {
    const low = range[1].trim() === "" ? -Infinity : number(range[1].trim());
    const high = range[2].trim() === "" ? Infinity : number(range[2].trim());
    return (value) => value >= low && value <= high;
  }
  const sign = wanted.match(/^(>=|<=|!=|<>|>|<|=)?\s*(.*)$/);
  const limit = number(sign[2]);
  return {
    ">": (value) => value > limit, ">=": (value) => value >= limit, "<": (value) => value < limit,
    "<=": (value) => value <= limit, "!=": (value) => value === value && value !== limit,
    "<>": (value) => value === value && value !== limit,
  }[sign[1]] ?? ((value) => value === limit);
}

function textFilter(wanted) {
  if (wanted[0] === "=") {
    const exact = wanted.slice(1).trim();
    return (value) => value === exact;
  }
  if (wanted[0] === "!") {
    const not = wanted.slice(1).replace(/^=/, "").trim().toLowerCase();
    return (value) => value !== null && !value.toLowerCase().includes(not);
  }
  const part = wanted.toLowerCase();
  return (value) => value !== null && value.toLowerCase().includes(part);
}

/** Rows that pass all tests: [{key, test}]. */
export function filterRows(nrow, tests) {
  const rows = new Uint32Array(nrow);
  let n = 0;
  for (let row = 0; row < nrow; row++) {
    let passes = true;
    for (const { key, test } of tests) {
      if (!test(key[row])) {
        passes = false;
        break;
      }
    }
    if (passes) rows[n++] = row;
  }
  return rows.subarray(0, n);
}

/** Most frequent values among rows, and how the numbers are spread. */
export function summary(rows, key, { most = 12, bins = 24 } = {}) {
  const counts = new Map();
  const isNumber = key instanceof Float64Array;
  let nulls = 0;
  let low = Infinity;
  let high = -Infinity;
  let sum = 0;
  for (const row of rows) {
    const value = key[row];
    if (value === null || value !== value) {
      nulls++;
      continue;
    }
    counts.set(value, (counts.get(value) ?? 0) + 1);
    if (isNumber) {
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
    }
  }
  const distinct = counts.size;
  const top = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, most)
    .map(([value, n]) => ({ value, n }));
  const result = { rows: rows.length, nulls, distinct, top };
  if (isNumber && distinct) {
    Object.assign(result, { low, high, mean: sum / (rows.length - nulls), histogram: spread(rows, key, low, high, bins) });
  }
  return result;
}

function spread(rows, key, low, high, bins) {
  const counts = new Array(bins).fill(0);
  const width = (high - low) / bins || 1;
  for (const row of rows) {
    const value = key[row];
    if (value === value && Number.isFinite(value)) counts[Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width)))]++;
  }
  return counts;
}

/** Where a scrolled list of `n` rows of `height` px begins, in a document of bounded height. */
export const MOST_PIXELS = 8000000;
export function scrolledRow(top, n, height, view) {
  const real = n * height;
  const total = Math.min(real, MOST_PIXELS);
  if (total <= view) return 0;
  return (top / (total - view)) * Math.max(0, n - view / height);
}
export function scrollOf(row, n, height, view) {
  const total = Math.min(n * height, MOST_PIXELS);
  const most = Math.max(1e-9, n - view / height);
  return Math.max(0, Math.min(1, row / most)) * Math.max(0, total - view);
}
