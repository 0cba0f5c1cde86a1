// samp.js -- the page as a SAMP client (1.3, Web Profile): tables, images and spectra go to TOPCAT,
// Aladin and others on the same desktop; rows and positions are pointed at both ways. Nothing is asked
// of the hub before the user wants something of it: registering makes it ask the user for consent.
import { address } from "./base.js";
import { ascii, call } from "./xmlrpc.js";

export const HUB = "http://localhost:21012/";
const PULL_S = 60; // how long the hub may keep a pull for messages waiting
const ANSWER_MS = 60_000; // how long tools may take to load something
const NO_HUB = "No SAMP hub runs on this computer: start TOPCAT or Aladin, then try again.";

// Where a message's parts are known to be numbers, they are read as such; NaN for anything else.
const number = (text) => (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text ?? "") ? Number(text) : NaN);

// 0-based row of a table.highlight.row message, or -1.
export function rowOf(params) {
  const row = number(params?.row);
  return Number.isInteger(row) && row >= 0 ? row : -1;
}

// Position of a coord.pointAt.sky message in degrees, or null.
export function positionOf(params) {
  const ra = number(params?.ra);
  const dec = number(params?.dec);
  return ra >= -360 && ra <= 360 && dec >= -90 && dec <= 90 ? { ra: ra < 0 ? ra + 360 : ra, dec } : null;
}

// An absolute URL without characters that SAMP cannot carry.
const absolute = (url) => new URL(url, document.baseURI).href;

export class Samp {
  #key = null; // private key; null: not registered
  #translator = "";
  #joining = null;
  #pull = null; // AbortController of the loop
  #calls = new Map(); // tag -> {waiting: Set of client ids, done}
  #ntag = 0;
  #names = new Map(); // id -> name
  #on = { highlight: new Set(), point: new Set(), status: new Set() };

  constructor({ hub = HUB, name = document.title || "Colure" } = {}) {
    this.hub = hub;
    this.name = name;
    addEventListener("pagehide", () => this.disconnect());
  }

  get isConnected() {
    return this.#key !== null;
  }

  // Is there a hub? Asks nothing of the user. Call it when the user does something, not over and over.
  async isAvailable() {
    try {
      await call(this.hub, "samp.webhub.ping", [], { signal: AbortSignal.timeout(2000) });
      return true;
    } catch {
      return false;
    }
  }

  // Registers (the hub asks the user) and listens. Several callers at once make one registration.
  connect() {
    if (this.isConnected) return Promise.resolve();
    this.#joining ??= this.#join().finally(() => (this.#joining = null));
    return this.#joining;
  }

  async #join() {
    if (!(await this.isAvailable())) throw new Error(NO_HUB);
    const us = await call(this.hub, "samp.webhub.register", [{ "samp.name": this.name }]);
    if (!us["samp.private-key"]) throw new Error("The SAMP hub gave no key.");
    this.#key = us["samp.private-key"];
    this.#translator = us["samp.url-translator"] ?? "";
    try {
      await this.#introduce();
    } catch (error) {
      this.disconnect();
      throw error;
    }
    this.#pull = new AbortController();
    this.#listen(this.#pull.signal);
    this.#tell("status", true);
  }

  // Only a client that can be called may subscribe to anything.
  async #introduce() {
    await this.#ask("declareMetadata", {
      "samp.name": this.name,
      "samp.description.text": "A page of a Virtual Observatory node",
      "samp.documentation.url": absolute(address("/docs/samp")),
    });
    await this.#ask("allowReverseCallbacks", "1");
    await this.#ask("declareSubscriptions", {
      "samp.app.ping": {},
      "samp.hub.event.shutdown": {},
      "samp.hub.disconnect": {},
      "table.highlight.row": {},
      "coord.pointAt.sky": {},
    });
  }

  // Says good-bye; also while the page is being left, when nothing can be waited for.
  disconnect() {
    if (!this.isConnected) return;
    const key = this.#key;
    this.#forget();
    call(this.hub, "samp.webhub.unregister", [key], { keepalive: true }).catch(() => {});
  }

  #forget() {
    this.#key = null;
    this.#pull?.abort();
    this.#names.clear();
    for (const c of this.#calls.values()) c.done();
    this.#tell("status", false);
  }

  #ask(method, ...params) {
    return call(this.hub, `samp.webhub.${method}`, [this.#key, ...params]);
  }

  // The same; a key that the hub does not know any more (it was started anew) is got anew, once.
  async #askAgain(method, ...params) {
    await this.connect();
    try {
      return await this.#ask(method, ...params);
    } catch (error) {
      this.#forget();
      if (error instanceof TypeError) throw new Error(NO_HUB);
      await this.connect();
      return this.#ask(method, ...params);
    }
  }

  // ---- messages that come

  async #listen(signal) {
    while (!signal.aborted) {
      const began = Date.now();
      try {
        const list = await call(this.hub, "samp.webhub.pullCallbacks", [this.#key, String(PULL_S)], { signal });
        for (const callback of Array.isArray(list) ? list : []) this.#take(callback);
      } catch {
        if (signal.aborted) return;
        if (Date.now() - began < 1000) return this.#forget(); // the hub is gone: no busy asking
      }
    }
  }

  #take(callback) {
    const [sender, second, third] = callback["samp.params"] ?? [];
    const method = String(callback["samp.methodName"]).split(".").pop();
    if (method === "receiveNotification") this.#message(sender, second);
    else if (method === "receiveCall") {
      this.#message(sender, third);
      this.#ask("reply", second, { "samp.status": "samp.ok", "samp.result": {} }).catch(() => {});
    } else if (method === "receiveResponse") this.#calls.get(second)?.take(sender, third);
  }

  #message(sender, message) {
    const mtype = message?.["samp.mtype"];
    const params = message?.["samp.params"] ?? {};
    if (mtype === "samp.hub.event.shutdown" || mtype === "samp.hub.disconnect") this.#forget();
    else if (mtype === "table.highlight.row" && rowOf(params) >= 0) {
      this.#tell("highlight", { tableId: params["table-id"] ?? "", url: params.url ?? "", row: rowOf(params), sender });
    } else if (mtype === "coord.pointAt.sky" && positionOf(params)) {
      const { ra, dec } = positionOf(params);
      this.#tell("point", ra, dec, sender);
    }
  }

  #tell(what, ...args) {
    for (const fn of this.#on[what]) {
      try {
        fn(...args);
      } catch (error) {
        console.error(error);
      }
    }
  }

  // Each returns a function that ends it.
  onHighlight(fn) {
    return this.#subscribe("highlight", fn); // fn({tableId, url, row, sender})
  }
  onPointAt(fn) {
    return this.#subscribe("point", fn); // fn(ra, dec), degrees ICRS
  }
  onStatus(fn) {
    return this.#subscribe("status", fn); // fn(isConnected)
  }
  #subscribe(what, fn) {
    this.#on[what].add(fn);
    return () => this.#on[what].delete(fn);
  }

  // ---- messages that go

  // Who takes this message: [{id, name}].
  async clients(mtype) {
    const ids = Object.keys(await this.#askAgain("getSubscribedClients", mtype));
    return Promise.all(ids.map(async (id) => ({ id, name: await this.#nameOf(id) })));
  }

  async #nameOf(id) {
    if (!this.#names.has(id)) {
      const about = await this.#ask("getMetadata", id).catch(() => ({}));
      this.#names.set(id, about["samp.name"] || id);
    }
    return this.#names.get(id);
  }

  // Sends to `to` (an id), or to all who take it, and waits for what they say:
  // [{name, ok, text}]; nobody takes it: an error that says so.
  async send(mtype, params, { to } = {}) {
    const clients = (await this.clients(mtype)).filter((c) => !to || c.id === to);
    if (!clients.length) throw new Error(`A SAMP hub runs, but no tool there takes ${mtype}.`);
    const message = { "samp.mtype": mtype, "samp.params": params };
    return Promise.all(clients.map((client) => this.#callOne(client, message)));
  }

  async #callOne({ id, name }, message) {
    const tag = `colure-${++this.#ntag}`;
    let take;
    const response = new Promise((resolve) => (take = resolve));
    const late = setTimeout(() => take(null), ANSWER_MS);
    this.#calls.set(tag, { take: (_, r) => take(r), done: () => take(null) });
    try {
      await this.#ask("call", id, tag, message);
      return { name, ...outcome(await response) };
    } catch (error) {
      return { name, ok: false, text: error.message };
    } finally {
      clearTimeout(late);
      this.#calls.delete(tag);
    }
  }

  // To all who care; nobody need answer. Not connected: nothing happens.
  async #notify(mtype, params) {
    if (!this.isConnected) return;
    await this.#ask("notifyAll", { "samp.mtype": mtype, "samp.params": params }).catch(() => {});
  }

  sendTable(url, { tableId, name, to, format = "votable" } = {}) {
    const address = absolute(url);
    return this.send(`table.load.${format}`, { url: address, "table-id": tableId || address, name: ascii(name || address) }, { to });
  }

  sendImage(url, name, { to } = {}) {
    const address = absolute(url);
    return this.send("image.load.fits", { url: address, "image-id": address, name: ascii(name || address) }, { to });
  }

  // meta: SSA utypes such as Access.Format.
  sendSpectrum(url, meta = {}, name, { to } = {}) {
    const address = absolute(url);
    return this.send(
      "spectrum.load.ssa-generic",
      {
        url: address,
        meta: { "Access.Reference": address, "Access.Format": "application/x-votable+xml", ...meta },
        "spectrum-id": address,
        name: ascii(name || address),
      },
      { to },
    );
  }

  async pointAt(ra, dec) {
    await this.connect();
    return this.#notify("coord.pointAt.sky", { ra: String(ra), dec: String(dec) });
  }

  // The 0-based row of a table that was sent before under this identifier or address.
  highlightRow(tableId, url, row) {
    const address = absolute(url);
    return this.#notify("table.highlight.row", { "table-id": tableId || address, url: address, row: String(row) });
  }

  // An address that a page may read although the file's server does not allow pages of others.
  translate(url) {
    return this.#translator ? this.#translator + encodeURIComponent(url) : url;
  }
}

// What a tool's response means: {ok, text}; null: it did not answer.
export function outcome(response) {
  if (!response) return { ok: false, text: "it did not answer" };
  const error = response["samp.error"]?.["samp.errortxt"] || "";
  if (response["samp.status"] === "samp.ok") return { ok: true, text: "" };
  if (response["samp.status"] === "samp.warning") return { ok: true, text: error };
  return { ok: false, text: error || "it refused without a reason" };
}

// One client for all parts of a page.
let shared = null;
export function samp() {
  shared ??= new Samp();
  return shared;
}
