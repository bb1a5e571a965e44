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
    let retries = MAX_RETRIES.min(RETRY_BYTES / text.len().max(1));
    let mut left = retries;
    let documents = loop {
        let mut builder = Builder::new(view, &mask);
        let mut parser = Parser::new_from_str(mask.parsed());
        let stop = builder.run(&mut parser);
        let (documents, of_tree) = builder.finish();
        let error = match stop {
            Stop::End => None,
            Stop::Error(offset) if left > 0 => Some(offset),
            Stop::Error(offset) => {
                if marker.is_none() {
                    let line = mask.line_around(offset);
                    notices.push(Notice::new(
                        view.span(line),
                        "the text is read up to here; too much of it is not YAML",
                    ));
                }
                None
            }
        };
        let Some(line) = error.and_then(|offset| mask.blank_line(mask.culprit(offset))) else {
            notices.extend(of_tree);
            break documents;
        };
        left -= 1;
        if marker.is_none() {
            let message = "this line does not parse as YAML and is passed over";
            notices.push(Notice::new(view.span(view.trim_range(line)), message));
        }
    };
    if let Some(at) = marker.filter(|_| left < retries) {
        notices.push(Notice::new(view.span(at..at + 2), template::NOTICE));
    }
    (documents, notices)
}

#[cfg(test)]
mod tests;
