import type { Findings, Range } from "./findings.js";
import type { Rule, Severity } from "./rule.js";

export type { Finding, Findings, Fix, Place, Range } from "./findings.js";
export type { Rule, Severity } from "./rule.js";

/** A file to lint. Its name tells its kind and how it belongs to the others: paths, parts separated by `/`. */
export interface File {
  name: string;
  text: string;
}

export interface Options {
  /** The text of a `connlint.toml`. `extends`, `exclude`, `rules` and `baseline` name files and are not followed. */
  settings?: string;
  /** The evaluation time, RFC 3339; rules about expiry are skipped without it. */
  now?: string;
  /** Rules of your own: the name is the rule's, the text its YAML. */
  rules?: File[];
}

export interface FixOptions extends Options {
  /** Also make fixes that change more than the fault. */
  unsafe?: boolean;
}

/** What came of fixing: the files that changed, and why other fixes were not made. */
export interface Fixed {
  files: File[];
  made: number;
  left: { rule: string; file: string; why: string }[];
}

/** What was understood of files. */
export interface Facts {
  version: number;
  files: { file: string; kind: string | null }[];
  facts: { kind: string; fields: Record<string, unknown>; [place: string]: unknown }[];
}

export interface RuleEntry {
  rule: string;
  title: string;
  severity: Severity;
  category: Rule["category"];
}

export interface RulePage {
  rule: string;
  document: Omit<Rule, "examples">;
  examples: Rule["examples"];
}

/** An input that the engine does not take, or an engine that stopped; the module stays usable in either case. */
export class ConnlintError extends Error {}

/**
 * Loads the engine, once; a second call waits for the first. In Node it is loaded already.
 * `engine` is needed only where a bundler has moved the file: its address, its bytes or the compiled module.
 */
export function init(engine?: URL | string | Request | Response | BufferSource | WebAssembly.Module): Promise<void>;

/** Lints files together. */
export function lint(files: File[], options?: Options): Findings;

/** As `lint`, as the text that `connlint check --format json` writes. */
export function lintText(files: File[], options?: Options): string;

/** Makes every fix that may be made. */
export function fix(files: File[], options?: FixOptions): Fixed;

/** What was understood of files; secrets are shown as `***`. */
export function facts(files: File[], options?: Options): Facts;

/** Everything about a built-in rule. */
export function explain(rule: string): RulePage | undefined;

/** All built-in rules, sorted by name. */
export function rules(): RuleEntry[];

/** A place in a text as string offsets; places count characters, JavaScript counts UTF-16 units. */
export function span(text: string, place: Omit<Range, "file">): { from: number; to: number };
