//! advanced.config and the classic rabbitmq.config: Erlang terms, put into the words of rabbitmq.conf.

use super::conf;
use super::server::{self, Form, Setting};
use super::values;
use crate::facts::tables::RABBITMQ;
use crate::source::{Source, Span, View};
use crate::syntax::{Data, Node, erlang};
use crate::systems::{FileKind, Match, Reading};

/// advanced.config, beside rabbitmq.conf.
pub static ADVANCED: FileKind = FileKind {
    name: "rabbitmq.advanced",
    doc: "RabbitMQ's advanced.config, Erlang terms beside rabbitmq.conf.",
    recognise: |source| match conf::plain_name(source) {
        "advanced.config" if is_rabbit(source) => Match::Sure,
        _ => Match::No,
    },
    read: |view, reading| read_as(view, reading, Form::Advanced),
};

/// rabbitmq.config, the only file of brokers before 3.7.
pub static CLASSIC: FileKind = FileKind {
    name: "rabbitmq.config",
    doc: "RabbitMQ's classic rabbitmq.config, Erlang terms.",
    recognise: |source| {
        let name = conf::plain_name(source);
        match name.ends_with(".config") && is_rabbit(source) {
            true if name.starts_with("rabbitmq") => Match::Sure,
            true => Match::Likely,
            false => Match::No,
        }
    },
    read: |view, reading| read_as(view, reading, Form::Classic),
};

/// A list of applications, one of which is RabbitMQ's.
fn is_rabbit(source: &Source) -> bool {
    let first =
        source.text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with(['%', '#', '{', '<']));
    let list = first.is_none_or(|l| l.starts_with('['));
    list && source.text.replace([' ', '\t', '\r', '\n'], "").contains("{rabbit")
}

/// Proplists nest no deeper in real files.
const MAX_NESTING: usize = 8;

fn read_as(view: &View<'_>, reading: &mut Reading, form: Form) {
    let (terms, notices) = erlang::parse(view);
    reading.notices.extend(notices);
    let mut settings = Vec::new();
    for term in &terms {
        for (application, values) in term.pairs() {
            walk(&application.view.text, values, 0, &mut settings);
        }
    }
    for setting in settings.iter().filter(|s| server::is_secret(&s.key)) {
        reading.secrets.push(setting.value_span);
    }
    server::extract(&settings, form, reading);
}

fn walk(path: &str, node: &Node<'_>, depth: usize, settings: &mut Vec<Setting>) {
    if depth > MAX_NESTING {
        return;
    }
    for (key, value) in node.pairs() {
        let inner = format!("{path}.{}", key.view.text);
        let key_span = key.view.full_span();
        if special(&inner, key_span, value, settings) {
            continue;
        }
        match value.text() {
            Some(text) => {
                if let Some(name) = conf_name(&inner) {
                    settings.push(setting(name, text, key_span, value.span));
                }
            }
            None => walk(&inner, value, depth + 1, settings),
        }
    }
}

fn setting(key: impl Into<String>, value: impl Into<String>, key_span: Span, value_span: Span) -> Setting {
    Setting { key: key.into(), value: value.into(), key_span, value_span }
}

/// The key of rabbitmq.conf that sets the same thing, when it is the only one and has no free part.
fn conf_name(path: &str) -> Option<&'static str> {
    if let Some(plain) = path.strip_prefix("rabbit.")
        && let Some(def) =
            RABBITMQ.keys().iter().find(|k| k.name == plain && values::erlang_path(k).is_empty())
    {
        return Some(def.name);
    }
    let mut found =
        RABBITMQ.keys().iter().filter(|k| values::erlang_path(k) == path && !k.name.contains('$'));
    let only = found.next()?;
    found.next().is_none().then_some(only.name)
}

/// Lists and tuples that rabbitmq.conf writes as several keys.
fn special(path: &str, key: Span, value: &Node<'_>, settings: &mut Vec<Setting>) -> bool {
    let lists = [
        ("rabbit.tcp_listeners", "listeners.tcp"),
        ("rabbit.ssl_listeners", "listeners.ssl"),
        ("rabbitmq_mqtt.tcp_listeners", "mqtt.listeners.tcp"),
        ("rabbitmq_mqtt.ssl_listeners", "mqtt.listeners.ssl"),
        ("rabbitmq_stomp.tcp_listeners", "stomp.listeners.tcp"),
        ("rabbitmq_stomp.ssl_listeners", "stomp.listeners.ssl"),
    ];
    if let Some((_, name)) = lists.iter().find(|(erlang, _)| *erlang == path) {
        if value.items().is_empty() && matches!(value.data, Data::Seq(_)) {
            settings.push(setting(*name, "none", key, value.span));
        }
        for (at, item) in value.items().iter().enumerate() {
            let text = match &item.data {
                Data::Tuple(parts) => match parts.as_slice() {
                    [address, port, ..] => match (address.text(), port.text()) {
                        // What the server's own scripts write for all addresses.
                        (Some("auto"), Some(port)) => port.to_owned(),
                        (Some(address), Some(port)) => format!("{address}:{port}"),
                        _ => continue,
                    },
                    _ => continue,
                },
                _ => match item.text() {
                    Some(port) => port.to_owned(),
                    None => continue,
                },
            };
            settings.push(setting(format!("{name}.{}", at + 1), text, key, item.span));
        }
        return true;
    }
    let numbered = [
        ("rabbit.ssl_options.versions", "ssl_options.versions"),
        ("rabbit.auth_mechanisms", "auth_mechanisms"),
        ("rabbit.auth_backends", "auth_backends"),
    ];
    if let Some((_, name)) = numbered.iter().find(|(erlang, _)| *erlang == path) {
        for (at, item) in value.items().iter().enumerate() {
            if let Some(text) = item.text() {
                // Some write EXTERNAL as an atom in quotes.
                let text = text.trim_matches('\'');
                settings.push(setting(format!("{name}.{}", at + 1), text, key, item.span));
            }
        }
        return true;
    }
    let tagged = match &value.data {
        Data::Tuple(parts) => match parts.as_slice() {
            [tag, amount] => tag.text().zip(amount.text().map(|t| (t, amount.span))),
            _ => None,
        },
        _ => None,
    };
    match (path, tagged, value.text()) {
        ("rabbit.disk_free_limit", Some(("mem_relative", (text, span))), _) => {
            settings.push(setting("disk_free_limit.relative", text, key, span));
        }
        ("rabbit.disk_free_limit", None, Some(text)) => {
            settings.push(setting("disk_free_limit.absolute", text, key, value.span));
        }
        ("rabbit.vm_memory_high_watermark", Some(("absolute", (text, span))), _) => {
            settings.push(setting("vm_memory_high_watermark.absolute", text, key, span));
        }
        ("rabbit.vm_memory_high_watermark", None, Some(text)) => {
            settings.push(setting("vm_memory_high_watermark.relative", text, key, value.span));
        }
        ("rabbit.loopback_users", ..) => {
            if matches!(value.data, Data::Seq(_)) && value.items().is_empty() {
                settings.push(setting("loopback_users", "none", key, value.span));
            }
        }
        ("rabbit.cluster_nodes", ..) => {
            let nodes = value.items().first().map_or(&[][..], Node::items);
            for (at, node) in nodes.iter().enumerate() {
                if let Some(text) = node.text() {
                    let name = format!("cluster_formation.classic_config.nodes.{}", at + 1);
                    settings.push(setting(name, text, key, node.span));
                }
            }
        }
        // Three patterns in a list, which are complete or no list at all.
        ("rabbit.default_permissions" | "rabbit.default_user_tags", ..) => {}
        _ => return false,
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::rabbitmq::{listener, server};
    use crate::source::FileId;

    #[test]
    fn classic_terms_give_the_same_fields_as_rabbitmq_conf() {
        let text = r#"[{rabbit, [{tcp_listeners, [{"0.0.0.0", 5672}]}, {heartbeat, 0}, {loopback_users, []},
            {disk_free_limit, {mem_relative, 1.5}}, {ssl_listeners, [5671]},
            {ssl_options, [{certfile, "/c.pem"}, {keyfile, "/k.pem"}, {versions, ['tlsv1.2']}]},
            {cluster_nodes, {['rabbit@a', 'rabbit@b'], disc}}]},
            {rabbitmq_management, [{listener, [{port, 15672}]}]}]."#;
        let source = Source::new("rabbitmq.config", text);
        assert_eq!((CLASSIC.recognise)(&source), Match::Sure);
        let mut reading = Reading::default();
        (CLASSIC.read)(&View::whole(FileId(0), &source), &mut reading);
        let (_, broker) = reading.facts.of(&server::KIND).next().expect("a broker");
        let shown = |name: &str| broker.setting(name).map(|s| s.shown());
        assert_eq!(shown("heartbeat").as_deref(), Some("0 s"));
        assert_eq!(shown("disk_free_limit.relative").as_deref(), Some("1.5"));
        assert_eq!(broker.bool(server::guest_from_anywhere), Some(true));
        assert_eq!(broker.bool(server::has_tls_certificate), Some(true));
        assert_eq!(broker.int(server::node_count), Some(2));
        let ports: Vec<_> =
            reading.facts.of(&listener::KIND).filter_map(|(_, l)| l.int(listener::port)).collect();
        assert_eq!(ports, [5672, 5671, 15672]);
    }
}
