// snippets.js -- the same question from elsewhere: commands and programs that run as they
// stand, with this node's true address.
import { copy, el, toast } from "./base.js";

/** One shell word. */
export function shell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text literal of Python, over several lines where there are some. */
export function python(text) {
  const body = text.replaceAll("\\", "\\\\");
  if (!text.includes("\n")) return `"${body.replaceAll('"', '\\"')}"`;
  return `"""\n${body.replaceAll('"""', '\\"\\"\\"').replace(/"$/, '\\"')}\n"""`;
}

function curl({ tap, query, maxrec, mode, uploads }) {
  const limit = maxrec ? ` MAXREC=${maxrec}` : "";
  if (mode === "async") {
    const form = uploads.length ? "--form-string" : "--data-urlencode";
    return [
      `job=$(curl -sS -o /dev/null -w '%{redirect_url}' ${shell(`${tap}/async`)} \\`,
      `  ${form} LANG=ADQL ${form} RESPONSEFORMAT=csv ${form} PHASE=RUN${limit ? ` ${form}${limit}` : ""} \\`,
      ...uploads.map((u) => `  --form-string UPLOAD=${u.name},param:${u.name} -F ${shell(`${u.name}=@${u.file}`)} \\`),
      `  ${form} ${shell(`QUERY=${query}`)})`,
      `until curl -sS "$job/phase?WAIT=20" | grep -E 'COMPLETED|ERROR|ABORTED'; do sleep 1; done`,
      `curl -sS "$job/results/result"`,
    ].join("\n");
  }
  const form = uploads.length ? "--form-string" : "--data-urlencode";
  return [
    `curl -sS ${shell(`${tap}/sync`)} \\`,
    `  ${form} LANG=ADQL ${form} RESPONSEFORMAT=csv${limit ? ` ${form}${limit}` : ""} \\`,
    ...uploads.map((u) => `  --form-string UPLOAD=${u.name},param:${u.name} -F ${shell(`${u.name}=@${u.file}`)} \\`),
    `  ${form} ${shell(`QUERY=${query}`)}`,
  ].join("\n");
}

function pyvo({ tap, query, maxrec, mode, uploads }) {
  const more = [maxrec ? `maxrec=${maxrec}` : "", uploads.length ? `uploads={${uploads.map((u) => `"${u.name}": ${python(u.file)}`).join(", ")}}` : ""].filter(Boolean);
  return [
    "import pyvo",
    "",
    `service = pyvo.dal.TAPService("${tap}")`,
    `query = ${python(query)}`,
    `result = service.run_${mode}(query${more.map((m) => `, ${m}`).join("")})`,
    "print(result.to_table())",
  ].join("\n");
}

function astroquery({ tap, query, mode, uploads }) {
  const up = uploads[0];
  return [
    "from astroquery.utils.tap.core import TapPlus",
    "",
    `service = TapPlus(url="${tap}")`,
    `query = ${python(query)}`,
    `job = service.launch_job${mode === "async" ? "_async" : ""}(query${up ? `, upload_resource=${python(up.file)}, upload_table_name="${up.name}"` : ""})`,
    "print(job.get_results())",
  ].join("\n");
}

function stilts({ tap, query, maxrec, mode, uploads }) {
  return [
    "stilts tapquery \\",
    `  tapurl=${shell(tap)} sync=${mode === "sync"}${maxrec ? ` maxrec=${maxrec}` : ""} \\`,
    ...(uploads.length ? [`  nupload=${uploads.length} \\`] : []),
    ...uploads.map((u, i) => `  upload${i + 1}=${shell(u.file)} upname${i + 1}=${u.name}${kindOf(u.file) ? ` ufmt${i + 1}=${kindOf(u.file)}` : ""} \\`),
    `  adql=${shell(query.replace(/\s*\n\s*/g, " "))} \\`,
    "  ofmt=ascii",
  ].join("\n");
}

/** STILTS knows most formats by looking; CSV and TSV it must be told. */
function kindOf(file) {
  const ending = file.split(".").pop().toLowerCase();
  return ["csv", "tsv", "ecsv"].includes(ending) ? ending : "";
}

function topcat({ tap, query, mode, uploads }) {
  return [
    "1. Menu VO, entry \u201cTable Access Protocol (TAP) Query\u201d.",
    `2. TAP URL, at the foot of the window: ${tap}`,
    "3. Button \u201cUse Service\u201d.",
    `4. Mode: ${mode === "sync" ? "Synchronous" : "Asynchronous"}. Put this into \u201cADQL Text\u201d:`,
    "",
    query,
    "",
    ...(uploads.length ? [`   Load ${uploads.map((u) => u.file).join(", ")} first, and write TAP_UPLOAD.t1 (its number in TOPCAT's list) for TAP_UPLOAD.${uploads[0].name}.`] : []),
    "5. Button \u201cRun Query\u201d.",
  ].join("\n");
}

/** A comment must not swallow what follows when lines are joined. */
export function withoutComments(query) {
  return query.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n\r]*/g, (part) => (part.startsWith("--") ? "" : part)).trim();
}

/** [{name, language, text}] of all clients. uploads: [{name, file}]. */
export function snippets({ base, query, maxrec = 0, mode = "sync", uploads = [] }) {
  const q = { tap: `${base}/tap`, query: query.trim(), maxrec, mode, uploads };
  return [
    { name: "curl", language: "shell", text: curl(q) },
    { name: "pyvo", language: "python", text: pyvo(q) },
    { name: "astroquery", language: "python", text: astroquery(q) },
    { name: "STILTS", language: "shell", text: stilts({ ...q, query: withoutComments(q.query) }) },
    { name: "TOPCAT", language: "steps", text: topcat(q) },
  ];
}

/** The panel: made anew from describe() each time it is shown. */
export function snippetsPanel(describe) {
  const body = el("div", { class: "panel-body" });
  const show = () => body.replaceChildren(...snippets(describe()).map(({ name, text }) => el("section", { class: "snippet" },
    el("h3", null, name, " ", el("button", { type: "button", class: "plain small", "aria-label": `Copy for ${name}`, onclick: async () => {
      toast((await copy(text)) ? `Copied for ${name}.` : "The browser forbids copying: mark the text and copy it.");
    } }, "Copy")),
    el("pre", { tabindex: "0", "data-snippet": name }, text))));
  return { body, show };
}
