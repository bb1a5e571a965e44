//! What the libraries' calls have in common: options become a client, and calls become facts.

use super::habits;
use super::{File, library, settle};
use crate::facts::kinds::amqp::{client, uri};
use crate::facts::kinds::code::{connection, consume, declare, prefetch, publish, refuse, tls_off};
use crate::facts::{Fact, FactId, Field, Said, Value};
use crate::hosts;
use crate::syntax::code::{Call, Entry, Expr, Form, Known};
use crate::systems::Reading;

/// What a program says about a connection before it is opened.
#[derive(Default)]
pub(super) struct Options<'e> {
    /// The URI, whatever it is.
    pub(super) url: Option<&'e Expr>,
    /// Fields of the client and what they are set to.
    pub(super) fields: Vec<(Field, &'e Expr, Unit)>,
    /// The TLS check that is not made.
    pub(super) tls_check: Option<(&'static str, &'e Expr)>,
    /// TLS is set up.
    pub(super) tls: Option<&'e Expr>,
}

/// How a value is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Text,
    Secret,
    Count,
    Bytes,
    Seconds,
    Millis,
    /// Go's `time.Duration`.
    Go,
    Flag,
}

/// Milliseconds of `10 * time.Second`.
pub(super) fn go_duration(file: &File<'_>, expr: &Expr) -> Option<i64> {
    let unit = |expr: &Expr| match &file.constants.follow(expr).form {
        Form::Name(name) => Some(match name.as_str() {
            "time.Millisecond" => 1,
            "time.Second" => 1_000,
            "time.Minute" => 60_000,
            "time.Hour" => 3_600_000,
            _ => return None,
        }),
        _ => None,
    };
    if let Some(ms) = unit(expr) {
        return Some(ms);
    }
    let number = |expr: &Expr| match file.constants.known(expr) {
        Some(Known::Int(n)) => Some(n),
        _ => None,
    };
    match &file.constants.follow(expr).form {
        Form::Binary('*', sides) => {
            let [a, b] = sides.as_ref();
            let (n, unit) = number(a).zip(unit(b)).or_else(|| number(b).zip(unit(a)))?;
            n.checked_mul(unit)
        }
        // A bare number is one of nanoseconds.
        Form::Int(n) => Some(n / 1_000_000),
        _ => None,
    }
}

fn value(file: &File<'_>, expr: &Expr, unit: Unit) -> Option<Value> {
    if unit == Unit::Go {
        return go_duration(file, expr).map(Value::Duration);
    }
    let known = file.constants.known(expr)?;
    Some(match (unit, known) {
        (Unit::Text | Unit::Secret, Known::Text(text)) => Value::text(text),
        (Unit::Count, Known::Int(n)) => Value::Int(n),
        (Unit::Bytes, Known::Int(n)) => Value::Size(n),
        (Unit::Seconds, Known::Int(n)) => Value::Duration(n.checked_mul(1_000)?),
        (Unit::Seconds, Known::Float(n)) => Value::Duration((n * 1_000.0) as i64),
        (Unit::Millis, Known::Int(n)) => Value::Duration(n),
        (Unit::Flag, Known::Bool(b)) => Value::Bool(b),
        _ => return None,
    })
}

/// The ports that IANA gives AMQP, without TLS and with it.
const AMQP_PORT: i64 = 5672;
const AMQPS_PORT: i64 = 5671;

/// Adds the client of a call and says its index.
pub(super) fn client_of(
    file: &File<'_>,
    call: &Call,
    name: &str,
    options: &Options<'_>,
    reading: &mut Reading,
) -> Option<FactId> {
    let library = library(name)?;
    let at = file.span(&call.at);
    let range = options.url.and_then(|url| file.constants.text_range(url));
    let id = match range.and_then(|range| file.uri(range, library, "url", reading)) {
        Some(id) => id,
        None => {
            let mut fact = Fact::new(&client::KIND, at);
            fact.derive(client::library, Value::text(library.name));
            reading.facts.add(fact)
        }
    };
    let mut set = Vec::new();
    for (field, expr, unit) in &options.fields {
        let Some(value) = value(file, expr, *unit) else { continue };
        let said = Said::written(value, file.span(&expr.range));
        if *unit == Unit::Secret {
            if let Some(range) = file.constants.text_range(expr) {
                reading.secrets.push(file.span(&range));
            }
            set.push((*field, said.secret()));
        } else {
            set.push((*field, said));
        }
    }
    let derived = |value: Value, expr: &Expr| Said::derived(value, Some(file.span(&expr.range)));
    if let Some(expr) = options.tls {
        set.push((client::tls, derived(Value::Bool(true), expr)));
    }
    if let Some((check, expr)) = options.tls_check {
        set.push((client::tls_check, derived(Value::text(check), expr)));
    }
    let fact = reading.facts.get_mut(id);
    for (field, said) in set {
        if let (Value::Text(host), true) = (&said.value, field.index == client::host.index) {
            let span = said.span();
            fact.set(client::host_is_loopback, Said::derived(Value::Bool(hosts::is_loopback(host)), span));
            fact.set(client::host_is_placeholder, Said::derived(Value::Bool(false), span));
        }
        fact.set(field, said);
    }
    library.complete(fact);
    let host = fact.get(client::host).is_some() && fact.get(client::uri).is_none();
    if host
        && fact.get(client::port).is_none()
        && options.fields.iter().all(|f| f.0.index != client::port.index)
    {
        let tls = fact.bool(client::tls) == Some(true);
        let port = if tls { AMQPS_PORT } else { AMQP_PORT };
        fact.set(client::port, Said::default(Value::Int(port), library.shown));
    }
    settle(fact, library);
    Some(id)
}

/// What the whole file does.
#[derive(Clone, Debug, Default)]
pub(super) struct Whole {
    pub(super) consumes: bool,
    pub(super) publishes: bool,
    pub(super) close_handler: bool,
    pub(super) prefetch: bool,
    pub(super) confirms: bool,
    pub(super) opens_channel: bool,
    pub(super) exclusive_queue: bool,
    /// The durable classic queues that are declared, as [`same`] names them.
    pub(super) durable_queues: Vec<String>,
}

/// Adds the fact of a call that opens a connection.
pub(super) fn connection(
    file: &File<'_>,
    call: &Call,
    library: &str,
    client: Option<FactId>,
    whole: &Whole,
    reading: &mut Reading,
) {
    let at = file.span(&call.at);
    let mut fact = Fact::new(&connection::KIND, at);
    fact.derive(connection::library, Value::text(library));
    fact.write(connection::call, Value::text(&call.callee), at);
    if let Some(id) = client {
        fact.derive(connection::client, Value::Record(id));
        if let Some(Value::Record(address)) = reading.facts.get(id).get(client::uri).map(|s| s.value.clone())
        {
            let address = reading.facts.get_mut(address);
            if let Some(said) = address.get(uri::password_literal) {
                fact.set(connection::password_in_code, said.clone());
            }
            address.derive(uri::dialled_in_code, Value::Bool(true));
        }
    }
    if let Some(scope) = file.program.scopes.get(call.scope).filter(|s| !s.name.is_empty()) {
        fact.derive(connection::function, Value::text(&scope.name));
    }
    let flags = [
        (connection::in_loop, call.in_loop),
        (connection::in_request_handler, in_request_handler(file, call.scope)),
        (connection::for_one_message, for_one_message(file, call)),
        (connection::error_ignored, call.targets.get(1).is_some_and(|t| t == "_")),
        (connection::has_close_handler, whole.close_handler),
        (connection::consumes, whole.consumes && !whole.exclusive_queue),
        (connection::publishes, whole.publishes),
    ];
    for (field, on) in flags {
        fact.set(field, Said::derived(Value::Bool(on), Some(at)));
    }
    reading.facts.add(fact);
}

/// Signs of a function that a web framework calls, in its parameters.
const REQUEST_PARAMETERS: &[&str] = &[
    "http.ResponseWriter",
    "gin.Context",
    "echo.Context",
    "fiber.Ctx",
    "HttpServletRequest",
    "(req, res",
    "(request, response",
    "(req: Request",
    "(req: express.Request",
];

/// Signs of such a function before it.
const REQUEST_DECORATORS: &[&str] = &[
    ".route(",
    ".get(",
    ".post(",
    ".put(",
    ".patch(",
    ".delete(",
    "@api_view",
    "@GetMapping",
    "@PostMapping",
    "@PutMapping",
    "@DeleteMapping",
    "@RequestMapping",
    "@PatchMapping",
    "@GET",
    "@POST",
    "@PUT",
    "@DELETE",
];

pub(super) fn in_request_handler(file: &File<'_>, scope: usize) -> bool {
    file.program.around(scope).any(|scope| {
        REQUEST_PARAMETERS.iter().any(|sign| scope.parameters.contains(sign))
            || REQUEST_DECORATORS.iter().any(|sign| scope.decorators.contains(sign))
    })
}

/// True for a function that is given a message, opens a connection, publishes and closes.
pub(super) fn for_one_message(file: &File<'_>, call: &Call) -> bool {
    let Some(scope) = file.program.scopes.get(call.scope).filter(|_| call.scope != 0) else { return false };
    let inner = scope.parameters.trim().trim_start_matches('(').trim_end_matches(')').trim();
    let given = !matches!(inner, "" | "self" | "String[] args" | "String... args" | "argv");
    let inside = |c: &&Call| scope.range.contains(&c.range.start);
    let mut publishes = false;
    let mut closes = false;
    let mut loops = call.in_loop;
    for other in file.program.calls.iter().filter(inside) {
        let name = other.name().to_ascii_lowercase();
        let publish = matches!(
            name.as_str(),
            "basicpublish" | "basic_publish" | "publish" | "publishwithcontext" | "sendtoqueue"
        );
        publishes |= publish;
        closes |= name == "close";
        loops |= publish && other.in_loop;
    }
    given && publishes && closes && !loops && scope.name != "main"
}

/// A fact of a call, with its library.
fn of_call(
    file: &File<'_>,
    call: &Call,
    kind: &'static crate::facts::Kind,
    field: Field,
    library: &str,
) -> Fact {
    let mut fact = Fact::new(kind, file.span(&call.at));
    fact.derive(field, Value::text(library));
    fact
}

fn flag(file: &File<'_>, expr: Option<&Expr>) -> Option<Said> {
    let expr = expr?;
    match file.constants.known(expr)? {
        Known::Bool(b) => Some(Said::written(Value::Bool(b), file.span(&expr.range))),
        _ => None,
    }
}

/// The flag that is written, or the library's own.
fn flag_or(file: &File<'_>, expr: Option<&Expr>, own: bool, library: &str) -> Option<Said> {
    match expr {
        Some(_) => flag(file, expr),
        None => Some(Said::default(Value::Bool(own), library)),
    }
}

/// Sets a text that is known.
fn put_text(file: &File<'_>, fact: &mut Fact, field: Field, expr: Option<&Expr>) {
    if let Some(expr) = expr
        && let Some(Known::Text(text)) = file.constants.known(expr)
    {
        fact.write(field, Value::text(text), file.span(&expr.range));
    }
}

/// Adds a consumer.
pub(super) fn consumes(
    file: &File<'_>,
    call: &Call,
    library: &str,
    queue: Option<&Expr>,
    auto_ack: Option<&Expr>,
    whole: &Whole,
    reading: &mut Reading,
) {
    let mut fact = of_call(file, call, &consume::KIND, consume::library, library);
    put_text(file, &mut fact, consume::queue, queue);
    if let Some(said) = flag_or(file, auto_ack, false, library) {
        fact.set(consume::auto_ack, said);
    }
    let reply = matches!(fact.text(consume::queue), Some("" | "amq.rabbitmq.reply-to"));
    fact.derive(consume::own_queue, Value::Bool(reply || whole.exclusive_queue));
    fact.derive(consume::prefetch_set, Value::Bool(whole.prefetch));
    fact.derive(consume::opens_channel, Value::Bool(whole.opens_channel));
    reading.facts.add(fact);
}

/// Adds a bound.
pub(super) fn bounds(
    file: &File<'_>,
    call: &Call,
    library: &str,
    count: Option<&Expr>,
    global: Option<&Expr>,
    reading: &mut Reading,
) {
    let mut fact = of_call(file, call, &prefetch::KIND, prefetch::library, library);
    if let Some(expr) = count
        && let Some(Known::Int(n)) = file.constants.known(expr)
    {
        fact.write(prefetch::count, Value::Int(n), file.span(&expr.range));
    }
    if let Some(said) = flag_or(file, global, false, library) {
        fact.set(prefetch::global, said);
    }
    reading.facts.add(fact);
}

/// What is declared, and how.
pub(super) struct Declared<'e> {
    pub(super) object: &'static str,
    pub(super) name: Option<&'e Expr>,
    pub(super) durable: Option<&'e Expr>,
    /// What the library takes when nothing is said of `durable`.
    pub(super) own_durable: bool,
    pub(super) exclusive: Option<&'e Expr>,
    pub(super) auto_delete: Option<&'e Expr>,
    pub(super) passive: Option<&'e Expr>,
    pub(super) arguments: Option<&'e Expr>,
    /// Arguments that the library has options for, under their names in the protocol.
    pub(super) options: Vec<Entry>,
}

/// Adds a declaration.
pub(super) fn declares(
    file: &File<'_>,
    call: &Call,
    library: &str,
    what: &Declared<'_>,
    reading: &mut Reading,
) {
    let mut fact = of_call(file, call, &declare::KIND, declare::library, library);
    fact.derive(declare::object, Value::text(what.object));
    put_text(file, &mut fact, declare::name, what.name);
    let flags = [
        (declare::durable, flag_or(file, what.durable, what.own_durable, library)),
        (declare::exclusive, flag_or(file, what.exclusive, false, library)),
        (declare::auto_delete, flag_or(file, what.auto_delete, false, library)),
        (declare::passive, flag_or(file, what.passive, false, library)),
    ];
    for (field, said) in flags {
        if let Some(said) = said {
            fact.set(field, said);
        }
    }
    let listed = what.arguments.map(|a| file.constants.entries(a));
    if what.object == "queue" {
        let nothing = what.arguments.is_none_or(|a| file.constants.known(a) == Some(Known::Null));
        let whole = if nothing { Some(Vec::new()) } else { listed.clone().flatten() };
        let whole = whole.map(|own| own.into_iter().chain(what.options.iter().cloned()).collect());
        put_arguments(file, &mut fact, whole, call);
    }
    let entries = listed.flatten().unwrap_or_default();
    for (key, field) in [("x-queue-mode", declare::queue_mode), ("x-queue-type", declare::queue_type)] {
        let entry = entries.iter().find(|e| e.key == key);
        put_text(file, &mut fact, field, entry.map(|e| &e.value));
    }
    reading.facts.add(fact);
}

/// Sets the arguments of a queue, if all of them are written.
fn put_arguments(file: &File<'_>, fact: &mut Fact, entries: Option<Vec<Entry>>, call: &Call) {
    let Some(entries) = entries else { return };
    let one = |entry: &Entry| {
        let value = match file.constants.known(&entry.value)? {
            Known::Text(text) => text.to_string(),
            Known::Int(n) => n.to_string(),
            Known::Bool(b) => b.to_string(),
            _ => return None,
        };
        let at = entry.at.start..entry.value.range.end;
        Some(Said::written(Value::text(format!("{}={value}", entry.key)), file.span(&at)))
    };
    if let Some(list) = entries.iter().map(one).collect::<Option<Vec<Said>>>() {
        fact.set(declare::arguments, Said::derived(Value::List(list), Some(file.span(&call.range))));
    }
}

/// A message that is published.
pub(super) struct Message<'e> {
    /// The queue, where it is published to one by name.
    pub(super) queue: Option<&'e Expr>,
    pub(super) persistent: Option<bool>,
    pub(super) mandatory: Option<&'e Expr>,
}

/// A word for a queue that tells whether two expressions mean the same one: its name, or what the name is kept in.
pub(super) fn same(file: &File<'_>, expr: &Expr) -> Option<String> {
    match file.constants.known(expr) {
        Some(Known::Text(text)) if !text.is_empty() => Some(format!("={text}")),
        Some(_) => None,
        None => match &expr.form {
            Form::Name(name) => Some(name.clone()),
            _ => None,
        },
    }
}

/// True for the default exchange, which leads to the queue that the routing key names.
pub(super) fn default_exchange(file: &File<'_>, expr: Option<&Expr>) -> bool {
    expr.is_some_and(|e| file.constants.known(e) == Some(Known::Text(String::new())))
}

/// Adds a publisher.
pub(super) fn publishes(
    file: &File<'_>,
    call: &Call,
    library: &str,
    message: &Message<'_>,
    whole: &Whole,
    reading: &mut Reading,
) {
    let mut fact = of_call(file, call, &publish::KIND, publish::library, library);
    if let Some(persistent) = message.persistent {
        fact.set(publish::persistent, Said::derived(Value::Bool(persistent), Some(file.span(&call.at))));
    }
    if let Some(said) = flag(file, message.mandatory) {
        fact.set(publish::mandatory, said);
    }
    fact.derive(publish::confirms, Value::Bool(whole.confirms));
    fact.derive(publish::opens_channel, Value::Bool(whole.opens_channel));
    fact.derive(publish::hears_returns, Value::Bool(habits::hears_returns(file)));
    let queue = message.queue.and_then(|q| same(file, q));
    let durable = queue.is_some_and(|q| whole.durable_queues.contains(&q));
    fact.derive(publish::durable_queue, Value::Bool(durable));
    reading.facts.add(fact);
}

/// Adds a refusal.
pub(super) fn refuses(
    file: &File<'_>,
    call: &Call,
    library: &str,
    requeue: Option<&Expr>,
    own: bool,
    reading: &mut Reading,
) {
    let mut fact = of_call(file, call, &refuse::KIND, refuse::library, library);
    if let Some(said) = flag_or(file, requeue, own, library) {
        fact.set(refuse::requeue, said);
    }
    fact.derive(refuse::on_every_failure, Value::Bool(habits::on_every_failure(file, call)));
    if let Some(led) = habits::dead_letters(file) {
        fact.derive(refuse::dead_letters, Value::Bool(led));
    }
    reading.facts.add(fact);
}

/// Adds a switched-off check of certificates.
pub(super) fn unverified(
    file: &File<'_>,
    range: &std::ops::Range<usize>,
    library: &str,
    what: &str,
    reading: &mut Reading,
) {
    let at = file.span(range);
    // A literal lies in another one that is looked into as well.
    if reading.facts.of(&tls_off::KIND).any(|(_, f)| f.span.start < at.end && at.start < f.span.end) {
        return;
    }
    let mut fact = Fact::new(&tls_off::KIND, at);
    fact.derive(tls_off::library, Value::text(library));
    fact.write(tls_off::what, Value::text(what), at);
    reading.facts.add(fact);
}
