// Browsers, workers and bundlers: the engine is a file beside this one, unless the caller has it already.
import start from "./engine.js";

export * from "./api.js";

let ready;

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
