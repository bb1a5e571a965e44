//! Compose files: services, the ports they publish, what they wait for and how their health is asked.

mod extends;
mod interpolate;
mod merge;
mod ports;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::compose::{dependency, healthcheck, network, service as compose_service};
use crate::facts::kinds::container::{embedded, image};
use crate::facts::kinds::host;
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::{FileId, Source, Sources, View};
use crate::syntax::{Data, Node, yaml};

use super::carriers::tree::{self, TreeContext};
use super::containers::{commands, images, invocation, nodes, quantities};
use super::kafka;
use super::limits::sysctl;
use super::{FileKind, Match, Reading, carriers};
pub(in crate::systems) use extends::references;
use extends::{Part, Project};
use interpolate::Environment;
pub(in crate::systems) use merge::is_beside;
use service::Service;

/// Compose files.
pub static COMPOSE: FileKind =
    FileKind { name: "compose", doc: "Docker Compose files, all versions of the format", recognise, read };

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let yaml =
        carriers::has_ending(name, &["yml", "yaml", "j2", "tpl", "example", "dist", "sample", "template"]);
    if !yaml && name.contains('.') {
        return Match::No;
    }
    let services = has_services(carriers::beginning(&source.text));
    let named = yaml && name.split(['.', '-', '_']).any(|w| w == "compose");
    match (named, services) {
        (true, true) => Match::Sure,
        (true, false) if !source.text.contains("apiVersion:") => Match::Likely,
        (false, true) => Match::Likely,
        _ => Match::No,
    }
}

/// True for a `services:` map at the top whose entries look like services.
fn has_services(text: &str) -> bool {
    let mut inside = false;
    let mut names = 0;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if !line.starts_with([' ', '\t']) {
            inside = line.trim_end() == "services:";
            continue;
        }
        if !inside {
            continue;
        }
        if trimmed.starts_with("- ") && names == 0 {
            return false;
        }
        names += 1;
        let key = trimmed.split(':').next().unwrap_or_default();
        if matches!(key, "image" | "build" | "container_name" | "extends" | "<<" | "depends_on") {
            return true;
        }
    }
    false
}

/// The project's file of each override.
pub(crate) fn projects(sources: &Sources) -> BTreeMap<FileId, FileId> {
    let mut projects: BTreeMap<&str, Vec<(&str, FileId)>> = BTreeMap::new();
    for (id, source) in sources.iter() {
        let name = source.base_name();
        if merge::is_beside(name) {
            projects.entry(source.directory()).or_default().push((name, id));
        }
    }
    let mut found = BTreeMap::new();
    for files in projects.values() {
        let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
        let id = |name| files.iter().find(|(n, _)| Some(*n) == name).map(|(_, id)| *id);
        let (project, over) = (merge::first_of(true, &names), merge::first_of(false, &names));
        if let (Some(project), Some(over)) = (id(project), id(over)) {
            found.insert(over, project);
        }
    }
    found
}

fn read(view: &View<'_>, out: &mut Reading) {
    let beside = std::mem::take(&mut out.beside);
    let names = beside.files.iter().map(|(_, s)| s.base_name());
    let all: Vec<&str> = names.chain([beside.name.as_str()]).collect();
    let (project, over) = (merge::first_of(true, &all), merge::first_of(false, &all));
    if project.is_some() && over == Some(beside.name.as_str()) {
        // The project's file is read with this one laid over it.
        return;
    }
    let file = |name: &str| beside.files.iter().find(|(_, s)| s.base_name() == name);
    let environment = file(".env").map(|(id, source)| Environment::read(*id, source)).unwrap_or_default();
    let named: Vec<View<'_>> = beside.named.iter().map(|(id, source)| View::whole(*id, source)).collect();
    let mut trees: BTreeMap<FileId, Node<'_>> = BTreeMap::new();
    let is_environment = |source: &Source| source.base_name() == ".env";
    for (view, _) in named.iter().zip(&beside.named).filter(|(_, (_, source))| !is_environment(source)) {
        // Notices of these are told where they are read by themselves.
        trees.extend(yaml::parse(view).0.into_iter().next().map(|tree| (view.file, tree)));
    }
    // The variables of an included project are those of its own directory, unless this project sets them.
    let others = beside.named.iter().filter(|(_, s)| is_environment(s) && s.directory() != beside.directory);
    let others: BTreeMap<&str, Environment> =
        others.map(|(id, source)| (source.directory(), Environment::read(*id, source))).collect();
    for (id, source) in &beside.named {
        if let Some(tree) = trees.get_mut(id) {
            environment.fill(tree, &mut out.filled);
            others.get(source.directory()).into_iter().for_each(|own| own.fill(tree, &mut out.filled));
        }
    }
    let parts = beside.named.iter().filter_map(|(id, source)| {
        let root = trees.get(id)?;
        Some((*id, Part { file: *id, root, text: &source.text, directory: source.directory() }))
    });
    let mut project_files = Project::new(parts.collect(), &beside.references);
    let (mut documents, notices) = yaml::parse(view);
    let whole = project == Some(beside.name.as_str()) && documents.len() == 1;
    out.notices.extend(notices);
    documents.iter_mut().for_each(|root| environment.fill(root, &mut out.filled));
    let over = over.filter(|_| project == Some(beside.name.as_str())).and_then(file);
    // Offsets are those of the file only where the view is all of it.
    let own_text = if view.outer(0) == 0 { view.text.as_ref() } else { "" };
    let own = |root| Part { file: view.file, root, text: own_text, directory: &beside.directory };
    let documents: Vec<Node<'_>> = documents.iter().map(|root| project_files.complete(own(root))).collect();
    let Some((id, source)) = over else {
        out.taken.extend(std::mem::take(&mut project_files.taken));
        documents.iter().for_each(|root| document(root, whole, &project_files.unsure, out));
        return;
    };
    let over = View::whole(*id, source);
    let (mut overs, notices) = yaml::parse(&over);
    out.notices.extend(notices);
    overs.iter_mut().for_each(|root| environment.fill(root, &mut out.filled));
    let over_part = |root| Part { file: *id, root, text: &source.text, directory: source.directory() };
    let overs: Vec<Node<'_>> = overs.iter().map(|root| project_files.complete(over_part(root))).collect();
    out.taken.extend(std::mem::take(&mut project_files.taken));
    // Compose lays the documents of all files over each other, in their order.
    let mut layers = documents.into_iter();
    let Some(mut root) = layers.next() else { return };
    for layer in layers.chain(overs) {
        root = merge::merge(root, layer, (*id, &source.text));
    }
    document(&root, whole, &project_files.unsure, out);
}

/// More services of one file are not read; real ones stay below a hundred.
const MAX_SERVICES: usize = 1_000;

/// Reads a project's tree; `whole` says that no other file adds to it, `unsure` which services lack a part.
fn document(root: &Node<'_>, whole: bool, unsure: &BTreeSet<String>, out: &mut Reading) {
    // The first version of the format has the services at the top.
    let services = root.get("services").unwrap_or(root);
    let Data::Map(entries) = &services.data else { return };
    for entry in networks(root) {
        out.facts.add(entry);
    }
    // What is missing here may stand in a file that is included.
    let included = root.get("include").is_some();
    let mut known: Vec<(String, FactId, Service<'_, '_>)> = Vec::new();
    for entry in entries.iter().take(MAX_SERVICES) {
        let is_service = entry.value.get("image").is_some() || entry.value.get("build").is_some();
        if !matches!(entry.value.data, Data::Map(_)) || (root.get("services").is_none() && !is_service) {
            continue;
        }
        let service =
            Service::new(&entry.key, &entry.value, included || unsure.contains(entry.key.view.text.as_ref()));
        let fact = service.fact();
        let kernel = fact.get(compose_service::sysctls).and_then(sysctl::of_container);
        let id = out.facts.add(fact);
        if let Some(mut kernel) = kernel {
            kernel.derive(host::sysctl::service, Value::Record(id));
            out.facts.add(kernel);
        }
        known.push((entry.key.view.text.to_string(), id, service));
    }
    let restarting: Vec<FactId> =
        known.iter().filter(|(_, _, s)| s.restarts()).map(|(_, id, _)| *id).collect();
    let servers_only = known.iter().all(|(_, _, s)| s.program().is_some() && s.get("build").is_none());
    for (_, id, _) in &known {
        out.facts.get_mut(*id).derive(compose_service::servers_only, Value::Bool(servers_only));
        let others = restarting.iter().any(|r| r != id);
        out.facts.get_mut(*id).derive(compose_service::others_restart, Value::Bool(others));
    }
    for (_, id, service) in &known {
        if let (Some(image), Some(view)) = (&service.image, service.get("image").and_then(nodes::view)) {
            images::add(image, view, Some((image::service, *id)), service.get("build").is_none(), out);
        }
        service.environment(*id, out);
        if let Some(list) = service.get("ports") {
            let of = ports::Of { service: *id, name: service.name(), program: service.program() };
            ports::read(list, &of, out);
        }
        if let Some(view) = service.get("command").and_then(nodes::view) {
            kafka::topics::script(view, out);
        }
        if let Some(command) = service.get("command")
            && service.get("entrypoint").is_none()
            && let Some(settings) = invocation::settings(service.program().map(|p| p.0), &[command])
        {
            out.embed_command(&settings, (embedded::service, *id));
        }
        service.mounts(*id, root.get("configs"), root.get("secrets"), out);
        if let Some(fact) = check(service, *id) {
            out.facts.add(fact);
        }
        for mut fact in service.dependencies(*id) {
            service::complete_dependency(&mut fact, &known);
            if whole && !included && fact.get(dependency::target).is_none() {
                fact.derive(dependency::nowhere, Value::Bool(true));
                let names = known.iter().map(|(name, _, _)| name.as_str());
                let on = fact.text(dependency::on).unwrap_or_default();
                if let Some(near) = crate::nearest::nearest(on, names) {
                    let near = Value::text(near);
                    fact.derive(dependency::nearest, near);
                }
            }
            out.facts.add(fact);
        }
    }
    if is_stack(root, &known) {
        for way in known.iter().filter_map(|(_, _, s)| s.virtual_address()) {
            out.facts.add(way);
        }
    }
    configurations(root, &known, out);
    let context = TreeContext { expands: Some(true), carrier: None, skip_environment: true };
    if let Data::Map(entries) = &root.data {
        for entry in entries.iter().filter(|e| e.key.view.text != "configs") {
            tree::scan(&entry.value, &context, out);
        }
    }
}

/// Whether it is made for Docker Swarm: it has a network that only Swarm's services can join, or says where in a swarm
/// something runs. Swarm refuses conditions in `depends_on`.
fn is_stack(root: &Node<'_>, known: &[(String, FactId, Service<'_, '_>)]) -> bool {
    let networks = root.get("networks").map(Node::pairs).unwrap_or_default();
    let swarm_only = |node: &Node<'_>| {
        let attachable = node.get("attachable").and_then(nodes::boolean);
        node.get("driver").and_then(Node::text) == Some("overlay") && attachable != Some(true)
    };
    let says =
        networks.into_iter().any(|(_, node)| swarm_only(node)) || known.iter().any(|(_, _, s)| s.is_placed());
    says && !known.iter().any(|(_, _, s)| s.get("depends_on").is_some_and(|d| !d.pairs().is_empty()))
}

fn networks(root: &Node<'_>) -> Vec<Fact> {
    let Some(networks) = root.get("networks") else { return Vec::new() };
    let pairs = networks.pairs();
    pairs
        .into_iter()
        .map(|(key, node)| {
            let span = key.view.full_span();
            let mut fact = Fact::new(&network::KIND, span);
            fact.write(network::name, Value::text(&key.view.text), span);
            nodes::put_text(&mut fact, network::driver, node.get("driver"));
            nodes::put_bool(&mut fact, network::internal, node.get("internal"));
            match node.get("external") {
                Some(n) if matches!(n.data, Data::Map(_)) => {
                    fact.write(network::external, Value::Bool(true), n.span);
                }
                external => nodes::put_bool(&mut fact, network::external, external),
            }
            fact
        })
        .collect()
}

/// Configurations whose text is written in the file, under the path that a service mounts them at.
fn configurations(root: &Node<'_>, known: &[(String, FactId, Service<'_, '_>)], out: &mut Reading) {
    let Some(configs) = root.get("configs") else { return };
    for (key, node) in configs.pairs() {
        let Some(content) = node.get("content").and_then(nodes::view) else { continue };
        let name = key.view.text.as_ref();
        let target = known.iter().find_map(|(_, _, s)| s.config_target(name));
        out.embed(target.as_deref().unwrap_or(name), Some(name), content);
    }
}

fn check(service: &Service<'_, '_>, id: FactId) -> Option<Fact> {
    let (key, node) = service.entry("healthcheck")?;
    let mut fact = Fact::new(&healthcheck::KIND, key.view.full_span());
    fact.derive(healthcheck::service, Value::Record(id));
    fact.derive(healthcheck::service_name, Value::text(service.name()));
    if let Some((program, _)) = service.program() {
        fact.derive(healthcheck::software, Value::text(program));
    }
    if let Some(test) = node.get("test") {
        put_test(&mut fact, test);
    }
    for (field, name) in [
        (healthcheck::interval, "interval"),
        (healthcheck::timeout, "timeout"),
        (healthcheck::start_period, "start_period"),
    ] {
        nodes::put(&mut fact, field, node.get(name), |t| quantities::go_duration(t).map(Value::Duration));
    }
    nodes::put_int(&mut fact, healthcheck::retries, node.get("retries"));
    fact.derive(healthcheck::disabled, Value::Bool(service::is_disabled(node)));
    Some(fact)
}

fn put_test(fact: &mut Fact, test: &Node<'_>) {
    let Some(command) = nodes::command(test) else { return };
    if let Some(fault) = test_fault(test) {
        fact.set(healthcheck::fault, Said::derived(Value::text(fault), Some(nodes::span(test))));
    }
    let command =
        command.strip_prefix("CMD-SHELL ").or_else(|| command.strip_prefix("CMD ")).unwrap_or(&command);
    put_command(fact, command, nodes::span(test));
}

/// Why the list of a check's words can never succeed. A list goes to no shell, unless it says so.
fn test_fault(test: &Node<'_>) -> Option<&'static str> {
    let words: Vec<&str> = test.items().iter().map(Node::text).collect::<Option<_>>()?;
    match words.as_slice() {
        [] => None,
        ["CMD", command] if command.trim().contains(char::is_whitespace) => Some("one-word"),
        ["CMD" | "CMD-SHELL" | "NONE", ..] => None,
        [first, ..] if first.contains(['$', '{']) => None,
        _ => Some("sort"),
    }
}

/// What the command of a health check says.
pub(super) fn put_command(fact: &mut Fact, command: &str, span: crate::source::Span) {
    fact.write(healthcheck::test, Value::text(command), span);
    if let Some(tool) = commands::tool(command) {
        fact.write(healthcheck::tool, Value::text(tool), span);
    }
    if let Some(port) = commands::local_port(command) {
        fact.write(healthcheck::port, Value::Int(port.into()), span);
    }
}

#[cfg(test)]
mod tests;
