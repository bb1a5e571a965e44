//! How many findings there are, in numbers and in words.

use crate::Severity;
use crate::findings::Report;

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
    /// Allowed by a comment in the file or known to the baseline.
    pub suppressed: usize,
}

impl Counts {
    /// Counts a report.
    pub fn of(report: &Report) -> Counts {
        let count = |severity| report.findings.iter().filter(|f| f.severity == severity).count();
        Counts {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            infos: count(Severity::Info),
            suppressed: report.suppressed.len(),
        }
    }

    /// One line without its end: `3 errors, 1 warning in 14 files`.
    pub fn sentence(&self, files: usize) -> String {
        let parts: Vec<String> = [(self.errors, "error"), (self.warnings, "warning"), (self.infos, "info")]
            .into_iter()
            .filter(|(n, _)| *n > 0)
            .map(|(n, word)| number(n, word))
            .collect();
        let found = if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") };
        let allowed = match self.suppressed {
            0 => String::new(),
            n => format!(" ({n} suppressed)"),
        };
        format!("{found} in {}{allowed}", number(files, "file"))
    }
}

fn number(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sentence_counts_what_is_there() {
        let cases = [
            ((3, 2, 1, 0), 14, "3 errors, 2 warnings, 1 info in 14 files"),
            ((1, 1, 2, 0), 1, "1 error, 1 warning, 2 infos in 1 file"),
            ((0, 0, 0, 0), 0, "no findings in 0 files"),
            ((0, 0, 0, 2), 3, "no findings in 3 files (2 suppressed)"),
        ];
        for ((errors, warnings, infos, suppressed), files, sentence) in cases {
            assert_eq!(Counts { errors, warnings, infos, suppressed }.sentence(files), sentence);
        }
    }
}
