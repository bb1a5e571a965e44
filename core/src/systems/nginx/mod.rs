//! nginx's configuration.

mod directives;
mod include;
mod paths;
mod scope;
mod server;
mod time;

use std::collections::{BTreeMap, BTreeSet};

use crate::facts::kinds::nginx::{directive, main, time as time_kind};
use crate::facts::{Fact, Said, Value, Version};
use crate::source::{FileId, Source, View};
use crate::syntax::nginx::{self as syntax, Directive, Document};
use crate::systems::{FileKind, Match, Reading};
pub(in crate::systems) use include::of as includes;
use scope::{Context, Scope, Upstreams};

/// `nginx.conf`, the files it includes, and OpenResty's.
pub static NGINX: FileKind =
    FileKind { name: "nginx", doc: "nginx's configuration, whole or a part of it.", recognise, read };

/// The first blocks are near the start of a file.
const SEARCHED: usize = 64 * 1024;

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let ending = name.rsplit_once('.').map_or("", |(_, e)| e);
    #[rustfmt::skip]
    let other = [
        "md", "yml", "yaml", "json", "py", "sh", "service", "go", "java", "xml", "html", "rst", "ts", "js", "toml", "log",
        "rb", "php", "txt", "cfg", "ini", "properties", "sql", "tf", "hcl",
    ];
    if other.contains(&ending) {
        return Match::No;
    }
    let text = source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    let (mut blocks, mut statements) = (0, 0);
    for line in text.lines() {
        let line = line.trim();
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        match first {
            "server" | "http" | "events" | "stream" | "server{" | "http{" | "events{" | "stream{"
                if line.ends_with('{') || words.next() == Some("{") || words.next().is_none() =>
            {
                blocks += 1;
            }
            "location" | "upstream" if line.contains('{') => blocks += 1,
            "proxy_pass" | "server_name" | "listen" | "worker_connections" | "worker_processes"
            | "proxy_set_header" | "ssl_protocols" | "ssl_certificate" | "proxy_read_timeout"
            | "proxy_timeout" | "keepalive_timeout"
                if line.contains(';') =>
            {
                statements += 1;
            }
            _ => {}
        }
    }
    let named = source.name.to_ascii_lowercase().contains("nginx") || source.name.contains("sites-");
    match (name.starts_with("nginx") && name.contains(".conf"), blocks > 0, statements > 0) {
        (true, _, true) => Match::Sure,
        (_, true, true) if named => Match::Sure,
        (_, true, true) => Match::Likely,
        (_, true, false) if named && ending == "conf" => Match::Likely,
        (_, false, true) if named && statements > 1 => Match::Likely,
        _ => Match::No,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (document, notices) = syntax::parse(view);
    out.notices.extend(notices);
    let beside = std::mem::take(&mut out.beside);
    let views: Vec<View<'_>> = beside.named.iter().map(|(id, source)| View::whole(*id, source)).collect();
    // Notices of these are told where they are read by themselves.
    let others: BTreeMap<FileId, Document<'_>> = views.iter().map(|v| (v.file, syntax::parse(v).0)).collect();
    let templates = others
        .iter()
        .filter(|(_, d)| d.template)
        .map(|(id, _)| *id)
        .chain(document.template.then_some(view.file));
    let templates: BTreeSet<FileId> = templates.collect();
    let parts = others.iter().map(|(id, d)| (*id, d.directives.as_slice())).collect();
    let mut assembly = include::Assembly::new(view.file, parts, &beside.references);
    let directives = assembly.expand(&document.directives);
    out.taken.extend(assembly.taken);
    let upstreams = Upstreams::collect(&directives);
    read_main(&directives, &upstreams, out);
    let root = Scope::new(None, &directives, Context::Main);
    let mut reader = Reader { upstreams: &upstreams, templates: &templates, out };
    reader.block(&directives, &root);
    drop(views);
    out.beside = beside;
}

/// Goes through the blocks of a file.
struct Reader<'r, 'd, 'a> {
    upstreams: &'r Upstreams<'d, 'a>,
    /// The files that another program renders first.
    templates: &'r BTreeSet<FileId>,
    out: &'r mut Reading,
}

impl<'d, 'a> Reader<'_, 'd, 'a> {
    fn block(&mut self, directives: &'d [Directive<'a>], scope: &Scope<'_, 'd, 'a>) {
        for item in directives {
            self.directive(item, scope);
            let Some(inner) = &item.block else { continue };
            let context = match (item.name.text(), scope.context) {
                ("http", Context::Main) => Context::Http,
                ("stream", Context::Main) => Context::Stream,
                ("mail", Context::Main) => Context::Mail,
                ("events", Context::Main) => Context::Events,
                // A file for `conf.d` does not say where it is included: only `stream` passes a whole server on.
                ("server", Context::Main) if inner.iter().any(|d| d.name.text() == "proxy_pass") => {
                    Context::LooseStream
                }
                ("server" | "location" | "upstream" | "map", Context::Main) => Context::LooseHttp,
                (_, context) => context,
            };
            let own = Scope::new(Some(scope), inner, context);
            if item.name.text() == "server" && item.args.is_empty() {
                server::read(item, &own, self.out);
            }
            if inner.iter().any(|d| d.name.text() == "proxy_pass") {
                let template = self.templates.contains(&item.span.file);
                paths::read(item, &own, self.upstreams, template, self.out);
            }
            self.block(inner, &own);
        }
    }

    fn directive(&mut self, item: &Directive<'a>, scope: &Scope<'_, 'd, 'a>) {
        let name = item.name.text();
        if directives::TIMED.contains(&name) {
            self.time(item, scope);
        }
        if matches!(name, "ssl_protocols" | "proxy_ssl_protocols" | "grpc_ssl_protocols") {
            server::protocols(item, self.out);
        }
        let mut problem = |problem: &str, since: &str, instead: &str| {
            let mut fact = Fact::new(&directive::KIND, item.span);
            fact.write(directive::name, Value::text(name), item.name.span());
            fact.derive(directive::context, Value::text(scope.context.as_str()));
            fact.derive(directive::problem, Value::text(problem));
            if let Some(version) = Version::parse(since) {
                fact.derive(directive::since, Value::Version(version));
            }
            if !instead.is_empty() {
                fact.derive(directive::instead, Value::text(instead));
            }
            self.out.facts.add(fact);
        };
        if let Some(gone) = directives::REMOVED.iter().find(|r| r.0 == name && scope.context.is_http()) {
            problem("removed", gone.1, gone.2);
        }
        let elsewhere = match scope.context {
            Context::Stream => directives::HTTP_ONLY,
            Context::Http => directives::STREAM_ONLY,
            _ => &[],
        };
        if let Some((_, instead)) = elsewhere.iter().find(|d| d.0 == name) {
            problem("misplaced", "", instead);
        }
        let scheme = item.arg(0).starts_with("http://") || item.arg(0).starts_with("https://");
        if name == "proxy_pass" && scope.context == Context::Stream && scheme {
            problem("scheme", "", "host:port");
        }
    }

    fn time(&mut self, item: &Directive<'a>, scope: &Scope<'_, 'd, 'a>) {
        // The second argument of keepalive_timeout goes into a header only; nothing else takes two.
        let taken = if item.name.text() == "keepalive_timeout" { 1 } else { item.args.len() };
        let words = item.args.get(..taken).unwrap_or_default();
        let (Some(first), Some(last)) = (words.first(), words.last()) else { return };
        if words.iter().any(|w| w.dynamic) {
            return;
        }
        let span = first.span().to(last.span());
        let texts: Vec<&str> = words.iter().map(|w| w.text()).collect();
        let mut fact = Fact::new(&time_kind::KIND, item.span);
        fact.write(time_kind::name, Value::text(item.name.text()), item.name.span());
        fact.derive(time_kind::context, Value::text(scope.context.as_str()));
        fact.write(time_kind::written, Value::text(texts.join(" ")), span);
        let whole = texts.concat();
        let value = time::parse(&whole, true);
        fact.derive(time_kind::invalid, Value::Bool(value.is_none() || words.len() > 1));
        match value {
            Some(ms) if words.len() == 1 => {
                fact.write(time_kind::value, Value::Duration(ms), span);
            }
            Some(_) => {
                fact.derive(time_kind::instead, Value::text(whole));
            }
            None => {
                if let Some(meant) = time::meant(&whole, true) {
                    fact.derive(time_kind::instead, Value::text(meant));
                }
            }
        }
        self.out.facts.add(fact);
    }
}

/// nginx's own defaults of the events and main contexts.
const DEFAULT_CONNECTIONS: i64 = 512;
const DEFAULT_PROCESSES: i64 = 1;

/// Connections of a worker that do not belong to sessions: listeners, the channel to the master, logs.
const OTHER_CONNECTIONS: i64 = 10;

fn read_main(directives: &[Directive<'_>], upstreams: &Upstreams<'_, '_>, out: &mut Reading) {
    let find = |name: &str| directives.iter().rev().find(|d| d.name.text() == name);
    let events = find("events");
    let processes = find("worker_processes");
    // Without them it is a part of a configuration, and says nothing of the whole.
    let Some(first) = events.or(processes) else { return };
    let mut fact = Fact::new(&main::KIND, first.span);
    let number = |d: &Directive<'_>| {
        let word = d.args.first().filter(|w| !w.dynamic)?;
        Some((word.text().parse::<i64>().ok()?, word.span()))
    };
    let auto = processes.is_some_and(|d| d.arg(0) == "auto");
    fact.derive(main::worker_processes_auto, Value::Bool(auto));
    match processes.map(number) {
        Some(Some((n, span))) => drop(fact.write(main::worker_processes, Value::Int(n), span)),
        Some(None) => {}
        None if find("include").is_some() => {}
        None => {
            fact.set(main::worker_processes, Said::default(Value::Int(DEFAULT_PROCESSES), "nginx"));
        }
    }
    let connections =
        events.and_then(|e| e.inner().iter().rev().find(|d| d.name.text() == "worker_connections"));
    // An `include` that is not at hand may set it.
    let elsewhere = match events {
        Some(events) => events.inner().iter().any(|d| d.name.text() == "include"),
        None => find("include").is_some(),
    };
    match connections.map(number) {
        Some(Some((n, span))) => drop(fact.write(main::worker_connections, Value::Int(n), span)),
        Some(None) => {}
        None if elsewhere => {}
        None => {
            fact.set(main::worker_connections, Said::default(Value::Int(DEFAULT_CONNECTIONS), "nginx"));
        }
    }
    if let Some((n, span)) = find("worker_rlimit_nofile").and_then(number) {
        fact.write(main::worker_rlimit_nofile, Value::Int(n), span);
    }
    if let Some(connections) = fact.int(main::worker_connections) {
        let at = fact.get(main::worker_connections).and_then(Said::span);
        let sessions = (connections - OTHER_CONNECTIONS).max(0) / 2;
        fact.set(main::worker_sessions, Said::derived(Value::Int(sessions), at));
        fact.set(main::needed_nofile, Said::derived(Value::Int(connections.saturating_mul(2)), at));
        if let Some(processes) = fact.int(main::worker_processes) {
            let all = sessions.saturating_mul(processes);
            fact.set(main::max_sessions, Said::derived(Value::Int(all), at));
        }
    }
    fact.derive(main::stream, Value::Bool(find("stream").is_some()));
    fact.derive(main::proxies, Value::Bool(upstreams.proxies));
    out.facts.add(fact);
}

#[cfg(test)]
mod tests;
