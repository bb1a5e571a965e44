//! A text without the addresses, user names and secrets in it, to be shown to strangers.
//!
//! The same address becomes the same word wherever it stands, so that what belongs together can still be seen:
//! `10.0.3.7` is `address-1` in each line of a log.

use std::collections::BTreeMap;

use crate::hosts;
use crate::render::mask::HIDDEN;
use crate::secrets;
use crate::source::{FileId, Source, Sources, Span};

/// Replaces each IP address by `address-N` and each user name by `user-N`, numbered in the order in which they come,
/// and each password, token and key by `***`; loopback and unspecified addresses, which tell nothing, stay.
pub fn redact(text: &str) -> String {
    let mut names = Names::default();
    users(text, &mut names);
    names.replace(text, secrets::scan(FileId(0), text))
}

/// Like [`redact`], for all texts of a run with one numbering; `secrets` are the places that the run found (see
/// [`crate::Outcomes::secrets`]).
pub fn redact_sources(sources: &Sources, secrets: &[Span]) -> Vec<String> {
    let mut names = Names::default();
    for (_, source) in sources.iter() {
        users(&source.text, &mut names);
    }
    sources.iter().map(|(file, source)| names.replace(&source.text, hidden(file, source, secrets))).collect()
}

/// All texts of a run with each password, token and key replaced by `***`, and everything else as it is: for a copy
/// that its owner keeps and judges again.
pub fn without_secrets(sources: &Sources, secrets: &[Span]) -> Vec<String> {
    let clean = |(file, source): (FileId, &Source)| {
        let mut out = String::with_capacity(source.text.len());
        let mut at = 0;
        for secret in hidden(file, source, secrets) {
            let range = secret.range();
            if range.end <= at {
                continue;
            }
            out.push_str(source.text.get(at..range.start).unwrap_or_default());
            // What overlaps is one secret.
            if range.start >= at {
                out.push_str("***");
            }
            at = range.end;
        }
        out.push_str(source.text.get(at..).unwrap_or_default());
        out
    };
    sources.iter().map(clean).collect()
}

/// The places in a file that nobody else may see, in their order.
fn hidden(file: FileId, source: &Source, secrets: &[Span]) -> Vec<Span> {
    let mut hidden = secrets::scan(file, &source.text);
    hidden.extend(secrets.iter().filter(|s| s.file == file && s.start < s.end).copied());
    for secret in &mut hidden {
        // Without its quotes the rest of a file of JSON or of Erlang terms could not be read.
        let text = source.text.get(secret.range()).unwrap_or_default();
        for (open, close) in [("<<\"", "\">>"), ("\"", "\""), ("'", "'")] {
            let bare = text.strip_prefix(open).and_then(|t| t.strip_suffix(close));
            if bare.is_some_and(|b| !b.is_empty()) {
                secret.start += open.len() as u32;
                secret.end -= close.len() as u32;
                break;
            }
        }
    }
    hidden.sort_unstable();
    hidden
}

/// What stands before a user's name in logs and settings, and what ends the name.
const USERS: &[(&str, &str)] = &[
    ("user '", "'"),
    ("user: '", "'"),
    ("user \"", "\""),
    ("user=\"", "\""),
    ("user: \"", "\""),
    ("\"user\": \"", "\""),
    ("\"user\":\"", "\""),
    ("\"username\": \"", "\""),
    ("\"username\":\"", "\""),
    ("role \"", "\""),
    ("user=", " \t\r\n,;&)\"'"),
    ("username=", " \t\r\n,;&)\"'"),
];

/// A user's name is at most this long (RabbitMQ's limit).
const LONGEST_NAME: usize = 255;

/// So many different names are told apart; the rest share the last number.
const MOST_NAMES: usize = 1_000;

#[derive(Default)]
struct Names<'t> {
    users: BTreeMap<&'t str, usize>,
    addresses: BTreeMap<String, usize>,
}

/// Notes the users of a text: behind the words of [`USERS`], and before the `@` of URIs.
fn users<'t>(text: &'t str, names: &mut Names<'t>) {
    let mut found: Vec<(usize, &'t str)> = Vec::new();
    for (before, ends) in USERS {
        for (at, _) in text.match_indices(before) {
            let start = at + before.len();
            let rest = text.get(start..).unwrap_or_default();
            let end = rest.find(|c| ends.contains(c)).unwrap_or(rest.len());
            found.extend(rest.get(..end).map(|name| (start, name)));
        }
    }
    for (at, _) in text.match_indices("://") {
        let start = at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '<' | '>' | '?'));
        let authority = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if let Some((user, _)) = authority.rsplit_once('@') {
            found.push((start, user.split(':').next().unwrap_or_default()));
        }
    }
    found.sort_unstable();
    for (_, name) in found {
        let plain =
            !name.is_empty() && name.len() <= LONGEST_NAME && !name.contains(['\n', '\r', '{', '$', '*']);
        if plain && !names.users.contains_key(name) {
            let number = (names.users.len() + 1).min(MOST_NAMES);
            names.users.insert(name, number);
        }
    }
}

impl Names<'_> {
    /// `hidden` is sorted.
    fn replace(&mut self, text: &str, hidden: Vec<Span>) -> String {
        let mut out = String::with_capacity(text.len());
        let mut secrets = hidden.into_iter().map(Span::range).peekable();
        let mut at = 0;
        while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
            while secrets.peek().is_some_and(|s| s.end <= at) {
                secrets.next();
            }
            let until = secrets.peek().map_or(text.len(), |s| s.start);
            if until <= at {
                out.push_str(HIDDEN);
                at = secrets.next().map_or(text.len(), |s| s.end);
                continue;
            }
            // A word is all that an address or a name may be made of.
            let length = rest.find(|c: char| !in_word(c)).unwrap_or(rest.len()).min(until - at);
            if length == 0 {
                let c = rest.chars().next().unwrap_or_default();
                out.push(c);
                at += c.len_utf8();
                continue;
            }
            self.word(rest.get(..length).unwrap_or_default(), &mut out);
            at += length;
        }
        out
    }

    fn word(&mut self, word: &str, out: &mut String) {
        // Behind a password that was hidden.
        if let Some(rest) = word.strip_prefix('@') {
            out.push('@');
            return self.word(rest, out);
        }
        let bare = word.trim_end_matches(['.', ':', '-']);
        let tail = word.get(bare.len()..).unwrap_or_default();
        // `10.0.3.7:5672`, `10.0.3.7`, `2001:db8::7`.
        let (host, port) = match bare.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') && port.bytes().all(|b| b.is_ascii_digit()) => {
                (host, Some(port))
            }
            _ => (bare, None),
        };
        if let Some(number) = self.users.get(bare) {
            out.push_str(&format!("user-{number}"));
        } else if let Some((number, rest)) =
            bare.split_once('@').and_then(|(u, rest)| Some((self.users.get(u)?, rest)))
        {
            out.push_str(&format!("user-{number}@"));
            self.word(rest, out);
        } else if let Some((number, rest)) =
            bare.split_once(':').and_then(|(u, rest)| Some((self.users.get(u)?, rest)))
        {
            out.push_str(&format!("user-{number}:{rest}"));
        } else if hosts::is_ip(host) && tells(host) {
            let next = self.addresses.len() + 1;
            let number = match self.addresses.get(host) {
                Some(number) => *number,
                None if next > MOST_NAMES => MOST_NAMES,
                None => *self.addresses.entry(host.to_owned()).or_insert(next),
            };
            out.push_str(&format!("address-{number}"));
            out.extend(port.map(|p| format!(":{p}")));
        } else {
            out.push_str(bare);
        }
        out.push_str(tail);
    }
}

/// True for an address that says where something is.
fn tells(host: &str) -> bool {
    !hosts::is_loopback(host) && !matches!(host, "0.0.0.0" | "::" | "255.255.255.255")
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | ':' | '-' | '_' | '@' | '%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_users_become_the_same_words_everywhere() {
        let cases = [
            (
                "(10.0.3.7:40198 -> 10.0.0.1:5672), 10.0.3.7.",
                "(address-1:40198 -> address-2:5672), address-1.",
            ),
            (
                "PLAIN login refused: user 'orders' - invalid; orders again",
                "PLAIN login refused: user 'user-1' - invalid; user-1 again",
            ),
            ("amqp://orders:s3cr3t@10.0.0.1:5672/shop", "amqp://user-1:***@address-1:5672/shop"),
            ("amqp://orders@mq/shop", "amqp://user-1@mq/shop"),
            (
                "vhost: 'shop', user: 'mail', from [2001:db8::7]:5672",
                "vhost: 'shop', user: 'user-1', from [address-1]:5672",
            ),
            ("listens on 127.0.0.1:5672, 0.0.0.0 and ::1", "listens on 127.0.0.1:5672, 0.0.0.0 and ::1"),
            ("RabbitMQ 4.1.2 at 12:00:00.123456 <0.712.0>", "RabbitMQ 4.1.2 at 12:00:00.123456 <0.712.0>"),
            (
                "FATAL:  no pg_hba.conf entry for host \"10.0.3.7\", user \"größe\"",
                "FATAL:  no pg_hba.conf entry for host \"address-1\", user \"user-1\"",
            ),
            ("SRC=10.0.3.7 DST=10.0.0.1", "SRC=address-1 DST=address-2"),
            ("", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(redact(text), expected);
            assert_eq!(redact(&redact(text)), redact(text), "twice is once");
        }
    }

    #[test]
    fn secrets_alone_are_taken_out() {
        let mut sources = Sources::new();
        let file = sources
            .add(Source::new("a", "url = amqp://u:s3cr3t@10.0.0.1/v\nmore = hidden, \"ü\" <<\"p\">>\n"));
        let at = |part: &str| {
            let start = sources.get(file).text.find(part).unwrap();
            Span::new(file, start, start + part.len())
        };
        let secrets = [at("hidden"), at("dden"), at("s3cr3t"), at("\"ü\""), at("<<\"p\">>")];
        let expected = "url = amqp://u:***@10.0.0.1/v\nmore = ***, \"***\" <<\"***\">>\n";
        assert_eq!(without_secrets(&sources, &secrets), [expected]);
    }

    #[test]
    fn several_texts_share_their_numbers() {
        let mut sources = Sources::new();
        sources.add(Source::new("a", "user 'a' 10.0.0.1"));
        let text = "user 'b' 10.0.0.2, a 10.0.0.1 hidden";
        let second = sources.add(Source::new("b", text));
        let shown = redact_sources(&sources, &[Span::new(second, text.len() - 6, text.len())]);
        assert_eq!(shown, ["user 'user-1' address-1", "user 'user-2' address-2, user-1 address-1 ***"]);
    }
}
