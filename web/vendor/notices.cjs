// notices.cjs -- prints the licences of what esbuild puts into the bundles: every package
// of the lock file that is not for building only. Usage: node notices.cjs FOLDER
const fs = require("node:fs");
const path = require("node:path");

const folder = process.argv[2];
const lock = JSON.parse(fs.readFileSync(path.join(folder, "package-lock.json"), "utf8"));

function licenceText(place) {
  const name = fs.readdirSync(place).find((file) => /^(licen[cs]e|copying|notice)/i.test(file));
  return name ? fs.readFileSync(path.join(place, name), "utf8").trim() : "(the package holds no text of its licence)";
}

for (const [where, about] of Object.entries(lock.packages)) {
  const place = path.join(folder, where);
  if (!where || about.dev || !fs.existsSync(place)) continue;
  const own = JSON.parse(fs.readFileSync(path.join(place, "package.json"), "utf8"));
  console.log(`${own.name} ${own.version}, ${own.license ?? "no licence named"}\n\n${licenceText(place)}\n\n${"-".repeat(72)}\n`);
}
