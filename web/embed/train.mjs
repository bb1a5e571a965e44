// Which functions of the engine most texts need: `node web/embed/train.mjs TRACED` runs a traced engine over the showcase
// and over the examples of the rules about what people paste first, and prints the numbers of the functions that ran.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { initSync, inspectJson, kindsJson, lintJson } from "./pkg/engine.js";

// Each adds to what everybody loads; what only others need comes with the second part.
const SYSTEMS = ["amqp", "rabbitmq"];
const NOW = "2026-01-01T00:00:00.000Z";

const here = (place) => fileURLToPath(new URL(place, import.meta.url));
const traced = initSync({ module: readFileSync(process.argv[2]) });
// As the page asks, and as the element does.
const judge = (files) => {
  inspectJson(JSON.stringify(files), JSON.stringify({ settings: "", now: NOW, rules: [] }), true);
  lintJson(JSON.stringify(files), JSON.stringify({ settings: "", now: NOW }));
};

kindsJson();
judge([]);
const showcase = here("../../cli/showcase");
const filesBelow = (directory, prefix = "") =>
  readdirSync(join(directory, prefix), { withFileTypes: true }).flatMap((entry) => {
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? filesBelow(directory, name) : [{ name, text: readFileSync(join(directory, name), "utf8") }];
  });
for (const name of readdirSync(showcase)) judge(filesBelow(join(showcase, name)));
const pages = JSON.parse(readFileSync(here("pkg/rules.json"), "utf8"));
for (const [rule, { examples }] of Object.entries(pages)) {
  if (!SYSTEMS.includes(rule.split("/")[0])) continue;
  for (const { files } of [...examples.bad, ...examples.good]) judge(Object.entries(files).map(([name, text]) => ({ name, text })));
}
for (const [name, mark] of Object.entries(traced)) {
  const called = /^called (\d+)$/.exec(name);
  if (called && mark.value === 1) console.log(called[1]);
}
