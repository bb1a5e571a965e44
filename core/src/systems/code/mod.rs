//! Programs: the settings and connections that source code says.

mod calls;
mod celery;
mod finish;
mod go;
mod habits;
mod imports;
mod index;
mod java;
mod kafka;
mod locks;
mod loops;
mod node;
mod objects;
mod options;
mod python;
mod table;
mod trust;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use imports::Imports;
use index::Index;

use crate::facts::kinds::amqp::client;
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::{Source, Span, View};
use crate::syntax::code::{self, Constants, Language, Program};
use crate::systems::amqp_clients::{self, Library, SERVER_HEARTBEAT};
use crate::systems::uris::{self, Place, UriContext};
use crate::systems::{FileKind, Match, Reading};

/// Python.
pub static PYTHON: FileKind = FileKind {
    name: "python",
    doc: "Python: Celery's settings, the clients that a program sets up, and how it tries again.",
    recognise: |source| recognise(source, &["py"], Language::Python),
    read: |view, reading| read(view, Language::Python, reading),
};

/// Go.
pub static GO: FileKind = FileKind {
    name: "go",
    doc: "Go: the clients and servers that a program sets up, and how it tries again.",
    recognise: |source| recognise(source, &["go"], Language::Go),
    read: |view, reading| read(view, Language::Go, reading),
};

/// Java.
pub static JAVA: FileKind = FileKind {
    name: "java",
    doc: "Java: the clients that a program sets up, and how it tries again.",
    recognise: |source| recognise(source, &["java"], Language::Java),
    read: |view, reading| read(view, Language::Java, reading),
};

/// Kotlin.
pub static KOTLIN: FileKind = FileKind {
    name: "kotlin",
    doc: "Kotlin: the clients that a program sets up with Java's libraries, and how it tries again.",
    recognise: |source| recognise(source, &["kt", "kts"], Language::Kotlin),
    read: |view, reading| read(view, Language::Kotlin, reading),
};

/// JavaScript.
pub static JAVASCRIPT: FileKind = FileKind {
    name: "javascript",
    doc: "JavaScript: the clients that a program sets up, and how it tries again.",
    recognise: |source| recognise(source, &["js", "mjs", "cjs", "jsx"], Language::JavaScript),
    read: |view, reading| read(view, Language::JavaScript, reading),
};

/// TypeScript.
pub static TYPESCRIPT: FileKind = FileKind {
    name: "typescript",
    doc: "TypeScript: the clients that a program sets up, and how it tries again.",
    recognise: |source| recognise(source, &["ts", "mts", "cts"], Language::TypeScript),
    read: |view, reading| read(view, Language::TypeScript, reading),
};

/// A file without any of these words opens no connection that is known here, and need not be parsed.
const WORDS: &[&str] = &["celery", "amqp", "rabbit", "broker", "pika", "kombu"];

fn recognise(source: &Source, endings: &[&str], language: Language) -> Match {
    let name = source.base_name();
    if !name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending)) {
        return Match::No;
    }
    let known = objects::speaks_of(&source.text, language) || WORDS.iter().any(|w| holds(&source.text, w));
    if known { Match::Likely } else { Match::No }
}

/// True if a text holds a word of ASCII letters in whatever case.
fn holds(text: &str, word: &str) -> bool {
    let word = word.as_bytes();
    let first = word.first().copied().unwrap_or_default();
    let bytes = text.as_bytes();
    bytes.iter().enumerate().any(|(i, b)| {
        b.eq_ignore_ascii_case(&first)
            && bytes.get(i..i + word.len()).is_some_and(|part| part.eq_ignore_ascii_case(word))
    })
}

/// A file that is being read.
struct File<'f> {
    view: &'f View<'f>,
    program: &'f Program,
    constants: Constants<'f>,
    index: Index<'f>,
    /// How often texts occur in it, for those that were asked for.
    counts: RefCell<BTreeMap<&'static str, usize>>,
    /// Parts whose URIs are read already.
    done: RefCell<Vec<Range<usize>>>,
}

fn read(view: &View<'_>, language: Language, reading: &mut Reading) {
    let (program, notices) = code::read(view, language);
    reading.notices.extend(notices);
    let constants = Constants::new(&program);
    let file = File {
        view,
        program: &program,
        constants,
        index: Index::new(&program),
        counts: RefCell::default(),
        done: RefCell::default(),
    };
    let imports = Imports::new(&program, language);
    objects::extract(&file, &imports, language, reading);
    locks::extract(&file, language, reading);
    loops::extract(&file, reading);
    trust::extract(&file, language, reading);
    if language.of_libraries() == Language::Java {
        kafka::java(&file, reading);
    }
    match language {
        Language::Go => go::extract(&file, reading),
        Language::Java | Language::Kotlin => java::extract(&file, reading),
        Language::JavaScript | Language::TypeScript => node::extract(&file, reading),
        Language::Python => {
            celery::extract(&file, reading);
            python::extract(&file, reading);
        }
    }
    let amqp = amqp_library(&file, language);
    if let Some(library) = amqp {
        habits::extract(&file, library, reading);
    }
    file.rest(language, amqp, reading);
}

/// The AMQP client that a file uses.
fn amqp_library(file: &File<'_>, language: Language) -> Option<&'static str> {
    match language {
        Language::Go => go::package(file).map(|(library, _)| library),
        Language::Java | Language::Kotlin => file.program.imports("com.rabbitmq.client").then_some("java"),
        Language::Python => python::library(file),
        Language::JavaScript | Language::TypeScript => {
            let quoted = ["'amqplib", "\"amqplib"].iter().any(|m| file.view.text.contains(m));
            let managed = file.view.text.contains("amqp-connection-manager");
            (quoted && !managed).then_some("amqplib")
        }
    }
}

impl File<'_> {
    /// How often a text occurs in the file.
    fn count(&self, word: &'static str) -> usize {
        let known = self.counts.borrow().get(word).copied();
        known.unwrap_or_else(|| {
            let count = self.view.text.matches(word).count();
            self.counts.borrow_mut().insert(word, count);
            count
        })
    }

    fn span(&self, range: &Range<usize>) -> Span {
        self.view.span(range.clone())
    }

    /// Reads the URI in a range and says the client that it makes.
    fn uri(
        &self,
        range: Range<usize>,
        library: &'static Library,
        key: &str,
        reading: &mut Reading,
    ) -> Option<FactId> {
        if self.done.borrow().contains(&range) {
            return None;
        }
        let before = reading.facts.len() as u32;
        let context = UriContext {
            client: Some(library.name),
            key: Some(key),
            place: Place::Value,
            ..UriContext::default()
        };
        uris::scan(&self.view.sub(range.clone()), &context, reading);
        self.done.borrow_mut().push(range);
        reading.facts.of(&client::KIND).map(|(id, _)| id).find(|id| id.0 >= before)
    }

    /// Reads the URIs that nothing was known of.
    fn rest(&self, language: Language, amqp: Option<&str>, reading: &mut Reading) {
        let mark = if language == Language::Python { "#" } else { "//" };
        let context = UriContext { comment: Some(mark), amqp_client: amqp, ..UriContext::default() };
        let mut all = self.done.borrow().clone();
        all.extend(self.program.documentation.iter().cloned());
        all.sort_by_key(|r| r.start);
        let mut at = 0;
        for done in &all {
            if done.start > at {
                uris::scan(&self.view.sub(at..done.start), &context, reading);
            }
            at = at.max(done.end);
        }
        if at < self.view.text.len() {
            uris::scan(&self.view.sub(at..self.view.text.len()), &context, reading);
        }
    }
}

/// The heartbeat that follows from the one a client asks for.
fn settle(fact: &mut Fact, library: &Library) {
    let asked = fact.int(client::heartbeat);
    if let Some(settled) = library.settle(asked, SERVER_HEARTBEAT) {
        let span = fact.get(client::heartbeat).and_then(Said::span);
        let value = Value::Duration(settled);
        let said = match span {
            Some(span) => Said::derived(value, Some(span)),
            None => Said::default(value, library.shown),
        };
        fact.set(client::effective_heartbeat, said);
    }
}

/// The row of a library that is always there.
fn library(name: &str) -> Option<&'static Library> {
    amqp_clients::find(name, None)
}

#[cfg(test)]
mod library_tests;
#[cfg(test)]
mod tests;
