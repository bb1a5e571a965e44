//! The pages of the rules: every one of them, every link within, and every text as the rule has it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use connlint_core::RuleSet;
use connlint_core::render::{RULES_URL, rule_url};

fn connlint(arguments: &[&str]) -> std::process::Output {
    Command::new(env!("CARGO_BIN_EXE_connlint")).args(arguments).output().expect("the command starts")
}

fn pages_below(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            pages_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "html") {
            found.push(path);
        }
    }
}

#[test]
fn every_rule_has_a_page_and_every_link_leads_somewhere() {
    let root = std::env::temp_dir().join(format!("connlint-pages-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    let place = root.to_str().expect("UTF-8");
    let output = connlint(&["rules", "pages", place]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let rules = RuleSet::built_in();
    for rule in rules.iter() {
        let url = rule_url(rule.id());
        let file =
            format!("{}.html", url.strip_prefix(RULES_URL).expect("all lie there").trim_start_matches('/'));
        let text = fs::read_to_string(root.join(&file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let page = parse(&file, &text);
        let words = words(page.root_element());
        for part in [rule.title(), rule.id()] {
            assert!(words.contains(&plain(part)), "{file} does not say {part}");
        }
        let marks = page.descendants().filter(|n| n.has_tag_name("mark")).count();
        let figures = page.descendants().filter(|n| n.has_tag_name("figure")).count();
        assert!(figures >= 2, "{file} shows no examples");
        assert!(marks >= 1 || rule.id().starts_with("logs/"), "{file} marks no place");
    }
    let mut pages = Vec::new();
    pages_below(&root, &mut pages);
    assert_eq!(pages.len(), rules.len() + 1);
    let mut linked = BTreeSet::new();
    for path in &pages {
        let text = fs::read_to_string(path).expect("readable");
        let name = path.display().to_string();
        let page = parse(&name, &text);
        for node in page.descendants() {
            for address in ["href", "src"].iter().filter_map(|a| node.attribute(*a)) {
                if address.starts_with("https://") {
                    continue;
                }
                let (file, anchor) = address.split_once('#').unwrap_or((address, ""));
                let target = match file {
                    "" => path.clone(),
                    _ => path.parent().expect("it has one").join(file),
                };
                let target = target.canonicalize().unwrap_or_else(|e| panic!("{name}: {address}: {e}"));
                if !anchor.is_empty() {
                    let text = fs::read_to_string(&target).expect("readable");
                    assert!(text.contains(&format!(" id=\"{anchor}\"")), "{name}: {address}");
                }
                if path.file_name().is_some_and(|n| n == "index.html") {
                    linked.insert(target);
                }
            }
        }
        assert!(!text.contains(" on") || !page.descendants().any(has_handler), "{name} runs code of its own");
    }
    for path in &pages {
        assert!(
            linked.contains(&path.canonicalize().expect("it is there")) || path.ends_with("index.html"),
            "{path:?}"
        );
    }
    // A second time there is something already.
    assert_eq!(connlint(&["rules", "pages", place]).status.code(), Some(2));
    fs::remove_dir_all(&root).expect("it can go");
}

/// What is written is XML too: a text that was not escaped would not be.
fn parse<'t>(name: &str, text: &'t str) -> roxmltree::Document<'t> {
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..roxmltree::ParsingOptions::default() };
    roxmltree::Document::parse_with_options(text, options).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn has_handler(node: roxmltree::Node<'_, '_>) -> bool {
    node.attributes().any(|a| a.name().starts_with("on"))
}

fn words(node: roxmltree::Node<'_, '_>) -> String {
    node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect()
}

/// A sentence without the marks that become markup.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

#[test]
fn an_own_rule_has_a_page_and_its_texts_are_escaped() {
    let root = std::env::temp_dir().join(format!("connlint-own-pages-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    fs::create_dir_all(root.join("rules/own")).expect("a directory");
    let evil = "</pre><script>alert(1)</script>&amp;";
    let rule = format!(
        "title: \"a {evil} title\"\nsince: 0.1.0\nseverity: error\ncategory: reliability\napplies: {{u: amqp.uri}}\n\
         when: u.heartbeat == 0\nat: u.heartbeat\nmessage: \"a {evil} {{u.heartbeat}}\"\nwhy: \"{evil}\"\nhelp: \"{evil}\"\n\
         sources: [\"https://x/\\\" onload='{evil}'\"]\nexamples:\n  bad:\n    - files: {{\"{evil}.uri\": \"amqp://h/v?heartbeat=0\"}}\n  good:\n    - files: {{b.uri: \"amqp://h/v?heartbeat=9\"}}\n"
    );
    fs::write(root.join("rules/own/evil.yaml"), rule).expect("a file");
    let place = |name: &str| root.join(name).to_str().expect("UTF-8").to_owned();
    let output = connlint(&["rules", "pages", "--no-config", "--rules", &place("rules"), &place("out")]);
    assert!(output.status.success(), "{output:?}");
    for name in ["out/own/evil.html", "out/index.html"] {
        let text = fs::read_to_string(root.join(name)).expect(name);
        let page = parse(name, &text);
        let scripts: Vec<_> = page.descendants().filter(|n| n.has_tag_name("script")).collect();
        assert!(scripts.iter().all(|s| s.attribute("src") == Some("rules.js")), "{text}");
        assert!(!page.descendants().any(has_handler), "{text}");
        assert!(words(page.root_element()).contains(evil), "{text}");
    }
    fs::remove_dir_all(&root).expect("it can go");
}
