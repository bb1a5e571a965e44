import type * as engine from "./index.js";

/** What `worker.js` answers: every function of the package that takes and gives plain data. */
export type Jobs = Omit<typeof engine, "init" | "loadSignatures" | "span" | "ConnlintError">;

/**
 * A function that asks the engine in the worker that `start` makes:
 * `connect(() => new Worker(new URL("connlint/worker", import.meta.url), { type: "module" }))`.
 * A worker that takes too long is stopped, and the next question makes a new one.
 */
export function connect(
  start: () => Worker,
): <J extends keyof Jobs>(job: J, ...inputs: Parameters<Jobs[J]>) => Promise<Awaited<ReturnType<Jobs[J]>>>;

/** In a worker of your own: answers questions with these functions, once `ready` has come. */
export function serve(jobs: Record<string, (...inputs: never[]) => unknown>, ready: Promise<unknown>): void;
