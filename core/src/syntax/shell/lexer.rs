//! Splits a script into commands.

use super::{Command, HereDocument, MAX_COMMANDS, Word};
use crate::source::View;
use crate::syntax::assembly::Assembly;

/// Words before which a command may stand: they are passed over.
#[rustfmt::skip]
const CONTROL: &[&str] = &["if", "then", "else", "elif", "fi", "do", "done", "while", "until", "!", "time", "esac", "sudo"];

pub(super) fn commands<'v>(view: &'v View<'_>) -> Vec<Command<'v>> {
    let mut lexer = Lexer {
        view,
        text: view.text.as_ref(),
        at: 0,
        command: Command::default(),
        commands: Vec::new(),
        groups: Vec::new(),
        closed: None,
        pending: Vec::new(),
        unclosed: [false; 3],
    };
    while lexer.at < lexer.text.len() && lexer.commands.len() < MAX_COMMANDS {
        lexer.step();
    }
    lexer.end_command(false);
    lexer.commands
}

struct Mark {
    tag: String,
    quoted: bool,
    tabs: bool,
}

struct Lexer<'v, 't> {
    view: &'v View<'t>,
    text: &'v str,
    at: usize,
    command: Command<'v>,
    commands: Vec<Command<'v>>,
    /// Where each open `{` or `(` began, as an index of a command.
    groups: Vec<usize>,
    /// The group that has just been closed: redirections behind it are those of its commands.
    closed: Option<usize>,
    pending: Vec<Mark>,
    /// For `'`, `"` and the backtick: none closes up to the end of the text.
    unclosed: [bool; 3],
}

impl<'v> Lexer<'v, '_> {
    fn rest(&self) -> &'v str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn step(&mut self) {
        let rest = self.rest();
        let Some(c) = rest.chars().next() else { return };
        if rest.starts_with("\\\n") {
            self.at += 2;
        } else if rest.starts_with("\\\r\n") {
            self.at += 3;
        } else if c == '\n' {
            self.at += 1;
            self.here_documents();
            self.end_command(false);
            self.closed = None;
        } else if c.is_whitespace() {
            self.at += c.len_utf8();
        } else if c == '#' {
            self.at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("<<<") {
            self.at += 3;
            self.skip_blanks();
            self.word();
        } else if rest.starts_with("<<") && !rest.starts_with("<<=") {
            self.mark();
        } else if matches!(c, '>' | '<') || rest.starts_with("&>") {
            self.redirection(false);
        } else if matches!(c, ';' | '&' | '|') {
            let double = rest.get(1..).is_some_and(|r| r.starts_with(c));
            self.at += 1 + usize::from(double);
            self.end_command(c == '|' && !double);
            self.closed = None;
        } else if c == '(' {
            self.at += 1;
            self.end_command(false);
            self.groups.push(self.commands.len());
        } else if c == ')' {
            self.at += 1;
            self.close();
        } else {
            self.plain_word();
        }
    }

    fn plain_word(&mut self) {
        let word = self.word();
        if self.command.words.is_empty() && !word.quoted {
            match word.text.as_str() {
                "{" => {
                    self.end_command(false);
                    self.groups.push(self.commands.len());
                    return;
                }
                "}" => return self.close(),
                text if CONTROL.contains(&text) => return,
                _ => {}
            }
        }
        let number = !word.quoted && !word.text.is_empty() && word.text.bytes().all(|b| b.is_ascii_digit());
        if number && self.rest().starts_with(['>', '<']) {
            // `2>`: only what goes to standard output is of interest.
            self.redirection(word.text != "1");
        } else if word.range.end > word.range.start {
            self.command.words.push(word);
        }
    }

    fn close(&mut self) {
        self.end_command(false);
        self.closed = self.groups.pop();
    }

    fn end_command(&mut self, piped: bool) {
        let mut command = std::mem::take(&mut self.command);
        if let Some(first) = self.closed.filter(|_| command.words.is_empty() && !command.outputs.is_empty()) {
            for inner in self.commands.iter_mut().skip(first).filter(|c| c.outputs.is_empty()) {
                inner.outputs.clone_from(&command.outputs);
            }
            return;
        }
        if piped
            && command.words.is_empty()
            && let Some(last) = self.commands.last_mut()
        {
            last.piped = true;
        }
        if !command.words.is_empty() || !command.here.is_empty() {
            command.piped = piped;
            self.commands.push(command);
        }
    }

    fn redirection(&mut self, ignored: bool) {
        let rest = self.rest();
        let signs = rest.len() - rest.trim_start_matches(['>', '<', '&', '|']).len();
        let output = rest[..signs].contains('>') && !rest[..signs].contains('<');
        let duplicate = rest[..signs].ends_with('&');
        self.at += signs;
        self.skip_blanks();
        if self.rest().starts_with('(') {
            // Process substitution.
            return;
        }
        let word = self.word();
        if output && !duplicate && !ignored && !word.text.is_empty() {
            self.command.outputs.push(word);
        }
    }

    fn mark(&mut self) {
        self.at += 2;
        let tabs = self.rest().starts_with('-');
        self.at += usize::from(tabs);
        self.skip_blanks();
        let word = self.word();
        if !word.text.is_empty() {
            self.pending.push(Mark { tag: word.text, quoted: word.quoted, tabs });
        }
    }

    fn skip_blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }

    /// The bodies of the here-documents whose marks stand on the line before. The command that reads them has ended
    /// already if a pipe or a `;` stands behind the mark.
    fn here_documents(&mut self) {
        for mark in std::mem::take(&mut self.pending) {
            let start = self.at;
            let mut end = self.text.len();
            let mut next = end;
            let mut line_start = start;
            while line_start < self.text.len() {
                let stop = self.text[line_start..].find('\n').map_or(self.text.len(), |n| line_start + n);
                let line = self.text[line_start..stop].trim_end_matches('\r');
                let line = if mark.tabs { line.trim_start_matches('\t') } else { line };
                let after = (stop + 1).min(self.text.len());
                if line == mark.tag {
                    (end, next) = (line_start, after);
                    break;
                }
                line_start = after.max(line_start + 1);
            }
            self.at = next;
            let body = self.body(start, end, &mark);
            let reader = if self.command.words.is_empty() && self.command.here.is_empty() {
                // In a pipe it is the first command that reads the text.
                let back = self.commands.iter().rev().take_while(|c| c.piped).count();
                let index = self.commands.len().saturating_sub(back.max(1));
                self.commands.get_mut(index)
            } else {
                let back = self.commands.iter().rev().take_while(|c| c.piped).count();
                let index = self.commands.len() - back;
                self.commands.get_mut(index)
            };
            let document = HereDocument { body };
            match reader {
                Some(command) => command.here.push(document),
                None => self.command.here.push(document),
            }
        }
    }

    fn body(&self, start: usize, end: usize, mark: &Mark) -> View<'v> {
        let raw = &self.text[start..end];
        let escapes = !mark.quoted && raw.contains('\\');
        let stripped = mark.tabs && raw.contains('\t');
        if !escapes && !stripped {
            return self.view.sub(start..end);
        }
        let mut out = Assembly::default();
        let mut at = start;
        for line in raw.split_inclusive('\n') {
            let indent = if mark.tabs { line.len() - line.trim_start_matches('\t').len() } else { 0 };
            let (mut from, stop) = (at + indent, at + line.len());
            while let Some(escape) = self.text[from..stop].find('\\').filter(|_| escapes) {
                out.push_str(&self.text[from..from + escape], from);
                let sign = from + escape;
                match self.text[sign + 1..stop].chars().next() {
                    Some(c @ ('$' | '`' | '\\')) => {
                        out.push_escape(c, sign, 2);
                        from = sign + 2;
                    }
                    Some('\n') => from = sign + 2,
                    _ => {
                        out.push_str("\\", sign);
                        from = sign + 1;
                    }
                }
            }
            out.push_str(&self.text[from..stop], from);
            at = stop;
        }
        out.finish(self.view, start)
    }

    fn word(&mut self) -> Word {
        let start = self.at;
        let mut out = Assembly::default();
        let mut quoted = false;
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else { break };
            match c {
                '\\' => {
                    let Some(next) = rest[1..].chars().next() else {
                        self.at += 1;
                        break;
                    };
                    if next != '\n' {
                        quoted = true;
                        out.push_escape(next, self.at, 1 + next.len_utf8());
                    }
                    self.at += 1 + next.len_utf8();
                }
                '\'' | '"' if self.quotes(c, false, &mut out) => quoted = true,
                '$' if rest.starts_with("$'") && {
                    self.at += 1;
                    self.quotes('\'', true, &mut out)
                } =>
                {
                    quoted = true;
                }
                '$' | '`' => {
                    let length = self.expansion();
                    out.push_str(&self.text[self.at..self.at + length], self.at);
                    self.at += length;
                }
                c if c.is_whitespace() || matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')') => break,
                c => {
                    out.push_str(&rest[..c.len_utf8()], self.at);
                    self.at += c.len_utf8();
                }
            }
        }
        if self.at == start {
            // A sign that begins no word must not stop the reader.
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        }
        let (text, pieces) = out.into_parts();
        Word { text, range: start..self.at, quoted, pieces }
    }

    /// Takes a quoted part; false if the quote does not close, and then nothing was taken.
    fn quotes(&mut self, quote: char, ansi: bool, out: &mut Assembly) -> bool {
        let flag = usize::from(quote == '"');
        if self.unclosed[flag] {
            return false;
        }
        let escapes = quote == '"' || ansi;
        let open = self.at;
        let Some(close) = find_close(self.text, open + 1, quote, escapes) else {
            self.unclosed[flag] = true;
            return false;
        };
        let mut at = open + 1;
        while let Some(sign) = self.text[at..close].find('\\').filter(|_| escapes) {
            out.push_str(&self.text[at..at + sign], at);
            at += sign;
            let Some(next) = self.text[at + 1..close].chars().next() else { break };
            let meaning = match next {
                '"' | '\\' | '$' | '`' | '\'' if !ansi && next != '\'' => Some(next),
                'n' if ansi => Some('\n'),
                't' if ansi => Some('\t'),
                '\\' | '\'' | '"' if ansi => Some(next),
                _ => None,
            };
            let length = 1 + next.len_utf8();
            match meaning {
                Some(c) => out.push_escape(c, at, length),
                None if next == '\n' => {}
                None => out.push_str(&self.text[at..at + length], at),
            }
            at += length;
        }
        out.push_str(&self.text[at..close], at);
        self.at = close + 1;
        true
    }

    /// Length of an expansion, taken as it stands.
    fn expansion(&mut self) -> usize {
        let rest = self.rest();
        if let Some(after) = rest.strip_prefix('`') {
            if self.unclosed[2] {
                return 1;
            }
            let length = after.find('`').map(|n| n + 2);
            self.unclosed[2] = length.is_none();
            return length.unwrap_or(1);
        }
        let (open, close) = match rest.as_bytes().get(1) {
            Some(b'{') => (b'{', b'}'),
            Some(b'(') => (b'(', b')'),
            _ => return 1,
        };
        /// An expansion is searched no further than this, so that one without end costs little.
        const LONGEST: usize = 1024;
        let mut depth = 0usize;
        for (i, &b) in rest.as_bytes().iter().enumerate().take(LONGEST) {
            if b == open {
                depth += 1;
            } else if b == close {
                depth -= 1;
                if depth == 0 {
                    return i + 1;
                }
            }
        }
        1
    }
}

/// Where a quote closes that opened before `from`.
fn find_close(text: &str, from: usize, quote: char, escapes: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let found = text.get(at..)?.find(|c| c == quote || (escapes && c == '\\'))?;
        at += found;
        if bytes.get(at) == Some(&b'\\') && quote != '\\' {
            at += 1 + text.get(at + 1..)?.chars().next()?.len_utf8();
            continue;
        }
        return Some(at);
    }
}
