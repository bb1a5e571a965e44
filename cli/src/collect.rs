//! Finds the files to read, and reads them as text.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use connlint_core::source::{FileId, MAX_FILE_BYTES, Source, Sources, Span};
use connlint_core::syntax::Notice;
use connlint_core::systems::tls;
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};

use crate::args::InputArgs;
use crate::config::Config;
use crate::failure::Failure;
use crate::paths::absolute;
use crate::threads;

/// Directories that hold other people's or generated files, or version control's own.
pub(crate) const SKIPPED_DIRECTORIES: &[&str] = &[
    ".bzr",
    ".git",
    ".hg",
    ".jj",
    ".svn",
    ".gradle",
    ".mypy_cache",
    ".nox",
    ".pytest_cache",
    ".ruff_cache",
    ".terraform",
    ".tox",
    ".venv",
    "__pycache__",
    "bower_components",
    "node_modules",
    "site-packages",
    "target",
    "vendor",
    "venv",
];
/// A NUL byte within this many bytes marks a file as binary, as it does for git.
const SNIFFED_BYTES: usize = 8_000;
/// Certificates and key stores are read up to this size; a store with every public authority has half of it.
const MAX_STORE_BYTES: u64 = 1 << 20;

/// The name of standard input when none is given.
pub(crate) const STDIN_NAME: &str = "<stdin>";

/// What was read.
#[derive(Default)]
pub(crate) struct Collected {
    pub(crate) sources: Sources,
    /// What was odd about the texts.
    pub(crate) notices: Vec<Notice>,
    /// What came on standard input.
    pub(crate) stdin: Option<FileId>,
    /// Texts that are not what their files hold, byte for byte.
    pub(crate) lossy: Vec<FileId>,
    /// Named paths that could not be read: the rest is judged all the same, but the job is not done.
    pub(crate) failures: Vec<Failure>,
    /// Files met on the way that could not be read.
    pub(crate) warnings: Vec<Failure>,
    /// What was read when, and under which number, so that it need not be read again.
    read: BTreeMap<PathBuf, (Stamp, FileId)>,
}

/// What changes when a file does: its length and the time of its last change.
pub(crate) type Stamp = (u64, Option<SystemTime>);

/// The stamp of a file.
pub(crate) fn stamp(about: &Metadata) -> Stamp {
    (about.len(), about.modified().ok())
}

/// A file to read.
struct Wanted {
    path: PathBuf,
    /// Named on the command line, and not only met on the way.
    named: bool,
}

/// Reads all that is asked for: standard input first, then the arguments in their order, by name within directories.
/// What `before` read and is as it was is not read again.
pub(crate) fn collect(
    input: &InputArgs,
    config: &Config,
    before: Option<&Collected>,
) -> Result<Collected, Failure> {
    let mut collected = Collected::default();
    let wanted = wanted(input, config, &mut collected)?;
    if input.paths.iter().any(|p| p.as_os_str() == "-") {
        let name = input.stdin_filename.clone().unwrap_or_else(|| STDIN_NAME.to_owned());
        let read = read_text(&mut io::stdin().lock());
        collected.take(Wanted { path: name.into(), named: true }, read, None);
        collected.stdin = collected.sources.iter().next().map(|(id, _)| id);
    }
    let texts = threads::map(&wanted, |file| read_file(&file.path, before));
    for (file, read) in wanted.into_iter().zip(texts) {
        match read {
            Ok((content, stamp)) => collected.take(file, Ok(content), Some(stamp)),
            Err(error) => collected.take(file, Err(error), None),
        }
    }
    Ok(collected)
}

/// The files that a run reads, with their stamps: two of these differ when a run would.
pub(crate) fn stamps(input: &InputArgs, config: &Config) -> Result<Vec<(PathBuf, Option<Stamp>)>, Failure> {
    let wanted = wanted(input, config, &mut Collected::default())?;
    let stamped = |file: Wanted| {
        let stamp = fs::metadata(&file.path).ok().map(|about| stamp(&about));
        (file.path, stamp)
    };
    Ok(wanted.into_iter().map(stamped).collect())
}

/// The files that are asked for; what could not be looked at goes to `collected`.
fn wanted(input: &InputArgs, config: &Config, collected: &mut Collected) -> Result<Vec<Wanted>, Failure> {
    let excluded = Excluded::new(input, config)?;
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut seen = BTreeSet::new();
    for path in input.paths.iter().filter(|p| p.as_os_str() != "-") {
        if path.is_dir() {
            walk(path, input, &excluded, &mut |entry| match entry {
                Found::File(path) if seen.insert(path.clone()) => wanted.push(Wanted { path, named: false }),
                Found::File(_) => {}
                Found::Unreadable(failure) => collected.warnings.push(failure),
                Found::Nothing(failure) => collected.failures.push(failure),
            });
        } else if !(input.force_exclude && excluded.holds(path, false)) {
            let path = path.strip_prefix(".").unwrap_or(path).to_owned();
            if seen.insert(path.clone()) {
                wanted.push(Wanted { path, named: true });
            }
        }
    }
    Ok(wanted)
}

/// What is left out of walks, besides [`SKIPPED_DIRECTORIES`].
#[derive(Clone)]
struct Excluded {
    patterns: Override,
    /// Rules show bad examples on purpose.
    rules: Vec<PathBuf>,
}

impl Excluded {
    fn new(input: &InputArgs, config: &Config) -> Result<Excluded, Failure> {
        let mut builder = OverrideBuilder::new(&config.root);
        for pattern in config.project.exclude.iter().chain(&input.exclude) {
            // An override without `!` selects, one with it leaves out.
            builder
                .add(&format!("!{pattern}"))
                .map_err(|e| Failure::Pattern { pattern: pattern.clone(), error: e.to_string() })?;
        }
        let patterns =
            builder.build().map_err(|e| Failure::Pattern { pattern: String::new(), error: e.to_string() })?;
        let own = config.project.rules.iter().map(|d| config.root.join(d));
        let rules = own.chain(input.config.rules.iter().cloned()).map(|d| absolute(&d)).collect();
        Ok(Excluded { patterns, rules })
    }

    fn holds(&self, path: &Path, directory: bool) -> bool {
        if self.patterns.is_empty() && self.rules.is_empty() {
            return false;
        }
        let path = absolute(path);
        directory && self.rules.contains(&path) || self.patterns.matched(&path, directory).is_ignore()
    }
}

/// What a walk through a directory meets.
enum Found {
    File(PathBuf),
    /// Something in the directory.
    Unreadable(Failure),
    /// The directory itself cannot be read.
    Nothing(Failure),
}

fn walk(directory: &Path, input: &InputArgs, excluded: &Excluded, found: &mut dyn FnMut(Found)) {
    let respect = !input.no_respect_gitignore;
    let walker = WalkBuilder::new(directory)
        .hidden(false)
        .git_ignore(respect)
        .git_exclude(respect)
        .git_global(respect)
        .ignore(respect)
        .parents(respect)
        .require_git(false)
        .sort_by_file_name(|a, b| a.cmp(b))
        .filter_entry({
            let excluded = excluded.clone();
            move |entry| {
                let directory = entry.file_type().is_some_and(|t| t.is_dir());
                let skipped = entry.file_name().to_str().is_some_and(|n| SKIPPED_DIRECTORIES.contains(&n));
                // The directory that was asked for is read, whatever its name.
                entry.depth() == 0 || !(directory && skipped || excluded.holds(entry.path(), directory))
            }
        })
        .build();
    for entry in walker {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|t| t.is_file()) => {
                let path = entry.into_path();
                found(Found::File(path.strip_prefix(".").unwrap_or(&path).to_owned()));
            }
            Ok(_) => {}
            Err(error) => {
                let top = error.depth().is_none_or(|d| d == 0);
                let path = path_of(&error).unwrap_or(directory).to_owned();
                let error = error.into_io_error().unwrap_or_else(|| io::Error::other("cannot be read"));
                let failure = Failure::Unreadable { path, error };
                found(if top { Found::Nothing(failure) } else { Found::Unreadable(failure) });
            }
        }
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// What came of reading one file.
enum Content {
    /// `bad` is the first place that could not be decoded; `utf8` says that the text is the file's bytes.
    Text {
        text: String,
        bad: Option<usize>,
        utf8: bool,
    },
    Binary,
    TooLarge,
}

impl Collected {
    fn take(&mut self, file: Wanted, read: io::Result<Content>, stamp: Option<Stamp>) {
        let path = file.path;
        let failure = match read {
            Ok(Content::Text { text, bad, utf8 }) => {
                let id = self.sources.add(Source::new(path.to_string_lossy(), text));
                if !utf8 {
                    self.lossy.push(id);
                } else if let Some(stamp) = stamp {
                    self.read.insert(path, (stamp, id));
                }
                if let Some(at) = bad {
                    let message = "not UTF-8 from here on; unreadable bytes are taken as \u{fffd}".to_owned();
                    self.notices
                        .push(Notice { span: Span::new(id, at, at + '\u{fffd}'.len_utf8()), message });
                }
                return;
            }
            // Images and archives lie about everywhere; they are worth no word unless asked for.
            Ok(Content::Binary) if !file.named => return,
            Ok(Content::Binary) => Failure::Binary { path },
            Ok(Content::TooLarge) => Failure::TooLarge { path },
            Err(error) => Failure::Unreadable { path, error },
        };
        if file.named { self.failures.push(failure) } else { self.warnings.push(failure) }
    }
}

fn read_file(path: &Path, before: Option<&Collected>) -> io::Result<(Content, Stamp)> {
    let mut open = File::open(path)?;
    let about = open.metadata()?;
    let stamp = stamp(&about);
    if let Some(before) = before
        && let Some((known, id)) = before.read.get(path)
        && *known == stamp
    {
        let text = before.sources.get(*id).text.clone();
        return Ok((Content::Text { text, bad: None, utf8: true }, stamp));
    }
    if about.len() > MAX_FILE_BYTES as u64 {
        return Ok((Content::TooLarge, stamp));
    }
    Ok((read_text(&mut open)?, stamp))
}

/// Reads text. Binary content is recognised by its beginning, so that the rest need not be read.
fn read_text(from: &mut dyn Read) -> io::Result<Content> {
    let mut bytes = Vec::new();
    from.take(SNIFFED_BYTES as u64).read_to_end(&mut bytes)?;
    if tls::is_binary(&bytes) {
        from.take(MAX_STORE_BYTES).read_to_end(&mut bytes)?;
        return Ok(match tls::der_to_pem(&bytes) {
            Some(text) => Content::Text { text, bad: None, utf8: false },
            None => Content::Binary,
        });
    }
    let utf16 = matches!(bytes.as_slice(), [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    if !utf16 && bytes.contains(&0) {
        return Ok(Content::Binary);
    }
    let limit = MAX_FILE_BYTES as u64 + 1 - bytes.len() as u64;
    from.take(limit).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_FILE_BYTES {
        return Ok(Content::TooLarge);
    }
    if utf16 {
        return Ok(decode_utf16(&bytes));
    }
    Ok(match String::from_utf8(bytes) {
        Ok(text) => Content::Text { text, bad: None, utf8: true },
        Err(error) => {
            let bad = Some(error.utf8_error().valid_up_to());
            Content::Text { text: String::from_utf8_lossy(error.as_bytes()).into_owned(), bad, utf8: false }
        }
    })
}

/// Decodes UTF-16 with a byte-order mark, which PowerShell and older Windows editors write.
fn decode_utf16(bytes: &[u8]) -> Content {
    let little = bytes.starts_with(&[0xff, 0xfe]);
    let units = bytes.get(2..).unwrap_or_default().chunks(2).map(|pair| match *pair {
        [a, b] if little => u16::from_le_bytes([a, b]),
        [a, b] => u16::from_be_bytes([a, b]),
        // Half a unit at the end: not a character.
        _ => 0xdc00,
    });
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut bad = None;
    for character in char::decode_utf16(units) {
        if character.is_err() && bad.is_none() {
            bad = Some(text.len());
        }
        text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    Content::Text { text, bad, utf8: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> String {
        match read_text(&mut &*bytes).unwrap() {
            Content::Text { text, bad, .. } => format!("{text:?} {bad:?}"),
            Content::Binary => "binary".into(),
            Content::TooLarge => "too large".into(),
        }
    }

    #[test]
    fn bytes_become_text() {
        let cases: [(&[u8], &str); 10] = [
            (
                b"\xfe\xed\xfe\xed\0\0\0\x02",
                r#""-----BEGIN JAVA KEYSTORE-----\n-----END JAVA KEYSTORE-----\n" None"#,
            ),
            (b"0\x82\x01\0no certificate", "binary"),
            (b"", "\"\" None"),
            ("é".as_bytes(), "\"é\" None"),
            (b"a\xe9b", "\"a\u{fffd}b\" Some(1)"),
            (b"a\0b", "binary"),
            (b"\xff\xfea\0=\0", "\"a=\" None"),
            (b"\xfe\xff\0a\0=", "\"a=\" None"),
            (b"\xff\xfea\0=", "\"a\u{fffd}\" Some(1)"),
            (b"\xef\xbb\xbfa", "\"\\u{feff}a\" None"),
        ];
        for (bytes, text) in cases {
            assert_eq!(read(bytes), text, "{bytes:?}");
        }
    }
}
