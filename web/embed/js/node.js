// Node: the engine is ready when this module is.
import { readFileSync } from "node:fs";

import { initSync } from "./engine.js";

export * from "./api.js";

initSync({ module: readFileSync(new URL("engine.wasm", import.meta.url)) });

let pages;
export const explain = async (rule) => {
  pages ??= JSON.parse(readFileSync(new URL("rules.json", import.meta.url), "utf8"));
  return Object.hasOwn(pages, rule) ? pages[rule] : undefined;
};

export const init = async () => {};
