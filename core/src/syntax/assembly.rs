//! Puts a value together from pieces of a view: joined lines, replaced escapes, removed indentation.

use crate::source::View;

/// A text in the making that remembers where each character came from.
#[derive(Default)]
pub(super) struct Assembly {
    text: String,
    pieces: Vec<(u32, u32)>,
    /// Where the next character stands if it continues the last piece.
    next: Option<usize>,
}

impl Assembly {
    /// Adds a stretch that stands at `at` verbatim.
    pub(super) fn push_str(&mut self, part: &str, at: usize) {
        if part.is_empty() {
            return;
        }
        if self.next != Some(at) {
            self.pieces.push((self.text.len() as u32, at as u32));
        }
        self.text.push_str(part);
        self.next = Some(at + part.len());
    }

    /// Adds a character that is written as `len` bytes at `at` (an escape, a folded line end).
    pub(super) fn push_escape(&mut self, c: char, at: usize, len: usize) {
        let start = self.text.len();
        self.pieces.push((start as u32, at as u32));
        self.text.push(c);
        // A character longer than its escape must not lend its last bytes to what follows the escape.
        for inner in (start..self.text.len()).skip(len.max(1)) {
            self.pieces.push((inner as u32, at as u32));
        }
        self.pieces.push((self.text.len() as u32, (at + len) as u32));
        self.next = Some(at + len);
    }

    /// Adds a text that stands for `len` bytes at `at`; it is ASCII, so that each of its bytes is a character.
    pub(super) fn push_instead(&mut self, part: &str, at: usize, len: usize) {
        let start = self.text.len();
        self.text.push_str(part);
        self.pieces.push((start as u32, at as u32));
        if part.len() > 1 {
            self.pieces.push((self.text.len() as u32 - 1, (at + len.max(1) - 1) as u32));
        }
        self.pieces.push((self.text.len() as u32, (at + len) as u32));
        self.next = Some(at + len);
    }

    /// The text and `(inner, view)` pairs.
    pub(super) fn into_parts(self) -> (String, Vec<(u32, u32)>) {
        (self.text, self.pieces)
    }

    /// The assembled view; a plain part of `view` if nothing was changed. `at` is where an empty text stands.
    pub(super) fn finish<'v>(self, view: &'v View<'_>, at: usize) -> View<'v> {
        match self.pieces.as_slice() {
            [] => view.sub(at..at),
            [(_, start)] => {
                let start = *start as usize;
                view.sub(start..start + self.text.len())
            }
            _ => view.derived(self.text, &self.pieces),
        }
    }
}
