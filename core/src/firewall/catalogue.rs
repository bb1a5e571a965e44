//! Which port belongs to what, and who may see it.

use super::Transport;

/// Who may see a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A broker's clients.
    Broker,
    /// A broker's clients, over TLS.
    BrokerTls,
    /// Nodes of a cluster among themselves.
    Cluster,
    /// Operators.
    Management,
    /// Monitoring.
    Metrics,
    /// A database's or cache's clients.
    Database,
    /// Remote logins.
    Login,
}

impl Class {
    /// The word for conditions.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Broker => "broker",
            Class::BrokerTls => "broker-tls",
            Class::Cluster => "cluster",
            Class::Management => "management",
            Class::Metrics => "metrics",
            Class::Database => "database",
            Class::Login => "login",
        }
    }
}

/// What a port is used for.
#[derive(Clone, Copy, Debug)]
pub struct PortUse {
    /// The port.
    pub port: u16,
    /// What answers there.
    pub name: &'static str,
    /// Who may see it.
    pub class: Class,
    /// The same service over TLS, or without it; 0 if there is none.
    pub twin: u16,
}

const fn port(port: u16, name: &'static str, class: Class, twin: u16) -> PortUse {
    PortUse { port, name, class, twin }
}

/// Ports of brokers, databases and their clusters, sorted. Broker ports after rabbitmq.com "Networking" and the
/// programs' own defaults.
#[rustfmt::skip]
pub static PORTS: &[PortUse] = &[
    port(22, "SSH", Class::Login, 0),
    port(1433, "SQL Server", Class::Database, 0),
    port(1521, "Oracle", Class::Database, 0),
    port(1883, "MQTT", Class::Broker, 8883),
    port(2181, "ZooKeeper", Class::Cluster, 0),
    port(2379, "etcd clients", Class::Cluster, 0),
    port(2380, "etcd peers", Class::Cluster, 0),
    port(3306, "MySQL", Class::Database, 0),
    port(4222, "NATS", Class::Broker, 0),
    port(4369, "epmd, Erlang's name service", Class::Cluster, 0),
    port(5432, "PostgreSQL", Class::Database, 0),
    port(5551, "RabbitMQ streams over TLS", Class::BrokerTls, 5552),
    port(5552, "RabbitMQ streams", Class::Broker, 5551),
    port(5671, "AMQP over TLS", Class::BrokerTls, 5672),
    port(5672, "AMQP", Class::Broker, 5671),
    port(5984, "CouchDB", Class::Database, 6984),
    port(6222, "NATS routes", Class::Cluster, 0),
    port(6379, "Redis", Class::Database, 6380),
    port(6432, "PgBouncer", Class::Database, 0),
    port(7687, "Neo4j", Class::Database, 0),
    port(8161, "ActiveMQ's console", Class::Management, 0),
    port(8222, "NATS monitoring", Class::Management, 0),
    port(8883, "MQTT over TLS", Class::BrokerTls, 1883),
    port(9042, "Cassandra", Class::Database, 0),
    port(9092, "Kafka", Class::Broker, 0),
    port(9200, "Elasticsearch", Class::Database, 0),
    port(9300, "Elasticsearch nodes", Class::Cluster, 0),
    port(11211, "memcached", Class::Database, 0),
    port(15671, "RabbitMQ management over TLS", Class::Management, 15672),
    port(15672, "RabbitMQ management", Class::Management, 15671),
    port(15691, "RabbitMQ metrics over TLS", Class::Metrics, 15692),
    port(15692, "RabbitMQ metrics", Class::Metrics, 15691),
    port(16379, "the Redis cluster bus", Class::Cluster, 0),
    port(25672, "RabbitMQ node traffic", Class::Cluster, 0),
    port(26379, "Redis Sentinel", Class::Cluster, 0),
    port(27017, "MongoDB", Class::Database, 0),
    port(33060, "MySQL X", Class::Database, 0),
    port(61613, "STOMP", Class::Broker, 61614),
    port(61614, "STOMP over TLS", Class::BrokerTls, 61613),
    port(61616, "ActiveMQ OpenWire", Class::Broker, 61617),
    port(61617, "ActiveMQ OpenWire over TLS", Class::BrokerTls, 61616),
];

/// What a port is used for.
pub fn port_use(port: u16) -> Option<&'static PortUse> {
    PORTS.binary_search_by_key(&port, |p| p.port).ok().map(|at| &PORTS[at])
}

/// A name that tools take for a port.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// The name.
    pub name: &'static str,
    /// The port.
    pub port: u16,
    /// Its transports.
    pub transports: &'static [Transport],
}

const T: &[Transport] = &[Transport::Tcp];
const U: &[Transport] = &[Transport::Udp];
const B: &[Transport] = &[Transport::Tcp, Transport::Udp];

const fn service(name: &'static str, port: u16, transports: &'static [Transport]) -> Service {
    Service { name, port, transports }
}

/// Names of the services database of Debian 12 that occur in firewall files, sorted.
#[rustfmt::skip]
static SERVICES: &[Service] = &[
    service("amqp", 5672, T), service("amqps", 5671, T), service("bgp", 179, T), service("bootpc", 68, U),
    service("bootps", 67, U), service("domain", 53, B), service("epmd", 4369, T), service("ftp", 21, T),
    service("ftp-data", 20, T), service("git", 9418, T), service("http", 80, T), service("http-alt", 8080, T),
    service("https", 443, B), service("imap", 143, T), service("imap2", 143, T), service("imaps", 993, T),
    service("ipp", 631, T), service("kerberos", 88, B), service("ldap", 389, B), service("ldaps", 636, B),
    service("mdns", 5353, U), service("microsoft-ds", 445, B), service("ms-sql-s", 1433, T), service("mysql", 3306, T),
    service("netbios-dgm", 138, U), service("netbios-ns", 137, U), service("netbios-ssn", 139, T),
    service("nfs", 2049, B), service("ntp", 123, U), service("openvpn", 1194, B), service("pop3", 110, T),
    service("pop3s", 995, T), service("postgres", 5432, T), service("postgresql", 5432, T), service("radius", 1812, U),
    service("redis", 6379, T), service("rsync", 873, T), service("sip", 5060, B), service("smtp", 25, T),
    service("smtps", 465, T), service("snmp", 161, B), service("snmp-trap", 162, B), service("ssh", 22, T),
    service("submission", 587, T), service("submissions", 465, T), service("sunrpc", 111, B), service("svn", 3690, T),
    service("syslog", 514, U), service("telnet", 23, T), service("tftp", 69, U), service("whois", 43, T),
    service("www", 80, T), service("xmpp-client", 5222, T), service("xmpp-server", 5269, T),
];

/// The port of a name of the services database.
pub fn service_port(name: &str) -> Option<&'static Service> {
    SERVICES.binary_search_by(|s| s.name.cmp(name)).ok().map(|at| &SERVICES[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_twins_are_mutual() {
        assert!(PORTS.windows(2).all(|w| w[0].port < w[1].port));
        assert!(SERVICES.windows(2).all(|w| w[0].name < w[1].name));
        for p in PORTS.iter().filter(|p| p.twin != 0) {
            if let Some(twin) = port_use(p.twin) {
                assert_eq!(twin.twin, p.port, "{}", p.name);
            }
        }
    }
}
