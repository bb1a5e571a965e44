// Signatures of certificates: a module of its own, loaded when a certificate is first met.
import { complete } from "./parts.js";
import start, { check, initSync } from "./verify.js";

let loading;
let loaded = false;
let missed = false;
/** Where the host can load it at once, as in Node: a function that gives its bytes. */
let atOnce;

/** The engine asks here; an answer that is not to be had now is none. */
export const checkSignature = (...question) => {
  if (!loaded && atOnce) {
    initSync({ module: atOnce() });
    loaded = true;
  }
  if (loaded) return check(...question);
  missed = true;
  return undefined;
};

export const loadAtOnce = (bytes) => {
  atOnce = bytes;
};

export const loadSignatures = (from = new URL("verify.wasm", import.meta.url)) => {
  loading ??= start({ module_or_path: from }).then(
    () => {
      loaded = true;
    },
    (fault) => {
      loading = undefined;
      throw fault;
    },
  );
  return loading;
};

/** A function that gives, as a promise, what another gives with all signatures checked. */
export const thorough = (job, from, rest) => {
  const tried = complete((...inputs) => {
    missed = false;
    const result = job(...inputs);
    return [result, missed];
  }, rest);
  return async (...inputs) => {
    const [first, lacks] = await tried(...inputs);
    if (!lacks) return first;
    // Without a network there is still what could be judged without them.
    return loadSignatures(from).then(async () => (await tried(...inputs))[0], () => first);
  };
};
