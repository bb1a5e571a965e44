//! NATS: `nats.conf`.

use std::collections::BTreeSet;

use crate::facts::kinds::nats::{server, setting};
use crate::facts::tables::NATS;
use crate::facts::{Fact, Field, Said, Value};
use crate::hosts;
use crate::source::{Source, Span, View};
use crate::syntax::{Data, Node, Style, nats, template};
use crate::systems::containers::nodes;
use crate::systems::keyed::forms::{Writing, is_open};
use crate::systems::keyed::{Line, Lines, Program};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::services::host_port;
use crate::systems::{FileKind, Match, Reading, carriers};

/// `nats.conf`.
pub static CONF: FileKind =
    FileKind { name: "nats.conf", doc: "The configuration of a NATS server.", recognise, read };

static WRITING: Writing = Writing {
    truth: |word| match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    },
    truth_words: "`true` or `false`",
    number,
    any_case: true,
};

/// A whole number: an amount with `k`, `m`, `g` and their kin, or a duration of Go.
fn number(text: &str, unit: &str) -> Option<i64> {
    let text = text.trim();
    if unit == "ms" {
        return go_duration(text);
    }
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(text.len());
    let (digits, suffix) = text.split_at(split);
    let times = match suffix.to_ascii_lowercase().as_str() {
        "" => 1,
        "k" => 1_000,
        "kb" | "ki" | "kib" => 1 << 10,
        "m" => 1_000_000,
        "mb" | "mi" | "mib" => 1 << 20,
        "g" => 1_000_000_000,
        "gb" | "gi" | "gib" => 1 << 30,
        "t" => 1_000_000_000_000,
        "tb" | "ti" | "tib" => 1 << 40,
        _ => return None,
    };
    digits.parse::<i64>().ok()?.checked_mul(times)
}

/// Milliseconds of a duration as Go writes it: `1m30s`, `1.5h`.
fn go_duration(text: &str) -> Option<i64> {
    let (mut rest, mut total) = (text, 0f64);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|b| b.is_ascii_digit() || *b == b'.').count();
        let value: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let letters = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += value
            * match rest.get(..letters)? {
                "h" => 3_600_000.0,
                "m" => 60_000.0,
                "s" => 1_000.0,
                "ms" => 1.0,
                _ => return None,
            };
        rest = rest.get(letters..)?;
    }
    (!text.is_empty()).then_some(total as i64)
}

static OPTIONS: Program = Program {
    setting: &setting::KIND,
    table: &NATS,
    writing: &WRITING,
    canonical: |key| key.to_ascii_lowercase(),
    secret: |_| false,
};

/// Options that together belong to no other program.
const OWN: &[&str] = &[
    "server_name",
    "jetstream",
    "leafnodes",
    "max_payload",
    "max_pending",
    "authorization",
    "accounts",
    "cluster",
    "http_port",
    "monitor_port",
    "lame_duck_duration",
    "write_deadline",
    "resolver",
    "operator",
    "ping_interval",
    "listen",
    "http",
];

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    if !name.ends_with(".conf") && !name.ends_with(".config") && !name.ends_with(".cfg") {
        return Match::No;
    }
    let text = carriers::beginning(&source.text);
    let key = |line: &str| {
        line.split(|c: char| c.is_whitespace() || matches!(c, ':' | '=' | '{'))
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase()
    };
    // What stands at the margin, and looks like one of ours: `key: value` or `key {`.
    let at_margin: Vec<&str> = text
        .lines()
        .filter(|l| !l.starts_with([' ', '\t', '#', '}', ']', '/']) && !l.trim().is_empty())
        .collect();
    let ours =
        at_margin.iter().filter(|l| NATS.find(&key(l)).is_some() && !l.trim_end().ends_with(';')).count();
    let own = at_margin.iter().filter(|l| OWN.contains(&key(l).as_str())).count();
    let all = at_margin.len();
    match name.contains("nats") {
        true if ours * 2 >= all && ours > 0 => Match::Sure,
        false if own >= 2 && ours * 10 >= all * 9 => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (root, notices) = nats::parse(view);
    out.notices.extend(notices);
    // The file has no line of its own for the server; its first key stands for it.
    let place = root.pairs().first().map_or(root.span, |(key, _)| key.view.full_span());
    let mut lines = Lines::new(&OPTIONS, Fact::new(&server::KIND, place), template);
    let mut includes = false;
    let variables = variables(&view.text);
    for (key, value) in root.pairs() {
        let name = key.view.text.to_ascii_lowercase();
        includes |= name == "include";
        let scalar = value.scalar();
        let variable = scalar.is_some_and(|s| s.view.text.starts_with('$'));
        let id = lines.line(
            &Line {
                section: None,
                key: &key.view,
                value: scalar.map(|s| &s.view),
                span: key.view.full_span().to(value.span),
            },
            out,
        );
        // A variable is set in the file itself, as a key that no program knows.
        let fact = out.facts.get_mut(id);
        if fact.bool(setting::known) == Some(false) && variables.contains(key.view.text.as_ref()) {
            fact.derive(setting::known, Value::Bool(true));
        }
        if let Some(reason) = refusal(&name, value).filter(|_| !template && !variable) {
            fact.set(setting::reason, Said::derived(Value::text(reason), Some(nodes::span(value))));
        }
    }
    secrets(&root, 0, out);
    let mut fact = lines.finish(server::filled_in);
    finish(&root, &mut fact);
    fact.derive(server::includes, Value::Bool(includes));
    out.facts.add(fact);
}

/// The names behind `$` in a text.
fn variables(text: &str) -> BTreeSet<&str> {
    let ends = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    text.split('$').skip(1).filter_map(|rest| rest.split(ends).next()).filter(|n| !n.is_empty()).collect()
}

/// The shortest `lame_duck_duration`, and the largest `max_control_line` (opts.go).
const MIN_LAME_DUCK_MS: i64 = 30_000;
const MAX_CONTROL_LINE: i64 = i32::MAX as i64;

/// Why the server refuses an option.
fn refusal(name: &str, value: &Node<'_>) -> Option<String> {
    let form = NATS.find(name).and_then(|at| NATS.keys().get(at))?.form;
    let scalar = value.scalar();
    let text = scalar.map(|s| s.view.text.trim()).unwrap_or_default();
    if is_open(text) {
        return None;
    }
    let plain = scalar.is_some_and(|s| s.style == Style::Plain);
    match (form, scalar) {
        ("duration", Some(_)) if go_duration(text).is_none() => Some(match text.parse::<i64>() {
            Ok(n) => format!("`{name}` is a duration such as `{n}s`"),
            Err(_) => format!("`{name}` is a duration such as `2m`"),
        }),
        ("bool", Some(_)) if !plain || (WRITING.truth)(text).is_none() => {
            Some(format!("`{name}` is `true` or `false`"))
        }
        ("int" | "size", Some(_))
            if number(text, "").is_none() && !(name.starts_with("http") || name == "monitor_port") =>
        {
            Some(format!("`{name}` is a whole number"))
        }
        ("map", Some(s)) if !s.is_null() && !text.is_empty() => {
            Some(format!("`{name}` is a block in braces"))
        }
        ("duration", Some(_)) if name == "lame_duck_duration" && go_duration(text)? < MIN_LAME_DUCK_MS => {
            Some("`lame_duck_duration` is 30s or more".to_owned())
        }
        ("size", Some(_)) if name == "max_control_line" && number(text, "")? > MAX_CONTROL_LINE => {
            Some("`max_control_line` is too large".to_owned())
        }
        ("map", None) if name == "authorization" => authorization(value),
        ("map", None) if name == "tls" => match (value.get("cert_file"), value.get("key_file")) {
            (Some(_), None) => Some("`tls` has a `cert_file` and no `key_file`".to_owned()),
            (None, Some(_)) => Some("`tls` has a `key_file` and no `cert_file`".to_owned()),
            _ => None,
        },
        _ => None,
    }
}

fn authorization(value: &Node<'_>) -> Option<String> {
    let has = |key: &str| value.get(key).is_some();
    if has("token") && (has("user") || has("username") || has("users")) {
        return Some("`authorization` has a token and users, of which only one may be".to_owned());
    }
    let users = value.get("users").map_or(&[][..], Node::items);
    let mut names: Vec<String> = users
        .iter()
        .filter_map(|u| u.get("user").or_else(|| u.get("username")).and_then(nodes::text))
        .collect();
    names.sort();
    let twice = names.windows(2).find(|w| w.first() == w.last())?;
    Some(format!("the user `{}` is written twice", twice.first()?))
}

/// Directories that systems empty.
const VOLATILE: &[&str] = &["/tmp", "/var/tmp", "/dev/shm", "/run"];

fn finish(root: &Node<'_>, fact: &mut Fact) {
    let get = |names: &[&str]| {
        root.pairs()
            .into_iter()
            .rev()
            .find(|(k, _)| names.contains(&k.view.text.to_ascii_lowercase().as_str()))
            .map(|p| p.1)
    };
    let flag = |on: bool, at: Option<Span>| Said::derived(Value::Bool(on), at);
    let mut put = |field: Field, said: Said| {
        fact.set(field, said);
    };
    let host = get(&["host", "net", "addr", "listen"]);
    let reached = |node: Option<&Node<'_>>| match node.and_then(Node::text) {
        Some(text) if is_open(text) || text.starts_with('$') => None,
        Some(text) => {
            let (host, _) = host_port(text);
            let bare = text.parse::<u16>().is_ok();
            Some(bare || host.is_none_or(|h| !hosts::is_loopback(h)))
        }
        None => Some(true),
    };
    if let Some(exposed) = reached(host) {
        put(server::exposed, flag(exposed, host.map(nodes::span)));
    }
    let logins = get(&[
        "authorization",
        "accounts",
        "operator",
        "operators",
        "trusted_keys",
        "trusted",
        "resolver",
        "root",
        "roots",
    ]);
    let verified = get(&["tls"]).is_some_and(|t| {
        ["verify", "verify_and_map"].iter().any(|k| t.get(k).and_then(nodes::boolean) == Some(true))
    });
    put(server::asks_logins, flag(logins.is_some() || verified, logins.map(nodes::span)));
    let tls = get(&["tls"]);
    put(server::tls, flag(tls.is_some(), tls.map(nodes::span)));
    if let Some(at) = plain_password(root, 0) {
        put(server::plain_password, flag(true, Some(at)));
    }
    let stream = get(&["jetstream", "js"]);
    let on = stream.is_some_and(|j| match j.text() {
        Some(text) => {
            matches!(text.to_ascii_lowercase().as_str(), "enabled" | "enable" | "true" | "yes" | "on")
        }
        None => j.get("enabled").or_else(|| j.get("enable")).and_then(nodes::boolean) != Some(false),
    });
    put(server::jetstream, flag(on, stream.map(nodes::span)));
    if on {
        let dir =
            stream.and_then(|j| j.get("store_dir").or_else(|| j.get("store")).or_else(|| j.get("storedir")));
        let open = dir.and_then(Node::text).is_some_and(|d| is_open(d) || d.starts_with('$'));
        if let Some(dir) = dir.filter(|_| !open)
            && let Some(text) = dir.text()
        {
            put(server::store_dir, Said::written(Value::text(text), nodes::span(dir)));
        }
        if !open {
            let below = |d: &str| VOLATILE.iter().any(|v| d == *v || d.starts_with(&format!("{v}/")));
            let volatile = dir.and_then(Node::text).is_none_or(below);
            put(server::volatile_store, flag(volatile, dir.or(stream).map(nodes::span)));
        }
    }
    if let Some(cluster) = get(&["cluster"]).filter(|c| matches!(c.data, Data::Map(_))) {
        put(server::clustered, flag(true, Some(nodes::span(cluster))));
        put(server::cluster_named, flag(cluster.get("name").is_some(), None));
        let routes = cluster.get("routes").map_or(0, |r| r.items().len());
        put(server::routes, Said::derived(Value::Int(routes as i64), cluster.get("routes").map(nodes::span)));
        let secured = cluster.get("authorization").is_some()
            || cluster.get("tls").is_some_and(|t| t.get("verify").and_then(nodes::boolean) != Some(false));
        put(server::cluster_secured, flag(secured, None));
        let at = ["listen", "host", "net"].iter().find_map(|k| cluster.get(k));
        if let Some(exposed) = reached(at) {
            put(server::cluster_exposed, flag(exposed, at.map(nodes::span)));
        }
    }
    let monitor = get(&["http", "http_port", "monitor_port"]);
    if monitor.is_some()
        && let Some(exposed) = reached(monitor)
    {
        // The page is served on the host of the clients unless it names one of its own.
        let named = monitor.and_then(Node::text).is_some_and(|t| t.contains(':') && !t.starts_with(':'));
        let own = if named { Some(exposed) } else { reached(host) };
        if let Some(own) = own {
            put(server::monitor_exposed, flag(own, monitor.map(nodes::span)));
        }
    }
    if let Some(at) = insecure(root, 0) {
        put(server::unverified, flag(true, Some(at)));
    }
}

/// Blocks in which passwords stand nest no deeper.
const MAX_DEPTH: usize = 8;

/// The place of a password that stands there as it is; hashes of bcrypt begin with `$2`.
fn plain_password(node: &Node<'_>, depth: usize) -> Option<Span> {
    if depth > MAX_DEPTH {
        return None;
    }
    for (key, value) in node.pairs() {
        let name = key.view.text.to_ascii_lowercase();
        if matches!(name.as_str(), "password" | "pass" | "token")
            && let Some(scalar) = value.scalar()
            && !scalar.view.text.starts_with('$')
            && !scalar.view.text.trim().is_empty()
            && !is_open(&scalar.view.text)
        {
            return Some(scalar.view.full_span());
        }
        if let Some(at) = plain_password(value, depth + 1) {
            return Some(at);
        }
    }
    node.items().iter().find_map(|i| plain_password(i, depth + 1))
}

fn insecure(node: &Node<'_>, depth: usize) -> Option<Span> {
    if depth > MAX_DEPTH {
        return None;
    }
    for (key, value) in node.pairs() {
        if key.view.text.eq_ignore_ascii_case("insecure") && nodes::boolean(value) == Some(true) {
            return Some(nodes::span(value));
        }
        if let Some(at) = insecure(value, depth + 1) {
            return Some(at);
        }
    }
    node.items().iter().find_map(|i| insecure(i, depth + 1))
}

/// Keeps passwords, tokens and seeds out of every output.
fn secrets(node: &Node<'_>, depth: usize, out: &mut Reading) {
    if depth > MAX_DEPTH {
        return;
    }
    for (key, value) in node.pairs() {
        let name = key.view.text.to_ascii_lowercase();
        if matches!(name.as_str(), "password" | "pass" | "token" | "nkey_seed" | "seed" | "key" | "ek")
            && let Some(scalar) = value.scalar()
            && !scalar.view.text.trim().is_empty()
            && !is_open(&scalar.view.text)
        {
            out.secrets.push(scalar.view.full_span());
        }
        secrets(value, depth + 1, out);
    }
    node.items().iter().for_each(|i| secrets(i, depth + 1, out));
}
