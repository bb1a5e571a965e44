//! What a scheme alone decides.

/// Who writes lists of hosts into one URI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosts {
    /// Exactly one host.
    One,
    /// Several, with commas between them.
    Commas,
}

/// What the path of a URI names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// One virtual host: a single segment, in which `/` must be written `%2F`.
    VirtualHost,
    /// A database, perhaps with more behind it.
    Database,
    /// Resources, in segments.
    Resource,
}

/// A scheme.
#[derive(Debug, PartialEq, Eq)]
pub struct Scheme {
    /// Its name, in lower case.
    pub name: &'static str,
    /// The protocol that is spoken.
    pub protocol: &'static str,
    /// The port used when none is written.
    pub port: Option<u16>,
    /// Whether TLS is spoken; `None` when something else than the scheme decides it.
    pub tls: Option<bool>,
    /// See [`Hosts`].
    pub hosts: Hosts,
    /// See [`Path`].
    pub path: Path,
    /// What parts parameters, and what parts them from the rest.
    pub parameters: Parameters,
}

/// How parameters are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameters {
    /// `?a=b&c=d`.
    Query,
    /// `;a=b;c=d`, of Microsoft's JDBC driver.
    Semicolons,
}

const fn scheme(
    name: &'static str,
    protocol: &'static str,
    port: u16,
    tls: Option<bool>,
    hosts: Hosts,
    path: Path,
) -> Scheme {
    let port = if port == 0 { None } else { Some(port) };
    Scheme { name, protocol, port, tls, hosts, path, parameters: Parameters::Query }
}

use Hosts::{Commas, One};
use Path::{Database, Resource, VirtualHost};
const TLS: Option<bool> = Some(true);
const PLAIN: Option<bool> = Some(false);

/// Every known scheme. Ports are those registered with IANA where there is a registration, else the program's own;
/// `amqp*`: RabbitMQ's URI specification; `rabbitmq*`: MassTransit; `pyamqp*`: kombu; `redis*`: the IANA registrations
/// and the Redis, Lettuce and kombu documentation; `mongodb*`: MongoDB's connection string specification;
/// `postgres*`: libpq; `nats`, `tls`: NATS clients; `mqtt*`: the MQTT URI scheme registration.
pub static SCHEMES: &[Scheme] = &[
    scheme("amqp", "amqp", 5672, PLAIN, One, VirtualHost),
    scheme("amqps", "amqp", 5671, TLS, One, VirtualHost),
    scheme("pyamqp", "amqp", 5672, PLAIN, One, VirtualHost),
    scheme("pyamqps", "amqp", 5671, TLS, One, VirtualHost),
    scheme("rabbitmq", "amqp", 5672, PLAIN, One, VirtualHost),
    scheme("rabbitmqs", "amqp", 5671, TLS, One, VirtualHost),
    scheme("rabbitmq-stream", "rabbitmq-stream", 5552, PLAIN, One, VirtualHost),
    scheme("rabbitmq-stream+tls", "rabbitmq-stream", 5551, TLS, One, VirtualHost),
    scheme("redis", "redis", 6379, PLAIN, Commas, Database),
    scheme("rediss", "redis", 6379, TLS, Commas, Database),
    scheme("redis+ssl", "redis", 6379, TLS, Commas, Database),
    scheme("redis+tls", "redis", 6379, TLS, Commas, Database),
    scheme("redis-sentinel", "redis", 26379, PLAIN, Commas, Database),
    scheme("rediss-sentinel", "redis", 26379, TLS, Commas, Database),
    scheme("redis+sentinel", "redis", 26379, PLAIN, Commas, Database),
    scheme("sentinel", "redis", 26379, PLAIN, Commas, Database),
    scheme("redis+socket", "redis", 0, PLAIN, One, Resource),
    scheme("valkey", "redis", 6379, PLAIN, Commas, Database),
    scheme("valkeys", "redis", 6379, TLS, Commas, Database),
    scheme("postgres", "postgresql", 5432, None, Commas, Database),
    scheme("postgresql", "postgresql", 5432, None, Commas, Database),
    scheme("postgresql+asyncpg", "postgresql", 5432, None, Commas, Database),
    scheme("postgresql+psycopg", "postgresql", 5432, None, Commas, Database),
    scheme("postgresql+psycopg2", "postgresql", 5432, None, Commas, Database),
    scheme("jdbc:postgresql", "postgresql", 5432, None, Commas, Database),
    scheme("mysql", "mysql", 3306, None, Commas, Database),
    scheme("mysql+pymysql", "mysql", 3306, None, One, Database),
    scheme("mysql+mysqldb", "mysql", 3306, None, One, Database),
    scheme("mysql+aiomysql", "mysql", 3306, None, One, Database),
    scheme("mysqlx", "mysql", 33060, None, Commas, Database),
    scheme("mariadb", "mysql", 3306, None, Commas, Database),
    scheme("jdbc:mysql", "mysql", 3306, None, Commas, Database),
    scheme("jdbc:mysql:loadbalance", "mysql", 3306, None, Commas, Database),
    scheme("jdbc:mysql:replication", "mysql", 3306, None, Commas, Database),
    scheme("jdbc:mariadb", "mysql", 3306, None, Commas, Database),
    Scheme {
        name: "jdbc:sqlserver",
        protocol: "sqlserver",
        port: Some(1433),
        tls: None,
        hosts: One,
        path: Database,
        parameters: Parameters::Semicolons,
    },
    scheme("sqlserver", "sqlserver", 1433, None, One, Database),
    scheme("mongodb", "mongodb", 27017, None, Commas, Database),
    scheme("mongodb+srv", "mongodb", 0, TLS, One, Database),
    scheme("kafka", "kafka", 9092, None, Commas, Resource),
    scheme("nats", "nats", 4222, None, Commas, Resource),
    scheme("mqtt", "mqtt", 1883, PLAIN, One, Resource),
    scheme("mqtts", "mqtt", 8883, TLS, One, Resource),
    scheme("stomp", "stomp", 61613, PLAIN, One, VirtualHost),
    scheme("stomp+ssl", "stomp", 61614, TLS, One, VirtualHost),
    scheme("stomps", "stomp", 61614, TLS, One, VirtualHost),
    scheme("ldap", "ldap", 389, PLAIN, One, Resource),
    scheme("ldaps", "ldap", 636, TLS, One, Resource),
    scheme("ws", "websocket", 80, PLAIN, One, Resource),
    scheme("wss", "websocket", 443, TLS, One, Resource),
    scheme("http", "http", 80, PLAIN, One, Resource),
    scheme("https", "http", 443, TLS, One, Resource),
];

/// The scheme of a name, in any case.
pub fn find(name: &str) -> Option<&'static Scheme> {
    SCHEMES.iter().find(|s| s.name.eq_ignore_ascii_case(name))
}
