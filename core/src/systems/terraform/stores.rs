//! Brokers and databases that a cloud runs.

use crate::facts::kinds::cloud::store;
use crate::facts::{Fact, Said, Value};
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::containers::nodes;

use super::{Resource, literal, number, put, put_groups};

/// Ports of managed brokers and databases where none is written: the engines' own, and AMQP over TLS alone for RabbitMQ
/// (Amazon MQ, "RabbitMQ brokers").
const PORTS: [(&str, i64); 6] = [
    ("mariadb", 3306),
    ("mysql", 3306),
    ("oracle", 1521),
    ("postgresql", 5432),
    ("rabbitmq", 5671),
    ("redis", 6379),
];

fn boolean(text: &str) -> Option<Value> {
    text.parse().ok().map(Value::Bool)
}

pub(super) fn read(all: &[Resource<'_, '_>], out: &mut Reading) {
    for &resource in all {
        let block = resource.block;
        let engine = |key: &str| block.get(key).and_then(literal).map(|t| t.to_ascii_lowercase());
        let software = match resource.sort() {
            "aws_mq_broker" => engine("engine_type"),
            "aws_db_instance" | "aws_rds_cluster_instance" | "aws_rds_cluster" => {
                engine("engine").map(|e| known_engine(&e).to_owned())
            }
            "aws_elasticache_replication_group" => Some("redis".to_owned()),
            "aws_msk_cluster" => Some("kafka".to_owned()),
            "azurerm_redis_cache" => Some("redis".to_owned()),
            _ => continue,
        };
        let Some(span) = resource.span() else { continue };
        let mut fact = Fact::new(&store::KIND, span);
        fact.derive(store::resource, Value::text(resource.sort()));
        fact.derive(store::name, Value::text(resource.name()));
        if let Some(software) = software {
            let known = PORTS.iter().find(|(name, _)| *name == software).map(|(_, port)| *port);
            fact.derive(store::software, Value::text(software));
            match block.get("port") {
                Some(node) => {
                    if let Some(port) = number(node) {
                        let one = Said::written(Value::Int(port), nodes::span(node));
                        fact.write(store::ports, Value::List(vec![one]), nodes::span(node));
                    }
                }
                None => {
                    if let Some(port) = known {
                        let one = Said::default(Value::Int(port), "AWS");
                        fact.set(store::ports, Said::default(Value::List(vec![one]), "AWS"));
                    }
                }
            }
        }
        let lists = ["vpc_security_group_ids", "security_group_ids", "security_groups"];
        put_groups(&mut fact, store::groups, lists.iter().find_map(|key| block.get(key)));
        put(&mut fact, store::public, block.get("publicly_accessible"), boolean);
        let not = |t: &str| t.parse::<bool>().ok().map(|b| Value::Bool(!b));
        match resource.sort() {
            "aws_elasticache_replication_group" => {
                put(&mut fact, store::plain, block.get("transit_encryption_enabled"), not);
                // terraform-provider-aws: nothing written leaves it off.
                if block.get("transit_encryption_enabled").is_none() {
                    fact.set(store::plain, Said::default(Value::Bool(true), "AWS"));
                }
            }
            "azurerm_redis_cache" => {
                let node = block.get("enable_non_ssl_port").or_else(|| block.get("non_ssl_port_enabled"));
                put(&mut fact, store::plain, node, boolean);
            }
            "aws_msk_cluster" => put(&mut fact, store::plain, client_broker(resource), |t| {
                Some(Value::Bool(t.contains("PLAINTEXT")))
            }),
            _ => {}
        }
        out.facts.add(fact);
    }
}

fn client_broker<'b>(resource: Resource<'b, '_>) -> Option<&'b Node<'b>> {
    let info = resource.block.inner("encryption_info").next()?;
    let node = info.inner("encryption_in_transit").next()?.get("client_broker")?;
    nodes::view(node).map(|_| node)
}

fn known_engine(engine: &str) -> &str {
    ["postgres", "mysql", "mariadb", "oracle", "sqlserver"]
        .into_iter()
        .find(|known| engine.contains(known))
        .map_or(engine, |known| if known == "postgres" { "postgresql" } else { known })
}
