//! Shell scripts: commands with their words, redirections and here-documents, and the files that they write.
//!
//! It is a reader for configuration, not a shell: it knows quoting, comments, continued lines, pipes, groups and
//! here-documents, passes over control words, and takes expansions as they stand.

mod lexer;
mod writes;

pub use writes::Written;
pub(crate) use writes::is_assignment;

use std::ops::Range;

use crate::source::View;
use crate::syntax::assembly::Assembly;

/// More commands of one script are not read; real ones stay far below.
const MAX_COMMANDS: usize = 50_000;

/// A word, its quotes removed.
#[derive(Clone, Debug, Default)]
pub struct Word {
    /// What the command gets; expansions stay as they stand.
    pub text: String,
    /// Where it stands in the view, quotes included.
    pub range: Range<usize>,
    /// True if single quotes, double quotes or backslashes stand in it.
    pub quoted: bool,
    /// `(text, view)` pairs where the mapping jumps.
    pieces: Vec<(u32, u32)>,
}

impl Word {
    /// A part of the word as a view into the script.
    pub fn view<'v>(&self, script: &'v View<'_>, part: Range<usize>) -> View<'v> {
        let mut out = Assembly::default();
        let text = self.text.get(part.clone()).unwrap_or_default();
        for (i, c) in text.char_indices() {
            out.push_str(c.encode_utf8(&mut [0; 4]), self.at(part.start + i));
        }
        let at = if part.end > part.start { self.at(part.start) } else { self.range.end };
        out.finish(script, at)
    }

    /// Where a byte of the text stands in the view.
    fn at(&self, inner: usize) -> usize {
        let piece = self.pieces.partition_point(|p| p.0 as usize <= inner).saturating_sub(1);
        self.pieces.get(piece).map_or(self.range.start, |p| p.1 as usize + inner.saturating_sub(p.0 as usize))
    }
}

/// A text that follows a command up to a mark.
#[derive(Clone, Debug)]
pub struct HereDocument<'v> {
    /// The text, its escapes undone and, after `<<-`, its tabs removed.
    pub body: View<'v>,
}

/// A simple command.
#[derive(Clone, Debug, Default)]
pub struct Command<'v> {
    /// Its words: assignments first, then the program and its arguments.
    pub words: Vec<Word>,
    /// Files that its output goes to.
    pub outputs: Vec<Word>,
    /// Texts that it reads.
    pub here: Vec<HereDocument<'v>>,
    /// True if its output goes to the next command.
    pub piped: bool,
    /// True if its output becomes a file in [`Script::files`].
    pub written: bool,
}

/// What a script holds.
#[derive(Clone, Debug, Default)]
pub struct Script<'v> {
    /// Its commands, those of substitutions left out.
    pub commands: Vec<Command<'v>>,
    /// Files whose text it writes with `cat`, `tee`, `echo` and `printf`.
    pub files: Vec<Written<'v>>,
}

/// Reads a script.
pub fn parse<'v>(view: &'v View<'_>) -> Script<'v> {
    let mut commands = lexer::commands(view);
    let files = writes::collect(view, &mut commands);
    Script { commands, files }
}

#[cfg(test)]
mod tests;
