//! GitLab's code quality report, <https://docs.gitlab.com/ci/testing/code_quality/>.

use serde::Serialize;

use super::Shown;
use crate::Severity;

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// A list with one issue a finding.
pub fn render(shown: &Shown<'_>) -> String {
    let issues: Vec<Issue<'_>> = shown
        .report
        .findings
        .iter()
        .map(|finding| {
            let source = shown.sources.get(finding.span.file);
            let begin = source.position(finding.span.start as usize).line;
            let end = source.position(finding.span.end as usize).line;
            Issue {
                description: &finding.message,
                check_name: &finding.rule,
                fingerprint: shown.fingerprint(finding),
                severity: match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "major",
                    Severity::Info => "info",
                },
                // GitLab matches paths with those of the repository, which do not begin with `./`.
                location: Location {
                    path: source.name.trim_start_matches("./"),
                    lines: Lines { begin, end },
                },
            }
        })
        .collect();
    // Strings and numbers only: nothing in it could fail to serialize.
    let mut text = serde_json::to_string_pretty(&issues).unwrap_or_default();
    text.push('\n');
    text
}
