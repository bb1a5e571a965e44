//! References to container images: which program, which release.

use crate::facts::kinds::container::image;
use crate::facts::{Fact, Value, Version};
use crate::source::{Span, View};

use super::interpolation::fill;
use super::variables::Owner;
use crate::systems::Reading;
use crate::systems::rabbitmq::releases;

/// Programs by the last part of their images' repositories, and what each is to its clients.
#[rustfmt::skip]
const PROGRAMS: &[(&str, &str, &[&str])] = &[
    ("rabbitmq", "broker", &["rabbitmq", "rabbitmq-server"]),
    ("lavinmq", "broker", &["lavinmq"]),
    ("kafka", "broker", &["kafka", "kafka-native", "cp-kafka", "cp-server", "cp-enterprise-kafka", "confluent-local"]),
    ("redpanda", "broker", &["redpanda"]),
    ("nats", "broker", &["nats", "nats-server"]),
    ("activemq", "broker", &["activemq", "activemq-classic", "activemq-artemis", "artemis"]),
    ("mosquitto", "broker", &["eclipse-mosquitto", "mosquitto"]),
    ("emqx", "broker", &["emqx", "emqx-enterprise"]),
    ("pulsar", "broker", &["pulsar", "pulsar-all"]),
    ("redis", "store", &["redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly"]),
    ("postgresql", "store", &["postgres", "postgresql", "postgis", "timescaledb", "timescaledb-ha", "pgvector", "spilo"]),
    ("mysql", "store", &["mysql", "mysql-server", "percona", "percona-server", "percona-xtradb-cluster"]),
    ("mariadb", "store", &["mariadb", "mariadb-galera"]),
    ("mongodb", "store", &["mongo", "mongodb", "mongodb-community-server"]),
    ("memcached", "store", &["memcached"]),
    ("elasticsearch", "store", &["elasticsearch"]),
    ("opensearch", "store", &["opensearch"]),
    ("cassandra", "store", &["cassandra"]),
    ("clickhouse", "store", &["clickhouse", "clickhouse-server"]),
    ("couchdb", "store", &["couchdb"]),
    ("influxdb", "store", &["influxdb"]),
    ("etcd", "coordinator", &["etcd"]),
    ("zookeeper", "coordinator", &["zookeeper", "cp-zookeeper"]),
    ("consul", "coordinator", &["consul"]),
    ("nginx", "proxy", &["nginx", "nginx-unprivileged", "openresty"]),
    ("haproxy", "proxy", &["haproxy"]),
    ("traefik", "proxy", &["traefik"]),
    ("envoy", "proxy", &["envoy"]),
    ("caddy", "proxy", &["caddy"]),
    ("pgbouncer", "proxy", &["pgbouncer"]),
];

/// Namespaces whose tags are the versions of the programs they publish.
#[rustfmt::skip]
const PUBLISHERS: &[&str] = &[
    "", "library", "bitnami", "bitnamilegacy", "rabbitmq", "rabbitmqoperator", "cloudamqp", "apache", "redis", "valkey", "nats",
    "nginxinc", "haproxytech", "envoyproxy", "emqx",
];

/// Tags that move to each new release.
const MOVING_TAGS: &[&str] = &[
    "latest",
    "stable",
    "edge",
    "main",
    "master",
    "nightly",
    "alpine",
    "management",
    "management-alpine",
    "rolling",
];

/// A reference, taken apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// Registry host.
    pub registry: Option<String>,
    /// Repository without registry.
    pub repository: Option<String>,
    /// Tag.
    pub tag: Option<String>,
    /// True if a template decides the tag and no default is written.
    pub tag_is_placeholder: bool,
    /// Digest.
    pub digest: Option<String>,
    /// Version the tag begins with, where tags of this publisher are versions.
    pub version: Option<Version>,
    /// Program and its role.
    pub program: Option<(&'static str, &'static str)>,
}

impl Image {
    /// Takes a reference apart, with defaults in place of variables.
    pub fn parse(text: &str) -> Image {
        const HOLE: &str = "\u{0}";
        let text = text.trim();
        // Parts around a variable without default are still known: `rabbitmq:${TAG}`.
        let filled = fill(text).text.unwrap_or_else(|| holes(text, HOLE));
        let (rest, digest) = match filled.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (filled.as_str(), None),
        };
        let slash = rest.rfind('/').map_or(0, |i| i + 1);
        let (path, tag) = match rest[slash..].find(':') {
            Some(colon) => (&rest[..slash + colon], Some(&rest[slash + colon + 1..])),
            None => (rest, None),
        };
        let (registry, repository) = match path.split_once('/') {
            Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" || host.contains(HOLE) => {
                (Some(host), rest)
            }
            _ => (None, path),
        };
        let known = |part: &str| (!part.contains(HOLE) && !part.is_empty()).then(|| part.to_string());
        let whole_variable = path == HOLE && tag.is_none();
        let mut image = Image {
            registry: registry.and_then(known),
            repository: known(repository),
            tag: tag.and_then(known),
            tag_is_placeholder: tag.is_some_and(|t| t.contains(HOLE)) || whole_variable,
            digest: digest.and_then(known),
            version: None,
            program: None,
        };
        let (namespace, name) = repository.rsplit_once('/').unwrap_or(("", repository));
        image.program = PROGRAMS.iter().find(|(_, _, names)| names.contains(&name)).map(|p| (p.0, p.1));
        // A tag that a template ends is still known by its beginning: `3.13${VARIANT}`.
        let version_text = tag.map(|t| t.split(HOLE).next().unwrap_or_default());
        if PUBLISHERS.contains(&namespace) && image.repository.is_some() {
            image.version = version_text.and_then(Version::parse);
        }
        image
    }

    /// Last part of the repository.
    pub fn name(&self) -> Option<&str> {
        self.repository.as_deref().map(|r| r.rsplit('/').next().unwrap_or(r))
    }

    /// True if each pull may bring another release; not known where a template decides.
    pub fn floating(&self) -> Option<bool> {
        if self.tag_is_placeholder {
            return None;
        }
        Some(self.digest.is_none() && self.tag.as_deref().is_none_or(|t| MOVING_TAGS.contains(&t)))
    }

    /// The fact about a reference that stands at `view`.
    fn fact(&self, view: &View<'_>, pulled: bool) -> Fact {
        let span = view.full_span();
        let mut fact = Fact::new(&image::KIND, span);
        fact.write(image::text, Value::text(view.text.trim()), span);
        let mut part = |field, text: Option<&str>| {
            if let Some(text) = text {
                fact.write(field, Value::text(text), part_span(view, text).unwrap_or(span));
            }
        };
        part(image::registry, self.registry.as_deref());
        part(image::repository, self.repository.as_deref());
        part(image::name, self.name());
        part(image::tag, self.tag.as_deref());
        part(image::digest, self.digest.as_deref());
        if let Some(version) = self.version {
            let at = self.tag.as_deref().and_then(|t| part_span(view, t)).unwrap_or(span);
            fact.write(image::version, Value::Version(version), at);
        }
        if let Some((program, role)) = self.program {
            fact.derive(image::software, Value::text(program));
            fact.derive(image::role, Value::text(role));
        }
        if let Some(floating) = self.floating().filter(|_| pulled) {
            fact.derive(image::floating, Value::Bool(floating));
        }
        fact.derive(image::tag_is_placeholder, Value::Bool(self.tag_is_placeholder));
        fact
    }
}

/// Takes down the reference that stands at `view`, and the release of the program that it brings. An image that is
/// not `pulled` is built under this name.
pub fn add(image: &Image, view: &View<'_>, owner: Owner, pulled: bool, out: &mut Reading) {
    let mut fact = image.fact(view, pulled);
    if let Some((field, id)) = owner {
        fact.derive(field, Value::Record(id));
    }
    out.facts.add(fact);
    let pinned = image.digest.is_some() && image.tag.is_none();
    if let Some(text) = fill(&view.text).text.filter(|_| pulled && !pinned && !image.tag_is_placeholder) {
        let at = image.tag.as_deref().and_then(|t| part_span(view, t)).unwrap_or(view.full_span());
        if let Some(release) = releases::from_image(text.trim(), at) {
            out.facts.add(release);
        }
        if image.repository.as_deref().is_some_and(|name| name.trim_start_matches("library/") == "erlang")
            && let Some(erlang) = image.tag.as_deref().and_then(|tag| releases::erlang(tag, "image", at))
        {
            out.facts.add(erlang);
        }
    }
}

/// Where a part of a reference stands, if it is written out; the last place, since a tag may repeat a name.
pub fn part_span(view: &View<'_>, part: &str) -> Option<Span> {
    let at = view.text.rfind(part)?;
    Some(view.span(at..at + part.len()))
}

/// The text with each variable that has no default replaced by a mark.
fn holes(text: &str, hole: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '{', '<', '%']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length =
            crate::syntax::uri::placeholder_length(rest, 0).filter(|&n| n > 0 && rest.is_char_boundary(n));
        match length {
            Some(length) => {
                out.push_str(&fill(&rest[..length]).text.unwrap_or_else(|| hole.into()));
                rest = &rest[length..];
            }
            None => {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_taken_apart() {
        // text, registry, repository, tag, version, program, floating
        for (text, expected) in [
            ("rabbitmq:3.13-management", "- rabbitmq 3.13-management 3.13 rabbitmq false"),
            ("rabbitmq", "- rabbitmq - - rabbitmq true"),
            ("rabbitmq:management-alpine", "- rabbitmq management-alpine - rabbitmq true"),
            ("docker.io/bitnami/kafka:3.7", "docker.io bitnami/kafka 3.7 3.7 kafka false"),
            ("localhost:5000/a/b@sha256:ab", "localhost:5000 a/b - - - false"),
            ("confluentinc/cp-kafka:7.6.0", "- confluentinc/cp-kafka 7.6.0 - kafka false"),
            ("rabbitmq:${TAG:-4.1}", "- rabbitmq 4.1 4.1 rabbitmq false"),
            ("rabbitmq:${TAG}", "- rabbitmq - - rabbitmq -"),
            ("${REGISTRY}/rabbitmq:3", "- rabbitmq 3 3 rabbitmq false"),
            ("${IMAGE}", "- - - - - -"),
            ("{{ .Values.image }}:1", "- - 1 - - false"),
            ("kbudde/rabbitmq-exporter:latest", "- kbudde/rabbitmq-exporter latest - - true"),
            ("", "- - - - - true"),
        ] {
            let image = Image::parse(text);
            let version = image.version.map(|v| v.to_string());
            let floating = image.floating().map(|f| f.to_string());
            let program = image.program.map(|p| p.0.to_string());
            let parts = [image.registry, image.repository, image.tag, version, program, floating];
            let shown = parts.map(|p| p.unwrap_or("-".into())).join(" ");
            assert_eq!(shown, expected, "{text}");
        }
    }
}
