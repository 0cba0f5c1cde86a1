// jobs.js -- /jobs: the queries that this browser let run, as they stand now: open, run
// again, share, stop, delete.
import { base, copy, el, toast, bytes } from "./base.js";
import { when } from "./history.js";
import { forgetJob, jobs, rememberJob } from "./joblist.js";
import { abortJob, deleteJob, isFinished, readJob, resultUrl, startJob } from "./run.js";

const WORDS = {
  PENDING: "not started", QUEUED: "waits for its turn", EXECUTING: "runs", COMPLETED: "done", ERROR: "failed", ABORTED: "stopped", HELD: "held", ARCHIVED: "archived",
  GONE: "gone: the node has deleted it", UNKNOWN: "the node does not answer",
};
const place = document.getElementById("jobs");

async function look(entry) {
  try {
    return { ...entry, ...(await readJob(entry.id)) };
  } catch (error) {
    return { ...entry, phase: error.status === 404 || error.status === 410 ? "GONE" : "UNKNOWN", message: error.message, parameters: {} };
  }
}

function act(label, what, { plain = true } = {}) {
  return el("button", { type: "button", class: plain ? "plain small" : "small", onclick: async (event) => {
    event.target.disabled = true;
    try {
      await what();
    } catch (error) {
      toast(error.message, { bad: true });
    }
    event.target.disabled = false;
  } }, label);
}

function buttons(job) {
  const query = job.parameters.QUERY ?? job.query ?? "";
  const list = [];
  if (job.phase === "COMPLETED") list.push(el("a", { class: "button small", href: `${base}/query?job=${encodeURIComponent(job.id)}` }, "Show as a table"),
    el("a", { class: "button plain small", href: resultUrl(job.id) }, `File${job.size ? ` (${bytes(job.size)})` : ""}`));
  if (job.phase === "EXECUTING" && job.preview) list.push(el("a", { class: "button small", href: `${base}/query?job=${encodeURIComponent(job.id)}` }, "See its first rows"));
  if (query) {
    list.push(el("a", { class: "button plain small", href: `${base}/query?QUERY=${encodeURIComponent(query)}` }, "Open in the editor"));
    if (!job.parameters.UPLOAD) list.push(act("Run again", async () => {
      const again = await startJob({ query, format: job.parameters.RESPONSEFORMAT || "json", maxrec: job.parameters.MAXREC, uploads: [] });
      rememberJob({ id: again.id, query, created: new Date().toISOString() });
      await draw();
    }));
  }
  if (job.phase !== "GONE") list.push(act("Share", async () => {
    const link = `${base}/jobs?job=${encodeURIComponent(job.id)}`;
    toast((await copy(link)) ? "The link is copied: whoever has it may open and delete the job." : link);
  }));
  if (!isFinished(job.phase) && !["GONE", "UNKNOWN"].includes(job.phase)) list.push(act("Stop", async () => {
    await abortJob(job.id);
    await draw();
  }));
  list.push(act(job.phase === "GONE" ? "Forget" : "Delete", async () => {
    if (job.phase !== "GONE") await deleteJob(job.id).catch((error) => { if (error.status !== 404) throw error; });
    forgetJob(job.id);
    await draw();
  }));
  return list;
}

function row(job) {
  const query = job.parameters.QUERY ?? job.query ?? "";
  const state = [WORDS[job.phase] ?? job.phase, job.phase === "EXECUTING" || job.phase === "QUEUED" ? job.progress : ""].filter(Boolean).join(": ");
  return el("li", { class: "job", "data-phase": job.phase },
    el("p", null, el("strong", { class: { COMPLETED: "good", ERROR: "bad", GONE: "soft" }[job.phase] ?? null }, state), " ",
      el("span", { class: "soft" }, [when(job.created), job.kept ? `kept until ${when(job.kept)}` : ""].filter(Boolean).join(", ")), " ", el("code", { class: "soft" }, job.id)),
    query ? el("pre", { tabindex: "0" }, query) : null,
    job.phase === "ERROR" && job.message ? el("pre", { class: "error", tabindex: "0" }, job.message) : null,
    el("p", { class: "tools" }, buttons(job).flatMap((b) => [b, " "])));
}

let timer;
let drawn = 0;
async function draw() {
  clearTimeout(timer);
  const mine = ++drawn;
  const known = jobs();
  const found = await Promise.all(known.slice(0, 50).map(look));
  if (mine !== drawn) return;
  place.replaceChildren(found.length
    ? el("ul", { class: "jobs" }, found.map(row))
    : el("p", null, "There are no jobs yet. ", el("a", { href: `${base}/query` }, "Ask something"), " and run it as a job."));
  document.documentElement.dataset.ready = "true";
  if (found.some((job) => !isFinished(job.phase) && job.phase !== "GONE")) timer = setTimeout(draw, 2000);
}

const shared = new URLSearchParams(location.search).get("job");
if (shared && /^[\w.-]+$/.test(shared)) rememberJob({ id: shared });
draw();
