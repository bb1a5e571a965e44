//! Holes that a template leaves in a text: `${X}`, `{{ x }}`, `%s`, `<password>` and their kin.
//!
//! What will stand there is unknown, so nothing inside a hole is judged as part of a URI.

/// A longer hole is not one; the bound keeps the reading of hostile text linear.
const MAX_LENGTH: usize = 256;

/// Stands for every byte of a hole in a [`mask`]ed text.
pub(super) const HOLE: u8 = 0;

/// The bytes of a text with those of holes replaced by [`HOLE`], so that delimiters inside them do not count.
pub(super) fn mask(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut shape: Vec<u8> = bytes.iter().map(|b| if *b == HOLE { 1 } else { *b }).collect();
    let mut at = 0;
    while at < bytes.len() {
        let length = length_at(text, at).unwrap_or_default();
        shape[at..at + length].fill(HOLE);
        at += length.max(1);
    }
    shape
}

/// Length of the hole that begins at a byte.
pub fn length_at(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let rest = bytes.get(at..)?;
    let rest = &rest[..rest.len().min(MAX_LENGTH)];
    let length = match rest {
        [b'$', b'$', b'{', ..] => 2 + balanced(&rest[2..], b'{', b'}')?,
        [b'$' | b'#' | b'%', b'{', ..] => 1 + balanced(&rest[1..], b'{', b'}')?,
        [b'$', b'(', ..] => 1 + balanced(&rest[1..], b'(', b')')?,
        [b'$', ..] => alone(bytes, at, 1 + name(&rest[1..])?)?,
        [b'{', ..] => balanced(rest, b'{', b'}')?,
        [b'<', b'%', ..] => up_to(rest, b"%>")?,
        [b'<', ..] => label(rest)?,
        [b'%', b'(', ..] => {
            1 + balanced(&rest[1..], b'(', b')')
                .filter(|n| rest.get(n + 1).is_some_and(u8::is_ascii_lowercase))?
                + 1
        }
        [b'%', ..] => variable(rest)
            .or_else(|| rest.get(1).filter(|b| b"sdvqr".contains(b)).and_then(|_| alone(bytes, at, 2)))?,
        [b'*', b'*', b'*', ..] | [b'.', b'.', b'.', ..] => {
            alone(bytes, at, rest.iter().take_while(|b| **b == rest[0]).count())?
        }
        [0xe2, 0x80, 0xa6, ..] => alone(bytes, at, 3)?,
        _ => return None,
    };
    Some(length)
}

/// Length up to the bracket that closes the first one; a hole never spans lines.
fn balanced(rest: &[u8], open: u8, close: u8) -> Option<usize> {
    let mut depth = 0usize;
    for (i, b) in rest.iter().enumerate() {
        match *b {
            b'\n' => return None,
            b if b == open => depth += 1,
            b if b == close => {
                depth -= 1;
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Length up to and with an end mark on the same line.
fn up_to(rest: &[u8], end: &[u8]) -> Option<usize> {
    let line = rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    rest[..line].windows(end.len()).position(|w| w == end).map(|i| i + end.len())
}

/// Length of a variable's name.
fn name(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    (length > 0 && !rest[0].is_ascii_digit()).then_some(length)
}

/// `<password>`: a word or a few between angle brackets.
fn label(rest: &[u8]) -> Option<usize> {
    let inner = rest[1..]
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(**b, b'_' | b'-' | b' ' | b'.' | b':'))
        .count();
    (inner > 0 && rest[1].is_ascii_alphabetic() && rest.get(inner + 1) == Some(&b'>')).then_some(inner + 2)
}

/// `%NAME%` of Windows; `%C3%A9` is two bytes, not a variable.
fn variable(rest: &[u8]) -> Option<usize> {
    let length = name(&rest[1..])?;
    let inner = &rest[1..=length];
    let hex = |b: Option<&u8>| b.is_some_and(u8::is_ascii_hexdigit);
    let triplet = |at: usize| hex(rest.get(at)) && hex(rest.get(at + 1));
    let upper = !inner.iter().any(u8::is_ascii_lowercase);
    (length >= 3 && rest.get(length + 1) == Some(&b'%') && !triplet(length + 2) && (upper || !triplet(1)))
        .then_some(length + 2)
}

/// The length, if a stretch fills a component of a URI: a `$` or `%` inside a password is a character of it.
fn alone(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    const BOUNDS: &[u8] = b":/@?=&,;.-\"'` ";
    let before = at == 0 || BOUNDS.contains(&bytes[at - 1]);
    let after = bytes.get(at + length).is_none_or(|b| BOUNDS.contains(b) || b.is_ascii_whitespace());
    (before && after).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_told_from_characters() {
        let holes = [
            "${X}",
            "${X:-a/b}",
            "${A:-${B}}",
            "$${X}",
            "$(X)",
            "{{ x.y | z }}",
            "{}",
            "{0}",
            "{var!r}",
            "#{pw}",
            "%{pw}",
            "<password>",
            "<%= pw %>",
            "%(pw)s",
            "%s",
            "%PASS%",
            "%DB_PASS%",
            "$PASS",
            "***",
            "...",
            "…",
        ];
        for hole in holes {
            let text = format!("amqp://u:{hole}@h/v");
            assert_eq!(length_at(&text, 9), Some(hole.len()), "{hole}");
        }
        for (text, at) in [
            ("p%ss@", 1),
            ("50%off@", 2),
            ("%C3%A9", 0),
            ("a$b@", 1),
            ("%41", 0),
            ("<3>", 0),
            ("${a\n}", 0),
            ("..", 0),
        ] {
            assert_eq!(length_at(text, at), None, "{text}");
        }
    }
}
