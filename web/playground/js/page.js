// What the page needs of the browser and that Rust would only wrap: the editor, the worker, the share link.
import { span } from "../../embed/js/span.js";
import { createEditor } from "./editor.js";

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

let editor;
export const mount = (host, onChange) => {
  editor = createEditor(host, onChange);
};
export const show = (key, name, text) => editor.show(key, name, text);
export const forget = (key) => editor.forget(key);
export const replace = (text) => editor.replace(text);
const places = (text, range) => span(text, range);

/** Marks findings of the open file; `apply(index)` makes the fix of one. */
export const mark = (text, findings, apply) =>
  editor.mark(
    JSON.parse(findings).map((finding) => ({
      ...places(text, finding),
      severity: finding.severity,
      source: finding.rule,
      message: finding.message,
      renderMessage: () => {
        const whole = document.createElement("div");
        const help = document.createElement("span");
        help.className = "cm-help";
        help.textContent = finding.help;
        whole.append(finding.message, help);
        return whole;
      },
      actions: finding.fix ? [{ name: finding.fix.title, apply: () => apply(finding.index) }] : [],
    })),
  );
export const reveal = (text, range) => {
  const { from, to } = places(text, JSON.parse(range));
  editor.reveal(from, to);
};
/** A text with edits made, the last first so that places stay true. */
export const edited = (text, edits) =>
  JSON.parse(edits)
    .map((edit) => ({ ...places(text, edit), text: edit.text }))
    .sort((a, b) => b.from - a.from)
    .reduce((now, { from, to, text: insert }) => now.slice(0, from) + insert + now.slice(to), text);

const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
const PREFIX = "#v1=";
export const shareLink = async (state) => {
  const bytes = await through(new TextEncoder().encode(state), new CompressionStream("deflate-raw"));
  const letters = Array.from(bytes, (b) => String.fromCharCode(b)).join("");
  const encoded = btoa(letters).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  history.replaceState(null, "", PREFIX + encoded);
  await navigator.clipboard?.writeText(location.href).catch(() => {});
};
/** A link of this page holds texts, at most this long: more is no share link but an attack on memory. */
const MOST_SHARED = 4 * 1024 * 1024;
export const shared = async () => {
  if (!location.hash.startsWith(PREFIX)) return "";
  try {
    const letters = atob(location.hash.slice(PREFIX.length).replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = await through(Uint8Array.from(letters, (c) => c.charCodeAt(0)), new DecompressionStream("deflate-raw"));
    return bytes.length > MOST_SHARED ? "" : new TextDecoder().decode(bytes);
  } catch {
    return "";
  }
};

/** Texts of files that are dropped anywhere on the page. */
export const onDrop = (take) => {
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    for (const file of event.dataTransfer?.files ?? []) take(file.webkitRelativePath || file.name, await file.text());
  });
};
export const examples = async () => (await fetch(new URL("examples.json", here))).text();
export const setTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
};
