//! Checkstyle's XML, which many tools that collect reports read.

use std::fmt::Write as _;

use super::Shown;
use super::xml::{HEADER, escape};

/// The version of Checkstyle whose form this is.
const VERSION: &str = "4.3";

/// One `file` for each file with findings.
pub fn render(shown: &Shown<'_>) -> String {
    let mut out = format!("{HEADER}<checkstyle version=\"{VERSION}\">\n");
    for findings in shown.report.findings.chunk_by(|a, b| a.span.file == b.span.file) {
        let Some(first) = findings.first() else { continue };
        let source = shown.sources.get(first.span.file);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  <file name=\"{}\">", escape(&source.name));
        for finding in findings {
            let at = source.position(finding.span.start as usize);
            let _ = writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{}\" message=\"{}\" source=\"connlint.{}\"/>",
                at.line,
                at.column,
                finding.severity,
                escape(&finding.message),
                escape(&finding.rule),
            );
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>\n");
    out
}
