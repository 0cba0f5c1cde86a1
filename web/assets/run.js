// run.js -- a query on its way: while one waits (sync) or as a job (async); progress, and
// stopping it.
import { address, ask, base, errorPlace, NodeError, unescapeXml } from "./base.js";

/** Fields of the request, as FormData when tables are uploaded, else urlencoded. */
export function requestBody(fields, uploads = []) {
  if (!uploads.length) return new URLSearchParams(fields);
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  for (const upload of uploads) {
    body.append("UPLOAD", `${upload.name},param:${upload.name}`);
    body.append(upload.name, upload.file, upload.file.name ?? `${upload.name}.xml`);
  }
  return body;
}

/** The answer of /tap/sync, its body still coming in. */
export function runSync({ query, format, maxrec, uploads, signal }) {
  const fields = { LANG: "ADQL", QUERY: query, RESPONSEFORMAT: format, ...(maxrec ? { MAXREC: String(maxrec) } : {}) };
  return ask("/tap/sync", { method: "POST", body: requestBody(fields, uploads), signal });
}

/** What a job document says. */
export function parseJob(xml) {
  const one = (name) => {
    const found = xml.match(new RegExp(`<(?:\\w+:)?${name}\\b[^>]*?(?:/>|>([\\s\\S]*?)</(?:\\w+:)?${name}>)`));
    return found?.[1] === undefined ? "" : unescapeXml(found[1]).trim();
  };
  const parameters = {};
  for (const [, attributes, value] of xml.matchAll(/<(?:\w+:)?parameter\b([^>]*)>([\s\S]*?)<\/(?:\w+:)?parameter>/g)) {
    const id = attributes.match(/\bid="([^"]*)"/)?.[1];
    if (id) parameters[unescapeXml(id)] = unescapeXml(value);
  }
  const summary = xml.match(/<(?:\w+:)?errorSummary\b[\s\S]*?<\/(?:\w+:)?errorSummary>/)?.[0] ?? "";
  const message = unescapeXml(summary.match(/<(?:\w+:)?message\b[^>]*>([\s\S]*?)<\/(?:\w+:)?message>/)?.[1] ?? "").trim();
  const size = xml.match(/<(?:\w+:)?result\b[^>]*\bsize="(\d+)"/)?.[1];
  const mime = xml.match(/<(?:\w+:)?result\b[^>]*\bmime-type="([^"]*)"/)?.[1];
  return {
    id: one("jobId"), phase: one("phase"), created: one("creationTime"), started: one("startTime"), ended: one("endTime"),
    kept: one("destruction"), progress: one("progress"), preview: one("preview"), position: Number(one("position")) || 0, parameters, message,
    size: size ? Number(size) : null, mime: mime ? unescapeXml(mime) : null,
  };
}

const LAST = new Set(["COMPLETED", "ERROR", "ABORTED", "ARCHIVED"]);
export function isFinished(phase) {
  return LAST.has(phase);
}

const xml = { headers: { Accept: "application/xml" }, cache: "no-store" };

/** Makes a job and lets it run: its document. */
export async function startJob({ query, format, maxrec, uploads }) {
  const fields = { LANG: "ADQL", QUERY: query, RESPONSEFORMAT: format, PHASE: "RUN", ...(maxrec ? { MAXREC: String(maxrec) } : {}) };
  const response = await ask("/tap/async", { method: "POST", body: requestBody(fields, uploads), ...xml });
  return parseJob(await response.text());
}

export async function readJob(id, { wait = 0, phase = "", signal } = {}) {
  const params = wait ? { WAIT: String(wait), ...(phase ? { PHASE: phase } : {}) } : undefined;
  return parseJob(await (await ask(`/tap/async/${encodeURIComponent(id)}`, { params, signal, ...xml })).text());
}

/** Follows a job to its end; told(job) at every look. A node that does not answer is asked
 *  again for a while: it may be starting anew, and its jobs with it. */
export async function followJob(id, told, { signal } = {}) {
  let silent = 0;
  for (;;) {
    try {
      const job = await readJob(id, { signal });
      silent = 0;
      told(job);
      if (isFinished(job.phase)) return job;
    } catch (error) {
      const isAway = !error.status || [429, 502, 503, 504].includes(error.status); // it stops, starts, or a proxy speaks for it
      if (error.name === "AbortError" || !isAway || ++silent > 240) throw error;
      told({ id, phase: "UNKNOWN", progress: "The node does not answer; asking again\u2026", parameters: {}, position: 0 });
    }
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

async function post(path, fields) {
  await ask(path, { method: "POST", body: new URLSearchParams(fields), ...xml });
}

export const abortJob = (id) => post(`/tap/async/${encodeURIComponent(id)}/phase`, { PHASE: "ABORT" });
export const deleteJob = (id) => post(`/tap/async/${encodeURIComponent(id)}`, { ACTION: "DELETE" });

/** The error of a job that failed, with its place in the query. */
export function jobError(job) {
  const words = job.message || (job.phase === "ABORTED" ? "The job was stopped." : "The job failed.");
  return new NodeError(words, errorPlace(words));
}

/** The first rows of a job that runs, while it has some: a response, or null. */
export async function firstRows(job) {
  if (!job.preview) return null;
  try {
    return await ask(`/tap/async/${encodeURIComponent(job.id)}/preview`, { cache: "no-store" });
  } catch {
    return null; // it ended in between
  }
}

export function resultUrl(id) {
  return `${base}/tap/async/${encodeURIComponent(id)}/results/result`;
}

/** An address that gives the rows of the query to any program. */
export function syncUrl(query, format, maxrec) {
  return address("/tap/sync", { LANG: "ADQL", RESPONSEFORMAT: format, ...(maxrec ? { MAXREC: String(maxrec) } : {}), QUERY: query });
}
