//! Containers of pods, and their probes.

use crate::facts::kinds::container::{embedded, image, variable};
use crate::facts::kinds::kubernetes::{container, probe};
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::View;
use crate::syntax::Node;
use crate::systems::Reading;
use crate::systems::containers::images::{self, Image, part_span};
use crate::systems::containers::variables::{self, Assignment};
use crate::systems::containers::{commands, invocation, nodes, quantities};

/// What a container belongs to.
pub(super) struct Of<'o> {
    pub(super) workload: FactId,
    pub(super) kind: &'o str,
    pub(super) name: Option<&'o str>,
}

/// A port that a container names.
struct Port {
    name: Option<String>,
    /// Absent where a template decides it.
    number: Option<i64>,
}

/// Kubernetes API, Probe: what holds when a field is not written.
const DEFAULTS: [(crate::facts::Field, i64); 3] =
    [(probe::timeout, 1_000), (probe::period, 10_000), (probe::initial_delay, 0)];

/// The same for its counts.
const DEFAULT_COUNTS: [(crate::facts::Field, i64); 2] =
    [(probe::failure_threshold, 3), (probe::success_threshold, 1)];

pub(super) fn read(node: &Node<'_>, of: &Of<'_>, init: bool, out: &mut Reading) {
    let parsed = node.get("image").and_then(Node::text).map(Image::parse);
    let ports = ports(node);
    let id = out.facts.add(fact(node, of, init, parsed.as_ref()));
    if let (Some(parsed), Some(view)) = (&parsed, node.get("image").and_then(nodes::view)) {
        images::add(parsed, view, Some((image::container, id)), true, out);
    }
    environment(node, id, out);
    let program = parsed.as_ref().and_then(|i| i.program).map(|p| p.0);
    let commands: Vec<&Node<'_>> = ["command", "args"].iter().filter_map(|k| node.get(k)).collect();
    if let Some(settings) = invocation::settings(program, &commands) {
        out.embed_command(&settings, (embedded::container, id));
    }
    for (key, sort) in
        [("readinessProbe", "readiness"), ("livenessProbe", "liveness"), ("startupProbe", "startup")]
    {
        let entry = node.pairs().into_iter().rev().find(|(k, _)| k.view.text == key);
        let Some((name, check)) = entry else { continue };
        let mut fact = Fact::new(&probe::KIND, name.view.full_span());
        fact.derive(probe::container, Value::Record(id));
        fact.derive(probe::sort, Value::text(sort));
        nodes::put_text(&mut fact, probe::container_name, node.get("name"));
        if let Some(program) = program {
            fact.derive(probe::software, Value::text(program));
        }
        fill_probe(&mut fact, check, &ports);
        out.facts.add(fact);
    }
}

fn fact(node: &Node<'_>, of: &Of<'_>, init: bool, parsed: Option<&Image>) -> Fact {
    let span = node.get("name").map_or(node.span, nodes::span);
    let mut fact = Fact::new(&container::KIND, span);
    fact.derive(container::workload, Value::Record(of.workload));
    fact.derive(container::workload_kind, Value::text(of.kind));
    if let Some(name) = of.name {
        fact.derive(container::workload_name, Value::text(name));
    }
    nodes::put_text(&mut fact, container::name, node.get("name"));
    fact.derive(container::init, Value::Bool(init));
    put_image(&mut fact, node, parsed);
    for (field, key) in [(container::ports, "containerPort"), (container::host_ports, "hostPort")] {
        let items = node.get("ports").map(Node::items).unwrap_or_default();
        let numbers = items.iter().filter_map(|i| {
            let port = i.get(key)?;
            Some((nodes::text(port)?.trim().parse().ok()?, nodes::span(port)))
        });
        nodes::put_ints(&mut fact, field, numbers.collect(), node.get("ports").map_or(span, |p| p.span));
    }
    put_resources(&mut fact, node);
    let commands: Vec<String> =
        ["command", "args"].iter().filter_map(|k| node.get(k)).filter_map(nodes::command).collect();
    if let Some(at) = node.get("command").or_else(|| node.get("args")) {
        fact.write(container::command, Value::text(commands.join(" ")), nodes::span(at));
    }
    if let Some(hook) = node.at(&["lifecycle", "preStop", "exec", "command"])
        && let Some(command) = nodes::command(hook)
    {
        if let Some(ms) = commands::broker_wait(&command) {
            fact.write(container::pre_stop_wait, Value::Duration(ms), hook.span);
        }
        fact.write(container::pre_stop, Value::text(command), hook.span);
    }
    let sleep = node.at(&["lifecycle", "preStop", "sleep", "seconds"]);
    nodes::put_seconds(&mut fact, container::pre_stop_sleep, sleep);
    if let Some(hook) = node.at(&["lifecycle", "preStop", "exec", "command"])
        && let Some(ms) = nodes::command(hook).as_deref().and_then(commands::sleep)
    {
        fact.write(container::pre_stop_sleep, Value::Duration(ms), hook.span);
    }
    let maps = node.get("envFrom").map(Node::items).unwrap_or_default().iter().filter_map(|i| {
        let name = i.at(&["configMapRef", "name"]).or_else(|| i.at(&["secretRef", "name"]))?;
        Some(Said::written(Value::text(nodes::text(name)?), nodes::span(name)))
    });
    fact.set(container::env_from, Said::derived(Value::List(maps.collect()), None));
    let listed = ports(node);
    let names = node.get("ports").map(Node::items).unwrap_or_default().iter();
    let names = names.filter_map(|p| {
        let name = p.get("name")?;
        Some(Said::written(Value::text(nodes::text(name)?), nodes::span(name)))
    });
    fact.set(container::port_names, Said::derived(Value::List(names.collect()), None));
    let known = !listed.is_empty() && listed.iter().all(|p| p.number.is_some());
    fact.derive(container::ports_known, Value::Bool(known));
    for (field, key) in [
        (container::has_readiness_probe, "readinessProbe"),
        (container::has_liveness_probe, "livenessProbe"),
        (container::has_startup_probe, "startupProbe"),
    ] {
        fact.derive(field, Value::Bool(node.get(key).is_some()));
    }
    fact
}

pub(super) fn put_resources(fact: &mut Fact, node: &Node<'_>) {
    let size = |t: &str| quantities::quantity(t).map(Value::Size);
    nodes::put(fact, container::memory_limit, node.at(&["resources", "limits", "memory"]), size);
    nodes::put(fact, container::memory_request, node.at(&["resources", "requests", "memory"]), size);
    let cpu = |t: &str| quantities::milli_quantity(t).map(Value::Int);
    nodes::put(fact, container::cpu_limit, node.at(&["resources", "limits", "cpu"]), cpu);
}

pub(super) fn put_image(fact: &mut Fact, node: &Node<'_>, parsed: Option<&Image>) {
    let (Some(parsed), Some(view)) = (parsed, node.get("image").and_then(nodes::view)) else { return };
    let span = view.full_span();
    fact.write(container::image, Value::text(view.text.trim()), span);
    let at = |part: Option<&str>| part.and_then(|p| part_span(view, p)).unwrap_or(span);
    if let Some(name) = parsed.name() {
        fact.write(container::image_name, Value::text(name), at(Some(name)));
    }
    if let Some(tag) = &parsed.tag {
        fact.write(container::image_tag, Value::text(tag), at(Some(tag)));
    }
    if let Some(version) = parsed.version {
        fact.write(container::image_version, Value::Version(version), at(parsed.tag.as_deref()));
    }
    if let Some(floating) = parsed.floating() {
        fact.set(container::image_floating, Said::derived(Value::Bool(floating), Some(span)));
    }
    if let Some((program, role)) = parsed.program {
        fact.set(container::software, Said::derived(Value::text(program), Some(span)));
        fact.set(container::role, Said::derived(Value::text(role), Some(span)));
    }
}

fn ports(node: &Node<'_>) -> Vec<Port> {
    let items = node.get("ports").map(Node::items).unwrap_or_default();
    items
        .iter()
        .map(|i| {
            let number = i.get("containerPort").and_then(nodes::text);
            Port {
                name: i.get("name").and_then(nodes::text),
                number: number.and_then(|n| n.trim().parse().ok()),
            }
        })
        .collect()
}

fn environment<'n>(node: &'n Node<'_>, id: FactId, out: &mut Reading) {
    let owner = Some((variable::container, id));
    let mut assignments = Vec::new();
    for item in node.get("env").map(Node::items).unwrap_or_default() {
        let Some(name) = item.get("name").and_then(nodes::view) else { continue };
        let value = item.get("value").and_then(nodes::view);
        let whole = |view: &'n View<'_>| view.sub(0..view.text.len());
        assignments.push(Assignment { name: whole(name), value: value.map(whole), expands: false });
        if let Some(source) = item.get("valueFrom") {
            let mut fact = Fact::new(&variable::KIND, name.full_span());
            fact.write(variable::name, Value::text(&name.text), name.full_span());
            fact.derive(variable::container, Value::Record(id));
            fact.derive(variable::sensitive, Value::Bool(crate::secrets::is_secret_name(&name.text)));
            for (key, from) in [
                ("secretKeyRef", "secret"),
                ("configMapKeyRef", "configmap"),
                ("fieldRef", "field"),
                ("resourceFieldRef", "field"),
            ] {
                let Some(reference) = source.get(key) else { continue };
                fact.derive(variable::from, Value::text(from));
                nodes::put_text(&mut fact, variable::from_name, reference.get("name"));
                nodes::put_text(&mut fact, variable::from_key, reference.get("key"));
            }
            out.facts.add(fact);
        } else {
            variables::add(name, value, false, owner, out);
        }
    }
    variables::bind(&assignments, out);
}

fn fill_probe(fact: &mut Fact, check: &Node<'_>, ports: &[Port]) {
    let ways = [("exec", "exec"), ("httpGet", "http"), ("tcpSocket", "tcp"), ("grpc", "grpc")];
    for (key, way) in ways {
        let Some(node) = check.get(key) else { continue };
        fact.write(probe::way, Value::text(way), node.span);
        if let Some(port) = node.get("port") {
            put_port(fact, port, ports);
        }
        nodes::put_text(fact, probe::path, node.get("path"));
        if let Some(list) = node.get("command")
            && let Some(command) = nodes::command(list)
        {
            if let Some(tool) = commands::tool(&command) {
                fact.write(probe::tool, Value::text(tool), list.span);
            }
            if let Some(port) = commands::local_port(&command) {
                fact.write(probe::port, Value::Int(port.into()), list.span);
            }
            fact.write(probe::command, Value::text(command), list.span);
        }
    }
    nodes::put_seconds(fact, probe::timeout, check.get("timeoutSeconds"));
    nodes::put_seconds(fact, probe::period, check.get("periodSeconds"));
    nodes::put_seconds(fact, probe::initial_delay, check.get("initialDelaySeconds"));
    nodes::put_int(fact, probe::failure_threshold, check.get("failureThreshold"));
    nodes::put_int(fact, probe::success_threshold, check.get("successThreshold"));
    let absent = |key: &str| check.get(key).is_none();
    let keys = ["timeoutSeconds", "periodSeconds", "initialDelaySeconds"];
    for ((field, ms), key) in DEFAULTS.into_iter().zip(keys) {
        if absent(key) {
            fact.set(field, Said::default(Value::Duration(ms), "Kubernetes"));
        }
    }
    for ((field, count), key) in DEFAULT_COUNTS.into_iter().zip(["failureThreshold", "successThreshold"]) {
        if absent(key) {
            fact.set(field, Said::default(Value::Int(count), "Kubernetes"));
        }
    }
}

fn put_port(fact: &mut Fact, node: &Node<'_>, ports: &[Port]) {
    let Some(text) = nodes::text(node) else { return };
    let span = nodes::span(node);
    let number = text.trim().parse::<i64>().ok();
    let declared = match number {
        Some(number) => {
            fact.write(probe::port, Value::Int(number), span);
            ports.iter().any(|p| p.number.is_none_or(|n| n == number))
        }
        None => {
            fact.write(probe::port_name, Value::text(&text), span);
            let named = ports.iter().find(|p| p.name.as_deref() == Some(text.as_str()));
            if let Some(number) = named.and_then(|p| p.number) {
                fact.set(probe::port, Said::derived(Value::Int(number), Some(span)));
            }
            // A list that a template makes, or a name that one fills in, may hold it.
            named.is_some() || ports.iter().any(|p| p.name.is_none())
        }
    };
    if !ports.is_empty() || number.is_none() {
        fact.derive(probe::port_declared, Value::Bool(declared));
    }
}
