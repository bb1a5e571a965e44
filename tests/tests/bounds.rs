//! A run stays small on a file that is wrong everywhere.

use connlint_core::engine::MAX_FINDINGS_PER_RULE_AND_FILE;
use connlint_core::source::{Source, Sources};
use connlint_core::{RuleSet, Settings, lint};

/// More than the findings that are made before the rest is only counted.
const URIS: usize = 1_500;

#[test]
fn what_is_left_out_is_counted_exactly() {
    let text: String =
        (0..URIS).map(|i| format!("A{i}=amqp://app:x@mq{i}.example.com/v?heartbeat=0\n")).collect();
    let mut sources = Sources::new();
    sources.add(Source::new("a.env", text));
    let settings = Settings { select: vec!["amqp/heartbeat-disabled".into()], ..Settings::default() };
    let findings = lint(&sources, &settings, &RuleSet::built_in()).report.findings;
    assert_eq!(findings.len(), MAX_FINDINGS_PER_RULE_AND_FILE);
    let last = &findings.last().expect("findings").message;
    assert!(last.ends_with(&format!("(and {} more places in this file)", URIS - findings.len())), "{last}");
}
