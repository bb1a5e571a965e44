// The page without a network: a service worker keeps all of one version, and is replaced as a whole.
import { firstFindings } from "./engine.js";

let waiting;

/** Calls when a newer version lies ready. */
export const onNewer = async (told) => {
  if (!("serviceWorker" in navigator)) return;
  await firstFindings;
  try {
    const registration = await navigator.serviceWorker.register(new URL("offline.js", import.meta.url), { updateViaCache: "none" });
    const ready = (worker) => {
      // The very first one replaces nothing.
      if (!worker || !navigator.serviceWorker.controller) return;
      waiting = worker;
      told();
    };
    ready(registration.waiting);
    registration.addEventListener("updatefound", () => {
      const worker = registration.installing;
      worker?.addEventListener("statechange", () => worker.state === "installed" && ready(worker));
    });
  } catch {
    // Without one the page needs the network to be opened, and nothing else.
  }
};

/** Takes the newer version: its files replace the old ones all at once. */
export const renew = () => {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting?.postMessage("take over");
};
