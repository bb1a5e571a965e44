//! A certificate inside another file is read, and stands at its own place in that file.

use connlint_core::facts::kinds::tls::certificate;
use connlint_core::source::{Source, Sources};
use connlint_core::syntax::pem;
use connlint_core::{RuleSet, Settings, lint};

fn example() -> String {
    let rule: serde_yaml::Value =
        serde_yaml::from_str(include_str!("../../rules/tls/self-signed-server.yaml")).expect("it is YAML");
    rule["examples"]["bad"][0]["files"]["mq.pem"].as_str().expect("it has a certificate").to_owned()
}

#[test]
fn certificates_in_other_files_are_read_where_they_stand() {
    let text = example();
    let indented = |by: usize| text.lines().map(|l| format!("{}{l}\n", " ".repeat(by))).collect::<String>();
    let block = indented(4);
    let encoded = pem::encode("X", text.as_bytes());
    let base64: String = encoded.lines().filter(|l| !l.starts_with('-')).collect();
    let cases = [
        (
            "config-map.yaml",
            format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a}}\ndata:\n  ca.crt: |\n{block}"),
            "-----BEGIN",
        ),
        (
            "string-data.yaml",
            format!(
                "apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\nstringData:\n  tls.crt: |\n{block}"
            ),
            "-----BEGIN",
        ),
        (
            "secret.yaml",
            format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: a}}\ndata:\n  tls.crt: {base64}\n"),
            "LS0tLS1C",
        ),
        (
            "compose.yaml",
            format!(
                "services:\n  mq: {{image: rabbitmq:4}}\nconfigs:\n  cert.pem:\n    content: |\n{}",
                indented(6)
            ),
            "-----BEGIN",
        ),
        ("settings.yaml", format!("mq:\n  host: mq\n  ca: |\n{block}"), "-----BEGIN"),
    ];
    for (name, file, begins) in cases {
        let mut sources = Sources::new();
        sources.add(Source::new(name, file.as_str()));
        let outcomes = lint(&sources, &Settings::default(), &RuleSet::built_in());
        let found: Vec<_> = outcomes.facts.of(&certificate::KIND).collect();
        assert_eq!(found.len(), 1, "{name}");
        let at = file.get(found[0].1.span.start as usize..).unwrap_or_default();
        assert!(at.starts_with(begins), "{name}: {:?}", at.get(..12));
        let told = outcomes.report.findings.iter().find(|f| f.rule == "tls/self-signed-server");
        assert_eq!(told.map(|f| f.span), Some(found[0].1.span), "{name}");
    }
}
