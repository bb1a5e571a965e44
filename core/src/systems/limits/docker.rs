//! The configuration of the Docker daemon.

use crate::facts::kinds::host::docker;
use crate::facts::{Fact, Said, Value};
use crate::source::{Source, View};
use crate::syntax::{Node, json};
use crate::systems::{FileKind, Match, Reading};

/// Docker's `daemon.json`.
pub static DOCKER_DAEMON: FileKind = FileKind {
    name: "docker-daemon",
    doc: "The configuration of the Docker daemon, daemon.json.",
    recognise,
    read,
};

fn recognise(source: &Source) -> Match {
    const KEYS: [&str; 10] = [
        "\"default-ulimits\"",
        "\"log-driver\"",
        "\"registry-mirrors\"",
        "\"live-restore\"",
        "\"userland-proxy\"",
        "\"storage-driver\"",
        "\"insecure-registries\"",
        "\"iptables\"",
        "\"data-root\"",
        "\"exec-opts\"",
    ];
    let name = source.base_name();
    let known = KEYS.iter().any(|k| source.text.contains(k));
    if name.contains("daemon") && name.contains(".json") && known { Match::Sure } else { Match::No }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (node, notices) = json::parse(view);
    out.notices.extend(notices);
    let Some(node) = node else { return };
    let mut fact = Fact::new(&docker::KIND, node.span);
    if let Some(limit) = node.at(&["default-ulimits", "nofile"]) {
        for (field, key) in [(docker::nofile, "Soft"), (docker::nofile_hard, "Hard")] {
            if let Some(found) = limit.get(key)
                && let Some(n) = found.scalar().and_then(|s| s.as_int())
            {
                fact.write(field, Value::Int(n), found.span);
            }
        }
    }
    for (field, key, default) in [
        (docker::iptables, "iptables", true),
        (docker::live_restore, "live-restore", false),
        (docker::userland_proxy, "userland-proxy", true),
        (docker::tls_verify, "tlsverify", false),
    ] {
        match node.get(key).and_then(|n| Some((n.scalar()?.as_bool()?, n.span))) {
            Some((value, span)) => fact.write(field, Value::Bool(value), span),
            None => fact.set(field, Said::default(Value::Bool(default), "Docker")),
        };
    }
    if let Some(ip) = node.get("ip") {
        fact.write(docker::publish_address, Value::text(ip.text().unwrap_or_default()), ip.span);
    }
    let hosts: Vec<Said> = node
        .get("hosts")
        .map_or(&[][..], Node::items)
        .iter()
        .filter_map(|h| Some(Said::written(Value::text(h.text()?), h.span)))
        .collect();
    fact.derive(docker::hosts, Value::List(hosts));
    out.facts.add(fact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn limits_and_switches_are_read() {
        let text = r#"{"default-ulimits": {"nofile": {"Name": "nofile", "Hard": 65536, "Soft": 4096}},
            "iptables": false, "hosts": ["tcp://0.0.0.0:2375"]}"#;
        let source = Source::new("etc/docker/daemon.json", text);
        assert_eq!(recognise(&source), Match::Sure);
        let mut out = Reading::default();
        read(&View::whole(FileId(0), &source), &mut out);
        let (_, fact) = out.facts.of(&docker::KIND).next().unwrap();
        assert_eq!((fact.int(docker::nofile), fact.int(docker::nofile_hard)), (Some(4096), Some(65_536)));
        assert_eq!(
            (fact.bool(docker::iptables), fact.bool(docker::live_restore)),
            (Some(false), Some(false))
        );
        assert_eq!(fact.get(docker::hosts).unwrap().shown(), "tcp://0.0.0.0:2375");
    }
}
