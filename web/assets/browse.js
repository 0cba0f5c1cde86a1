// browse.js -- a page whose statistics are being computed shows them when they are there.
import { ask, base } from "./base.js";

const EVERY_MS = 700;
const MOST = 200;

/** The page of a table, whatever page of it this is: "/x/table/a.b/c" is of "/table/a.b". */
export function tableOf(path) {
  const found = path.match(/\/table\/[^/]+/);
  return found ? found[0] + ".json" : null;
}

/** Is what the page waits for there? true, false, or null: it will not come. */
export function isReady(answer) {
  if (answer.statistics) return answer.statistics.state === "failed" ? null : answer.statistics.state === "ready";
  return answer.pending_statistics === 0;
}

async function watch(path) {
  for (let i = 0; i < MOST; i++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) continue;
    try {
      const ready = isReady(await (await ask(path, { headers: { Accept: "application/json" } })).json());
      const isBusy = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
      if (ready === null) return;
      if (ready && !isBusy) return location.reload();
    } catch {
      return; // the link on the page is still there
    }
  }
}

if (globalThis.document?.querySelector("[data-pending]")) {
  watch(tableOf(location.pathname.slice(new URL(base, location.href).pathname.replace(/\/$/, "").length)) ?? "/");
}
