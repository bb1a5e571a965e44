// Browsers, workers and bundlers: the engine is a file beside this one, unless the caller has it already.
import start from "./engine.js";

import { ConnlintError } from "./api.js";

export * from "./api.js";
export { loadSignatures } from "./signatures.js";

let ready;
let pages;

// What only people read is fetched when it is first asked for; one that could not be had is tried again.
export const explain = async (rule, from = new URL("rules.json", import.meta.url)) => {
  pages ??= fetch(from).then((answer) => {
    if (!answer.ok) throw new ConnlintError(`the pages of the rules: ${answer.status}`);
    return answer.json();
  });
  try {
    const all = await pages;
    return Object.hasOwn(all, rule) ? all[rule] : undefined;
  } catch (fault) {
    pages = undefined;
    throw fault;
  }
};

export const init = (engine = new URL("engine.wasm", import.meta.url)) => {
  ready ??= start({ module_or_path: engine }).then(
    () => undefined,
    (fault) => {
      ready = undefined;
      throw fault;
    },
  );
  return ready;
};
