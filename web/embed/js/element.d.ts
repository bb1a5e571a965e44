import type { File, Findings } from "./index.js";

/** A text, or several, linted as they are written. The README names its attributes. */
export class ConnlintEditor extends HTMLElement {
  /** The text of the open file. */
  value: string;
  /** All files, judged together. */
  files: File[];
  /** The text of a `connlint.toml`. */
  settings: string;
  /** What was found last. */
  readonly report: Findings | undefined;
}

declare global {
  interface HTMLElementTagNameMap {
    "connlint-editor": ConnlintEditor;
  }
  interface HTMLElementEventMap {
    /** New findings of a `connlint-editor`. */
    connlint: CustomEvent<Findings>;
  }
}
