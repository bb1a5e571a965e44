//! Expressions of triggers: the functions of items in them, and the numbers that these are compared with
//! (manual/config/triggers/expression of Zabbix 5.4 and later).

use std::ops::Range;

/// A function of an item.
#[derive(Debug, PartialEq)]
pub(super) struct Function {
    pub(super) name: String,
    /// The template or host, and the key of the item.
    pub(super) host: String,
    pub(super) key: String,
    pub(super) key_at: Range<usize>,
    /// What follows the item: `5m`, `#3`, `1h:now-1d`.
    pub(super) period: Option<(String, Range<usize>)>,
    /// The whole call.
    pub(super) at: Range<usize>,
    /// What the value itself is compared with, on its right.
    pub(super) comparison: Option<(&'static str, String, Range<usize>)>,
}

/// More functions of one expression are not read; real ones have fewer than twenty.
const MAX_FUNCTIONS: usize = 100;

/// The functions of items in an expression.
pub(super) fn functions(text: &str) -> Vec<Function> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(open) = text.get(from..).and_then(|t| t.find("(/")).map(|at| from + at) {
        from = open + 2;
        if found.len() >= MAX_FUNCTIONS {
            break;
        }
        if let Some(function) = function(text, open) {
            from = function.at.end;
            found.push(function);
        }
    }
    found
}

fn function(text: &str, open: usize) -> Option<Function> {
    let before = text.get(..open)?;
    let start = before.rfind(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).map_or(0, |at| at + 1);
    let name = before.get(start..).filter(|n| !n.is_empty())?.to_ascii_lowercase();
    let host_end = open + 2 + text.get(open + 2..)?.find('/')?;
    let key_start = host_end + 1;
    let key_end = argument(text, key_start)?;
    let mut end = key_end;
    let mut period = None;
    while text.get(end..)?.starts_with(',') {
        let next = argument(text, end + 1)?;
        if period.is_none() {
            let written = text.get(end + 1..next)?;
            let blank = written.len() - written.trim_start().len();
            let at = end + 1 + blank;
            period = Some((written.trim().to_owned(), at..at + written.trim().len()));
        }
        end = next;
    }
    text.get(end..)?.starts_with(')').then_some(())?;
    let at = start..end + 1;
    Some(Function {
        name,
        host: text.get(open + 2..host_end)?.to_owned(),
        key: text.get(key_start..key_end)?.trim().to_owned(),
        key_at: key_start..key_end,
        period: period.filter(|p| !p.0.is_empty()),
        comparison: comparison(text, &at),
        at,
    })
}

/// Longer arguments are not read; Zabbix takes keys of 2,048 characters.
const MAX_ARGUMENT: usize = 4_096;

/// Where an argument ends: at a comma or parenthesis outside brackets and quotes.
fn argument(text: &str, from: usize) -> Option<usize> {
    let (mut depth, mut quoted, mut escaped) = (0usize, false, false);
    for (at, byte) in text.bytes().enumerate().skip(from).take(MAX_ARGUMENT) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' | b')' if depth == 0 => return Some(at),
            _ => {}
        }
    }
    None
}

/// Signs of comparisons, the longer ones first.
const SIGNS: &[&str] = &["<>", ">=", "<=", "=", ">", "<"];

/// The number or macro that a value is compared with, if neither side is calculated with.
fn comparison(text: &str, at: &Range<usize>) -> Option<(&'static str, String, Range<usize>)> {
    let before = text.get(..at.start)?.trim_end();
    let alone = before.is_empty()
        || before.ends_with('(')
        || ["and", "or", "not"].iter().any(|w| {
            before.strip_suffix(w).is_some_and(|b| b.is_empty() || b.ends_with([' ', ')', '\n', '(']))
        });
    let rest = text.get(at.end..)?;
    let sign_at = at.end + rest.len() - rest.trim_start().len();
    let sign = SIGNS.iter().find(|s| text.get(sign_at..).is_some_and(|t| t.starts_with(**s)))?;
    let after = text.get(sign_at + sign.len()..)?;
    let start = sign_at + sign.len() + after.len() - after.trim_start().len();
    let value = text.get(start..)?;
    let length = if value.starts_with('{') {
        braces(value)?
    } else {
        value.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))).unwrap_or(value.len())
    };
    let end = start + length;
    let follows = text.get(end..)?.trim_start();
    let ends = follows.is_empty()
        || follows.starts_with([')', '\n'])
        || follows.starts_with("and")
        || follows.starts_with("or");
    (alone && ends && length > 0)
        .then(|| (*sign, value.get(..length).unwrap_or_default().to_owned(), start..end))
}

/// The length of a macro; its context may hold another one.
fn braces(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.bytes().enumerate().take(MAX_ARGUMENT) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// A number with the suffix that it may have.
pub(super) fn number(text: &str) -> Option<f64> {
    let letters = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let plain: f64 = text.get(..letters)?.parse().ok()?;
    let times = match text.get(letters..)? {
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        "K" => 1_024.0,
        "M" => 1_048_576.0,
        "G" => 1_073_741_824.0,
        "T" => 1_099_511_627_776.0,
        _ => return None,
    };
    Some(plain * times)
}

/// Milliseconds of `30s`, `5m`, `1h`, `60`; nothing for `#3`.
pub(super) fn time(text: &str) -> Option<i64> {
    let seconds = number(text.split([':', ';']).next()?.trim())?;
    (seconds.is_finite() && (0.0..1e12).contains(&seconds)).then_some((seconds * 1_000.0) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An expression, a function, the item's key, what follows it, and the comparison.
    type Case<'c> = (&'c str, &'c str, &'c str, Option<&'c str>, Option<(&'c str, &'c str)>);

    #[test]
    fn functions_are_found_with_what_they_are_compared_with() {
        let table: &[Case<'_>] = &[
            ("last(/T a/k)=0", "last", "k", None, Some(("=", "0"))),
            (
                "min(/T/k[a,\"b)\"],5m) >= {$MAX:\"a\"}",
                "min",
                "k[a,\"b)\"]",
                Some("5m"),
                Some((">=", "{$MAX:\"a\"}")),
            ),
            ("last(/T/k)>{$MAX:\"{#FS}\"}", "last", "k", None, Some((">", "{$MAX:\"{#FS}\"}"))),
            ("100 * last(/T/k) > 5", "last", "k", None, None),
            ("last(/T/k) / 2 > 5", "last", "k", None, None),
            ("last(/T/k) > 5 * 2", "last", "k", None, None),
            ("not nodata(/T/k,30s) = 1 and 1=1", "nodata", "k", Some("30s"), Some(("=", "1"))),
            ("avg(/T/k, 1h:now-1d) <> 1K", "avg", "k", Some("1h:now-1d"), Some(("<>", "1K"))),
        ];
        for (text, name, key, period, comparison) in table {
            let all = functions(text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!((all[0].name.as_str(), all[0].key.as_str()), (*name, *key), "{text}");
            assert_eq!(all[0].period.as_ref().map(|p| p.0.as_str()), *period, "{text}");
            let found = all[0].comparison.as_ref().map(|c| (c.0, c.1.as_str()));
            assert_eq!(found, *comparison, "{text}");
        }
        assert_eq!(functions("last(/T/a)>last(/T/b,#2)").len(), 2);
        for broken in ["(/", "f(/", "f(/a", "f(/a/", "f(/a/b", "f(/a/b,", "f(/a/b[\"", "(/(/(/"] {
            assert_eq!(functions(broken), [], "{broken}");
        }
    }

    #[test]
    fn times_and_numbers_have_suffixes() {
        let table = [
            ("30", Some(30_000)),
            ("5m", Some(300_000)),
            ("1h:now-1d", Some(3_600_000)),
            ("#3", None),
            ("x", None),
        ];
        for (text, ms) in table {
            assert_eq!(time(text), ms, "{text}");
        }
        assert_eq!(number("2K"), Some(2_048.0));
    }
}
