//! The systems whose files are read: one room each. A system says how to recognise its files and turns them into
//! facts, with its defaults by version.

pub mod amqp_clients;
pub mod ansible;
pub(crate) mod balancers;
pub mod carriers;
#[cfg(feature = "code")]
pub mod code;
pub mod compose;
pub mod containers;
pub mod dockerfile;
pub mod envoy;
pub mod firewall;
pub mod haproxy;
pub mod kafka;
pub mod keyed;
pub mod kubernetes;
pub mod limits;
pub mod logs;
pub mod mongodb;
pub mod mosquitto;
pub mod mysql;
pub mod nats;
pub mod nginx;
pub mod postgres;
pub mod prometheus;
pub mod rabbitmq;
pub mod redis;
mod retries;
pub(crate) mod services;
pub mod spring;
pub mod terraform;
pub mod tls;
pub mod uris;
pub mod zabbix;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::kinds::container::embedded;
use crate::facts::{Fact, FactId, Facts, Field, Value};
use crate::settings::Settings;
use crate::source::{FileId, Source, Sources, Span, View};
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

/// What references to other files stand for: by the file that holds them and what is written.
pub(in crate::systems) type References = BTreeMap<(FileId, String), Vec<FileId>>;

/// The files that a file is read together with.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The file's own name, without directories.
    pub name: String,
    /// The others.
    pub files: Vec<(FileId, Arc<Source>)>,
    /// Its directory.
    pub(in crate::systems) directory: String,
    /// Files that it names, and those that these name.
    pub(in crate::systems) named: Vec<(FileId, Arc<Source>)>,
    /// What each file's references to others stand for.
    pub(in crate::systems) references: References,
}

impl Beside {
    /// All files whose text is looked at beside its own.
    pub fn all(&self) -> impl Iterator<Item = FileId> {
        self.files.iter().chain(&self.named).map(|(id, _)| *id)
    }

    /// Those files that a source of a kind is read together with.
    pub fn of(kind: &FileKind, file: FileId, sources: &Sources) -> Beside {
        let source = sources.get(file);
        let mut beside = Beside {
            name: source.base_name().to_owned(),
            directory: source.directory().to_owned(),
            ..Beside::default()
        };
        if kind.name == compose::COMPOSE.name {
            let there = sources
                .within(source.directory())
                .filter(|(id, other)| *id != file && compose::is_beside(other.base_name()));
            beside.files = there.map(|(id, _)| (id, sources.share(id))).collect();
            // An override names files for the project that it belongs to.
            let layers = beside.files.iter().map(|(id, _)| *id).chain([file]);
            beside.references = layers.flat_map(|id| compose::references(id, sources)).collect();
        } else if kind.name == haproxy::HAPROXY.name {
            beside.files =
                haproxy::parts(file, sources).into_iter().map(|id| (id, sources.share(id))).collect();
        } else if kind.name == nginx::NGINX.name {
            beside.references = nginx::includes(file, sources);
        } else if kind.name == ansible::ANSIBLE.name {
            beside.references = ansible::brought_in(file, sources);
        }
        let named: BTreeSet<FileId> = beside.references.values().flatten().copied().collect();
        beside.named = named.into_iter().map(|id| (id, sources.share(id))).collect();
        beside
    }
}

/// A variable whose value another file gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// Where it is referred to.
    pub at: Span,
    /// Where its value stands.
    pub from: Span,
    /// Its name.
    pub name: String,
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
    /// Firewalls, to be asked with [`crate::firewall::reach()`] whether a client gets to a port.
    pub rulesets: Vec<crate::firewall::Ruleset>,
    /// Variables that another file fills in.
    pub filled: Vec<Filled>,
    /// The files it is read together with.
    pub beside: Beside,
    /// Other files whose facts are said here, where they belong: what they say by themselves does not count.
    pub taken: Vec<FileId>,
    /// Other files whose tasks run here: what is [`Reading::alone`] there does not count.
    pub followed: BTreeSet<FileId>,
    /// What it says unless another file runs its tasks.
    pub alone: Option<Box<Reading>>,
    /// Kubernetes network policies, to be asked with [`crate::firewall::admits()`] whether a pod gets to another one.
    pub policies: Vec<crate::firewall::PodPolicy>,
    /// Firewall commands that the reader of the outer file gathers, since they belong to one firewall.
    pub(in crate::systems) gathered: Option<Vec<firewall::commands::Command>>,
    /// How many files the text that is read now is embedded in.
    depth: usize,
}

/// A configuration inside a configuration inside a configuration is not read further: real files stop at two (a
/// script in a config map that writes a file).
const MAX_EMBEDDING: usize = 4;

impl Reading {
    /// Notes something that could not be read.
    pub fn notice(&mut self, span: Span, message: impl Into<String>) {
        self.notices.push(Notice { span, message: message.into() });
    }

    /// Reads a configuration that is written inside another file, as what its name (or path) and content say it is.
    /// `carrier` names the object that holds it. False if nothing more particular than a text was recognised, or it
    /// lies too deep; then nothing was read.
    pub fn embed(&mut self, name: &str, carrier: Option<&str>, view: &View<'_>) -> bool {
        if self.depth >= MAX_EMBEDDING || view.text.trim().is_empty() {
            return false;
        }
        match recognise(&Source::new(name, view.text.as_ref())) {
            Some(kind) if !carriers::generic::is_fallback(kind) => {
                // A file of its own sets up a firewall of its own.
                let gathered = self.gathered.take();
                self.read_embedded(kind, name, carrier, None, view);
                self.gathered = gathered;
                true
            }
            _ => false,
        }
    }

    /// Like [`Reading::embed`], for a text whose kind the carrier knows.
    pub fn embed_as(
        &mut self,
        kind: &'static FileKind,
        name: &str,
        carrier: Option<&str>,
        view: &View<'_>,
    ) -> bool {
        if self.depth >= MAX_EMBEDDING || view.text.trim().is_empty() {
            return false;
        }
        self.read_embedded(kind, name, carrier, None, view);
        true
    }

    /// Reads what the command of a service or container sets.
    pub fn embed_command(&mut self, settings: &containers::invocation::Settings, of: (Field, FactId)) {
        if self.depth < MAX_EMBEDDING {
            self.read_embedded(settings.kind, settings.program, None, Some(of), &settings.view);
        }
    }

    fn read_embedded(
        &mut self,
        kind: &'static FileKind,
        name: &str,
        carrier: Option<&str>,
        of: Option<(Field, FactId)>,
        view: &View<'_>,
    ) {
        let mut fact = Fact::new(&embedded::KIND, view.full_span());
        fact.derive(embedded::path, Value::text(name));
        fact.derive(embedded::kind, Value::text(kind.name));
        if let Some(carrier) = carrier {
            fact.derive(embedded::carrier, Value::text(carrier));
        }
        if let Some((field, id)) = of {
            fact.derive(field, Value::Record(id));
        }
        self.facts.add(fact);
        self.depth += 1;
        (kind.read)(view, self);
        self.depth -= 1;
    }
}

/// Every kind of file that can be read, the most particular first.
#[rustfmt::skip]
pub static FILE_KINDS: &[&FileKind] = &[
    &carriers::bundle::BUNDLE,
    &firewall::UFW_RULES,
    &firewall::IPTABLES_SAVED,
    &firewall::UFW_STATUS,
    &firewall::NFTABLES,
    &firewall::FIREWALLD_ZONE,
    &firewall::FIREWALLD_POLICY,
    &carriers::shell::FIREWALL_SCRIPT,
    &rabbitmq::CONF_TEMPLATE,
    &rabbitmq::CONF,
    &rabbitmq::DEFINITIONS,
    &rabbitmq::ADVANCED,
    &rabbitmq::CLASSIC,
    &rabbitmq::PLUGINS,
    &rabbitmq::INTER_NODE_TLS,
    &rabbitmq::ENVIRONMENT,
    &tls::S_CLIENT,
    &tls::X509_TEXT,
    &tls::PEM,
    &kafka::BROKER,
    &kafka::WORKER,
    &kafka::CONNECTOR,
    &kafka::REGISTRY,
    &kafka::CLIENT,
    &redis::CONF,
    &postgres::CONF,
    &postgres::HBA,
    &postgres::PGBOUNCER_INI,
    &postgres::USERLIST,
    &mysql::CNF,
    &mongodb::CONF,
    &mosquitto::CONF,
    &nats::CONF,
    &haproxy::HAPROXY,
    &limits::SYSCTL_CONF,
    &prometheus::RULES,
    &prometheus::GRAFANA,
    &zabbix::EXPORT,
    &prometheus::SERVER,
    &compose::COMPOSE,
    &kubernetes::KUBERNETES,
    &kubernetes::helm::VALUES,
    &terraform::TERRAFORM,
    &ansible::ANSIBLE,
    &dockerfile::DOCKERFILE,
    &carriers::env::ENV,
    &carriers::shell::SHELL,
    &limits::LIMITS_CONF,
    &limits::SYSTEMD_UNIT,
    &limits::SYSTEMD_MANAGER,
    &limits::PROCESS_LIMITS,
    &limits::LISTENING,
    &nginx::NGINX,
    &spring::SPRING,
    &envoy::ENVOY,
    &limits::DOCKER_DAEMON,
    #[cfg(feature = "code")]
    &code::PYTHON,
    #[cfg(feature = "code")]
    &code::GO,
    #[cfg(feature = "code")]
    &code::JAVA,
    #[cfg(feature = "code")]
    &code::JAVASCRIPT,
    #[cfg(feature = "code")]
    &code::KOTLIN,
    #[cfg(feature = "code")]
    &code::TYPESCRIPT,
    &logs::LOG,
    &uris::file::FILE,
    &carriers::generic::YAML,
    &carriers::generic::JSON,
    &carriers::generic::TOML,
    &carriers::generic::PROPERTIES,
    &carriers::generic::INI,
    &carriers::generic::PROSE,
    &carriers::generic::TEXT,
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
    recognise(source)
}

fn recognise(source: &Source) -> Option<&'static FileKind> {
    let mut best: Option<(Match, &'static FileKind)> = None;
    for &kind in FILE_KINDS {
        let sure = (kind.recognise)(source);
        if sure == Match::Sure {
            return Some(kind);
        }
        if sure > best.map_or(Match::No, |(m, _)| m) {
            best = Some((sure, kind));
        }
    }
    best.map(|(_, kind)| kind)
}
