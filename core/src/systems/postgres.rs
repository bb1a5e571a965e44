//! PostgreSQL: postgresql.conf and pg_hba.conf.

pub mod hba;
pub mod numbers;
pub mod pgbouncer;

pub use hba::HBA;
pub use pgbouncer::{PGBOUNCER_INI, USERLIST};

use crate::facts::kinds::postgres::{malformed_line, server, setting};
use crate::facts::tables::POSTGRESQL;
use crate::facts::{Fact, Said, Type, Value};
use crate::hosts;
use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, Item, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms::{Writing, is_open};
use crate::systems::keyed::{Line, Lines, Program, share_of_known};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::{FileKind, Match, Reading};

/// `postgresql.conf`, `postgresql.auto.conf` and the files of `conf.d`.
pub static CONF: FileKind = FileKind {
    name: "postgresql.conf",
    doc: "PostgreSQL's settings: postgresql.conf, postgresql.auto.conf and files of conf.d.",
    recognise,
    read,
};

static WRITING: Writing =
    Writing { truth: numbers::truth, truth_words: "`on` or `off`", number: numbers::whole, any_case: true };

static PROGRAM: Program = Program {
    setting: &setting::KIND,
    table: &POSTGRESQL,
    writing: &WRITING,
    canonical: |key| key.to_ascii_lowercase(),
    secret: |key| matches!(key, "primary_conninfo" | "ssl_passphrase_command"),
};

/// The key of a line of postgresql.conf.
fn key_of(line: &str) -> &str {
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '.').unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    let sample = name.strip_suffix(".sample").unwrap_or(name);
    let of_postgres = || source.name.to_ascii_lowercase().contains("postgres");
    if !sample.ends_with(".conf") || sample.starts_with("pg_hba") || sample != "pgtune.conf" && !of_postgres()
    {
        return Match::No;
    }
    let share = share_of_known(&source.text, "#", |line| {
        // A directive of another program's block file has no `=` and ends with `;` or `{`.
        POSTGRESQL.find(&key_of(line).to_ascii_lowercase()).is_some() && !line.ends_with(['{', ';'])
    });
    let named = sample.contains("postgres") || sample == "pgtune.conf";
    match share {
        Some(share) if share > 0.2 && matches!(sample, "postgresql.conf" | "postgresql.auto.conf") => {
            Match::Sure
        }
        None if matches!(sample, "postgresql.conf" | "postgresql.auto.conf") => Match::Sure,
        Some(share) if share > 0.6 && named => Match::Sure,
        Some(share) if share > 0.9 && of_postgres() => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (items, notices) = keyvalue::parse(view, &dialects::POSTGRES);
    out.notices.extend(notices);
    let Some(first) = items.iter().find_map(Item::pair) else { return };
    let mut lines = Lines::new(&PROGRAM, Fact::new(&server::KIND, first.span), template);
    let mut includes = false;
    for item in &items {
        let pair = match item {
            Item::Malformed(line) => {
                let mut fact = Fact::new(&malformed_line::KIND, line.span);
                fact.derive(malformed_line::reason, Value::text(line.reason));
                out.facts.add(fact);
                continue;
            }
            Item::Pair(pair) => pair,
        };
        // A name with a dot is an extension's own parameter.
        if pair.key.text.contains('.') {
            continue;
        }
        includes |= pair.key.text.starts_with("include");
        let line = Line { section: None, key: &pair.key, value: Some(&pair.value), span: pair.span };
        let id = lines.line(&line, out);
        let fact = out.facts.get_mut(id);
        let value = pair.value.text.trim();
        let digits = value.bytes().take_while(u8::is_ascii_digit).count();
        let unit = value.get(digits..).unwrap_or_default().trim();
        let measured = fact.bool(setting::well_typed) == Some(false)
            && digits > 0
            && !unit.is_empty()
            && unit.bytes().all(|b| b.is_ascii_alphabetic());
        fact.derive(setting::unit_mistake, Value::Bool(measured));
        let known = fact.bool(setting::known) == Some(true);
        let def =
            POSTGRESQL.find(&pair.key.text.to_ascii_lowercase()).and_then(|at| POSTGRESQL.keys().get(at));
        let time = def.is_some_and(|d| d.ty == Some(Type::Duration));
        let bare = pair.quoted.is_none() && !numbers::stands_bare(value) && !is_open(value);
        fact.derive(setting::quotes_missing, Value::Bool(bare && !value.starts_with('\'')));
        if measured
            && known
            && let Some(right) = numbers::right_unit(value, time)
        {
            fact.set(setting::suggestion, Said::derived(Value::text(right), Some(pair.value.full_span())));
        }
    }
    let mut fact = lines.finish(server::filled_in);
    fact.derive(server::includes, Value::Bool(includes));
    exposure(&mut fact);
    connections(&mut fact);
    out.facts.add(fact);
}

fn exposure(fact: &mut Fact) {
    let Some(said) = fact.setting("listen_addresses").cloned() else { return };
    let text = said.shown();
    if is_open(&text) {
        return;
    }
    let reached = text.split(',').map(str::trim).any(|a| !a.is_empty() && !hosts::is_loopback(a));
    fact.set(server::exposed, Said::derived(Value::Bool(reached), said.span()));
}

/// `max_connections`, less what is kept for superusers (3 unless said) and for members of pg_use_reserved_connections.
fn connections(fact: &mut Fact) {
    let int = |name: &str| match fact.setting(name).map(|s| (&s.value, s.span())) {
        Some((Value::Int(n), span)) => Some((*n, span)),
        _ => None,
    };
    let Some((most, span)) = int("max_connections") else { return };
    const SUPERUSERS: i64 = 3;
    let kept = int("superuser_reserved_connections").map_or(SUPERUSERS, |n| n.0)
        + int("reserved_connections").map_or(0, |n| n.0);
    fact.set(server::usable_connections, Said::derived(Value::Int(most.saturating_sub(kept)), span));
}
