//! The table of client libraries.
//!
//! Where a library has several rows, the first one holds for every version and leaves open what changed between them.

use super::Unit::{Bytes, Count, Millis, Seconds, Text};
use super::{Ask, Library, Parameter, Recovery, TlsCheck, Unit, UriReading, Zero};

const ANY: [u32; 3] = [u32::MAX; 3];

const fn p(name: &'static str, unit: Unit) -> Parameter {
    Parameter { name, unit }
}

const AMQP: &[&str] = &["amqp", "amqps"];

/// What most libraries do; rows say how they differ.
const BASE_READING: UriReading = UriReading {
    query: "read",
    unknown: "ignored",
    parameters: &[],
    empty_vhost: "default",
    segments: "whole",
    ipv6: "fine",
    raw_at: "accepted",
    loses_underscore_hosts: false,
    decodes_nothing: false,
    list: None,
};

/// Knows nothing; rows say what they know.
const BASE: Library = Library {
    name: "",
    aliases: &[],
    since: [0; 3],
    before: ANY,
    shown: "",
    schemes: AMQP,
    connection_timeout: None,
    stack_timeout: None,
    rpc_timeout: None,
    read_timeout: None,
    write_timeout: None,
    heartbeat: Ask::Server,
    zero: None,
    wins: Some(false),
    needs_calls: false,
    channel_max: None,
    frame_max: None,
    recovery: Some(Recovery::Off),
    confirms: Some(false),
    prefetch: None,
    tls_check: Some(TlsCheck::Full),
    tls_check_of_uri: Some(TlsCheck::Full),
    reading: &BASE_READING,
};

// rabbitmq-server: deps/amqp_client/src/amqp_uri.erl
static ERLANG_READING: UriReading = UriReading {
    parameters: &[
        p("heartbeat", Seconds),
        p("connection_timeout", Millis),
        p("channel_max", Count),
        p("frame_max", Bytes),
        p("auth_mechanism", Text),
        p("cacertfile", Text),
        p("certfile", Text),
        p("keyfile", Text),
        p("verify", Text),
        p("fail_if_no_peer_cert", Text),
        p("depth", Count),
        p("password", Text),
        p("server_name_indication", Text),
    ],
    empty_vhost: "empty",
    segments: "refused",
    raw_at: "wrong_host",
    ..BASE_READING
};

// rabbitmq/amqp091-go: uri.go
static GO_READING: UriReading = UriReading {
    parameters: &[
        p("heartbeat", Seconds),
        p("connection_timeout", Millis),
        p("channel_max", Count),
        p("auth_mechanism", Text),
        p("cacertfile", Text),
        p("certfile", Text),
        p("keyfile", Text),
        p("server_name_indication", Text),
    ],
    ..BASE_READING
};

// streadway/amqp: uri.go, which reads no query.
static STREADWAY_READING: UriReading = UriReading { query: "ignored", ..BASE_READING };

// pika/pika: pika/connection.py, URLParameters
static PIKA_READING: UriReading = UriReading {
    unknown: "refused",
    parameters: &[
        p("heartbeat", Seconds),
        p("channel_max", Count),
        p("frame_max", Bytes),
        p("connection_attempts", Count),
        p("retry_delay", Seconds),
        p("socket_timeout", Seconds),
        p("stack_timeout", Seconds),
        p("blocked_connection_timeout", Seconds),
        p("locale", Text),
        p("client_properties", Text),
        p("tcp_options", Text),
        p("ssl_options", Text),
    ],
    segments: "first",
    ..BASE_READING
};

// rabbitmq/rabbitmq-java-client: ConnectionFactory.java setUri, ConnectionFactoryConfigurator; queries since 5.12.0
static JAVA_READING: UriReading = UriReading {
    parameters: &[p("heartbeat", Seconds), p("connection_timeout", Millis), p("channel_max", Count)],
    empty_vhost: "empty",
    segments: "refused",
    ipv6: "brackets",
    raw_at: "localhost",
    loses_underscore_hosts: true,
    ..BASE_READING
};
static JAVA_OLD_READING: UriReading = UriReading {
    query: "ignored",
    parameters: &[],
    empty_vhost: "empty",
    segments: "refused",
    ipv6: "brackets",
    raw_at: "localhost",
    loses_underscore_hosts: true,
    ..BASE_READING
};

// spring-projects/spring-boot: RabbitProperties.java, class Address
static SPRING_READING: UriReading = UriReading {
    query: "part_of_vhost",
    raw_at: "wrong_host",
    decodes_nothing: true,
    list: Some(','),
    ..BASE_READING
};

// amqp-node/amqplib: lib/connect.js
static NODE_READING: UriReading = UriReading {
    parameters: &[p("heartbeat", Seconds), p("channelMax", Count), p("frameMax", Bytes), p("locale", Text)],
    ..BASE_READING
};

// amqp-rs/amq-protocol: uri/src/lib.rs
static LAPIN_READING: UriReading = UriReading {
    parameters: &[
        p("heartbeat", Seconds),
        p("connection_timeout", Millis),
        p("channel_max", Count),
        p("frame_max", Bytes),
        p("auth_mechanism", Text),
    ],
    empty_vhost: "empty",
    ipv6: "localhost",
    ..BASE_READING
};

// ruby-amqp/amq-protocol: lib/amq/uri.rb; Bunny takes connection_timeout as seconds (lib/bunny/session.rb)
static RUBY_READING: UriReading = UriReading {
    parameters: &[
        p("heartbeat", Seconds),
        p("connection_timeout", Seconds),
        p("channel_max", Count),
        p("auth_mechanism", Text),
        p("verify", Text),
        p("fail_if_no_peer_cert", Text),
        p("cacertfile", Text),
        p("certfile", Text),
        p("keyfile", Text),
    ],
    empty_vhost: "empty",
    segments: "refused",
    ipv6: "brackets",
    raw_at: "refused",
    ..BASE_READING
};

// rabbitmq/rabbitmq-dotnet-client: ConnectionFactory.cs SetUri
static DOTNET_READING: UriReading =
    UriReading { query: "ignored", segments: "refused", raw_at: "", ..BASE_READING };

// MassTransit: RabbitMqHostAddress.cs
static MASSTRANSIT_READING: UriReading = UriReading {
    parameters: &[p("heartbeat", Seconds), p("prefetch", Count), p("ttl", Count)],
    segments: "",
    raw_at: "",
    ..BASE_READING
};

// mosquito/aiormq: connection.py
static AIORMQ_READING: UriReading = UriReading {
    parameters: &[
        p("heartbeat", Seconds),
        p("timeout", Seconds),
        p("auth", Text),
        p("cafile", Text),
        p("capath", Text),
        p("cadata", Text),
        p("certfile", Text),
        p("keyfile", Text),
        p("no_verify_ssl", Count),
        p("name", Text),
        p("reconnect_interval", Seconds),
        p("fail_fast", Text),
    ],
    ..BASE_READING
};

// celery/kombu: kombu/connection.py Connection.__init__, kombu/utils/url.py
static KOMBU_READING: UriReading = UriReading {
    unknown: "refused",
    parameters: &[
        p("heartbeat", Seconds),
        p("connect_timeout", Seconds),
        p("login_method", Text),
        p("userid", Text),
        p("password", Text),
        p("virtual_host", Text),
        p("port", Count),
        p("insist", Text),
        p("ssl", Text),
        p("transport", Text),
        p("transport_options", Text),
        p("failover_strategy", Text),
        p("uri_prefix", Text),
        p("alternates", Text),
        p("ssl_cert_reqs", Text),
        p("ssl_ca_certs", Text),
        p("ssl_certfile", Text),
        p("ssl_keyfile", Text),
    ],
    list: Some(';'),
    ..BASE_READING
};

// symfony/symfony: src/Symfony/Component/Messenger/Bridge/Amqp/Transport/Connection.php
static SYMFONY_READING: UriReading = UriReading {
    unknown: "refused",
    parameters: &[
        p("heartbeat", Seconds),
        p("frame_max", Bytes),
        p("channel_max", Count),
        p("read_timeout", Seconds),
        p("write_timeout", Seconds),
        p("connect_timeout", Seconds),
        p("confirm_timeout", Seconds),
        p("rpc_timeout", Seconds),
        p("host", Text),
        p("port", Count),
        p("vhost", Text),
        p("user", Text),
        p("login", Text),
        p("password", Text),
        p("cacert", Text),
        p("cert", Text),
        p("key", Text),
        p("verify", Text),
        p("sasl_method", Text),
        p("connection_name", Text),
        p("persistent", Text),
        p("prefetch_count", Count),
        p("auto_setup", Text),
        p("queues", Text),
        p("exchange", Text),
        p("delay", Text),
        p("retry", Text),
    ],
    empty_vhost: "empty",
    segments: "vhost_then_exchange",
    raw_at: "",
    ..BASE_READING
};

// alanxz/rabbitmq-c: librabbitmq/amqp_url.c
static C_READING: UriReading = UriReading {
    query: "refused",
    unknown: "refused",
    empty_vhost: "empty",
    segments: "refused",
    raw_at: "refused",
    ..BASE_READING
};

/// Every library.
pub static LIBRARIES: &[Library] = &[
    // amqp_client.hrl, amqp_network_connection.erl; the check of certificates depends on the Erlang release.
    Library {
        name: "erlang",
        aliases: &["amqp_client", "federation", "shovel"],
        shown: "the Erlang client",
        connection_timeout: Some(60_000),
        heartbeat: Ask::Every(10_000),
        zero: Some(Zero::Server),
        channel_max: Some(2047),
        frame_max: Some(0),
        tls_check: None,
        tls_check_of_uri: None,
        reading: &ERLANG_READING,
        ..BASE
    },
    // ConnectionFactory.java, AMQConnection.java (negotiatedMaxValue); TLS by trust store since 6.0.
    Library {
        name: "java",
        aliases: &["amqp-client", "com.rabbitmq:amqp-client"],
        shown: "the Java client 5",
        tls_check: Some(TlsCheck::None),
        tls_check_of_uri: Some(TlsCheck::None),
        ..JAVA
    },
    Library {
        name: "java",
        before: [5, 12, 0],
        shown: "the Java client before 5.12",
        tls_check: Some(TlsCheck::None),
        tls_check_of_uri: Some(TlsCheck::None),
        reading: &JAVA_OLD_READING,
        ..JAVA
    },
    Library {
        name: "java",
        since: [5, 12, 0],
        before: [6, 0, 0],
        shown: "the Java client 5",
        tls_check: Some(TlsCheck::None),
        tls_check_of_uri: Some(TlsCheck::None),
        ..JAVA
    },
    Library { name: "java", since: [6, 0, 0], shown: "the Java client 6", ..JAVA },
    // spring-boot RabbitProperties.java; spring-amqp CachingConnectionFactory.java (close timeout 30 s),
    // AbstractMessageListenerContainer.java (prefetch 250, recovery 5 s)
    Library {
        name: "spring",
        aliases: &["spring-amqp", "spring-rabbit", "spring-boot-starter-amqp"],
        shown: "Spring AMQP",
        recovery: Some(Recovery::On(5_000)),
        prefetch: Some(250),
        reading: &SPRING_READING,
        ..JAVA
    },
    // ConnectionFactory.cs, Constants.cs; the Uri setter accepts a name mismatch (rabbitmq-dotnet-client#339)
    Library {
        name: "dotnet",
        aliases: &["RabbitMQ.Client", ".net", "csharp"],
        shown: "the .NET client",
        connection_timeout: Some(30_000),
        rpc_timeout: Some(20_000),
        read_timeout: Some(30_000),
        write_timeout: Some(30_000),
        heartbeat: Ask::Every(60_000),
        zero: Some(Zero::Server),
        channel_max: Some(2047),
        frame_max: Some(0),
        recovery: Some(Recovery::On(5_000)),
        tls_check_of_uri: Some(TlsCheck::NoHostname),
        reading: &DOTNET_READING,
        ..BASE
    },
    // ConfigurationHostSettings.cs, RabbitMqAddressExtensions.cs
    Library {
        name: "masstransit",
        aliases: &["MassTransit.RabbitMQ"],
        shown: "MassTransit 8.5",
        schemes: &["rabbitmq", "rabbitmqs", "amqp", "amqps"],
        connection_timeout: Some(10_000),
        rpc_timeout: Some(20_000),
        heartbeat: Ask::Every(60_000),
        zero: Some(Zero::Own),
        channel_max: Some(2047),
        frame_max: Some(0),
        recovery: Some(Recovery::On(5_000)),
        confirms: Some(true),
        tls_check: Some(TlsCheck::ChainIgnored),
        tls_check_of_uri: Some(TlsCheck::ChainIgnored),
        reading: &MASSTRANSIT_READING,
        ..BASE
    },
    // connection.go; recovery of connections since 1.12
    Library { name: "go", aliases: &["amqp091-go", "github.com/rabbitmq/amqp091-go"], recovery: None, ..GO },
    Library { name: "go", before: [1, 12, 0], shown: "amqp091-go before 1.12", ..GO },
    Library { name: "go", since: [1, 12, 0], recovery: Some(Recovery::OptIn), ..GO },
    Library {
        name: "streadway",
        aliases: &["github.com/streadway/amqp"],
        shown: "streadway/amqp",
        reading: &STREADWAY_READING,
        ..GO
    },
    // pika/connection.py
    Library {
        name: "pika",
        shown: "pika",
        connection_timeout: Some(10_000),
        stack_timeout: Some(15_000),
        zero: Some(Zero::Off),
        wins: Some(true),
        channel_max: Some(65_535),
        frame_max: Some(131_072),
        reading: &PIKA_READING,
        ..BASE
    },
    // aiormq/connection.py; only connect_robust recovers
    Library {
        name: "aiormq",
        shown: "aiormq 7",
        heartbeat: Ask::Every(60_000),
        connection_timeout: Some(60_000),
        zero: Some(Zero::Off),
        wins: Some(true),
        reading: &AIORMQ_READING,
        ..BASE
    },
    // aio_pika/robust_connection.py, aio_pika/abc.py (publisher_confirms)
    Library {
        name: "aio-pika",
        aliases: &["aio_pika"],
        shown: "aio-pika 10",
        heartbeat: Ask::Every(60_000),
        connection_timeout: Some(60_000),
        zero: Some(Zero::Off),
        wins: Some(true),
        recovery: Some(Recovery::OptIn),
        confirms: Some(true),
        reading: &AIORMQ_READING,
        ..BASE
    },
    // kombu/connection.py, py-amqp connection.py and transport.py
    Library {
        name: "kombu",
        aliases: &["py-amqp", "pyamqp"],
        shown: "kombu 5",
        connection_timeout: Some(5_000),
        heartbeat: Ask::Off,
        recovery: Some(Recovery::OptIn),
        ..KOMBU
    },
    // celery/app/defaults.py: broker_connection_timeout 4, broker_heartbeat 120, worker_prefetch_multiplier 4
    Library {
        name: "celery",
        shown: "Celery 5",
        connection_timeout: Some(4_000),
        heartbeat: Ask::Every(120_000),
        needs_calls: false,
        recovery: Some(Recovery::On(2_000)),
        ..KOMBU
    },
    // lib/connect.js, lib/connection.js, CHANGELOG.md of 0.10.6, 1.1.0 and 2.0.0
    Library { name: "amqplib", aliases: &["node", "amqp-connection-manager"], shown: "amqplib", ..NODE },
    Library {
        name: "amqplib",
        before: [0, 10, 6],
        shown: "amqplib before 0.10.6",
        zero: Some(Zero::Server),
        frame_max: Some(4_096),
        ..NODE
    },
    Library {
        name: "amqplib",
        since: [0, 10, 6],
        before: [2, 0, 0],
        shown: "amqplib before 2",
        zero: Some(Zero::Server),
        frame_max: Some(131_072),
        ..NODE
    },
    Library {
        name: "amqplib",
        since: [2, 0, 0],
        shown: "amqplib 2",
        zero: Some(Zero::Off),
        frame_max: Some(131_072),
        recovery: Some(Recovery::OptIn),
        ..NODE
    },
    // bunny lib/bunny/session.rb, transport.rb; a URI string turns verification off
    Library {
        name: "bunny",
        aliases: &["ruby"],
        shown: "Bunny 3",
        connection_timeout: Some(30_000),
        rpc_timeout: Some(15_000),
        read_timeout: Some(30_000),
        write_timeout: Some(30_000),
        zero: Some(Zero::Off),
        frame_max: Some(131_072),
        recovery: Some(Recovery::On(5_000)),
        tls_check_of_uri: Some(TlsCheck::None),
        reading: &RUBY_READING,
        ..BASE
    },
    // lapin channel.rs, connection_properties.rs, heartbeat.rs
    Library {
        name: "lapin",
        aliases: &["rust", "amq-protocol-uri"],
        shown: "lapin 4",
        zero: Some(Zero::Server),
        channel_max: Some(0),
        frame_max: Some(0),
        recovery: Some(Recovery::OptIn),
        reading: &LAPIN_READING,
        ..BASE
    },
    // php-amqplib AMQPConnectionConfig.php, StreamIO.php; it reads no URI, so that row's reading says little
    Library {
        name: "php-amqplib",
        aliases: &["php-amqplib/php-amqplib"],
        shown: "php-amqplib 3.7",
        connection_timeout: Some(3_000),
        rpc_timeout: Some(0),
        read_timeout: Some(3_000),
        write_timeout: Some(3_000),
        heartbeat: Ask::Off,
        zero: Some(Zero::Off),
        needs_calls: true,
        channel_max: Some(65_535),
        frame_max: Some(131_072),
        ..BASE
    },
    // Messenger's AMQP bridge over pecl amqp, over rabbitmq-c; amqps without cacert is refused
    Library {
        name: "symfony",
        aliases: &["symfony/amqp-messenger", "symfony/messenger"],
        shown: "Symfony Messenger",
        heartbeat: Ask::Off,
        zero: Some(Zero::Off),
        needs_calls: true,
        reading: &SYMFONY_READING,
        ..BASE
    },
    // librabbitmq/amqp_url.c, amqp_socket.c; the program sets everything up itself
    Library {
        name: "rabbitmq-c",
        aliases: &["librabbitmq", "c"],
        shown: "rabbitmq-c",
        heartbeat: Ask::Off,
        zero: Some(Zero::Off),
        wins: None,
        needs_calls: true,
        confirms: None,
        tls_check: None,
        tls_check_of_uri: None,
        reading: &C_READING,
        ..BASE
    },
];

const JAVA: Library = Library {
    connection_timeout: Some(60_000),
    rpc_timeout: Some(600_000),
    heartbeat: Ask::Every(60_000),
    zero: Some(Zero::Server),
    channel_max: Some(2047),
    frame_max: Some(0),
    recovery: Some(Recovery::On(5_000)),
    reading: &JAVA_READING,
    ..BASE
};

const GO: Library = Library {
    shown: "amqp091-go",
    connection_timeout: Some(30_000),
    heartbeat: Ask::Every(10_000),
    zero: Some(Zero::Server),
    channel_max: Some(2047),
    frame_max: Some(0),
    reading: &GO_READING,
    ..BASE
};

const KOMBU: Library = Library {
    schemes: &["amqp", "amqps", "pyamqp", "pyamqps"],
    zero: Some(Zero::Off),
    needs_calls: true,
    channel_max: Some(65_535),
    frame_max: Some(131_072),
    tls_check: Some(TlsCheck::NoHostname),
    tls_check_of_uri: Some(TlsCheck::NoHostname),
    reading: &KOMBU_READING,
    ..BASE
};

const NODE: Library = Library {
    connection_timeout: Some(0),
    channel_max: Some(0),
    recovery: None,
    reading: &NODE_READING,
    ..BASE
};
