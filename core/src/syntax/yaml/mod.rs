//! YAML, with documents, anchors, merge keys and the templates it is usually wrapped in.
//!
//! `saphyr-parser` gives the structure and the places. It reads a mask of the text of the same length, in which
//! everything that is not ASCII and every template expression is letters: its offsets count characters, and the mask
//! makes them bytes. The texts of scalars are read from the original.

mod build;
mod mask;
mod scalar;

use super::{Node, Notice, template};
use crate::source::View;
use build::{Builder, Stop};
use mask::Mask;
use saphyr_parser::Parser;
use std::ops::Range;

/// A file with more bad lines than this is not YAML.
const MAX_RETRIES: usize = 40;

/// Bytes that may be read over and over because of bad lines: it keeps the time for a large broken file bounded.
const RETRY_BYTES: usize = 16 * 1024 * 1024;

/// Reads all documents of a text. A line that does not parse is passed over; what stands before and after it is kept.
pub fn parse<'v>(view: &'v View<'_>) -> (Vec<Node<'v>>, Vec<Notice>) {
    let text = view.text.as_ref();
    let marker = template::detect(text);
    let mut mask = Mask::new(text, marker.is_some());
    let mut notices = Vec::new();
    let mut left = MAX_RETRIES.min(RETRY_BYTES / text.len().max(1));
    let mut failed = false;
    let mut passed_over = Vec::new();
    let documents = loop {
        let mut builder = Builder::new(view, &mask);
        let mut parser = Parser::new_from_str(mask.parsed());
        let stop = builder.run(&mut parser);
        let (documents, of_tree) = builder.finish();
        let offset = match stop {
            Stop::End => None,
            // The scanner is stricter than the programs that read these files.
            Stop::Indentation(offset)
                if left > 0 && mask.culprit(offset) == offset && mask.join_lines(offset) =>
            {
                left -= 1;
                continue;
            }
            Stop::Error(offset) | Stop::Indentation(offset) if left > 0 => Some(offset),
            Stop::Error(offset) | Stop::Indentation(offset) => {
                failed = true;
                if marker.is_none() {
                    let message = "the text is read up to here; too much of it is not YAML";
                    notices.push(Notice::new(view.span(mask.line_around(offset)), message));
                }
                None
            }
        };
        let Some(line) = offset.and_then(|offset| mask.blank_line(mask.culprit(offset))) else {
            notices.extend(of_tree);
            break documents;
        };
        left -= 1;
        failed = true;
        if marker.is_none() {
            passed_over.push(view.trim_range(line));
        }
    };
    notices.extend(line_notices(view, passed_over));
    if let Some(at) = marker.filter(|_| failed) {
        notices.push(Notice::new(view.span(at..at + 2), template::NOTICE));
    }
    (documents, notices)
}

/// One notice for lines that stand together.
fn line_notices(view: &View<'_>, mut lines: Vec<Range<usize>>) -> Vec<Notice> {
    lines.sort_by_key(|line| line.start);
    let mut joined: Vec<(Range<usize>, usize)> = Vec::new();
    for line in lines {
        match joined.last_mut() {
            Some((last, count))
                if view.text.get(last.end..line.start).is_some_and(|between| between.trim().is_empty()) =>
            {
                last.end = line.end;
                *count += 1;
            }
            _ => joined.push((line, 1)),
        }
    }
    let notice = |(range, count): (Range<usize>, usize)| {
        let message = match count {
            1 => "this line does not parse as YAML and is passed over".to_owned(),
            n => format!("these {n} lines do not parse as YAML and are passed over"),
        };
        Notice::new(view.span(range), message)
    };
    joined.into_iter().map(notice).collect()
}

#[cfg(test)]
mod tests;
