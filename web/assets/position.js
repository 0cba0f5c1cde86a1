// position.js -- a position by coordinates or by an object's name, made a condition that is
// put where the cursor is.
import { el, fetchJson, NodeError } from "./base.js";
import { tokens } from "./adql.js";
import { runSync } from "./run.js";

/** {ra, dec} in degrees of "83.63 22.01", "05:34:32 +22:00:52", "5h34m32s 22d0m52s"; null:
 *  no coordinates (perhaps a name). Throws for coordinates outside the sky. */
export function parsePosition(text) {
  const number = "[+-]?\\d+(?:\\.\\d*)?|[+-]?\\.\\d+";
  const plain = text.trim().match(new RegExp(`^(${number})[\\s,]+(${number})$`));
  if (plain) return onSky(Number(plain[1]), Number(plain[2]));
  const part = "([+-]?\\d+(?:\\.\\d+)?)";
  const six = text.trim().replaceAll("\u2212", "-").match(new RegExp(
    `^${part}(h|[:\\s])\\s*${part}[m:\\s]\\s*${part}s?[\\s,]+${part}[d\u00b0:\\s]\\s*${part}['m:\u2032\\s]\\s*${part}["s\u2033]?$`));
  if (!six) return null;
  const [, h, , m, s, d, am, as] = six;
  const ra = 15 * (Number(h) + Number(m) / 60 + Number(s) / 3600);
  const size = Math.abs(Number(d)) + Number(am) / 60 + Number(as) / 3600;
  return onSky(ra, d.startsWith("-") ? -size : size);
}

function onSky(ra, dec) {
  if (!(ra >= -360 && ra <= 360 && dec >= -90 && dec <= 90))
    throw new NodeError("There is no such position: right ascension is 0 to 360 degrees, declination \u221290 to 90.");
  return { ra: +(((ra % 360) + 360) % 360).toFixed(7), dec: +dec.toFixed(7) };
}

/** Asks the node's resolver. */
export async function resolveName(name) {
  const point = `ivo_simbadpoint('${name.replaceAll("'", "''")}')`;
  const response = await runSync({ query: `SELECT TOP 1 COORD1(${point}) AS ra, COORD2(${point}) AS dec FROM tap_schema.schemas`, format: "json" });
  const [row] = (await response.json()).data ?? [];
  if (!row) throw new NodeError(`Nobody knows a position of ${name}.`);
  return { ra: +row[0].toFixed(7), dec: +row[1].toFixed(7) };
}

/** The condition as it fits at the cursor: with WHERE or AND where they are missing. */
export function coneText(before, { ra, dec }, radius, lon, lat) {
  const cone = lon ? `DISTANCE(${lon}, ${lat}, ${ra}, ${dec}) < ${radius}` : `CIRCLE(${ra}, ${dec}, ${radius})`;
  if (!lon) return (/[\s(,]$|^$/.test(before) ? "" : " ") + cone;
  const words = tokens(before).filter((t) => t.kind !== "comment");
  const last = words.at(-1)?.text.toUpperCase() ?? "";
  const blank = /\s$|^$|\($/.test(before) ? "" : " ";
  if (["WHERE", "AND", "OR", "NOT", "ON", "HAVING", "(", "WHEN"].includes(last)) return blank + cone;
  const where = words.findLast((t) => /^(WHERE|ON|SELECT|FROM|GROUP|ORDER)$/i.test(t.text))?.text.toUpperCase();
  const newLine = /\n\s*$|^$/.test(before) ? "" : "\n";
  return where === "WHERE" || where === "ON" ? `${newLine}  AND ${cone}` : `${newLine}WHERE ${cone}`;
}

/** The form. table(): {longitude, latitude, alias} of the table in the query, or null. */
export function positionPanel({ editor, table, hasResolver }) {
  const place = el("input", { id: "cone-place", size: "30", placeholder: hasResolver ? "83.633 22.014 or Crab nebula" : "83.633 22.014 or 05:34:32 +22:00:52" });
  const radius = el("input", { id: "cone-radius", size: "6", value: "5", inputmode: "decimal" });
  const say = el("p", { role: "status" });
  const insert = async (event) => {
    event.preventDefault();
    say.className = "soft";
    say.textContent = "";
    try {
      const size = Number(radius.value);
      if (!(size > 0 && size <= 180)) throw new NodeError("The radius is a number of degrees, more than 0 and at most 180.");
      let position = parsePosition(place.value);
      if (!position && !place.value.trim()) throw new NodeError("Write a position or a name.");
      if (!position && !hasResolver) throw new NodeError("This is no position, and this node asks nobody for names of objects. Write degrees: 83.633 22.014");
      if (!position) {
        say.textContent = "Asking for the position\u2026";
        position = await resolveName(place.value.trim());
      }
      const found = await table();
      const of = found?.alias ? `${found.alias}.` : "";
      editor.insert(coneText(editor.text().slice(0, editor.cursor()), position, size, found && of + found.longitude, found && of + found.latitude));
      say.textContent = found ? `Put in: ${position.ra}, ${position.dec}. Undo takes it back.` : "Put in as a circle: no table in FROM has a position.";
    } catch (error) {
      say.className = "bad";
      say.textContent = error.message;
    }
  };
  const body = el("form", { class: "panel-body", onsubmit: insert },
    el("p", null, el("label", { for: "cone-place" }, hasResolver ? "Position, or name of an object " : "Position ", place)),
    el("p", null, el("label", { for: "cone-radius" }, "Radius ", radius, " degrees"), el("button", null, "Put at the cursor")),
    say);
  return { body, show: () => place.focus() };
}

/** Position columns of the first table of the query that has them. */
export async function positionColumns(schema, used) {
  for (const { name, alias } of used) {
    const table = name && schema.find(name);
    if (!table) continue;
    const about = await fetchJson(`/table/${encodeURIComponent(table.name)}.json`).catch(() => null);
    if (about?.longitude) return { longitude: about.longitude, latitude: about.latitude, alias };
  }
  return null;
}
