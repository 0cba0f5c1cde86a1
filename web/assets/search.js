// search.js -- search boxes answer as one types: a list under the box, for mouse, keyboard
// and screen reader. Without it the form asks the search page.
import { ask, el } from "./base.js";

const DELAY_MS = 90;
const SHOWN = 8;

/** What an option says: [kind, name, the rest]. */
export function describe(hit) {
  const rest = [hit.kind === "column" ? `in ${hit.table}` : hit.title, hit.unit && `[${hit.unit}]`, hit.ucd_meaning ?? hit.description];
  return [hit.kind === "schema" ? "collection" : hit.kind, hit.kind === "schema" ? hit.title ?? hit.name : hit.name,
    rest.filter(Boolean).join(" · ").slice(0, 140)];
}

/** The place after a step, where -1 is the box itself. */
export function move(at, step, count) {
  const next = at + step;
  return next >= count ? -1 : next < -1 ? count - 1 : next;
}

/** "3 found": for those who hear the page. */
export function announce(answer, shown) {
  if (answer.total === 0) return "Nothing found";
  return `${answer.total} found${answer.total > shown ? `, ${shown} shown` : ""}; arrow keys lead through them`;
}

let boxes = 0;

class SearchBox {
  constructor(input) {
    this.input = input;
    this.id = `found-${++boxes}`;
    this.hits = [];
    this.at = -1;
    this.list = el("ul", { id: this.id, class: "found", role: "listbox", "aria-label": "Found", hidden: "" });
    this.status = el("span", { class: "unseen", role: "status", "aria-live": "polite" });
    const holder = el("span", { class: "search-box" });
    input.replaceWith(holder);
    holder.append(input, this.list, this.status);
    for (const [name, value] of Object.entries({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.id }))
      input.setAttribute(name, value);
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("focus", () => this.hits.length && this.show(true));
    holder.addEventListener("focusout", (event) => holder.contains(event.relatedTarget) || this.show(false));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.find(), DELAY_MS);
  }

  async find() {
    const q = this.input.value.trim();
    this.running?.abort();
    if (!q) return this.fill({ hits: [], total: 0 }, true);
    this.running = new AbortController();
    try {
      const answer = await ask("/search.json", { params: { q }, signal: this.running.signal });
      this.fill(await answer.json());
    } catch (error) {
      if (error.name !== "AbortError") this.status.textContent = error.message;
    }
  }

  fill(answer, silent = false) {
    this.hits = answer.hits.slice(0, SHOWN);
    this.at = -1;
    this.list.replaceChildren(...this.hits.map((hit, i) => this.option(hit, i)));
    this.status.textContent = silent ? "" : announce(answer, this.hits.length);
    this.show(this.hits.length > 0);
  }

  option(hit, i) {
    const [kind, name, rest] = describe(hit);
    const option = el("li", { id: `${this.id}-${i}`, role: "option", "aria-selected": "false" },
      el("span", { class: "badge kind" }, kind), " ", el("strong", {}, el("bdi", {}, name)), " ", el("span", { class: "soft" }, rest));
    option.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    option.addEventListener("click", () => this.go(i));
    return option;
  }

  show(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.choose(-1);
  }

  choose(at) {
    this.at = at;
    [...this.list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === at)));
    if (at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.id}-${at}`);
    this.list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.hits.length) {
      event.preventDefault();
      this.show(true);
      this.choose(move(this.at, step, this.hits.length));
    } else if (event.key === "Enter" && this.at >= 0) {
      event.preventDefault();
      this.go(this.at);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.show(false);
    }
  }

  go(i) {
    const hit = this.hits[i];
    location.assign(new URL(hit.url, location.href).pathname);
  }
}

if (globalThis.document)
  for (const input of document.querySelectorAll('form[action$="/search"] input[name="q"]')) new SearchBox(input);
