//! Where secrets stand in a text, whatever kind of file it is.
//!
//! Extractors register the secrets they read; this room is the net below them. It looks at every file, so that a
//! value that no extractor understood is masked all the same.

use crate::source::{FileId, Span};

/// Words in a key that make its value a secret.
const SECRET_WORDS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "pass",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
    "accesskey",
    "private_key",
    "privatekey",
    "secret_key",
    "cookie",
    "credentials",
    "requirepass",
    "masterauth",
    "sasl.jaas.config",
    "auth_token",
    "erlang_cookie",
    "psk",
    "secretkey",
];

/// Words in a key that take it back: a path, a name or a switch about passwords is none.
const HARMLESS_WORDS: &[&str] = &[
    "file",
    "path",
    "policy",
    "encryption",
    "hashing",
    "algorithm",
    "length",
    "min",
    "max",
    "enabled",
    "type",
    "expiry",
    "expire",
    "timeout",
    "ttl",
    "provider",
    "class",
    "location",
    "name",
    "user",
    "prompt",
    "module",
    "validator",
];

/// Finds passwords, tokens and keys in a text: PEM private keys, user information in URIs, and values of keys that
/// are named like secrets. Linear in the text.
pub fn scan(file: FileId, text: &str) -> Vec<Span> {
    let mut found = Vec::new();
    private_keys(file, text, &mut found);
    user_information(file, text, &mut found);
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        named_values(file, line, at, &mut found);
        at += line.len();
    }
    found.sort();
    found
}

fn private_keys(file: FileId, text: &str, found: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("-----BEGIN ") {
        let start = from + at;
        let header_end = text[start + 11..].find("-----").map(|n| start + 11 + n);
        let Some(header_end) = header_end else { return };
        from = header_end + 5;
        if !text[start..header_end].contains("PRIVATE KEY") {
            continue;
        }
        // A key that is cut off is a key all the same: mask to the end of its base64.
        let end = text[from..].find("-----END").map_or_else(|| text.len(), |n| from + n);
        found.push(Span::new(file, from, end));
        from = end;
    }
}

/// `scheme://user:PASSWORD@host`: from the first `:` to the last `@` before the text ends, a quote or white space
/// stands, or another URI begins.
fn user_information(file: FileId, text: &str, found: &mut Vec<Span>) {
    let mut from = 0;
    while let Some(at) = text[from..].find("://") {
        let start = from + at + 3;
        // Up to the next one first: each stretch of the text is looked at by one URI only.
        let rest = &text[start..];
        let rest = &rest[..rest.find("://").unwrap_or(rest.len())];
        let stop = rest
            .find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '|'))
            .unwrap_or(rest.len());
        let body = &rest[..stop];
        if let (Some(colon), Some(end)) = (body.find(':'), body.rfind('@'))
            && colon + 1 < end
            && !is_placeholder(&body[colon + 1..end])
        {
            found.push(Span::new(file, start + colon + 1, start + end));
        }
        from = start;
    }
}

/// `password = X`, `password: X`, `"password": "X"`, `PASSWORD=X`, and the arguments that follow such a word.
fn named_values(file: FileId, line: &str, offset: usize, found: &mut Vec<Span>) {
    let bytes = line.as_bytes();
    let (mut from, mut behind) = (0, 0);
    while let Some(at) = bytes.iter().skip(from).position(|b| matches!(b, b':' | b'=')) {
        let sep = from + at;
        let between = line[behind..sep].trim_end_matches([' ', '\t', '"', '\'', '+', ':', '?', '=']);
        let key_end = behind + between.len();
        (from, behind) = (sep + 1, sep + 1);
        // One of a row of separators: its key was looked at with the first.
        if between.is_empty() {
            continue;
        }
        let key_start = line[..key_end]
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')))
            .map_or(0, |i| i + line[i..].chars().next().map_or(1, char::len_utf8));
        if key_start >= key_end || !is_secret_name(&line[key_start..key_end]) {
            continue;
        }
        let mut start = sep + 1;
        while start < bytes.len() && matches!(bytes[start], b' ' | b'\t' | b'=' | b'>') {
            start += 1;
        }
        let Some(&first) = bytes.get(start) else { continue };
        let end = if matches!(first, b'"' | b'\'' | b'`') {
            start += 1;
            line[start..].find(first as char).map_or_else(|| line.trim_end().len(), |n| start + n)
        } else if first == b'<' && line[start..].starts_with("<<\"") {
            start += 3;
            line[start..].find('"').map_or_else(|| line.trim_end().len(), |n| start + n)
        } else {
            start + bare_value(&line[start..])
        };
        if end > start && !is_placeholder(&line[start..end]) {
            found.push(Span::new(file, offset + start, offset + end));
            from = end.max(from);
        }
    }
}

/// Length of an unquoted value: up to white space, or up to a separator behind which another `key=` stands. A secret
/// may hold any other character, and hiding one too many does no harm.
fn bare_value(rest: &str) -> usize {
    let word = &rest[..rest.find(char::is_whitespace).unwrap_or(rest.len())];
    let separated = word.char_indices().find(|(i, c)| {
        matches!(c, ',' | ';' | '&') && {
            let next = &word[i + 1..];
            let key =
                next.len() - next.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
            key > 0 && next[key..].starts_with('=')
        }
    });
    let word = &word[..separated.map_or(word.len(), |(i, _)| i)];
    if word.starts_with(['$', '{']) { word.len() } else { word.trim_end_matches(['}', ')', ']', ',']).len() }
}

/// False for most keys, quickly: true if a name holds the beginning of one of [`SECRET_WORDS`].
fn may_be_secret(key: &[u8]) -> bool {
    let begins = |at: usize, word: &str| {
        key.get(at..at + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    };
    key.iter().enumerate().any(|(at, first)| match first.to_ascii_lowercase() {
        b'p' => ["pass", "pwd", "psk", "private"].iter().any(|word| begins(at, word)),
        b's' => begins(at, "secret") || begins(at, "sasl"),
        b't' => begins(at, "token"),
        b'a' => begins(at, "api") || begins(at, "access"),
        b'c' => begins(at, "cookie") || begins(at, "credentials"),
        b'm' => begins(at, "masterauth"),
        _ => false,
    })
}

/// Whether a key's value is a secret by its name.
pub fn is_secret_name(key: &str) -> bool {
    if !may_be_secret(key.as_bytes()) {
        return false;
    }
    let lower = key.to_ascii_lowercase();
    let last = lower.rsplit(['.', '/']).next().unwrap_or(&lower);
    let words: Vec<&str> = last.split(['_', '-']).collect();
    let secret = SECRET_WORDS.iter().any(|w| {
        if *w == "pass" || *w == "token" || *w == "psk" || *w == "cookie" {
            words.iter().any(|part| part.ends_with(w))
        } else {
            last.contains(w) || lower.ends_with(w)
        }
    });
    secret && !words.last().is_some_and(|w| HARMLESS_WORDS.contains(w))
}

/// Whether a value stands for one that is filled in elsewhere, and so is no secret itself.
pub fn is_placeholder(value: &str) -> bool {
    let v = value.trim();
    v.is_empty()
        || v.starts_with("${") && v.ends_with('}') && !v.contains(":-")
        || v.starts_with("$(") && v.ends_with(')')
        || v.starts_with("{{") && v.ends_with("}}")
        || v.starts_with('<') && v.ends_with('>')
        || v.starts_with('%') && v.ends_with('%') && v.len() > 2
        || v.starts_with('$') && v.len() > 1 && v[1..].bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        || matches!(v, "null" | "~" | "true" | "false" | "none" | "None" | "nil" | "undefined" | "%s" | "{}")
        || v.bytes().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> Vec<&str> {
        scan(FileId(0), text).into_iter().map(|s| &text[s.range()]).collect()
    }

    #[test]
    fn no_secret_word_is_passed_over() {
        for word in SECRET_WORDS {
            assert!(
                may_be_secret(word.as_bytes()) && may_be_secret(word.to_uppercase().as_bytes()),
                "{word}"
            );
        }
        assert!(!may_be_secret(b"heartbeat"));
    }

    #[test]
    fn hostile_lines_stay_within_bounds() {
        for part in ["=", "amqp://", "password:", "password='", "a=", "-----BEGIN ", "://a:b@"] {
            scan(FileId(0), &part.repeat(1 << 17));
        }
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let table: &[(&str, &[&str])] = &[
            ("url = amqp://app:s3cr@t@mq:5672/v", &["s3cr@t"]),
            ("default_pass = hunter2", &["hunter2"]),
            ("  \"password\": \"hunter2\", \"x\": 1", &["hunter2"]),
            ("password: 'a b'", &["a b"]),
            ("RABBITMQ_ERLANG_COOKIE=abc", &["abc"]),
            ("{default_pass, <<\"hunter2\">>}", &[]),
            ("requirepass: x1y2", &["x1y2"]),
            ("-----BEGIN RSA PRIVATE KEY-----\nMII\nAB\n-----END RSA PRIVATE KEY-----", &["\nMII\nAB\n"]),
            ("-----BEGIN PRIVATE KEY-----\nMII", &["\nMII"]),
            ("password = ${PW}", &[]),
            ("password_file = /run/secrets/pw", &[]),
            ("password_hashing_module = rabbit_password_hashing_md5", &[]),
            ("url: amqp://app:${PW}@mq", &[]),
            ("a://u:p1@h b://u:p2@h", &["p1", "p2"]),
            ("north: compass", &[]),
            ("host=h;password=a;b=c;user=u", &["a"]),
            ("PASSWORD=ab,cd", &["ab,cd"]),
            ("{password: x1}", &["x1"]),
        ];
        for (text, expected) in table {
            assert_eq!(masked(text), *expected, "{text}");
        }
    }
}
