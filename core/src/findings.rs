//! What the engine reports.

use std::cmp::{Ordering, Reverse};

pub use crate::fingerprint::Fingerprint;
pub use crate::severity::{Safety, Severity};
use crate::source::Span;
use crate::syntax::Notice;

/// A related place and what it has to do with the finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words.
    pub message: String,
}

/// Replaces what stands in a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What to replace; empty to insert.
    pub span: Span,
    /// The new text.
    pub text: String,
}

/// A way to mend a finding by editing files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: "set heartbeat to 30".
    pub title: String,
    /// Whether it may be applied without asking.
    pub safety: Safety,
    /// The edits' texts are written as they are, quotes included.
    pub verbatim: bool,
    /// The edits; they never overlap.
    pub edits: Vec<Edit>,
}

/// One thing that is wrong, where, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name, `amqp/heartbeat-disabled`.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// The fact with its values, one line, no final period.
    pub message: String,
    /// The failure, and when it strikes.
    pub why: String,
    /// What to do.
    pub help: String,
    /// The exact value at fault, or the place where the missing one belongs.
    pub span: Span,
    /// A few words at that place; may be empty.
    pub label: String,
    /// Every other place involved.
    pub related: Vec<Label>,
    /// The edit, where it is clear.
    pub fix: Option<Fix>,
    /// What had to be assumed to pair the places, one sentence each; not empty means one severity less.
    pub assumed: Vec<String>,
    /// What stays the same about it from run to run.
    pub fingerprint: Fingerprint,
}

impl Finding {
    /// The order of reports: by file, place, severity and rule.
    pub fn order(&self, other: &Finding) -> Ordering {
        let key = |f: &Finding| (f.span.file, f.span.start, Reverse(f.severity));
        key(self).cmp(&key(other)).then_with(|| {
            (&self.rule, self.span.end, &self.message).cmp(&(&other.rule, other.span.end, &other.message))
        })
    }
}

/// Why a finding does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pardon {
    /// A comment in a file allows it; where its reason is written.
    Comment(Span),
    /// The project's baseline knows it.
    Baseline,
}

/// A finding that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// What was found.
    pub finding: Finding,
    /// Why it does not count.
    pub pardon: Pardon,
}

/// What came of a run.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Sorted by file, place, severity and rule.
    pub findings: Vec<Finding>,
    /// What could not be read, or was not used, sorted by place.
    pub notices: Vec<Notice>,
    /// Findings that do not count, in the order of [`Report::findings`].
    pub suppressed: Vec<Suppressed>,
}

impl Report {
    /// Takes over what was found in other files.
    pub fn append(&mut self, other: Report) {
        self.findings.extend(other.findings);
        self.notices.extend(other.notices);
        self.suppressed.extend(other.suppressed);
    }

    /// Puts what was taken over in the order of the files.
    pub fn sort(&mut self) {
        // What is of one file stands together and in order already.
        self.findings.sort_by_key(|f| f.span.file);
        self.suppressed.sort_by_key(|s| s.finding.span.file);
        self.sort_notices();
    }

    /// Puts notices in order, and the same one once.
    pub fn sort_notices(&mut self) {
        self.notices.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
        self.notices.dedup();
    }
}
