// plot-page.js -- gives the drawn plots of a page what only scripts can: zoom, switches,
// values under the pointer, saving. Without it each plot is the node's own drawing.
import { address, copy, count, el, fetchJson, toast } from "./base.js";
import { download, draw, pie, pngBlob, svgText } from "./plot.js";

/** What the strongest colour of cells means. */
function fullest(data) {
  if (!["histogram2d", "scatter", "sky"].includes(data.kind) || data.values || data.points?.length || !data.counts?.length) return "";
  const most = data.counts.reduce((a, b) => Math.max(a, b), 0);
  return `; ${count(most)} ${most === 1 ? "row" : "rows"} in the fullest cell, colour by the logarithm`;
}

export class Figure {
  constructor(element) {
    this.element = element;
    this.params = Object.fromEntries(new URLSearchParams(element.dataset.plot));
    this.log = element.dataset.log === "1";
    this.isPage = document.getElementById("plot-form") !== null;
    this.place = el("div", { class: "plot-place" });
    this.said = el("p", { class: "plot-said soft" }, "\u00a0");
    this.tools = el("div", { class: "plot-tools", role: "group", "aria-label": "Plot" });
    this.asked = 0;
  }

  /** Takes the place of the node's drawing. */
  async begin() {
    const drawing = this.element.querySelector("svg");
    if (!drawing) return; // an error: the page says it already
    await this.update({});
    if (!this.data) return;
    drawing.replaceWith(this.place, this.said, this.tools);
    this.redraw();
    new ResizeObserver(() => this.resized()).observe(this.element);
  }

  resized() {
    if (this.width && Math.abs(this.width - this.element.clientWidth) < 8) return;
    clearTimeout(this.later);
    this.later = setTimeout(() => this.redraw(), 100);
  }

  /** Asks anew with some parameters changed (null: taken away). */
  async update(changes, { keep = true } = {}) {
    const params = { ...this.params, ...changes };
    for (const [name, value] of Object.entries(params)) if (value === null || value === "") delete params[name];
    const turn = ++this.asked;
    this.element.setAttribute("aria-busy", "true");
    try {
      const data = await fetchJson("/plot/data", params);
      if (turn !== this.asked) return; // a later question was faster
      this.data = data;
      this.params = params;
      this.element.dataset.plot = new URLSearchParams(params);
      this.redraw();
      this.tell();
      if (keep && this.isPage) this.remember();
    } catch (error) {
      if (turn === this.asked) toast(error.message, { bad: true });
    } finally {
      if (turn === this.asked) this.element.removeAttribute("aria-busy");
    }
  }

  redraw() {
    if (!this.data || !this.place.isConnected) return;
    this.width = this.element.clientWidth;
    const { kind } = this.data;
    const options = {
      title: this.element.dataset.title, log: this.log,
      onZoom: (zoom) => this.zoom(zoom), onRead: (text) => { this.said.textContent = text || "\u00a0"; },
    };
    if (kind === "sky") {
      import("./sky.js").then((sky) => {
        sky.skyPlot(this.place, this.data, options);
        this.drawTools();
      });
      return;
    }
    if (this.element.dataset.shape === "pie") pie(this.place, this.data.facets.map((one) => ({ value: one.value ?? "(NULL)", count: one.count })), options);
    else draw(this.place, this.data, options);
    this.drawTools();
  }

  zoom(range) {
    const text = Object.fromEntries(Object.entries(range).map(([name, value]) => [name, String(Number(value.toPrecision(8)))]));
    this.update({ ...text, bins: this.params.bins ?? null });
  }

  get isZoomed() {
    return ["xmin", "xmax", "ymin", "ymax"].some((name) => name in this.params);
  }

  button(text, onclick, pressed = null) {
    return el("button", { type: "button", class: "plain", onclick, "aria-pressed": pressed === null ? null : String(pressed) }, text);
  }

  drawTools() {
    const { kind } = this.data;
    const flip = (name) => () => this.update({ [name]: this.params[name] ? null : "1", ...(name === "xlog" ? { xmin: null, xmax: null } : { ymin: null, ymax: null }) });
    const held = document.activeElement?.textContent;
    this.tools.replaceChildren(...[
      this.isZoomed && this.button("Whole range", () => this.update({ xmin: null, xmax: null, ymin: null, ymax: null })),
      kind === "histogram" && this.button("Log counts", () => {
        this.log = !this.log;
        this.redraw();
        if (this.isPage) this.remember();
      }, this.log),
      ["histogram", "histogram2d", "scatter", "series"].includes(kind) && this.data.x.scale !== "time" && this.button("Log x", flip("xlog"), Boolean(this.params.xlog)),
      ["histogram2d", "scatter"].includes(kind) && this.button("Log y", flip("ylog"), Boolean(this.params.ylog)),
      this.button("Save PNG", async () => download(await pngBlob(this.place.querySelector("svg")), `${this.name}.png`)),
      this.button("Save SVG", () => download(new Blob([svgText(this.place.querySelector("svg"))], { type: "image/svg+xml" }), `${this.name}.svg`)),
      this.button("Copy link", async () => toast(await copy(this.link) ? "The link is copied." : this.link)),
    ].filter(Boolean));
    if (held) [...this.tools.children].find((one) => one.textContent === held)?.focus();
  }

  get name() {
    return [this.params.table ?? "query", this.params.kind ?? "histogram", this.params.x ?? ""].join("-").replace(/[^\w.-]+/g, "_").slice(0, 80);
  }

  get link() {
    return new URL(address("/plot", { ...this.params, ...(this.log ? { nlog: "1" } : {}) }), location.href).href;
  }

  remember() {
    history.replaceState(null, "", this.link);
    const form = document.getElementById("plot-form");
    for (const name of ["xmin", "xmax", "ymin", "ymax"]) if (form.elements[name]) form.elements[name].value = this.params[name] ?? "";
    for (const name of ["xlog", "ylog"]) if (form.elements[name]) form.elements[name].checked = Boolean(this.params[name]);
    if (form.elements.nlog) form.elements.nlog.checked = this.log;
  }

  /** What was counted, in words, and the ADQL. */
  tell() {
    const { data } = this;
    const caption = this.element.querySelector("figcaption");
    const other = data.kind === "facets" ? "with other values" : "outside of the axes";
    const words = [`${count(data.rows)} ${data.rows === 1 ? "row" : "rows"}`, data.where && ["where ", el("code", {}, data.where)]];
    const tail = [data.nulls && data.kind !== "facets" ? `; ${count(data.nulls)} without a value` : "", data.outside ? `; ${count(data.outside)} ${other}` : "", data.rows === 0 ? ": nothing to plot" : "", fullest(data), ". "];
    caption?.replaceChildren(words[0], ...(words[1] ? [" ", ...words[1]] : []), ...tail,
      el("a", { href: address("/plot/data", this.params) }, "JSON"), " ",
      ...(this.isPage ? [] : [el("a", { href: this.link }, "Plot page")]));
    const pre = this.element.querySelector(".adql pre");
    if (pre) pre.textContent = data.adql;
    for (const link of this.element.querySelectorAll(".adql a")) {
      const url = new URL(link.href);
      url.searchParams.set("QUERY", data.adql);
      link.href = url.href;
    }
    this.fillNumbers();
  }

  fillNumbers() {
    const table = this.element.querySelector("details:not(.adql) table");
    if (!table || !["histogram", "facets"].includes(this.data.kind)) return;
    const rows = this.data.kind === "facets" ? this.data.facets.map((one) => [one.value ?? "NULL", one.count])
      : this.data.counts.map((n, i) => [`${this.data.x.edges[i].toPrecision(6)} to ${this.data.x.edges[i + 1].toPrecision(6)}`, n]).filter(([, n]) => n);
    const head = table.querySelector("tr");
    table.replaceChildren(head, ...rows.slice(0, 120).map(([name, n]) => el("tr", {}, el("td", {}, name), el("td", { class: "n" }, count(n)))));
  }
}

/** All figures of the page, by their data-name. */
export async function beginAll() {
  const figures = [...document.querySelectorAll("figure[data-plot]")].map((element) => new Figure(element));
  await Promise.all(figures.map((figure) => figure.begin()));
  return figures;
}

const form = document.getElementById("plot-form");
if (form) {
  // another table has other columns: the page is made anew for it
  form.elements.table?.addEventListener("change", (event) => {
    location.href = address("/plot", { table: event.target.value });
  });
  // empty fields would only make the address long
  form.addEventListener("submit", () => {
    for (const field of form.elements) if (field.name && field.value === "") field.disabled = true;
    setTimeout(() => { for (const field of form.elements) field.disabled = false; });
  });
  window.addEventListener("pageshow", () => { for (const field of form.elements) field.disabled = false; });
  beginAll();
}
