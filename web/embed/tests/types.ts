// Compiled, not run: what the types promise.
import "../pkg/element.js";
import { connect } from "../pkg/remote.js";
import { type Findings, type Severity, explain, fix, lint, rules, span } from "../pkg/index.js";

const report: Findings = lint([{ name: "a", text: "" }], { settings: "", now: "2026-01-01T00:00:00Z" });
for (const finding of report.findings) {
  const severity: Severity = finding.severity;
  const line: number = finding.line;
  const edits = finding.fix?.edits.map((edit) => edit.text.length + edit.end_column);
  const { from, to } = span("", finding.related[0] ?? finding);
  void [severity, line, edits, from, to, finding.assumed[0]?.length];
}
const category: "security" | string = rules()[0]?.category ?? "";
const bad: string | undefined = (await explain("x/y"))?.examples.bad[0]?.files["a"];
const made: number = fix([], { unsafe: true }).made;
void [category, bad, made];
const ask = connect(() => new Worker("worker.js"));
const asked: Findings = await ask("lint", [{ name: "a", text: "" }]);
document.querySelector("connlint-editor")?.addEventListener("connlint", ({ detail }) => void detail.summary.errors);
void asked;
// @ts-expect-error there is no such job
void ask("span", "", {});
// @ts-expect-error a file has a text
lint([{ name: "a" }]);
// @ts-expect-error there is no such severity
const wrong: Severity = "fatal";
void wrong;
