//! Every log event is found in its own examples, and nowhere in a log in which all is well.

use connlint_core::RuleSet;
use connlint_core::rules::load;

#[test]
fn every_event_is_found_in_its_examples() {
    let rules = RuleSet::built_in();
    let mut wrong = Vec::new();
    let mut count = 0;
    for rule in rules.iter().filter(|r| r.id().starts_with("logs/")) {
        count += 1;
        wrong.extend(load::name_fault(rule.id()));
        let Some(mut document) = rule.document().cloned() else { continue };
        document.examples = rule.examples().expect("a built-in rule has examples");
        let mistakes = load::try_examples(rule.id(), "", &document);
        wrong.extend(mistakes.into_iter().map(|m| format!("{}: {}", rule.id(), m.message)));
    }
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
    assert!(count >= 90, "{count} events");
}
