// The engine's worker.
import { connect } from "connlint/remote";

const here = import.meta.url;
const remote = connect(() => new Worker(new URL("worker.js", here), { type: "module" }));

// The worker begins with the page, not with its first question.
remote("kinds").catch(() => {});

let judged;
/** Settled when the first findings have come, or cannot come: what is not needed for them waits so long. */
export const firstFindings = new Promise((resolve) => {
  judged = resolve;
});

/** Asks the engine; inputs and result are JSON, a fault is words. */
export const ask = async (job, inputs) => {
  try {
    return JSON.stringify((await remote(job, ...JSON.parse(inputs))) ?? null);
  } catch (fault) {
    throw fault.message;
  } finally {
    if (job === "judge") judged();
  }
};
