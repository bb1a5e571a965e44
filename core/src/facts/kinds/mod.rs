//! The vocabulary: every kind of fact there is, a file for each part of the field.

pub mod alerts;
pub mod amqp;
pub mod celery;
pub mod cloud;
pub mod code;
pub mod compose;
pub mod container;
pub mod definitions;
pub mod envoy;
pub mod firewall;
pub mod haproxy;
pub mod host;
pub mod http;
pub mod istio;
pub mod kafka;
pub mod kubernetes;
pub mod log;
pub mod mongodb;
pub mod mosquitto;
pub mod mysql;
pub mod nats;
pub mod nginx;
pub mod path;
pub mod pool;
pub mod postgres;
pub mod proxy;
pub mod rabbitmq;
pub mod redis;
pub mod retry;
pub mod run;
pub mod setting;
pub mod spring;
pub mod sql;
pub mod store;
pub mod strimzi;
pub mod tls;
pub mod tls_end;
pub mod zabbix;

use super::Kind;

/// Every kind.
pub fn all() -> impl Iterator<Item = &'static Kind> {
    [
        run::ALL,
        amqp::ALL,
        definitions::ALL,
        firewall::ALL,
        rabbitmq::ALL,
        store::ALL,
        tls::ALL,
        tls_end::ALL,
        zabbix::ALL,
        kafka::ALL,
        strimzi::ALL,
        redis::ALL,
        retry::ALL,
        postgres::ALL,
        postgres::pgbouncer::ALL,
        mysql::ALL,
        mosquitto::ALL,
        nats::ALL,
        mongodb::ALL,
        mongodb::server::ALL,
        path::ALL,
        pool::ALL,
        proxy::ALL,
        haproxy::ALL,
        envoy::ALL,
        nginx::ALL,
        host::ALL,
        http::ALL,
        istio::ALL,
        compose::ALL,
        container::ALL,
        kubernetes::ALL,
        spring::ALL,
        sql::ALL,
        celery::ALL,
        cloud::ALL,
        code::ALL,
        log::ALL,
        alerts::ALL,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The kind of a name.
pub fn find(name: &str) -> Option<&'static Kind> {
    all().find(|k| k.name == name)
}
