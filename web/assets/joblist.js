// joblist.js -- which jobs this browser made: nobody else lists those of people who did not
// log in.
import { read, write } from "./store.js";

const MOST = 200;

export function withJob(list, job) {
  const known = list.find((old) => old.id === job.id);
  return [{ ...known, ...job }, ...list.filter((old) => old.id !== job.id)].slice(0, MOST);
}

export function jobs() {
  return read("jobs", []).filter((job) => typeof job?.id === "string");
}

export function rememberJob(job) {
  return write("jobs", withJob(jobs(), job));
}

export function forgetJob(id) {
  return write("jobs", jobs().filter((job) => job.id !== id));
}
