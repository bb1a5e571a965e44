// What every entry point offers. Texts in, findings out: nothing is read, sent or kept.
import { __wbg_reset_state, checkRuleJson, factsJson, fixJson, inspectJson, kindsJson, lintJson, maskJson, redactJson, renderText, rulesJson } from "./engine.js";
import { Incomplete, join, lacksRest } from "./parts.js";

export { span } from "./span.js";

/** An input that the engine does not take, or an engine that stopped. */
export class ConnlintError extends Error {
  name = "ConnlintError";
}

const engine = { checkRuleJson, factsJson, fixJson, inspectJson, kindsJson, lintJson, maskJson, redactJson, renderText, rulesJson };

// A trap leaves the instance's memory in any state. A new instance of the compiled module takes its place at once, so
// that the next call finds a sound one.
const call = (name, ...inputs) => {
  try {
    return engine[name](...inputs);
  } catch (fault) {
    if (fault instanceof WebAssembly.RuntimeError || fault instanceof RangeError) {
      __wbg_reset_state();
      if (lacksRest()) throw new Incomplete();
      join();
      throw new ConnlintError(`the engine stopped and was started anew: ${fault.message}`, { cause: fault });
    }
    throw typeof fault === "string" ? new ConnlintError(fault) : fault;
  }
};

// Halves of surrogate pairs have no place in UTF-8; the mark that replaces one is as long, so that places stay true.
const written = (value) => JSON.stringify(value, (_, v) => (typeof v === "string" ? v.toWellFormed() : v));
const asked = (files, options) => [written(files), options === undefined ? "" : written(options)];

export const lintText = (files, options) => call("lintJson", ...asked(files, options));
export const lint = (files, options) => JSON.parse(lintText(files, options));
export const facts = (files, options) => JSON.parse(call("factsJson", ...asked(files, options)));
export const fix = (files, options) => JSON.parse(call("fixJson", ...asked(files, options)));
export const rules = () => JSON.parse(call("rulesJson"));
export const kinds = () => JSON.parse(call("kindsJson"));
export const inspect = (files, options, withFacts = false) => JSON.parse(call("inspectJson", ...asked(files, options), withFacts));
export const render = (files, options, format) => call("renderText", ...asked(files, options), format);
export const mask = (files, options) => JSON.parse(call("maskJson", ...asked(files, options)));
export const redact = (files, options) => JSON.parse(call("redactJson", ...asked(files, options)));
export const checkRule = (name, text) => JSON.parse(call("checkRuleJson", name, text.toWellFormed()));
