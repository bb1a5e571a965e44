//! Which end of TLS connections answers a client: the one of the service that it names, or, where a proxy only passes
//! the bytes on, that of the server behind it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::facts::kinds::kubernetes::workload;
use crate::facts::kinds::proxy::path;
use crate::facts::kinds::tls_end::end;
use crate::facts::kinds::{compose, rabbitmq};
use crate::facts::{Fact, FactId, Facts};
use crate::link::dials::mounted;
use crate::link::names::{Names, Target, numbers, record, texts};
use crate::link::{Links, MAX_HOPS};
use crate::source::{FileId, Sources, joined};
use crate::systems::services::host_port;
use crate::systems::tls::names::{Verdict, verdict};

/// The end that answers, and what was assumed to find it.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) end: FactId,
    pub(super) assumed: Option<String>,
}

/// The program of an end or of a way through a proxy, as images of containers are known by.
fn software(program: &str) -> &'static [&'static str] {
    match program.to_ascii_lowercase().as_str() {
        "rabbitmq" => &["rabbitmq"],
        "nginx" => &["nginx"],
        "haproxy" => &["haproxy"],
        "envoy" => &["envoy"],
        "postgresql" => &["postgresql"],
        "redis" => &["redis"],
        "mysql" => &["mysql", "mariadb"],
        "kafka" => &["kafka"],
        "pgbouncer" => &["pgbouncer"],
        _ => &[],
    }
}

/// Who answers where, in all deployments.
pub(super) struct Answers<'a> {
    facts: &'a Facts,
    links: &'a Links,
    names: &'a Names<'a>,
    /// The ends that listen, by deployment.
    ends: BTreeMap<u32, Vec<FactId>>,
    /// The ways through proxies, by deployment.
    paths: BTreeMap<u32, Vec<FactId>>,
    /// Compose services, by deployment.
    services: BTreeMap<u32, Vec<FactId>>,
    /// The services that each file is mounted into.
    homes: BTreeMap<FileId, Vec<FactId>>,
    sources: &'a Sources,
}

impl<'a> Answers<'a> {
    pub(super) fn new(
        sources: &'a Sources,
        facts: &'a Facts,
        links: &'a Links,
        names: &'a Names<'a>,
    ) -> Answers<'a> {
        let mut answers = Answers {
            facts,
            links,
            names,
            ends: BTreeMap::new(),
            paths: BTreeMap::new(),
            services: BTreeMap::new(),
            homes: BTreeMap::new(),
            sources,
        };
        let mut mounts: BTreeMap<String, Vec<FactId>> = BTreeMap::new();
        for (_, mount) in facts.of(&compose::mount::KIND) {
            let base = sources.get(mount.span.file).directory();
            if let (Some(source), Some(service)) =
                (mount.text(compose::mount::source), record(mount, compose::mount::service))
            {
                mounts.entry(joined(base, source)).or_default().push(service);
            }
        }
        for (id, fact) in facts.iter() {
            let number = links.number(fact.span.file);
            let listens = fact.kind == &end::KIND && fact.text(end::side) != Some("connect");
            let files = if listens {
                &mut answers.ends
            } else if fact.kind == &path::KIND {
                &mut answers.paths
            } else if fact.kind == &compose::service::KIND {
                answers.services.entry(number).or_default().push(id);
                continue;
            } else {
                continue;
            };
            files.entry(number).or_default().push(id);
            let file = fact.span.file;
            answers.homes.entry(file).or_insert_with(|| mounted(&mounts, &sources.get(file).name));
        }
        answers
    }

    /// The end that answers whoever dials a host and port from a file.
    pub(super) fn find(&self, said_in: FileId, host: &str, port: i64, expected: &str) -> Option<Answer> {
        self.follow(said_in, host, port, expected, 0)
    }

    fn follow(&self, said_in: FileId, host: &str, port: i64, expected: &str, hops: usize) -> Option<Answer> {
        if hops > MAX_HOPS {
            return None;
        }
        let deployment = self.links.number(said_in);
        match self.names.resolve(self.facts, said_in, host) {
            Target::Compose(service) => self.at_service(deployment, service, port, expected, hops),
            Target::Unknown => self.by_name(deployment, host, port),
            Target::Cluster(cluster) => self.at_cluster(deployment, cluster, port),
            _ => None,
        }
    }

    /// The end that a RabbitmqCluster describes, if it ends TLS on the port.
    fn at_cluster(&self, deployment: u32, cluster: FactId, port: i64) -> Option<Answer> {
        let part = format!("RabbitmqCluster {}", self.facts.get(cluster).text(workload::name)?);
        let own = self.ends.get(&deployment)?.iter().find(|e| {
            let fact = self.facts.get(**e);
            fact.text(end::part) == Some(&part) && numbers(fact, end::ports).contains(&port)
        });
        Some(Answer { end: *own?, assumed: None })
    }

    /// The only end that serves a name on a port.
    fn by_name(&self, deployment: u32, host: &str, port: i64) -> Option<Answer> {
        let ends = self.ends.get(&deployment)?;
        let serves = |id: &&FactId| {
            let fact = self.facts.get(**id);
            let named = texts(fact, end::names);
            numbers(fact, end::ports).contains(&port) && named.iter().any(|n| n.eq_ignore_ascii_case(host))
        };
        let mut found = ends.iter().filter(serves);
        match (found.next(), found.next()) {
            (Some(only), None) => Some(Answer { end: *only, assumed: None }),
            _ => None,
        }
    }

    /// Those of some facts that a service's configuration holds, and what is assumed to say so.
    fn of_service(
        &self,
        facts: &[FactId],
        deployment: u32,
        service: FactId,
        program: impl Fn(&Fact) -> String,
    ) -> (Vec<FactId>, Option<String>) {
        let file = |id: &FactId| self.facts.get(*id).span.file;
        let at_home = |id: &&FactId| self.homes.get(&file(id)).is_some_and(|h| h.contains(&service));
        let sure: Vec<FactId> = facts.iter().filter(at_home).copied().collect();
        if !sure.is_empty() {
            return (sure, None);
        }
        let own = self.facts.get(service);
        let Some(image) = own.text(compose::service::software) else { return (Vec::new(), None) };
        let fits = |id: &&FactId| software(&program(self.facts.get(**id))).contains(&image);
        let fitting: Vec<FactId> = facts.iter().filter(fits).copied().collect();
        // A file that another service gets is not this one's.
        let mut files: Vec<FileId> = fitting.iter().map(file).collect();
        files.sort_unstable();
        files.dedup();
        let alone = self.services.get(&deployment).is_some_and(|all| {
            let same =
                all.iter().filter(|s| self.facts.get(**s).text(compose::service::software) == Some(image));
            same.count() == 1
        });
        match files[..] {
            [only] if alone && self.homes.get(&only).is_none_or(Vec::is_empty) => {
                let name = own.text(compose::service::name).unwrap_or_default();
                let path = &self.sources.get(only).name;
                (fitting, Some(format!("`{path}` is taken to configure the service `{name}`")))
            }
            _ => (Vec::new(), None),
        }
    }

    fn at_service(
        &self,
        deployment: u32,
        service: FactId,
        port: i64,
        expected: &str,
        hops: usize,
    ) -> Option<Answer> {
        let none = Vec::new();
        let program = |f: &Fact| f.text(end::program).unwrap_or_default().to_owned();
        let all = self.ends.get(&deployment).unwrap_or(&none);
        let (ends, assumed) = self.of_service(all, deployment, service, program);
        let on_port: Vec<FactId> =
            ends.into_iter().filter(|e| numbers(self.facts.get(*e), end::ports).contains(&port)).collect();
        if let Some(end) = self.choose(&on_port, expected) {
            return Some(Answer { end, assumed });
        }
        if !on_port.is_empty() {
            return None;
        }
        let program = |f: &Fact| f.text(path::program).unwrap_or_default().to_owned();
        let all = self.paths.get(&deployment).unwrap_or(&none);
        let (paths, assumed) = self.of_service(all, deployment, service, program);
        let on_port = paths
            .into_iter()
            .map(|p| self.facts.get(p))
            .filter(|p| numbers(p, path::listen_ports).contains(&port) && p.text(path::mode) != Some("udp"));
        let on_port: Vec<&Fact> = on_port.collect();
        let [way] = on_port[..] else { return None };
        if !passes_through(way) {
            return None;
        }
        let upstream = texts(way, path::upstreams);
        let (host, own_port) = host_port(upstream.first()?);
        // HAProxy dials the port that it was dialled on where the server has none.
        let answer = self.follow(way.span.file, host?, own_port.unwrap_or(port), expected, hops + 1)?;
        Some(Answer { assumed: assumed.or(answer.assumed), ..answer })
    }

    /// The end among those of one port that a client is answered by: the one that serves the name, or the only one.
    fn choose(&self, ends: &[FactId], expected: &str) -> Option<FactId> {
        if let [only] = ends {
            return Some(*only);
        }
        let serves = |id: &&FactId| {
            let named = texts(self.facts.get(**id), end::names);
            matches!(verdict(&named, &[] as &[IpAddr], None, expected), Verdict::Match(_))
        };
        let mut fitting = ends.iter().filter(serves);
        match (fitting.next(), fitting.next()) {
            (Some(only), None) => Some(*only),
            _ => None,
        }
    }

    /// The end of the broker that the files of a deployment describe, for a client whose host no file explains.
    pub(super) fn at_broker(&self, client: FactId) -> Option<Answer> {
        for hop in self.links.from("through", client) {
            // A proxy that ends TLS shows a certificate of its own.
            if !passes_through(self.facts.get(hop.to)) {
                return None;
            }
        }
        let mut found = None;
        for dial in self.links.from("dials", client) {
            let server = self.facts.get(dial.to);
            let here = self.facts.in_file(server.span.file).find(|(_, f)| {
                f.kind == &end::KIND
                    && f.text(end::part) == Some("ssl_options")
                    && server.kind == &rabbitmq::server::KIND
            });
            let Some((end, _)) = here else { continue };
            if found.is_some() {
                return None;
            }
            found = Some(Answer { end, assumed: dial.assumed });
        }
        found
    }
}

/// True if a way through a proxy leaves TLS to those at its ends.
fn passes_through(way: &Fact) -> bool {
    let off = |field| way.bool(field) != Some(true);
    way.text(path::mode) == Some("tcp")
        && off(path::listen_tls)
        && off(path::upstream_tls)
        && off(path::template)
}
