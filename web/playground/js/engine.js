// The engine's worker: one question at a time, stopped when it takes too long.
/** A rule that runs longer than this is stopped with its worker. */
const PATIENCE_MS = 5000;
const here = import.meta.url;

let worker;
let number = 0;
const waiting = new Map();
const settle = (id, settled) => {
  const job = waiting.get(id);
  if (!job) return;
  clearTimeout(job.watchdog);
  waiting.delete(id);
  settled(job);
};
const start = () => {
  worker = new Worker(new URL("worker.js", here), { type: "module" });
  worker.onmessage = ({ data: { id, result, fault } }) =>
    settle(id, ({ resolve, reject }) => (fault === undefined ? resolve(JSON.stringify(result ?? null)) : reject(fault)));
  worker.onerror = () => restart("the engine could not be started");
};
const restart = (why) => {
  worker.terminate();
  for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(why));
  start();
};

/** Asks the engine; inputs and result are JSON. */
export const ask = (job, inputs) => {
  if (!worker) start();
  number += 1;
  const id = number;
  return new Promise((resolve, reject) => {
    const watchdog = setTimeout(() => restart("stopped: it took too long"), PATIENCE_MS * (id === 1 ? 6 : 1));
    waiting.set(id, { resolve, reject, watchdog });
    worker.postMessage({ id, job, inputs: JSON.parse(inputs) });
  });
};
