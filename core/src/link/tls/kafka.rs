//! Kafka's listeners with TLS settings of their own: `listener.name.NAME.ssl.…` goes before `ssl.…`.

use std::collections::BTreeMap;

use crate::facts::kinds::kafka::{broker, listener, setting};
use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, Facts, Field, Said, Value};

/// The TLS settings of each listener by its name in lower case: what follows the name, and the value.
fn overrides<'f>(of: &Fact, facts: &'f Facts) -> BTreeMap<&'f str, BTreeMap<&'f str, &'f Said>> {
    let mut found: BTreeMap<&str, BTreeMap<&str, &Said>> = BTreeMap::new();
    if of.text(broker::form) != Some("properties") {
        return found;
    }
    for (_, line) in facts.in_file(of.span.file).filter(|(_, f)| f.kind == &setting::KIND) {
        let Some(rest) = line.text(setting::key).and_then(|k| k.strip_prefix("listener.name.")) else {
            continue;
        };
        if let (Some((name, key)), Some(value)) = (rest.split_once('.'), line.get(setting::value)) {
            found.entry(name).or_default().insert(key, value);
        }
    }
    found.retain(|_, keys| keys.keys().any(|k| k.starts_with("ssl.")));
    found
}

/// The ports of those listeners of a broker that speak TLS by the broker's own settings.
pub(super) fn other_ports(of: &Fact, facts: &Facts) -> Vec<Said> {
    let own = overrides(of, facts);
    ports(of, facts, |name| !own.contains_key(name))
}

/// The ports of the listeners that speak TLS and whose name, in lower case, is wanted.
fn ports(of: &Fact, facts: &Facts, wanted: impl Fn(&str) -> bool) -> Vec<Said> {
    let here = facts.in_file(of.span.file).map(|(_, f)| f).filter(|f| f.kind == &listener::KIND);
    let speaks = here.filter(|f| {
        f.bool(listener::advertised) == Some(false)
            && matches!(f.text(listener::protocol), Some("SSL" | "SASL_SSL"))
            && f.text(listener::name).is_some_and(|n| wanted(&n.to_ascii_lowercase()))
    });
    speaks.filter_map(|f| f.get(listener::port).cloned()).collect()
}

/// The ends of a broker's listeners that have settings of their own; `whole` is the one that they take the rest from.
pub(super) fn listeners(of: &Fact, facts: &Facts, whole: Option<&Fact>) -> Vec<Fact> {
    let fields: [(Field, &str); 4] = [
        (end::certificate_file, "ssl.keystore.location"),
        (end::ca_file, "ssl.truststore.location"),
        (end::ciphers, "ssl.cipher.suites"),
        (end::protocols, "ssl.enabled.protocols"),
    ];
    let mut found = Vec::new();
    for (name, keys) in overrides(of, facts) {
        let Some(at) = keys.iter().find(|(k, _)| k.starts_with("ssl.")).and_then(|(_, s)| s.span()) else {
            continue;
        };
        let mut fact = Fact::new(&end::KIND, at);
        fact.derive(end::program, Value::text("Kafka"));
        fact.derive(end::part, Value::text(format!("listener {}", name.to_ascii_uppercase())));
        for (field, key) in fields {
            let own = keys.get(key).copied();
            let Some(said) = own.or_else(|| whole?.get(field)) else { continue };
            let said = match (&said.value, said.span()) {
                (Value::Text(text), Some(at)) if own.is_some() && field.index == end::protocols.index => {
                    let words = text.split(',').map(str::trim).filter(|w| !w.is_empty());
                    Said::written(Value::List(words.map(|w| Said::written(Value::text(w), at)).collect()), at)
                }
                (Value::Text(text), Some(at)) if own.is_some() && field.index == end::ciphers.index => {
                    Said::written(Value::text(text.replace([',', ' '], ":")), at)
                }
                _ => said.clone(),
            };
            fact.set(field, said);
        }
        let password = keys.contains_key("ssl.key.password")
            || whole.is_some_and(|w| w.bool(end::password) == Some(true));
        fact.derive(end::password, Value::Bool(password));
        fact.derive(end::ca_named, Value::Bool(fact.get(end::ca_file).is_some()));
        let general = of.setting("ssl.client.auth");
        if let Some(asks) = keys.get("ssl.client.auth").copied().or(general) {
            let word = match asks.value.to_string().to_ascii_lowercase().as_str() {
                "required" => "required",
                "requested" => "optional",
                _ => "none",
            };
            fact.set(end::verify, Said::derived(Value::text(word), asks.span()));
        }
        let between = of.setting("inter.broker.listener.name");
        let peer = between.is_some_and(|s| s.value.to_string().eq_ignore_ascii_case(name));
        fact.derive(end::side, Value::text(if peer { "peer" } else { "listen" }));
        fact.derive(end::ports, Value::List(ports(of, facts, |n| n.eq_ignore_ascii_case(name))));
        found.push(fact);
    }
    found
}
