import type { Deployments, Facts, File, Fixed, Inspected, Options, RuleCheck, RuleEntry } from "./data.js";
import type { Findings, Range } from "./findings.js";
import type { Rule } from "./rule.js";

export type * from "./data.js";
export type { Finding, Findings, Fix, Place, Range } from "./findings.js";
export type { Rule, Severity } from "./rule.js";

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

/**
 * In a browser: from here on the signatures of certificates are checked too, by a module of 60 kB that nobody needs who
 * shows no certificate. The worker and the element load it when they meet one; Node does so at once. `from` is its address
 * where a bundler has moved it.
 */
export function loadSignatures(from?: URL | string): Promise<void>;

/** Lints files together. */
export function lint(files: File[], options?: Options): Findings;

/** As `lint`, as the text that `connlint check --format json` writes. */
export function lintText(files: File[], options?: Options): string;

/** Makes every fix that may be made. */
export function fix(files: File[], options?: Options): Fixed;

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

/** The files with `***` in place of every secret. */
export function mask(files: File[], options?: Options): File[];

/** The files without addresses, user names and secrets; the same word stands for the same address in all of them. */
export function redact(files: File[], options?: Options): File[];

/** What is wrong with a rule of your own, and how it behaves on its examples. */
export function checkRule(name: string, text: string): RuleCheck;

/** The names of all kinds of files, for `kinds` in the settings. */
export function kinds(): string[];

/** All built-in rules, sorted by name. */
export function rules(): RuleEntry[];

/** A place in a text as string offsets; places count characters, JavaScript counts UTF-16 units. */
export function span(text: string, place: Omit<Range, "file">): { from: number; to: number };
