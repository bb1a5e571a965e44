// Bundles the page's JavaScript and writes the examples. Called by `build`, after the engine's package and the app.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const out = join(here, "dist");
const common = { bundle: true, format: "esm", minify: true, outdir: out, target: "es2022", logLevel: "warning" };
const pkg = (name) => join(here, `../embed/pkg/${name}.js`);
const alias = { connlint: pkg("index"), "connlint/remote": pkg("remote"), "connlint/parts": pkg("parts"), "connlint/signatures": pkg("signatures") };
await build({ ...common, entryPoints: ["page", "worker"].map((name) => join(here, `js/${name}.js`)), alias, splitting: true, chunkNames: "[name]" });

const showcase = join(here, "../../cli/showcase");
const filesBelow = async (directory, prefix = "") => {
  const found = [];
  for (const entry of await readdir(join(directory, prefix), { withFileTypes: true })) {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(directory, name)));
    else if (!entry.name.endsWith(".md")) found.push({ name, text: await readFile(join(directory, name), "utf8") });
  }
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
};
// What fails only as a whole comes first: it is what this page shows and others do not.
const FIRST = "weakest-plank";
const gallery = [];
const folders = (await readdir(showcase)).sort((a, b) => Number(b === FIRST) - Number(a === FIRST) || (a < b ? -1 : 1));
for (const name of folders) gallery.push([name.replaceAll("-", " "), await filesBelow(join(showcase, name))]);
// Of each system the first rule that joins files, else its first rule.
const { explain, rules } = await import("../embed/pkg/node.js");
const chosen = new Map();
for (const { rule, title } of rules()) {
  const [first] = (await explain(rule)).examples.bad;
  const files = Object.entries(first.files).map(([name, text]) => ({ name, text }));
  const system = rule.split("/")[0];
  const known = chosen.get(system);
  if (!known || (known.files.length < 2 && files.length > 1)) chosen.set(system, { title: `${system}: ${title}`, files });
}
for (const { title, files } of chosen.values()) gallery.push([title, files]);
await writeFile(join(out, "examples.json"), JSON.stringify(gallery));

// Translations carry the English they are of, since that is what the engine says.
const translations = join(here, "../../translations");
for (const name of await readdir(translations)) {
  const { phrases, rules: translated } = JSON.parse(await readFile(join(translations, name), "utf8"));
  for (const [rule, entry] of Object.entries(translated)) {
    const { document } = await explain(rule);
    for (const field of ["message", "help"]) if (entry[field]) entry[field] = [document[field].trim(), entry[field]];
  }
  await writeFile(join(out, name), JSON.stringify({ phrases, rules: translated }));
}

// The service worker names every file of this version, and changes with any of them.
const files = (await readdir(out)).sort();
const version = createHash("sha256");
for (const name of files) version.update(name).update(await readFile(join(out, name)));
const page = { VERSION: version.digest("hex").slice(0, 16), FILES: ["./", ...files] };
await build({
  ...common, entryPoints: [join(here, "js/service.js")], outdir: undefined, outfile: join(out, "offline.js"), format: "iife",
  banner: { js: `self.CONNLINT_PAGE=${JSON.stringify(page)};` },
});
