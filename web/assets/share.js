// share.js -- a link that opens the same query elsewhere.
import { base, copy, el, toast } from "./base.js";

/** Longer addresses do not pass everywhere. */
export const LONGEST_LINK = 8000;

export function shareLink(query, maxrec, origin = base) {
  const params = new URLSearchParams({ QUERY: query, ...(maxrec ? { MAXREC: String(maxrec) } : {}) });
  return `${origin}/query?${params}`;
}

/** Copies it; where the browser forbids that, shows it for copying by hand. */
export async function share(link, place) {
  if (link.length > LONGEST_LINK) {
    toast("The query is too long for a link: share its text.", { bad: true });
    return;
  }
  if (await copy(link)) {
    toast("The link is copied.");
    return;
  }
  const field = el("input", { class: "link", readonly: true, value: link, "aria-label": "Link to this query" });
  place.replaceChildren(field);
  field.select();
}
