//! Dockerfiles: the image they build on, variables, ports, health checks, and the configurations that they write.

use std::ops::Range;

use crate::facts::kinds::compose::healthcheck;
use crate::facts::{Fact, Value};
use crate::source::{Source, View};
use crate::syntax::shell;

use super::carriers::shell::script;
use super::compose::put_command;
use super::containers::images::{self, Image};
use super::containers::{quantities, variables};
use super::firewall::{self, Carrier};
use super::uris::{self, UriContext};
use super::{FileKind, Match, Reading};

/// Dockerfiles.
pub static DOCKERFILE: FileKind =
    FileKind { name: "dockerfile", doc: "Dockerfiles and Containerfiles", recognise, read };

/// Instructions, to tell a Dockerfile from other texts.
#[rustfmt::skip]
const INSTRUCTIONS: &[&str] = &[
    "FROM", "RUN", "CMD", "LABEL", "MAINTAINER", "EXPOSE", "ENV", "ADD", "COPY", "ENTRYPOINT", "VOLUME", "USER", "WORKDIR",
    "ARG", "ONBUILD", "STOPSIGNAL", "HEALTHCHECK", "SHELL",
];

/// A Dockerfile with more instructions is not read further.
const MAX_INSTRUCTIONS: usize = 10_000;

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let named = ["dockerfile", "containerfile"].iter().any(|n| {
        name == *n
            || name.starts_with(&format!("{n}."))
            || name.starts_with(&format!("{n}-"))
            || name.ends_with(&format!(".{n}"))
    });
    let first = source
        .text
        .lines()
        .map(str::trim)
        .find(|l| !l.is_empty() && !l.starts_with('#') && !l.starts_with("{{"));
    let begins = first.is_some_and(|l| {
        let mut words = l.split_whitespace();
        words.next().is_some_and(|w| matches!(w.to_ascii_uppercase().as_str(), "FROM" | "ARG"))
            && words.next().is_some()
    });
    let instructions = source
        .text
        .lines()
        .filter(|l| l.split_whitespace().next().is_some_and(|w| INSTRUCTIONS.contains(&w)));
    match (named, begins) {
        (true, true) => Match::Sure,
        (true, false) => Match::Likely,
        (false, true) if !name.contains('.') && instructions.count() > 1 => Match::Likely,
        _ => Match::No,
    }
}

/// An instruction: its word and the range of its arguments.
struct Instruction<'v> {
    word: &'v str,
    /// Its arguments as one line, without comment lines in between.
    arguments: View<'v>,
    /// Texts behind `<<` marks, with the mark's quoting ignored: the builder expands neither way what matters here.
    here: Vec<Range<usize>>,
}

fn read(view: &View<'_>, out: &mut Reading) {
    // The stage a variable belongs to does not matter here; a stage's name is no image.
    let mut stages: Vec<String> = Vec::new();
    let mut image: Option<Image> = None;
    // The instructions of a stage set up one firewall between them.
    let outer = out.gathered.replace(Vec::new());
    for instruction in instructions(view) {
        let arguments = &instruction.arguments;
        match instruction.word.to_ascii_uppercase().as_str() {
            "FROM" => {
                judge_firewall(out);
                image = from(arguments, &mut stages, out);
            }
            "ENV" => environment(arguments, out),
            "ARG" => variables::add_assignment(&first_word(arguments), true, None, out),
            "RUN" => run(view, &instruction, out),
            "COPY" | "ADD" => copy(view, &instruction, out),
            "HEALTHCHECK" => health(arguments, image.as_ref().and_then(|i| i.program).map(|p| p.0), out),
            "CMD" | "ENTRYPOINT" => {
                uris::scan(
                    arguments,
                    &UriContext { expands_variables: Some(true), ..UriContext::default() },
                    out,
                );
            }
            _ => {}
        }
    }
    judge_firewall(out);
    out.gathered = outer;
}

/// Works out the firewall of the stage that ends.
fn judge_firewall(out: &mut Reading) {
    let gathered = out.gathered.replace(Vec::new()).unwrap_or_default();
    firewall::judge(&gathered, Carrier::ImageBuild, None, out);
}

fn instructions<'v>(view: &'v View<'_>) -> Vec<Instruction<'v>> {
    let text = view.text.as_ref();
    let mut out = Vec::new();
    let mut at = 0;
    let escape =
        if text.lines().take(3).any(|l| l.to_ascii_lowercase().replace(' ', "").starts_with("#escape=`")) {
            '`'
        } else {
            '\\'
        };
    while at < text.len() && out.len() < MAX_INSTRUCTIONS {
        let (line, next) = line_at(text, at);
        let trimmed = view.trim_range(line.clone());
        let body = &text[trimmed.clone()];
        let length = body.len() - body.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let word = &body[..length];
        if !INSTRUCTIONS.contains(&word.to_ascii_uppercase().as_str()) {
            at = next;
            continue;
        }
        let mut pieces: Vec<Range<usize>> = Vec::new();
        pieces.push(trimmed.start + length..line.end);
        let mut after = next;
        let mut last = line;
        while text[last.clone()].trim_end().ends_with(escape) && after < text.len() {
            let (line, next) = line_at(text, after);
            after = next;
            let body = text[line.clone()].trim_start();
            // Comment lines and empty ones between continued lines do not end them.
            if body.starts_with('#') || body.trim().is_empty() {
                continue;
            }
            pieces.push(line.start..line.end);
            last = line;
        }
        let arguments = join(view, &pieces);
        let mut here = Vec::new();
        for tag in marks(&arguments.text) {
            let (body, next) = here_document(text, after, &tag);
            here.push(body);
            after = next;
        }
        out.push(Instruction { word, arguments, here });
        at = after;
    }
    out
}

/// The range of the line at `at` without its end, and the start of the next one.
fn line_at(text: &str, at: usize) -> (Range<usize>, usize) {
    match text[at..].find('\n') {
        Some(n) => (at..at + n - usize::from(text[at..at + n].ends_with('\r')), at + n + 1),
        None => (at..text.len(), text.len()),
    }
}

/// One view of an instruction's lines, the escapes at their ends removed as the builder removes them.
fn join<'v>(view: &'v View<'_>, pieces: &[Range<usize>]) -> View<'v> {
    let [first, rest @ ..] = pieces else { return view.sub(0..0) };
    if rest.is_empty() {
        return view.sub(view.trim_range(first.clone()));
    }
    let start = view.trim_range(first.clone()).start;
    let mut text = String::new();
    let mut map = Vec::new();
    for (i, piece) in pieces.iter().enumerate() {
        let from = if i == 0 { start } else { piece.start };
        let line = view.text.get(from..piece.end).unwrap_or_default();
        // Every line but the last ends in the escape.
        let line = line.trim_end();
        let line = if i < rest.len() { line.strip_suffix(['\\', '`']).unwrap_or(line) } else { line };
        map.push((text.len() as u32, from as u32));
        text.push_str(line);
    }
    view.derived(text, &map)
}

/// The marks of here-documents in the arguments.
fn marks(arguments: &str) -> Vec<String> {
    let mut tags = Vec::new();
    for (i, _) in arguments.match_indices("<<") {
        let rest = arguments[i + 2..].trim_start_matches('-');
        let rest = rest.trim_start_matches(['"', '\'']);
        let length =
            rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_').len();
        let starts_well = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if length > 0 && starts_well && !arguments[..i].ends_with('<') && !arguments[i..].starts_with("<<<") {
            tags.push(rest[..length].to_string());
        }
    }
    tags
}

/// The text from `at` up to a line that is the tag, and where the next line starts.
fn here_document(text: &str, at: usize, tag: &str) -> (Range<usize>, usize) {
    let mut line_start = at.min(text.len());
    while line_start < text.len() {
        let (line, next) = line_at(text, line_start);
        if text[line.clone()].trim_start_matches('\t') == tag {
            return (at..line.start, next);
        }
        line_start = next;
    }
    (at.min(text.len())..text.len(), text.len())
}

fn first_word<'w>(view: &'w View<'_>) -> View<'w> {
    let range = view.trim_range(0..view.text.len());
    let length = view.text[range.clone()].find(char::is_whitespace).unwrap_or(range.len());
    view.sub(range.start..range.start + length)
}

/// The image of a stage, unless it is an earlier stage.
fn from(arguments: &View<'_>, stages: &mut Vec<String>, out: &mut Reading) -> Option<Image> {
    let mut words = Vec::new();
    let mut at = 0;
    for word in arguments.text.split_whitespace() {
        let start = at + arguments.text[at..].find(word).unwrap_or_default();
        at = start + word.len();
        words.push(start..at);
    }
    let reference = words.iter().find(|w| !arguments.text[(*w).clone()].starts_with("--"))?;
    let name = arguments.text[reference.clone()].to_string();
    let stage = words.windows(2).find(|w| arguments.text[w[0].clone()].eq_ignore_ascii_case("as"));
    let known = stages.iter().any(|s| s.eq_ignore_ascii_case(&name)) || name == "scratch";
    if let Some(stage) = stage {
        stages.push(arguments.text[stage[1].clone()].to_string());
    }
    if known {
        return None;
    }
    let view = arguments.sub(reference.clone());
    let image = Image::parse(&view.text);
    images::add(&image, &view, None, true, out);
    Some(image)
}

/// `ENV NAME=value …` or the old `ENV NAME value`.
fn environment(arguments: &View<'_>, out: &mut Reading) {
    let parsed = shell::parse(arguments);
    let words: Vec<_> = parsed.commands.iter().flat_map(|c| &c.words).collect();
    let Some(first) = words.first() else { return };
    if !first.text.contains('=') {
        let name = first.view(arguments, 0..first.text.len());
        let value = arguments.sub(arguments.trim_range(first.range.end..arguments.text.len()));
        variables::add(&name, Some(&value), true, None, out);
        return;
    }
    for word in words {
        if let Some(sign) = word.text.find('=') {
            let name = word.view(arguments, 0..sign);
            let value = word.view(arguments, sign + 1..word.text.len());
            variables::add(&name, Some(&value), true, None, out);
        }
    }
}

fn run(view: &View<'_>, instruction: &Instruction<'_>, out: &mut Reading) {
    let arguments = &instruction.arguments;
    if instruction.here.is_empty() {
        script(arguments, None, out);
        return;
    }
    // `RUN <<EOF` is a script; `RUN cat > f <<EOF` writes a file.
    let first = arguments.text.trim_start();
    if first.starts_with("<<") {
        instruction.here.iter().for_each(|body| script(&view.sub(body.clone()), None, out));
        return;
    }
    let parsed = shell::parse(arguments);
    let target = parsed.commands.iter().find_map(|c| c.outputs.first().map(|w| w.text.clone()));
    for body in &instruction.here {
        let body = view.sub(body.clone());
        if !target.as_deref().is_some_and(|t| out.embed(t, None, &body)) {
            uris::scan(&body, &UriContext { comment: Some("#"), ..UriContext::default() }, out);
        }
    }
}

/// `COPY <<EOF /path`: the text is the file.
fn copy(view: &View<'_>, instruction: &Instruction<'_>, out: &mut Reading) {
    let Some(target) = instruction.arguments.text.split_whitespace().last() else { return };
    let tags = marks(&instruction.arguments.text);
    for (body, tag) in instruction.here.iter().zip(tags) {
        let path = if target.ends_with('/') { format!("{target}{tag}") } else { target.to_string() };
        let body = view.sub(body.clone());
        if !out.embed(&path, None, &body) {
            uris::scan(&body, &UriContext { comment: Some("#"), ..UriContext::default() }, out);
        }
    }
}

fn health(arguments: &View<'_>, program: Option<&str>, out: &mut Reading) {
    let mut fact = Fact::new(&healthcheck::KIND, arguments.full_span());
    if let Some(program) = program {
        fact.derive(healthcheck::software, Value::text(program));
    }
    let text = arguments.text.as_ref();
    let none = text.trim().eq_ignore_ascii_case("none");
    fact.derive(healthcheck::disabled, Value::Bool(none));
    let mut at = 0;
    for word in text.split_whitespace() {
        let start = at + text[at..].find(word).unwrap_or_default();
        at = start + word.len();
        let Some((option, value)) = word.strip_prefix("--").and_then(|w| w.split_once('=')) else {
            break;
        };
        let span = arguments.span(at - value.len()..at);
        let field = match option {
            "interval" => healthcheck::interval,
            "timeout" => healthcheck::timeout,
            "start-period" => healthcheck::start_period,
            "retries" => {
                if let Ok(n) = value.parse() {
                    fact.write(healthcheck::retries, Value::Int(n), span);
                }
                continue;
            }
            _ => continue,
        };
        if let Some(time) = quantities::go_duration(value) {
            fact.write(field, Value::Duration(time), span);
        }
    }
    if let Some(command) = text.find("CMD").filter(|_| !none) {
        let range = arguments.trim_range(command + 3..text.len());
        // The list form is JSON; its words are what counts.
        let words = text[range.clone()].replace(['[', ']', '"', ','], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        put_command(&mut fact, &words.join(" "), arguments.span(range));
    }
    out.facts.add(fact);
}

#[cfg(test)]
mod tests;
