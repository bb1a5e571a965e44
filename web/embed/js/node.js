// Node: the engine is ready when this module is.
import { readFileSync } from "node:fs";

import { initSync } from "./engine.js";

export * from "./api.js";

initSync({ module: readFileSync(new URL("engine.wasm", import.meta.url)) });

export const init = async () => {};
