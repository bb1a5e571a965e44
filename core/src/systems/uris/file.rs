//! A file that holds connection URIs and nothing else, such as a mounted secret or a pasted line.

use super::find::wanted;
use super::{Place, UriContext, scan};
use crate::source::Source;
use crate::syntax::uri::scheme_length;
use crate::systems::{FileKind, Match};

/// One URI a line.
pub static FILE: FileKind = FileKind {
    name: "uri",
    doc: "Connection URIs and nothing else, one a line",
    recognise,
    read: |view, out| {
        let context = UriContext { key: Some("uri"), place: Place::Value, ..UriContext::default() };
        let mut start = 0;
        for line in view.text.split_inclusive('\n') {
            // An editor ends the last line; whoever reads such a file cuts that off.
            let text = line.trim_end_matches(['\n', '\r']);
            scan(&view.sub(start..start + text.len()), &context, out);
            start += line.len();
        }
    },
};

fn recognise(source: &Source) -> Match {
    /// Longer files are something else.
    const MAX_LINES: usize = 100;
    if source.line_count() > MAX_LINES {
        return Match::No;
    }
    let context = UriContext::default();
    let is_uri = |line: &str| match scheme_length(line) {
        Some(length) => wanted(&line[..length], &context),
        None => ["amqp:", "amqps:"].iter().any(|s| line.to_ascii_lowercase().starts_with(s)),
    };
    let mut lines = source.text.lines().map(str::trim).filter(|l| !l.is_empty()).peekable();
    if lines.peek().is_some() && lines.all(is_uri) { Match::Likely } else { Match::No }
}
