//! MySQL and MariaDB: my.cnf and the files of conf.d.

use crate::facts::kinds::mysql::{server, setting};
use crate::facts::tables::MYSQL;
use crate::facts::{Fact, Said, Value, Version};
use crate::hosts;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, Pair, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms::{self, Writing, is_open};
use crate::systems::keyed::{Line, Lines, Program};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::{FileKind, Match, Reading};

/// `my.cnf`, `mariadb.cnf`, `mysqld.cnf` and the like.
pub static CNF: FileKind = FileKind {
    name: "mysql.cnf",
    doc: "Options of MySQL's and MariaDB's programs, in groups; those of the server are judged.",
    recognise,
    read,
};

/// A number with a letter for a power of 1024; what follows the letter counts for nothing (mysys/my_getopt.c).
fn number(text: &str, _unit: &str) -> Option<i64> {
    let digits =
        text.bytes().enumerate().take_while(|(at, b)| b.is_ascii_digit() || *at == 0 && *b == b'-').count();
    let times: i64 = match text.get(digits..)?.chars().next().map(|c| c.to_ascii_lowercase()) {
        None => 1,
        Some('k') => 1 << 10,
        Some('m') => 1 << 20,
        Some('g') => 1 << 30,
        Some('t') => 1 << 40,
        Some('p') => 1 << 50,
        Some('e') => 1 << 60,
        Some(_) => return None,
    };
    // Unsigned 64-bit numbers are written as the highest of them for "no limit".
    let number = text.get(..digits)?.parse::<i128>().ok()?;
    Some(i64::try_from(number.saturating_mul(times.into())).unwrap_or(i64::MAX))
}

static WRITING: Writing = Writing {
    truth: |word| match word.to_ascii_lowercase().as_str() {
        "on" | "true" | "1" | "yes" => Some(true),
        "off" | "false" | "0" | "no" => Some(false),
        _ => None,
    },
    truth_words: "`ON` or `OFF`",
    number,
    any_case: true,
};

static PROGRAM: Program = Program {
    setting: &setting::KIND,
    table: &MYSQL,
    writing: &WRITING,
    canonical,
    secret: |key| key.contains("password") && !key.contains("plugin") || key == "wsrep_sst_auth",
};

/// A name without `loose`, `_` for `-`, and the full name where a unique start is written.
fn canonical(key: &str) -> String {
    let name = key.replace('-', "_");
    let name = name.strip_prefix("loose_").unwrap_or(&name).to_owned();
    if MYSQL.find(&name).is_some() {
        return name;
    }
    let without = ["skip_", "disable_", "enable_", "maximum_"].iter().find_map(|p| name.strip_prefix(p));
    if let Some(rest) = without.filter(|rest| MYSQL.find(rest).is_some()) {
        return rest.to_owned();
    }
    let from = MYSQL.keys().partition_point(|k| k.name < name.as_str());
    match MYSQL.keys().get(from) {
        Some(key) if key.name.starts_with(&name) && name.len() > 3 => key.name.to_owned(),
        _ => name,
    }
}

/// Groups that the server reads; versions may follow (`mysqld-8.0`).
fn is_server(section: &str) -> bool {
    let base = section.split('-').next().unwrap_or(section);
    let base = base.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(base, "mysqld" | "server" | "mariadb" | "mariadbd" | "galera" | "embedded")
}

/// Groups of the other programs.
const CLIENTS: &[&str] = &[
    "client",
    "mysql",
    "mysqldump",
    "mysqladmin",
    "mysqld_safe",
    "mysqld_multi",
    "isamchk",
    "myisamchk",
    "mysqlhotcopy",
    "client_server",
    "mariadb_client",
    "safe_mysqld",
    "xtrabackup",
    "sst",
    "mysqlcheck",
];

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    let cnf = name.ends_with(".cnf") || name == ".my.cnf";
    if !cnf && !(name.contains("my") && (name.ends_with(".ini") || name.ends_with(".conf"))) {
        return Match::No;
    }
    let group = |line: &str| {
        let section = line.trim().strip_prefix('[')?.split(']').next()?.trim().to_ascii_lowercase();
        (is_server(&section) || CLIENTS.contains(&section.replace('-', "_").as_str())).then_some(())
    };
    let grouped = source.text.lines().any(|l| group(l).is_some());
    let included = cnf && source.text.lines().any(|l| l.trim_start().starts_with("!include"));
    match (grouped, cnf) {
        (true, true) => Match::Sure,
        (true, false) => Match::Likely,
        _ if included => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::MY_CNF);
    out.notices.extend(notices);
    let served = |pair: &&Pair<'_>| section(pair).is_some_and(|s| is_server(&s));
    let first = pairs.iter().find(served);
    let mut lines = first.map(|p| Lines::new(&PROGRAM, Fact::new(&server::KIND, p.span), template));
    let mut summary = Summary { mariadb: mentions_mariadb(&view.text), ..Summary::default() };
    for pair in &pairs {
        if pair.key.text.starts_with('!') {
            summary.includes = true;
            continue;
        }
        let Some(group) = section(pair) else { continue };
        match lines.as_mut().filter(|_| is_server(&group)) {
            Some(lines) => option(pair, &group, lines, &mut summary, out),
            None => {
                let secret = canonical(&pair.key.text) == "password" && !pair.value.text.is_empty();
                if secret && !is_open(&pair.value.text) {
                    out.secrets.push(pair.value.full_span());
                }
            }
        }
    }
    let Some(lines) = lines else { return };
    let mut fact = lines.finish(server::filled_in);
    summary.finish(&mut fact);
    out.facts.add(fact);
}

/// A comment, a group or a path tells which of the two the file is for; so do options that only one of them has.
fn mentions_mariadb(text: &str) -> bool {
    let words = ["mariadb", "\naria_", "\naria-", "\nwsrep"];
    words
        .iter()
        .any(|word| text.as_bytes().windows(word.len()).any(|w| w.eq_ignore_ascii_case(word.as_bytes())))
}

fn section(pair: &Pair<'_>) -> Option<String> {
    pair.section.as_ref().map(|s| s.text.trim().to_ascii_lowercase())
}

#[derive(Default)]
struct Summary {
    mariadb: bool,
    includes: bool,
    grants_off: Option<Span>,
    networking_off: Option<Span>,
    galera: bool,
}

fn option(pair: &Pair<'_>, group: &str, lines: &mut Lines, summary: &mut Summary, out: &mut Reading) {
    let written = pair.key.text.replace('-', "_");
    let value = pair.assigned.then_some(&pair.value);
    let on = value.is_none_or(|v| (WRITING.truth)(v.text.trim()) != Some(false));
    match written.strip_prefix("loose_").unwrap_or(&written) {
        "skip_grant_tables" if on => summary.grants_off = Some(pair.span),
        "skip_networking" if on => summary.networking_off = Some(pair.span),
        "wsrep_cluster_address" | "wsrep_provider" => summary.galera = true,
        _ => {}
    }
    let negated = ["skip_", "disable_"].iter().any(|p| {
        written
            .strip_prefix(p)
            .is_some_and(|rest| MYSQL.find(&written).is_none() && MYSQL.find(rest).is_some())
    });
    // `skip-x` takes no value of its own that could be judged as one of `x`.
    let line =
        Line { section: Some(group), key: &pair.key, value: value.filter(|_| !negated), span: pair.span };
    let id = lines.line(&line, out);
    let fact = out.facts.get_mut(id);
    fact.derive(setting::loose, Value::Bool(written.starts_with("loose_")));
    fact.derive(setting::mariadb, Value::Bool(summary.mariadb));
    let def = MYSQL.find(&canonical(&pair.key.text)).and_then(|at| MYSQL.keys().get(at));
    if let Some(version) = def.and_then(|d| forms::note(d, "mysql_gone")).and_then(Version::parse) {
        fact.derive(setting::mysql_removed_in, Value::Version(version));
    }
}

impl Summary {
    fn finish(self, fact: &mut Fact) {
        fact.derive(server::includes, Value::Bool(self.includes));
        fact.derive(server::galera, Value::Bool(self.galera));
        let off = Said::derived(Value::Bool(self.grants_off.is_some()), self.grants_off);
        fact.set(server::grants_off, off);
        if let Some(span) = self.networking_off {
            fact.set(server::exposed, Said::derived(Value::Bool(false), Some(span)));
            return;
        }
        let Some(said) = fact.setting("bind_address").cloned() else { return };
        let text = said.shown();
        if is_open(&text) {
            return;
        }
        let reached = text.split(',').map(str::trim).any(|a| !a.is_empty() && !hosts::is_loopback(a));
        fact.set(server::exposed, Said::derived(Value::Bool(reached), said.span()));
    }
}
