// What the engine and the page weigh, apart: `node web/sizes.mjs`. Sizes are of the files as they lie, and as a server
// sends them compressed with Brotli.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants } from "node:zlib";

const BEST = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24 } };
const packed = (bytes) => brotliCompressSync(bytes, BEST).length;
const row = (name, raw, small) => console.log(`  ${name.padEnd(24)}${raw.toLocaleString("en").padStart(12)}${small.toLocaleString("en").padStart(12)}`);

/** The sections of a module, by name. */
function* sections(module) {
  const names = ["custom", "type", "import", "function", "table", "memory", "global", "export", "start", "element", "code", "data", "count"];
  let at = 8;
  const number = () => {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = module[at];
      at += 1;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  };
  while (at < module.length) {
    const kind = module[at];
    at += 1;
    const length = number();
    yield [names[kind] ?? "other", module.subarray(at, at + length)];
    at += length;
  }
}

// What is loaded only when somebody asks for it.
const LATER = new Set(["rest.wasm", "rules.json", "verify.wasm", "zh-CN.json"]);
const weigh = (title, place, wanted) => {
  const directory = fileURLToPath(new URL(place, import.meta.url));
  if (!existsSync(directory)) return;
  console.log(`${title.padEnd(26)}${"bytes".padStart(12)}${"Brotli".padStart(12)}`);
  let sum = 0;
  for (const name of readdirSync(directory).filter(wanted).sort()) {
    const bytes = readFileSync(directory + name);
    const small = packed(bytes);
    row(LATER.has(name) ? `${name} (later)` : name, bytes.length, small);
    if (!LATER.has(name)) sum += small;
    if (name !== "engine.wasm" && name !== "first.wasm") continue;
    for (const [section, content] of sections(bytes)) {
      if (content.length > 10_000) row(`  ${section}`, content.length, packed(content));
    }
  }
  row("first load", 0, sum);
};
weigh("engine (npm package)", "embed/pkg/", (name) => /^(engine|verify)\.|^rules\.json|^(api|index|signatures|span)\.js/.test(name));
weigh("page", "playground/dist/", (name) => /\.(html|js|css|wasm|json)$/.test(name));
