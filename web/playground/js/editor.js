// CodeMirror in a shadow root: there its styles are adopted sheets, which a strict policy allows.
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, StreamLanguage, bracketMatching, syntaxHighlighting } from "@codemirror/language";
import { nginx } from "@codemirror/legacy-modes/mode/nginx";
import { properties } from "@codemirror/legacy-modes/mode/properties";
import { shell } from "@codemirror/legacy-modes/mode/shell";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

const colours = HighlightStyle.define([
  { tag: [tags.comment, tags.meta], color: "var(--syntax-comment)" },
  { tag: [tags.string, tags.attributeValue], color: "var(--syntax-string)" },
  { tag: [tags.number, tags.bool, tags.atom, tags.null], color: "var(--syntax-number)" },
  { tag: [tags.keyword, tags.propertyName, tags.definition(tags.propertyName), tags.definition(tags.variableName), tags.heading], color: "var(--syntax-key)" },
]);
const look = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "14px" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)", padding: "8px 0" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": { backgroundColor: "var(--paper)", color: "var(--faint)", border: "none" },
  ".cm-activeLine": { backgroundColor: "var(--line-here)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--chosen)" },
  ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--edge)", borderRadius: "6px", maxWidth: "34rem" },
  ".cm-diagnostic": { padding: "8px 12px", fontFamily: "var(--sans)" },
  ".cm-diagnosticSource": { opacity: "1", color: "var(--faint)" },
  ".cm-diagnosticAction": { backgroundColor: "var(--accent)", color: "var(--on-accent)", borderRadius: "4px", padding: "3px 8px", margin: "6px 0 0" },
  ".cm-panels": { backgroundColor: "var(--raised)", color: "var(--ink)" },
  ".cm-help": { display: "block", marginTop: "4px", color: "var(--soft)" },
});

const languages = [
  [/\.ya?ml$/i, yaml],
  [/\.json$/i, json],
  [/\.toml$/i, () => StreamLanguage.define(toml)],
  [/nginx|\.nginx$/i, () => StreamLanguage.define(nginx)],
  [/\.sh$|dockerfile|iptables|ufw/i, () => StreamLanguage.define(shell)],
];
const language = (name) => (languages.find(([pattern]) => pattern.test(name))?.[1] ?? (() => StreamLanguage.define(properties)))();

/** One editor for all files: each keeps its own state, so that undo and place survive a change of tabs. */
export const createEditor = (host, onChange) => {
  const root = host.attachShadow({ mode: "open" });
  const states = new Map();
  let open;
  const fresh = (name, text) =>
    EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(), lintGutter(), history(), drawSelection(), bracketMatching(), highlightActiveLine(),
        highlightSelectionMatches(), syntaxHighlighting(colours), look, language(name),
        keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
        EditorState.lineSeparator.of("\n"),
        EditorView.contentAttributes.of({ "aria-label": `Text of ${name}`, tabindex: "0" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onChange(update.state.doc.toString(), update.transactions.some((t) => t.isUserEvent("input.paste")));
        }),
      ],
    });
  const view = new EditorView({ parent: root, root });
  return {
    show(key, name, text) {
      if (open !== undefined) states.set(open, view.state);
      open = key;
      const known = states.get(key);
      view.setState(known?.doc.toString() === text ? known : fresh(name, text));
    },
    forget(key) {
      states.delete(key);
      if (open === key) open = undefined;
    },
    replace(text) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    mark(diagnostics) {
      const most = view.state.doc.length;
      const inside = diagnostics.map((d) => ({ ...d, from: Math.min(d.from, most), to: Math.min(d.to, most) }));
      view.dispatch(setDiagnostics(view.state, inside));
    },
    reveal(from, to) {
      const most = view.state.doc.length;
      const selection = { anchor: Math.min(from, most), head: Math.min(to, most) };
      view.dispatch({ selection, effects: EditorView.scrollIntoView(selection.anchor, { y: "center" }) });
      view.focus();
    },
  };
};
