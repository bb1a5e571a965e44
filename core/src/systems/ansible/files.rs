//! What tasks put on a host: files from templates, kernel settings and limits.

use std::collections::BTreeSet;

use super::library::Library;
use super::values::{Params, Scope, plain};
use super::variables::Variables;
use crate::source::{FileId, Source, Span, View};
use crate::syntax::template;
use crate::systems::firewall::commands::Word;
use crate::systems::limits::{LIMITS_CONF, SYSCTL_CONF};
use crate::systems::{self, FileKind, Filled, Reading};

/// Where the module `sysctl` writes unless it is told otherwise.
const SYSCTL_FILE: &str = "/etc/sysctl.conf";

/// Where the module `pam_limits` writes unless it is told otherwise.
const LIMITS_FILE: &str = "/etc/security/limits.conf";

/// Kinds of files that are read together with others beside them, which a template is not.
const TOGETHER: &[&str] = &["compose", "kubernetes", "ansible", "terraform"];

/// Files that tasks may put on a host; sites with more put the same file there time and again.
const MAX_FILES: usize = 200;

/// A file that a task puts on the host.
pub(super) struct Placed {
    /// Its name in the project, as written, and the directory of the task.
    source: String,
    directory: String,
    /// Its path on the host.
    path: String,
}

/// Everything that the tasks of one file put on the host.
#[derive(Default)]
pub(super) struct Files {
    placed: Vec<Placed>,
    sysctl: Lines,
    limits: Lines,
}

impl Files {
    /// What one task puts there.
    pub(super) fn place(&mut self, module: &str, params: &Params, directory: &str) {
        let absent = params.text("state") == "absent";
        match module {
            "template" | "copy" if self.placed.len() < MAX_FILES => {
                let (Some(source), Some(path)) = (params.one(&["src"]), params.one(&["dest"])) else {
                    return;
                };
                let name = path.text.rsplit('/').next().unwrap_or_default();
                if !source.open && !name.is_empty() && !name.contains(['{', '$']) {
                    self.placed.push(Placed {
                        source: source.text.clone(),
                        directory: directory.to_owned(),
                        path: path.text.clone(),
                    });
                }
            }
            "sysctl" | "ansible.posix.sysctl" if !absent => {
                if let (Some(name), Some(value)) =
                    (params.one(&["name", "key"]), params.one(&["value", "val"]))
                {
                    self.sysctl.add(&[name, value], " = ");
                }
            }
            "pam_limits" | "community.general.pam_limits" if !absent => {
                let parts = ["domain", "limit_type", "limit_item", "value"];
                let words: Vec<&Word> = parts.iter().filter_map(|p| params.one(&[p])).collect();
                if words.len() == parts.len() {
                    self.limits.add(&words, " ");
                }
            }
            _ => {}
        }
    }

    /// Reads all of it as what it becomes.
    pub(super) fn read(
        self,
        file: FileId,
        library: &Library<'_>,
        variables: &Variables<'_, '_>,
        out: &mut Reading,
    ) {
        for (lines, kind, path) in
            [(self.sysctl, &SYSCTL_CONF, SYSCTL_FILE), (self.limits, &LIMITS_CONF, LIMITS_FILE)]
        {
            if let Some(view) = lines.finish(file) {
                out.embed_as(kind, path, None, &view);
            }
        }
        for placed in self.placed {
            let Some(name) = library.find(&placed.directory, &placed.source) else { continue };
            let (Some(id), Some(view)) = (library.file(name), library.view(name)) else { continue };
            if id != file && !out.taken.contains(&id) {
                put(name, &placed.path, view, variables, out);
            }
        }
    }
}

/// Reads a file under the name that it gets, with the variables that are known filled in. It is left to itself when
/// that says nothing new.
fn put(name: &str, path: &str, view: &View<'_>, variables: &Variables<'_, '_>, out: &mut Reading) {
    let kind_of = |name: &str| systems::recognise(&Source::new(name, view.text.as_ref()));
    let Some(kind) = kind_of(path) else { return };
    if TOGETHER.contains(&kind.name) {
        return;
    }
    let mut places: Vec<Filled> = Vec::new();
    let scope = Scope { item: None, variables };
    let bound = bound(&view.text);
    let rendered = template::fill_some(view, &mut |expression, at| {
        let (text, from, name) = plain(expression, scope)?;
        let own = name.split(['.', '[']).next().is_some_and(|first| bound.contains(first));
        if own {
            return None;
        }
        places.push(Filled { at, from, name });
        Some(text)
    });
    let same = |other: &&'static FileKind| std::ptr::eq(*other, kind);
    let unit = path.contains(".service");
    if places.is_empty() && kind_of(name).as_ref().is_some_and(same) && !unit {
        return;
    }
    if out.embed(path, None, &rendered) {
        out.taken.push(view.file);
        out.filled.extend(places);
    }
}

/// Names that a template gives a meaning itself: `{% for port in ports %}`, `{% set port = 1 %}`.
fn bound(text: &str) -> BTreeSet<&str> {
    let statements = text.split("{%").skip(1).filter_map(|rest| rest.split("%}").next());
    let names = statements.filter_map(|statement| {
        let statement = statement.trim_matches(['-', '+', ' ', '\t', '\n']);
        let (word, rest) = statement.split_once(' ')?;
        let end = match word {
            "for" => rest.find(" in ")?,
            "set" => rest.find('=').unwrap_or(rest.len()),
            _ => return None,
        };
        rest.get(..end)
    });
    names.flat_map(|names| names.split([',', '(', ')', ' '])).filter(|name| !name.is_empty()).collect()
}

/// Lines put together from words of tasks.
#[derive(Default)]
struct Lines {
    text: String,
    /// `(inner, outer)` pairs where the mapping jumps.
    pieces: Vec<(u32, u32)>,
    file: Option<FileId>,
}

impl Lines {
    fn add(&mut self, words: &[&Word], between: &str) {
        let Some(first) = words.first() else { return };
        let one_file = self.file.is_none_or(|f| f == first.span.file)
            && words.iter().all(|w| w.span.file == first.span.file && !w.open && w.text.is_ascii());
        if !one_file || words.iter().any(|w| w.text.is_empty() || w.text.contains('\n')) {
            return;
        }
        self.file = Some(first.span.file);
        for (i, word) in words.iter().enumerate() {
            if i > 0 {
                self.text.push_str(between);
            }
            self.word(&word.text, word.span);
        }
        self.text.push('\n');
    }

    fn word(&mut self, text: &str, span: Span) {
        let start = self.text.len() as u32;
        self.text.push_str(text);
        let end = self.text.len() as u32;
        self.pieces.push((start, span.start));
        if end - start > 1 {
            self.pieces.push((end - 1, span.end.saturating_sub(1).max(span.start)));
        }
        // Signs between words stand for nothing that is written; they lie at the end of the word before.
        self.pieces.push((end, span.end));
    }

    fn finish(self, file: FileId) -> Option<View<'static>> {
        (self.file == Some(file)).then(|| View::mapped(file, self.text, self.pieces))
    }
}
