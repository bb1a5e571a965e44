// How the element looks. Colours follow `color-scheme`, which a page may set on the element or on itself.
export const look = new CSSStyleSheet();
look.replaceSync(`
:host {
  --paper: var(--connlint-paper, light-dark(#ffffff, #14171c)); --ink: var(--connlint-ink, light-dark(#1b1f24, #e6e9ee));
  --raised: light-dark(#f5f6f8, #1d2127); --soft: light-dark(#444c56, #bcc4ce); --faint: light-dark(#5c656f, #98a2ae);
  --edge: light-dark(#d5d9df, #363d47); --accent: light-dark(#1f5fbf, #82b1ff);
  --error: light-dark(#b3261e, #ff8a80); --warning: light-dark(#8a5300, #ffc46b); --info: var(--accent);
  display: block; color-scheme: light dark; color: var(--ink); background: var(--paper); border: 1px solid var(--edge);
  border-radius: 6px; font: 15px/1.5 system-ui, sans-serif; overflow: hidden; text-align: start;
}
:host([hidden]) { display: none; }
* { box-sizing: border-box; }
p, ul, pre { margin: 0; padding: 0; list-style: none; }
button { font: inherit; color: inherit; background: none; border: 0; padding: 0; text-align: start; cursor: pointer; }
code { font: .92em ui-monospace, "DejaVu Sans Mono", monospace; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; }
.head { display: flex; flex-wrap: wrap; gap: .2rem .9rem; padding: .35rem .8rem; background: var(--raised); border-bottom: 1px solid var(--edge); font-size: .85rem; }
.head .kind { color: var(--faint); margin-inline-start: auto; }
[role="tab"] { color: var(--soft); overflow-wrap: anywhere; }
[role="tab"][aria-selected="true"] { color: var(--ink); font-weight: 600; text-decoration: underline 2px var(--accent); text-underline-offset: .3em; }
.text { display: grid; grid-template-columns: auto minmax(0, 1fr); max-height: var(--connlint-height, 24rem); overflow: auto; }
.sheet { display: grid; min-width: max-content; }
.lines, .marks, textarea {
  font: .87rem/1.55 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre; padding: .5rem .8rem; tab-size: 4; letter-spacing: normal;
}
.lines { position: sticky; inset-inline-start: 0; z-index: 1; color: var(--faint); background: var(--paper); text-align: end; user-select: none; padding-inline-end: 0; }
.marks, textarea { grid-area: 1 / 1; min-width: 100%; }
.marks { pointer-events: none; }
textarea { width: 100%; height: 100%; margin: 0; border: 0; resize: none; overflow: hidden; background: none; color: transparent; caret-color: var(--ink); }
textarea::selection { color: transparent; background: light-dark(#b5d3ff, #2f5688); }
mark { color: inherit; background: none; text-decoration: underline wavy 1.5px; text-underline-offset: .2em; text-decoration-skip-ink: none; }
mark.error { text-decoration-color: var(--error); } mark.warning { text-decoration-color: var(--warning); } mark.info { text-decoration-color: var(--info); }
.status { padding: .35rem .8rem; border-top: 1px solid var(--edge); font-size: .85rem; color: var(--soft); }
.findings { max-height: var(--connlint-findings-height, 20rem); overflow: auto; }
li { padding: .5rem .8rem; border-top: 1px solid var(--edge); overflow-wrap: anywhere; font-size: .92rem; }
li.here { background: var(--raised); }
.word { font-weight: 700; font-size: .82rem; margin-inline-end: .4rem; }
.error .word { color: var(--error); } .warning .word { color: var(--warning); } .info .word { color: var(--info); }
.go:hover .message { text-decoration: underline; }
.message { font-weight: 600; }
.place, code.rule { color: var(--faint); font: .8rem ui-monospace, "DejaVu Sans Mono", monospace; }
.place { display: block; }
li p, summary { color: var(--soft); }
.fix { border: 1px solid var(--edge); border-radius: 5px; padding: .1rem .55rem; margin: .3rem .7rem 0 0; }
.fix:hover { border-color: var(--accent); }
@media (forced-colors: active) { textarea, textarea::selection { color: CanvasText; } .marks { color: transparent; } }
`);
