//! A run stays small on a file that is wrong everywhere.

use connlint_core::engine::MAX_FINDINGS_PER_RULE_AND_FILE;
use connlint_core::rules::Rule;
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

#[test]
fn a_condition_that_takes_too_long_is_told_with_its_rule_and_file() {
    let own = "title: Hosts compared with each other\nsince: 0.1.0\nseverity: warning\ncategory: maintenance\n\
               applies: {service: compose.service}\n\
               when: service.extra_hosts.all(a, service.extra_hosts.all(b, a != b || a == b))\n\
               at: service.name\nmessage: many hosts\nwhy: It is slow.\nhelp: Name fewer.\n\
               sources: ['https://example.com']\nexamples: {bad: [], good: []}\n";
    let document = serde_yaml::from_str(own).expect("a rule");
    let mut rules = RuleSet::empty();
    rules.add(Rule::custom("own/hosts", document)).expect("no other rule");
    let project = |hosts: usize| -> String {
        let hosts: Vec<String> = (0..hosts).map(|i| format!("      - h{i}:10.0.0.1\n")).collect();
        format!("services:\n  app:\n    image: app:1\n    extra_hosts:\n{}", hosts.concat())
    };
    let mut sources = Sources::new();
    let few = sources.add(Source::new("few/compose.yaml", project(2)));
    let many = sources.add(Source::new("many/compose.yaml", project(400)));
    let report = lint(&sources, &Settings::default(), &rules).report;
    assert_eq!(report.findings.iter().map(|f| f.span.file).collect::<Vec<_>>(), [few]);
    let told: Vec<_> = report.notices.iter().map(|n| (n.span.file, n.message.as_str())).collect();
    let message =
        "the rule `own/hosts` is not decided here, since a condition of it takes more than 100000 steps";
    assert_eq!(told, [(many, message)]);
}
