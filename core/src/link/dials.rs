//! Which broker a client dials, and through which proxy.

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::{amqp, compose, container, kafka, proxy, rabbitmq, store};
use crate::facts::{Fact, FactId, Facts, Field, Kind, Said, Value};
use crate::source::{FileId, Sources, Span, joined};

use super::names::{Names, Target, numbers, record, texts};
use super::{Index, Link, Links, MAX_HOPS, Role, ways};

mod instances;

pub(super) use instances::mounted;

/// What one program of a deployment dials: the fields that AMQP clients and other stores' URIs have in common.
struct Caller {
    id: FactId,
    deployment: u32,
    host: Option<String>,
    port: Option<i64>,
    loopback: bool,
    placeholder: bool,
}

struct Dialling<'a> {
    sources: &'a Sources,
    facts: &'a Facts,
    index: &'a Index,
    names: &'a Names<'a>,
    links: &'a mut Links,
    /// Clients whose settings a container gets.
    homes: BTreeSet<FactId>,
}

/// Pairs clients with the services, proxies and brokers that they dial.
pub(super) fn link(
    sources: &Sources,
    facts: &mut Facts,
    index: &Index,
    names: &Names<'_>,
    links: &mut Links,
) {
    let mut resolved = Vec::new();
    let mut dialling = Dialling { sources, facts, index, names, links, homes: BTreeSet::new() };
    dialling.homes();
    dialling.instances();
    for caller in dialling.callers() {
        resolved.push((caller.id, dialling.follow(&caller)));
    }
    dialling.proxies();
    let homes = std::mem::take(&mut dialling.homes);
    for (id, word) in resolved {
        let Some(dialler) = DIALLERS.iter().find(|d| *d.kind == *facts.get(id).kind) else { continue };
        facts.get_mut(id).derive(dialler.in_container, Value::Bool(homes.contains(&id)));
        if let Some(word) = word {
            facts.get_mut(id).derive(dialler.resolves_to, Value::text(word));
        }
    }
}

/// A kind of facts that dial, with the fields that they have in common.
struct Dialler {
    kind: &'static Kind,
    host: Field,
    port: Field,
    loopback: Field,
    placeholder: Option<Field>,
    in_container: Field,
    resolves_to: Field,
}

const DIALLERS: [Dialler; 3] = [
    Dialler {
        kind: &amqp::client::KIND,
        host: amqp::client::host,
        port: amqp::client::port,
        loopback: amqp::client::host_is_loopback,
        placeholder: Some(amqp::client::host_is_placeholder),
        in_container: amqp::client::in_container,
        resolves_to: amqp::client::resolves_to,
    },
    Dialler {
        kind: &store::uri::KIND,
        host: store::uri::host,
        port: store::uri::port,
        loopback: store::uri::host_is_loopback,
        placeholder: Some(store::uri::host_is_placeholder),
        in_container: store::uri::in_container,
        resolves_to: store::uri::resolves_to,
    },
    Dialler {
        kind: &kafka::bootstrap::KIND,
        host: kafka::bootstrap::host,
        port: kafka::bootstrap::port,
        loopback: kafka::bootstrap::loopback,
        placeholder: None,
        in_container: kafka::bootstrap::in_container,
        resolves_to: kafka::bootstrap::resolves_to,
    },
];

impl Dialling<'_> {
    fn callers(&self) -> Vec<Caller> {
        let of = |dialler: &'static Dialler| {
            self.facts.of(dialler.kind).map(|(id, fact)| Caller {
                id,
                deployment: self.links.number(fact.span.file),
                host: fact.text(dialler.host).map(str::to_owned),
                port: fact.int(dialler.port),
                loopback: fact.bool(dialler.loopback) == Some(true),
                placeholder: dialler.placeholder.and_then(|f| fact.bool(f)) == Some(true),
            })
        };
        DIALLERS.iter().flat_map(of).collect()
    }

    fn add(&mut self, relation: &'static str, from: FactId, to: FactId, assumed: Option<String>) {
        self.links.add(relation, Link { from, to, assumed });
    }

    fn here(&self, kind: &'static Kind, deployment: u32) -> Vec<(FactId, &Fact)> {
        self.index.here(kind, deployment).iter().map(|&id| (id, self.facts.get(id))).collect()
    }

    /// `lives_in`: a client whose settings a Compose service gets, by its environment or its `env_file`, or a Kubernetes
    /// workload, by its environment or a config map's.
    fn homes(&mut self) {
        let mut variables: BTreeMap<FileId, Vec<(Span, FactId)>> = BTreeMap::new();
        for (_, fact) in self.facts.of(&container::variable::KIND) {
            // What several variables say together stands at the name of the first.
            let span = whole_place(fact);
            let owners = match record(fact, container::variable::service) {
                Some(service) => vec![service],
                None => super::pods::owners(self.facts, self.index, self.links, fact),
            };
            variables.entry(span.file).or_default().extend(owners.into_iter().map(|owner| (span, owner)));
        }
        variables.values_mut().for_each(|v| v.sort_unstable());
        let (lines, references) = (self.lines(), self.references());
        let mut env_files: BTreeMap<String, Vec<FactId>> = BTreeMap::new();
        for (id, fact) in self.facts.of(&compose::service::KIND) {
            let base = self.sources.get(fact.span.file).directory();
            for path in texts(fact, compose::service::env_files) {
                env_files.entry(joined(base, path)).or_default().push(id);
            }
        }
        let mut found = Vec::new();
        for caller in self.callers() {
            let span = self.facts.get(caller.id).span;
            let inside: Vec<FactId> = variables.get(&span.file).map_or_else(Vec::new, |list| {
                let after = list.partition_point(|(s, _)| s.start <= span.start);
                // Several workloads may get one variable of a config map.
                let last = after.checked_sub(1).and_then(|at| list.get(at)).map(|(s, _)| *s);
                let same = list.get(..after).unwrap_or_default().iter().rev();
                let same = same.take_while(|(s, _)| Some(*s) == last).filter(|(s, _)| s.contains(span));
                same.map(|(_, owner)| *owner).collect()
            });
            let file = &self.sources.get(span.file).name;
            if inside.is_empty() {
                let line = lines.get(&span.file).and_then(|list| {
                    let after = list.partition_point(|(s, _)| s.start <= span.start);
                    list.get(after.checked_sub(1)?).filter(|(s, _)| s.contains(span)).map(|(_, name)| *name)
                });
                // What `environment` says goes before what a file says.
                let own = |service: &&FactId| {
                    let own = texts(self.facts.get(**service), compose::service::variables);
                    line.is_some_and(|name| own.contains(&name))
                };
                let given = env_files.get(file).into_iter().flatten().filter(|s| !own(s));
                found.extend(given.map(|s| (caller.id, *s)));
                let directory = self.sources.get(span.file).directory();
                let referring = line.filter(|_| file.rsplit('/').next() == Some(".env"));
                let referring = referring.and_then(|name| references.get(&(directory, name)));
                found.extend(referring.into_iter().flatten().map(|s| (caller.id, *s)));
            }
            found.extend(inside.into_iter().map(|owner| (caller.id, owner)));
        }
        for (client, service) in found {
            self.homes.insert(client);
            self.add("lives_in", client, service, None);
        }
    }

    /// The variables that belong to no container, by file and place: those of environment files.
    fn lines(&self) -> BTreeMap<FileId, Vec<(Span, &str)>> {
        let mut lines: BTreeMap<FileId, Vec<(Span, &str)>> = BTreeMap::new();
        for (_, fact) in self.facts.of(&container::variable::KIND) {
            let owned = fact.get(container::variable::service).or(fact.get(container::variable::container));
            if let (None, Some(name)) = (owned, fact.text(container::variable::name)) {
                let span = whole_place(fact);
                lines.entry(span.file).or_default().push((span, name));
            }
        }
        lines.values_mut().for_each(|list| list.sort_unstable());
        lines
    }

    /// The services that get the whole value of a variable of their directory's `.env`, by directory and name.
    fn references(&self) -> BTreeMap<(&str, &str), Vec<FactId>> {
        let mut references: BTreeMap<(&str, &str), Vec<FactId>> = BTreeMap::new();
        for (_, fact) in self.facts.of(&container::variable::KIND) {
            let name = fact.text(container::variable::refers_to);
            if let (Some(name), Some(service)) = (name, record(fact, container::variable::service)) {
                let directory = self.sources.get(fact.span.file).directory();
                references.entry((directory, name)).or_default().push(service);
            }
        }
        references
    }

    /// True if all facts of a kind in a deployment stand in one directory, and so describe one thing.
    fn one_directory(&self, kind: &'static Kind, deployment: u32) -> bool {
        let mut directories: Vec<&str> = self
            .here(kind, deployment)
            .iter()
            .map(|(_, f)| self.sources.get(f.span.file).directory().trim_end_matches("/conf.d"))
            .collect();
        directories.sort_unstable();
        directories.dedup();
        directories.len() == 1
    }

    /// Follows a client's host to what bears the name, and says in a word what that is.
    fn follow(&mut self, caller: &Caller) -> Option<&'static str> {
        if caller.placeholder {
            return None;
        }
        let target = match &caller.host {
            Some(host) => self.names.resolve(self.facts, self.facts.get(caller.id).span.file, host),
            None if caller.loopback => Target::Loopback,
            None => return None,
        };
        match target {
            Target::Compose(service) => {
                self.add("names", caller.id, service, None);
                self.reach_service(caller, service, None, 0);
                if let Some(way) = ways::swarm(self.facts, self.index, caller.deployment, service) {
                    self.add("through", caller.id, way, None);
                }
                Some("service")
            }
            Target::Kubernetes(service) => {
                self.add("names", caller.id, service, None);
                self.through_mesh(caller, service);
                self.reach_only_server(caller, None);
                Some("service")
            }
            Target::Cluster(cluster) => {
                self.add("names", caller.id, cluster, None);
                self.reach_only_server(caller, None);
                Some("service")
            }
            Target::Loopback => {
                self.reach_local(caller);
                Some("loopback")
            }
            Target::Ambiguous => None,
            Target::Unknown => {
                if !self.through_named(caller) {
                    self.reach_unnamed(caller);
                }
                let host = caller.host.as_deref().unwrap_or_default();
                if let Some((way, note)) = ways::nat(self.facts, self.index, caller.deployment, host) {
                    self.add("through", caller.id, way, Some(note));
                }
                Some("unknown")
            }
        }
    }

    /// A Compose service that a client names: the broker it runs, or the proxy it runs and what that leads to.
    fn reach_service(&mut self, caller: &Caller, service: FactId, note: Option<String>, hops: usize) {
        let fact = self.facts.get(service);
        let software = fact.text(compose::service::software).map(str::to_owned);
        match software.as_deref() {
            Some("rabbitmq") => {
                let runs: Vec<Link> = self.links.from("runs", service).collect();
                for run in runs {
                    self.add("dials", caller.id, run.to, note.clone().or(run.assumed));
                }
            }
            Some(program @ ("haproxy" | "nginx" | "envoy")) => {
                let paths = self.paths(caller, Some(program));
                self.through(caller, paths, note, hops);
            }
            _ => {}
        }
    }

    /// The ways through proxies of a deployment that listen on the client's port.
    fn paths(&self, caller: &Caller, program: Option<&str>) -> Vec<FactId> {
        let Some(port) = caller.port else { return Vec::new() };
        self.here(&proxy::path::KIND, caller.deployment)
            .into_iter()
            .filter(|(_, p)| program.is_none_or(|program| p.text(proxy::path::program) == Some(program)))
            .filter(|(_, p)| p.text(proxy::path::mode) != Some("udp"))
            .filter(|(_, p)| p.text(proxy::path::program) != Some("istio"))
            .filter(|(_, p)| numbers(p, proxy::path::listen_ports).contains(&port))
            .map(|(id, _)| id)
            .collect()
    }

    /// A mesh's rule for the service that a client names, if there is one such rule.
    fn through_mesh(&mut self, caller: &Caller, service: FactId) {
        let meant = |path: &Fact| {
            texts(path, proxy::path::upstream_hosts).into_iter().any(|host| {
                self.names.resolve(self.facts, path.span.file, host) == Target::Kubernetes(service)
            })
        };
        let rules = self.here(&proxy::path::KIND, caller.deployment).into_iter();
        let rules = rules.filter(|(_, p)| p.text(proxy::path::program) == Some("istio"));
        let (filters, rules): (Vec<_>, Vec<_>) =
            rules.partition(|(_, p)| p.get(proxy::path::listen_port).is_some());
        // Filters of Envoy name no host, only the port of what they patch.
        let filters = filters.into_iter().filter(|(_, p)| p.int(proxy::path::listen_port) == caller.port);
        let filters: Vec<FactId> = filters.map(|(id, _)| id).collect();
        let rules: Vec<FactId> = rules.into_iter().filter(|(_, p)| meant(p)).map(|(id, _)| id).collect();
        for found in [rules, filters] {
            if let [only] = found[..] {
                self.add("through", caller.id, only, None);
            }
        }
    }

    /// The balancer that a client names, which other files give that name.
    fn through_named(&mut self, caller: &Caller) -> bool {
        let Some(host) = caller.host.as_deref() else { return false };
        let paths = self.paths(caller, None).into_iter().filter(|p| {
            let names = texts(self.facts.get(*p), proxy::path::names);
            names.iter().any(|n| n.eq_ignore_ascii_case(host))
        });
        let paths: Vec<FactId> = paths.collect();
        let found = !paths.is_empty();
        self.through(caller, paths, None, 0);
        found
    }

    fn through(&mut self, caller: &Caller, paths: Vec<FactId>, note: Option<String>, hops: usize) {
        let [path] = paths[..] else { return };
        self.add("through", caller.id, path, note.clone());
        if hops >= MAX_HOPS {
            return;
        }
        for host in texts(self.facts.get(path), proxy::path::upstream_hosts) {
            match self.names.resolve(self.facts, self.facts.get(caller.id).span.file, host) {
                Target::Compose(next) => return self.reach_service(caller, next, note, hops + 1),
                Target::Ambiguous => return,
                _ => {}
            }
        }
        if self.is_amqp(path) {
            self.reach_only_server(caller, note);
        }
    }

    fn is_amqp(&self, path: FactId) -> bool {
        matches!(self.facts.get(path).text(proxy::path::service), Some("amqp" | "amqps"))
    }

    /// The broker of a deployment, if all its settings describe one.
    fn reach_only_server(&mut self, caller: &Caller, note: Option<String>) {
        if !self.is_client(caller) || !self.one_directory(&rabbitmq::server::KIND, caller.deployment) {
            return;
        }
        let servers: Vec<FactId> =
            self.here(&rabbitmq::server::KIND, caller.deployment).into_iter().map(|(id, _)| id).collect();
        // What a test's broker says holds for nobody who lives on it.
        let role = |id: FactId| self.links.role(self.facts.get(id).span.file);
        if servers.iter().any(|s| role(*s) == Role::Development && role(caller.id) == Role::Production) {
            return;
        }
        for server in servers {
            self.add("dials", caller.id, server, note.clone());
        }
    }

    /// `localhost`: outside containers that is the machine the broker runs on, if the deployment has one broker.
    fn reach_local(&mut self, caller: &Caller) {
        if !self.homes.contains(&caller.id) {
            let note = "localhost is taken to be the broker's host";
            self.reach_only_server(caller, Some(note.to_owned()));
        }
    }

    /// True if what a way leads to speaks what a caller speaks.
    fn serves(&self, path: FactId, caller: &Caller) -> bool {
        let service = self.facts.get(path).text(proxy::path::service);
        self.is_amqp(path) && self.is_client(caller)
            || service.is_some() && service == self.facts.get(caller.id).text(store::uri::protocol)
    }

    fn is_client(&self, caller: &Caller) -> bool {
        std::ptr::eq(self.facts.get(caller.id).kind, &amqp::client::KIND)
    }

    /// A name that no file explains: the only proxy that listens on its port, or the only broker there is.
    fn reach_unnamed(&mut self, caller: &Caller) {
        let host = caller.host.clone().unwrap_or_default();
        let paths = self.paths(caller, None);
        match paths[..] {
            // What the proxy leads to is not known to be what the caller wants.
            [path] if !self.serves(path, caller) => {}
            [path] => {
                let name = self.facts.get(path).text(proxy::path::program).unwrap_or("proxy").to_owned();
                let file = &self.sources.get(self.facts.get(path).span.file).name;
                let note = format!("`{host}` is taken to be the {name} of `{file}`");
                self.through(caller, paths, Some(note), 0);
            }
            [] if self.is_client(caller) => {
                let servers = self.here(&rabbitmq::server::KIND, caller.deployment);
                let Some((_, first)) = servers.first() else { return };
                let file = &self.sources.get(first.span.file).name;
                let note = format!("`{host}` is taken to be the broker of `{file}`");
                self.reach_only_server(caller, Some(note));
            }
            _ => {}
        }
    }

    /// `feeds`: a way through a proxy and the broker settings at its end; `meets`: what is dialled without one.
    fn proxies(&mut self) {
        let hops: Vec<Link> =
            self.links.of("through").filter(|hop| !ways::is_transparent(self.facts.get(hop.to))).collect();
        let proxied: BTreeSet<FactId> = hops.iter().map(|hop| hop.from).collect();
        let direct: Vec<Link> = self.links.of("dials").filter(|dial| !proxied.contains(&dial.from)).collect();
        for link in direct {
            self.links.add("meets", link);
        }
        let mut found = Vec::new();
        for hop in hops {
            let ends = self.links.from("dials", hop.from);
            found.extend(ends.map(|dial| Link { from: hop.to, to: dial.to, assumed: dial.assumed }));
        }
        for link in found {
            self.links.add("feeds", link);
        }
    }
}

/// Where a variable's name and value stand, whether or not a template fills the value in.
fn whole_place(variable: &Fact) -> Span {
    let value = variable.get(container::variable::value).or(variable.get(container::variable::placeholder));
    value.and_then(Said::span).map_or(variable.span, |value| variable.span.to(value))
}

/// What RabbitMQ suggests when nothing is set, in milliseconds (rabbit's application environment since 3.5.5).
const RABBITMQ_HEARTBEAT: i64 = 60_000;

/// The heartbeat that a client and the broker it dials settle on.
pub(super) fn settle_heartbeats(facts: &mut Facts, links: &Links) {
    let mut settled: Vec<(FactId, Said)> = Vec::new();
    for link in links.of("dials") {
        let client = facts.get(link.from);
        let Some(server) = facts.get(link.to).setting("heartbeat") else { continue };
        let (Value::Duration(offered), span) = (&server.value, server.span()) else { continue };
        let library = client.text(amqp::client::library).unwrap_or_default();
        let version = match client.get(amqp::client::version).map(|s| &s.value) {
            Some(Value::Version(version)) => Some(*version),
            _ => None,
        };
        let asked = client.int(amqp::client::heartbeat);
        let Some(library) = crate::systems::amqp_clients::find(library, version) else {
            // Whatever the library, it settles on no less than the smaller of the two.
            let Some(asked) = asked.filter(|a| *a > 0) else { continue };
            settled.push((link.from, Said::derived(Value::Duration(asked.min(*offered)), server.span())));
            continue;
        };
        let span: Option<Span> = client.get(amqp::client::heartbeat).and_then(Said::span).or(span);
        let Some(value) = library.settle(asked, *offered) else { continue };
        settled.push((link.from, Said::derived(Value::Duration(value), span)));
    }
    for (client, said) in settled {
        facts.get_mut(client).set(amqp::client::effective_heartbeat, said);
    }
    let unsettled: Vec<(FactId, Said)> = facts
        .of(&amqp::client::KIND)
        .filter(|(_, client)| client.get(amqp::client::effective_heartbeat).is_none())
        .filter_map(|(id, client)| {
            let asked = client.int(amqp::client::heartbeat).filter(|a| *a > 0)?;
            let span = client.get(amqp::client::heartbeat)?.span();
            Some((id, Said::derived(Value::Duration(asked.min(RABBITMQ_HEARTBEAT)), span)))
        })
        .collect();
    for (client, said) in unsettled {
        facts.get_mut(client).set(amqp::client::effective_heartbeat, said);
    }
}
