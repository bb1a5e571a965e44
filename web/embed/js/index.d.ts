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

/** Facts that belong together, by their index in `facts`. */
export interface Deployments {
  version: number;
  deployments: { name: string | null; from: string | null; files: string[]; relations: Relation[] }[];
}
export interface Relation {
  relation: string;
  from: RelationEnd;
  to: RelationEnd;
  assumed: string | null;
}
export interface RelationEnd {
  fact: number;
  kind: string;
  file: string;
  line: number;
}

export interface Inspected {
  report: Findings;
  kinds: (string | null)[];
  deployments: Deployments;
  facts: Facts | null;
  secrets: number;
}

export interface RuleCheck {
  mistakes: (Omit<Range, "file"> & { message: string })[];
  examples: { group: "bad" | "good"; index: number; fault: string | null }[];
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

/**
 * Everything about a built-in rule. The pages are a file of their own, `rules.json`, which is loaded when first asked
 * for; `from` is needed only where a bundler has moved it.
 */
export function explain(rule: string, from?: URL | string): Promise<RulePage | undefined>;

/** Findings, kinds and deployments of one run; facts if they are wanted. `secrets` counts what `mask` would hide. */
export function inspect(files: File[], options?: Options, withFacts?: boolean): Inspected;

/** The report in another program's form. */
export function render(files: File[], options: Options | undefined, format: "json" | "markdown" | "sarif"): string;

/** The files with stars in place of every secret. */
export function mask(files: File[], options?: Options): File[];

/** What is wrong with a rule of your own, and how it behaves on its examples. */
export function checkRule(name: string, text: string): RuleCheck;

/** The names of all kinds of files, for `kinds` in the settings. */
export function kinds(): string[];

/** All built-in rules, sorted by name. */
export function rules(): RuleEntry[];

/** A place in a text as string offsets; places count characters, JavaScript counts UTF-16 units. */
export function span(text: string, place: Omit<Range, "file">): { from: number; to: number };
