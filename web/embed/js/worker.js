// A module worker that answers for the engine: `connect(() => new Worker(…, { type: "module" }))` asks it.
import * as engine from "./index.js";
import { startWithFirst } from "./parts.js";
import { serve } from "./remote.js";
import { thorough } from "./signatures.js";

const { init, span, loadSignatures, ConnlintError, ...jobs } = engine;
serve(Object.fromEntries(Object.entries(jobs).map(([name, job]) => [name, thorough(job)])), startWithFirst());
