//! The ports that a Compose service publishes.

use std::ops::Range;

use crate::facts::kinds::compose::port;
use crate::facts::{Fact, FactId, Field, Value};
use crate::source::View;
use crate::syntax::{Data, Node};
use crate::systems::Reading;
use crate::systems::containers::interpolation::fill;
use crate::systems::containers::nodes;

/// The service that publishes ports: its fact, its name, its program and that program's role.
pub(super) struct Of<'o> {
    pub(super) service: FactId,
    pub(super) name: &'o str,
    pub(super) program: Option<(&'static str, &'static str)>,
}

/// Takes down what `ports` publishes.
pub(super) fn read(ports: &Node<'_>, of: &Of<'_>, out: &mut Reading) {
    for item in ports.items() {
        let Some(mut fact) = published(item) else { continue };
        fact.derive(port::service, Value::Record(of.service));
        fact.derive(port::service_name, Value::text(of.name));
        if let Some((program, role)) = of.program {
            fact.derive(port::software, Value::text(program));
            fact.derive(port::role, Value::text(role));
        }
        out.facts.add(fact);
    }
}

/// The port in the container that an entry publishes, the first of a range.
pub(super) fn target(item: &Node<'_>) -> Option<i64> {
    published(item)?.int(port::target)
}

fn published(item: &Node<'_>) -> Option<Fact> {
    match &item.data {
        Data::Map(_) => Some(long(item)),
        _ => nodes::view(item).and_then(short),
    }
}

fn long(item: &Node<'_>) -> Fact {
    let mut fact = Fact::new(&port::KIND, item.span);
    nodes::put_text(&mut fact, port::host_ip, item.get("host_ip"));
    nodes::put_text(&mut fact, port::protocol, item.get("protocol"));
    if let Some(view) = item.get("published").and_then(nodes::view) {
        put_range(&mut fact, port::published, port::published_last, view, 0..view.text.len());
    }
    if let Some(view) = item.get("target").and_then(nodes::view) {
        put_range(&mut fact, port::target, port::target_last, view, 0..view.text.len());
    }
    let ip_known = item.get("host_ip").is_none() || fact.get(port::host_ip).is_some();
    to_world(&mut fact, ip_known);
    fact
}

/// `[ADDRESS:][PUBLISHED:]TARGET[/PROTOCOL]`.
fn short(view: &View<'_>) -> Option<Fact> {
    let text = view.text.as_ref();
    let mut fact = Fact::new(&port::KIND, view.full_span());
    fact.write(port::text, Value::text(text.trim()), view.full_span());
    // A whole mapping in a variable, `${PORTS:-5672:5672}`: its default is read.
    let inner = fill(text).default.and_then(|d| Some(view.sub(text.find(&d)?..text.find(&d)? + d.len())));
    let view = inner.as_ref().unwrap_or(view);
    let text = view.text.as_ref();
    let parts = split(text);
    let (address, published, target) = match parts.as_slice() {
        [target] => (None, None, target.clone()),
        [published, target] => (None, Some(published.clone()), target.clone()),
        [address, published, target] => (Some(address.clone()), Some(published.clone()), target.clone()),
        _ => return None,
    };
    let target_text = text.get(target.clone())?;
    let slash = target_text.rfind('/');
    if let Some(slash) = slash {
        let protocol = target.start + slash + 1..target.end;
        let text = text.get(protocol.clone()).unwrap_or_default();
        fact.write(port::protocol, Value::text(text.trim()), view.span(protocol));
    }
    let target = target.start..slash.map_or(target.end, |s| target.start + s);
    put_range(&mut fact, port::target, port::target_last, view, target);
    let mut ip_known = true;
    if let Some(published) = published.filter(|p| !p.is_empty()) {
        ip_known = put_published(&mut fact, view, published);
    }
    if let Some(address) = address.filter(|a| !a.is_empty()) {
        match text.get(address.clone()).and_then(|a| fill(a).text) {
            Some(ip) => {
                fact.write(port::host_ip, Value::text(ip.trim_matches(['[', ']'])), view.span(address));
            }
            None => ip_known = false,
        }
    }
    to_world(&mut fact, ip_known);
    Some(fact)
}

/// The port on the host, with the address that a variable may bring along: `${HTTP:-127.0.0.1:80}:80`. False if the
/// address is not known.
fn put_published(fact: &mut Fact, view: &View<'_>, range: Range<usize>) -> bool {
    let raw = view.text.get(range.clone()).unwrap_or_default();
    let filled = fill(raw);
    // A variable may bring an address along, whatever it is called.
    let Some(text) = filled.text else { return false };
    match text.rsplit_once(':') {
        Some((address, number)) => {
            let span = view.span(range);
            fact.write(port::host_ip, Value::text(address.trim_matches(['[', ']'])), span);
            if let Ok(number) = number.trim().parse::<u16>() {
                fact.write(port::published, Value::Int(number.into()), span);
                fact.write(port::published_last, Value::Int(number.into()), span);
            }
        }
        None => put_range(fact, port::published, port::published_last, view, range),
    }
    true
}

fn put_range(fact: &mut Fact, first: Field, last: Field, view: &View<'_>, range: Range<usize>) {
    let Some(text) = view.text.get(range.clone()).and_then(|t| fill(t).text) else { return };
    let (from, to) = text.split_once('-').unwrap_or((&text, &text));
    if let (Ok(from), Ok(to)) = (from.trim().parse::<u16>(), to.trim().parse::<u16>()) {
        let span = view.span(range);
        fact.write(first, Value::Int(from.into()), span);
        fact.write(last, Value::Int(to.into()), span);
    }
}

fn to_world(fact: &mut Fact, ip_known: bool) {
    if fact.get(port::protocol).is_none() {
        fact.derive(port::protocol, Value::text("tcp"));
    }
    if ip_known {
        let world = fact.text(port::host_ip).is_none_or(|ip| matches!(ip, "0.0.0.0" | "::" | "*" | ""));
        fact.derive(port::to_world, Value::Bool(world));
    }
}

/// Splits at colons outside of variables and brackets.
pub(super) fn split(text: &str) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut depth = 0i32;
    let mut start = 0;
    for (i, c) in text.char_indices() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => depth -= 1,
            ':' if depth <= 0 => {
                parts.push(start..i);
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(start..text.len());
    parts
}
