// xmlrpc.js -- XML-RPC as SAMP uses it: texts, lists and maps as strings, arrays and objects.

const MAX_DEPTH = 16;

// What SAMP may carry is printable ASCII, tab and line ends (SAMP-1); any other character becomes "?".
export function ascii(text) {
  return Array.from(String(text), (c) => (/^[\t\n\r\x20-\x7e]$/.test(c) ? c : "?")).join("");
}

function escape(text) {
  return ascii(text).replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
}

function encode(value, depth = 0) {
  if (depth > MAX_DEPTH) throw new Error("a SAMP message is nested too deeply");
  if (Array.isArray(value)) {
    return `<value><array><data>${value.map((v) => encode(v, depth + 1)).join("")}</data></array></value>`;
  }
  if (value !== null && typeof value === "object") {
    const members = Object.entries(value).map(
      ([name, v]) => `<member><name>${escape(name)}</name>${encode(v, depth + 1)}</member>`,
    );
    return `<value><struct>${members.join("")}</struct></value>`;
  }
  return `<value><string>${escape(value ?? "")}</string></value>`;
}

// The document of a call; numbers and booleans go as texts.
export function encodeCall(method, params) {
  const list = params.map((p) => `<param>${encode(p)}</param>`).join("");
  return `<?xml version="1.0"?>\n<methodCall><methodName>${escape(method)}</methodName><params>${list}</params></methodCall>`;
}

const child = (node, name) => Array.from(node?.children ?? []).find((c) => c.localName === name);

function decode(value, depth = 0) {
  if (value?.localName !== "value" || depth > MAX_DEPTH) throw new Error("the hub's answer is no XML-RPC");
  const inner = value.children[0];
  if (inner?.localName === "array") {
    return Array.from(child(inner, "data")?.children ?? [], (v) => decode(v, depth + 1));
  }
  if (inner?.localName === "struct") {
    return Object.fromEntries(
      Array.from(inner.children, (m) => [child(m, "name")?.textContent ?? "", decode(child(m, "value"), depth + 1)]),
    );
  }
  return (inner ?? value).textContent;
}

// The value of an answer; a fault is thrown with the other side's words.
export function decodeAnswer(text) {
  const root = new DOMParser().parseFromString(text, "text/xml").documentElement;
  if (root?.localName !== "methodResponse") throw new Error("the hub's answer is no XML-RPC");
  const fault = child(root, "fault");
  if (fault) throw new Error(decode(child(fault, "value")).faultString || "the hub refuses without a reason");
  const param = child(child(root, "params"), "param");
  return param ? decode(child(param, "value")) : "";
}

// One call by HTTP. Fails with a TypeError when nobody listens.
export async function call(url, method, params, options = {}) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "text/xml" },
    body: encodeCall(method, params),
    credentials: "omit",
    ...options,
  });
  if (!answer.ok) throw new Error(`the hub answers with status ${answer.status}`);
  return decodeAnswer(await answer.text());
}
