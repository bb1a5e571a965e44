//! pg_hba.conf: who may log in from where, and how. The first record that fits decides.

use crate::facts::kinds::postgres::hba_rule;
use crate::facts::{Fact, FactId, Said, Value};
use crate::hosts;
use crate::nearest::nearest;
use crate::source::{Source, View};
use crate::syntax::template;
use crate::systems::keyed::forms::is_open;
use crate::systems::keyed::share_of_known;
use crate::systems::rabbitmq::conf::plain_name;
use crate::systems::{FileKind, Match, Reading};

/// `pg_hba.conf`.
pub static HBA: FileKind = FileKind {
    name: "pg_hba.conf",
    doc: "PostgreSQL's client authentication: one record a line, the first that fits decides.",
    recognise,
    read,
};

/// The first words of records.
const CONNECTIONS: &[&str] = &["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"];

/// The methods of PostgreSQL up to 18; `password` sends it as it is.
const METHODS: &[&str] = &[
    "trust",
    "reject",
    "md5",
    "password",
    "scram-sha-256",
    "gss",
    "sspi",
    "krb5",
    "ident",
    "peer",
    "pam",
    "bsd",
    "ldap",
    "radius",
    "cert",
    "oauth",
    "crypt",
];

fn recognise(source: &Source) -> Match {
    let name = plain_name(source);
    let sample = name.strip_suffix(".sample").unwrap_or(name);
    if sample.ends_with(".md") || sample.ends_with(".sh") || sample.ends_with(".sql") {
        return Match::No;
    }
    if sample == "pg_hba.conf" {
        return Match::Sure;
    }
    // Without a single record there is no share.
    if !source.text.contains("local") && !source.text.contains("host") {
        return Match::No;
    }
    let share = share_of_known(&source.text, "#", |line| {
        if !line.starts_with("local") && !line.starts_with("host") {
            return false;
        }
        let mut words = line.split_whitespace();
        words.next().is_some_and(|w| CONNECTIONS.contains(&w)) && words.count() >= 3
    });
    match share {
        Some(share) if share > 0.6 && sample.contains("hba") => Match::Sure,
        Some(share) if share > 0.9 => Match::Likely,
        _ => Match::No,
    }
}

/// A field of a record: its text without quotes, and where it stands.
struct Field<'v> {
    text: String,
    view: View<'v>,
    quoted: bool,
}

/// Splits a line at blanks; quotes keep them, a `#` outside quotes ends it.
fn fields<'v>(view: &'v View<'_>, start: usize, line: &str) -> Vec<Field<'v>> {
    let mut out: Vec<Field<'v>> = Vec::new();
    let (mut from, mut quote, mut text, mut quoted) = (None, false, String::new(), false);
    for (at, c) in line.char_indices().chain(std::iter::once((line.len(), '\n'))) {
        let end = c == '\n' || !quote && (c.is_whitespace() || c == '#');
        if end {
            if let Some(begin) = from.take() {
                let view = view.sub(start + begin..start + at);
                out.push(Field { text: std::mem::take(&mut text), view, quoted });
                quoted = false;
            }
            if c == '#' {
                break;
            }
            continue;
        }
        from.get_or_insert(at);
        if c == '"' {
            quote = !quote;
            quoted = true;
        } else {
            text.push(c);
        }
    }
    out
}

/// Which cases a record decides.
struct Scope {
    connection: String,
    databases: Vec<String>,
    users: Vec<String>,
    address: Option<Network>,
    id: FactId,
    method: String,
    shown: String,
}

#[derive(Clone, Copy, PartialEq)]
struct Network {
    address: u128,
    prefix: u8,
    v6: bool,
    /// `all`.
    every: bool,
}

impl Network {
    /// True if every address of `other` is one of these.
    fn holds(&self, other: &Network) -> bool {
        if self.every {
            return true;
        }
        if other.every || self.v6 != other.v6 || self.prefix > other.prefix {
            return false;
        }
        let width = if self.v6 { 128 } else { 32 };
        let shift = width - u32::from(self.prefix);
        let cut = |n: u128| n.checked_shr(shift).unwrap_or(0);
        cut(self.address) == cut(other.address)
    }
}

fn network(address: &str, mask: Option<&str>) -> Option<Network> {
    if address == "all" {
        return Some(Network { address: 0, prefix: 0, v6: false, every: true });
    }
    let (host, bits) = match address.split_once('/') {
        Some((host, bits)) => (host, Some(bits.parse::<u8>().ok()?)),
        None => (address, None),
    };
    let ip: std::net::IpAddr = host.parse().ok()?;
    let (number, width, v6) = match ip {
        std::net::IpAddr::V4(v4) => (u128::from(u32::from(v4)), 32, false),
        std::net::IpAddr::V6(v6) => (u128::from(v6), 128, true),
    };
    let bits = match (bits, mask) {
        (Some(bits), _) if bits <= width => bits,
        (None, Some(mask)) => match mask.parse().ok()? {
            std::net::IpAddr::V4(m) => u32::from(m).leading_ones() as u8,
            std::net::IpAddr::V6(m) => u128::from(m).leading_ones() as u8,
        },
        _ => return None,
    };
    Some(Network { address: number, prefix: bits, v6, every: false })
}

/// More records are not compared with one another.
const MAX_COMPARED: usize = 200;

fn read(view: &View<'_>, out: &mut Reading) {
    let branches = template::detect(&view.text).is_some();
    let mut scopes: Vec<Scope> = Vec::new();
    let mut last = None;
    let mut at = 0;
    for line in view.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let found = fields(view, start, line.trim_end_matches(['\n', '\r']));
        let Some(first) = found.first() else { continue };
        if first.text.starts_with("include") && !first.quoted || first.text.starts_with('@') {
            continue;
        }
        if is_open(line) || template::is_control_line(line) || line.contains("{{") {
            continue;
        }
        last = record(&found, branches, &mut scopes, out).or(last);
    }
    if let Some(id) = last {
        out.facts.get_mut(id).derive(hba_rule::last, Value::Bool(true));
    }
}

fn record(found: &[Field<'_>], branches: bool, scopes: &mut Vec<Scope>, out: &mut Reading) -> Option<FactId> {
    let (first, end) = (found.first()?, found.last()?);
    let span = first.view.full_span().to(end.view.full_span());
    let mut fact = Fact::new(&hba_rule::KIND, span);
    fact.write(hba_rule::connection, Value::text(&first.text), first.view.full_span());
    let local = first.text == "local";
    let refuse = |fact: &mut Fact, reason: &str, out: &mut Reading| {
        fact.derive(hba_rule::reason, Value::text(reason));
        Some(out.facts.add(fact.clone()))
    };
    if !CONNECTIONS.contains(&first.text.as_str()) {
        return refuse(&mut fact, "a record starts with `local`, `host`, `hostssl` or `hostnossl`", out);
    }
    let texts = |field: Option<&Field<'_>>| -> Vec<String> {
        field.map_or_else(Vec::new, |f| f.text.split(',').map(str::to_owned).collect())
    };
    let (databases, users) = (texts(found.get(1)), texts(found.get(2)));
    let list =
        |texts: &[String]| Value::List(texts.iter().map(|t| Said::derived(Value::text(t), None)).collect());
    for (field, texts, at) in [(hba_rule::databases, &databases, 1), (hba_rule::users, &users, 2)] {
        if let Some(written) = found.get(at) {
            fact.write(field, list(texts), written.view.full_span());
        }
    }
    fact.derive(hba_rule::all_users, Value::Bool(users.iter().any(|u| u == "all")));
    fact.derive(hba_rule::replication, Value::Bool(databases.iter().any(|d| d == "replication")));
    fact.derive(hba_rule::tls, Value::Bool(first.text == "hostssl"));
    let mut at = 3;
    let mut scope = None;
    if local {
        fact.derive(hba_rule::loopback, Value::Bool(true));
        fact.derive(hba_rule::any_address, Value::Bool(false));
        scope = Some(Network { address: 0, prefix: 0, v6: false, every: true });
    } else {
        let Some(address) = found.get(3) else {
            return refuse(&mut fact, "the address and the method are missing", out);
        };
        at = 4;
        let plain = address.text.parse::<std::net::IpAddr>().is_ok();
        let mask = found.get(4).filter(|f| plain && f.text.parse::<std::net::IpAddr>().is_ok());
        if mask.is_some() {
            at = 5;
        } else if plain {
            return refuse(
                &mut fact,
                "an address without a mask: write `/32` behind it, or the mask after a blank",
                out,
            );
        }
        scope = network(&address.text, mask.map(|m| m.text.as_str())).or(scope);
        let span = mask.map_or(address.view.full_span(), |m| address.view.full_span().to(m.view.full_span()));
        fact.write(hba_rule::address, Value::text(&address.text), span);
        place(&mut fact, &address.text, scope);
        if address.text.contains('/') && scope.is_none() {
            return refuse(&mut fact, "the address or its number of bits is not valid", out);
        }
    }
    let Some(method) = found.get(at) else { return refuse(&mut fact, "the method is missing", out) };
    let name = method.text.as_str();
    fact.write(hba_rule::method, Value::text(name), method.view.full_span());
    fact.derive(hba_rule::unconditional, Value::Bool(name == "trust"));
    fact.derive(
        hba_rule::clear_password,
        Value::Bool(name == "password" && first.text != "hostssl" && !local),
    );
    if !METHODS.contains(&name) {
        if let Some(near) = nearest(name, METHODS.iter().copied()) {
            fact.derive(hba_rule::nearest, Value::text(near));
        }
        return refuse(&mut fact, "the server knows no such method", out);
    }
    if name == "peer" && !local {
        return refuse(&mut fact, "`peer` works on `local` records only", out);
    }
    if name == "cert" && first.text != "hostssl" {
        return refuse(&mut fact, "`cert` works on `hostssl` records only", out);
    }
    if !branches
        && scopes.len() < MAX_COMPARED
        && let Some(network) = &scope
    {
        let above = scopes.iter().find(|s| decides(s, &first.text, &databases, &users, network));
        if let Some(above) = above {
            fact.derive(hba_rule::shadowed_by, Value::Record(above.id));
            let words = format!("`{}` with `{}`", above.shown, above.method);
            fact.derive(hba_rule::shadow, Value::text(words));
        }
    }
    let id = out.facts.add(fact);
    if let Some(address) = scope {
        let shown = found.iter().take(at).map(|f| f.text.as_str()).collect::<Vec<_>>().join(" ");
        let connection = first.text.clone();
        scopes.push(Scope {
            connection,
            databases,
            users,
            address: Some(address),
            id,
            method: name.to_owned(),
            shown,
        });
    }
    Some(id)
}

/// True if an earlier record fits whenever a later one does.
fn decides(
    above: &Scope,
    connection: &str,
    databases: &[String],
    users: &[String],
    network: &Network,
) -> bool {
    let connections = above.connection == connection || above.connection == "host" && connection != "local";
    // `all` means every database but not replication; other words with a meaning of their own are compared as they are.
    let special =
        |t: &String| t.starts_with(['+', '@', '/']) || t == "sameuser" || t == "samerole" || t == "samegroup";
    let covers = |above: &[String], below: &[String], all: fn(&str) -> bool| {
        below.iter().all(|t| above.contains(t) || above.iter().any(|a| a == "all") && all(t))
            && !above.iter().any(special)
    };
    connections
        && covers(&above.databases, databases, |t| t != "replication")
        && covers(&above.users, users, |_| true)
        && above.address.is_some_and(|a| a.holds(network))
}

/// What the address says of who it is for.
fn place(fact: &mut Fact, address: &str, network: Option<Network>) {
    let host = address.split('/').next().unwrap_or_default();
    let every = network.is_some_and(|n| n.every || n.prefix == 0);
    fact.derive(hba_rule::any_address, Value::Bool(every));
    let near = matches!(address, "samehost" | "samenet");
    let narrow = network.is_some_and(|n| !n.every && n.prefix >= 8);
    fact.derive(hba_rule::loopback, Value::Bool(address == "samehost" || narrow && hosts::is_loopback(host)));
    fact.derive(hba_rule::private, Value::Bool(near || narrow && !hosts::is_public(host)));
    if let Some(network) = network.filter(|n| !n.every) {
        fact.derive(hba_rule::prefix, Value::Int(network.prefix.into()));
    }
}
