//! Simple commands of shell scripts: quotes, line continuations, comments, variables with plain values, `for` over a
//! plain list. Enough to read what a provisioning script tells other programs; what it cannot work out it marks open.

use std::collections::BTreeMap;
use std::ops::Range;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text, quotes removed and known variables filled in.
    pub text: String,
    /// Where it is written.
    pub range: Range<usize>,
    /// It holds a variable or command substitution whose value is not known.
    pub open: bool,
}

/// A simple command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its words; the program comes first.
    pub words: Vec<Word>,
    /// Where it is written, from the first word to the last.
    pub range: Range<usize>,
    /// It runs only if something else holds (`if`, `case`, `||`).
    pub conditional: bool,
}

/// Commands that one script may unfold to, those of loops' heads included; loops over long lists end here.
const MAX_COMMANDS: usize = 20_000;

/// Loops inside loops inside loops; deeper ones are left unread.
const MAX_LOOPS: usize = 8;

#[derive(Clone, Debug)]
enum Part {
    Text(String),
    /// A variable, its default, and whether it stood outside quotes.
    Variable(String, Option<String>, bool),
    /// Something only a shell can work out.
    Open,
}

#[derive(Clone, Debug)]
struct Raw {
    parts: Vec<Part>,
    range: Range<usize>,
}

impl Raw {
    fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, Default)]
struct RawCommand {
    words: Vec<Raw>,
    /// Follows `||`.
    fallback: bool,
}

/// The commands a script runs, in the order it runs them.
pub fn commands(text: &str) -> Vec<Command> {
    let raw = Lexer { text, at: 0, heredocs: Vec::new() }.run();
    let mut run = Run { variables: BTreeMap::new(), out: Vec::new(), steps: 0 };
    run.run(&raw, 0, 0);
    run.out
}

/// The words of one line, without filling in variables.
pub fn words(line: &str, offset: usize) -> Vec<Word> {
    let mut lexer = Lexer { text: line, at: 0, heredocs: Vec::new() };
    let mut words = Vec::new();
    while lexer.at < line.len() {
        let c = lexer.peek();
        if c.is_whitespace() {
            lexer.at += c.len_utf8();
            continue;
        }
        let raw = lexer.word(true);
        if raw.range.is_empty() {
            break;
        }
        let text: String = raw
            .parts
            .iter()
            .map(|p| match p {
                Part::Text(t) => t.as_str(),
                _ => "",
            })
            .collect();
        let open = raw.parts.iter().any(|p| !matches!(p, Part::Text(_)));
        let written = &line[raw.range.clone()];
        let text = if open { written.to_string() } else { text };
        words.push(Word { text, range: raw.range.start + offset..raw.range.end + offset, open });
    }
    words
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    heredocs: Vec<String>,
}

impl Lexer<'_> {
    fn peek(&self) -> char {
        self.text[self.at..].chars().next().unwrap_or('\0')
    }

    fn run(mut self) -> Vec<RawCommand> {
        let mut out = Vec::new();
        let mut command = RawCommand::default();
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let c = self.peek();
            match c {
                '\n' => {
                    self.at += 1;
                    out.push(std::mem::take(&mut command));
                    self.skip_heredocs();
                }
                _ if c.is_whitespace() => self.at += c.len_utf8(),
                '\\' if rest.starts_with("\\\n") => self.at += 2,
                '\\' if rest.starts_with("\\\r\n") => self.at += 3,
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                ';' | '&' | '|' | '(' | ')' => {
                    let fallback = rest.starts_with("||");
                    // `>&2` and `2>&1` are read as words, so a lone `&` ends the command here.
                    self.at += if rest.len() > 1 && rest.as_bytes()[1] == rest.as_bytes()[0] { 2 } else { 1 };
                    out.push(std::mem::take(&mut command));
                    command.fallback = fallback;
                }
                '<' if rest.starts_with("<<") && !rest.starts_with("<<<") => {
                    self.at += 2;
                    let marker = self.text[self.at..].trim_start_matches(['-', ' ', '\t']);
                    self.at = self.text.len() - marker.len();
                    let word = self.word(false);
                    let name: String = word
                        .parts
                        .iter()
                        .map(|p| if let Part::Text(t) = p { t.as_str() } else { "" })
                        .collect();
                    if !name.is_empty() {
                        self.heredocs.push(name);
                    }
                }
                '<' if placeholder(rest).is_some() => {
                    let length = placeholder(rest).unwrap_or(1);
                    let range = self.at..self.at + length;
                    self.at += length;
                    command.words.push(Raw { parts: vec![Part::Open], range });
                }
                '<' | '>' => {
                    let more = rest.trim_start_matches(['<', '>', '&', '|']);
                    self.at = self.text.len() - more.trim_start_matches([' ', '\t']).len();
                    let target = self.word(false);
                    if target.range.is_empty() {
                        self.at += self.peek().len_utf8().min(self.text.len() - self.at);
                    }
                }
                _ => {
                    let word = self.word(false);
                    if word.range.is_empty() {
                        self.at += c.len_utf8();
                    } else {
                        command.words.push(word);
                    }
                }
            }
        }
        out.push(command);
        out
    }

    fn skip_heredocs(&mut self) {
        for marker in std::mem::take(&mut self.heredocs) {
            while self.at < self.text.len() {
                let rest = &self.text[self.at..];
                let line = rest.lines().next().unwrap_or_default();
                self.at += rest.find('\n').map_or(rest.len(), |n| n + 1);
                if line.trim() == marker {
                    break;
                }
            }
        }
    }

    /// One word from here; `whole` takes shell operators as text.
    fn word(&mut self, whole: bool) -> Raw {
        let start = self.at;
        let mut parts: Vec<Part> = Vec::new();
        fn push(parts: &mut Vec<Part>, c: char) {
            match parts.last_mut() {
                Some(Part::Text(text)) => text.push(c),
                _ => parts.push(Part::Text(c.into())),
            }
        }
        let mut quote: Option<char> = None;
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            let c = self.peek();
            match (quote, c) {
                (None, _) if c.is_whitespace() => break,
                (None, ';' | '|' | '&' | ')' | '<' | '>') if !whole => break,
                (None, '(') if !whole => {
                    // `NAME=(a b c)` is a list; anything else in parentheses is not a word.
                    let is_list = matches!(parts.last(), Some(Part::Text(t)) if t.ends_with('='));
                    let Some(end) = rest.find(')').filter(|_| is_list) else { break };
                    let list: String = rest[1..end].replace(['"', '\'', '\n', '\t'], " ");
                    list.chars().for_each(|c| push(&mut parts, c));
                    self.at += end + 1;
                    break;
                }
                (None, '\\') => {
                    let mut next = rest.chars().skip(1);
                    match next.next() {
                        Some('\n') | Some('\r') | None => break,
                        Some(escaped) => {
                            push(&mut parts, escaped);
                            self.at += 1 + escaped.len_utf8();
                        }
                    }
                }
                (Some('"'), '\\') if rest.len() > 1 => {
                    let escaped = rest.chars().nth(1).unwrap_or('\\');
                    push(&mut parts, escaped);
                    self.at += 1 + escaped.len_utf8();
                }
                (Some(q), _) if q == c => {
                    quote = None;
                    self.at += 1;
                }
                (None, '"' | '\'') => {
                    quote = Some(c);
                    self.at += 1;
                    if parts.is_empty() {
                        parts.push(Part::Text(String::new()));
                    }
                }
                (None | Some('"'), '$') => self.variable(&mut parts, quote.is_none()),
                (None | Some('"'), '`') => {
                    let end = rest[1..].find('`').map_or(rest.len(), |n| n + 2);
                    parts.push(Part::Open);
                    self.at += end;
                }
                _ => {
                    push(&mut parts, c);
                    self.at += c.len_utf8();
                }
            }
        }
        Raw { parts, range: start..self.at }
    }

    fn variable(&mut self, parts: &mut Vec<Part>, bare: bool) {
        let rest = &self.text[self.at + 1..];
        if let Some(inner) = rest.strip_prefix('{') {
            let Some(end) = inner.find('}') else {
                parts.push(Part::Open);
                self.at = self.text.len();
                return;
            };
            let body = &inner[..end];
            let name: String = body.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let tail = &body[name.len()..];
            let default = tail.strip_prefix(":-").or_else(|| tail.strip_prefix('-'));
            let known = tail.is_empty() || default.is_some() || tail == "[@]" || tail == "[*]";
            parts.push(match known && !name.is_empty() {
                true => Part::Variable(name, default.map(Into::into), bare || tail == "[@]"),
                false => Part::Open,
            });
            self.at += end + 3;
        } else if rest.starts_with('(') {
            let mut depth = 0usize;
            let mut length = rest.len();
            for (i, c) in rest.char_indices() {
                match c {
                    '(' => depth += 1,
                    ')' if depth == 1 => {
                        length = i + 1;
                        break;
                    }
                    ')' => depth = depth.saturating_sub(1),
                    _ => {}
                }
            }
            parts.push(Part::Open);
            self.at += 1 + length;
        } else {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            self.at += 1 + name.len();
            if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
                parts.push(Part::Open);
            } else {
                parts.push(Part::Variable(name, None, bare));
            }
        }
    }
}

struct Run {
    variables: BTreeMap<String, Option<String>>,
    out: Vec<Command>,
    steps: usize,
}

impl Run {
    fn run(&mut self, commands: &[RawCommand], loops: usize, outer: usize) {
        let mut at = 0;
        let mut depth = outer;
        while let Some(command) = commands.get(at) {
            at += 1;
            self.steps += 1;
            if self.steps > MAX_COMMANDS {
                return;
            }
            let mut words = command.words.as_slice();
            while let Some(word) = words.first().and_then(Raw::plain) {
                match word {
                    "if" | "while" | "until" | "case" => depth += 1,
                    "fi" | "esac" => depth = depth.saturating_sub(1),
                    "done" => depth = depth.saturating_sub(1),
                    "then" | "do" | "else" | "elif" | "{" | "}" | "!" | "time" => {}
                    _ => break,
                }
                words = &words[1..];
            }
            if words.first().and_then(Raw::plain) == Some("for") {
                let end = at + matching_done(&commands[at..]);
                let body = &commands[at..end];
                if loops < MAX_LOOPS {
                    self.each(words, body, loops, depth);
                }
                at = (end + 1).min(commands.len());
                continue;
            }
            let Some(first) = words.first() else { continue };
            if words.len() == 1 && self.assign(first) {
                continue;
            }
            let expanded: Vec<Word> = words.iter().flat_map(|w| self.expand(w)).collect();
            let (Some(a), Some(b)) = (words.first(), words.last()) else { continue };
            self.out.push(Command {
                words: expanded,
                range: a.range.start..b.range.end,
                conditional: depth > 0 || command.fallback,
            });
        }
    }

    fn each(&mut self, head: &[Raw], body: &[RawCommand], loops: usize, depth: usize) {
        let Some(name) = head.get(1).and_then(Raw::plain).map(str::to_string) else { return };
        let items: Vec<Word> = match head.get(2).and_then(Raw::plain) {
            Some("in") => head[3..].iter().flat_map(|w| self.expand(w)).collect(),
            _ => Vec::new(),
        };
        for item in items {
            self.variables.insert(name.clone(), (!item.open).then_some(item.text));
            self.run(body, loops + 1, depth);
            if self.steps > MAX_COMMANDS {
                return;
            }
        }
    }

    /// Takes `NAME=value`.
    fn assign(&mut self, word: &Raw) -> bool {
        let Some(Part::Text(head)) = word.parts.first() else { return false };
        let Some((name, value)) = head.split_once('=') else { return false };
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty() || !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let tail = Raw {
            parts: [Part::Text(value.into())].into_iter().chain(word.parts[1..].iter().cloned()).collect(),
            range: word.range.clone(),
        };
        let (text, open) = self.fill(&tail);
        self.variables.insert(name.into(), (!open).then_some(text));
        true
    }

    fn fill(&self, word: &Raw) -> (String, bool) {
        let mut text = String::new();
        let mut open = false;
        for part in &word.parts {
            match part {
                Part::Text(t) => text.push_str(t),
                Part::Open => open = true,
                Part::Variable(name, default, _) => match self.variables.get(name) {
                    Some(Some(value)) => text.push_str(value),
                    Some(None) => open = true,
                    None => match default {
                        Some(value) if !value.contains('$') => text.push_str(value),
                        _ => open = true,
                    },
                },
            }
        }
        (text, open)
    }

    fn expand(&self, word: &Raw) -> Vec<Word> {
        let (text, open) = self.fill(word);
        let splits = word.parts.iter().any(|p| matches!(p, Part::Variable(_, _, true)));
        let range = word.range.clone();
        if splits && !open {
            return text
                .split_whitespace()
                .map(|t| Word { text: t.into(), range: range.clone(), open })
                .collect();
        }
        vec![Word { text, range, open }]
    }
}

/// The length of a `<PLACEHOLDER>` that a reader of a documentation is to fill in.
fn placeholder(text: &str) -> Option<usize> {
    let end = text.find('>')?;
    let name = text.get(1..end)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    (name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits)).then_some(end + 1)
}

/// How many commands lie before the `done` that ends a loop.
fn matching_done(commands: &[RawCommand]) -> usize {
    let mut depth = 0usize;
    for (i, command) in commands.iter().enumerate() {
        let plain: Vec<_> = command.words.iter().take(2).map(|w| w.plain().unwrap_or_default()).collect();
        let first =
            plain.iter().find(|w| !matches!(**w, "do" | "then" | "else")).copied().unwrap_or_default();
        match first {
            "for" | "while" | "until" => depth += 1,
            "done" if depth == 0 => return i,
            "done" => depth -= 1,
            _ => {}
        }
    }
    commands.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        commands(text)
            .iter()
            .map(|c| {
                let words: Vec<_> =
                    c.words.iter().map(|w| if w.open { "?".into() } else { w.text.clone() }).collect();
                format!("{}{}", if c.conditional { "if: " } else { "" }, words.join(" "))
            })
            .collect()
    }

    #[test]
    fn scripts_unfold_to_the_commands_they_run() {
        let cases: &[(&str, &[&str])] = &[
            ("ufw allow 22 # ssh\n", &["ufw allow 22"]),
            ("ufw allow \\\n  22; ufw enable", &["ufw allow 22", "ufw enable"]),
            ("N=10.0.0.0/8\nufw allow from \"$N\" to any", &["ufw allow from 10.0.0.0/8 to any"]),
            ("ufw allow from ${N:-10.0.0.1}", &["ufw allow from 10.0.0.1"]),
            ("ufw allow from $N", &["ufw allow from ?"]),
            ("for p in 22 80; do ufw allow $p/tcp; done; x", &["ufw allow 22/tcp", "ufw allow 80/tcp", "x"]),
            ("P=(22 \"80\")\nfor p in \"${P[@]}\"\ndo\n a $p\ndone", &["a 22", "a 80"]),
            ("for a in 1 2; do for b in 3 4; do x $a$b; done; done", &["x 13", "x 14", "x 23", "x 24"]),
            ("if true; then\n ufw enable\nfi\nb", &["if: true", "if: ufw enable", "b"]),
            ("a || b && c", &["a", "if: b", "c"]),
            ("cat > f <<EOF\nufw allow 1\nEOF\nufw allow 2", &["cat", "ufw allow 2"]),
            ("echo 'it;s' \"a b\" 2>/dev/null", &["echo it;s a b 2"]),
            ("ufw allow from <LAN> to any port 1", &["ufw allow from ? to any port 1"]),
            ("x $(cat y | z) `q`", &["x ? ?"]),
        ];
        for (text, expected) in cases {
            assert_eq!(lines(text), *expected, "{text}");
        }
    }

    #[test]
    fn hostile_scripts_end() {
        let loops = "for a in 1 2 3 4 5 6 7 8 9; do ".repeat(40);
        assert!(commands(&format!("{loops} x {}", "; done".repeat(40))).len() <= MAX_COMMANDS);
        for text in [
            "$", "${", "$(", "`", "\"", "'", "\\", "<<", "<<X", ">", "for", "for x in", "a=(", "é\\é", "done",
        ] {
            commands(text);
            words(text, 0);
        }
    }
}
