//! Keeps passwords, tokens and keys out of what is shown.

use std::borrow::Cow;
use std::ops::Range;

use crate::findings::{Edit, Fix};
use crate::source::{FileId, Sources, Span, floor_boundary};

/// What stands for a secret where columns do not matter.
pub const HIDDEN: &str = "***";

/// The secrets of a run. Text that goes through [`Mask::text`] has each of their characters replaced by one `*`, so
/// that columns stay true; line ends stay.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    /// Sorted, without overlaps within a file.
    spans: Vec<Span>,
}

impl Mask {
    /// Hides what stands in these spans; they may come in any order and overlap.
    pub fn new(secrets: impl IntoIterator<Item = Span>) -> Mask {
        let mut sorted: Vec<Span> = secrets.into_iter().filter(|s| s.start < s.end).collect();
        sorted.sort_unstable();
        let mut spans: Vec<Span> = Vec::with_capacity(sorted.len());
        for span in sorted {
            match spans.last_mut() {
                Some(last) if last.file == span.file && span.start <= last.end => {
                    last.end = last.end.max(span.end)
                }
                _ => spans.push(span),
            }
        }
        Mask { spans }
    }

    /// The secrets that touch a byte range of a file.
    fn within(&self, file: FileId, range: &Range<usize>) -> &[Span] {
        let from = self.spans.partition_point(|s| (s.file, s.end as usize) <= (file, range.start));
        let rest = self.spans.get(from..).unwrap_or_default();
        let count = rest.partition_point(|s| (s.file, s.start as usize) < (file, range.end));
        rest.get(..count).unwrap_or_default()
    }

    /// True if a part of the span is secret.
    pub fn touches(&self, span: Span) -> bool {
        !self.within(span.file, &span.range()).is_empty()
    }

    /// What may be shown of a byte range of a file.
    pub fn text<'s>(&self, sources: &'s Sources, file: FileId, range: Range<usize>) -> Cow<'s, str> {
        self.hide(sources, file, range, |hidden, shown| {
            shown.extend(hidden.chars().map(|c| if matches!(c, '\n' | '\r') { c } else { '*' }));
        })
    }

    /// A whole file for strangers: [`HIDDEN`] in place of each secret, so that not even its length is told.
    pub fn shortened<'s>(&self, sources: &'s Sources, file: FileId) -> Cow<'s, str> {
        let all = 0..sources.get(file).text.len();
        self.hide(sources, file, all, |_, shown| shown.push_str(HIDDEN))
    }

    fn hide<'s>(
        &self,
        sources: &'s Sources,
        file: FileId,
        range: Range<usize>,
        write: impl Fn(&str, &mut String),
    ) -> Cow<'s, str> {
        let text = sources.get(file).text.as_str();
        let start = floor_boundary(text, range.start);
        let end = floor_boundary(text, range.end).max(start);
        let secrets = self.within(file, &(start..end));
        if secrets.is_empty() {
            return Cow::Borrowed(text.get(start..end).unwrap_or_default());
        }
        let mut shown = String::with_capacity(end - start);
        let mut at = start;
        for secret in secrets {
            let from = floor_boundary(text, secret.start as usize).clamp(at, end);
            let to = floor_boundary(text, secret.end as usize).clamp(from, end);
            shown.push_str(text.get(at..from).unwrap_or_default());
            write(text.get(from..to).unwrap_or_default(), &mut shown);
            at = to;
        }
        shown.push_str(text.get(at..end).unwrap_or_default());
        Cow::Owned(shown)
    }

    /// Where a byte of the file stands in `text(sources, file, start..)`.
    pub fn offset(&self, sources: &Sources, file: FileId, start: usize, offset: usize) -> usize {
        self.text(sources, file, start..offset.max(start)).len()
    }

    /// True if the edits of a fix may be shown: none writes a secret that it replaces back into the file.
    pub fn shows(&self, sources: &Sources, fix: &Fix) -> bool {
        fix.edits.iter().all(|edit| !self.repeats_secret(sources, edit))
    }

    fn repeats_secret(&self, sources: &Sources, edit: &Edit) -> bool {
        self.within(edit.span.file, &edit.span.range())
            .iter()
            .any(|secret| edit.text.contains(sources.slice(*secret)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Safety;
    use crate::source::Source;

    fn masked(text: &str, secrets: &[(usize, usize)], range: Range<usize>) -> String {
        let mut sources = Sources::new();
        let other = sources.add(Source::new("other", text));
        let file = sources.add(Source::new("f", text));
        let mask = Mask::new(secrets.iter().map(|(s, e)| Span::new(file, *s, *e)).chain([Span::new(
            other,
            0,
            text.len(),
        )]));
        mask.text(&sources, file, range).into_owned()
    }

    #[test]
    fn strangers_are_not_even_told_how_long_a_secret_is() {
        let mut sources = Sources::new();
        let text = "pw=größe;key=a\nb";
        let file = sources.add(Source::new("f", text));
        let mask = Mask::new([Span::new(file, 3, 10), Span::new(file, 15, text.len())]);
        assert_eq!(mask.shortened(&sources, file), "pw=***;key=***");
        assert_eq!(Mask::default().shortened(&sources, file), text);
    }

    #[test]
    fn secrets_turn_into_stars_character_by_character() {
        type Case = (&'static str, &'static [(usize, usize)], Range<usize>, &'static str);
        let cases: &[Case] = &[
            ("amqp://u:geheim@h", &[(9, 15)], 0..17, "amqp://u:******@h"),
            ("pw=größe;x", &[(3, 10)], 0..12, "pw=*****;x"),
            ("a\r\nb\n", &[(0, 5)], 0..5, "*\r\n*\n"),
            ("abcdef", &[(3, 5), (1, 4)], 0..6, "a****f"),
            ("abcdef", &[(0, 3)], 2..6, "*def"),
            ("abcdef", &[(2, 6)], 0..4, "ab**"),
            ("abcdef", &[(3, 3)], 0..6, "abcdef"),
            ("abcdef", &[(0, 99)], 0..99, "******"),
            ("abcdef", &[(0, 2)], 2..6, "cdef"),
        ];
        for (text, secrets, range, shown) in cases {
            assert_eq!(masked(text, secrets, range.clone()), *shown, "{text} {secrets:?} {range:?}");
        }
    }

    #[test]
    fn offsets_follow_the_shorter_text() {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("f", "pw=größe;x"));
        let mask = Mask::new([Span::new(file, 3, 10)]);
        assert_eq!(mask.offset(&sources, file, 0, 11), 9);
        assert_eq!(mask.offset(&sources, file, 2, 3), 1);
    }

    #[test]
    fn an_edit_that_repeats_the_secret_is_not_shown() {
        let mut sources = Sources::new();
        let file = sources.add(Source::new("f", "amqp://u:geheim@h"));
        let mask = Mask::new([Span::new(file, 9, 15)]);
        let fix = |start, end, text: &str| Fix {
            title: "use TLS".into(),
            safety: Safety::Unsafe,
            verbatim: false,
            edits: vec![Edit { span: Span::new(file, start, end), text: text.into() }],
        };
        assert!(mask.shows(&sources, &fix(0, 4, "amqps")));
        assert!(mask.shows(&sources, &fix(9, 15, "${PASSWORD}")));
        assert!(!mask.shows(&sources, &fix(0, 17, "amqps://u:geheim@h")));
    }
}
