// base.js -- what all scripts of the pages share: the node's address, requests, errors in
// words, elements, short messages. Import it as "./base.js" (never by an absolute path:
// the version in the address would be lost, and the module loaded twice).

/** URL of the node, without a slash at its end. The page may stand behind another name
 *  than the node believes (a proxy): then the page's own origin counts. */
export const base = sameOrigin(globalThis.document?.documentElement.dataset.base ?? "");

/** The same address on the page's own origin: pages may only ask their own node. */
export function sameOrigin(url, origin = globalThis.location?.origin ?? "") {
  if (!url || !origin) return url;
  try {
    const parsed = new URL(url, origin);
    return origin + parsed.pathname.replace(/\/+$/, "");
  } catch {
    return origin;
  }
}

/** "/tap/sync", {QUERY: ...} as an address of this node. */
export function address(path, params) {
  const query = params ? "?" + new URLSearchParams(params) : "";
  return base + path + query;
}

/** An error the node explained. line and column are of the query (from 1), 0 if unknown. */
export class NodeError extends Error {
  constructor(message, { status = 0, line = 0, column = 0, retryAfter = 0 } = {}) {
    super(message);
    this.name = "NodeError";
    Object.assign(this, { status, line, column, retryAfter });
  }
}

/** The words for a person out of an error document: VOTable, JSON, or text. */
export function errorText(text, contentType = "") {
  const body = text.trim();
  if (contentType.includes("json") || body.startsWith("{")) {
    try {
      const found = JSON.parse(body);
      return found.message ?? found.error ?? body.slice(0, 1000);
    } catch {
      return body.slice(0, 1000);
    }
  }
  const info = body.match(/<INFO\b[^>]*\bvalue\s*=\s*["']ERROR["'][^>]*>([\s\S]*?)<\/INFO>/i);
  if (info) return unescapeXml(info[1]).trim();
  if (body.startsWith("<")) return unescapeXml(body.replace(/<[^>]*>/g, " ")).replace(/\s+/g, " ").trim().slice(0, 1000);
  return body.slice(0, 4000);
}

export function unescapeXml(text) {
  const named = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(#x[0-9a-f]+|#\d+|lt|gt|quot|apos|amp);/gi, (whole, name) => {
    if (name[0] !== "#") return named[name.toLowerCase()];
    const code = /^#x/i.test(name) ? parseInt(name.slice(2), 16) : parseInt(name.slice(1), 10);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** "line 2, column 8: no such table": where, from the words. */
export function errorPlace(message) {
  const found = message.match(/^line (\d+), column (\d+): /);
  return found ? { line: +found[1], column: +found[2] } : { line: 0, column: 0 };
}

/** fetch() that throws NodeError with words a person understands. path: of this node, or a
 *  whole address. */
export async function ask(path, { params, ...options } = {}) {
  const url = /^https?:/.test(path) ? path : address(path, params);
  let response;
  try {
    response = await fetch(url, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new NodeError("The node does not answer. It may be starting anew: what you wrote is kept here; try again in a moment.");
  }
  if (response.ok) return response;
  const message = errorText(await response.text(), response.headers.get("Content-Type") ?? "");
  throw new NodeError(message || `The node answered with status ${response.status}.`, {
    status: response.status,
    retryAfter: Number(response.headers.get("Retry-After")) || 0,
    ...errorPlace(message),
  });
}

export async function fetchJson(path, params, options = {}) {
  const headers = { Accept: "application/json", ...options.headers };
  return (await ask(path, { params, ...options, headers })).json();
}

/** An element; attributes that are null or false are left out, functions named on... are
 *  listeners, children are nodes or text. Never takes HTML. */
export function el(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "text") element.textContent = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** A short message at the foot of the page, read out by screen readers. */
export function toast(text, { bad = false, seconds = 6 } = {}) {
  let place = document.getElementById("toasts");
  if (!place) {
    place = el("div", { id: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(place);
  }
  const message = el("p", { class: bad ? "toast bad" : "toast" }, text);
  place.append(message);
  setTimeout(() => message.remove(), seconds * 1000);
}

/** 1234567 as 1 234 567 (thin blanks). */
export function count(n) {
  return String(n).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
}

/** Not more letters than that, with an ellipsis: descriptions may be of any length. */
export function clip(text, most) {
  const letters = [...(text ?? "").slice(0, 2 * most + 2)];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}\u2026` : letters.join("");
}

/** 123456 bytes as 123 kB. */
export function bytes(n) {
  const unit = ["B", "kB", "MB", "GB", "TB"];
  let i = 0;
  while (n >= 1000 && i < unit.length - 1) {
    n /= 1000;
    i++;
  }
  return `${i && n < 10 ? n.toFixed(1) : Math.round(n)} ${unit[i]}`;
}

/** Text to the clipboard; where the browser forbids it, false. */
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
