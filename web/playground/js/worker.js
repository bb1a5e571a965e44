// The engine, away from the page: a large paste must not stop the typing.
import { explain, facts, fix, init, lint, rules } from "connlint";

const loaded = init(new URL("engine.wasm", self.location.href));
const jobs = {
  lint: (files, options) => ({ report: lint(files, options), kinds: facts(files, options).files.map((f) => f.kind) }),
  fix, explain, rules,
};

self.onmessage = async ({ data: { id, job, inputs } }) => {
  try {
    await loaded;
    self.postMessage({ id, result: jobs[job](...inputs) });
  } catch (fault) {
    self.postMessage({ id, fault: fault.message });
  }
};
