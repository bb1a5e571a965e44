//! Logs: lines that begin with a moment or a level, and lines that go on from the one before.
//!
//! Nothing here knows a program: a line is looked at when somebody asks, so that a log of 100 MB costs what is asked.

mod time;

pub use time::{Stamp, stamp};

use std::borrow::Cow;
use std::ops::Range;

use crate::source::floor_boundary;

/// What a line begins with, when it begins an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The moment; absent where only a level is there.
    pub stamp: Option<Stamp>,
    /// True for an entry that is a JSON object.
    pub json: bool,
}

/// A line is looked at this far: one without end must not cost its length for each place in it.
const LONGEST_LINE: usize = 16 * 1024;

/// An entry reaches this many lines back and ahead of the line that was asked for: a Java stack trace with its causes.
const ENTRY_LINES: usize = 40;

/// Range of the line that holds a byte, without its end.
pub fn line_around(text: &str, at: usize) -> Range<usize> {
    let at = floor_boundary(text, at);
    let from = floor_boundary(text, at.saturating_sub(LONGEST_LINE));
    let to = floor_boundary(text, at.saturating_add(LONGEST_LINE));
    let before = text.get(from..at).unwrap_or_default();
    let after = text.get(at..to).unwrap_or_default();
    let start = before.rfind('\n').map_or(from, |n| from + n + 1);
    let end = after.find('\n').map_or(to, |n| at + n);
    start..end
}

/// The rest of a line behind colours, the name of a container that `docker compose logs` writes, and the head that
/// container runtimes write.
fn without_carrier(line: &str) -> &str {
    let mut rest = without_colour(line);
    // `rabbitmq_1  | …`
    if let Some((name, message)) = rest.split_once("| ")
        && name.len() < 64
        && !name.trim_end().is_empty()
        && name.trim_end().bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
    {
        rest = without_colour(message);
    }
    // `2026-11-25T12:00:00.123456789Z stdout F …`
    if let Some(head) = stamp(rest)
        && let Some(tail) = rest.get(head.len..)
        && let Some(message) =
            [" stdout F ", " stderr F ", " stdout P ", " stderr P "].iter().find_map(|m| tail.strip_prefix(m))
    {
        rest = message;
    }
    rest
}

/// The rest of a line behind the escape sequences that colour a terminal.
fn without_colour(mut line: &str) -> &str {
    while let Some(sequence) = line.strip_prefix("\u{1b}[") {
        let Some(end) = sequence.find(|c: char| c.is_ascii_alphabetic()) else { break };
        line = sequence.get(end + 1..).unwrap_or_default();
    }
    line
}

/// What stands before the moment of some programs' lines: Erlang's reports, logfmt, Redis, Serilog.
const BEFORE_STAMP: &[&str] = &["time=\"", "time=", "ts=", "ts=\"", "[", "\""];

/// Levels that begin a line by themselves: Python's, .NET's, Node's.
const LEVELS: &[&str] = &[
    "DEBUG:",
    "INFO:",
    "WARNING:",
    "WARN:",
    "ERROR:",
    "CRITICAL:",
    "FATAL:",
    "dbug: ",
    "info: ",
    "warn: ",
    "fail: ",
    "crit: ",
    "error: ",
    "[ERROR]",
    "[WARN]",
    "[WARNING]",
    "[INFO]",
    "[error]",
    "[warning]",
    "[info]",
    "ERROR ",
    "WARN ",
    "INFO ",
    "WARNING ",
    "FATAL ",
    "panic: ",
    "Traceback (",
    "Exception in thread ",
];

/// What a line begins with, or nothing when it goes on from the one before.
pub fn head(line: &str) -> Option<Head> {
    let line = without_carrier(line);
    let plain = |stamp| Head { stamp, json: false };
    if line.starts_with("{\"") {
        return Some(Head { stamp: json_stamp(line), json: true });
    }
    if let Some(stamp) = stamp(line) {
        return Some(plain(Some(stamp)));
    }
    let behind = BEFORE_STAMP.iter().find_map(|b| stamp(line.strip_prefix(b)?));
    if behind.is_some() {
        return Some(plain(behind));
    }
    if let Some(rest) = line.strip_prefix('=')
        && let Some((name, rest)) = rest.split_once(" REPORT==== ")
        && name.bytes().all(|b| b.is_ascii_uppercase() || b == b' ')
    {
        return Some(plain(stamp(rest)));
    }
    // Redis: `1:M 25 Nov 2026 12:00:00.123 * …`.
    if let Some((process, rest)) = line.split_once(' ')
        && let Some((number, role)) = process.split_once(':')
        && role.len() == 1
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit())
    {
        return stamp(rest).map(|s| plain(Some(s)));
    }
    // Access logs: `10.0.3.7 - - [25/Nov/2026:12:00:00 +0000] …`, `10.0.3.7:40198 [25/Nov/2026:12:00:00.123] …`.
    if line.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':') {
        let searched = line.get(..floor_boundary(line, ACCESS_HEAD)).unwrap_or_default();
        if let Some(at) = searched.find('[')
            && let Some(stamp) = line.get(at + 1..).and_then(stamp)
        {
            return Some(plain(Some(stamp)));
        }
    }
    LEVELS.iter().any(|l| line.starts_with(l)).then(|| plain(None))
}

/// An access log's moment stands behind an address and two short names.
const ACCESS_HEAD: usize = 100;

/// The keys under which JSON logs keep their moment.
const TIME_KEYS: &[&str] =
    &["\"time\":", "\"timestamp\":", "\"@timestamp\":", "\"ts\":", "\"asctime\":", "\"datetime\":"];

fn json_stamp(line: &str) -> Option<Stamp> {
    let line = line.get(..floor_boundary(line, LONGEST_LINE)).unwrap_or_default();
    TIME_KEYS.iter().find_map(|key| {
        let value = line.get(line.find(key)? + key.len()..)?.trim_start();
        value.strip_prefix('"').map_or_else(|| time::epoch(value), stamp)
    })
}

/// True for a line that goes on from the one before where no line has a moment: indented, or a cause in a trace.
fn goes_on(line: &str) -> bool {
    let plain = without_carrier(line);
    plain.starts_with([' ', '\t', '}', ')', ']'])
        || ["Caused by", "... ", "During handling", "The above exception"]
            .iter()
            .any(|w| plain.starts_with(w))
}

/// True for a line behind which all lines belong to a stack trace.
fn begins_trace(line: &str) -> bool {
    let plain = without_carrier(line);
    ["panic: ", "Traceback (", "Exception in thread "].iter().any(|w| plain.starts_with(w))
}

/// RabbitMQ repeats the whole head on each line of an entry: up to the Erlang process, and down to the microsecond.
fn same_entry(a: &str, b: &str) -> bool {
    let process = |line: &str| {
        let line = line.get(..floor_boundary(line, ACCESS_HEAD))?.to_owned();
        let start = line.find("] <0.").or_else(|| line.find(" <0."))?;
        let end = line.get(start..)?.find('>')? + start;
        line.get(..=end).map(str::to_owned)
    };
    process(a).is_some_and(|p| process(b).as_ref() == Some(&p))
}

/// An entry of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands: whole lines.
    pub range: Range<usize>,
    /// What it begins with; absent where no line near has a head.
    pub head: Option<Head>,
}

/// The entry that the line of a byte belongs to.
pub fn entry_around(text: &str, at: usize) -> Entry {
    let own = line_around(text, at);
    let line = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default();
    let previous = |range: &Range<usize>| {
        range.start.checked_sub(1).map(|before| line_around(text, before)).filter(|p| p.end < range.start)
    };
    let mut start = own.clone();
    let mut found = head(line(&start));
    for _ in 0..ENTRY_LINES {
        let Some(before) = previous(&start) else { break };
        match found {
            Some(_) if same_entry(line(&before), line(&start)) => {}
            Some(_) => break,
            None => {}
        }
        found = found.or_else(|| head(line(&before)));
        start = before;
    }
    let loose = found.as_ref().is_some_and(|h| h.stamp.is_none() && !h.json) && !begins_trace(line(&start));
    let follows =
        |range: &Range<usize>| (range.end + 1 < text.len()).then(|| line_around(text, range.end + 1));
    // A trace goes on behind the line that names its exception.
    let continues = |range: &Range<usize>| {
        goes_on(line(range)) || follows(range).is_some_and(|n| n.start > range.end && goes_on(line(&n)))
    };
    if loose {
        let mut at = start.clone();
        while at.start < own.start {
            let Some(next) = follows(&at).filter(|n| n.start > at.end && continues(n)) else { break };
            at = next;
        }
        found = found.filter(|_| at.start >= own.start);
    }
    if found.is_none() {
        // Nothing near has a head: the entry is the line with those that it goes on from.
        start = own.clone();
        for _ in 0..ENTRY_LINES {
            if !goes_on(line(&start)) {
                break;
            }
            let Some(before) = previous(&start) else { break };
            start = before;
        }
    }
    let mut end = own.clone();
    for _ in 0..ENTRY_LINES {
        if end.end + 1 >= text.len() {
            break;
        }
        let next = line_around(text, end.end + 1);
        let more = match (&found, head(line(&next))) {
            (Some(_), Some(_)) => same_entry(line(&end), line(&next)),
            (Some(_), None) => !loose || continues(&next),
            (None, Some(_)) => false,
            (None, None) => goes_on(line(&next)),
        };
        if !more || next.start <= end.end {
            break;
        }
        end = next;
    }
    Entry { range: start.start..end.end, head: found }
}

/// A JSON entry with its escapes undone, as far as log messages hold any.
pub fn unescaped(line: &str) -> Cow<'_, str> {
    if !line.contains('\\') {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('u') => {
                let code: String = characters.by_ref().take(4).collect();
                out.extend(u32::from_str_radix(&code, 16).ok().and_then(char::from_u32));
            }
            Some(other) => out.push(other),
            None => {}
        }
    }
    Cow::Owned(out)
}

/// How many of the first lines begin an entry, and how many there are; blank lines count for nothing.
pub fn density(text: &str, most: usize) -> (usize, usize) {
    let lines = text.lines().filter(|l| !l.trim().is_empty()).take(most);
    lines.fold((0, 0), |(heads, all), line| {
        let begins = head(line).is_some_and(|h| h.stamp.is_some());
        (heads + usize::from(begins), all + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_many_programs_are_told_from_lines_that_go_on() {
        let heads = [
            "2026-11-25 12:00:00.123456+00:00 [error] <0.123.0> closing",
            "\u{1b}[38;5;87m2026-11-25 12:00:00.123456+00:00 [info] <0.1.0> x\u{1b}[0m",
            "rabbitmq_1  | 2026-11-25 12:00:00.818 [info] <0.541.0> Ready",
            "=ERROR REPORT==== 1-Jan-2020::12:00:00 ===",
            "{\"time\":\"2026-11-25 12:00:00.1+00:00\",\"msg\":\"x\"}",
            "{\"level\":\"error\",\"ts\":1795608000.25,\"msg\":\"x\"}",
            "[2026-11-25 12:00:00,123] WARN [Consumer clientId=c] x",
            "Nov 25 12:00:00 lb haproxy[1]: x",
            "10.0.3.7:40198 [25/Nov/2026:12:00:00.123] amqp mq/mq1 1/0/60001 2345 cD 3/3/3/2/0 0/0",
            "10.0.3.7 - - [25/Nov/2026:12:00:00 +0000] \"GET / HTTP/1.1\" 200 1",
            "1:M 25 Nov 2026 12:00:00.123 # x",
            "time=\"2026-11-25T12:00:00Z\" level=error msg=\"x\"",
            "2026-11-25T12:00:00.1Z stdout F 2026/11/25 12:00:00 dial tcp",
            "[   12.345678] nf_conntrack: table full",
            "12:00:00.123 [main] ERROR x",
        ];
        for line in heads {
            assert!(head(line).is_some_and(|h| h.stamp.is_some()), "{line}");
        }
        assert_eq!(head("ERROR:pika.adapters:x"), Some(Head { stamp: None, json: false }));
        for line in [
            "",
            "   at com.rabbitmq.client",
            "{bad_header,<<\"GET\">>}",
            "Caused by: x",
            "pika.exceptions.X: y",
        ] {
            assert_eq!(head(line), None, "{line}");
        }
    }

    #[test]
    fn an_entry_holds_the_lines_that_go_on() {
        let cases = [
            (
                "a\n=ERROR REPORT==== 1-Jan-2020::12:00:00 ===\nclosing:\n{HIT,x}\n\n=INFO REPORT==== 1-Jan-2020::12:00:01 ===\nb",
                "=ERROR REPORT==== 1-Jan-2020::12:00:00 ===\nclosing:\n{HIT,x}\n",
            ),
            (
                "2026-11-25 12:00:00.1+00:00 [error] <0.7.0> closing:\n2026-11-25 12:00:00.1+00:00 [error] <0.7.0> HIT\n2026-11-25 12:00:00.2+00:00 [info] <0.7.0> b",
                "2026-11-25 12:00:00.1+00:00 [error] <0.7.0> closing:\n2026-11-25 12:00:00.1+00:00 [error] <0.7.0> HIT",
            ),
            (
                "12:00:00.1 ERROR a\njava.net.X: y\n\tat b\nCaused by: HIT\n12:00:01.1 INFO c",
                "12:00:00.1 ERROR a\njava.net.X: y\n\tat b\nCaused by: HIT",
            ),
            ("one\nHIT\n  more\nother", "HIT\n  more"),
            // A level alone begins an entry, and what goes on from it is a trace or stands farther in.
            ("FATAL: a\nHIT\nother", "HIT"),
            ("HIT: x\nERROR: a\nother", "HIT: x"),
            ("ERROR a\njava.net.X: HIT\n\tat b\nother", "ERROR a\njava.net.X: HIT\n\tat b"),
            (
                "panic: a\n\ngoroutine 1 [running]:\nmain.HIT()",
                "panic: a\n\ngoroutine 1 [running]:\nmain.HIT()",
            ),
        ];
        for (text, expected) in cases {
            let entry = entry_around(text, text.find("HIT").unwrap());
            assert_eq!(&text[entry.range], expected, "{text}");
        }
    }

    #[test]
    fn a_line_without_end_is_bounded() {
        let text = "x".repeat(5 * LONGEST_LINE);
        let range = line_around(&text, 2 * LONGEST_LINE);
        assert_eq!(range.len(), 2 * LONGEST_LINE);
        assert!(entry_around(&text, 0).range.len() <= 2 * LONGEST_LINE * (ENTRY_LINES + 1));
    }
}
