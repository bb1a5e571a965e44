//! Celery's settings: modules of settings, Django's `CELERY_…`, and what is given to an application.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{File, library, settle};
use crate::facts::kinds::amqp::client;
use crate::facts::kinds::celery::{setting, settings};
use crate::facts::tables::CELERY as TABLE;
use crate::facts::{Fact, KeyDef, Said, Type, Value};
use crate::nearest::nearest;
use crate::syntax::code::{Constants, Entry, Expr, Form, Known, Part};
use crate::systems::Reading;

/// At most so many unknown names are compared with all known ones.
const MAX_GUESSES: usize = 40;

/// How a setting is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// `broker_url`.
    New,
    /// `BROKER_URL`, `CELERYD_CONCURRENCY`.
    Old,
    /// `CELERY_BROKER_URL`, where the application reads names with that prefix.
    Prefixed,
    /// An argument of the application: `broker`.
    Argument,
}

/// A setting that was found.
struct Found {
    written: String,
    at: Range<usize>,
    value: Expr,
    /// Its row; `None` for a name that nobody knows.
    row: Option<usize>,
    spelling: Spelling,
}

/// The row that a name means, under its name since Celery 4, and how it is spelled.
fn find(name: &str) -> Option<(usize, Spelling)> {
    let row = |name: &str| TABLE.keys().binary_search_by(|k| k.name.cmp(name)).ok();
    if name.bytes().any(|b| b.is_ascii_lowercase()) {
        return row(name).map(|r| (r, Spelling::New));
    }
    if let Some(rest) = name.strip_prefix("CELERY_")
        && let Some(found) = row(&rest.to_ascii_lowercase())
    {
        return Some((found, Spelling::Prefixed));
    }
    let old = row(name)?;
    let new = TABLE.keys().get(old)?.alias_of;
    row(new).map(|r| (r, Spelling::Old))
}

/// Reads what the file says of Celery.
pub(super) fn extract(file: &File<'_>, reading: &mut Reading) {
    let found = collect(file);
    let certain = found.iter().filter(|f| f.row.is_some());
    let sure = certain.clone().any(|f| f.spelling != Spelling::New || f.written.starts_with("broker_"));
    if !sure && certain.count() < 2 {
        return;
    }
    let Some(first) = found.iter().find(|f| f.row.is_some()) else { return };
    let mut whole = Fact::new(&settings::KIND, file.span(&first.at));
    let mut guesses = MAX_GUESSES;
    let mut count: BTreeMap<usize, usize> = BTreeMap::new();
    for row in found.iter().filter_map(|f| f.row) {
        *count.entry(row).or_default() += 1;
    }
    let (mut old, mut new) = (None, false);
    for one in &found {
        let fact = setting_of(file, one, &mut guesses);
        reading.facts.add(fact);
        let Some(row) = one.row else { continue };
        match one.spelling {
            Spelling::Old => old = old.or(Some(file.span(&one.at))),
            Spelling::New => new = true,
            Spelling::Prefixed | Spelling::Argument => {}
        }
        // Of branches that exclude each other none is taken for granted.
        if count.get(&row) == Some(&1) {
            take(file, row, one, &mut whole);
        }
    }
    if let Some(old) = old {
        whole.set(settings::mixes_names, Said::derived(Value::Bool(new), Some(old)));
    }
    for one in &found {
        let name = one.row.and_then(|r| TABLE.keys().get(r)).map_or("", |k| k.name);
        if matches!(name, "broker_url" | "broker_read_url" | "broker_write_url") {
            connection(file, one, &whole, reading);
        }
    }
    reading.facts.add(whole);
}

fn collect(file: &File<'_>) -> Vec<Found> {
    let program = file.program;
    let mut out = Vec::new();
    for assignment in &program.assignments {
        let target = assignment.target.as_str();
        let (receiver, name) = target.rsplit_once('.').unwrap_or(("", target));
        let of_application = receiver == "conf" || receiver.ends_with(".conf");
        let of_flask = receiver == "config" || receiver.ends_with(".config");
        let in_file = receiver.is_empty() && assignment.scope == 0;
        if receiver.is_empty() && matches!(name, "CELERY" | "CELERY_CONFIG" | "CELERY_CONF") {
            if let Some(entries) = file.constants.entries(&assignment.value) {
                out.extend(entries.into_iter().filter_map(|e| of_entry(e, false)));
            }
        } else if of_application || of_flask || in_file {
            let found = find(name).filter(|(_, s)| of_application || in_file || *s != Spelling::New);
            let unknown = of_application || (in_file && name.starts_with("CELERY_"));
            if found.is_some() || unknown {
                out.push(Found {
                    written: name.to_owned(),
                    at: assignment.at.end - name.len().min(assignment.at.len())..assignment.at.end,
                    value: assignment.value.clone(),
                    row: found.map(|f| f.0),
                    spelling: found.map_or(Spelling::Prefixed, |f| f.1),
                });
            }
        }
    }
    for call in &program.calls {
        let update = call.callee.ends_with("conf.update");
        let mapping = call.callee.ends_with("config.update") || call.callee.ends_with("config.from_mapping");
        let application = call.name() == "Celery";
        if !(update || mapping || application) {
            continue;
        }
        for argument in &call.arguments {
            let Some(name) = argument.name.as_deref() else {
                let entries = if application { None } else { file.constants.entries(&argument.value) };
                out.extend(entries.into_iter().flatten().filter_map(|e| of_entry(e, update)));
                continue;
            };
            if name == "CELERY" {
                let entries = file.constants.entries(&argument.value);
                out.extend(entries.into_iter().flatten().filter_map(|e| of_entry(e, true)));
                continue;
            }
            let row = match (application, name) {
                (true, "broker") => find("broker_url").map(|f| (f.0, Spelling::Argument)),
                (true, "backend") => find("result_backend").map(|f| (f.0, Spelling::Argument)),
                (true, _) => find(name).filter(|f| f.1 == Spelling::New).map(|f| (f.0, Spelling::Argument)),
                _ => find(name).filter(|f| update || f.1 != Spelling::New),
            };
            if row.is_some() || (update && name != "**") {
                out.push(Found {
                    written: name.to_owned(),
                    at: argument.at.clone(),
                    value: argument.value.clone(),
                    row: row.map(|r| r.0),
                    spelling: row.map_or(Spelling::New, |r| r.1),
                });
            }
        }
    }
    out
}

fn of_entry(entry: Entry, unknown_too: bool) -> Option<Found> {
    let found = find(&entry.key);
    (found.is_some() || (unknown_too && entry.key != "**")).then(|| Found {
        written: entry.key,
        at: entry.at,
        value: entry.value,
        row: found.map(|f| f.0),
        spelling: found.map_or(Spelling::New, |f| f.1),
    })
}

/// True for a text that comes from the environment as it is, or stands there.
fn is_plain_text(file: &File<'_>, expr: &Expr) -> bool {
    match &expr.form {
        Form::Text { .. } => true,
        Form::Call(index) => file.program.calls.get(*index).is_some_and(|c| {
            let reads =
                matches!(c.callee.as_str(), "os.getenv" | "getenv" | "os.environ.get" | "environ.get");
            reads && c.positional(1).is_some_and(|a| !matches!(a.value.form, Form::Bool(_)))
        }),
        _ => false,
    }
}

fn setting_of(file: &File<'_>, one: &Found, guesses: &mut usize) -> Fact {
    let at = file.span(&one.at);
    let mut fact = Fact::new(&setting::KIND, at);
    fact.write(setting::written, Value::text(&one.written), at);
    let def: Option<&'static KeyDef> = one.row.and_then(|r| TABLE.keys().get(r));
    fact.derive(setting::known, Value::Bool(def.is_some()));
    let Some(def) = def else {
        if *guesses > 0 {
            *guesses -= 1;
            if let Some(near) = nearest_setting(&one.written) {
                fact.derive(setting::nearest, Value::text(near));
            }
        }
        return fact;
    };
    fact.write(setting::key, Value::text(def.name), at);
    let span = file.span(&one.value.range);
    let derived = |value: Value| Said::derived(value, Some(span));
    let text = is_plain_text(file, &one.value);
    match def.ty {
        Some(Type::Bool) => {
            fact.set(setting::text_for_switch, derived(Value::Bool(text)));
        }
        Some(Type::Int | Type::Float | Type::Duration) => {
            fact.set(setting::well_typed, derived(Value::Bool(!text)));
            fact.derive(setting::expected, Value::text("a number"));
        }
        _ => {}
    }
    // What may hold a password is shown by the reader of URIs alone.
    if def.form == "uri" {
        return fact;
    }
    if let Some(known) = of_known(file.constants.known(&one.value)) {
        fact.set(setting::value, Said::written(Value::text(known), span));
    }
    fact
}

fn of_known(known: Option<Known>) -> Option<String> {
    Some(match known? {
        Known::Text(text) => text,
        Known::Int(n) => n.to_string(),
        Known::Float(n) => n.to_string(),
        Known::Bool(true) => "True".into(),
        Known::Bool(false) => "False".into(),
        Known::Null => "None".into(),
    })
}

/// The setting that a mistyped one most likely means, spelled like it. Projects name settings of their own after
/// Celery's, so only a slip of the pen counts: the same words, one of them a little off.
fn nearest_setting(written: &str) -> Option<String> {
    /// A slip adds or drops this many letters at most.
    const MAX_SLIP: usize = 2;
    let rest = written.strip_prefix("CELERY_").unwrap_or(written).to_ascii_lowercase();
    let new = TABLE.keys().iter().filter(|k| k.alias_of.is_empty()).map(|k| k.name);
    let near = nearest(&rest, new)?;
    let same = rest.split('_').zip(near.split('_')).filter(|(a, b)| a == b).count();
    let words = near.split('_').count();
    let slip = rest.split('_').count() == words
        && same + 1 == words
        && words > 1
        && rest.len().abs_diff(near.len()) <= MAX_SLIP;
    slip.then(|| match written.starts_with("CELERY_") {
        true => format!("CELERY_{}", near.to_ascii_uppercase()),
        false => near.to_owned(),
    })
}

/// Puts a value into the whole.
fn take(file: &File<'_>, row: usize, one: &Found, whole: &mut Fact) {
    let Some(def) = TABLE.keys().get(row) else { return };
    let span = file.span(&one.value.range);
    let derived = |value: Value| Said::derived(value, Some(span));
    let known = file.constants.known(&one.value);
    match def.name {
        "broker_url" | "result_backend" => {
            let field =
                if def.name == "broker_url" { settings::transport } else { settings::result_transport };
            if let Some(transport) = scheme(&file.constants, &one.value, 0).map(transport) {
                whole.set(field, derived(Value::text(transport)));
            }
            return;
        }
        "broker_use_ssl" => tls(file, &one.value, whole),
        "broker_transport_options" => options(file, &one.value, whole),
        "accept_content" | "task_serializer" | "result_serializer" => pickle(file, &one.value, whole),
        "broker_pool_limit" => {
            let off = matches!(known, Some(Known::Null | Known::Int(0)));
            if known.is_some() {
                whole.set(settings::pool, derived(Value::Bool(!off)));
            }
        }
        _ => {}
    }
    let value = match (def.ty, known) {
        (Some(Type::Bool), Some(Known::Bool(b))) => Value::Bool(b),
        (Some(Type::Int), Some(Known::Int(n))) => Value::Int(n),
        (Some(Type::Float), Some(Known::Float(n))) => Value::Float(n),
        (Some(Type::Float), Some(Known::Int(n))) => Value::Float(n as f64),
        (Some(Type::Duration), Some(Known::Int(n))) => Value::Duration(n.saturating_mul(1000)),
        (Some(Type::Duration), Some(Known::Float(n))) => Value::Duration((n * 1000.0) as i64),
        (Some(Type::Duration), Some(Known::Null)) => Value::Duration(0),
        (Some(Type::Text), Some(Known::Text(text))) => Value::text(text),
        _ => return,
    };
    whole.set_key(row, Said::written(value, span));
}

/// The scheme of a URL, also where the rest of it is put together.
fn scheme<'e>(constants: &'e Constants<'_>, expr: &'e Expr, depth: usize) -> Option<String> {
    /// References followed from one to the next.
    const MAX_DEPTH: usize = 4;
    if depth > MAX_DEPTH {
        return None;
    }
    let of = |text: &str| text.split_once("://").map(|(s, _)| s.to_ascii_lowercase());
    if let Some(Known::Text(text)) = constants.known(expr) {
        return of(&text);
    }
    match &constants.follow(expr).form {
        Form::Text { parts, .. } => match parts.first()? {
            Part::Literal(text) if !text.is_empty() => of(text),
            Part::Literal(_) => match parts.get(1)? {
                Part::Value(value) => scheme(constants, value, depth + 1),
                Part::Literal(_) => None,
            },
            Part::Value(value) => scheme(constants, value, depth + 1),
        },
        Form::Binary('+', sides) => scheme(constants, &sides[0], depth + 1),
        _ => None,
    }
}

/// The word that conditions compare with.
fn transport(scheme: String) -> String {
    match scheme.as_str() {
        "amqp" | "amqps" | "pyamqp" | "librabbitmq" | "py-amqp" => "amqp".into(),
        "redis" | "rediss" | "sentinel" | "unix" | "redis+socket" => "redis".into(),
        _ => scheme,
    }
}

fn tls(file: &File<'_>, value: &Expr, whole: &mut Fact) {
    let span = file.span(&value.range);
    if let Some(Known::Bool(on)) = file.constants.known(value) {
        whole.set(settings::tls, Said::derived(Value::Bool(on), Some(span)));
    }
    let Some(entries) = file.constants.entries(value) else { return };
    whole.set(settings::tls, Said::derived(Value::Bool(true), Some(span)));
    let Some(checks) = entries.iter().find(|e| matches!(e.key.as_str(), "cert_reqs" | "ssl_cert_reqs"))
    else {
        return;
    };
    let followed = file.constants.follow(&checks.value);
    let off = match &followed.form {
        Form::Name(name) if name.ends_with("CERT_NONE") => true,
        Form::Name(name) if name.ends_with("CERT_REQUIRED") || name.ends_with("CERT_OPTIONAL") => false,
        Form::Text { .. } => {
            matches!(file.constants.known(followed), Some(Known::Text(t)) if t.eq_ignore_ascii_case("none"))
        }
        Form::Null => true,
        _ => return,
    };
    let at = file.span(&checks.value.range);
    whole.set(settings::tls_unverified, Said::derived(Value::Bool(off), Some(at)));
}

fn options(file: &File<'_>, value: &Expr, whole: &mut Fact) {
    let Some(entries) = file.constants.entries(value) else { return };
    let Some(timeout) = entries.iter().find(|e| e.key == "visibility_timeout") else { return };
    let seconds = match file.constants.known(&timeout.value) {
        Some(Known::Int(n)) => n.saturating_mul(1000),
        Some(Known::Float(n)) => (n * 1000.0) as i64,
        _ => return,
    };
    let at = file.span(&timeout.value.range);
    whole.set(settings::visibility_timeout, Said::derived(Value::Duration(seconds), Some(at)));
}

fn pickle(file: &File<'_>, value: &Expr, whole: &mut Fact) {
    const NAMES: [&str; 2] = ["pickle", "application/x-python-serialize"];
    let one = std::slice::from_ref(value);
    let all = match &file.constants.follow(value).form {
        Form::List(items) => items.as_slice(),
        _ => one,
    };
    let found = all.iter().find(|item| {
        matches!(file.constants.known(item), Some(Known::Text(text)) if NAMES.contains(&text.as_str()))
    });
    if let Some(found) = found {
        let at = file.span(&found.range);
        whole.set(settings::pickle, Said::derived(Value::Bool(true), Some(at)));
    }
}

/// The range of the text that a setting is in the end.
fn text_of(file: &File<'_>, value: &Expr) -> Option<Range<usize>> {
    file.constants.text_range(value)
}

/// Reads the broker's URL and completes the client that it makes.
fn connection(file: &File<'_>, one: &Found, whole: &Fact, reading: &mut Reading) {
    let Some(range) = text_of(file, &one.value) else { return };
    let Some(library) = library("celery") else { return };
    let Some(id) = file.uri(range, library, "broker_url", reading) else { return };
    let out = reading.facts.get_mut(id);
    let copies = [
        (client::heartbeat, "broker_heartbeat"),
        (client::connection_timeout, "broker_connection_timeout"),
        (client::recovery, "broker_connection_retry"),
    ];
    for (field, key) in copies {
        if let Some(said) = whole.setting(key) {
            out.set(field, said.clone());
        }
    }
    if let Some(said) = whole.setting("broker_connection_max_retries")
        && !matches!(said.value, Value::Int(0))
    {
        out.set(client::recovery_attempts, said.clone());
    }
    match whole.setting("worker_prefetch_multiplier") {
        Some(said) if said.value == Value::Int(0) => {
            out.set(client::prefetch, said.clone());
        }
        _ => {}
    }
    if let Some(tls) = whole.get(settings::tls) {
        out.set(client::tls, tls.clone());
    }
    if whole.bool(settings::tls_unverified) == Some(true)
        && let Some(said) = whole.get(settings::tls_unverified)
    {
        out.set(client::tls_check, Said::derived(Value::text("none"), said.span()));
    }
    settle(out, library);
}
