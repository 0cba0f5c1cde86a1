// workbench.js -- /query with scripts: joins editor, completion, estimate, running, results,
// and the panels beside. The page's form stays what is sent; it works without all this.
import { ask, base, el, NodeError, toast } from "./base.js";
import { quoteName, tablesOf } from "./adql.js";
import { completer, Schema } from "./complete.js";
import { createEditor } from "./editor.js";
import { estimateWords, explainPanel } from "./explain.js";
import { historyPanel, remember } from "./history.js";
import { rememberJob } from "./joblist.js";
import { positionColumns, positionPanel } from "./position.js";
import { Answer } from "./results.js";
import { abortJob, firstRows, followJob, isFinished, jobError, readJob, requestBody, resultUrl, runSync, startJob, syncUrl } from "./run.js";
import { LONGEST_LINK, share, shareLink } from "./share.js";
import { snippetsPanel } from "./snippets.js";
import { forget, read, write } from "./store.js";
import { inserted, tree } from "./tree.js";
import { Uploads } from "./upload.js";

const form = document.getElementById("ask");
const textarea = form.elements.QUERY;
const maxrecField = form.elements.MAXREC;
const given = textarea.defaultValue; // what the address asked for
const MOST_FIRST = 100; // rows that the node shows of a job that runs
const draftKey = `draft:${location.search}`;

class Workbench {
  schema = new Schema();
  estimate = null;
  running = null; // {stop()}

  async start() {
    await this.schema.load();
    this.restoreDraft();
    this.uploads = new Uploads(this.schema, { changed: () => this.editor.recheck() });
    this.uploads.insert = (name) => this.insert(name);
    this.answer = new Answer(document.getElementById("answer"), this.schema.words);
    this.buildForm();
    this.editor = await createEditor(textarea, {
      words: this.schema.words.words,
      complete: completer(this.schema),
      check: (text) => this.check(text),
      onChange: () => this.changed(),
      onRun: () => this.run(),
      isRich: this.schema.words.have.editor,
    });
    this.buildPanels();
    this.uploads.listen(document.body, () => this.open("upload"));
    if (!this.editor.isRich) this.check(this.editor.text());
    document.documentElement.dataset.ready = "true"; // for tests, and for styles
    const job = new URLSearchParams(location.search).get("job");
    if (job) this.showJob(job);
  }

  /** A page that was left and opened again has what was being written. */
  restoreDraft() {
    const draft = read(draftKey, null, sessionStorage);
    if (typeof draft === "string" && draft !== given) textarea.value = draft;
  }

  changed() {
    write(draftKey, this.editor?.text() ?? textarea.value, sessionStorage);
    if (this.editor && this.editor.text() === given) forget(draftKey, sessionStorage);
  }

  describe() {
    const query = this.editor.text();
    return { query, maxrec: Number(maxrecField.value) || 0, uploads: this.uploads.usedBy(query), mode: this.mode() };
  }

  mode() {
    return this.modeField.value === "auto" ? this.estimate?.mode ?? "sync" : this.modeField.value;
  }

  /** The node's word on the text; the estimate is shown with it. Silent while it is away. */
  async check(query) {
    if (!query.trim()) return null;
    const uploads = this.uploads.usedBy(query).map((u) => ({ name: u.name, file: u.empty }));
    const fields = { LANG: "ADQL", QUERY: query, ...(Number(maxrecField.value) > 0 ? { MAXREC: maxrecField.value } : {}) };
    try {
      const answer = await (await ask("/tap/check", { method: "POST", body: requestBody(fields, uploads) })).json();
      this.showCheck(answer);
      return answer;
    } catch (error) {
      this.estimateLine.className = "warn";
      this.estimateLine.textContent = error.message;
      return null;
    }
  }

  showCheck(answer) {
    this.estimate = answer.ok ? answer.estimate : null;
    this.estimateLine.className = answer.ok ? "soft" : "bad";
    const place = answer.line > 0 ? `Line ${answer.line}, column ${answer.column}: ` : "";
    this.estimateLine.textContent = answer.ok ? estimateWords(answer.estimate) : place + answer.message;
    this.warnings.replaceChildren(...(answer.warnings ?? []).map((text) => el("p", { class: "warning" }, el("strong", null, "Large: "), text)));
    const auto = this.modeField.options[0];
    auto.textContent = this.estimate ? `as estimated: ${this.estimate.mode === "sync" ? "wait for it" : "as a job"}` : "as estimated";
  }

  buildForm() {
    this.modeField = el("select", { id: "mode", "aria-label": "How to run" },
      el("option", { value: "auto" }, "as estimated"), el("option", { value: "sync" }, "wait for it (sync)"), el("option", { value: "async" }, "as a job (async)"));
    this.estimateLine = el("p", { id: "estimate", role: "status", class: "soft" });
    this.warnings = el("div", { id: "warnings" });
    this.stop = el("button", { type: "button", id: "stop", class: "plain", hidden: true, onclick: () => this.running?.stop() }, "Stop");
    const choices = document.getElementById("choices");
    const run = document.getElementById("run");
    choices.before(el("p", { id: "editor-help", class: "soft small-text" }, "Ctrl+Enter runs, Ctrl+Space completes, Tab leaves the editor."), this.estimateLine, this.warnings);
    const format = form.elements.RESPONSEFORMAT;
    format.options[0].textContent = "table here";
    format.options[0].value = "html";
    run.before(el("label", null, "Run ", this.modeField));
    run.after(this.stop);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    maxrecField.addEventListener("change", () => this.editor.recheck());
  }

  buildPanels() {
    const choose = (query) => this.offer(query);
    this.panels = {
      explain: { title: "Explain", ...explainPanel(() => this.describe()) },
      history: { title: "History", ...historyPanel(choose) },
      position: {
        title: "Position", ...positionPanel({
          editor: this.editor, hasResolver: this.schema.words.resolver,
          table: () => positionColumns(this.schema, tablesOf(this.editor.text())),
        }),
      },
      upload: { title: "Upload", body: this.uploads.body, show: () => this.uploads.show() },
      snippets: { title: "As code", ...snippetsPanel(() => {
        const d = this.describe();
        return { ...d, base, uploads: d.uploads.map((u) => ({ name: u.name, file: u.file.name })) };
      }) },
    };
    this.panelPlace = el("div", { id: "panel", hidden: true });
    const button = (name, label, act) => el("button", { type: "button", class: "plain", id: `do-${name}`, onclick: act }, label);
    const bar = el("p", { class: "tools", role: "group", "aria-label": "Tools of the query" },
      button("format", "Lay out", () => this.layOut()),
      ...Object.entries(this.panels).map(([name, panel]) => {
        const toggle = button(name, panel.title, () => this.toggle(name));
        toggle.setAttribute("aria-expanded", "false");
        toggle.setAttribute("aria-controls", "panel");
        return toggle;
      }),
      button("share", "Share", () => share(shareLink(this.editor.text(), Number(maxrecField.value) || 0), this.linkPlace)));
    this.linkPlace = el("p", { class: "link-place" });
    form.after(bar, this.linkPlace, this.panelPlace);
    const side = el("details", { id: "side", open: matchMedia("(min-width: 64rem)").matches },
      el("summary", null, "Tables and columns"), tree(this.schema, (name) => this.insert(name)));
    document.getElementById("workbench").append(side);
  }

  toggle(name) {
    if (this.panelPlace.dataset.name === name && !this.panelPlace.hidden) this.close();
    else this.open(name);
  }

  open(name) {
    this.close();
    const panel = this.panels[name];
    this.panelPlace.dataset.name = name;
    this.panelPlace.replaceChildren(el("h2", null, panel.title), panel.body);
    this.panelPlace.hidden = false;
    document.getElementById(`do-${name}`).setAttribute("aria-expanded", "true");
    panel.show();
  }

  close() {
    const open = this.panelPlace.dataset.name;
    if (open) document.getElementById(`do-${open}`).setAttribute("aria-expanded", "false");
    this.panelPlace.hidden = true;
  }

  insert(name) {
    const text = this.editor.text();
    const at = this.editor.cursor();
    this.editor.insert(inserted(text.slice(0, at), text.slice(at), name));
  }

  /** A query from elsewhere never takes the place of one that somebody wrote: it opens
   *  beside it, unless the editor still holds what the page came with. */
  offer(query) {
    const now = this.editor.text();
    if (!now.trim() || now === given || now === query) this.editor.replaceAll(query);
    else this.editor.insert(`${now.slice(0, this.editor.cursor()).endsWith("\n") || !this.editor.cursor() ? "" : "\n"}${query}\n`);
  }

  async layOut() {
    const query = this.editor.text();
    try {
      const answer = await (await ask("/tap/check", { method: "POST", body: requestBody({ LANG: "ADQL", QUERY: query, LAYOUT: "1" }) })).json();
      if (!answer.layout) throw new NodeError(answer.layout_error ?? answer.message);
      if (answer.layout !== query && this.editor.text() === query) this.editor.replaceAll(answer.layout);
      else toast("It is laid out already.");
    } catch (error) {
      toast(`Not laid out: ${error.message}`, { bad: true });
    }
  }

  async run() {
    if (this.running) return;
    const wish = this.describe();
    const format = form.elements.RESPONSEFORMAT.value;
    if (!wish.query.trim()) return this.answer.say("There is no query yet.", "bad");
    if (this.estimate === null) await this.check(wish.query);
    const mode = this.mode();
    if (mode === "sync" && format !== "html" && !wish.uploads.length) {
      remember({ query: wish.query, mode });
      return form.submit(); // a file: the browser's business
    }
    const begun = performance.now();
    this.begin();
    try {
      const found = mode === "sync" ? await (format === "html" ? this.runSync(wish, begun) : this.saveFile(wish, format)) : await this.runJob(wish, format, begun);
      remember({ query: wish.query, mode, rows: found?.rows });
    } catch (error) {
      if (error.name === "AbortError") this.answer.say("Stopped. Rows that came are shown.", "warn");
      else this.answer.fail(error, wish.query);
      remember({ query: wish.query, mode, error: error.name === "AbortError" ? "stopped" : "failed" });
    }
    this.end();
  }

  begin() {
    this.answer.clear("Running\u2026");
    this.answer.reveal();
    this.stop.hidden = false;
    document.getElementById("run").disabled = true;
    const begun = (this.begun = Date.now());
    this.clock = setInterval(() => {
      if (/^Running/.test(this.answer.status.textContent)) this.answer.say(`Running\u2026 ${Math.round((Date.now() - begun) / 1000)} s`);
    }, 1000);
  }

  end() {
    clearInterval(this.clock);
    this.running = null;
    this.stop.hidden = true;
    document.getElementById("run").disabled = false;
  }

  async runSync(wish, begun) {
    const control = new AbortController();
    this.running = { stop: () => control.abort() };
    const response = await runSync({ ...wish, format: this.answer.format, signal: control.signal });
    const url = wish.uploads.length ? "" : syncUrl(wish.query, "votable", wish.maxrec);
    const found = await this.answer.show(response, { begun, ...this.named(wish.query, url), limit: wish.maxrec });
    this.table = found.table ?? null;
    this.offerResult(wish, url);
    return found;
  }

  /** With uploads the page's form cannot send the query: the answer is fetched, then saved. */
  async saveFile(wish, format) {
    const control = new AbortController();
    this.running = { stop: () => control.abort() };
    const response = await runSync({ ...wish, format, signal: control.signal });
    const ending = this.schema.words.formats.find((f) => f.mime === format)?.extension ?? "";
    const url = URL.createObjectURL(await response.blob());
    el("a", { href: url, download: `result${ending}` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60000);
    this.answer.say("The answer is saved as a file.", "good");
    return null;
  }

  named(query, url) {
    const table = tablesOf(query)[0]?.name;
    return { query, name: table ? `Rows of ${table}` : "Result", tableId: url || `colure-${hash(query)}`, url };
  }

  async runJob(wish, format, begun) {
    const job = await startJob({ ...wish, format: format === "html" ? this.answer.format : format });
    rememberJob({ id: job.id, query: wish.query, created: new Date().toISOString() });
    const control = new AbortController();
    this.running = { stop: () => abortJob(job.id).catch((error) => toast(error.message, { bad: true })) };
    this.answer.notice.replaceChildren(el("p", { class: "soft" }, "It runs as a job: you may leave this page; ",
      el("a", { href: `${base}/jobs?job=${encodeURIComponent(job.id)}` }, "your jobs"), " keep it."));
    const last = await followJob(job.id, (now) => this.tellJob(now), { signal: control.signal });
    return this.jobEnded(last, wish, begun);
  }

  tellJob(job) {
    const words = { PENDING: "The job waits to be started", QUEUED: "The job waits for its turn", EXECUTING: "The job runs", UNKNOWN: "" }[job.phase] ?? "";
    const since = Math.max(0, Math.floor((Date.now() - this.begun) / 5000) * 5); // in steps, for those who hear it
    const seconds = job.phase === "EXECUTING" && since ? `since ${since} s` : "";
    if (words || job.progress) this.answer.say([words, seconds, job.position ? `place ${job.position} in the line` : "", job.progress].filter(Boolean).join(": "));
    if (job.phase === "EXECUTING" && job.preview) this.showFirst(job);
  }

  /** The first rows as soon as the node has them, and more of them as they come. */
  async showFirst(job) {
    const known = this.first?.id === job.id ? this.first : (this.first = { id: job.id, rows: 0, asked: false });
    if (known.asked || known.rows >= MOST_FIRST) return;
    known.asked = true;
    try {
      const response = await firstRows(job);
      if (response && this.running) known.rows = await this.answer.first(response);
    } catch {
      // the next look at the job asks again
    }
    known.asked = false;
  }

  async jobEnded(job, wish, begun) {
    if (job.phase !== "COMPLETED") throw jobError(job);
    const readable = /arrow|json/.test(job.mime ?? "");
    if (!readable) {
      this.answer.say("The job has its result.", "good");
      this.answer.notice.replaceChildren(el("p", null, el("a", { href: resultUrl(job.id), class: "button" }, "Open the result")));
      return null;
    }
    const response = await ask(resultUrl(job.id));
    const found = await this.answer.show(response, { begun, ...this.named(wish.query, resultUrl(job.id)), limit: wish.maxrec });
    this.table = found.table ?? null;
    this.offerResult(wish, "", job);
    return found;
  }

  /** /query?job=ID: the job's query, its state, its rows. */
  async showJob(id) {
    this.begin();
    try {
      let job = await readJob(id);
      this.begun = Date.parse(job.started) || this.begun;
      const query = job.parameters.QUERY ?? "";
      if (query && this.editor.text() === given) this.editor.replaceAll(query);
      rememberJob({ id, query, created: job.created });
      this.running = { stop: () => abortJob(id).catch((error) => toast(error.message, { bad: true })) };
      if (!isFinished(job.phase)) job = await followJob(id, (now) => this.tellJob(now));
      await this.jobEnded(job, { query, uploads: [], maxrec: Number(job.parameters.MAXREC) || 0 });
    } catch (error) {
      this.answer.fail(error, this.editor.text());
    }
    this.end();
  }

  /** Where the rows may go from here. */
  offerResult(wish, url, job = null) {
    const tools = [];
    if (url) tools.push(el("label", null, "Download ", el("select", { id: "download", onchange: (event) => {
      if (event.target.value) location.assign(syncUrl(wish.query, event.target.value, wish.maxrec));
      event.target.value = "";
    } }, el("option", { value: "" }, "as\u2026"), this.schema.words.formats.map((f) => el("option", { value: f.mime }, f.name)))));
    if (job) tools.push(el("a", { href: resultUrl(job.id) }, "Result file"));
    if (!wish.uploads.length && wish.query.length < LONGEST_LINK)
      tools.push(el("a", { class: "button plain", id: "plot", href: plotLink(wish.query, this.table?.columns) }, "Plot"));
    if ((url || job) && this.schema.words.have.samp) {
      const said = el("span", { role: "status", class: "soft" });
      tools.push(el("button", { type: "button", class: "plain", id: "send", onclick: () => this.send(wish, url, said) }, "Send to TOPCAT, Aladin"), said);
    }
    this.answer.tools.replaceChildren(...tools.flatMap((tool) => [tool, " "]));
  }

  async send(wish, url, said) {
    said.textContent = "Asking the SAMP hub\u2026";
    try {
      const [{ samp }, { summary }] = await Promise.all([import("./samp.js"), import("./send.js")]);
      await samp().connect(); // no hub: nothing is run for it
      url ||= await this.votableOf(wish, said);
      const { tableId, name } = this.named(wish.query, url);
      said.textContent = summary(await samp().sendTable(url, { tableId, name }));
      this.joinRows(samp(), tableId, url);
    } catch (error) {
      said.textContent = error.message;
    }
  }

  /** Other programs read no Arrow: the job once more, as a VOTable. Its address. */
  async votableOf(wish, said) {
    const job = await startJob({ ...wish, format: "votable" });
    rememberJob({ id: job.id, query: wish.query, created: new Date().toISOString() });
    const last = await followJob(job.id, (now) => { said.textContent = `Making a VOTable of it\u2026 ${now.progress ?? ""}`; });
    if (last.phase !== "COMPLETED") throw jobError(last);
    return resultUrl(job.id);
  }

  /** Rows of a table that was sent are pointed at both ways. */
  joinRows(samp, tableId, url) {
    const { table } = this;
    if (!table || this.joined === table) return;
    this.joined = table;
    table.onRow = (row) => samp.highlightRow(tableId, url, row);
    samp.onHighlight((h) => {
      if (this.joined === table && (h.tableId === tableId || (!h.tableId && h.url === url))) table.highlight(h.row);
    });
  }
}

/** The page of plots draws the whole answer of the query, not only what came here. */
function plotLink(query, columns = []) {
  const numeric = columns.filter((column) => column.kind === "number" || column.kind === "integer");
  const first = numeric.find((column) => column.kind === "number") ?? numeric[0];
  const params = new URLSearchParams({ query, ...(first ? { kind: "histogram", x: quoteName(first.name) } : {}) });
  return `${base}/plot?${params}`;
}

/** A short name for a query, the same each time. */
function hash(text) {
  let h = 0x811c9dc5;
  for (const c of text) h = Math.imul(h ^ c.codePointAt(0), 0x01000193) >>> 0;
  return h.toString(16);
}

new Workbench().start().catch((error) => {
  document.getElementById("answer").replaceChildren(el("p", { class: "warn", role: "alert" },
    `The editor did not start (${error.message}) The form works without it.`));
});
