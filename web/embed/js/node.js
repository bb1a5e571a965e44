// Node: the engine is ready when this module is.
import { readFileSync } from "node:fs";

import { initSync } from "./engine.js";
import { loadAtOnce } from "./signatures.js";

export * from "./api.js";

const bytes = (name) => readFileSync(new URL(name, import.meta.url));
initSync({ module: bytes("engine.wasm") });
loadAtOnce(() => bytes("verify.wasm"));
export const loadSignatures = async () => {};

let pages;
export const explain = async (rule) => {
  pages ??= JSON.parse(readFileSync(new URL("rules.json", import.meta.url), "utf8"));
  return Object.hasOwn(pages, rule) ? pages[rule] : undefined;
};

export const init = async () => {};
