//! What a release must keep to: one version everywhere, and a changelog that knows it.

use std::fs;
use std::path::{Path, PathBuf};

use connlint_core::RuleSet;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn numbers(version: &str) -> Vec<u64> {
    let parts: Vec<u64> = version.split('.').filter_map(|p| p.parse().ok()).collect();
    assert_eq!(parts.len(), 3, "{version} is no version");
    parts
}

fn workspace() -> toml::Table {
    text("Cargo.toml").parse().expect("TOML")
}

fn version(manifest: &toml::Table) -> String {
    manifest["workspace"]["package"]["version"].as_str().expect("a version").to_owned()
}

#[test]
fn every_part_has_the_version_of_the_whole() {
    let workspace = workspace();
    let whole = version(&workspace);
    for crate_name in ["connlint-core", "connlint-signatures"] {
        let asked = &workspace["workspace"]["dependencies"][crate_name]["version"];
        assert_eq!(asked.as_str(), Some(whole.as_str()), "what is asked of the registry: {crate_name}");
    }
    for member in workspace["workspace"]["members"].as_array().expect("members") {
        let name = format!("{}/Cargo.toml", member.as_str().expect("a path"));
        let manifest: toml::Table = text(&name).parse().expect("TOML");
        let inherits = manifest["package"]["version"].get("workspace").and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "{name}");
    }
    // What people copy from the README.
    let readme = text("README.md");
    let mut named = 0;
    for before in ["rev: v", "connlint/connlint@v", "connlint/connlint/connlint@"] {
        for (at, _) in readme.match_indices(before) {
            let rest = readme.get(at + before.len()..).unwrap_or_default();
            assert!(rest.starts_with(&whole), "the README names another version behind `{before}`");
            named += 1;
        }
    }
    assert!(named >= 3, "the README shows how to name a version");
    let lock: toml::Table = text("Cargo.lock").parse().expect("TOML");
    for package in lock["package"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("a name");
        if name.starts_with("connlint") {
            assert_eq!(package["version"].as_str(), Some(whole.as_str()), "{name} in Cargo.lock");
        }
    }
}

#[test]
fn what_is_published_says_what_registries_ask_for() {
    for member in workspace()["workspace"]["members"].as_array().expect("members") {
        let name = format!("{}/Cargo.toml", member.as_str().expect("a path"));
        let manifest: toml::Table = text(&name).parse().expect("TOML");
        let package = manifest["package"].as_table().expect("a package");
        if package.get("publish").and_then(toml::Value::as_bool) == Some(false) {
            continue;
        }
        for key in ["description", "license", "repository", "rust-version"] {
            assert!(package.contains_key(key), "{name} has no {key}");
        }
    }
    // A crate holds what lies below it: the rules come along by this link.
    let rules = root().join("core/rules");
    assert!(rules.join("README.md").is_file(), "the rules travel with the core");
}

#[test]
fn the_changelog_knows_the_version() {
    let changelog = text("CHANGELOG.md");
    let mut headings = changelog.lines().filter_map(|l| l.strip_prefix("## ["));
    assert_eq!(headings.next(), Some("Unreleased]"), "what comes next stands first");
    let whole = numbers(&version(&workspace()));
    let mut last: Option<Vec<u64>> = None;
    for heading in headings {
        let (number, date) = heading.split_once("] - ").unwrap_or_else(|| panic!("no date: {heading}"));
        let number = numbers(number);
        assert!(last.is_none_or(|l| number < l), "{heading} does not come before the one above");
        assert!(number <= whole, "{heading} is above the version");
        let digits = date
            .bytes()
            .enumerate()
            .all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
        assert!(date.len() == 10 && digits, "{heading}");
        last = Some(number);
    }
    let groups = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"];
    for group in changelog.lines().filter_map(|l| l.strip_prefix("### ")) {
        assert!(groups.contains(&group), "`### {group}` is none of {groups:?}");
    }
}

#[test]
fn no_rule_comes_from_a_version_that_is_not_there() {
    let whole = numbers(&version(&workspace()));
    for rule in RuleSet::built_in().iter() {
        let since = &rule.document().expect("it can be read").since;
        assert!(numbers(since) <= whole, "{}: since {since}", rule.id());
    }
}
