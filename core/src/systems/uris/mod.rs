//! Connection URIs in any text: found, and turned into facts.
//!
//! AMQP URIs give `amqp.uri`, `amqp.uri_part`, `amqp.uri_parameter` and, where they alone say what is dialled, an
//! `amqp.client`; URIs of other protocols give `store.uri` and its kin.

mod amqp;
pub mod file;
mod find;
mod store;

use crate::facts::{FactId, Version};
use crate::source::View;
use crate::syntax::uri::{self, Part, Uri};

use super::Reading;

/// What sort of text the URI stands in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// A value of a configuration, quotes already removed: all of it is the URI, or a list of them.
    Value,
    /// A line of a program, script or command.
    #[default]
    Code,
    /// Text for people. Nobody dials what it shows, so it gives no client.
    Prose,
}

/// What the surrounding file knows.
#[derive(Clone, Copy, Debug, Default)]
pub struct UriContext<'c> {
    /// The client library that reads the URI, by a name that [`super::amqp_clients::find`] knows.
    pub client: Option<&'c str>,
    /// The one that reads it if it is one of AMQP.
    pub amqp_client: Option<&'c str>,
    /// Its version.
    pub client_version: Option<Version>,
    /// The key or variable whose value it is.
    pub key: Option<&'c str>,
    /// See [`Place`].
    pub place: Place,
    /// Whether `${X}` and the like are filled in before the client reads the text; `None` when that is not known.
    pub expands_variables: Option<bool>,
    /// True if the caller makes the `amqp.client` itself, out of more than the URI.
    pub part_of_client: bool,
    /// True if `http`, `https`, `ws`, `wss` and `ldap` URIs are wanted too.
    pub web: bool,
    /// The mark that begins a comment; URIs behind it on the same line are passed over.
    pub comment: Option<&'c str>,
}

impl UriContext<'_> {
    /// The library that is named, or that the key belongs to.
    fn client_name(&self) -> Option<&str> {
        self.client.or(self.amqp_client).or_else(|| client_of_key(self.key?))
    }
}

/// The client library that reads the value of a key, for keys of which only one is known.
pub fn client_of_key(key: &str) -> Option<&'static str> {
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    match key.as_str() {
        "springrabbitmqaddresses" => Some("spring"),
        "celerybrokerurl" | "brokerurl" | "brokerreadurl" | "brokerwriteurl" => Some("celery"),
        // Messenger's transports are named by the project: MESSENGER_TRANSPORT_EXPORT_DSN.
        key if key.starts_with("messenger") && key.ends_with("dsn") => Some("symfony"),
        _ => None,
    }
}

/// Reads every connection URI of a text and says the facts that stand for them, in their order.
pub fn scan(view: &View<'_>, context: &UriContext<'_>, out: &mut Reading) -> Vec<FactId> {
    let ranges = find::find(&view.text, context);
    let mut facts = Vec::with_capacity(ranges.len());
    for range in ranges {
        let part = view.sub(range);
        let uri = uri::read(&part);
        keep_secrets(&uri, out);
        match uri.known {
            Some(known) if known.protocol != "amqp" => {
                facts.push(store::add(&uri, known, known.protocol, context, out));
            }
            Some(known) if is_amqp_1_0(&uri) => {
                facts.push(store::add(&uri, known, "amqp-1.0", context, out));
            }
            _ => facts.push(amqp::add(&uri, context, out)),
        }
    }
    facts
}

/// Ends of the names of parameters whose values are never shown.
const SECRET_PARAMETERS: &[&str] = &["password", "passwd", "pwd", "token", "secret"];

fn is_secret_parameter(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_PARAMETERS.iter().any(|s| name.ends_with(s))
}

/// True for AMQP 1.0, which shares scheme and ports: only Qpid's clients have parameters in groups.
fn is_amqp_1_0(uri: &Uri<'_>) -> bool {
    const GROUPS: &[&str] = &["transport.", "jms.", "amqp.", "failover."];
    uri.parameters.iter().any(|p| GROUPS.iter().any(|g| p.name.raw.starts_with(g)))
}

/// Notes what must never be shown: the password, a user that may be a token, and a port that may be a password whose
/// `@` is missing.
fn keep_secrets(uri: &Uri<'_>, out: &mut Reading) {
    let mut keep = |part: &Part<'_>| {
        if !part.raw.is_empty() {
            out.secrets.push(part.span);
        }
    };
    uri.password.iter().for_each(&mut keep);
    if user_is_secret(uri) {
        uri.user.iter().for_each(&mut keep);
    }
    let ports = uri.hosts.iter().filter_map(|h| h.port_text.as_ref());
    ports.filter(|p| !p.placeholder && !p.raw.bytes().all(|b| b.is_ascii_digit())).for_each(&mut keep);
    for parameter in uri.parameters.iter().filter(|p| is_secret_parameter(&p.name.text)) {
        parameter.value.iter().for_each(&mut keep);
    }
}

/// Redis clients disagree whether `x@host` is a user or the password, and for NATS it is a token.
fn user_is_secret(uri: &Uri<'_>) -> bool {
    uri.password.is_none() && uri.known.is_some_and(|k| matches!(k.protocol, "redis" | "nats"))
}

/// Passwords that are tried first, by people and by programs: the defaults of brokers, databases and their images,
/// and what tutorials write.
const WEAK_PASSWORDS: &[&str] = &[
    "guest",
    "admin",
    "administrator",
    "rabbitmq",
    "rabbit",
    "password",
    "passwd",
    "passw0rd",
    "pass",
    "changeme",
    "change_me",
    "changeit",
    "test",
    "testing",
    "user",
    "username",
    "secret",
    "default",
    "root",
    "toor",
    "qwerty",
    "letmein",
    "welcome",
    "postgres",
    "mysql",
    "redis",
    "mongo",
    "mongodb",
    "foobared",
    "bitnami",
    "example",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234",
    "abc123",
    "mypassword",
    "mypass",
    "dev",
];

/// True if a password is on the list of those tried first, or the same as the user.
pub(crate) fn is_weak(password: &str, user: Option<&str>) -> bool {
    user == Some(password) || WEAK_PASSWORDS.iter().any(|w| w.eq_ignore_ascii_case(password))
}

#[cfg(test)]
mod tests;
