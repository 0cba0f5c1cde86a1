// browse.js -- a page whose statistics are being computed shows them when they are there.
import { ask } from "./base.js";

const EVERY_MS = 700;
const MOST = 200;

/** The page of a table, whatever page of it this is: "/x/table/a.b/c" is of "/table/a.b". */
export function tableOf(path) {
  const found = path.match(/\/table\/[^/]+/);
  return found ? found[0] + ".json" : null;
}

async function watch(path) {
  for (let i = 0; i < MOST; i++) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    if (document.hidden) continue;
    try {
      const answer = await (await ask(path)).json();
      const isBusy = /^(INPUT|TEXTAREA|SELECT)$/.test(document.activeElement?.tagName ?? "");
      if (answer.statistics.state === "ready" && !isBusy) return location.reload();
      if (answer.statistics.state === "failed") return;
    } catch {
      return; // the link on the page is still there
    }
  }
}

if (globalThis.document?.querySelector("[data-pending]")) {
  const path = tableOf(location.pathname);
  if (path) watch(path);
}
