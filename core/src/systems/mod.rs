//! The systems whose files are read: one room each. A system says how to recognise its files and turns them into
//! facts, with its defaults by version.

pub mod amqp_clients;
pub mod haproxy;
pub mod limits;
pub mod rabbitmq;
mod services;
pub mod uris;

use crate::facts::Facts;
use crate::settings::Settings;
use crate::source::{Source, Span, View};
use crate::syntax::Notice;

/// How sure a kind of file is that a source belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Match {
    /// It does not.
    No,
    /// It could: some text fits and nothing better is known.
    Possible,
    /// The content fits and the name does not speak against it.
    Likely,
    /// The name says so, or the content can be nothing else.
    Sure,
}

/// A kind of file that can be read.
pub struct FileKind {
    /// Its name, for `--kind` and `connlint.toml`: `rabbitmq.conf`.
    pub name: &'static str,
    /// One sentence.
    pub doc: &'static str,
    /// Whether a source is of this kind.
    pub recognise: fn(&Source) -> Match,
    /// Reads it. The view may be a part of a file (a value of a ConfigMap).
    pub read: fn(&View<'_>, &mut Reading),
}

/// What was read from a file.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// What it says.
    pub facts: Facts,
    /// What could not be read.
    pub notices: Vec<Notice>,
    /// Passwords, tokens and keys: never shown.
    pub secrets: Vec<Span>,
}

impl Reading {
    /// Notes something that could not be read.
    pub fn notice(&mut self, span: Span, message: impl Into<String>) {
        self.notices.push(Notice { span, message: message.into() });
    }
}

/// Every kind of file that can be read, the most particular first.
#[rustfmt::skip]
pub static FILE_KINDS: &[&FileKind] = &[
    &rabbitmq::CONF_TEMPLATE,
    &rabbitmq::CONF,
    &haproxy::HAPROXY,
    &limits::SYSCTL_CONF,
    &uris::file::FILE,
];

/// The kind of a name.
pub fn kind(name: &str) -> Option<&'static FileKind> {
    FILE_KINDS.iter().find(|k| k.name == name).copied()
}

/// What kind of file a source is: what the settings say of its name, else the surest match; among equals the first.
pub fn detect(source: &Source, settings: &Settings) -> Option<&'static FileKind> {
    let set = settings.kinds.iter().rev().find(|(pattern, _)| {
        crate::glob::matches(pattern, &source.name)
            || !pattern.contains('/')
                && crate::glob::matches(pattern, source.name.rsplit('/').next().unwrap_or(""))
    });
    if let Some((_, name)) = set {
        return kind(name);
    }
    let mut best: Option<(Match, &'static FileKind)> = None;
    for &kind in FILE_KINDS {
        let sure = (kind.recognise)(source);
        if sure > best.map_or(Match::No, |(m, _)| m) {
            best = Some((sure, kind));
        }
    }
    best.map(|(_, kind)| kind)
}
