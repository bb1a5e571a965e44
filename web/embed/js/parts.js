// The engine in two parts, for workers: what most texts need, and the rest, which joins when a run first comes to it.
import start, { exports } from "./engine.js";

/** A run came to what is not there yet. */
export class Incomplete extends Error {}

let inParts = false;
let rest;
let loading;

/** Loads the first part, with which most texts can be judged already. */
export const startWithFirst = (from = new URL("first.wasm", import.meta.url)) => {
  inParts = true;
  return start({ module_or_path: from });
};

/** Gives the instance of the moment its rest, once that is there. */
export const join = () => {
  if (rest) new WebAssembly.Instance(rest, { first: exports() });
};

/** Whether a trap may be nothing but a call into the rest. */
export const lacksRest = () => inParts && !rest;

const load = async (from) => {
  const answer = await fetch(from, { priority: "low" });
  if (!answer.ok) throw new Error(`the engine's second part: ${answer.status}`);
  rest = await WebAssembly.compile(await answer.arrayBuffer());
  join();
};
export const loadRest = (from = new URL("rest.wasm", import.meta.url)) => {
  loading ??= load(from).catch((fault) => {
    loading = undefined;
    throw fault;
  });
  return loading;
};

/** A function that gives, as a promise, what another gives, with the rest where it is needed. The rest is loaded behind
 * the first result, so that no later one waits for it. */
export const complete = (job, from) => async (...inputs) => {
  try {
    const result = job(...inputs);
    if (lacksRest()) loadRest(from).catch(() => {});
    return result;
  } catch (fault) {
    if (!(fault instanceof Incomplete)) throw fault;
    await loadRest(from);
    return job(...inputs);
  }
};
