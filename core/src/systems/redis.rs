//! Redis, Valkey and their Sentinels.

mod arguments;

use std::collections::BTreeMap;

use crate::facts::kinds::redis::{monitor, server, setting};
use crate::facts::tables::REDIS;
use crate::facts::{Fact, Field, Said, Type, Value};
use crate::hosts;
use crate::secrets;
use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, Pair, Word, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms::{Writing, is_open};
use crate::systems::keyed::{Line, Lines, Program, share_of_known};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::uris::is_weak;
use crate::systems::{FileKind, Match, Reading};

/// `redis.conf`, `valkey.conf` and `sentinel.conf`.
pub static CONF: FileKind = FileKind {
    name: "redis.conf",
    doc: "The settings of a Redis or Valkey server or of a Sentinel: a directive and its arguments a line.",
    recognise,
    read,
};

static WRITING: Writing = Writing {
    truth: |word| match word.to_ascii_lowercase().as_str() {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    },
    truth_words: "`yes` or `no`",
    number: |text, unit| if unit == "bytes" { memory(text) } else { text.parse().ok() },
    any_case: true,
};

static PROGRAM: Program = Program {
    setting: &setting::KIND,
    table: &REDIS,
    writing: &WRITING,
    canonical: |key| key.to_ascii_lowercase(),
    secret: |key| {
        matches!(key, "requirepass" | "masterauth" | "primaryauth" | "user") || key.ends_with("-pass")
    },
};

/// An amount as `memtoull` of util.c reads it.
fn memory(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let times = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" => 1_000,
        "kb" => 1 << 10,
        "m" => 1_000_000,
        "mb" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" => 1 << 30,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(times)
}

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    if !name.ends_with(".conf") {
        return Match::No;
    }
    let named = ["redis", "valkey", "sentinel"].iter().any(|n| name.contains(n));
    if !named && !source.name.contains("redis") {
        return Match::No;
    }
    let share = share_of_known(&source.text, "#", |line| {
        line.split_whitespace().next().is_some_and(|word| REDIS.find(&word.to_ascii_lowercase()).is_some())
            && !line.ends_with(['{', ';'])
    });
    match share {
        Some(share) if share > 0.2 && matches!(name, "redis.conf" | "valkey.conf" | "sentinel.conf") => {
            Match::Sure
        }
        Some(share) if share > 0.6 && named => Match::Sure,
        Some(share) if share > 0.9 && source.name.contains("redis") => Match::Likely,
        None if named && !source.text.trim().is_empty() => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::REDIS);
    out.notices.extend(notices);
    let Some(first) = pairs.first() else { return };
    let mut lines = Lines::new(&PROGRAM, Fact::new(&server::KIND, first.span), template);
    let mut watched: BTreeMap<String, Fact> = BTreeMap::new();
    let mut summary = Summary::default();
    for pair in &pairs {
        let words = match pair.quoted {
            Some(_) => vec![Word { view: pair.value.clone(), quoted: pair.quoted }],
            None => keyvalue::words(&pair.value),
        };
        // One word is the value without its quotes.
        let single = match words.as_slice() {
            [word] => Some(&word.view),
            _ => None,
        };
        let value = single.or_else(|| pair.assigned.then_some(&pair.value));
        let line = Line { section: None, key: &pair.key, value, span: pair.span };
        let id = lines.line(&line, out);
        let fact = out.facts.get_mut(id);
        let name = pair.key.text.to_ascii_lowercase();
        fact.derive(setting::sentinel, Value::Bool(name == "sentinel"));
        fact.derive(setting::arguments, Value::Int(words.len() as i64));
        if !is_open(&pair.value.text)
            && !template
            && let Some(reason) = arguments::fault(&name, &words)
        {
            fact.set(setting::reason, Said::derived(Value::text(reason), Some(pair.value.full_span())));
        }
        summary.line(&name, pair, &words, out);
        if name == "sentinel" {
            sentinel(&words, pair, &mut watched, out);
        }
    }
    let mut fact = lines.finish(server::filled_in);
    summary.finish(&mut fact);
    if watched.is_empty() {
        out.facts.add(fact);
    }
    for (_, fact) in watched {
        out.facts.add(fact);
    }
}

/// What the server fact says beside its settings.
#[derive(Default)]
struct Summary {
    bind: Option<Vec<Said>>,
    password: Option<Said>,
    users: bool,
    limits: Vec<(Field, Said)>,
    flags: Vec<(Field, Said)>,
    includes: bool,
}

impl Summary {
    fn line(&mut self, name: &str, pair: &Pair<'_>, words: &[Word<'_>], out: &mut Reading) {
        let span = pair.value.full_span();
        let text = |at: usize| words.get(at).map_or("", |w| w.view.text.as_ref());
        let flag = |on: bool| Said::derived(Value::Bool(on), Some(span));
        match name {
            "bind" => {
                let all = words.iter().map(|w| Said::written(Value::text(&w.view.text), w.view.full_span()));
                self.bind = Some(all.collect());
            }
            "requirepass" if !text(0).is_empty() => {
                self.password = Some(Said::written(Value::text(text(0)), span).secret());
            }
            // `user default on >password …` says who may log in without one.
            "user" => {
                self.users |= text(0) == "default" && !words.iter().any(|w| w.view.text == "nopass");
                for word in words.iter().filter(|w| w.view.text.starts_with(['>', '<', '#', '!'])) {
                    out.secrets.push(word.view.full_span());
                }
            }
            "aclfile" => self.users = true,
            "include" => self.includes = true,
            "save" => {
                self.flags.push((server::snapshots_off, flag(text(0).is_empty())));
                self.flags.push((server::snapshots, flag(!text(0).is_empty())));
            }
            "replicaof" | "slaveof" => self.flags.push((server::replica, flag(text(0) != "no"))),
            "rename-command" => {
                self.flags.push((server::renames_commands, flag(true)));
            }
            "client-output-buffer-limit" => {
                for class in words.chunks(4) {
                    let field = match class.first().map(|w| w.view.text.to_ascii_lowercase()).as_deref() {
                        Some("pubsub") => server::pubsub_limit,
                        Some("replica" | "slave") => server::replica_limit,
                        _ => continue,
                    };
                    if let Some(hard) = class.get(1)
                        && let Some(bytes) = memory(&hard.view.text)
                    {
                        self.limits.push((field, Said::written(Value::Size(bytes), hard.view.full_span())));
                    }
                }
            }
            _ => {}
        }
    }

    fn finish(self, fact: &mut Fact) {
        let port = |fact: &Fact, key: &str| match fact.setting(key).map(|s| &s.value) {
            Some(Value::Int(n)) => Some(*n),
            _ => None,
        };
        let tls = port(fact, "tls-port").is_some_and(|n| n > 0);
        let plain = port(fact, "port").is_none_or(|n| n > 0);
        fact.derive(server::tls, Value::Bool(tls));
        fact.derive(server::plain, Value::Bool(plain));
        fact.derive(server::includes, Value::Bool(self.includes));
        if let Some(bind) = self.bind {
            let open = bind.iter().any(|s| is_open(&s.shown()));
            let reached = bind.iter().find(|s| {
                let address = s.shown();
                !address.is_empty() && !hosts::is_loopback(address.trim_start_matches('-'))
            });
            let at = reached.or(bind.first()).and_then(Said::span);
            if !open {
                fact.set(
                    server::exposed,
                    Said::derived(Value::Bool(reached.is_some() && (tls || plain)), at),
                );
            }
            fact.derive(server::bind, Value::List(bind));
        } else {
            // Without `bind` it listens everywhere.
            fact.derive(server::exposed, Value::Bool(tls || plain));
        }
        let has_password = self.password.is_some() || self.users;
        if !self.includes || has_password {
            fact.derive(server::protected_by_password, Value::Bool(has_password));
        }
        if let Some(password) = self.password
            && let Value::Text(text) = &password.value
            && !is_open(text)
        {
            let literal = !secrets::is_placeholder(text);
            // The shipped file's example.
            let weak = text.as_ref() == "foobared" || is_weak(text, None);
            for (field, on) in [(server::weak_password, weak && literal), (server::password_literal, literal)]
            {
                fact.set(field, Said::derived(Value::Bool(on), password.span()));
            }
        }
        for (field, said) in self.limits.into_iter().chain(self.flags) {
            fact.set(field, said);
        }
    }
}

/// Options of a watched primary that are facts.
const MONITORED: &[(&str, Field)] = &[
    ("down-after-milliseconds", monitor::down_after),
    ("failover-timeout", monitor::failover_timeout),
    ("parallel-syncs", monitor::parallel_syncs),
];

fn sentinel(words: &[Word<'_>], pair: &Pair<'_>, watched: &mut BTreeMap<String, Fact>, out: &mut Reading) {
    let text = |at: usize| words.get(at).map_or("", |w| w.view.text.as_ref());
    let option = text(0).to_ascii_lowercase();
    if matches!(option.as_str(), "auth-pass" | "sentinel-pass") {
        let last = words.last().map(|w| w.view.full_span());
        out.secrets.extend(last);
    }
    let name = text(1).to_owned();
    if option == "monitor" {
        let mut fact = Fact::new(&monitor::KIND, pair.span);
        if let Some(word) = words.get(1).filter(|w| !is_open(&w.view.text)) {
            fact.write(monitor::name, Value::text(&word.view.text), word.view.full_span());
        }
        if let Some(word) = words.get(2).filter(|w| !is_open(&w.view.text)) {
            fact.write(monitor::host, Value::text(&word.view.text), word.view.full_span());
        }
        for (at, field) in [(3, monitor::port), (4, monitor::quorum)] {
            if let Some(word) = words.get(at)
                && let Ok(number) = word.view.text.parse()
            {
                fact.write(field, Value::Int(number), word.view.full_span());
            }
        }
        watched.insert(name, fact);
        return;
    }
    let Some(fact) = watched.get_mut(&name) else { return };
    if option == "auth-pass" {
        fact.derive(monitor::password, Value::Bool(true));
    }
    if let Some((_, field)) = MONITORED.iter().find(|(known, _)| *known == option)
        && let Some(word) = words.get(2)
        && let Ok(number) = word.view.text.parse()
    {
        let ty = field.kind.fields.get(field.index).map(|f| f.ty);
        let value = if ty == Some(Type::Duration) { Value::Duration(number) } else { Value::Int(number) };
        fact.write(*field, value, word.view.full_span());
    }
}
