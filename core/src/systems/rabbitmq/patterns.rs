//! Regular expressions in permissions and policies, as PCRE (RabbitMQ up to 4.2) and PCRE2 read them: whether one is
//! broken for sure, and whether it is a file glob by mistake.

/// Why a text is no regular expression; `None` if nothing is wrong with it for sure. Only what every engine refuses
/// is looked for: something to repeat that is missing, and brackets that do not close.
pub(super) fn fault(pattern: &str) -> Option<&'static str> {
    let bytes = pattern.as_bytes();
    let (mut at, mut open, mut repeatable) = (0, 0usize, false);
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                if at + 1 == bytes.len() {
                    return Some("it ends with a backslash");
                }
                if bytes.get(at + 1) == Some(&b'Q') {
                    // Quoted up to \E: nothing inside means anything.
                    match pattern.get(at..).and_then(|rest| rest.find("\\E")) {
                        Some(end) => at += end,
                        None => return None,
                    }
                }
                at += 1;
                repeatable = true;
            }
            b'[' => {
                // `]` right after `[` or `[^` stands for itself.
                let mut end = at + 1;
                if bytes.get(end) == Some(&b'^') {
                    end += 1;
                }
                if bytes.get(end) == Some(&b']') {
                    end += 1;
                }
                loop {
                    match bytes.get(end) {
                        None => return Some("a `[` is never closed"),
                        Some(b'\\') => end += 2,
                        Some(b'[') if bytes.get(end + 1) == Some(&b':') => {
                            match pattern.get(end..).and_then(|rest| rest.find(":]")) {
                                Some(n) => end += n + 2,
                                None => end += 1,
                            }
                        }
                        Some(b']') => break,
                        Some(_) => end += 1,
                    }
                }
                at = end;
                repeatable = true;
            }
            b'(' => {
                open += 1;
                repeatable = false;
                // `(?` starts a group's options, `(*` a verb: neither repeats anything.
                if matches!(bytes.get(at + 1), Some(b'?' | b'*')) {
                    at += 1;
                }
            }
            b')' => {
                match open.checked_sub(1) {
                    None => return Some("a `)` closes nothing"),
                    Some(left) => open = left,
                }
                repeatable = true;
            }
            b'|' => repeatable = false,
            b'*' | b'+' | b'?' => {
                if !repeatable {
                    return Some("there is nothing to repeat before `*`, `+` or `?`");
                }
                // `*?` and `*+` say how; a third sign repeats nothing.
                if matches!(bytes.get(at + 1), Some(b'?' | b'+')) {
                    at += 1;
                }
                repeatable = false;
            }
            _ => repeatable = true,
        }
        at += 1;
    }
    (open > 0).then_some("a `(` is never closed")
}

/// True for `*`, `*.orders`, `orders.*` meant as file globs: a star that starts a pattern, or that follows a letter.
/// `orders.*` is left alone, it works as meant.
pub(super) fn looks_like_glob(pattern: &str) -> bool {
    pattern.starts_with('*')
        || pattern.bytes().zip(pattern.bytes().skip(1)).any(|(before, star)| {
            star == b'*' && (before.is_ascii_alphanumeric() || matches!(before, b'_' | b'-'))
        })
}

/// True for a pattern that matches every name.
pub(super) fn matches_all(pattern: &str) -> bool {
    matches!(pattern, ".*" | "^.*" | ".*$" | "^.*$" | "^" | "$^|.*" | "(.*)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_patterns_are_told_and_odd_ones_left_alone() {
        for broken in ["*", "*.orders", "a|*", "(", "a)", "[a", "a\\", "+x"] {
            assert!(fault(broken).is_some(), "{broken}");
        }
        let sound = [
            "",
            ".*",
            "^$",
            "^amq\\.",
            "(?i)x",
            "(?!amq\\.).*",
            "[]a]",
            "[^]]",
            "a*?",
            "a{2}",
            "{",
            "\\Q*\\E",
            "^(a|b)+$",
            "[[:alpha:]]+",
            "(*UTF8)x",
            "$",
        ];
        for pattern in sound {
            assert_eq!(fault(pattern), None, "{pattern}");
        }
        assert!(looks_like_glob("*.orders") && looks_like_glob("orders*") && !looks_like_glob("orders.*"));
    }
}
