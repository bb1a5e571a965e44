//! A file's name and text, and places in it.
//!
//! Everything the engine says later can be traced back to a [`Span`]: a byte range of one source. Lines and
//! columns are worked out only when something is shown.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Index of a source in the run's [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A byte range `start..end` of one source; both ends lie on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source it lies in.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file` from `start` to `end`.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        Self { file, start: start as u32, end: end as u32 }
    }

    /// The smallest span that holds both; `self` when they lie in different files.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The range, for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// True if `other` lies wholly inside.
    pub fn contains(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// One input: a name as the user wrote it (with `/` between parts) and its text.
#[derive(Clone, Debug)]
pub struct Source {
    /// Path or label, `/`-separated.
    pub name: String,
    /// The text as given, a byte-order mark included.
    pub text: String,
    lines: Vec<u32>,
    base_name: String,
}

/// A position for people: both numbers start at 1, columns count characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Source {
    /// Takes a text under a name. Spans are 32-bit: callers refuse longer texts first (see [`MAX_FILE_BYTES`]).
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let mut lines = vec![0];
        lines.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        let name = name.into().replace('\\', "/");
        let base_name = name.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        Self { name, text, lines, base_name }
    }

    /// The last part of the name, in lower case.
    pub fn base_name(&self) -> &str {
        &self.base_name
    }

    /// Everything before the last `/`, empty at the top.
    pub fn directory(&self) -> &str {
        self.name.rsplit_once('/').map_or("", |(d, _)| d)
    }

    /// Line (from 0) that holds a byte.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines.partition_point(|&l| l as usize <= offset).saturating_sub(1)
    }

    /// Number of lines.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Byte range of a line (from 0), its line end left out.
    pub fn line_range(&self, line: usize) -> std::ops::Range<usize> {
        let start = self.lines.get(line).map_or(self.text.len(), |&l| l as usize);
        let end = self.lines.get(line + 1).map_or(self.text.len(), |&l| l as usize - 1);
        let end = if end > start && self.text.as_bytes()[end - 1] == b'\r' { end - 1 } else { end };
        start..end.max(start)
    }

    /// Line and column of a byte.
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor_boundary(&self.text, offset);
        let line = self.line_of(offset);
        let start = self.lines[line] as usize;
        Position { line: line as u32 + 1, column: self.text[start..offset].chars().count() as u32 + 1 }
    }
}

/// Largest character boundary at or before `offset`.
pub fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut i = offset.min(text.len());
    while !text.is_char_boundary(i) {
        i -= 1;
    }
    i
}

/// A file longer than this is not read: no hand-written configuration comes near it, and a log this long should be
/// cut to the hours in question first.
pub const MAX_FILE_BYTES: usize = 128 * 1024 * 1024;

/// All sources of a run, in the caller's order.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Arc<Source>>,
    /// The files of each directory.
    directories: BTreeMap<String, Vec<FileId>>,
}

impl Sources {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one and says its index.
    pub fn add(&mut self, source: Source) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.directories.entry(source.directory().to_owned()).or_default().push(id);
        self.files.push(Arc::new(source));
        id
    }

    /// The source of an index that [`Sources::add`] gave.
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// Like [`Sources::get`], to be kept.
    pub fn share(&self, id: FileId) -> Arc<Source> {
        Arc::clone(&self.files[id.0 as usize])
    }

    /// The source of a name.
    pub fn find(&self, name: &str) -> Option<FileId> {
        let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory);
        self.within(directory).find(|(_, source)| source.name == name).map(|(id, _)| id)
    }

    /// The sources of a directory, those of directories in it left out.
    pub fn within(&self, directory: &str) -> impl Iterator<Item = (FileId, &Source)> {
        let ids = self.directories.get(directory).map_or(&[][..], Vec::as_slice);
        ids.iter().map(|id| (*id, self.get(*id)))
    }

    /// The directories of sources whose names begin like this.
    pub fn directories<'s>(&'s self, start: &'s str) -> impl Iterator<Item = &'s str> {
        let from = self.directories.range(start.to_owned()..).map(|(name, _)| name.as_str());
        from.take_while(move |name| name.starts_with(start))
    }

    /// Gives a source another text.
    pub fn set_text(&mut self, id: FileId, text: impl Into<String>) {
        if let Some(source) = self.files.get_mut(id.0 as usize) {
            *source = Arc::new(Source::new(source.name.as_str(), text));
        }
    }

    /// All, with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, s)| (FileId(i as u32), s.as_ref()))
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The text a span covers.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.range()).unwrap_or_default()
    }
}

/// A relative path of a file, as a name of a source: `./conf/x` in `deploy/compose.yml` is `deploy/conf/x`.
pub fn joined(base: &str, path: &str) -> String {
    let mut parts: Vec<&str> = base.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
    let absolute = base.starts_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let all = parts.join("/");
    if absolute { format!("/{all}") } else { all }
}

/// How offsets of a [`View`] translate to its outer file.
#[derive(Clone, Debug)]
enum Mapping {
    /// It stands there verbatim, from this byte on.
    Direct(u32),
    /// `(inner, outer)` pairs where the mapping jumps, ascending; bytes between two of them map one to one.
    Pieces(Box<[(u32, u32)]>),
}

/// A stretch of text that is read as a document of its own: a whole file, a value in it, or a configuration embedded
/// in another file (a block scalar, a quoted string, a heredoc). Offsets in it translate to the outer file, so that a
/// finding in an embedded `rabbitmq.conf` points into the ConfigMap that carries it.
#[derive(Clone, Debug)]
pub struct View<'a> {
    /// The outer file.
    pub file: FileId,
    /// The text to read, already unescaped and unindented.
    pub text: Cow<'a, str>,
    mapping: Mapping,
}

impl<'a> View<'a> {
    /// A whole file.
    pub fn whole(file: FileId, source: &'a Source) -> Self {
        Self::slice(file, &source.text, 0)
    }

    /// A part of a file that stands there verbatim, starting at `outer`.
    pub fn slice(file: FileId, text: &'a str, outer: usize) -> Self {
        Self { file, text: Cow::Borrowed(text), mapping: Mapping::Direct(outer as u32) }
    }

    /// A text put together from pieces of the outer file: `(inner, outer)` pairs where the mapping jumps, ascending.
    /// A last pair at the text's length says where the whole ends, for a text whose last character was an escape.
    pub fn mapped(file: FileId, text: impl Into<Cow<'a, str>>, pieces: Vec<(u32, u32)>) -> Self {
        Self { file, text: text.into(), mapping: Mapping::Pieces(pieces.into()) }
    }

    /// A text put together from pieces of this view: like [`View::mapped`], with offsets into this view in place of
    /// the outer file.
    pub fn derived<'t>(&self, text: impl Into<Cow<'t, str>>, pieces: &[(u32, u32)]) -> View<'t> {
        let text = text.into();
        let mine: &[(u32, u32)] = match &self.mapping {
            Mapping::Direct(_) => &[],
            Mapping::Pieces(mine) => mine,
        };
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(pieces.len());
        for (k, &(inner, at)) in pieces.iter().enumerate() {
            let until = pieces.get(k + 1).map_or(text.len() as u32, |next| next.0);
            out.push((inner, self.outer(at as usize) as u32));
            let end = at.saturating_add(until.saturating_sub(inner));
            let first = mine.partition_point(|p| p.0 <= at);
            let jumps = mine.iter().skip(first).take_while(|p| p.0 < end);
            out.extend(jumps.map(|p| (inner + (p.0 - at), p.1)));
        }
        View::mapped(self.file, text, out)
    }

    /// Where a byte of the inner text stands in the outer file.
    pub fn outer(&self, inner: usize) -> usize {
        match &self.mapping {
            Mapping::Direct(start) => *start as usize + inner,
            Mapping::Pieces(pieces) => {
                let at = pieces.partition_point(|p| p.0 as usize <= inner).saturating_sub(1);
                pieces.get(at).map_or(inner, |p| p.1 as usize + inner.saturating_sub(p.0 as usize))
            }
        }
    }

    /// The outer span of an inner byte range. It ends where its last byte ends, so that it does not leap over an
    /// indentation that follows.
    pub fn span(&self, range: std::ops::Range<usize>) -> Span {
        let start = self.outer(range.start);
        let end = match &self.mapping {
            _ if range.end <= range.start => start,
            Mapping::Pieces(pieces) if range.end == self.text.len() => match pieces.last() {
                Some(last) if last.0 as usize == range.end => last.1 as usize,
                _ => self.outer(range.end - 1) + 1,
            },
            _ => self.outer(range.end - 1) + 1,
        };
        Span::new(self.file, start, end.max(start))
    }

    /// The outer span of the whole.
    pub fn full_span(&self) -> Span {
        self.span(0..self.text.len())
    }

    /// A view of an inner range.
    pub fn sub(&self, range: std::ops::Range<usize>) -> View<'_> {
        View { file: self.file, text: Cow::Borrowed(&self.text[range.clone()]), mapping: self.cut(range) }
    }

    /// Like [`View::sub`], for a view whose text is borrowed: the part outlives this view. `None` when the text was
    /// put together and so belongs to this view.
    pub fn sub_borrowed(&self, range: std::ops::Range<usize>) -> Option<View<'a>> {
        let Cow::Borrowed(text) = self.text else { return None };
        Some(View { file: self.file, text: Cow::Borrowed(&text[range.clone()]), mapping: self.cut(range) })
    }

    /// Like [`View::sub`], with a text of its own.
    pub fn sub_owned(&self, range: std::ops::Range<usize>) -> View<'static> {
        let text = self.text.get(range.clone()).unwrap_or_default().to_owned();
        View { file: self.file, text: Cow::Owned(text), mapping: self.cut(range) }
    }

    fn cut(&self, range: std::ops::Range<usize>) -> Mapping {
        let first = self.outer(range.start) as u32;
        match &self.mapping {
            Mapping::Direct(_) => Mapping::Direct(first),
            Mapping::Pieces(pieces) => {
                let whole = self.text.len();
                let from = pieces.partition_point(|p| p.0 as usize <= range.start);
                let inside = pieces.iter().skip(from).take_while(|p| {
                    (p.0 as usize) < range.end || (range.end == whole && p.0 as usize == whole)
                });
                let cut: Vec<_> =
                    [(0, first)].into_iter().chain(inside.map(|p| (p.0 - range.start as u32, p.1))).collect();
                Mapping::Pieces(cut.into())
            }
        }
    }

    /// The inner range without white space at either end.
    pub fn trim_range(&self, range: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let part = &self.text[range.clone()];
        let start = range.start + (part.len() - part.trim_start().len());
        start..(start + part.trim().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_crlf_is_one_line_end() {
        let s = Source::new("a", "é=1\r\nb=ü2\n");
        assert_eq!(s.position(2), Position { line: 1, column: 2 });
        assert_eq!(s.position("é=1\r\nb=ü".len()), Position { line: 2, column: 4 });
        assert_eq!(&s.text[s.line_range(0)], "é=1");
        assert_eq!(s.line_count(), 3);
    }

    #[test]
    fn paths_are_relative_to_their_file() {
        assert_eq!(joined("deploy", "./conf/x"), "deploy/conf/x");
        assert_eq!(joined("a/b", "../x"), "a/x");
        assert_eq!(joined("", "x"), "x");
        assert_eq!(joined("/etc", "x"), "/etc/x");
    }

    #[test]
    fn a_view_maps_across_removed_indentation() {
        let outer = "k: |\n  ab\n  cd\n";
        let view = View::mapped(FileId(0), "ab\ncd\n", vec![(0, 7), (3, 12)]);
        let span = view.span(3..5);
        assert_eq!(&outer[span.range()], "cd");
        assert_eq!(&outer[view.span(0..2).range()], "ab");
        assert_eq!(&outer[view.sub(3..6).span(1..2).range()], "d");
    }

    #[test]
    fn a_view_derived_from_a_mapped_one_points_into_the_outer_file() {
        let outer = "k: |\n  a\\nb\n  cd\n";
        let view = View::mapped(FileId(0), "a\\nb\ncd\n", vec![(0, 7), (5, 14)]);
        let inner = view.derived("a\nb\ncd", &[(0, 0), (1, 1), (2, 3), (6, 7)]);
        assert_eq!(&outer[inner.span(2..3).range()], "b");
        assert_eq!(&outer[inner.span(4..6).range()], "cd");
        assert_eq!(&outer[inner.sub(2..6).span(2..4).range()], "cd");
        let escape_last = view.derived("a\n", &[(0, 0), (1, 1), (2, 3)]);
        assert_eq!(&outer[escape_last.full_span().range()], "a\\n");
    }
}
