// The engine in a worker: questions and answers as messages.

/** An engine that takes longer is stopped with its worker; the first answer waits for the engine to be loaded too. */
const PATIENCE_MS = 5000;
const FIRST_PATIENCE_MS = 30_000;
/** One that only waits for the network says so within this time, and may go on. */
const REPLY_MS = 1000;

/** In a worker: answers questions with these functions, once they are ready. */
export const serve = (jobs, ready) => {
  self.onmessage = async ({ data: { id, job, inputs } }) => {
    if (job === undefined) return self.postMessage({ id, alive: true });
    try {
      await ready;
      if (!Object.hasOwn(jobs, job)) throw new TypeError(`no job is called ${job}`);
      self.postMessage({ id, result: await jobs[job](...inputs) });
    } catch (fault) {
      self.postMessage({ id, fault: fault.message });
    }
  };
};

/** Outside: a function that asks the worker which `start` makes, and makes another when one is stopped. */
export const connect = (start) => {
  let worker;
  let number = 0;
  let answered = false;
  const waiting = new Map();
  const settle = (id, settled) => {
    const job = waiting.get(id);
    if (!job) return;
    clearTimeout(job.watchdog);
    waiting.delete(id);
    settled(job);
  };
  const stop = (why) => {
    worker?.terminate();
    worker = undefined;
    answered = false;
    for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(new Error(why)));
  };
  /** Stops what neither answers nor says in time that it waits. */
  const watch = (id, patience) => {
    const job = waiting.get(id);
    if (!job) return;
    clearTimeout(job.watchdog);
    job.watchdog = setTimeout(() => {
      job.watchdog = setTimeout(() => stop("stopped: it took too long"), REPLY_MS);
      worker.postMessage({ id });
    }, patience);
  };
  const begin = () => {
    const begun = start();
    begun.onmessage = ({ data: { id, result, fault, alive } }) => {
      if (alive) return watch(id, PATIENCE_MS);
      answered = true;
      settle(id, ({ resolve, reject }) => (fault === undefined ? resolve(result) : reject(new Error(fault))));
    };
    begun.onerror = () => stop("the engine could not be started");
    return begun;
  };
  return (job, ...inputs) => {
    worker ??= begin();
    number += 1;
    const id = number;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      watch(id, answered ? PATIENCE_MS : FIRST_PATIENCE_MS);
      worker.postMessage({ id, job, inputs });
    });
  };
};
