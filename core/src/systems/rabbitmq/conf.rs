//! rabbitmq.conf, line by line and as a whole.

use std::collections::BTreeMap;

use super::amounts;
use super::releases::SERIES;
use super::server::{self, Form, Setting};
use super::values::{self, Verdict};
use crate::facts::kinds::rabbitmq::{malformed_line, setting};
use crate::facts::tables::RABBITMQ;
use crate::facts::{Fact, KeyDef, Said, Value, Version};
use crate::nearest::nearest;
use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, Item, Malformed, Pair, dialects};
use crate::syntax::template;
use crate::systems::{FileKind, Match, Reading};

/// rabbitmq.conf and the files of conf.d.
pub static CONF: FileKind = FileKind {
    name: "rabbitmq.conf",
    doc: "RabbitMQ's settings, `key = value` (also the files of `conf.d`).",
    recognise,
    read,
};

/// A rabbitmq.conf that another program fills in first, as its name says.
pub static CONF_TEMPLATE: FileKind = FileKind {
    name: "rabbitmq.conf-template",
    doc: "A rabbitmq.conf that envsubst, Jinja, Puppet or the like fills in first.",
    recognise: |source| if is_template_name(source) { recognise(source) } else { Match::No },
    read: |view, reading| read_as(view, reading, true),
};

/// File endings that say that a program fills the file in.
const TEMPLATE_ENDINGS: [&str; 10] =
    [".template", ".tmpl", ".tpl", ".j2", ".jinja", ".epp", ".erb", ".in", ".ctmpl", ".gotmpl"];

pub(super) fn is_template_name(source: &Source) -> bool {
    let name = source.base_name();
    TEMPLATE_ENDINGS.iter().any(|ending| name.ends_with(ending))
}

/// The name without a template's ending.
pub(in crate::systems) fn plain_name(source: &Source) -> &str {
    TEMPLATE_ENDINGS.iter().fold(source.base_name(), |name, ending| name.strip_suffix(ending).unwrap_or(name))
}

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    if !name.ends_with(".conf") && !name.ends_with(".conf.example") && !name.ends_with(".conf.sample") {
        return Match::No;
    }
    if is_foreign(&source.text) {
        return Match::No;
    }
    if name.starts_with("rabbitmq.conf") {
        return Match::Sure;
    }
    if name.starts_with("rabbitmq-env") {
        return Match::No;
    }
    let (known, other) = known_lines(&source.text);
    match (known, other) {
        (0, _) => Match::No,
        _ if known > 2 * other && source.name.to_ascii_lowercase().contains("rabbit") => Match::Sure,
        _ if known > 2 * other => Match::Likely,
        _ => Match::No,
    }
}

/// A service manager's, a web server's or a log rotation's file about RabbitMQ carries the same name.
fn is_foreign(text: &str) -> bool {
    text.lines().map(str::trim).filter(|l| !l.starts_with('#')).take(LINES_LOOKED_AT).any(|line| {
        (line.ends_with('{') && !line.starts_with(['{', '[']) && !line.contains('='))
            || line.starts_with("[program:")
            || line.starts_with("[Unit]")
            || line.starts_with("[Service]")
            || line.starts_with("<VirtualHost")
            || line.starts_with("exec ")
            || line.starts_with("start on ")
    })
}

/// So many lines tell what a file is.
const LINES_LOOKED_AT: usize = 200;

/// How many lines set a key of RabbitMQ's, and how many do not.
fn known_lines(text: &str) -> (usize, usize) {
    let (mut known, mut other) = (0, 0);
    let lines = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', '{', '<']));
    for line in lines.take(LINES_LOOKED_AT) {
        match line.split_once('=') {
            Some((key, _)) if RABBITMQ.find(key.trim()).is_some() => known += 1,
            _ => other += 1,
        }
    }
    (known, other)
}

fn read(view: &View<'_>, reading: &mut Reading) {
    read_as(view, reading, false);
}

/// At most so many unknown keys are compared with all the known ones; a file with more is no rabbitmq.conf.
const MAX_GUESSES: usize = 40;

fn read_as(view: &View<'_>, reading: &mut Reading, named_template: bool) {
    let template = named_template || template::detect(&view.text).is_some();
    if erlang_terms(view, reading) {
        return;
    }
    let (items, notices) = keyvalue::parse(view, &dialects::RABBITMQ);
    reading.notices.extend(notices);
    let mut earlier: BTreeMap<String, String> = BTreeMap::new();
    let mut settings = Vec::new();
    let mut guesses = MAX_GUESSES;
    for item in &items {
        match item {
            Item::Malformed(line) => malformed(line, reading),
            Item::Pair(pair) if pair.key.text.trim().starts_with("include ") => {}
            Item::Pair(pair) => {
                let fact = setting_of(pair, template, &mut earlier, &mut guesses);
                if server::is_secret(&pair.key.text) && !pair.value.text.is_empty() {
                    reading.secrets.push(pair.value.full_span());
                    if let Some(rest) = &pair.comment {
                        reading.secrets.push(rest.full_span());
                    }
                }
                reading.facts.add(fact);
                settings.push(Setting {
                    key: pair.key.text.to_string(),
                    value: pair.value.text.to_string(),
                    key_span: pair.key.full_span(),
                    value_span: pair.value.full_span(),
                });
            }
        }
    }
    // The branches of a template exclude each other, so its lines say nothing about one another.
    let branches = ["{%", "<%", "{{-", "{{ if"].iter().any(|sign| view.text.contains(sign));
    let form = if branches { Form::Branches } else { Form::Conf };
    server::extract(&settings, form, reading);
}

/// A file of Erlang terms under the name of the new format gets one finding, not one a line.
fn erlang_terms(view: &View<'_>, reading: &mut Reading) -> bool {
    let text = view.text.as_ref();
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', '%']) {
            at += line.len();
            continue;
        }
        let term = trimmed.starts_with('[')
            && !trimmed.contains('=')
            && (trimmed == "[" || trimmed.contains('{'))
            && text.contains("{rabbit");
        if term {
            let start = at + (line.len() - line.trim_start().len());
            let span = view.span(start..start + trimmed.len());
            let mut fact = Fact::new(&malformed_line::KIND, span);
            let reason = "Erlang terms belong in `advanced.config`";
            fact.derive(malformed_line::reason, Value::text(reason));
            reading.facts.add(fact);
        }
        return term;
    }
    false
}

fn malformed(line: &Malformed<'_>, reading: &mut Reading) {
    let mut fact = Fact::new(&malformed_line::KIND, line.span);
    fact.derive(malformed_line::reason, Value::text(line.reason));
    let text = line.line.text.as_ref();
    // `key: value` and `key value` are the usual slips; the key must be known for the edit to be sure.
    let parts = text.split_once(':').or_else(|| text.split_once(char::is_whitespace));
    if let Some((key, value)) = parts
        && !text.contains('=')
        && RABBITMQ.find(key.trim()).is_some()
        && !value.trim().is_empty()
        && !server::is_secret(key.trim())
    {
        fact.derive(malformed_line::suggestion, Value::text(format!("{} = {}", key.trim(), value.trim())));
    }
    reading.facts.add(fact);
}

fn setting_of(
    pair: &Pair<'_>,
    template: bool,
    earlier: &mut BTreeMap<String, String>,
    guesses: &mut usize,
) -> Fact {
    let key = pair.key.text.as_ref();
    let value = pair.value.text.as_ref();
    let value_span = pair.value.full_span();
    let mut fact = Fact::new(&setting::KIND, pair.span);
    fact.write(setting::key, Value::text(key), pair.key.full_span());
    fact.set(setting::value, server::said(key, Value::text(value), value_span));
    fact.derive(setting::template, Value::Bool(template));
    let flag = |fact: &mut Fact, field, on: bool| {
        fact.set(field, Said::derived(Value::Bool(on), Some(value_span)));
    };
    let cut = pair.comment.as_ref().is_some_and(|c| {
        // `value # remark` is a remark; `p#ss` lost its end.
        c.full_span().start == value_span.end && pair.quoted.is_none()
    });
    flag(&mut fact, setting::hash_truncated, cut && !value.is_empty());
    flag(
        &mut fact,
        setting::double_quoted,
        value.len() > 1 && value.starts_with('"') && value.ends_with('"'),
    );
    flag(&mut fact, setting::single_quoted, pair.quoted == Some('\''));
    let open = value.find("${").is_some_and(|at| value[at..].contains('}'));
    flag(&mut fact, setting::dollar_brace, open);
    if let Some(before) = earlier.get(key)
        && before != value
        && !template
    {
        fact.set(setting::earlier, server::said(key, Value::text(before), value_span));
    }
    earlier.insert(key.to_owned(), value.to_owned());
    match RABBITMQ.find(key).and_then(|at| RABBITMQ.keys().get(at)) {
        Some(def) => {
            fact.derive(setting::known, Value::Bool(true));
            known_key(&mut fact, def, pair, template);
        }
        None if template && values::is_placeholder(key) => {}
        None => {
            fact.derive(setting::known, Value::Bool(false));
            if *guesses > 0 {
                *guesses -= 1;
                if let Some(near) = nearest_key(key, value) {
                    fact.derive(setting::nearest, Value::text(near));
                }
            }
        }
    }
    fact
}

fn known_key(fact: &mut Fact, def: &'static KeyDef, pair: &Pair<'_>, template: bool) {
    let value = pair.value.text.as_ref();
    let span = pair.value.full_span();
    let set = |fact: &mut Fact, field, value: Value| {
        fact.set(field, Said::derived(value, Some(span)));
    };
    fact.derive(setting::form, Value::text(def.form));
    if !def.alias_of.is_empty() {
        fact.derive(setting::alias_of, Value::text(def.alias_of));
    }
    if let Some(next) = successor(def.name) {
        fact.derive(setting::successor, Value::text(next));
    }
    series(fact, def);
    // What another program fills in, and what stays open because `#` cut it, is not judged.
    if values::is_placeholder(value) || (template && value.is_empty()) {
        return;
    }
    match values::judge(def, value) {
        Verdict::Good => set(fact, setting::well_typed, Value::Bool(true)),
        Verdict::Open => {}
        Verdict::Bad { expected, suggestion } => {
            set(fact, setting::well_typed, Value::Bool(false));
            fact.derive(setting::expected, Value::text(expected));
            let digits = value.bytes().take_while(u8::is_ascii_digit).count();
            let rest = value.get(digits..).unwrap_or_default().trim();
            let unit = digits > 0 && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic());
            set(fact, setting::unit_mistake, Value::Bool(unit && def.form.contains("integer")));
            if let Some(suggestion) = suggestion {
                fact.set(setting::suggestion, server::said(def.name, Value::text(suggestion), span));
            }
        }
    }
    if values::unit(def) == "info" {
        set(fact, setting::unparsable_size, Value::Bool(server::is_unparsable(value)));
        let ambiguous = matches!(amounts::amount(value), amounts::Amount::Ambiguous(..));
        set(fact, setting::ambiguous_size, Value::Bool(ambiguous));
        let compact: String = value.chars().filter(|c| !c.is_whitespace()).collect();
        if server::is_unparsable(value) && !server::is_unparsable(&compact) {
            set(fact, setting::suggestion, Value::text(compact));
        }
    }
}

/// Which release series know the key.
fn series(fact: &mut Fact, def: &KeyDef) {
    let version = |name: &str| Version::parse(name).map(Value::Version);
    if def.series == "all" {
        fact.derive(setting::known_in, Value::text("all series"));
        return;
    }
    let names: Vec<&str> = def.series.split(' ').collect();
    let (Some(first), Some(last)) = (names.first(), names.last()) else { return };
    let at = |name: &str| SERIES.iter().position(|s| s.name == name);
    let (Some(from), Some(to)) = (at(first), at(last)) else { return };
    let words = match (from, to) {
        _ if from == to => format!("{first} only"),
        (_, to) if to + 1 == SERIES.len() => format!("{first} and newer"),
        (0, _) => format!("{last} and older"),
        _ => format!("{first} to {last}"),
    };
    fact.derive(setting::known_in, Value::text(words));
    if from > 0
        && let Some(added) = version(first)
    {
        fact.derive(setting::added_in, added);
    }
    if let Some(next) = SERIES.get(to + 1)
        && let Some(removed) = version(next.name)
    {
        fact.derive(setting::removed_in, removed);
    }
}

/// Keys that are gone, by the start of their names, and what took their place (release notes of the series that
/// dropped them).
const SUCCESSORS: [(&str, &str); 9] = [
    ("management.enable_uaa", "the `auth_oauth2` and `management.oauth_*` keys"),
    ("management.uaa_", "the `management.oauth_*` keys"),
    ("mqtt.default_user", "`anonymous_login_user`"),
    ("mqtt.default_pass", "`anonymous_login_pass`"),
    ("amqp1_0.default_user", "`anonymous_login_user`"),
    ("amqp1_0.", "nothing: AMQP 1.0 is part of the broker since 4.0"),
    ("cluster_formation.randomized_startup_delay_range.", "nothing: the nodes take turns by a lock"),
    ("message_interceptors.incoming.", "`message_interceptors.$stage.$name.$key`"),
    ("federation.shutdown.", "`federation.exchanges.shutdown.*` and `federation.queues.shutdown.*`"),
];

fn successor(key: &str) -> Option<&'static str> {
    if key.contains(".cacerts.") {
        return Some("`cacertfile`, a file with all the certificates");
    }
    SUCCESSORS.iter().find(|(start, _)| key.starts_with(start)).map(|(_, next)| *next)
}

/// Names that people write, from the classic format, the documentation or habit, and what they mean.
const MISNAMED: [(&str, &str); 13] = [
    ("vm_memory_high_watermark", "vm_memory_high_watermark.relative"),
    ("disk_free_limit", "disk_free_limit.absolute"),
    ("tcp_listeners", "listeners.tcp.default"),
    ("ssl_listeners", "listeners.ssl.default"),
    ("listener.tcp.default", "listeners.tcp.default"),
    ("listener.ssl.default", "listeners.ssl.default"),
    ("tcp_listen_options.linger", "tcp_listen_options.linger.on"),
    ("auth_mechanisms", "auth_mechanisms.1"),
    ("auth_backends", "auth_backends.1"),
    ("ssl_options.versions", "ssl_options.versions.1"),
    ("default_password", "default_pass"),
    ("log.level", "log.file.level"),
    ("cluster_nodes", "cluster_formation.classic_config.nodes.1"),
];

fn nearest_key(key: &str, value: &str) -> Option<String> {
    if let Some((_, meant)) = MISNAMED.iter().find(|(wrong, _)| *wrong == key) {
        // A number with a dot is a share, whatever the name says.
        let absolute = key == "vm_memory_high_watermark" && !value.contains('.') && value.len() > 3;
        return Some(if absolute { "vm_memory_high_watermark.absolute".into() } else { (*meant).into() });
    }
    // Where the schema has a free part, the name's own part stands.
    let parts: Vec<&str> = key.split('.').collect();
    let filled: Vec<String> = RABBITMQ
        .keys()
        .iter()
        .filter(|k| k.name.contains('$') && k.name.split('.').count() == parts.len())
        .map(|k| {
            let parts = k.name.split('.').zip(&parts).map(|(k, n)| if k.starts_with('$') { n } else { k });
            parts.collect::<Vec<_>>().join(".")
        })
        .collect();
    let plain = RABBITMQ.keys().iter().map(|k| k.name).filter(|n| !n.contains('$'));
    nearest(key, plain.chain(filled.iter().map(String::as_str))).map(str::to_owned)
}
