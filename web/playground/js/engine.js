// The engine's worker.
import { connect } from "connlint/remote";

const here = import.meta.url;
const remote = connect(() => new Worker(new URL("worker.js", here), { type: "module" }));

/** Asks the engine; inputs and result are JSON, a fault is words. */
export const ask = async (job, inputs) => {
  try {
    return JSON.stringify((await remote(job, ...JSON.parse(inputs))) ?? null);
  } catch (fault) {
    throw fault.message;
  }
};
