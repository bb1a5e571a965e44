//! Escapes that several syntaxes share.

/// Reads `\uXXXX`, or two of them that make one character outside the basic plane; gives the character and the length
/// of the escape.
pub(super) fn utf16(text: &str) -> Option<(char, usize)> {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        hex(digits)
    };
    let first = unit(0)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let pair = [first as u16, unit(6)? as u16];
    let c = char::decode_utf16(pair).next()?.ok()?;
    Some((c, 12))
}

/// A number of hexadecimal digits and nothing else.
pub(super) fn hex(digits: &str) -> Option<u32> {
    let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    all.then(|| u32::from_str_radix(digits, 16).ok()).flatten()
}
