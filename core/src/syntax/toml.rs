//! TOML, through the `toml` crate's recovering parser.

use super::{
    Data, Entry, MAX_DEPTH, MAX_NODES, Node, Notice, Scalar, Style, assembly::Assembly, escape, template,
};
use crate::source::View;
use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use std::ops::Range;

/// More notices than this about single places say nothing new.
const MAX_NOTICES: usize = 20;

/// Dots between the parts of keys on a line: the longest real ones have eight.
const USUAL_DOTS: usize = 20;

/// Dots beyond [`USUAL_DOTS`] that a document may have in all. Each one is a level of nesting that the crate does not
/// bound, and that costs stack when it is freed.
const MAX_FURTHER_DOTS: usize = 1000;

/// Reads a document; its keys come in file order.
pub fn parse<'v>(view: &'v View<'_>) -> (Option<Node<'v>>, Vec<Notice>) {
    let text: &'v str = view.text.as_ref();
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    if !is_bounded(text) {
        return (None, vec![Notice::new(view.span(0..0), "nested too deeply; the text is not read")]);
    }
    let (document, errors) = DeTable::parse_recoverable(text.get(bom..).unwrap_or_default());
    let mut notices: Vec<Notice> = Vec::new();
    let template = template::detect(text).filter(|_| !errors.is_empty());
    if let Some(at) = template {
        notices.push(Notice::new(view.span(at..at + 2), template::NOTICE));
    } else {
        notices.extend(errors.iter().take(MAX_NOTICES).map(|error| {
            let range = error.span().unwrap_or_default();
            let range = clamp(text, range.start + bom..range.end + bom);
            // The parser's own message may hold a key of the file.
            Notice::new(view.span(range), "this is not TOML; it is passed over as far as the next line")
        }));
    }
    let mut reader = Reader { view, text, bom, nodes: 0, cut: None };
    let root = reader.table(document.get_ref(), 0..text.len().saturating_sub(bom), 0);
    if let Some(at) = reader.cut {
        notices
            .push(Notice::new(view.span(at..at), "nested too deeply or too many values; some are left out"));
    }
    (Some(root), notices)
}

fn is_bounded(text: &str) -> bool {
    let further = |line: &str| {
        let mut quote = None;
        let dots = line.chars().filter(|&c| match quote {
            Some(q) => {
                quote = Some(q).filter(|&q| q != c);
                false
            }
            None => {
                quote = Some(c).filter(|c| matches!(c, '"' | '\''));
                c == '.'
            }
        });
        dots.count().saturating_sub(USUAL_DOTS)
    };
    text.lines().filter(|line| !line.trim_start().starts_with('#')).map(further).sum::<usize>()
        <= MAX_FURTHER_DOTS
}

/// The range within the text, on character boundaries.
fn clamp(text: &str, range: Range<usize>) -> Range<usize> {
    let start = crate::source::floor_boundary(text, range.start);
    start..crate::source::floor_boundary(text, range.end).max(start)
}

struct Reader<'v, 't> {
    view: &'v View<'t>,
    text: &'v str,
    bom: usize,
    nodes: usize,
    /// Where a bound was met first.
    cut: Option<usize>,
}

impl<'v> Reader<'v, '_> {
    fn range(&self, span: Range<usize>) -> Range<usize> {
        clamp(self.text, span.start + self.bom..span.end + self.bom)
    }

    fn table(&mut self, table: &DeTable<'_>, span: Range<usize>, depth: usize) -> Node<'v> {
        let mut entries = Vec::with_capacity(table.len());
        for (key, value) in table.iter() {
            let range = self.range(key.span());
            if depth >= MAX_DEPTH || self.nodes >= MAX_NODES {
                self.cut.get_or_insert(range.start);
                break;
            }
            let raw = self.text.get(range.clone()).unwrap_or_default();
            let style = if raw.starts_with(['"', '\'']) { Style::Quoted } else { Style::Plain };
            let key = Scalar { view: self.string(range, key.get_ref()), style };
            entries.push(Entry { key, value: self.value(value, depth + 1) });
        }
        // The crate keeps keys sorted by name.
        entries.sort_by_key(|e| e.key.view.full_span().start);
        Node { data: Data::Map(entries), span: self.view.span(self.range(span)) }
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Node<'v> {
        self.nodes += 1;
        let range = self.range(value.span());
        let span = self.view.span(range.clone());
        let data = match value.get_ref() {
            DeValue::Table(table) => return self.table(table, value.span(), depth),
            DeValue::Array(items) => {
                let mut nodes = Vec::with_capacity(items.len());
                for item in items.iter() {
                    if depth >= MAX_DEPTH || self.nodes >= MAX_NODES {
                        self.cut.get_or_insert(range.start);
                        break;
                    }
                    nodes.push(self.value(item, depth + 1));
                }
                Data::Seq(nodes)
            }
            DeValue::String(text) => {
                Data::Scalar(Scalar { view: self.string(range, text), style: Style::Quoted })
            }
            _ => Data::Scalar(Scalar { view: self.view.sub(range), style: Style::Plain }),
        };
        Node { data, span }
    }

    /// The text of a string or key whose spelling, quotes included, is at `range`.
    fn string(&self, range: Range<usize>, value: &str) -> View<'v> {
        let raw = self.text.get(range.clone()).unwrap_or_default();
        let quotes =
            ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| raw.starts_with(q) && raw.len() >= 2 * q.len());
        let Some(quotes) = quotes else { return self.view.sub(range) };
        let mut inner = range.start + quotes.len()..range.end - quotes.len();
        if quotes.len() == 3 {
            // A line end right behind the opening quotes is not part of the text.
            let body = self.text.get(inner.clone()).unwrap_or_default();
            let skip = if body.starts_with("\r\n") { 2 } else { usize::from(body.starts_with('\n')) };
            inner.start += skip;
        }
        let body = self.text.get(inner.clone()).unwrap_or_default();
        if body == value {
            return self.view.sub(inner);
        }
        let mut out = Assembly::default();
        let mut at = 0;
        while let Some(rest) = body.get(at..).filter(|r| !r.is_empty()) {
            let plain =
                if quotes.starts_with('"') { rest.find('\\').unwrap_or(rest.len()) } else { rest.len() };
            out.push_str(rest.get(..plain).unwrap_or_default(), inner.start + at);
            at += plain;
            let Some(escaped) = rest.get(plain..).filter(|r| r.len() > 1) else { break };
            at += unescape(escaped, inner.start + at, &mut out);
        }
        out.finish(self.view, inner.start)
    }
}

/// Undoes the escape at the start of `escaped`; gives its length.
fn unescape(escaped: &str, at: usize, out: &mut Assembly) -> usize {
    let rest = escaped.get(1..).unwrap_or_default();
    let Some(c) = rest.chars().next() else { return 1 };
    if c.is_whitespace() {
        // The line end and all white space behind it are left out.
        return 1 + (rest.len() - rest.trim_start().len());
    }
    let digits = match c {
        'x' => 2,
        'u' => 4,
        'U' => 8,
        _ => 0,
    };
    let (c, len) = match c {
        'b' => ('\u{8}', 2),
        't' => ('\t', 2),
        'n' => ('\n', 2),
        'f' => ('\u{c}', 2),
        'r' => ('\r', 2),
        'e' => ('\u{1b}', 2),
        _ if digits > 0 => escaped
            .get(2..2 + digits)
            .and_then(escape::hex)
            .and_then(char::from_u32)
            .map_or((char::REPLACEMENT_CHARACTER, 2), |c| (c, 2 + digits)),
        c => (c, 1 + c.len_utf8()),
    };
    out.push_escape(c, at, len);
    len
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Source};

    fn with(text: &str, check: impl FnOnce(&Node<'_>, &[Notice])) {
        let source = Source::new("t.toml", text);
        let view = View::whole(FileId(0), &source);
        let (root, notices) = parse(&view);
        assert!(root.is_some() || notices.len() == 1);
        if let Some(root) = root {
            check(&root, &notices);
        }
    }

    #[test]
    fn texts_and_places_are_exact() {
        let text = "# é\nz = 1 # c\n[a.\"b c\"]\nurl = \"amqp://\\u00e9\\t:5672\"\nraw = 'x\\y'\nlist = [1_000, true, \
                    { k = 0x1F }]\nm = \"\"\"\n a\\\n   b\"\"\"\n[[w]]\nn = 1\n[[w]]\nn = 2\n";
        with(text, |root, notices| {
            assert!(notices.is_empty(), "{notices:?}");
            let part = |n: &Node<'_>| &text[n.span.range()];
            let keys: Vec<_> = root.pairs().iter().map(|(k, _)| k.view.text.to_string()).collect();
            assert_eq!(keys, ["z", "a", "w"]);
            let url = root.at(&["a", "b c", "url"]).unwrap();
            assert_eq!((url.text(), part(url)), (Some("amqp://é\t:5672"), "\"amqp://\\u00e9\\t:5672\""));
            let view = &url.scalar().unwrap().view;
            let port = view.text.find("5672").unwrap();
            assert_eq!(&text[view.span(port..port + 4).range()], "5672");
            assert_eq!(root.at(&["a", "b c", "raw"]).unwrap().text(), Some("x\\y"));
            let list = root.at(&["a", "b c", "list"]).unwrap();
            assert_eq!(list.items()[0].scalar().unwrap().as_int(), Some(1000));
            assert_eq!(list.items()[2].get("k").unwrap().text(), Some("0x1F"));
            assert_eq!(root.at(&["a", "b c", "m"]).unwrap().text(), Some(" ab"));
            assert_eq!(part(root.get("w").unwrap().items()[1].get("n").unwrap()), "2");
        });
    }

    #[test]
    fn one_bad_line_loses_one_line() {
        with("a = 1\nb = what\nc = 3\n", |root, notices| {
            assert_eq!((root.get("c").unwrap().text(), notices.len()), (Some("3"), 1));
            assert!(notices.iter().all(|n| !n.message.contains("what")));
        });
        with("a = 1\n{{ range .x }}\nb = {{ .y }}\n{{ end }}\nc = 3\n", |root, notices| {
            assert_eq!((root.get("c").unwrap().text(), notices.len()), (Some("3"), 1));
        });
    }

    #[test]
    fn hostile_texts_stay_within_bounds() {
        for text in [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}", "{b=".repeat(100_000)),
            format!("{}a = 1", "a.".repeat(1000)),
            format!("{}a = 1", "a.".repeat(100_000)),
            "[a]\n".repeat(10_000),
            "x".repeat(1 << 20),
            "\0\u{feff}a=1\r".to_owned(),
            "\u{feff}ä = \"ö\"".to_owned(),
        ] {
            with(&text, |root, _| {
                root.walk(&mut |path, leaf| {
                    assert!(path.len() <= MAX_DEPTH);
                    assert!(text.get(leaf.view.full_span().range()).is_some());
                });
            });
        }
    }
}
