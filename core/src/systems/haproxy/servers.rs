//! `server` lines.

use super::proxies::Proxy;
use super::time;
use crate::facts::kinds::haproxy::{section, server};
use crate::facts::{Fact, Said, Value};
use crate::syntax::haproxy::{Document, Line, Word};
use crate::systems::{Reading, services};

/// A server with what `default-server` gives it.
pub(super) struct Server<'l, 'a> {
    pub(super) line: &'l Line<'a>,
    pub(super) defaults: &'l [Line<'a>],
}

/// Words of a server that take an argument that could look like another word.
const WITH_ARGUMENT: &[&str] =
    &["cookie", "check-sni", "sni", "proto", "name", "namespace", "source", "alpn"];

impl<'l, 'a> Server<'l, 'a> {
    /// The address.
    pub(super) fn address(&self) -> Option<&'l Word<'a>> {
        self.line.words.get(2)
    }

    /// The value of a word: the server's own, else the last default.
    pub(super) fn value(&self, name: &str) -> Option<&'l Word<'a>> {
        self.line.after(name, 3).or_else(|| self.defaults.iter().rev().find_map(|d| d.after(name, 1)))
    }

    /// Where a word stands that needs no value, unless its opposite was said later.
    pub(super) fn flag(&self, name: &str) -> Option<&'l Word<'a>> {
        let opposite = format!("no-{name}");
        let lines = self.defaults.iter().map(|d| (d, 1)).chain([(self.line, 3)]);
        let mut found = None;
        for (line, from) in lines {
            for (i, word) in line.words.iter().enumerate().skip(from) {
                let argument = line.words.get(i - 1).is_some_and(|w| WITH_ARGUMENT.contains(&w.text()));
                if word.text() == name && !argument {
                    found = Some(word);
                } else if word.text() == opposite {
                    found = None;
                }
            }
        }
        found
    }

    /// True if it sends the PROXY protocol's header.
    pub(super) fn send_proxy(&self) -> Option<&'l Word<'a>> {
        ["send-proxy", "send-proxy-v2", "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn"]
            .iter()
            .find_map(|n| self.flag(n))
    }
}

/// The servers of a section.
pub(super) fn servers<'p, 'a>(proxy: &'p Proxy<'_, 'a>) -> Vec<Server<'p, 'a>> {
    let lines = proxy.section.lines.iter().filter(|l| l.word(0) == "server" && l.words.len() > 2);
    lines.map(|line| Server { line, defaults: &proxy.settings.default_server }).collect()
}

/// Counts the servers of a section.
pub(super) fn count(proxy: &Proxy<'_, '_>, fact: &mut Fact) {
    let all = servers(proxy);
    let active: Vec<_> =
        all.iter().filter(|s| s.flag("backup").is_none() && s.flag("disabled").is_none()).collect();
    let unchecked = active.iter().filter(|s| s.flag("check").is_none() && s.value("track").is_none()).count();
    fact.derive(section::servers, Value::Int(active.len() as i64));
    fact.derive(section::unchecked_servers, Value::Int(unchecked as i64));
    let ports: Vec<i64> = all.iter().filter_map(|s| services::host_port(s.address()?.text()).1).collect();
    if let Some(service) = services::common(&ports) {
        fact.derive(section::service, Value::text(service));
    }
}

/// Whether the global section switches the check of servers' certificates off.
fn global_verify_none(document: &Document<'_>) -> bool {
    document
        .sections
        .iter()
        .filter(|s| s.kind() == "global")
        .flat_map(|s| &s.lines)
        .any(|l| l.word(0) == "ssl-server-verify" && l.word(1) == "none")
}

/// One fact a server.
pub(super) fn read(proxy: &Proxy<'_, '_>, document: &Document<'_>, out: &mut Reading) {
    let global_verify_none = global_verify_none(document);
    let checks_name_ports =
        proxy.lines("http-check").chain(proxy.lines("tcp-check")).any(|l| l.find("port", 1).is_some());
    for item in servers(proxy) {
        let Some(address) = item.address() else { continue };
        let mut fact = Fact::new(&server::KIND, item.line.span);
        fact.derive(server::section, Value::text(proxy.section.name()));
        fact.set(server::mode, proxy.settings.said_mode());
        if let Some(name) = item.line.words.get(1) {
            fact.write(server::name, Value::text(name.text()), name.span());
        }
        let (host, port) = services::host_port(address.text());
        if let Some(host) = host.filter(|_| !address.dynamic && !address.text().starts_with(['/', '@'])) {
            fact.write(server::host, Value::text(host), address.span());
        }
        if let Some(port) = port {
            fact.write(server::port, Value::Int(port), address.span());
        }
        check(proxy, &item, port, checks_name_ports, &mut fact);
        if let Some(word) = item.value("inter").filter(|w| !w.dynamic) {
            if let Some(ms) = time::parse(word.text(), 1).and_then(|t| t.ms) {
                fact.write(server::inter, Value::Duration(ms), word.span());
            }
        } else {
            fact.set(server::inter, Said::default(Value::Duration(2_000), "HAProxy"));
        }
        let tls = item.flag("ssl");
        match tls {
            Some(word) => fact.write(server::tls, Value::Bool(true), word.span()),
            None => fact.derive(server::tls, Value::Bool(false)),
        };
        if tls.is_some() {
            match item.value("verify") {
                Some(word) => fact.write(server::verify, Value::Bool(word.text() != "none"), word.span()),
                None if global_verify_none => fact.derive(server::verify, Value::Bool(false)),
                None => fact.set(server::verify, Said::default(Value::Bool(true), "HAProxy")),
            };
            fact.derive(server::ca, Value::Bool(item.value("ca-file").is_some()));
            super::lines::tls(item.line, 3, "upstream", out);
            let host = fact.text(server::host);
            out.facts.add(super::lines::dialling(&item, host, fact.get(server::verify), document));
        }
        match item.send_proxy() {
            Some(word) => fact.write(server::send_proxy, Value::Bool(true), word.span()),
            None => fact.derive(server::send_proxy, Value::Bool(false)),
        };
        if let Some(word) = item.value("maxconn")
            && let Ok(n) = word.text().parse()
        {
            fact.write(server::maxconn, Value::Int(n), word.span());
        }
        fact.derive(server::backup, Value::Bool(item.flag("backup").is_some()));
        fact.derive(server::resolvers, Value::Bool(item.value("resolvers").is_some()));
        out.facts.add(fact);
    }
}

fn check(
    proxy: &Proxy<'_, '_>,
    item: &Server<'_, '_>,
    port: Option<i64>,
    checks_name_ports: bool,
    fact: &mut Fact,
) {
    let Some(checked) = item.flag("check") else {
        fact.derive(server::check, Value::Bool(false));
        fact.derive(server::check_kind, Value::text("none"));
        return;
    };
    fact.write(server::check, Value::Bool(true), checked.span());
    match proxy.settings.check_kind() {
        Some((kind, span)) => fact.write(server::check_kind, Value::text(kind), span),
        None => fact.derive(server::check_kind, Value::text("tcp")),
    };
    // An `http-check connect port` or another address makes the server's own port meaningless.
    let elsewhere = checks_name_ports || item.value("addr").is_some();
    let at = match item.value("port") {
        Some(word) => word.text().parse().ok().map(|p: i64| (p, word.span())),
        None => item.address().filter(|_| !elsewhere).and_then(|a| Some((port?, a.span()))),
    };
    if let Some((port, span)) = at {
        fact.write(server::check_port, Value::Int(port), span);
        if let Some(service) = services::service(port) {
            fact.derive(server::check_service, Value::text(service));
        }
    }
}
