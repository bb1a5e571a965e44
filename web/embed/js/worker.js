// A module worker that answers for the engine: `connect(() => new Worker(…, { type: "module" }))` asks it.
import * as engine from "./index.js";
import { serve } from "./remote.js";

const { init, span, ConnlintError, ...jobs } = engine;
serve(jobs, init());
