//! JUnit's XML: a test suite for each file with findings, a test case for each finding.

use std::fmt::Write as _;

use super::xml::{HEADER, escape};
use super::{Counts, Shown};
use crate::Severity;
use crate::findings::Finding;

/// Errors and warnings are failures, infos pass with their text as output. A clean run is one case that passes, since
/// collectors take a report without cases for a broken one.
pub fn render(shown: &Shown<'_>) -> String {
    let counts = Counts::of(shown.report);
    let all = shown.report.findings.len();
    let mut out = format!(
        "{HEADER}<testsuites name=\"connlint\" tests=\"{}\" failures=\"{}\">\n",
        all.max(1),
        counts.errors + counts.warnings,
    );
    if all == 0 {
        out.push_str("  <testsuite name=\"connlint\" tests=\"1\" failures=\"0\">\n");
        out.push_str("    <testcase name=\"no findings\" classname=\"connlint\"/>\n  </testsuite>\n");
    }
    for findings in shown.report.findings.chunk_by(|a, b| a.span.file == b.span.file) {
        let Some(first) = findings.first() else { continue };
        let name = escape(&shown.sources.get(first.span.file).name);
        let failures = findings.iter().filter(|f| f.severity > Severity::Info).count();
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{failures}\">",
            findings.len()
        );
        findings.iter().for_each(|finding| case(shown, &name, finding, &mut out));
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn case(shown: &Shown<'_>, file: &str, finding: &Finding, out: &mut String) {
    let at = shown.sources.get(finding.span.file).position(finding.span.start as usize);
    let (rule, message) = (escape(&finding.rule), escape(&finding.message));
    let details = [finding.why.trim(), finding.help.trim()].join("\n");
    let details = escape(&format!("{}:{}: {}\n{}", at.line, at.column, finding.message, details.trim()));
    let body = match finding.severity {
        Severity::Info => format!("<system-out>{details}</system-out>"),
        severity => format!("<failure type=\"{severity}\" message=\"{message}\">{details}</failure>"),
    };
    let _ = writeln!(
        out,
        "    <testcase name=\"{rule} at {}:{}\" classname=\"{file}\" file=\"{file}\" line=\"{}\">{body}</testcase>",
        at.line, at.column, at.line,
    );
}
