//! The files that a script writes with fixed texts.

use std::collections::BTreeMap;

use super::{Command, Word};
use crate::source::View;
use crate::syntax::assembly::Assembly;

/// A file that a script writes.
#[derive(Clone, Debug)]
pub struct Written<'v> {
    /// Its path, as written.
    pub path: String,
    /// Its text, put together from all commands that add to it.
    pub view: View<'v>,
}

/// A text in the making: pieces that follow each other.
struct Growing {
    path: String,
    assembly: Assembly,
    /// Where its first piece stands.
    first: usize,
}

/// Finds the files, and marks the commands that write them.
pub(super) fn collect<'v>(view: &'v View<'_>, commands: &mut [Command<'v>]) -> Vec<Written<'v>> {
    let mut files: Vec<Growing> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Vec::new();
    for i in 0..commands.len() {
        let Some(path) = target(commands, i) else { continue };
        let Some(command) = commands.get_mut(i) else { continue };
        if let Some(document) = command.here.first() {
            // A here-document has its own way back to the file, so it stands for itself.
            out.push(Written { path, view: document.body.clone() });
            command.written = true;
            continue;
        }
        let Some((program, arguments)) = program(command) else { continue };
        if !matches!(program, "echo" | "printf") || arguments.is_empty() {
            continue;
        }
        let first = arguments.first().map_or(0, |w| w.range.start);
        let next = files.len();
        let at = *places.entry(path.clone()).or_insert(next);
        if at == next {
            files.push(Growing { path, assembly: Assembly::default(), first });
        }
        let Some(file) = files.get_mut(at) else { continue };
        match program {
            "echo" => echo(arguments, &mut file.assembly),
            _ => printf(arguments, &mut file.assembly),
        }
        command.written = true;
    }
    for file in files {
        let view = file.assembly.finish(view, file.first);
        out.push(Written { path: file.path, view });
    }
    out
}

/// The program of a command and its arguments.
fn program<'c>(command: &'c Command<'_>) -> Option<(&'c str, &'c [Word])> {
    let at = command.words.iter().position(|w| !is_assignment(w))?;
    let (word, arguments) = command.words.get(at..)?.split_first()?;
    Some((word.text.rsplit('/').next().unwrap_or(&word.text), arguments))
}

/// True for `NAME=value`.
pub(crate) fn is_assignment(word: &Word) -> bool {
    let Some((name, _)) = word.text.split_once('=') else { return false };
    let name = name.strip_suffix('+').unwrap_or(name);
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Where the output of a command goes: its redirection, or the `tee` at the end of its pipe.
fn target(commands: &[Command<'_>], i: usize) -> Option<String> {
    let mut at = i;
    loop {
        let command = commands.get(at)?;
        let name = program(command).map(|(name, _)| name);
        if name == Some("tee") || (name == Some("sudo") && command.words.iter().any(|w| w.text == "tee")) {
            let path = command.words.iter().rev().find(|w| !w.text.starts_with('-') && w.text != "tee")?;
            return Some(path.text.clone());
        }
        // Only commands that pass a text on unchanged.
        if at > i && name != Some("cat") {
            return None;
        }
        if at == i && !matches!(name, Some("cat" | "echo" | "printf") | None) {
            return None;
        }
        if let Some(path) = command.outputs.first() {
            return (path.text != "/dev/null" && !path.text.starts_with("/dev/std"))
                .then(|| path.text.clone());
        }
        if !command.piped {
            return None;
        }
        at += 1;
    }
}

fn echo(arguments: &[Word], out: &mut Assembly) {
    let options = arguments
        .iter()
        .take_while(|w| matches!(w.text.as_str(), "-e" | "-n" | "-en" | "-ne" | "-E"))
        .count();
    let (options, words) = arguments.split_at(options);
    // dash and bash disagree about `\n` without `-e`; whoever writes it to a file means a line end.
    let escapes = !options.iter().any(|o| o.text.contains('E'));
    let newline = !options.iter().any(|o| o.text.contains('n'));
    for (i, word) in words.iter().enumerate() {
        if i > 0 {
            out.push_escape(' ', word.range.start.saturating_sub(1), 1);
        }
        copy(word, escapes, false, out);
    }
    if newline {
        end_line(words.last(), out);
    }
}

fn printf(arguments: &[Word], out: &mut Assembly) {
    let Some((format, words)) = arguments.split_first() else { return };
    if format.text.trim_end_matches("\\n") == "%s" {
        for word in words {
            copy(word, false, false, out);
            if format.text.ends_with("\\n") {
                end_line(Some(word), out);
            }
        }
        return;
    }
    copy(format, true, true, out);
}

fn end_line(word: Option<&Word>, out: &mut Assembly) {
    let end = word.map_or(0, |w| w.range.end);
    // It stands for nothing that is written: it maps to the end of the word, and takes no place there.
    out.push_escape('\n', end.saturating_sub(1), 1);
}

fn copy(word: &Word, escapes: bool, percent: bool, out: &mut Assembly) {
    let mut chars = word.text.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        let at = word.at(i);
        let next = chars.peek().map(|(_, c)| *c);
        let meaning = match (c, next) {
            ('\\', Some('n')) if escapes => Some('\n'),
            ('\\', Some('t')) if escapes => Some('\t'),
            ('\\', Some('\\')) if escapes => Some('\\'),
            ('%', Some('%')) if percent => Some('%'),
            _ => None,
        };
        match meaning {
            Some(meaning) => {
                chars.next();
                out.push_escape(meaning, at, 2);
            }
            None => out.push_str(c.encode_utf8(&mut [0; 4]), at),
        }
    }
}
