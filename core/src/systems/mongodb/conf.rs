//! `mongod.conf` and `mongos.conf`.

use crate::facts::kinds::mongodb::server::{server, setting};
use crate::facts::tables::MONGOD;
use crate::facts::{Fact, Said, Value};
use crate::hosts;
use crate::source::{Source, View};
use crate::syntax::{Data, Node, template, yaml};
use crate::systems::containers::nodes;
use crate::systems::keyed::forms::{Writing, plain_number};
use crate::systems::keyed::{Line, Lines, Program};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::{FileKind, Match, Reading, carriers};

/// The configuration of a MongoDB server.
pub static CONF: FileKind =
    FileKind { name: "mongod.conf", doc: "The configuration of a MongoDB server, in YAML.", recognise, read };

static WRITING: Writing = Writing {
    truth: |word| match word {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    },
    truth_words: "`true` or `false`",
    number: plain_number,
    any_case: false,
};

static OPTIONS: Program = Program {
    setting: &setting::KIND,
    table: &MONGOD,
    writing: &WRITING,
    canonical: str::to_owned,
    secret: |key| key.ends_with("assword"),
};

/// Sections that together belong to no other program.
const SECTIONS: &[&str] =
    &["systemLog:", "storage:", "net:", "security:", "replication:", "processManagement:", "sharding:"];

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    let named = name.contains("mongo");
    if !named && !name.ends_with(".conf") {
        return Match::No;
    }
    let text = carriers::beginning(&source.text);
    if !["bindIp", "dbPath", "replSetName", "maxIncomingConnections"].iter().any(|k| text.contains(k)) {
        return Match::No;
    }
    let sections = text.lines().filter(|l| SECTIONS.iter().any(|s| l.trim_end() == *s)).count();
    match (named, sections) {
        (true, 1..) => Match::Sure,
        (false, 2..) => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (documents, notices) = yaml::parse(view);
    out.notices.extend(notices);
    let Some(root) = documents.first() else { return };
    let template = template::detect(&view.text).is_some();
    let mut lines = Lines::new(&OPTIONS, Fact::new(&server::KIND, root.span), template);
    section(root, "", 0, &mut lines, out);
    let mut fact = lines.finish(server::filled_in);
    let text = |key: &str| fact.setting(key).map(Said::shown);
    let all = matches!(fact.setting("net.bindIpAll").map(|s| &s.value), Some(Value::Bool(true)));
    let bound = text("net.bindIp");
    let filled = match fact.get(server::filled_in).map(|s| &s.value) {
        Some(Value::List(items)) => items.iter().any(|i| i.shown().starts_with("net.bindIp")),
        _ => false,
    };
    if !filled {
        let reached = |b: &String| {
            b.split(',')
                .map(str::trim)
                .any(|a| !a.is_empty() && !hosts::is_loopback(a) && !a.starts_with('/'))
        };
        let at = fact.setting("net.bindIp").or(fact.setting("net.bindIpAll")).and_then(Said::span);
        let exposed = all || bound.as_ref().is_some_and(reached);
        fact.set(server::exposed, Said::derived(Value::Bool(exposed), at));
    }
    let on = |key: &str, value: &str| fact.setting(key).is_some_and(|s| s.shown() == value);
    let set = |key: &str| fact.setting(key).is_some();
    let authorized = on("security.authorization", "enabled")
        || set("security.keyFile")
        || on("security.clusterAuthMode", "x509")
        || set("sharding.configDB");
    fact.derive(server::authorized, Value::Bool(authorized));
    out.facts.add(fact);
}

/// Options nest no deeper than this.
const MAX_DEPTH: usize = 6;

fn section(node: &Node<'_>, prefix: &str, depth: usize, lines: &mut Lines, out: &mut Reading) {
    for (key, value) in node.pairs() {
        let name = format!("{prefix}{}", key.view.text);
        let holds = |k: &&crate::facts::KeyDef| k.name.starts_with(&format!("{name}."));
        if matches!(value.data, Data::Map(_)) && depth < MAX_DEPTH && !free(&name) {
            section(value, &format!("{name}."), depth + 1, lines, out);
            continue;
        }
        // An empty section says nothing, and of `setParameter` and its kin every name is good.
        if free(&name) || MONGOD.keys().iter().find(holds).is_some() || name.contains("component.") {
            continue;
        }
        let key_view = View::mapped(key.view.full_span().file, name, vec![(0, key.view.full_span().start)]);
        let line =
            Line { section: None, key: &key_view, value: nodes::view(value), span: key.view.full_span() };
        let id = lines.line(&line, out);
        let fact = out.facts.get_mut(id);
        fact.write(setting::key, Value::text(&key_view.text), key.view.full_span());
    }
}

/// Sections whose keys are not listed.
fn free(name: &str) -> bool {
    matches!(
        name,
        "setParameter" | "systemLog.component" | "net.clientOptions" | "basisTech" | "clusterConfig"
    )
}
