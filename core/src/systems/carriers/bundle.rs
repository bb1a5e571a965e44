//! Several files in one text, each behind its name, as `head` and `tail` show them: `tail -n +1 a.conf b.conf`.

use std::ops::Range;

use super::generic;
use crate::source::{Source, View};
use crate::systems::{FileKind, Match, Reading};

/// Several files in one.
pub static BUNDLE: FileKind = FileKind {
    name: "bundle",
    doc: "Several files in one text, each behind a line `==> NAME <==`, as `tail -n +1 FILE…` and `connlint doctor` write them",
    recognise,
    read,
};

fn recognise(source: &Source) -> Match {
    let first = source.text.trim_start_matches('\u{feff}').lines().find(|l| !l.trim().is_empty());
    if first.and_then(name).is_some() { Match::Sure } else { Match::No }
}

/// The name in a line that heads a file.
fn name(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("==> ")?.strip_suffix(" <==")?.trim();
    (!name.is_empty()).then_some(name)
}

/// The line that heads a file in such a text; [`BUNDLE`] reads what is put together of these and the files' texts.
pub fn head(name: &str) -> String {
    format!("==> {name} <==\n")
}

fn read(view: &View<'_>, out: &mut Reading) {
    for (name, range) in parts(&view.text) {
        let part = view.sub(range);
        if !out.embed(name, None, &part) {
            (generic::PROSE.read)(&part, out);
        }
    }
}

/// Each file's name and where its text stands.
fn parts(text: &str) -> Vec<(&str, Range<usize>)> {
    let mut parts: Vec<(&str, Range<usize>)> = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        match (name(line), parts.last_mut()) {
            (Some(name), _) => parts.push((name, end..end)),
            (None, Some((_, range))) => range.end = end,
            (None, None) => {}
        }
        at = end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::{container::embedded, host};
    use crate::source::FileId;

    #[test]
    fn every_file_is_read_as_what_its_name_and_content_say() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files 1024 4096 files\n";
        let text = format!(
            "{}{limits}\n{}net.core.somaxconn = 128\n\n{}nothing of note\n",
            head("proc/7/limits"),
            head("sysctl.txt"),
            head("notes")
        );
        let source = Source::new("pasted", text.as_str());
        assert_eq!(recognise(&source), Match::Sure);
        let mut out = Reading::default();
        read(&View::whole(FileId(0), &source), &mut out);
        let kinds: Vec<_> =
            out.facts.of(&embedded::KIND).map(|(_, f)| f.text(embedded::kind).unwrap_or_default()).collect();
        assert_eq!(kinds, ["process-limits", "sysctl"]);
        let (_, process) = out.facts.of(&host::process::KIND).next().unwrap();
        assert!(text[process.span.range()].starts_with("Max open files"), "{process:?}");
    }

    #[test]
    fn a_line_that_heads_a_file_is_told_from_others() {
        for (line, expected) in [
            ("==> /etc/a.conf <==\r\n", Some("/etc/a.conf")),
            ("==> a b <==", Some("a b")),
            ("==>  <==", None),
            ("==> <==", None),
            ("=> a <=", None),
            (" ==> a <==", None),
            ("==> a", None),
            ("", None),
        ] {
            assert_eq!(name(line), expected, "{line:?}");
        }
        assert_eq!(parts("x\n==> a <==\n==> b <==\n1\n2"), [("a", 12..12), ("b", 22..25)]);
    }
}
