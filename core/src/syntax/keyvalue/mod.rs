//! Line formats: `key = value` in its many dialects, each described by data (see [`dialects`]).

pub mod dialects;
mod value;
mod words;

pub use words::{Word, words};

use super::{Notice, assembly::Assembly, template};
use crate::source::{Span, View};
use value::Logical;

/// How lines are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Continuation {
    /// A line is a line.
    None,
    /// Java properties: a backslash at the end joins the next line, whose indentation is dropped.
    Joined,
    /// systemd: a backslash at the end becomes a blank; comment lines in between are skipped.
    Blank,
}

/// What quotes mean in a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quotes {
    /// They are part of the value.
    None,
    /// rabbitmq.conf: single quotes round the whole value, nothing is escaped inside. Brokers before 3.13.7 take
    /// them as part of the value; [`Pair::quoted`] lets a rule say so.
    Single,
    /// `.env`: single quotes are literal, double quotes know escapes, both may span lines.
    Dotenv,
    /// Shell assignment: like `.env`, fewer escapes, and the value ends at a blank.
    Shell,
    /// PostgreSQL: single quotes, doubled or escaped inside.
    Sql,
    /// my.cnf: either kind round the whole value, with escapes.
    Wrapped,
    /// redis.conf: a value is a row of words, each may be quoted; see [`words`].
    Words,
}

/// Where a comment may follow a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trailing {
    /// Nowhere: the comment sign is part of the value.
    None,
    /// At any `#` outside quotes, with or without a blank before it.
    Anywhere,
    /// At a `#` that follows a blank.
    AfterBlank,
}

/// What becomes of a line that is neither comment nor pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OddLine {
    /// The program that reads the file stops on it: an [`Item::Malformed`].
    Malformed,
    /// It is passed over with a notice.
    Notice,
    /// It is something else that belongs there (shell commands).
    Skip,
}

/// A line format.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// Signs that start a comment line.
    pub comments: &'static [char],
    /// Signs between key and value; `' '` stands for any white space.
    pub separators: &'static [char],
    /// True if `[name]` lines open sections.
    pub sections: bool,
    /// How lines are joined.
    pub continuation: Continuation,
    /// What quotes mean.
    pub quotes: Quotes,
    /// Where a comment may follow a value.
    pub trailing: Trailing,
    /// Words or signs before a key that are not part of it.
    pub prefixes: &'static [&'static str],
    /// First words whose argument follows after a blank (`!include`), whatever the separators are.
    pub directives: &'static [&'static str],
    /// True if a key may stand alone.
    pub bare_keys: bool,
    /// True if nothing may follow the separator.
    pub empty_values: bool,
    /// Characters of a key beside letters and digits; `None` if any will do.
    pub key_signs: Option<&'static [char]>,
    /// True if backslash escapes are undone in keys and unquoted values (Java properties).
    pub escapes: bool,
    /// What becomes of other lines.
    pub odd: OddLine,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Pair<'a> {
    /// The section it stands in.
    pub section: Option<View<'a>>,
    /// The prefix before the key (`export`, `-`), as the dialect names it.
    pub prefix: Option<&'static str>,
    /// The key.
    pub key: View<'a>,
    /// False if the key stands alone.
    pub assigned: bool,
    /// The value without quotes and surrounding blanks; empty, right after the key or separator, if there is none.
    pub value: View<'a>,
    /// The quotes the whole value stood in.
    pub quoted: Option<char>,
    /// White space after the value that the format counts to the value (Java properties).
    pub padded: bool,
    /// The comment behind the value, its sign included. In rabbitmq.conf it is what a `#` cut off.
    pub comment: Option<View<'a>>,
    /// The whole line or lines.
    pub span: Span,
}

/// A line that stops the program.
#[derive(Clone, Debug)]
pub struct Malformed<'a> {
    /// The line, its surrounding blanks left out.
    pub line: View<'a>,
    /// Where it stands.
    pub span: Span,
    /// What is wrong with it, as a clause without a value of the file.
    pub reason: &'static str,
}

/// What a line says.
#[derive(Clone, Debug)]
pub enum Item<'a> {
    /// A key and its value.
    Pair(Pair<'a>),
    /// A line that stops the program.
    Malformed(Malformed<'a>),
}

impl<'a> Item<'a> {
    /// The pair, if it is one.
    pub fn pair(&self) -> Option<&Pair<'a>> {
        match self {
            Item::Pair(pair) => Some(pair),
            Item::Malformed(_) => None,
        }
    }
}

/// More notices than this about single lines say nothing new.
const MAX_LINE_NOTICES: usize = 20;

const NO_SEPARATOR: &str = "there is no separator between key and value";
const NO_VALUE: &str = "there is no value after the separator";
const NO_KEY: &str = "there is no key before the separator";
const BAD_KEY: &str = "the key holds a character that keys cannot hold";
const OPEN_SECTION: &str = "the section name is not closed by `]`";

/// Reads a text as lines of a dialect; pairs come in file order, repeated keys included.
pub fn parse<'v>(view: &'v View<'_>, dialect: &Dialect) -> (Vec<Item<'v>>, Vec<Notice>) {
    let mut reader = Reader {
        view,
        text: view.text.as_ref(),
        dialect,
        template: template::detect(&view.text),
        section: None,
        items: Vec::new(),
        notices: Vec::new(),
        no_close: [false; 2],
    };
    let mut at = if reader.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while at < reader.text.len() {
        at = reader.line(at);
    }
    (reader.items, reader.notices)
}

/// Only the pairs, for a dialect whose odd lines do not matter to the caller.
pub fn pairs<'v>(view: &'v View<'_>, dialect: &Dialect) -> (Vec<Pair<'v>>, Vec<Notice>) {
    let (items, notices) = parse(view, dialect);
    let pairs = items.into_iter().filter_map(|item| match item {
        Item::Pair(pair) => Some(pair),
        Item::Malformed(_) => None,
    });
    (pairs.collect(), notices)
}

struct Reader<'v, 'd, 't> {
    view: &'v View<'t>,
    text: &'v str,
    dialect: &'d Dialect,
    /// The first place that makes the text a template.
    template: Option<usize>,
    section: Option<View<'v>>,
    items: Vec<Item<'v>>,
    notices: Vec<Notice>,
    /// For `'` and `"`: no closing quote was found up to the end of the text, so nobody need look again.
    no_close: [bool; 2],
}

/// End of the line that starts at `at`, and start of the next one. `\n`, `\r\n` and a lone `\r` end a line.
fn line_end(text: &str, at: usize) -> (usize, usize) {
    let rest = text.get(at..).unwrap_or_default();
    match rest.find(['\n', '\r']) {
        None => (text.len(), text.len()),
        Some(n) if rest.get(n..).is_some_and(|r| r.starts_with("\r\n")) => (at + n, at + n + 2),
        Some(n) => (at + n, at + n + 1),
    }
}

impl<'v> Reader<'v, '_, '_> {
    fn line(&mut self, at: usize) -> usize {
        let (end, next) = line_end(self.text, at);
        let range = self.view.trim_range(at..end);
        let line = self.text.get(range.clone()).unwrap_or_default();
        if line.is_empty() || line.starts_with(self.dialect.comments) {
            return next;
        }
        if self.template.is_some() {
            // A statement may run over several lines; it is passed over whole.
            let rest = self.text.get(range.start..).unwrap_or_default();
            let first = template::construct(rest).unwrap_or(0);
            if range.start + first > end {
                return line_end(self.text, range.start + first).1;
            }
            if template::is_control_line(line) {
                return next;
            }
        }
        let directive = self.dialect.directives.iter().any(|d| {
            line.strip_prefix(d)
                .is_some_and(|rest| d.ends_with(' ') || rest.starts_with(char::is_alphanumeric))
        });
        if self.dialect.sections && line.starts_with('[') && !directive {
            match line.find(']') {
                Some(close) => {
                    let name = self.view.trim_range(range.start + 1..range.start + close);
                    self.section = Some(self.view.sub(name));
                }
                None => self.odd(range, OPEN_SECTION),
            }
            return next;
        }
        let (logical, next) = self.logical(range.start..end, next);
        let blank = [' '];
        let separators = if directive { &blank[..] } else { self.dialect.separators };
        match self.pair(&logical, separators) {
            Ok((pair, quote_end)) => {
                self.items.push(Item::Pair(pair));
                // A quoted value that ran over lines takes them along.
                if quote_end > next { line_end(self.text, quote_end).1 } else { next }
            }
            Err(reason) => {
                self.odd(range, reason);
                next
            }
        }
    }

    /// Joins a line with those it continues on; gives the start of the next one.
    fn logical(&self, first: std::ops::Range<usize>, mut next: usize) -> (Logical<'v>, usize) {
        let plain = |range: std::ops::Range<usize>| {
            Logical::plain(self.text.get(range.clone()).unwrap_or_default(), range.start)
        };
        let continued = |range: &std::ops::Range<usize>| {
            let line = self.text.get(range.clone()).unwrap_or_default();
            (line.len() - line.trim_end_matches('\\').len()) % 2 == 1
        };
        if self.dialect.continuation == Continuation::None || !continued(&first) {
            return (plain(first), next);
        }
        let mut joined = Assembly::default();
        let mut range = first;
        loop {
            let go_on = continued(&range);
            let end = range.end - usize::from(go_on);
            joined.push_str(self.text.get(range.start..end).unwrap_or_default(), range.start);
            if !go_on {
                break;
            }
            if self.dialect.continuation == Continuation::Blank {
                joined.push_escape(' ', end, 1);
            }
            let mut found = None;
            while found.is_none() && next < self.text.len() {
                let (line_stop, after) = line_end(self.text, next);
                let line = self.text.get(next..line_stop).unwrap_or_default();
                let indent = line.len() - line.trim_start().len();
                let skipped = self.dialect.continuation == Continuation::Blank
                    && line.trim_start().starts_with(self.dialect.comments);
                if !skipped {
                    found = Some(next + indent..line_stop);
                }
                next = after;
            }
            match found {
                Some(line) => range = line,
                None => break,
            }
        }
        (Logical::joined(joined), next)
    }

    /// The pair a line holds, and where a quoted value ended in the view.
    fn pair(&mut self, line: &Logical<'v>, separators: &[char]) -> Result<(Pair<'v>, usize), &'static str> {
        let text = line.text();
        let mut at = text.len() - text.trim_start().len();
        let mut prefix = None;
        for candidate in self.dialect.prefixes {
            let rest = text.get(at..).unwrap_or_default();
            if let Some(after) = rest.strip_prefix(candidate) {
                let gap = after.len() - after.trim_start().len();
                if gap > 0 || !candidate.ends_with(char::is_alphabetic) {
                    prefix = Some(*candidate);
                    at += candidate.len() + gap;
                }
            }
        }
        let (key, value_at) = self.split(text, at, separators)?;
        let assigned = value_at.is_some();
        let bare_allowed = self.dialect.bare_keys || prefix == Some("-");
        if !assigned && !bare_allowed {
            return Err(NO_SEPARATOR);
        }
        let key_text = text.get(key.clone()).unwrap_or_default();
        if key_text.is_empty() {
            return Err(NO_KEY);
        }
        if let Some(signs) = self.dialect.key_signs
            && !(self.template.is_some() && key_text.contains("{{"))
            && key_text.contains(|c: char| !c.is_ascii_alphanumeric() && !signs.contains(&c))
        {
            return Err(if assigned { BAD_KEY } else { NO_SEPARATOR });
        }
        let start = value_at.unwrap_or(key.end);
        let value = value::read(self.view, line, start, self.dialect, &mut self.no_close);
        if assigned && value.view.text.is_empty() && value.quoted.is_none() && !self.dialect.empty_values {
            return Err(NO_VALUE);
        }
        let first = line.at(text.len() - text.trim_start().len());
        let last = value.end.max(line.at(text.trim_end().len())).max(line.at(start));
        let pair = Pair {
            section: self.section.clone(),
            prefix,
            key: if self.dialect.escapes {
                value::unescape_java(self.view, line, key)
            } else {
                line.part(self.view, key)
            },
            assigned,
            value: value.view,
            quoted: value.quoted,
            padded: value.padded,
            comment: value.comment,
            span: self.view.span(first..last.max(first)),
        };
        Ok((pair, value.end))
    }

    /// Where the key stands, and where the value starts if there is a separator.
    #[allow(clippy::type_complexity)]
    fn split(
        &self,
        text: &str,
        from: usize,
        separators: &[char],
    ) -> Result<(std::ops::Range<usize>, Option<usize>), &'static str> {
        let blanks = separators.contains(&' ');
        let is_separator = |c: char| separators.contains(&c) || (blanks && c.is_whitespace());
        let mut at = from;
        while let Some(c) = text.get(at..).and_then(|t| t.chars().next()) {
            if is_separator(c) || (self.dialect.trailing == Trailing::Anywhere && c == '#') {
                break;
            }
            at += match c {
                '\\' if self.dialect.escapes => {
                    1 + text.get(at + 1..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8)
                }
                '{' | '<' if self.template.is_some() => {
                    template::construct(text.get(at..).unwrap_or_default()).unwrap_or(1)
                }
                _ => c.len_utf8(),
            };
        }
        let key_text = text.get(from..at).unwrap_or_default();
        let key = from..from + key_text.trim_end().len();
        let rest = text.get(at..).unwrap_or_default();
        let skip = |rest: &str| rest.len() - rest.trim_start().len();
        let Some(sign) = rest.chars().next().filter(|&c| is_separator(c)) else {
            return Ok((key, None));
        };
        if !sign.is_whitespace() {
            let after = at + sign.len_utf8();
            let gap = if self.dialect.quotes == Quotes::Shell {
                0
            } else {
                skip(text.get(after..).unwrap_or_default())
            };
            return Ok((key, Some(after + gap)));
        }
        let mut value = at + skip(rest);
        match text.get(value..).and_then(|t| t.chars().next()) {
            None => return Ok((key, None)),
            Some(c) if !c.is_whitespace() && separators.contains(&c) => {
                value += c.len_utf8();
                value += skip(text.get(value..).unwrap_or_default());
            }
            Some('#') if self.dialect.trailing != Trailing::None => return Ok((key, None)),
            Some(_) => {}
        }
        Ok((key, Some(value)))
    }

    fn odd(&mut self, range: std::ops::Range<usize>, reason: &'static str) {
        if let Some(at) = self.template {
            if self.notices.is_empty() && self.dialect.odd != OddLine::Skip {
                self.notices.push(Notice::new(self.view.span(at..at + 2), template::NOTICE));
            }
            return;
        }
        let span = self.view.span(range.clone());
        match self.dialect.odd {
            OddLine::Malformed => {
                self.items.push(Item::Malformed(Malformed { line: self.view.sub(range), span, reason }));
            }
            OddLine::Notice if self.notices.len() < MAX_LINE_NOTICES => {
                self.notices.push(Notice::new(span, format!("this line is passed over: {reason}")));
            }
            OddLine::Notice | OddLine::Skip => {}
        }
    }
}

#[cfg(test)]
mod tests;
