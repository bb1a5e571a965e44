// What the page needs of the browser and that Rust would only wrap.
import { span } from "../../embed/js/span.js";

export { ask } from "./engine.js";
export { download, onFiles, openFiles } from "./files.js";
export { onNewer, renew } from "./offline.js";
export { shareLink, shared } from "./share.js";

// The editor is the heaviest part of the page and comes after the first picture; what it is told meanwhile waits.
let editor;
const waiting = [];
export const mount = async (host, onChange) => {
  const { createEditor } = await import("./editor.js");
  editor = createEditor(host, onChange);
  for (const [what, inputs] of waiting.splice(0)) editor[what](...inputs);
};
const tell = (what, ...inputs) => (editor ? editor[what](...inputs) : waiting.push([what, inputs]));
export const show = (key, name, text) => {
  tell("show", key, name, text);
  // On a narrow screen not all tabs are in sight.
  requestAnimationFrame(() => document.querySelector('.tabs [aria-selected="true"]')?.scrollIntoView({ block: "nearest", inline: "nearest" }));
};
export const forget = (key) => tell("forget", key);
export const replace = (text) => tell("replace", text);
const places = (text, range) => span(text, range);

/** Marks findings of the open file; `apply(index)` makes the fix of one. */
export const mark = (text, findings, apply) =>
  tell(
    "mark",
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
  tell("reveal", from, to);
};
/** A text with edits made, the last first so that places stay true. */
export const edited = (text, edits) =>
  JSON.parse(edits)
    .map((edit) => ({ ...places(text, edit), text: edit.text }))
    .sort((a, b) => b.from - a.from)
    .reduce((now, { from, to, text: insert }) => now.slice(0, from) + insert + now.slice(to), text);

/** Calls with true for F8, with false for Shift+F8, wherever the focus is. */
export const onStep = (step) =>
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "F8" || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      event.stopPropagation();
      step(!event.shiftKey);
    },
    { capture: true },
  );

const beside = async (name) => (await fetch(new URL(name, import.meta.url))).text();
export const translation = (tag) => beside(`${tag}.json`).catch(() => "");
export const examples = () => beside("examples.json");
export const setTheme = (theme) => {
  document.documentElement.dataset.theme = theme;
};
export const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;
export const language = () => navigator.language;
export const setLanguage = (tag) => {
  document.documentElement.lang = tag;
};

// A browser may refuse to keep anything; the page works all the same.
export const keep = (key, text) => {
  try {
    if (text === "") localStorage.removeItem(key);
    else localStorage.setItem(key, text);
  } catch {}
};
export const kept = (key) => {
  try {
    return localStorage.getItem(key) ?? "";
  } catch {
    return "";
  }
};
