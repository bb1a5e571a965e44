//! HAProxy's configuration file.

mod keywords;
mod lines;
mod paths;
mod proxies;
mod servers;
mod time;

pub use keywords::TIMEOUTS;

use crate::facts::kinds::haproxy::{file, global, section};
use crate::facts::{Fact, Said, Value};
use crate::source::{FileId, Source, Sources, View};
use crate::syntax::haproxy::{self as syntax, Document, Section};
use crate::systems::{FileKind, Match, Reading};
use proxies::{Overview, Proxy};

/// `haproxy.cfg` and its parts.
pub static HAPROXY: FileKind =
    FileKind { name: "haproxy", doc: "HAProxy's configuration, whole or a part of it.", recognise, read };

/// Sections are near the start of a file; the header of comments of packaged files stays well below this.
const SEARCHED: usize = 64 * 1024;

/// First words of lines that tell whose file it is.
const SAID: [&str; 15] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "bind",
    "mode",
    "default_backend",
    "balance",
    "use_backend",
    "timeout",
    "server",
    "option",
    "stats",
    "maxconn",
];

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let dot = name.rsplit_once('.').map_or("", |(_, e)| e);
    if matches!(
        dot,
        "md" | "yml" | "yaml" | "json" | "py" | "sh" | "service" | "go" | "java" | "xml" | "html"
    ) {
        return Match::No;
    }
    let text = source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default();
    let mut sections = 0;
    let mut statements = 0;
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let first = words.next().filter(|word| SAID.contains(word));
        if first.is_none() {
            continue;
        }
        match (first, words.next(), words.next()) {
            (Some("global" | "defaults"), None, _) => sections += 1,
            (Some("frontend" | "backend" | "listen" | "defaults"), Some(name), _)
                if !name.ends_with(['{', ';']) =>
            {
                sections += 1;
            }
            (Some("bind" | "mode" | "default_backend" | "balance" | "use_backend"), Some(_), _)
            | (Some("timeout" | "server" | "option" | "stats"), Some(_), Some(_))
            | (Some("maxconn"), Some(_), None)
                if !line.trim_end().ends_with(';') =>
            {
                statements += 1;
            }
            _ => {}
        }
    }
    match (name.contains("haproxy"), sections > 0, statements > 0) {
        (true, true, _) => Match::Sure,
        (false, true, true) if statements > 1 || dot == "cfg" => Match::Likely,
        _ => Match::No,
    }
}

/// Files that one directory gives to a configuration; real ones hold a dozen.
const MAX_PARTS: usize = 200;

/// The files that HAProxy reads after this one: those of `conf.d` beside `haproxy.cfg` (`-f haproxy.cfg -f conf.d`, as
/// packages start it), or of a directory that holds it all. `defaults` of a file hold for those after it.
pub(in crate::systems) fn parts(file: FileId, sources: &Sources) -> Vec<FileId> {
    let source = sources.get(file);
    let directory = source.directory();
    let (above, last) = directory.rsplit_once('/').unwrap_or(("", directory));
    let is_main = |s: &Source| s.name.rsplit('/').next() == Some(MAIN);
    let held: Vec<(FileId, &Source)> = if last.ends_with(".d") {
        let all = configurations(directory, sources);
        let first = all.first().is_some_and(|(id, _)| *id == file);
        let part = sources.within(above).any(|(_, s)| is_main(s));
        if part || !first { Vec::new() } else { all.into_iter().skip(1).collect() }
    } else if is_main(source) {
        let start = if directory.is_empty() { String::new() } else { format!("{directory}/") };
        let inside = sources.directories(&start).filter(|d| {
            d.strip_prefix(start.as_str()).is_some_and(|name| name.ends_with(".d") && !name.contains('/'))
        });
        inside.take(MAX_PARTS).flat_map(|d| configurations(d, sources)).collect()
    } else {
        Vec::new()
    };
    held.into_iter().filter(|(_, s)| recognise(s) != Match::No).map(|(id, _)| id).collect()
}

/// The main file, where a directory adds to it.
const MAIN: &str = "haproxy.cfg";

/// The files of a directory that HAProxy loads, in its order (management.txt, `-f`).
fn configurations<'s>(directory: &str, sources: &'s Sources) -> Vec<(FileId, &'s Source)> {
    let base = |s: &'s Source| s.name.rsplit('/').next().unwrap_or_default();
    let named =
        sources.within(directory).filter(|(_, s)| base(s).ends_with(".cfg") && !base(s).starts_with('.'));
    let mut all: Vec<(FileId, &Source)> = named.take(MAX_PARTS).collect();
    all.sort_by_key(|(_, s)| s.name.as_str());
    all
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (mut document, notices) = syntax::parse(view);
    out.notices.extend(notices);
    let beside = std::mem::take(&mut out.beside);
    let views: Vec<View<'_>> = beside.files.iter().map(|(id, source)| View::whole(*id, source)).collect();
    // Notices of these are told where they are read by themselves.
    let mut parts: Vec<Document<'_>> = views.iter().map(|v| syntax::parse(v).0).collect();
    let has_global = |d: &Document<'_>| d.sections.iter().any(|s| s.kind() == "global");
    let whole = has_global(&document) || parts.iter().any(has_global);
    read_file(view, &document, whole, out);
    for (view, part) in views.iter().zip(&mut parts) {
        read_file(view, part, whole, out);
        document.template |= part.template;
        document.sections.append(&mut part.sections);
    }
    out.taken.extend(views.iter().map(|v| v.file));
    let all = proxies::proxies(&document);
    let globals = document.sections.iter().filter(|s| s.kind() == "global");
    let mut global_maxconn = None;
    for section in globals {
        global_maxconn = read_global(section, &document, out).or(global_maxconn);
    }
    for section in document.sections.iter().filter(|s| s.kind() == "global") {
        lines::keywords(section, None, &document, out);
    }
    let overview = proxies::overview(&all, &document);
    for proxy in &all {
        lines::keywords(proxy.section, Some(proxy), &document, out);
        read_section(proxy, &overview, &document, global_maxconn.clone(), out);
        lines::timeouts(proxy, out);
        lines::binds(proxy, &document, out);
        servers::read(proxy, &document, out);
    }
    paths::read(&all, &overview, &document, out);
}

/// What is true of each file; `has_global` is of all that are read together.
fn read_file(view: &View<'_>, document: &Document<'_>, has_global: bool, out: &mut Reading) {
    let Some(first) = document.sections.first() else { return };
    let mut fact = Fact::new(&file::KIND, first.head.span);
    fact.derive(file::template, Value::Bool(document.template));
    fact.derive(file::has_global, Value::Bool(has_global));
    let end = view.text.len();
    let start = view.text.rfind('\n').map_or(0, |n| n + 1);
    let last = view.span(view.trim_range(start..end));
    if !document.template {
        fact.write(file::final_newline, Value::Bool(document.final_newline), last);
        fact.write(
            file::last_line,
            Value::text(view.text.get(view.trim_range(start..end)).unwrap_or("")),
            last,
        );
    }
    out.facts.add(fact);
}

/// Descriptors beside those of connections: listeners, checks, logs, the poller (measured with HAProxy 2.6: a maxconn
/// of 50000 asks for 100017).
const OTHER_DESCRIPTORS: i64 = 17;

fn read_global(section: &Section<'_>, document: &Document<'_>, out: &mut Reading) -> Option<Said> {
    let mut fact = Fact::new(&global::KIND, section.head.span);
    fact.derive(global::template, Value::Bool(document.template));
    let mut chroot = false;
    let mut log = false;
    for line in &section.lines {
        let Some(word) = line.words.get(1).filter(|w| !w.dynamic && !line.conditional) else { continue };
        let int = |value: i64| Said::written(Value::Int(value), word.span());
        let number = word.text().parse::<i64>().ok();
        match (line.word(0), number) {
            ("maxconn", Some(n)) => {
                fact.set(global::maxconn, int(n));
                let needed = n.saturating_mul(2).saturating_add(OTHER_DESCRIPTORS);
                fact.set(global::needed_nofile, Said::derived(Value::Int(needed), Some(word.span())));
            }
            ("ulimit-n", Some(n)) => drop(fact.set(global::ulimit_n, int(n))),
            ("nbproc", Some(n)) => drop(fact.set(global::nbproc, int(n))),
            ("nbthread", Some(n)) => drop(fact.set(global::nbthread, int(n))),
            ("ssl-server-verify", _) => {
                fact.write(global::ssl_server_verify, Value::text(word.text()), word.span());
            }
            ("user", _) => drop(fact.write(global::user, Value::text(word.text()), word.span())),
            ("ssl-default-bind-options" | "ssl-default-server-options", _) => {
                let side = if line.word(0).contains("bind") { "listen" } else { "upstream" };
                lines::tls(line, 1, side, out);
            }
            (
                "ssl-default-bind-ciphers"
                | "ssl-default-bind-ciphersuites"
                | "ssl-default-server-ciphers"
                | "ssl-default-server-ciphersuites",
                _,
            ) => lines::default_suites(line, out),
            ("chroot", _) => chroot = true,
            ("log", _) => log = true,
            _ => {}
        }
    }
    fact.derive(global::chroot, Value::Bool(chroot));
    fact.derive(global::log, Value::Bool(log));
    let maxconn = fact.get(global::maxconn).cloned();
    out.facts.add(fact);
    maxconn
}

/// Passwords of statistics pages that are tried first; the rest are the user's own name.
const WEAK: &[&str] =
    &["admin", "password", "stats", "haproxy", "123456", "secret", "changeme", "test", "pass"];

fn read_section(
    proxy: &Proxy<'_, '_>,
    overview: &Overview<'_>,
    document: &Document<'_>,
    global_maxconn: Option<Said>,
    out: &mut Reading,
) {
    let settings = &proxy.settings;
    let mut fact = Fact::new(&section::KIND, proxy.section.head.span);
    fact.derive(section::section, Value::text(proxy.section.kind()));
    if let Some(name) = proxy.section.head.words.get(1) {
        fact.write(section::name, Value::text(name.text()), name.span());
    }
    fact.set(section::mode, settings.said_mode());
    fact.derive(section::template, Value::Bool(document.template));
    for (field, name) in [
        (section::client, "client"),
        (section::server, "server"),
        (section::connect, "connect"),
        (section::tunnel, "tunnel"),
        (section::client_fin, "client-fin"),
        (section::check, "check"),
        (section::queue, "queue"),
        (section::http_request, "http-request"),
    ] {
        if let Some(set) = settings.timeout(name) {
            fact.set(field, set.duration());
        }
    }
    for (field, name) in [
        (section::httplog, "httplog"),
        (section::forwardfor, "forwardfor"),
        (section::httpchk, "httpchk"),
        (section::clitcpka, "clitcpka"),
        (section::srvtcpka, "srvtcpka"),
        (section::independent_streams, "independent-streams"),
        (section::redispatch, "redispatch"),
    ] {
        match settings.option(name) {
            Some(span) => fact.write(field, Value::Bool(true), span),
            None => fact.derive(field, Value::Bool(false)),
        };
    }
    if let Some(retries) = settings.retries {
        fact.set(section::retries, retries.int());
    } else {
        fact.set(section::retries, Said::default(Value::Int(3), "HAProxy"));
    }
    if let Some(maxconn) = settings.maxconn {
        fact.set(section::maxconn, maxconn.int());
    }
    if let Some(global) = global_maxconn {
        fact.set(section::global_maxconn, global);
    }
    if let Some((balance, span)) = &settings.balance {
        fact.write(section::balance, Value::text(balance), *span);
    }
    if proxy.section.kind() != "defaults" {
        // What a template leaves out or another file adds is not known.
        if !proxy.fragment && !document.template {
            let missing = proxy.missing().into_iter().map(|n| Said::derived(Value::text(n), None)).collect();
            fact.derive(section::missing_timeouts, Value::List(missing));
        }
        fact.derive(section::binds, Value::Int(proxy.lines("bind").count() as i64));
        servers::count(proxy, &mut fact);
        used(proxy, overview, document, &mut fact);
        statistics(proxy, &mut fact, out);
    }
    out.facts.add(fact);
}

/// Who passes connections to a backend, and which backends do not exist.
fn used(proxy: &Proxy<'_, '_>, overview: &Overview<'_>, document: &Document<'_>, fact: &mut Fact) {
    if document.template || proxy.fragment {
        return;
    }
    if proxy.section.kind() == "backend" && !overview.open {
        // A backend that only holds a table is used by rules elsewhere.
        let holds_table = proxy.lines("stick-table").next().is_some();
        let used = holds_table || overview.used.contains(proxy.section.name());
        fact.derive(section::used, Value::Bool(used));
    }
    // A file without any backend leaves them to others.
    if proxy.is_frontend() && !overview.backends.is_empty() {
        let unknown: Vec<Said> = proxies::backends(proxy)
            .iter()
            .filter(|w| !w.dynamic && !w.text().contains('%') && !overview.backends.contains_key(w.text()))
            .map(|w| Said::written(Value::text(w.text()), w.span()))
            .collect();
        if !unknown.is_empty() {
            fact.derive(section::unknown_backends, Value::List(unknown));
        }
    }
}

fn statistics(proxy: &Proxy<'_, '_>, fact: &mut Fact, out: &mut Reading) {
    for line in proxy.lines("stats").filter(|l| l.word(1) == "auth") {
        let Some(word) = line.words.get(2) else { continue };
        let Some((user, password)) = word.text().split_once(':') else { continue };
        let span = word.span();
        let secret = crate::source::Span { start: span.start + user.len() as u32 + 1, ..span };
        if secret.start < secret.end && !word.dynamic {
            out.secrets.push(secret);
        }
        fact.write(section::stats_auth, Value::text(user), line.span);
        let weak = !word.dynamic && (password == user || WEAK.contains(&password));
        fact.write(section::stats_password_weak, Value::Bool(weak), line.span);
    }
}

/// A list of texts.
fn texts(items: impl IntoIterator<Item = Said>) -> Value {
    Value::List(items.into_iter().collect())
}

#[cfg(test)]
mod tests;
