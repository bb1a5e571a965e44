// The engine in two parts says what the whole one says. The first part alone says so too, or stops: never anything else.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

import { explain, lintText, rules } from "../pkg/node.js";

const bytes = (name) => readFileSync(new URL(`../pkg/${name}`, import.meta.url));
const first = new WebAssembly.Module(bytes("first.wasm"));
const rest = new WebAssembly.Module(bytes("rest.wasm"));
// Glue of its own for each, beside that of the whole engine.
const started = async (name) => {
  const engine = await import(`../pkg/engine.js?${name}`);
  engine.initSync({ module: first });
  return engine;
};
const NOW = "2026-01-01T00:00:00Z";
const sets = [];
for (const { rule } of rules()) {
  const { examples } = await explain(rule);
  for (const { files, now = NOW, settings } of [...examples.bad, ...examples.good]) {
    sets.push({ rule, files: Object.entries(files).map(([name, text]) => ({ name, text })), options: { now, settings } });
  }
}
const asked = ({ files, options }) => [JSON.stringify(files), JSON.stringify(options)];

test("both parts, over the examples of all rules", async () => {
  const engine = await started("both");
  new WebAssembly.Instance(rest, { first: engine.exports() });
  for (const set of sets) assert.equal(engine.lintJson(...asked(set)), lintText(set.files, set.options), set.rule);
});

test("the first part alone", async () => {
  const engine = await started("first");
  let enough = 0;
  for (const set of sets) {
    try {
      assert.equal(engine.lintJson(...asked(set)), lintText(set.files, set.options), set.rule);
      enough += 1;
    } catch (fault) {
      if (!(fault instanceof WebAssembly.RuntimeError)) throw fault;
      engine.__wbg_reset_state();
    }
  }
  assert.ok(enough > sets.length / 10 && enough < sets.length, `${enough} of ${sets.length}`);
});

test("the rest asks nothing of its host", () => {
  assert.deepEqual([...new Set(WebAssembly.Module.imports(rest).map(({ module }) => module))], ["first"]);
  assert.deepEqual(readdirSync(new URL("../pkg", import.meta.url)).filter((name) => name.endsWith(".wasm")), ["engine.wasm", "first.wasm", "rest.wasm", "verify.wasm"]);
});
