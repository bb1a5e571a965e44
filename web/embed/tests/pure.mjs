// The engine asks nothing of its host: a module that read files, clocks, environment, randomness or network would
// have to import it. wasm-bindgen's own imports are the JavaScript glue for strings and errors.
import { readFile } from "node:fs/promises";

const module = await WebAssembly.compile(await readFile(process.argv[2]));
// The one question that it asks: whether a key made a signature.
const isGlue = ({ name }) => name.startsWith("__wbindgen") || /^__wbg_checkSignature_[0-9a-f]+$/.test(name);
const foreign = WebAssembly.Module.imports(module).filter((i) => !isGlue(i));
if (foreign.length > 0) {
  console.error("the engine imports from its host:", foreign);
  process.exit(1);
}
const names = WebAssembly.Module.imports(module).map((i) => i.name);
const impure = names.filter((n) => /now|date|performance|fetch|random|crypto|storage|getenv/i.test(n));
if (impure.length > 0) {
  console.error("the engine's glue reaches for its host:", impure);
  process.exit(1);
}
console.log(`pure: ${names.length} imports, all of them glue`);
