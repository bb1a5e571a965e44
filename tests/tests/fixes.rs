//! Every fix of every rule mends what it is for and leaves the file whole.

use std::collections::BTreeMap;

use connlint_core::findings::Safety;
use connlint_core::fix::{MAX_ROUNDS, plan};
use connlint_core::render::Mask;
use connlint_core::rules::Example;
use connlint_core::source::{FileId, Source, Sources};
use connlint_core::{Outcomes, RuleSet, Settings, lint, settings};

/// Lints and mends until nothing is left to do; how many fixes were made, what was left out, what is found then.
fn mend(sources: &mut Sources, settings: &Settings, rules: &RuleSet) -> (usize, Vec<String>, Outcomes) {
    let mut made = 0;
    for _ in 0..MAX_ROUNDS {
        let outcomes = lint(sources, settings, rules);
        let mask = Mask::new(outcomes.secrets.iter().copied());
        let plan = plan(&outcomes.report, sources, &mask, settings, Safety::Unsafe, &|_| None);
        if plan.texts.is_empty() {
            let left = plan.left.into_iter().map(|l| format!("{}: {}", l.rule, l.why)).collect();
            return (made, left, outcomes);
        }
        made += plan.made;
        for (file, text) in plan.texts {
            sources.set_text(file, text);
        }
    }
    panic!("fixes of {:?} do not settle", settings.select);
}

fn sources_of(example: &Example) -> Sources {
    let mut sources = Sources::new();
    for (name, text) in &example.files {
        sources.add(Source::new(name.as_str(), text.as_str()));
    }
    sources
}

fn notices(outcomes: &Outcomes) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for notice in &outcomes.report.notices {
        *counts.entry(notice.message.clone()).or_default() += 1;
    }
    counts
}

#[test]
fn every_fix_of_every_rule_mends_its_bad_examples() {
    let rules = RuleSet::built_in();
    let mut wrong = Vec::new();
    let mut tried = 0;
    for rule in rules.iter().filter(|r| r.document().is_some_and(|d| d.fix.is_some())) {
        let id = rule.id();
        let mut fixed = 0;
        for (i, example) in rule.examples().expect("a rule has examples").bad.iter().enumerate() {
            let text = example.settings.clone().unwrap_or_default();
            let mut settings = settings::file::parse(&text).expect("checked with the rules").settings;
            settings.select = vec![id.to_owned()];
            settings.now = example.now.as_deref().and_then(connlint_core::facts::parse_time);
            let mut sources = sources_of(example);
            let before = lint(&sources, &settings, &rules);
            let without = before.report.findings.iter().filter(|f| f.fix.is_none()).count();
            let (made, left, after) = mend(&mut sources, &settings, &rules);
            let mut say = |what: String| wrong.push(format!("{id}, bad example {}: {what}", i + 1));
            // A person changes passwords; the finding stays.
            let secret = |l: &String| l.ends_with("it would change a secret");
            let secrets = left.iter().filter(|l| secret(l)).count();
            fixed += made + secrets;
            tried += made;
            if left.iter().any(|l| !secret(l)) {
                say(format!("left out: {left:?}"));
            }
            if after.report.findings.len() > without + secrets {
                let found: Vec<_> = after.report.findings.iter().map(|f| &f.message).collect();
                say(format!("still found after {made} fixes: {found:?}"));
            }
            let old = notices(&before);
            if let Some((new, _)) = notices(&after).iter().find(|(m, n)| old.get(*m).is_none_or(|b| b < n)) {
                say(format!("a new notice: {new}"));
            }
        }
        if fixed == 0 {
            wrong.push(format!("{id}: no bad example shows its fix"));
        }
    }
    assert!(tried > 0);
    assert!(wrong.is_empty(), "{} faults:\n{}", wrong.len(), wrong.join("\n"));
}

/// A value is mended where it stands: quotes, comments, indentation and everything else stay.
#[test]
fn values_in_quotes_stay_valid() {
    let cases = [
        ("a.yaml", "url: amqp://mq.internal//  # two\nx: [1,  2]\n"),
        ("a.yaml", "url: 'amqp://mq.internal//'\n"),
        ("a.yaml", "url: \"amqp://mq.internal//\" # two\n"),
        ("a.yaml", "url: >-\n  amqp://mq.internal//\nx: 1\n"),
        ("a.json", "{ \"url\": \"amqp:\\/\\/mq.internal\\/\\/\", \"x\": 1 }\n"),
        ("a.json", "{ \"url\": \"amqp://mq.internal//\" }\n"),
        ("a.toml", "url = 'amqp://mq.internal//' # two\n"),
        (".env", "URL=\"amqp://mq.internal//\" # two\n"),
    ];
    let rules = RuleSet::built_in();
    let settings = Settings { select: vec!["amqp/uri-double-slash-vhost".into()], ..Settings::default() };
    for (name, text) in cases {
        let mut sources = Sources::new();
        sources.add(Source::new(name, text));
        let before = lint(&sources, &settings, &rules);
        assert_eq!(before.report.findings.len(), 1, "{name} {text}");
        let (made, _, after) = mend(&mut sources, &settings, &rules);
        let now = &sources.get(FileId(0)).text;
        assert_eq!((made, after.report.findings.len()), (1, 0), "{name} {text} {now}");
        assert_eq!(notices(&before), notices(&after));
        let changed: Vec<&str> = now.split("mq.internal").collect();
        let was: Vec<&str> = text.split("mq.internal").collect();
        assert_eq!(changed[0], was[0]);
        let rest = was[1].trim_start_matches(['/', '\\']);
        assert!(changed[1].ends_with(rest), "{now}");
    }
}
