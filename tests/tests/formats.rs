//! Formats of other programs keep to what those programs publish.

use connlint_core::findings::{Edit, Fix, Label, Pardon, Safety, Suppressed};
use connlint_core::render::{Mask, Shown, checkstyle, github, gitlab, json, junit, markdown, sarif};
use connlint_core::source::{FileId, Source, Sources, Span};
use connlint_core::syntax::Notice;
use connlint_core::{Finding, Report, RuleSet, Settings, Severity, lint};
use serde_json::Value;

const TEXT: &str = "ü=1\nurl=amqp://u:GEHEIM@h?h=0 # connlint: allow x/y -- password=GEHEIM\n";

fn span(text: &str) -> Span {
    let at = TEXT.find(text).expect("it is there");
    Span::new(FileId(0), at, at + text.len())
}

fn finding(severity: Severity, message: &str) -> Finding {
    Finding {
        rule: "amqp/heartbeat-disabled".into(),
        severity,
        message: message.into(),
        why: "It [fails](0).".into(),
        help: "Set it.".into(),
        span: span("0 "),
        label: "zero".into(),
        related: vec![Label { span: span("ü"), message: "here: 100%, [x]".into() }],
        fix: None,
        assumed: vec!["one broker".into()],
        fingerprint: Default::default(),
    }
}

fn fix(at: &str, text: &str) -> Option<Fix> {
    let edits = vec![Edit { span: span(at), text: text.into() }, Edit { span: span("1"), text: "2".into() }];
    Some(Fix { title: "change it".into(), safety: Safety::Unsafe, verbatim: false, edits })
}

/// A report with everything that may stand in one, as every format writes it.
fn rendered(render: fn(&Shown<'_>) -> String) -> String {
    let mut sources = Sources::new();
    sources.add(Source::new("a b/<x>.env", TEXT));
    let secrets: Vec<Span> =
        TEXT.match_indices("GEHEIM").map(|(at, s)| Span::new(FileId(0), at, at + s.len())).collect();
    let report = Report {
        findings: vec![
            Finding { fix: fix("0 ", "30 "), ..finding(Severity::Error, "a | <b> & \"c\" `d`\u{1b}") },
            Finding {
                fix: fix("url=amqp://u:GEHEIM", "url=amqps://u:GEHEIM"),
                ..finding(Severity::Warning, "b")
            },
            Finding { rule: "own/rule".into(), ..finding(Severity::Info, "c\nd") },
        ],
        notices: vec![Notice::new(Span::new(FileId(0), 0, 0), "not read")],
        suppressed: vec![
            Suppressed {
                finding: finding(Severity::Error, "e"),
                pardon: Pardon::Comment(span("password=GEHEIM")),
            },
            Suppressed { finding: finding(Severity::Error, "f"), pardon: Pardon::Baseline },
        ],
    };
    let rules = RuleSet::built_in();
    let mask = Mask::new(secrets);
    let out = render(&Shown { report: &report, sources: &sources, mask: &mask, rules: &rules });
    assert!(!out.contains("GEHEIM"), "{out}");
    out
}

fn empty(render: fn(&Shown<'_>) -> String) -> String {
    let (report, sources, mask, rules) =
        (Report::default(), Sources::new(), Mask::default(), RuleSet::built_in());
    render(&Shown { report: &report, sources: &sources, mask: &mask, rules: &rules })
}

#[test]
fn sarif_keeps_to_the_schema_of_oasis() {
    // As published, the pattern of languages has a bracket too many, and a strict validator refuses the whole schema.
    let schema = include_str!("../schemas/sarif-2.1.0.json").replace("{2}]?$", "{2}$");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for out in [rendered(sarif::render), empty(sarif::render)] {
        let value: Value = serde_json::from_str(&out).expect("JSON");
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let run = &value["runs"][0];
        assert!(run["results"].is_array());
        let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
        for result in run["results"].as_array().into_iter().flatten() {
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
        }
    }
    let value: Value = serde_json::from_str(&rendered(sarif::render)).expect("JSON");
    let results = &value["runs"][0]["results"];
    assert_eq!(value["runs"][0]["columnKind"], "unicodeCodePoints");
    let place = &results[0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20b/%3Cx%3E.env");
    assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&2.into(), &25.into()));
    assert_eq!(
        results[0]["fixes"][0]["artifactChanges"][0]["replacements"].as_array().map(Vec::len),
        Some(2)
    );
    assert_eq!(results[1]["fixes"], Value::Null, "a fix that repeats a secret is not shown");
    let text = results[0]["message"]["text"].as_str().expect("a text");
    assert!(text.contains("It \\[fails\\](0).") && text.contains("[here: 100%, \\[x\\]](0)"), "{text}");
    assert_eq!(results[2]["suppressions"], Value::Null);
    assert_eq!(results[3]["suppressions"][0]["kind"], "inSource");
    assert_eq!(results[4]["suppressions"][0]["kind"], "external");
}

#[test]
fn xml_is_well_formed_and_says_what_was_found() {
    let text = rendered(checkstyle::render);
    let document = roxmltree::Document::parse(&text).expect("XML");
    let errors: Vec<_> = document.descendants().filter(|n| n.has_tag_name("error")).collect();
    assert_eq!(errors.len(), 3);
    assert_eq!(errors[0].attribute("message"), Some("a | <b> & \"c\" `d`\u{fffd}"));
    assert_eq!((errors[2].attribute("severity"), errors[2].attribute("line")), (Some("info"), Some("2")));

    let text = rendered(junit::render);
    let document = roxmltree::Document::parse(&text).expect("XML");
    let count = |tag| document.descendants().filter(|n| n.has_tag_name(tag)).count();
    assert_eq!((count("testcase"), count("failure"), count("system-out")), (3, 2, 1));
    assert_eq!(document.root_element().attribute("failures"), Some("2"));
    let clean = empty(junit::render);
    let clean = roxmltree::Document::parse(&clean).expect("XML");
    assert_eq!(clean.descendants().filter(|n| n.has_tag_name("testcase")).count(), 1);
    roxmltree::Document::parse(&empty(checkstyle::render)).expect("XML");
}

#[test]
fn github_commands_are_one_line_each() {
    let out = rendered(github::render);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 3);
    let start = "::error title=connlint amqp/heartbeat-disabled,file=a b/<x>.env,line=2,col=25,endLine=2,endColumn=27::";
    assert!(lines[0].starts_with(start), "{}", lines[0]);
    assert!(lines[0].ends_with("%0A%0ASet it.%0Aa b/<x>.env:1: here: 100%25, [x]"), "{}", lines[0]);
    assert!(lines[2].starts_with("::notice ") && lines[2].contains("::c%0Ad"), "{}", lines[2]);
}

#[test]
fn gitlab_and_json_lines_are_json_with_what_is_required() {
    let issues: Value = serde_json::from_str(&rendered(gitlab::render)).expect("JSON");
    for issue in issues.as_array().expect("a list") {
        assert!(["critical", "major", "info"].contains(&issue["severity"].as_str().expect("a word")));
        assert_eq!(issue["fingerprint"].as_str().map(str::len), Some(16));
        assert!(issue["location"]["lines"]["begin"].as_u64().is_some_and(|n| n > 0));
    }
    assert_eq!(empty(gitlab::render), "[]\n");
    let document: Value = serde_json::from_str(&rendered(json::render)).expect("JSON");
    let lines = rendered(json::lines);
    let lines: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).expect("JSON")).collect();
    assert_eq!(document["findings"], Value::Array(lines));
    assert_eq!(empty(json::lines), "");
}

#[test]
fn markdown_rows_cannot_be_broken_by_values() {
    let out = rendered(markdown::render);
    assert!(out.contains("1 error, 1 warning, 1 info in 1 file (2 suppressed)"), "{out}");
    assert!(
        out.contains("| error | a \\| &lt;b&gt; &amp; \"c\" \\`d\\` <br>[amqp/heartbeat-disabled]("),
        "{out}"
    );
    assert_eq!(out.lines().filter(|l| l.starts_with("| ") && l.ends_with(":2:25 |")).count(), 3, "{out}");
}

/// `(rule, fingerprint)` of what is found in one file.
fn fingerprints(text: &str) -> Vec<(String, String)> {
    let mut sources = Sources::new();
    sources.add(Source::new("rabbitmq.conf", text));
    let outcomes = lint(&sources, &Settings::default(), &RuleSet::built_in());
    let mut list: Vec<_> =
        outcomes.report.findings.into_iter().map(|f| (f.rule, f.fingerprint.to_string())).collect();
    list.sort();
    list
}

#[test]
fn fingerprints_survive_moved_lines_and_tell_values_apart() {
    let text = "heartbeat = 0\nchannel_max = 0\nhartbeat = 1\nhartbeet = 1\n";
    let here = fingerprints(text);
    assert!(here.len() >= 3, "{here:?}");
    assert_eq!(
        here,
        fingerprints("\n# moved\nhartbeat = 1\n\nchannel_max = 0\nhartbeet = 1\nheartbeat = 0\n")
    );
    let mut apart = here.clone();
    apart.dedup();
    assert_eq!(apart, here, "no two are the same");
    let twice = fingerprints("hartbeat = 1\nhartbeat = 1\n");
    let mut apart = twice.clone();
    apart.dedup();
    assert_eq!(apart, twice, "not even those of equal lines");
    assert!(here.iter().all(|f| !fingerprints("heartbeat = 3\nchannel_max = 70000\n").contains(f)));
}
