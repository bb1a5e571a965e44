//! Mosquitto: `mosquitto.conf`, its listeners and bridges.

use crate::facts::kinds::mosquitto::{bridge, listener, server, setting};
use crate::facts::tables::MOSQUITTO;
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::source::{Source, Span, View};
use crate::syntax::keyvalue::{self, Pair, dialects};
use crate::syntax::template;
use crate::systems::keyed::forms::{Writing, is_open, plain_number};
use crate::systems::keyed::{Line, Lines, Program, share_of_known};
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::{FileKind, Match, Reading};

/// `mosquitto.conf`.
pub static CONF: FileKind = FileKind {
    name: "mosquitto.conf",
    doc: "The settings of a Mosquitto broker: an option and its value a line.",
    recognise,
    read,
};

static WRITING: Writing = Writing {
    truth: |word| match word {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    },
    truth_words: "`true` or `false`",
    number: plain_number,
    any_case: false,
};

static OPTIONS: Program = Program {
    setting: &setting::KIND,
    table: &MOSQUITTO,
    writing: &WRITING,
    canonical: str::to_owned,
    secret: |key| matches!(key, "remote_password" | "local_password" | "password" | "bridge_psk"),
};

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    if !name.ends_with(".conf") {
        return Match::No;
    }
    let text = &source.text;
    let own = [
        "allow_anonymous",
        "persistence_location",
        "password_file",
        "max_inflight_messages",
        "listener 1883",
        "listener 8883",
    ];
    let named = name.contains("mosquitto");
    if !named && !own.iter().any(|k| text.contains(k)) {
        return Match::No;
    }
    // Options of plug-ins have names of their own.
    let share = share_of_known(&source.text, "#", |line| {
        line.split_whitespace().next().is_some_and(|key| {
            MOSQUITTO.find(key).is_some() || key.starts_with("plugin_opt_") || key.starts_with("auth_opt_")
        })
    });
    match share {
        Some(s) if s > 0.6 && named => Match::Sure,
        Some(s) if s > 0.8 && own.iter().any(|k| text.lines().any(|l| l.trim_start().starts_with(k))) => {
            Match::Likely
        }
        _ => Match::No,
    }
}

/// Where the options of a listener are gathered.
#[derive(Default)]
struct Listener {
    span: Option<Span>,
    port: Option<i64>,
    address: Option<(String, Span)>,
    open: bool,
    local: bool,
    certfile: Option<Span>,
    keyfile: Option<Span>,
    authorities: bool,
    psk: bool,
    require: Option<Span>,
    anonymous: Option<(bool, Span)>,
    checks: bool,
    tls_version: Option<(String, Span)>,
}

#[derive(Default)]
struct Bridge {
    span: Option<Span>,
    name: String,
    address: Option<(String, Span)>,
    tls: bool,
    insecure: Option<Span>,
    password: Option<Span>,
    keepalive: Option<(i64, Span)>,
    clean: bool,
    topics: Vec<(String, Span)>,
}

enum At {
    Top,
    Listener,
    Bridge,
}

fn read(view: &View<'_>, out: &mut Reading) {
    let template = template::detect(&view.text).is_some();
    let (pairs, notices) = keyvalue::pairs(view, &dialects::MOSQUITTO);
    out.notices.extend(notices);
    let Some(first) = pairs.first() else { return };
    let mut lines = Lines::new(&OPTIONS, Fact::new(&server::KIND, first.span), template);
    let mut listeners: Vec<Listener> = Vec::new();
    let mut bridges: Vec<Bridge> = Vec::new();
    let mut top = Listener::default();
    let mut at = At::Top;
    let mut includes = false;
    for pair in &pairs {
        let key = pair.key.text.as_ref();
        if key.starts_with("plugin_opt_") || key.starts_with("auth_opt_") {
            continue;
        }
        let value = pair.assigned.then_some(&pair.value);
        lines.line(&Line { section: None, key: &pair.key, value, span: pair.span }, out);
        let text = pair.value.text.trim();
        match key {
            "include_dir" => includes = true,
            "listener" => {
                listeners.push(of_listener(pair));
                at = At::Listener;
            }
            "port" => {
                top.span = Some(pair.span);
                top.port = text.parse().ok();
                top.open |= is_open(text);
            }
            "bind_address" => {
                top.address = Some((text.to_owned(), pair.value.full_span()));
            }
            "connection" => {
                bridges.push(Bridge { span: Some(pair.span), name: text.to_owned(), ..Bridge::default() });
                at = At::Bridge;
            }
            _ => match at {
                At::Bridge if bridges.last_mut().is_some_and(|b| of_bridge(b, pair)) => {}
                At::Listener if listeners.last_mut().is_some_and(|l| option(l, pair)) => {}
                _ => {
                    option(&mut top, pair);
                }
            },
        }
    }
    let mut fact = lines.finish(server::filled_in);
    let per_listener =
        matches!(fact.setting("per_listener_settings").map(|s| &s.value), Some(Value::Bool(true)));
    let own = top.port.is_some() || top.open;
    fact.derive(server::listeners, Value::Int((listeners.len() + usize::from(own)) as i64));
    fact.derive(server::includes, Value::Bool(includes));
    // Without settings of its own for each listener, logins are the same for all, wherever they are written.
    let anywhere = top.checks || listeners.iter().any(|l| l.checks);
    fact.derive(server::checks_logins, Value::Bool(anywhere));
    let anonymous = listeners.iter().chain([&top]).rev().find_map(|l| l.anonymous);
    let id = out.facts.add(fact);
    let whole = !includes && !template;
    if own {
        listeners.insert(0, Listener { anonymous: top.anonymous, ..top });
    }
    for one in &listeners {
        let (anonymous, checks) =
            if per_listener { (one.anonymous, one.checks) } else { (anonymous, anywhere) };
        add_listener(one, id, anonymous, checks, whole, out);
    }
    bridges.iter().for_each(|b| add_bridge(b, out));
}

fn of_listener(pair: &Pair<'_>) -> Listener {
    let text = pair.value.text.trim();
    let mut words = text.split_whitespace();
    let mut listener = Listener { span: Some(pair.span), open: is_open(text), ..Listener::default() };
    listener.port = words.next().and_then(|p| p.parse().ok());
    if let Some(address) = words.next() {
        let start = pair.value.text.rfind(address).unwrap_or_default();
        listener.open |= is_open(address);
        // Port 0 and a path are a socket in the file system.
        listener.local = address.starts_with('/');
        listener.address = Some((address.to_owned(), pair.value.span(start..start + address.len())));
    }
    listener
}

/// Takes an option that belongs to a listener, or to all of them; true if it is one.
fn option(listener: &mut Listener, pair: &Pair<'_>) -> bool {
    let text = pair.value.text.trim();
    let at = pair.value.full_span();
    match pair.key.text.as_ref() {
        "certfile" => listener.certfile = Some(at),
        "keyfile" => listener.keyfile = Some(at),
        "cafile" | "capath" => listener.authorities = true,
        "psk_hint" => listener.psk = true,
        "require_certificate" if text == "true" => listener.require = Some(at),
        "allow_anonymous" => listener.anonymous = (WRITING.truth)(text).map(|on| (on, at)),
        "password_file" | "plugin" | "auth_plugin" | "psk_file" | "global_plugin" | "plugin_load"
        | "plugin_use" => {
            listener.checks = true;
        }
        "use_identity_as_username" | "use_subject_as_username" if text == "true" => listener.checks = true,
        "tls_version" => listener.tls_version = Some((text.to_owned(), at)),
        _ => return false,
    }
    true
}

fn of_bridge(bridge: &mut Bridge, pair: &Pair<'_>) -> bool {
    let text = pair.value.text.trim();
    let at = pair.value.full_span();
    match pair.key.text.as_ref() {
        "address" | "addresses" => bridge.address = Some((text.to_owned(), at)),
        "bridge_cafile" | "bridge_capath" | "bridge_psk" | "bridge_tls_use_os_certs" => bridge.tls = true,
        "bridge_insecure" if text == "true" => bridge.insecure = Some(at),
        "remote_password" | "password" => bridge.password = Some(at),
        "keepalive_interval" => bridge.keepalive = text.parse().ok().map(|s: i64| (s, at)),
        "cleansession" => bridge.clean = text == "true",
        "topic" => bridge.topics.push((text.to_owned(), at)),
        _ => return false,
    }
    true
}

fn add_listener(
    one: &Listener,
    id: FactId,
    anonymous: Option<(bool, Span)>,
    checks: bool,
    whole: bool,
    out: &mut Reading,
) {
    let Some(span) = one.span.filter(|_| !one.open) else { return };
    let mut fact = Fact::new(&listener::KIND, span);
    fact.derive(listener::server, Value::Record(id));
    if let Some(port) = one.port {
        fact.write(listener::port, Value::Int(port), span);
    }
    if let Some((address, at)) = &one.address {
        fact.write(listener::address, Value::text(address), *at);
    }
    let loopback = one.local || one.address.as_ref().is_some_and(|(a, _)| hosts::is_loopback(a));
    fact.derive(listener::loopback, Value::Bool(loopback));
    let tls = one.certfile.is_some() || one.psk;
    fact.derive(listener::tls, Value::Bool(tls));
    if let (Some(at), None) | (None, Some(at)) = (one.certfile, one.keyfile) {
        let missing = if one.certfile.is_some() { "keyfile" } else { "certfile" };
        fact.write(listener::half_missing, Value::text(missing), at);
    }
    if let Some(at) = one.require.filter(|_| !one.authorities && one.certfile.is_some()) {
        fact.write(listener::authorities_missing, Value::Bool(true), at);
    }
    if let Some((version, at)) = &one.tls_version {
        fact.write(listener::tls_version, Value::text(version), *at);
    }
    let by_certificate = one.require.is_some() || one.psk;
    match anonymous {
        Some((true, at)) => {
            fact.set(listener::anonymous, Said::derived(Value::Bool(!by_certificate), Some(at)));
        }
        other => {
            fact.derive(listener::anonymous, Value::Bool(false));
            if whole {
                let nobody = !checks && !by_certificate;
                fact.set(listener::nobody, Said::derived(Value::Bool(nobody), other.map(|(_, at)| at)));
            }
        }
    }
    fact.derive(listener::passwords, Value::Bool(checks));
    out.facts.add(fact);
}

fn add_bridge(one: &Bridge, out: &mut Reading) {
    let Some(span) = one.span else { return };
    let mut fact = Fact::new(&bridge::KIND, span);
    fact.write(bridge::name, Value::text(&one.name), span);
    if let Some((address, at)) = &one.address {
        fact.write(bridge::address, Value::text(address), *at);
        let first = address.split_whitespace().next().unwrap_or_default();
        let host = first.rsplit_once(':').map_or(first, |(host, _)| host);
        fact.set(bridge::public, Said::derived(Value::Bool(hosts::is_public(host)), Some(*at)));
    }
    fact.derive(bridge::tls, Value::Bool(one.tls));
    if let Some(at) = one.insecure {
        fact.set(bridge::insecure, Said::derived(Value::Bool(true), Some(at)));
    }
    fact.set(bridge::password, Said::derived(Value::Bool(one.password.is_some()), one.password));
    if let Some((seconds, at)) = one.keepalive {
        fact.write(bridge::keepalive, Value::Duration(seconds.saturating_mul(1_000)), at);
    }
    fact.derive(bridge::clean, Value::Bool(one.clean));
    let qos = |topic: &str| topic.split_whitespace().nth(2).and_then(|q| q.parse::<u8>().ok());
    let acknowledged = one.topics.iter().any(|(t, _)| qos(t).is_some_and(|q| q > 0));
    fact.derive(bridge::acknowledged, Value::Bool(acknowledged));
    let reason = match &one.address {
        None => Some(("the bridge has no `address`".to_owned(), span)),
        _ if one.topics.is_empty() => Some(("the bridge has no `topic`".to_owned(), span)),
        _ => one.topics.iter().find_map(|(topic, at)| Some((topic_fault(topic)?, *at))),
    };
    if let Some((reason, at)) = reason {
        fact.set(bridge::reason, Said::derived(Value::text(reason), Some(at)));
    }
    out.facts.add(fact);
}

/// What is wrong with `PATTERN [DIRECTION [QOS [LOCAL [REMOTE]]]]`.
fn topic_fault(topic: &str) -> Option<String> {
    if topic.contains(['"', '{', '$']) {
        return None;
    }
    let words: Vec<&str> = topic.split_whitespace().collect();
    if let Some(direction) =
        words.get(1).filter(|d| !["in", "out", "both"].contains(&d.to_ascii_lowercase().as_str()))
    {
        return Some(format!("a topic goes `in`, `out` or `both` ways, not `{direction}`"));
    }
    let qos = words.get(2).filter(|q| !["0", "1", "2"].contains(*q))?;
    Some(format!("QoS is 0, 1 or 2, not `{qos}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn listeners_share_logins_unless_each_has_its_own() {
        for (text, anonymous, nobody) in [
            ("listener 1883\nallow_anonymous true\n", ["true"].as_slice(), ["-"].as_slice()),
            ("allow_anonymous false\nlistener 1883\n", &["false"], &["true"]),
            (
                "listener 1883\nlistener 8883\ncertfile c\nkeyfile k\npassword_file p\n",
                &["false", "false"],
                &["false", "false"],
            ),
            (
                "per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 8883\npassword_file p\n",
                &["true", "false"],
                &["-", "false"],
            ),
            (
                "listener 8883\ncertfile c\nkeyfile k\ncafile a\nrequire_certificate true\n",
                &["false"],
                &["false"],
            ),
        ] {
            let source = Source::new("mosquitto.conf", text);
            let mut out = Reading::default();
            (CONF.read)(&View::whole(FileId(0), &source), &mut out);
            let shown = |field| -> Vec<String> {
                out.facts
                    .of(&listener::KIND)
                    .map(|(_, f)| f.get(field).map_or("-".into(), |s| s.shown()))
                    .collect()
            };
            assert_eq!(
                (shown(listener::anonymous), shown(listener::nobody)),
                (
                    anonymous.iter().map(|s| (*s).to_owned()).collect(),
                    nobody.iter().map(|s| (*s).to_owned()).collect()
                ),
                "{text}"
            );
        }
    }
}
