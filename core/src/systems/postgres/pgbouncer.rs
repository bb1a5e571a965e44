//! PgBouncer: pgbouncer.ini and the file of its users.

use crate::facts::Said;
use crate::facts::kinds::postgres::pgbouncer::{database, server, setting, user};
use crate::facts::tables::PGBOUNCER;
use crate::facts::{Fact, Value};
use crate::hosts;
use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, Pair, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms::{Writing, is_open};
use crate::systems::keyed::{Line, Lines, Program, share_of_known};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::uris::is_weak;
use crate::systems::{FileKind, Match, Reading};

/// `pgbouncer.ini`.
pub static PGBOUNCER_INI: FileKind =
    FileKind { name: "pgbouncer.ini", doc: "PgBouncer's databases, users and settings.", recognise, read };

/// PgBouncer's `userlist.txt`.
pub static USERLIST: FileKind = FileKind {
    name: "pgbouncer.userlist",
    doc: "PgBouncer's users and their passwords: two words in double quotes a line.",
    recognise: |source| {
        if !source.base_name().starts_with("userlist") {
            return Match::No;
        }
        let lines: Vec<&str> = source.text.lines().map(str::trim).filter(|l| !l.is_empty()).take(9).collect();
        let fits = !lines.is_empty()
            && lines
                .iter()
                .filter(|l| !l.starts_with([';', '#']))
                .all(|l| l.starts_with('"') && l.ends_with('"') && l.matches('"').count() >= 4);
        if fits { Match::Sure } else { Match::No }
    },
    read: read_users,
};

/// The longest time or number that the program takes is far above what a line can mean.
fn number(text: &str, unit: &str) -> Option<i64> {
    let seconds: f64 = match text.parse::<i64>() {
        Ok(whole) => return Some(whole),
        Err(_) if unit == "s" => text.parse().ok()?,
        Err(_) => return None,
    };
    seconds.is_finite().then(|| seconds.round() as i64)
}

static WRITING: Writing = Writing {
    // libusual, `cf_set_int` with its words for truth.
    truth: |word| match word.to_ascii_lowercase().as_str() {
        "1" | "on" | "yes" | "true" | "t" | "y" => Some(true),
        "0" | "off" | "no" | "false" | "f" | "n" => Some(false),
        _ => word.parse::<i64>().ok().map(|n| n != 0),
    },
    truth_words: "`1` or `0`",
    number,
    any_case: true,
};

static PROGRAM: Program = Program {
    setting: &setting::KIND,
    table: &PGBOUNCER,
    writing: &WRITING,
    canonical: |key| key.to_ascii_lowercase(),
    secret: |_| false,
};

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    if !(name.ends_with(".ini") || name.ends_with(".conf") || name.starts_with("pgbouncer")) {
        return Match::No;
    }
    let has = |section: &str| {
        source.text.contains('[') && source.text.lines().any(|l| l.trim().eq_ignore_ascii_case(section))
    };
    if has("[pgbouncer]") {
        return Match::Sure;
    }
    if !name.contains("pgbouncer") {
        return Match::No;
    }
    let share = share_of_known(&source.text, ";#", |line| {
        let key = line.split('=').next().unwrap_or_default().trim();
        PGBOUNCER.find(&key.to_ascii_lowercase()).is_some()
    });
    match share {
        Some(share) if share > 0.6 && name.ends_with(".ini") => Match::Likely,
        None if name == "pgbouncer.ini" => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::PGBOUNCER);
    out.notices.extend(notices);
    let settings = |pair: &&Pair<'_>| section(pair).is_some_and(|s| s == "pgbouncer");
    let at = pairs.iter().find(settings).or(pairs.first());
    let Some(first) = at else { return };
    let mut lines = Lines::new(&PROGRAM, Fact::new(&server::KIND, first.span), template);
    let (mut databases, mut any, mut includes) = (0, false, false);
    for pair in &pairs {
        if pair.key.text.starts_with('%') {
            includes = true;
            continue;
        }
        match section(pair).as_deref() {
            Some("databases") => {
                databases += 1;
                any |= pair.key.text == "*";
                add_database(pair, out);
            }
            Some("pgbouncer") | None => {
                let section = pair.section.as_ref().map(|s| s.text.as_ref());
                let line = Line { section, key: &pair.key, value: Some(&pair.value), span: pair.span };
                lines.line(&line, out);
            }
            _ => {}
        }
    }
    let mut fact = lines.finish(server::filled_in);
    fact.derive(server::databases, Value::Int(databases));
    fact.derive(server::any_database, Value::Bool(any));
    fact.derive(server::includes, Value::Bool(includes));
    if let Some(said) = fact.setting("listen_addr").cloned().filter(|s| !is_open(&s.shown())) {
        let text = said.shown();
        let reached = text.split(',').map(str::trim).any(|a| !a.is_empty() && !hosts::is_loopback(a));
        fact.set(server::exposed, Said::derived(Value::Bool(reached), said.span()));
    } else if !includes && !template {
        // Without it PgBouncer listens on its Unix socket only.
        fact.derive(server::exposed, Value::Bool(false));
    }
    out.facts.add(fact);
}

fn section(pair: &Pair<'_>) -> Option<String> {
    pair.section.as_ref().map(|s| s.text.trim().to_ascii_lowercase())
}

/// Parameters of a database (doc/config.md, up to 1.25).
const PARAMETERS: &[&str] = &[
    "dbname",
    "host",
    "port",
    "user",
    "password",
    "auth_user",
    "auth_query",
    "auth_dbname",
    "client_encoding",
    "datestyle",
    "timezone",
    "pool_size",
    "min_pool_size",
    "reserve_pool",
    "reserve_pool_size",
    "connect_query",
    "pool_mode",
    "load_balance_hosts",
    "max_db_connections",
    "max_db_client_connections",
    "server_lifetime",
    "application_name",
];

/// The words `key=value` of a connection string, values in single quotes possibly.
fn words<'v>(view: &'v View<'_>) -> Vec<(View<'v>, View<'v>)> {
    let text = view.text.as_ref();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let blank = rest.len() - rest.trim_start().len();
        let start = at + blank;
        let Some(equals) = text.get(start..).and_then(|t| t.find('=')).map(|e| start + e) else { break };
        let key = view.trim_range(start..equals);
        let value_at = equals + 1 + text.get(equals + 1..).map_or(0, |t| t.len() - t.trim_start().len());
        let tail = text.get(value_at..).unwrap_or_default();
        let (from, to, next) = match tail.strip_prefix('\'') {
            Some(quoted) => {
                let end = quoted.find('\'').unwrap_or(quoted.len());
                (value_at + 1, value_at + 1 + end, value_at + 2 + end)
            }
            None => {
                let end = tail.find(char::is_whitespace).unwrap_or(tail.len());
                (value_at, value_at + end, value_at + end)
            }
        };
        found.push((view.sub(key), view.sub(from..to.min(text.len()))));
        at = next.max(start + 1);
    }
    found
}

fn add_database(pair: &Pair<'_>, out: &mut Reading) {
    let mut fact = Fact::new(&database::KIND, pair.span);
    fact.write(database::name, Value::text(&pair.key.text), pair.key.full_span());
    for (key, value) in words(&pair.value) {
        let text = value.text.as_ref();
        let span = value.full_span();
        if key.text == "password" {
            let literal = !text.is_empty() && !is_open(text);
            if literal {
                out.secrets.push(span);
            }
            fact.set(database::password_literal, Said::derived(Value::Bool(literal), Some(span)));
            continue;
        }
        if is_open(text) || is_open(&key.text) {
            continue;
        }
        match key.text.to_ascii_lowercase().as_str() {
            "host" => drop(fact.write(database::host, Value::text(text), span)),
            "user" => drop(fact.write(database::user, Value::text(text), span)),
            "pool_mode" => drop(fact.write(database::pool_mode, Value::text(text), span)),
            name @ ("port" | "pool_size") => {
                if let Ok(number) = text.parse() {
                    let field = if name == "port" { database::port } else { database::pool_size };
                    fact.write(field, Value::Int(number), span);
                }
            }
            name if PARAMETERS.contains(&name) => {}
            _ => drop(fact.write(database::unknown, Value::text(&key.text), key.full_span())),
        }
    }
    out.facts.add(fact);
}

fn read_users(view: &View<'_>, out: &mut Reading) {
    let mut at = 0;
    for line in view.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if line.trim_start().starts_with([';', '#']) {
            continue;
        }
        let quotes: Vec<usize> = line.match_indices('"').map(|(i, _)| i).collect();
        let [a, b, c, d, ..] = quotes[..] else { continue };
        let (name, kept) = (view.sub(start + a + 1..start + b), view.sub(start + c + 1..start + d));
        let mut fact = Fact::new(&user::KIND, name.full_span());
        if !is_open(&name.text) {
            fact.write(user::name, Value::text(&name.text), name.full_span());
        }
        let text = kept.text.as_ref();
        if is_open(text) {
            out.facts.add(fact);
            continue;
        }
        if !text.is_empty() {
            out.secrets.push(kept.full_span());
        }
        const MD5_LENGTH: usize = 35;
        let storage = match text {
            "" => "empty",
            _ if text.starts_with("md5") && text.len() == MD5_LENGTH => "md5",
            _ if text.starts_with("SCRAM-SHA-256$") => "scram",
            _ => "plain",
        };
        fact.set(user::storage, Said::derived(Value::text(storage), Some(kept.full_span())));
        let weak = storage == "plain" && is_weak(text, Some(&name.text));
        fact.set(user::weak, Said::derived(Value::Bool(weak), Some(kept.full_span())));
        out.facts.add(fact);
    }
}
