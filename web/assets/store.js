// store.js -- what this browser remembers: past queries, jobs, the text being written. A
// browser that has no room, or forbids it, loses nothing else: then it is kept while the page
// is open.
const memory = new Map();
export let isFull = false;

export function read(key, otherwise, storage = globalThis.localStorage) {
  try {
    const text = storage?.getItem(`colure.${key}`);
    if (text !== null && text !== undefined) return JSON.parse(text);
  } catch {
    // forbidden, or not ours: as if there were none
  }
  return memory.has(key) ? memory.get(key) : otherwise;
}

/** False: the browser did not keep it (it is in memory). Lists give way to their newer half. */
export function write(key, value, storage = globalThis.localStorage) {
  memory.set(key, value);
  for (let kept = value; ; kept = kept.slice(0, kept.length >> 1)) {
    try {
      storage.setItem(`colure.${key}`, JSON.stringify(kept));
      return kept === value;
    } catch {
      if (!Array.isArray(kept) || kept.length < 2) break;
    }
  }
  isFull = true;
  return false;
}

export function forget(key, storage = globalThis.localStorage) {
  memory.delete(key);
  try {
    storage.removeItem(`colure.${key}`);
  } catch {
    // then it was not there
  }
}
