//! What a section says once `defaults` are taken into account.

use std::collections::{BTreeMap, BTreeSet};

use super::time;
use crate::facts::{Said, Value};
use crate::source::Span;
use crate::syntax::haproxy::{Document, Line, Section, Word};

/// A value that was set, and where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Set<T> {
    pub(super) value: T,
    pub(super) span: Span,
}

impl Set<i64> {
    /// As a duration.
    pub(super) fn duration(self) -> Said {
        Said::written(Value::Duration(self.value), self.span)
    }

    /// As a number.
    pub(super) fn int(self) -> Said {
        Said::written(Value::Int(self.value), self.span)
    }
}

/// What one section says, or what it inherits.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings<'a> {
    pub(super) mode: Option<Set<bool>>,
    /// Timeouts by name; `None` for one whose value is not known.
    pub(super) timeouts: BTreeMap<String, Option<Set<i64>>>,
    /// Options by name, with the line and whether they stand in the section itself.
    pub(super) options: BTreeMap<String, Set<bool>>,
    pub(super) maxconn: Option<Set<i64>>,
    pub(super) retries: Option<Set<i64>>,
    pub(super) balance: Option<(String, Span)>,
    pub(super) default_server: Vec<Line<'a>>,
    pub(super) default_backend: Option<Word<'a>>,
}

impl<'a> Settings<'a> {
    /// True in HTTP mode; HAProxy's own default is TCP.
    pub(super) fn http(&self) -> bool {
        self.mode.is_some_and(|m| m.value)
    }

    /// `tcp` or `http`, and where that is written.
    pub(super) fn said_mode(&self) -> Said {
        let word = Value::text(if self.http() { "http" } else { "tcp" });
        match self.mode {
            Some(mode) => Said::written(word, mode.span),
            None => Said::default(word, "HAProxy"),
        }
    }

    /// A timeout; `None` if it is not set or not known.
    pub(super) fn timeout(&self, name: &str) -> Option<Set<i64>> {
        self.timeouts.get(name).copied().flatten()
    }

    /// True if a timeout is set to something that is not known.
    pub(super) fn unclear(&self, name: &str) -> bool {
        self.timeouts.get(name).is_some_and(Option::is_none)
    }

    /// An option that is on, and where it was switched on.
    pub(super) fn option(&self, name: &str) -> Option<Span> {
        self.options.get(name).filter(|o| o.value).map(|o| o.span)
    }

    fn apply(&mut self, line: &Line<'a>) {
        let argument = line.words.get(1);
        let number = || {
            let word = argument.filter(|w| !w.dynamic)?;
            Some(Set { value: word.text().parse().ok()?, span: word.span() })
        };
        match line.word(0) {
            "mode" => {
                self.mode = argument.map(|w| Set { value: w.text() == "http", span: w.span() });
            }
            "timeout" => {
                let value = line.words.get(2).and_then(|w| {
                    let ms = time::parse(w.text(), 1).filter(|_| !w.dynamic && !line.conditional)?.ms?;
                    Some(Set { value: ms, span: w.span() })
                });
                self.timeouts.insert(line.word(1).to_owned(), value);
            }
            // HAProxy 2.1 dropped these; older ones take them.
            name @ ("clitimeout" | "srvtimeout" | "contimeout") => {
                let name = match name {
                    "clitimeout" => "client",
                    "srvtimeout" => "server",
                    _ => "connect",
                };
                self.timeouts.insert(name.to_owned(), number());
            }
            "option" => self.set_option(line.word(1), true, line.span),
            "no" if line.word(1) == "option" => self.set_option(line.word(2), false, line.span),
            "maxconn" => self.maxconn = number(),
            "retries" => self.retries = number(),
            "balance" => self.balance = argument.map(|w| (w.text().to_owned(), w.span())),
            "default-server" => self.default_server.push(line.clone()),
            "default_backend" => self.default_backend = argument.cloned(),
            _ => {}
        }
    }

    fn set_option(&mut self, name: &str, value: bool, span: Span) {
        let names: &[&str] = if name == "tcpka" { &["clitcpka", "srvtcpka"] } else { &[] };
        for name in names.iter().copied().chain([name]) {
            self.options.insert(name.to_owned(), Set { value, span });
        }
        // The way a server is checked is one choice: the last line makes it.
        if value && name.ends_with("-check") || name == "httpchk" || name == "smtpchk" {
            let others: Vec<String> =
                self.options.keys().filter(|o| *o != name && is_check(o)).cloned().collect();
            for other in others {
                self.options.remove(&other);
            }
        }
    }

    /// How servers are checked, and where that is said.
    pub(super) fn check_kind(&self) -> Option<(&'static str, Span)> {
        const KINDS: [(&str, &str); 11] = [
            ("httpchk", "http"),
            ("tcp-check", "tcp"),
            ("mysql-check", "mysql"),
            ("pgsql-check", "postgresql"),
            ("redis-check", "redis"),
            ("smtpchk", "smtp"),
            ("ldap-check", "ldap"),
            ("ssl-hello-chk", "ssl"),
            ("spop-check", "spop"),
            ("external-check", "external"),
            ("agent-check", "agent"),
        ];
        KINDS.iter().find_map(|(option, kind)| Some((*kind, self.option(option)?)))
    }
}

fn is_check(option: &str) -> bool {
    option.ends_with("-check") || option.ends_with("chk")
}

/// A section with all that counts there.
pub(super) struct Proxy<'d, 'a> {
    pub(super) section: &'d Section<'a>,
    pub(super) settings: Settings<'a>,
    /// For `defaults`: true if a proxy in TCP mode inherits from it.
    pub(super) tcp_heirs: bool,
    /// True if this file has no `global` and `defaults`, so that the rest probably stands in other files.
    pub(super) fragment: bool,
}

impl Proxy<'_, '_> {
    /// True if clients connect to it.
    pub(super) fn is_frontend(&self) -> bool {
        matches!(self.section.kind(), "frontend" | "listen")
    }

    /// True if it holds servers.
    pub(super) fn is_backend(&self) -> bool {
        matches!(self.section.kind(), "backend" | "listen")
    }

    /// The lines that start with a word.
    pub(super) fn lines<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Line<'s>> {
        self.section.lines.iter().filter(move |l| l.word(0) == name)
    }

    /// The timeouts that HAProxy warns about, after its `check_config_validity`.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let lacks = |name: &str| {
            !self.settings.unclear(name) && self.settings.timeout(name).is_none_or(|t| t.value == 0)
        };
        let mut missing = Vec::new();
        if self.is_frontend() && lacks("client") {
            missing.push("client");
        }
        if self.is_backend() && self.lines("server").chain(self.lines("server-template")).next().is_some() {
            if lacks("connect") {
                missing.push("connect");
            }
            if lacks("server") && (self.settings.http() || lacks("tunnel")) {
                missing.push("server");
            }
        }
        missing
    }
}

/// The proxies of a file, each with what it inherits.
pub(super) fn proxies<'d, 'a>(document: &'d Document<'a>) -> Vec<Proxy<'d, 'a>> {
    let mut defaults: BTreeMap<usize, Settings<'a>> = BTreeMap::new();
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut last = None;
    let mut found: Vec<Proxy<'d, 'a>> = Vec::new();
    let mut places: BTreeMap<usize, usize> = BTreeMap::new();
    let own_clients = |s: &&Section<'_>| {
        matches!(s.kind(), "frontend" | "listen")
            && s.lines.iter().any(|l| l.word(0) == "timeout" && l.word(1) == "client")
    };
    // Several sections that set their own timeouts show that this file leaves nothing to others.
    let fragment = !document.sections.iter().any(|s| matches!(s.kind(), "global" | "defaults"))
        && document.sections.iter().filter(own_clients).count() < 2;
    for (index, section) in document.sections.iter().enumerate() {
        if !matches!(section.kind(), "defaults" | "frontend" | "backend" | "listen") {
            continue;
        }
        let from = section.head.after("from", 1).and_then(|w| names.get(w.text()).copied());
        let from = if section.kind() == "defaults" { from } else { from.or(last) };
        let mut settings = from.and_then(|i| defaults.get(&i)).cloned().unwrap_or_default();
        for line in &section.lines {
            settings.apply(line);
        }
        if section.kind() == "defaults" {
            names.insert(section.name().to_owned(), index);
            last = Some(index);
            defaults.insert(index, settings.clone());
            places.insert(index, found.len());
        } else if !settings.http()
            && let Some(heir) = from.and_then(|i| places.get(&i)).and_then(|i| found.get_mut(*i))
        {
            heir.tcp_heirs = true;
        }
        found.push(Proxy { section, settings, tcp_heirs: false, fragment });
    }
    found
}

/// Who is there and who passes connections to whom.
pub(super) struct Overview<'p> {
    /// Backends by name.
    pub(super) backends: BTreeMap<&'p str, usize>,
    /// Names that frontends use.
    pub(super) used: BTreeSet<&'p str>,
    /// True if a name is worked out while HAProxy runs, or frontends stand in another file.
    pub(super) open: bool,
}

/// Looks over all proxies of a file.
pub(super) fn overview<'p>(all: &'p [Proxy<'_, '_>], document: &Document<'_>) -> Overview<'p> {
    let mut overview = Overview { backends: BTreeMap::new(), used: BTreeSet::new(), open: false };
    for (i, proxy) in all.iter().enumerate() {
        if proxy.is_backend() {
            overview.backends.entry(proxy.section.name()).or_insert(i);
        }
        for word in backends(proxy) {
            overview.open |= word.dynamic || word.text().contains('%');
            overview.used.insert(word.text());
        }
    }
    let alone =
        !all.iter().any(Proxy::is_frontend) && !document.sections.iter().any(|s| s.kind() == "global");
    overview.open |= alone || document.template;
    overview
}

/// The backends that a section names.
pub(super) fn backends<'p, 'a>(proxy: &'p Proxy<'_, 'a>) -> Vec<&'p Word<'a>> {
    let mut found: Vec<&Word<'a>> = Vec::new();
    if proxy.is_frontend() {
        let chosen = proxy.section.lines.iter().filter(|l| l.word(0) == "use_backend");
        found.extend(chosen.filter_map(|l| l.words.get(1)));
        found.extend(&proxy.settings.default_backend);
    }
    found
}
