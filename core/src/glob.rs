//! File name patterns: `*` within a path part, `**` across parts, `?` for one character.

/// Whether `text` fits `pattern` as a whole. Linear in practice and never worse than the product of the lengths.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    // For each prefix of the text, whether the pattern read so far fits it.
    let mut fits = vec![false; t.len() + 1];
    fits[0] = true;
    let mut i = 0;
    while i < p.len() {
        if p[i] == b'*' {
            let deep = p.get(i + 1) == Some(&b'*');
            i += if deep { 2 } else { 1 };
            let mut before = fits.clone();
            // `**/` also stands for nothing at all.
            if deep && p.get(i) == Some(&b'/') {
                let without = fits.clone();
                i += 1;
                for at in 0..t.len() {
                    before[at + 1] |= before[at];
                }
                for at in (0..t.len()).rev() {
                    before[at + 1] = before[at] && t[at] == b'/';
                }
                for at in 0..=t.len() {
                    fits[at] = without[at] || at > 0 && before[at];
                }
                continue;
            }
            for at in 0..t.len() {
                before[at + 1] |= before[at] && (deep || t[at] != b'/');
            }
            fits = before;
        } else {
            for at in (0..t.len()).rev() {
                fits[at + 1] = fits[at] && (p[i] == t[at] || p[i] == b'?' && t[at] != b'/');
            }
            fits[0] = false;
            i += 1;
        }
    }
    fits[t.len()]
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_stay_inside_a_part_and_double_stars_do_not() {
        let yes =
            [("*.conf", "a.conf"), ("**/*.conf", "a.conf"), ("**/*.conf", "x/y/a.conf"), ("a/**", "a/b/c")];
        for (pattern, text) in
            yes.into_iter().chain([("a?c", "abc"), ("amqp/*", "amqp/heartbeat"), ("**", "")])
        {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("*.conf", "x/a.conf"), ("**/b", "xb"), ("a", "ab"), ("a*c", "a/c"), ("", "a")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
