// adql.js -- what the editor knows of ADQL by itself: tokens, and which tables a query
// speaks of. What is right or wrong only the node's own parser says.

/** Tokens {kind, text, from, to}; kinds: word, quoted, text, number, comment, sign. */
export function tokens(text) {
  const found = [];
  const pattern = /--[^\n\r]*|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|[A-Za-z][A-Za-z0-9_]*|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|<>|!=|<=|>=|\|\||[^\s]/g;
  for (const match of text.matchAll(pattern)) {
    const t = match[0];
    const kind = t.startsWith("--") ? "comment" : t[0] === "'" ? "text" : t[0] === '"' ? "quoted"
      : /[A-Za-z]/.test(t[0]) ? "word" : /[\d.]/.test(t[0]) && /\d/.test(t) ? "number" : "sign";
    found.push({ kind, text: t, from: match.index, to: match.index + t.length });
  }
  return found;
}

/** A name as it counts: without quotes, or in lower case. */
export function fold(name) {
  return name[0] === '"' ? name.slice(1, name.endsWith('"') && name.length > 1 ? -1 : undefined).replaceAll('""', '"') : name.toLowerCase();
}

const ENDS_FROM = new Set(["where", "group", "having", "order", "offset", "union", "except", "intersect", "select"]);
const NO_ALIAS = new Set([...ENDS_FROM, "on", "using", "join", "left", "right", "full", "inner", "cross", "natural", "outer", "as", "tablesample"]);

/** Tables of all FROM lists: [{name: "kascade.events", alias: "e" or null}]. Good enough for
 *  text that is being typed; derived tables give their alias alone (name null). */
export function tablesOf(text) {
  const t = tokens(text).filter((token) => token.kind !== "comment");
  const found = [];
  const lists = []; // for each open parenthesis: are we in a FROM list?
  let inFrom = false;
  let wanted = false;
  for (let i = 0; i < t.length; i++) {
    const word = t[i].kind === "word" ? t[i].text.toLowerCase() : "";
    if (t[i].text === "(") {
      lists.push([inFrom, wanted]);
      inFrom = wanted && t[i + 1]?.text.toLowerCase() !== "select" && inFrom;
    } else if (t[i].text === ")") {
      const [before, was] = lists.pop() ?? [false, false];
      inFrom = before;
      wanted = false;
      if (before && was) i = readAlias(t, i + 1, null, found);
    } else if (word === "from" || word === "join") {
      inFrom = true;
      wanted = true;
    } else if (ENDS_FROM.has(word)) inFrom = wanted = false;
    else if (t[i].text === "," && inFrom) wanted = true;
    else if (inFrom && wanted && (t[i].kind === "word" || t[i].kind === "quoted")) {
      let name = t[i].text;
      while (t[i + 1]?.text === "." && (t[i + 2]?.kind === "word" || t[i + 2]?.kind === "quoted")) {
        name += "." + t[i + 2].text;
        i += 2;
      }
      wanted = false;
      i = readAlias(t, i + 1, name, found);
    }
  }
  return found;
}

function readAlias(t, i, name, found) {
  const has = t[i]?.text.toLowerCase() === "as";
  const at = has ? i + 1 : i;
  const is = t[at] && (t[at].kind === "quoted" || (t[at].kind === "word" && !NO_ALIAS.has(t[at].text.toLowerCase())));
  found.push({ name, alias: is ? t[at].text : null });
  return is ? at : i - 1;
}

/** What is being typed at `pos`: {prefix: "e.en" split into path ["e"] and word "en", from,
 *  clause: the last clause word before}. null inside a text or comment. */
export function typedAt(text, pos) {
  const all = tokens(text);
  const inside = all.find((t) => t.from < pos && pos < t.to + (t.kind === "comment" ? 1 : 0));
  if (inside && (inside.kind === "comment" || inside.kind === "text")) return null;
  const match = text.slice(0, pos).match(/((?:(?:[A-Za-z][A-Za-z0-9_]*|"(?:[^"]|"")*")\.)*)([A-Za-z][A-Za-z0-9_]*|"[^"]*)?$/);
  const path = (match?.[1] ?? "").match(/[A-Za-z][A-Za-z0-9_]*|"(?:[^"]|"")*"/g) ?? [];
  const word = match?.[2] ?? "";
  const before = all.filter((t) => t.to <= pos - (word.length + (match?.[1]?.length ?? 0)) && t.kind === "word").map((t) => t.text.toLowerCase());
  const clause = before.findLast((w) => ENDS_FROM.has(w) || w === "from" || w === "join" || w === "on" || w === "by") ?? "";
  return { path, word, from: pos - word.length, clause };
}

/** From line and column (from 1, counted in characters) to a place in the text. */
export function placeOf(text, line, column) {
  const lines = text.split(/\r\n|\n|\r/);
  let at = 0;
  for (let i = 0; i < line - 1 && i < lines.length; i++) {
    at += lines[i].length;
    at += text.startsWith("\r\n", at) ? 2 : 1;
  }
  const rest = [...(lines[line - 1] ?? "")].slice(0, column - 1).join("");
  return Math.min(at + rest.length, text.length);
}

/** The stretch to underline at a place: the token there, or one character. */
export function stretchAt(text, at) {
  const token = tokens(text).find((t) => t.from <= at && at < t.to);
  if (token) return { from: token.from, to: token.to };
  return at < text.length ? { from: at, to: at + 1 } : { from: Math.max(0, text.trimEnd().length - 1), to: text.length };
}

/** A name in quotes where it must be. */
export function quoteName(name, reserved = new Set()) {
  return /^[a-z][a-z0-9_]*$/.test(name) && !reserved.has(name.toUpperCase()) ? name : `"${name.replaceAll('"', '""')}"`;
}

/** What the node proposes in place of the wrong word: from its answer to /tap/check. */
export function suggestionOf(answer) {
  if (answer.suggestion) return answer.suggestion;
  return answer.message?.match(/to use it as a name write ("(?:[^"]|"")+") in double quotes/)?.[1] ?? null;
}
