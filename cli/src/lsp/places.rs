//! Places as editors name them: URIs, and lines and characters from 0.

use std::path::{Component, Path, PathBuf, Prefix};

use connlint_core::Source;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

/// What stands in the path of a URI as it is.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The path of a `file:` URI.
pub(super) fn path_of(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    let path = &rest[rest.find('/')?..];
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let drive = matches!(path.as_bytes(), [b'/', letter, b':', ..] if letter.is_ascii_alphabetic());
    Some(PathBuf::from(if drive { &path[1..] } else { &path }))
}

/// The URI of an absolute path.
pub(super) fn uri_of(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    let drive =
        matches!(path.components().next(), Some(Component::Prefix(p)) if matches!(p.kind(), Prefix::Disk(_)));
    let slash = if drive { "/" } else { "" };
    format!("file://{slash}{}", utf8_percent_encode(&text, IN_PATH))
}

/// What a character of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Utf8,
    Utf16,
}

impl Encoding {
    /// Bytes where the editor can count them, else what every editor can.
    pub(super) fn choose(params: &Value) -> Encoding {
        let offered = params["capabilities"]["general"]["positionEncodings"].as_array();
        if offered.is_some_and(|list| list.iter().any(|e| e == "utf-8")) {
            Encoding::Utf8
        } else {
            Encoding::Utf16
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16 => "utf-16",
        }
    }

    fn length(self, text: &str) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::Utf16 => text.encode_utf16().count(),
        }
    }

    /// A byte's position.
    pub(super) fn position(self, source: &Source, offset: usize) -> Value {
        let line = source.line_of(offset);
        let start = source.line_range(line).start;
        let before = source.text.get(start..offset).unwrap_or_default();
        json!({"line": line, "character": self.length(before)})
    }

    /// A byte range.
    pub(super) fn range(self, source: &Source, range: std::ops::Range<usize>) -> Value {
        json!({"start": self.position(source, range.start), "end": self.position(source, range.end)})
    }

    /// The byte of a position; one behind the end of its line is the end of the line.
    pub(super) fn offset(self, source: &Source, position: &Value) -> Option<usize> {
        let line = source.line_range(usize::try_from(position["line"].as_u64()?).ok()?);
        let character = usize::try_from(position["character"].as_u64()?).ok()?;
        let text = source.text.get(line.clone())?;
        let mut seen = 0;
        for (at, c) in text.char_indices() {
            if seen >= character {
                return Some(line.start + at);
            }
            seen += self.length(c.encode_utf8(&mut [0; 4]));
        }
        Some(line.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_go_there_and_back() {
        let source = Source::new("f", "a\nü😀x\n");
        for (encoding, character) in [(Encoding::Utf8, 6), (Encoding::Utf16, 3)] {
            let x = source.text.find('x').unwrap();
            let position = encoding.position(&source, x);
            assert_eq!(position, json!({"line": 1, "character": character}));
            assert_eq!(encoding.offset(&source, &position), Some(x));
            assert_eq!(encoding.offset(&source, &json!({"line": 0, "character": 9})), Some(1));
        }
    }

    #[test]
    fn paths_and_uris() {
        let path = Path::new("/a b/ü#.env");
        assert_eq!(uri_of(path), "file:///a%20b/%C3%BC%23.env");
        assert_eq!(path_of(&uri_of(path)), Some(path.to_owned()));
        assert_eq!(path_of("file:///c%3A/x"), Some("c:/x".into()));
        assert_eq!(path_of("file://localhost/x"), Some("/x".into()));
        assert_eq!(path_of("untitled:1"), None);
    }
}
