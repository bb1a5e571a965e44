use super::TERRAFORM;
use crate::facts::kinds::cloud::{ingress, listener, store};
use crate::facts::kinds::proxy::path;
use crate::facts::{Field, Kind};
use crate::source::{FileId, Source, View};
use crate::systems::{Match, Reading};

fn read(text: &str) -> Reading {
    let source = Source::new("main.tf", text);
    assert_eq!((TERRAFORM.recognise)(&source), Match::Sure);
    let mut out = Reading::default();
    (TERRAFORM.read)(&View::whole(FileId(0), &source), &mut out);
    out
}

/// The values of a field of all facts of a kind.
fn column(out: &Reading, kind: &'static Kind, field: Field) -> String {
    let each = out.facts.of(kind).map(|(_, f)| f.get(field).map_or("-".into(), |s| s.value.to_string()));
    each.collect::<Vec<_>>().join("|")
}

#[test]
fn balancers_are_ways() {
    let nlb = |more: &str| {
        format!(
            "resource \"aws_lb\" \"mq\" {{\n load_balancer_type = \"network\"\n name = \"mq\"\n}}\nresource \"aws_lb_listener\" \"amqp\" {{\n load_balancer_arn = aws_lb.mq.arn\n port = 5672\n {more}\n default_action {{\n type = \"forward\"\n target_group_arn = aws_lb_target_group.mq.arn\n }}\n}}\nresource \"aws_lb_target_group\" \"mq\" {{ port = 5673 }}\n"
        )
    };
    for (text, program, ports, idle) in [
        (nlb("protocol = \"TCP\""), "AWS NLB", "5672>5673", "350 s"),
        (nlb("protocol = \"TCP\"\n tcp_idle_timeout_seconds = 900"), "AWS NLB", "5672>5673", "15 min"),
        (nlb("protocol = \"TCP\"\n tcp_idle_timeout_seconds = var.idle"), "AWS NLB", "5672>5673", "-"),
        (nlb("protocol = \"TLS\"\n tcp_idle_timeout_seconds = 900"), "AWS NLB", "5672>5673", "350 s"),
        (nlb("protocol = \"HTTP\""), "", ">", ""),
        (nlb("protocol = var.protocol"), "", ">", ""),
        (
            "resource \"aws_elb\" \"mq\" {\n listener {\n lb_port = 5672\n lb_protocol = \"tcp\"\n instance_port = 5672\n }\n}\n".into(),
            "AWS CLB", "5672>5672", "60 s",
        ),
        (
            "resource \"azurerm_lb_rule\" \"mq\" {\n protocol = \"Tcp\"\n frontend_port = 5672\n backend_port = 5672\n idle_timeout_in_minutes = 30\n}\n".into(),
            "Azure Load Balancer", "5672>5672", "30 min",
        ),
        (
            "resource \"google_compute_backend_service\" \"mq\" {\n protocol = \"TCP\"\n port_name = \"amqp\"\n}\n".into(),
            "Google Cloud's TCP proxy", "->-", "30 s",
        ),
    ] {
        let out = read(&text);
        assert_eq!(out.notices, [], "{text}");
        let of = |field| column(&out, &path::KIND, field);
        assert_eq!(of(path::program), program, "{text}");
        assert_eq!(format!("{}>{}", of(path::listen_ports), of(path::upstream_ports)), ports, "{text}");
        assert_eq!(of(path::idle_timeout), idle, "{text}");
    }
    let out = read(&nlb("protocol = \"TCP\""));
    assert_eq!(column(&out, &listener::KIND, listener::service), "amqp");
}

#[test]
fn rules_let_in_what_they_say() {
    let group =
        |rule: &str| format!("resource \"aws_security_group\" \"mq\" {{\n ingress {{\n{rule}\n }}\n}}\n");
    let google = |allow: &str| {
        format!(
            "resource \"google_compute_firewall\" \"mq\" {{\n source_ranges = [\"0.0.0.0/0\"]\n allow {{\n{allow}\n }}\n}}\n"
        )
    };
    let azure = |ports: &str| {
        format!(
            "resource \"azurerm_network_security_rule\" \"mq\" {{\n direction = \"Inbound\"\n access = \"Allow\"\n protocol = \"Tcp\"\n source_address_prefix = \"*\"\n{ports}\n}}\n"
        )
    };
    let aws = |from: i64, to: i64, protocol: &str, blocks: &str| {
        group(&format!(
            "from_port = {from}\nto_port = {to}\nprotocol = \"{protocol}\"\ncidr_blocks = {blocks}"
        ))
    };
    for (text, port, world) in [
        (aws(5672, 5672, "tcp", "[\"0.0.0.0/0\"]"), "5672", "0.0.0.0/0"),
        (aws(5671, 5672, "tcp", "[\"10.0.0.0/8\"]"), "5672", ""),
        (aws(5672, 5672, "udp", "[\"0.0.0.0/0\"]"), "", ""),
        (aws(0, 0, "-1", "[\"0.0.0.0/0\", var.more]"), "2181", "0.0.0.0/0"),
        (aws(443, 443, "tcp", "[\"0.0.0.0/0\"]"), "-", "0.0.0.0/0"),
        (aws(5432, 5432, "tcp", "var.blocks"), "5432", ""),
        (google("protocol = \"tcp\"\nports = [\"5672\", \"6300-6400\"]"), "5672|6379", "0.0.0.0/0|0.0.0.0/0"),
        (google("protocol = \"icmp\""), "", ""),
        (azure("destination_port_range = \"5432\""), "5432", "*"),
        (azure("destination_port_ranges = [\"80\", \"3306\"]"), "-|3306", "*|*"),
        (
            "resource \"aws_vpc_security_group_ingress_rule\" \"a\" {\n ip_protocol = \"tcp\"\n from_port = 6379\n to_port = 6379\n cidr_ipv6 = \"::/0\"\n}\n".into(),
            "6379", "::/0",
        ),
        (
            "resource \"aws_security_group_rule\" \"a\" {\n type = \"egress\"\n protocol = \"tcp\"\n from_port = 6379\n to_port = 6379\n cidr_blocks = [\"0.0.0.0/0\"]\n}\n".into(),
            "", "",
        ),
    ] {
        let out = read(&text);
        assert_eq!(column(&out, &ingress::KIND, ingress::port), port, "{text}");
        assert_eq!(column(&out, &ingress::KIND, ingress::world), world, "{text}");
    }
}

#[test]
fn stores_are_read() {
    for (text, software, public, plain) in [
        (
            "resource \"aws_mq_broker\" \"a\" {\n engine_type = \"RabbitMQ\"\n publicly_accessible = true\n}\n",
            "rabbitmq",
            "true",
            "-",
        ),
        (
            "resource \"aws_db_instance\" \"a\" {\n engine = \"aurora-postgresql\"\n}\n",
            "postgresql",
            "-",
            "-",
        ),
        ("resource \"aws_elasticache_replication_group\" \"a\" {\n}\n", "redis", "-", "true"),
        (
            "resource \"aws_msk_cluster\" \"a\" {\n encryption_info {\n encryption_in_transit {\n client_broker = \"TLS_PLAINTEXT\"\n }\n }\n}\n",
            "kafka",
            "-",
            "true",
        ),
    ] {
        let out = read(text);
        let of = |field| column(&out, &store::KIND, field);
        assert_eq!(
            [of(store::software), of(store::public), of(store::plain)],
            [software, public, plain],
            "{text}"
        );
    }
}
