//! One service of a Compose file.

use crate::facts::kinds::compose::{dependency, mount, service};
use crate::facts::kinds::container::variable;
use crate::facts::kinds::proxy::path;
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::{Span, View};
use crate::syntax::{Data, Node, Scalar};
use crate::systems::containers::images::{Image, part_span};
use crate::systems::containers::interpolation::fill;
use crate::systems::containers::variables::{self, Assignment};
use crate::systems::containers::{nodes, quantities};
use crate::systems::{Reading, balancers};

/// postgresql.conf: `max_connections`, as initdb writes it where the kernel allows it.
const POSTGRESQL_MAX_CONNECTIONS: i64 = 100;

/// MySQL's and MariaDB's `max_connections`.
const MYSQL_MAX_CONNECTIONS: i64 = 151;

/// A service, with what it takes over from those that it extends.
pub(super) struct Service<'n, 'a> {
    key: &'n Scalar<'a>,
    node: &'n Node<'a>,
    /// Its image.
    pub(super) image: Option<Image>,
    /// True if some of it stands in another file.
    elsewhere: bool,
}

impl<'n, 'a> Service<'n, 'a> {
    pub(super) fn new(key: &'n Scalar<'a>, node: &'n Node<'a>, elsewhere: bool) -> Self {
        let mut this = Service { key, node, image: None, elsewhere };
        this.image = this.get("image").and_then(Node::text).map(Image::parse);
        this.elsewhere |= this.get("image").is_none() && this.get("build").is_none();
        this
    }

    /// The value of a key, own or taken over.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node<'a>> {
        self.node.get(key)
    }

    /// A key and its value.
    pub(super) fn entry(&self, key: &str) -> Option<(&'n Scalar<'a>, &'n Node<'a>)> {
        self.node.pairs().into_iter().rev().find(|(k, _)| k.view.text == key)
    }

    pub(super) fn name(&self) -> &str {
        &self.key.view.text
    }

    /// The program in the image and its role.
    pub(super) fn program(&self) -> Option<(&'static str, &'static str)> {
        self.image.as_ref()?.program
    }

    pub(super) fn fact(&self) -> Fact {
        let span = self.key.view.full_span();
        let mut fact = Fact::new(&service::KIND, span);
        fact.write(service::name, Value::text(self.name()), span);
        self.put_image(&mut fact);
        for (field, key) in [
            (service::container_name, "container_name"),
            (service::hostname, "hostname"),
            (service::network_mode, "network_mode"),
        ] {
            nodes::put_text(&mut fact, field, self.get(key));
        }
        for (field, key) in [(service::extra_hosts, "extra_hosts"), (service::sysctls, "sysctls")] {
            nodes::put_assignments(&mut fact, field, self.get(key));
        }
        nodes::put_list(&mut fact, service::profiles, self.get("profiles"));
        self.put_networks(&mut fact);
        self.put_env_files(&mut fact);
        self.put_limits(&mut fact);
        if let Some(node) = self.get("expose") {
            let ports = node.items().iter().filter_map(|i| Some((number(&nodes::text(i)?)?, nodes::span(i))));
            nodes::put_ints(&mut fact, service::exposed, ports.collect(), node.span);
        }
        self.put_names(&mut fact);
        if let Some((node, command)) = self.get("command").and_then(|n| Some((n, nodes::command(n)?))) {
            fact.write(service::command, Value::text(command), nodes::span(node));
        }
        let policy = self.get("deploy").and_then(|d| d.at(&["restart_policy", "condition"]));
        nodes::put_text(&mut fact, service::restart, self.get("restart").or(policy));
        let duration = |t: &str| quantities::go_duration(t).map(Value::Duration);
        nodes::put(&mut fact, service::stop_grace_period, self.get("stop_grace_period"), duration);
        let replicas = self.get("deploy").and_then(|d| d.get("replicas"));
        nodes::put_int(&mut fact, service::replicas, replicas.or_else(|| self.get("scale")));
        self.put_max_connections(&mut fact);
        self.put_depends_on(&mut fact);
        if let Some(node) = self.get("healthcheck") {
            fact.write(service::has_healthcheck, Value::Bool(!is_disabled(node)), node.span);
        }
        if let Some(node) = self.get("extends") {
            let name = node.text().or_else(|| node.get("service")?.text()).unwrap_or_default();
            fact.write(service::extends, Value::text(name), node.span);
        }
        fact.derive(service::partial, Value::Bool(self.elsewhere));
        let volumes = self.get("volumes").is_some_and(|v| !v.items().is_empty());
        fact.derive(service::has_volumes, Value::Bool(volumes));
        fact
    }

    /// Whether it says where in a swarm it runs, or how it is reached there.
    pub(super) fn is_placed(&self) -> bool {
        let keys = ["placement", "endpoint_mode"];
        self.get("deploy").is_some_and(|deploy| keys.iter().any(|key| deploy.get(key).is_some()))
    }

    /// The address that Docker Swarm answers for the service, and that it passes on to the containers.
    pub(super) fn virtual_address(&self) -> Option<Fact> {
        let deploy = self.get("deploy");
        let mode = deploy.and_then(|d| d.get("endpoint_mode"));
        if mode.is_some_and(|m| m.text() != Some("vip")) || self.get("network_mode").is_some() {
            return None;
        }
        let mut way = Fact::new(&path::KIND, mode.map_or(self.key.view.full_span(), |m| m.span));
        let name = || vec![Said::derived(Value::text(self.name()), None)];
        way.derive(path::program, Value::text(balancers::SWARM.name));
        way.derive(path::name, Value::text(self.name()));
        way.derive(path::mode, Value::text("tcp"));
        way.derive(path::upstream_hosts, Value::List(name()));
        way.derive(path::keepalive_counts, Value::Bool(balancers::SWARM.passes_packets));
        way.derive(path::template, Value::Bool(false));
        way.set(path::idle_timeout, Said::default(Value::Duration(balancers::SWARM.idle_ms), "the kernel"));
        let protocol = match self.program()?.0 {
            "rabbitmq" => "amqp",
            "mariadb" => "mysql",
            program => program,
        };
        way.derive(path::service, Value::text(protocol));
        Some(way)
    }

    /// True if it is started anew after it ends.
    pub(super) fn restarts(&self) -> bool {
        let policy = self.get("deploy").and_then(|d| d.at(&["restart_policy", "condition"]));
        let policy = self.get("restart").or(policy).and_then(nodes::text);
        policy.is_some_and(|p| !matches!(p.as_str(), "no" | "none" | "false"))
    }

    fn put_depends_on(&self, fact: &mut Fact) {
        let Some(node) = self.get("depends_on") else { return };
        let listed = node.items().iter().filter_map(|i| Some((nodes::text(i)?, nodes::span(i))));
        let mapped = node.pairs().into_iter().map(|(k, _)| (k.view.text.to_string(), k.view.full_span()));
        let names: Vec<Said> =
            listed.chain(mapped).map(|(name, span)| Said::written(Value::text(name), span)).collect();
        if !names.is_empty() {
            fact.write(service::depends_on, Value::List(names), node.span);
        }
    }

    /// How many connections a database takes. Its default counts only where neither a command, a mounted file nor a
    /// variable can say otherwise.
    fn put_max_connections(&self, fact: &mut Fact) {
        let default = match self.program() {
            Some(("postgresql", _)) => POSTGRESQL_MAX_CONNECTIONS,
            Some(("mysql", _)) => MYSQL_MAX_CONNECTIONS,
            _ => return,
        };
        let command = self.get("command");
        if let Some((node, text)) = command.and_then(|n| Some((n, nodes::command(n)?))) {
            let found = text.rfind("max_connections").or_else(|| text.rfind("max-connections"));
            let number = found.and_then(|at| {
                let rest = text.get(at + "max_connections".len()..)?.trim_start_matches(['=', ' ']);
                let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                rest.get(..end)?.parse().ok()
            });
            if let Some(number) = number {
                fact.write(service::max_connections, Value::Int(number), nodes::span(node));
            }
            return;
        }
        let says = |layer: &Node<'_>, key: &str, word: &str| {
            let node = layer.get(key);
            let items = node.map(Node::items).unwrap_or_default().iter().filter_map(Node::text);
            let mut keys = node.map(Node::pairs).unwrap_or_default().into_iter();
            items.into_iter().any(|t| t.contains(word)) || keys.any(|(k, _)| k.view.text.contains(word))
        };
        let elsewhere = self.elsewhere
            || self.get("entrypoint").is_some()
            || self.get("configs").is_some()
            || self.get("env_file").is_some()
            || self.get("volumes").is_some_and(|v| v.items().iter().any(|i| i.text().is_none()))
            || says(self.node, "environment", "MAX_CONN")
            || says(self.node, "volumes", "conf")
            || says(self.node, "volumes", ".cnf");
        if !elsewhere && self.get("build").is_none() {
            fact.set(service::max_connections, Said::default(Value::Int(default), "the image"));
        }
    }

    fn put_image(&self, fact: &mut Fact) {
        fact.derive(service::built, Value::Bool(self.get("build").is_some()));
        let (Some(image), Some(view)) = (&self.image, self.get("image").and_then(nodes::view)) else {
            return;
        };
        let span = view.full_span();
        fact.write(service::image, Value::text(view.text.trim()), span);
        let at = |part: Option<&str>| part.and_then(|p| part_span(view, p)).unwrap_or(span);
        if let Some(name) = image.name() {
            fact.write(service::image_name, Value::text(name), at(Some(name)));
        }
        if let Some(tag) = &image.tag {
            fact.write(service::image_tag, Value::text(tag), at(Some(tag)));
        }
        if let Some(version) = image.version {
            fact.write(service::image_version, Value::Version(version), at(image.tag.as_deref()));
        }
        // An image that is built here is not pulled.
        if let Some(floating) = image.floating().filter(|_| self.get("build").is_none()) {
            fact.set(service::image_floating, Said::derived(Value::Bool(floating), Some(span)));
        }
        if let Some((program, role)) = image.program {
            fact.set(service::software, Said::derived(Value::text(program), Some(span)));
            fact.set(service::role, Said::derived(Value::text(role), Some(span)));
        }
    }

    /// Names of variables and numbers of ports, which their own facts tell in full.
    fn put_names(&self, fact: &mut Fact) {
        let name = |text: &str| Value::text(text.split('=').next().unwrap_or_default().trim());
        if let Some(node) = self.get("environment") {
            let listed = node.items().iter().filter_map(|i| Some((i.text()?, nodes::span(i))));
            let mapped = node.pairs().into_iter().map(|(k, _)| (k.view.text.as_ref(), k.view.full_span()));
            let names: Vec<Said> =
                listed.chain(mapped).map(|(text, span)| Said::written(name(text), span)).collect();
            if !names.is_empty() {
                fact.write(service::variables, Value::List(names), node.span);
            }
        }
        if let Some(node) = self.get("ports") {
            let ports = node.items().iter().filter_map(|i| Some((super::ports::target(i)?, nodes::span(i))));
            nodes::put_ints(fact, service::targets, ports.collect(), node.span);
        }
    }

    fn put_networks(&self, fact: &mut Fact) {
        let Some(node) = self.get("networks") else { return };
        let Data::Map(entries) = &node.data else {
            nodes::put_list(fact, service::networks, Some(node));
            return;
        };
        let written = |text: &str, span: Span| Said::written(Value::text(text), span);
        let names = entries.iter().map(|e| written(&e.key.view.text, e.key.view.full_span())).collect();
        fact.write(service::networks, Value::List(names), node.span);
        let aliases = entries.iter().filter_map(|e| e.value.get("aliases")).flat_map(Node::items);
        let aliases: Vec<Said> =
            aliases.filter_map(|a| Some(written(&nodes::text(a)?, nodes::span(a)))).collect();
        if !aliases.is_empty() {
            fact.write(service::aliases, Value::List(aliases), node.span);
        }
    }

    fn put_env_files(&self, fact: &mut Fact) {
        let Some(node) = self.get("env_file") else { return };
        let one = std::slice::from_ref(node);
        let items = if node.items().is_empty() { one } else { node.items() };
        let paths: Vec<Said> = items
            .iter()
            .map(|i| i.get("path").unwrap_or(i))
            .filter_map(|i| Some(Said::written(Value::text(nodes::text(i)?), nodes::span(i))))
            .collect();
        if !paths.is_empty() {
            fact.write(service::env_files, Value::List(paths), node.span);
        }
    }

    fn put_limits(&self, fact: &mut Fact) {
        if let Some(nofile) = self.get("ulimits").and_then(|u| u.get("nofile")) {
            let hard = nofile.get("hard").or(Some(nofile));
            nodes::put_int(fact, service::nofile_soft, nofile.get("soft").or(Some(nofile)));
            nodes::put_int(fact, service::nofile_hard, hard);
        }
        let deployed = self.get("deploy").and_then(|d| d.at(&["resources", "limits", "memory"]));
        let memory = deployed.or_else(|| self.get("mem_limit"));
        nodes::put(fact, service::memory_limit, memory, |t| quantities::compose_bytes(t).map(Value::Size));
    }

    /// The environment.
    pub(super) fn environment(&self, id: FactId, out: &mut Reading) {
        let mut assignments = Vec::new();
        if let Some(node) = self.get("environment") {
            let listed = node.items().iter().filter_map(nodes::view);
            assignments.extend(listed.map(|view| Assignment::parse(view, true)));
            if let Data::Map(entries) = &node.data {
                assignments.extend(entries.iter().map(|entry| Assignment {
                    name: whole(&entry.key.view),
                    value: nodes::view(&entry.value).map(whole),
                    expands: true,
                }));
            }
        }
        variables::add_all(&assignments, Some((variable::service, id)), out);
    }

    /// What is mounted into the container.
    pub(super) fn mounts(
        &self,
        id: FactId,
        configs: Option<&Node<'_>>,
        secrets: Option<&Node<'_>>,
        out: &mut Reading,
    ) {
        for item in self.get("volumes").map(Node::items).unwrap_or_default() {
            if let Some(fact) = volume(item) {
                self.add_mount(fact, id, out);
            }
        }
        for (key, all, sort, place) in
            [("configs", configs, "config", "/"), ("secrets", secrets, "secret", "/run/secrets/")]
        {
            for item in self.get(key).map(Node::items).unwrap_or_default() {
                let Some(source) = item.get("source").unwrap_or(item).text() else { continue };
                let mut fact = Fact::new(&mount::KIND, item.span);
                let file = all.and_then(|a| a.get(source)?.get("file"));
                match file {
                    Some(file) => nodes::put_text(&mut fact, mount::source, Some(file)),
                    None => nodes::put_text(&mut fact, mount::source, item.get("source").or(Some(item))),
                }
                match item.get("target") {
                    Some(target) => nodes::put_text(&mut fact, mount::target, Some(target)),
                    None => {
                        fact.derive(mount::target, Value::text(format!("{place}{source}")));
                    }
                }
                fact.derive(mount::sort, Value::text(sort));
                fact.derive(mount::read_only, Value::Bool(true));
                self.add_mount(fact, id, out);
            }
        }
    }

    fn add_mount(&self, mut fact: Fact, id: FactId, out: &mut Reading) {
        fact.derive(mount::service, Value::Record(id));
        fact.derive(mount::service_name, Value::text(self.name()));
        out.facts.add(fact);
    }

    /// The path at which the service mounts a configuration.
    pub(super) fn config_target(&self, name: &str) -> Option<String> {
        let items = self.get("configs")?.items();
        let item = items.iter().find(|i| i.get("source").and_then(Node::text) == Some(name))?;
        nodes::text(item.get("target")?)
    }

    pub(super) fn dependencies(&self, id: FactId) -> Vec<Fact> {
        let Some(node) = self.get("depends_on") else { return Vec::new() };
        let new = |on: &str, span: Span| {
            let mut fact = Fact::new(&dependency::KIND, span);
            fact.write(dependency::on, Value::text(on), span);
            fact.derive(dependency::from, Value::Record(id));
            fact.derive(dependency::from_name, Value::text(self.name()));
            fact
        };
        let mut facts = Vec::new();
        for item in node.items() {
            if let Some(name) = nodes::text(item) {
                facts.push(new(&name, nodes::span(item)));
            }
        }
        for (key, value) in node.pairs() {
            let mut fact = new(&key.view.text, key.view.full_span());
            nodes::put_text(&mut fact, dependency::condition, value.get("condition"));
            nodes::put_bool(&mut fact, dependency::required, value.get("required"));
            facts.push(fact);
        }
        for fact in &mut facts {
            if fact.get(dependency::condition).is_none() {
                fact.set(dependency::condition, Said::default(Value::text("service_started"), "Compose"));
            }
        }
        facts
    }
}

/// The same view once more.
fn whole<'v>(view: &'v View<'_>) -> View<'v> {
    view.sub(0..view.text.len())
}

/// Adds what the file says about the service that is waited for.
pub(super) fn complete_dependency(fact: &mut Fact, known: &[(String, FactId, Service<'_, '_>)]) {
    let Some(on) = fact.text(dependency::on) else { return };
    let Some((_, id, target)) = known.iter().find(|(name, _, _)| name == on) else { return };
    fact.derive(dependency::target, Value::Record(*id));
    if let Some((program, role)) = target.program() {
        fact.derive(dependency::software, Value::text(program));
        fact.derive(dependency::role, Value::text(role));
    }
    match target.get("healthcheck") {
        Some(node) => {
            fact.derive(dependency::target_has_healthcheck, Value::Bool(!is_disabled(node)));
        }
        None if !target.elsewhere => {
            fact.derive(dependency::target_has_healthcheck, Value::Bool(false));
        }
        None => {}
    }
}

/// True if a health check is turned off.
pub(super) fn is_disabled(node: &Node<'_>) -> bool {
    let none = node.get("test").and_then(nodes::command).is_some_and(|t| t == "NONE");
    none || node.get("disable").and_then(nodes::boolean) == Some(true)
}

fn volume(item: &Node<'_>) -> Option<Fact> {
    let mut fact = Fact::new(&mount::KIND, nodes::span(item));
    if matches!(item.data, Data::Map(_)) {
        nodes::put_text(&mut fact, mount::source, item.get("source"));
        nodes::put_text(&mut fact, mount::target, item.get("target"));
        nodes::put_text(&mut fact, mount::sort, item.get("type"));
        nodes::put_bool(&mut fact, mount::read_only, item.get("read_only"));
        return Some(fact);
    }
    let view = nodes::view(item)?;
    let parts = super::ports::split(&view.text);
    let text = |range: &std::ops::Range<usize>| fill(view.text.get(range.clone()).unwrap_or_default()).text;
    let (source, target, options) = match parts.as_slice() {
        [target] => (None, target, None),
        [source, target] => (Some(source), target, None),
        [source, target, options, ..] => (Some(source), target, Some(options)),
        [] => return None,
    };
    if let Some(path) = text(target) {
        fact.write(mount::target, Value::text(path), view.span(target.clone()));
    }
    if let Some(source) = source {
        if let Some(path) = text(source) {
            let bind = path.starts_with(['.', '/', '~']);
            fact.derive(mount::sort, Value::text(if bind { "bind" } else { "volume" }));
            fact.write(mount::source, Value::text(path), view.span(source.clone()));
        }
    } else {
        fact.derive(mount::sort, Value::text("volume"));
    }
    if let Some(options) = options {
        let read_only = view.text.get(options.clone()).is_some_and(|o| o.split(',').any(|o| o == "ro"));
        fact.write(mount::read_only, Value::Bool(read_only), view.span(options.clone()));
    }
    Some(fact)
}

/// A port number, with or without protocol.
fn number(text: &str) -> Option<i64> {
    text.split(['/', '-']).next()?.trim().parse().ok()
}
