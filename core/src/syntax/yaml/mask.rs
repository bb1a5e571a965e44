//! The ASCII stand-in of a text that the YAML scanner reads.

use super::template;
use std::ops::Range;

/// A letter that means nothing to YAML.
const FILLER: u8 = b'x';

/// Words whose expression renders to lines of its own, below the key it follows.
const MULTI_LINE: [&str; 8] = ["nindent", "indent", "if ", "with ", "range ", "end ", "else ", "define "];

/// Lines a bracket may stay open for; longer lists are written in block style.
const MAX_FLOW_LINES: usize = 100;

/// Opening minus closing brackets.
fn balance(line: &str) -> i32 {
    line.bytes().fold(0, |sum, b| match b {
        b'[' | b'{' => sum + 1,
        b']' | b'}' => sum - 1,
        _ => sum,
    })
}

/// A text of the same length as the original: template expressions and characters beyond ASCII are letters, template
/// statements and passed-over lines are blank.
pub(super) struct Mask {
    text: String,
    /// Length of the byte-order mark, which the scanner does not see.
    bom: usize,
}

impl Mask {
    pub(super) fn new(text: &str, is_template: bool) -> Self {
        let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        let mut bytes: Vec<u8> = text
            .bytes()
            .map(|b| if matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~') { b } else { FILLER })
            .collect();
        mask_constructs(text, &mut bytes, is_template);
        // Only ASCII was written, so this never replaces anything.
        Self { text: String::from_utf8_lossy(&bytes).into_owned(), bom }
    }

    /// What the scanner reads; its offsets lack [`Mask::bom`].
    pub(super) fn parsed(&self) -> &str {
        self.text.get(self.bom..).unwrap_or_default()
    }

    pub(super) fn bom(&self) -> usize {
        self.bom
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// True if the mask is blank there.
    pub(super) fn is_blank(&self, range: Range<usize>) -> bool {
        self.text.get(range).is_none_or(|line| line.trim().is_empty())
    }

    /// The line that holds an offset, without its end.
    pub(super) fn line_around(&self, offset: usize) -> Range<usize> {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let is_end = |b: &u8| matches!(b, b'\n' | b'\r');
        let start = bytes.get(..offset).and_then(|b| b.iter().rposition(is_end)).map_or(0, |p| p + 1);
        let end =
            bytes.get(offset..).and_then(|b| b.iter().position(is_end)).map_or(bytes.len(), |p| offset + p);
        start..end
    }

    /// The first line from an offset on that is indented with a tab.
    pub(super) fn tab_indent(&self, offset: usize) -> Option<usize> {
        let mut at = self.line_around(offset).start;
        for line in self.text.get(at..)?.split('\n').take(MAX_FLOW_LINES) {
            let indent = line.len() - line.trim_start().len();
            if indent < line.len() && line.get(..indent).is_some_and(|i| i.contains('\t')) {
                return Some(at);
            }
            at += line.len() + 1;
        }
        None
    }

    /// The offset to blame for an error: a bracket that opens on an earlier line and never closes, if the line before
    /// leads up to one, or the place of the error.
    pub(super) fn culprit(&self, offset: usize) -> usize {
        let line = self.line_around(offset).start;
        let before = self.text.get(..line).unwrap_or_default();
        let above = before.trim_end().rsplit('\n').next().unwrap_or_default();
        let here = self.text.get(line..).unwrap_or_default();
        let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
        // Text that slid out of the block it belongs to: the line below it is right.
        let is_stray =
            !above.contains(':') && above.trim_start().starts_with(|c: char| c.is_ascii_alphanumeric());
        if is_stray && indent(above) < indent(here) {
            return before.trim_end().len() - 1;
        }
        let mut open = 0_i32;
        let mut end = line;
        for text in before.rsplit('\n').take(MAX_FLOW_LINES) {
            let at = end - text.len();
            end = at.saturating_sub(1);
            open += balance(text);
            if open > 0 {
                let opens = text.trim_end().ends_with(['[', '{', ',']);
                let after = self.text.get(at..).unwrap_or_default();
                let closes = after
                    .lines()
                    .take(2 * MAX_FLOW_LINES)
                    .scan(0, |sum, text| {
                        *sum += balance(text);
                        Some(*sum)
                    })
                    .any(|sum| sum <= 0);
                return if opens && !closes {
                    self.line_around(at + text.trim_end().len().saturating_sub(1)).start
                } else {
                    offset
                };
            }
        }
        offset
    }

    /// Joins lines of a flow collection or quoted text, so that their indentation no longer matters: from a quote at
    /// the offset to the one that closes it; else all lines that hold only closing brackets, or, if that was done,
    /// the line of the offset with the one before it. False if there is nothing to join.
    pub(super) fn join_lines(&mut self, offset: usize) -> bool {
        let mut ends = Vec::new();
        let rest = self.text.get(offset..).unwrap_or_default();
        match rest.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let close = rest.char_indices().skip(1).scan(false, |escaped, (at, c)| {
                    let closes = c == quote && !*escaped;
                    *escaped = quote == '"' && c == '\\' && !*escaped;
                    Some((at, closes))
                });
                if let Some((close, _)) = close.into_iter().find(|(_, closes)| *closes) {
                    let inside = rest.get(..close).unwrap_or_default();
                    ends.extend(inside.match_indices('\n').map(|(at, _)| offset + at));
                }
            }
            _ => {
                let mut at = 0_usize;
                for line in self.text.split_inclusive('\n') {
                    let closers = line.trim();
                    if closers.starts_with([']', '}'])
                        && closers.chars().all(|c| matches!(c, ']' | '}' | ','))
                    {
                        ends.extend(at.checked_sub(1));
                    }
                    at += line.len();
                }
                if ends.is_empty() {
                    ends.extend(self.line_around(offset).start.checked_sub(1));
                }
            }
        }
        for &end in &ends {
            self.join_at(end);
        }
        !ends.is_empty()
    }

    /// Makes a line end blank, and the comment before it, which would swallow the next line.
    fn join_at(&mut self, end: usize) {
        let line = self.line_around(end);
        let text = self.text.get(line.start..end).unwrap_or_default();
        let comment = text
            .find(" #")
            .or_else(|| text.starts_with('#').then_some(0))
            .filter(|_| !text.contains(['"', '\'']));
        let from = line.start + comment.unwrap_or(text.len());
        self.text.replace_range(from..end + 1, &" ".repeat(end + 1 - from));
    }

    /// Makes the line of an offset blank, or the last line before it that is not blank yet; `None` if there is none.
    pub(super) fn blank_line(&mut self, offset: usize) -> Option<Range<usize>> {
        let mut line = self.line_around(offset.max(self.bom));
        if line.start < self.bom {
            line.start = self.bom.min(line.end);
        }
        if self.is_blank(line.clone()) {
            let before = self.text.get(self.bom..line.start)?.trim_end();
            if before.is_empty() {
                // Nothing before it: then the first line behind it.
                let rest = self.text.get(line.end..)?;
                let gap = rest.len() - rest.trim_start().len();
                line = self.line_around(line.end + gap);
            } else {
                line = self.line_around(self.bom + before.len() - 1);
                line.start = line.start.max(self.bom);
            }
        }
        if self.is_blank(line.clone()) {
            return None;
        }
        self.text.replace_range(line.clone(), &" ".repeat(line.len()));
        Some(line)
    }
}

fn mask_constructs(text: &str, bytes: &mut [u8], is_template: bool) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|t| t.find(['{', '<'])) {
        let at = from + found;
        let rest = text.get(at..).unwrap_or_default();
        let known = rest.starts_with("{{")
            || (is_template && (rest.starts_with("{%") || rest.starts_with("<%")))
            || (is_template && rest.starts_with("{# "));
        let Some(len) = template::construct(rest).filter(|_| known) else {
            from = at + 1;
            continue;
        };
        let before = text.get(..at).unwrap_or_default();
        let line = before.rfind('\n').map_or(0, |p| p + 1);
        let indent_only = text.get(line..at).is_some_and(|t| t.trim().is_empty());
        let after = rest.get(len..).unwrap_or_default();
        let line_end = after.find(['\n', '\r']).unwrap_or(after.len());
        let control = is_template && indent_only && {
            let tail = after.get(..line_end).unwrap_or_default();
            tail.trim().is_empty() || tail.trim_start().starts_with('#') || template::is_control_line(tail)
        };
        let body = rest.get(2..len.saturating_sub(2)).unwrap_or_default();
        let opens_lines = is_template
            && after.get(..line_end).is_some_and(|t| t.trim().is_empty())
            && before.trim_end_matches([' ', '\t']).ends_with(':')
            && MULTI_LINE
                .iter()
                .any(|word| body.contains(word) || body.trim().trim_matches('-').trim() == word.trim());
        let (end, fill) = match (control, opens_lines) {
            (true, _) => (at + len + line_end, b' '),
            (false, true) => (at + len, b' '),
            (false, false) => (at + len, FILLER),
        };
        for byte in bytes.get_mut(at..end).unwrap_or_default() {
            if !matches!(byte, b'\n' | b'\r') {
                *byte = fill;
            } else if fill == FILLER {
                // An expression over several lines stays one word.
                *byte = FILLER;
            }
        }
        from = end;
    }
}
