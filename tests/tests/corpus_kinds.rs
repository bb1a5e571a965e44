//! Reads every file of an outside corpus of real configuration as what its name and content say it is. Set
//! `CONNLINT_CORPUS` to the folder (`kind/…/file`); without it nothing is run.

#![expect(clippy::print_stderr, reason = "the run over the corpus is read by people")]

use std::collections::BTreeMap;

use connlint_core::systems::detect;
use connlint_core::{Settings, Source, Sources, read};
use connlint_tests::outside;

/// What the files of a folder must be taken for, and how many may be taken for something else: what no name or
/// content tells, such as an encrypted file.
const EXPECTED: &[(&str, &str, usize)] = &[
    ("compose", "compose", 0),
    ("dockerfiles", "dockerfile", 0),
    ("env-files", "env", 1),
    ("kubernetes", "kubernetes", 0),
    ("haproxy", "haproxy", 0),
    // One holds nothing but comments.
    ("nginx", "nginx", 1),
    // Istio's own resources that change an Envoy are Kubernetes manifests.
    ("envoy", "envoy", 2),
    ("sysctl", "sysctl", 0),
    ("systemd", "systemd", 0),
    // One is a shell script that writes the file.
    ("limits-conf", "limits.conf", 1),
];

/// Kinds that only files of these folders may be taken for; config maps and templates of manifests lie in others.
const PARTICULAR: &[(&str, &[&str])] = &[
    ("compose", &["compose"]),
    ("dockerfile", &["dockerfiles"]),
    ("env", &["env-files"]),
    ("envoy", &["envoy"]),
    ("haproxy", &["haproxy"]),
    ("nginx", &["nginx"]),
    ("sysctl", &["sysctl"]),
    ("systemd", &["systemd"]),
    ("limits.conf", &["limits-conf"]),
    ("kubernetes", &["kubernetes", "prometheus-rules", "envoy", "mysql-cnf"]),
];

#[test]
fn real_files_are_taken_for_what_they_are() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let paths = outside::files(&root);
    let settings = Settings::default();
    let mut table: BTreeMap<(String, &str), usize> = BTreeMap::new();
    let mut noticed: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in paths {
        let relative = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
        let Some((folder, _)) = relative.split_once('/') else { continue };
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let mut sources = Sources::new();
        let file = sources.add(Source::new(relative.clone(), text));
        let kind = detect(sources.get(file), &settings).map_or("none", |k| k.name);
        *table.entry((folder.to_string(), kind)).or_default() += 1;
        if PARTICULAR.iter().any(|(name, folders)| *name == kind && !folders.contains(&folder)) {
            wrong.push(format!("{relative} is taken for {kind}"));
        }
        let reading = read(&sources, file, &settings).reading;
        let length = sources.get(file).text.len();
        for (_, fact) in reading.facts.iter() {
            let range = fact.span.range();
            let inside = range.start <= range.end && range.end <= length;
            assert!(inside && sources.get(file).text.get(range).is_some(), "{relative}: a span lies outside");
        }
        let counts = noticed.entry(kind).or_default();
        counts.0 += 1;
        counts.1 += usize::from(!reading.notices.is_empty());
    }
    for ((folder, kind), count) in &table {
        eprintln!("{count:5} {folder:24} {kind}");
    }
    for (kind, (read, with)) in &noticed {
        eprintln!("{kind:24} {read:5} files, {with} with notices");
    }
    for (folder, kind, others) in EXPECTED {
        let other: usize = table.iter().filter(|((f, k), _)| f == folder && k != kind).map(|(_, n)| n).sum();
        if other > *others {
            wrong.push(format!("{other} files of {folder} are not taken for {kind}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Files are cut at this many places, and each part is read as every kind that has readers of its own.
const CUTS: usize = 3;

#[test]
fn parts_of_real_files_are_read_as_anything_without_harm() {
    let Some(root) = outside::folder(outside::CORPUS) else { return };
    let folders = ["compose", "kubernetes", "dockerfiles", "env-files", "ufw"];
    let paths = folders.iter().flat_map(|folder| outside::files(&root.join(folder)));
    let kinds = ["compose", "kubernetes", "helm-values", "dockerfile", "env", "shell", "yaml", "json", "ini"];
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for cut in 1..=CUTS {
            let end = (1..=text.len() * cut / (CUTS + 1)).rev().find(|&i| text.is_char_boundary(i));
            let part = text.get(..end.unwrap_or(0)).unwrap_or_default();
            for kind in kinds {
                let mut sources = Sources::new();
                let file = sources.add(Source::new("part", part));
                let settings = Settings { kinds: vec![("part".into(), kind.into())], ..Settings::default() };
                read(&sources, file, &settings);
            }
        }
    }
}
