//! What well-known ports speak, in the words of `store.uri`'s protocols.

/// Port and protocol, sorted by port; registered ports and the programs' own defaults.
#[rustfmt::skip]
const SERVICES: &[(i64, &str)] = &[
    (1433, "mssql"), (1521, "oracle"), (1883, "mqtt"), (2181, "zookeeper"), (2379, "etcd"), (3306, "mysql"),
    (4222, "nats"), (4369, "epmd"), (5432, "postgresql"), (5551, "rabbitmq-stream"), (5552, "rabbitmq-stream"),
    (5671, "amqp"), (5672, "amqp"), (6379, "redis"), (6380, "redis"), (6432, "postgresql"), (8883, "mqtt"),
    (9042, "cassandra"), (9092, "kafka"), (11211, "memcached"), (15672, "rabbitmq-management"),
    (15674, "web-stomp"), (15675, "web-mqtt"), (25672, "rabbitmq-cluster"), (27017, "mongodb"),
    (33060, "mysql"), (61613, "stomp"), (61614, "stomp"), (61616, "openwire"),
];

/// What a port is known for.
pub(crate) fn service(port: i64) -> Option<&'static str> {
    SERVICES.binary_search_by_key(&port, |s| s.0).ok().and_then(|at| SERVICES.get(at)).map(|s| s.1)
}

/// What ports are known for, if they agree.
pub(crate) fn common(ports: &[i64]) -> Option<&'static str> {
    let mut found = ports.iter().map(|p| service(*p));
    let first = found.next()??;
    found.all(|s| s == Some(first)).then_some(first)
}

/// All ports that are known for something.
pub(crate) fn known_ports() -> impl Iterator<Item = i64> {
    SERVICES.iter().map(|s| s.0)
}

/// Splits `host:port`; the host without brackets, `None` for all addresses, the port only if it is a number.
pub(crate) fn host_port(text: &str) -> (Option<&str>, Option<i64>) {
    let (host, port) = match text.rsplit_once(':') {
        // An IPv6 address without brackets has no port that could be told from it.
        Some((host, port)) if !host.contains(':') || host.ends_with(']') || host == "::" => {
            (host, port.parse().ok())
        }
        _ => (text, None),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let all = matches!(host, "" | "*" | "0.0.0.0" | "::" | ":");
    ((!all).then_some(host), port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_split() {
        for (text, host, port) in [
            ("mq:5672", Some("mq"), Some(5672)),
            (":5672", None, Some(5672)),
            ("*:80", None, Some(80)),
            ("[::1]:5672", Some("::1"), Some(5672)),
            ("[::]:5672", None, Some(5672)),
            (":::6443", None, Some(6443)),
            ("10.0.0.1", Some("10.0.0.1"), None),
            ("fe80::1", Some("fe80::1"), None),
            ("mq:{{ port }}", Some("mq"), None),
        ] {
            assert_eq!(host_port(text), (host, port), "{text}");
        }
        assert!(SERVICES.windows(2).all(|w| w[0].0 < w[1].0));
        assert_eq!(service(5672), Some("amqp"));
    }
}
