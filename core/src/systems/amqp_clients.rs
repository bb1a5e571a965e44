//! What AMQP client libraries do when nothing is said, and how each of them reads a URI.
//!
//! Libraries disagree about nearly everything a URI can say, and about what a heartbeat of zero means; a judgement
//! about a connection is one about the library that opens it. Rows say nothing (`None`) where it depends on more than
//! the library and its version.

use crate::facts::kinds::amqp::client;
use crate::facts::{Fact, Said, Value, Version};

mod table;

pub use table::LIBRARIES;

/// RabbitMQ's suggestion when `heartbeat` is not set (rabbit.schema, all releases since 3.5.5), in milliseconds.
pub const SERVER_HEARTBEAT: i64 = 60_000;

/// How the value of a parameter is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A number of seconds.
    Seconds,
    /// A number of milliseconds.
    Millis,
    /// A number without unit.
    Count,
    /// A number of bytes.
    Bytes,
    /// Anything.
    Text,
}

/// A URI parameter that a library knows.
#[derive(Debug)]
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// How its value is read.
    pub unit: Unit,
}

/// The heartbeat that a library asks for by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Whatever the server suggests.
    Server,
    /// None at all.
    Off,
    /// So many milliseconds.
    Every(i64),
}

/// What a heartbeat of zero, asked for by the program, means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zero {
    /// Heartbeats are off.
    Off,
    /// The server's value is used.
    Server,
    /// The library's own value is used.
    Own,
}

/// Whether a lost connection is opened again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// By itself, with this pause in milliseconds.
    On(i64),
    /// If the program asks for it.
    OptIn,
    /// Never.
    Off,
}

/// How the peer's certificate is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsCheck {
    /// Chain and host name.
    Full,
    /// The chain alone: any certificate of a trusted authority passes.
    NoHostname,
    /// The name alone.
    ChainIgnored,
    /// Not at all.
    None,
}

impl TlsCheck {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            TlsCheck::Full => "full",
            TlsCheck::NoHostname => "no_hostname",
            TlsCheck::ChainIgnored => "chain_ignored",
            TlsCheck::None => "none",
        }
    }
}

/// What a library makes of an unusual URI; every field is the word that conditions compare with.
#[derive(Debug)]
pub struct UriReading {
    /// Parameters: `read`, `ignored`, `refused` or `part_of_vhost`.
    pub query: &'static str,
    /// A parameter it does not know: `refused` or `ignored`.
    pub unknown: &'static str,
    /// The parameters it knows, by name.
    pub parameters: &'static [Parameter],
    /// `amqp://host/`: `empty` (a virtual host without name) or `default`.
    pub empty_vhost: &'static str,
    /// `/a/b`: `whole`, `first`, `refused` or `vhost_then_exchange`.
    pub segments: &'static str,
    /// A bracketed IPv6 address: `fine`, `localhost` or `brackets`.
    pub ipv6: &'static str,
    /// A raw `@` in the password: `accepted`, `refused`, `wrong_host`, `localhost` or nothing known.
    pub raw_at: &'static str,
    /// `rabbit_mq` is lost, and localhost dialled.
    pub loses_underscore_hosts: bool,
    /// Percent triplets stay as they are.
    pub decodes_nothing: bool,
    /// Several URIs may be written with this between them.
    pub list: Option<char>,
}

/// A client library, in a range of versions.
#[derive(Debug)]
pub struct Library {
    /// Its name in facts.
    pub name: &'static str,
    /// What packages and people call it.
    pub aliases: &'static [&'static str],
    /// First version of the range.
    pub since: [u32; 3],
    /// First version behind the range.
    pub before: [u32; 3],
    /// Name and versions, for messages.
    pub shown: &'static str,
    /// The schemes it reads.
    pub schemes: &'static [&'static str],
    /// How long it waits for a connection, in milliseconds; zero for ever.
    pub connection_timeout: Option<i64>,
    /// How long TCP, TLS and opening may take together, in milliseconds.
    pub stack_timeout: Option<i64>,
    /// How long it waits for an answer, in milliseconds.
    pub rpc_timeout: Option<i64>,
    /// How long a read may take, in milliseconds.
    pub read_timeout: Option<i64>,
    /// How long a write may take, in milliseconds.
    pub write_timeout: Option<i64>,
    /// See [`Ask`].
    pub heartbeat: Ask,
    /// See [`Zero`].
    pub zero: Option<Zero>,
    /// True if its value wins over a smaller one of the server.
    pub wins: Option<bool>,
    /// True if heartbeats are sent only when the program calls for it.
    pub needs_calls: bool,
    /// Channels; zero as the server likes.
    pub channel_max: Option<i64>,
    /// Frame size in bytes; zero as the server likes.
    pub frame_max: Option<i64>,
    /// See [`Recovery`].
    pub recovery: Option<Recovery>,
    /// True if published messages are confirmed.
    pub confirms: Option<bool>,
    /// Unacknowledged messages.
    pub prefetch: Option<i64>,
    /// TLS when it is set up by options.
    pub tls_check: Option<TlsCheck>,
    /// TLS when all it is given is an `amqps` URI.
    pub tls_check_of_uri: Option<TlsCheck>,
    /// See [`UriReading`].
    pub reading: &'static UriReading,
}

/// The row of a library. Without a version, the row that holds for the versions in use.
pub fn find(name: &str, version: Option<Version>) -> Option<&'static Library> {
    let mut rows = LIBRARIES.iter().filter(|l| {
        l.name.eq_ignore_ascii_case(name) || l.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))
    });
    match version {
        None => rows.next(),
        Some(version) => rows.rfind(|l| l.since <= version.parts && version.parts < l.before),
    }
}

impl Library {
    /// A URI parameter it knows; `queues[a]` is one of `queues`.
    pub fn parameter(&self, name: &str) -> Option<&'static Parameter> {
        let name = name.split('[').next().unwrap_or(name);
        self.reading.parameters.iter().find(|p| p.name == name)
    }

    /// The heartbeat it settles on with a server that suggests `server`; both in milliseconds, `None` for not said.
    pub fn settle(&self, asked: Option<i64>, server: i64) -> Option<i64> {
        let asked = match (asked, self.heartbeat) {
            (Some(asked), _) => asked,
            (None, Ask::Server) => return Some(server),
            (None, Ask::Off) => return Some(0),
            (None, Ask::Every(own)) => own,
        };
        if asked == 0 {
            return match (self.zero?, self.heartbeat) {
                (Zero::Off, _) => Some(0),
                (Zero::Own, Ask::Every(own)) => self.settle(Some(own), server),
                _ => Some(server),
            };
        }
        if asked <= server || server == 0 {
            // A server without opinion leaves the client its own.
            return Some(asked);
        }
        self.wins.map(|wins| if wins { asked } else { server })
    }

    /// Sets what a client's settings leave open to what the library does then, and the heartbeat that follows with a
    /// server that nobody configured otherwise.
    pub fn complete(&self, fact: &mut Fact) {
        let duration = |n: Option<i64>| n.map(Value::Duration);
        let own_heartbeat = match self.heartbeat {
            Ask::Server => None,
            Ask::Off => Some(0),
            Ask::Every(own) => Some(own),
        };
        let (recovery, interval) = match self.recovery {
            None => (None, None),
            Some(Recovery::On(pause)) => (Some(true), Some(pause)),
            Some(Recovery::OptIn | Recovery::Off) => (Some(false), None),
        };
        let tls_check = match fact.bool(client::tls) {
            Some(false) => None,
            _ if fact.get(client::uri).is_some() => self.tls_check_of_uri,
            _ => self.tls_check,
        };
        let asked = fact.int(client::heartbeat);
        let defaults = [
            (client::heartbeat, duration(own_heartbeat)),
            (client::heartbeat_zero_disables, self.zero.map(|z| Value::Bool(z == Zero::Off))),
            (client::heartbeat_wins, self.wins.map(Value::Bool)),
            (client::heartbeat_needs_calls, Some(Value::Bool(self.needs_calls))),
            (client::connection_timeout, duration(self.connection_timeout)),
            (client::stack_timeout, duration(self.stack_timeout)),
            (client::rpc_timeout, duration(self.rpc_timeout)),
            (client::read_timeout, duration(self.read_timeout)),
            (client::write_timeout, duration(self.write_timeout)),
            (client::channel_max, self.channel_max.map(Value::Int)),
            (client::frame_max, self.frame_max.map(Value::Size)),
            (client::recovery, recovery.map(Value::Bool)),
            (client::recovery_interval, duration(interval)),
            (client::confirms, self.confirms.map(Value::Bool)),
            (client::prefetch, self.prefetch.map(Value::Int)),
            (client::tls_check, tls_check.map(|c| Value::text(c.as_str()))),
        ];
        for (field, value) in defaults {
            if let Some(value) = value.filter(|_| fact.get(field).is_none()) {
                fact.set(field, Said::default(value, self.shown));
            }
        }
        if fact.get(client::effective_heartbeat).is_none()
            && let Some(settled) = self.settle(asked, SERVER_HEARTBEAT)
        {
            let value = Value::Duration(settled);
            let said = match fact.get(client::heartbeat).and_then(Said::span) {
                Some(span) => Said::derived(value, Some(span)),
                None => Said::default(value, self.shown),
            };
            fact.set(client::effective_heartbeat, said);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heartbeats_settle_as_the_libraries_do() {
        // name, version, asked (s), server's (s), settled (s)
        let table = [
            ("pika", "1.4", Some(600), 60, Some(600)),
            ("pika", "1.4", None, 60, Some(60)),
            ("pika", "1.4", Some(0), 60, Some(0)),
            ("java", "5.20", Some(600), 60, Some(60)),
            ("java", "5.20", Some(0), 60, Some(60)),
            ("go", "1.10", None, 60, Some(10)),
            ("amqplib", "0.10.5", Some(0), 60, Some(60)),
            ("amqplib", "2.0.1", Some(0), 60, Some(0)),
            ("masstransit", "8.5", Some(0), 60, Some(60)),
            ("kombu", "5.6", None, 60, Some(0)),
            ("celery", "5.5", None, 60, Some(60)),
            ("celery", "5.5", None, 0, Some(120)),
            ("rabbitmq-c", "0.11", Some(90), 60, None),
        ];
        for (name, version, asked, server, settled) in table {
            let library = find(name, Version::parse(version)).unwrap();
            let found = library.settle(asked.map(|s| s * 1000), server * 1000);
            assert_eq!(found, settled.map(|s| s * 1000), "{name} {version} {asked:?}");
        }
    }

    #[test]
    fn every_library_is_found_by_each_of_its_names() {
        for library in LIBRARIES {
            for name in library.aliases.iter().chain([&library.name]) {
                assert_eq!(find(name, None).unwrap().name, library.name, "{name}");
            }
            assert!(library.since < library.before, "{}", library.shown);
            assert!(!library.schemes.is_empty());
        }
        assert_eq!(find("amqplib", Version::parse("1.1")).unwrap().frame_max, Some(131_072));
        assert_eq!(find("amqplib", None).unwrap().zero, None);
        assert!(find("carrier-pigeon", None).is_none());
    }
}
