//! Python: pika, aio-pika and kombu.

use super::File;
use super::calls::{self, Declared, Message, Options, Unit, Whole};
use crate::facts::Field;
use crate::facts::kinds::amqp::client;
use crate::syntax::code::{Call, Expr, Form, Known};
use crate::systems::Reading;

/// pika.ConnectionParameters and pika.URLParameters.
const PIKA: &[(&str, Field, Unit)] = &[
    ("host", client::host, Unit::Text),
    ("port", client::port, Unit::Count),
    ("virtual_host", client::vhost, Unit::Text),
    ("heartbeat", client::heartbeat, Unit::Seconds),
    ("heartbeat_interval", client::heartbeat, Unit::Seconds),
    ("channel_max", client::channel_max, Unit::Count),
    ("frame_max", client::frame_max, Unit::Bytes),
    ("connection_attempts", client::connection_attempts, Unit::Count),
    ("retry_delay", client::recovery_interval, Unit::Seconds),
    ("socket_timeout", client::connection_timeout, Unit::Seconds),
    ("stack_timeout", client::stack_timeout, Unit::Seconds),
    ("blocked_connection_timeout", client::blocked_timeout, Unit::Seconds),
];

/// aio_pika.connect and connect_robust.
const AIO_PIKA: &[(&str, Field, Unit)] = &[
    ("host", client::host, Unit::Text),
    ("port", client::port, Unit::Count),
    ("login", client::user, Unit::Text),
    ("password", client::password, Unit::Secret),
    ("virtualhost", client::vhost, Unit::Text),
    ("heartbeat", client::heartbeat, Unit::Seconds),
    ("timeout", client::connection_timeout, Unit::Seconds),
    ("reconnect_interval", client::recovery_interval, Unit::Seconds),
];

/// kombu.Connection.
const KOMBU: &[(&str, Field, Unit)] = &[
    ("hostname", client::host, Unit::Text),
    ("port", client::port, Unit::Count),
    ("userid", client::user, Unit::Text),
    ("password", client::password, Unit::Secret),
    ("virtual_host", client::vhost, Unit::Text),
    ("heartbeat", client::heartbeat, Unit::Seconds),
    ("connect_timeout", client::connection_timeout, Unit::Seconds),
];

pub(super) fn library(file: &File<'_>) -> Option<&'static str> {
    let imports = |module: &str| {
        file.program.imports.iter().any(|import| {
            let (taken, names) = match import.strip_prefix("from ") {
                Some(rest) => (rest.split(" import").next().unwrap_or_default(), None),
                // `import os, pika` takes both.
                None => ("", import.strip_prefix("import ")),
            };
            names.unwrap_or(taken).split(',').any(|part| {
                let mut words = part.trim().split(|c: char| !c.is_alphanumeric() && c != '_');
                words.next() == Some(module)
            })
        })
    };
    ["pika", "aio_pika", "kombu"].into_iter().find(|m| imports(m)).map(|m| match m {
        "aio_pika" => "aio-pika",
        other => other,
    })
}

pub(super) fn extract(file: &File<'_>, reading: &mut Reading) {
    let Some(library) = library(file) else { return };
    let whole = whole(file);
    for call in &file.program.calls {
        if opens(library, call) {
            let options = options(file, library, call);
            let id = calls::client_of(file, call, library, &options, reading);
            calls::connection(file, call, library, id, &whole, reading);
        } else {
            other(file, library, call, &whole, reading);
        }
    }
}

fn opens(library: &str, call: &Call) -> bool {
    let receiver = call.receiver();
    match library {
        "pika" => {
            matches!(call.name(), "BlockingConnection" | "SelectConnection" | "AsyncioConnection")
                && (receiver.is_empty() || receiver.starts_with("pika"))
        }
        "aio-pika" => call.name() == "connect_robust" || (call.name() == "connect" && receiver == "aio_pika"),
        _ => call.callee == "Connection" || call.callee == "kombu.Connection",
    }
}

fn whole(file: &File<'_>) -> Whole {
    // aio-pika's `connection.closing` is a future that many wait for.
    let mut whole = Whole { close_handler: file.view.text.contains(".closing"), ..Whole::default() };
    for call in &file.program.calls {
        match call.name() {
            "basic_consume" | "consume" | "start_consuming" => whole.consumes = true,
            "basic_publish" | "publish" => whole.publishes = true,
            "add_on_close_callback" | "add_close_callback" | "add_callback" | "closed" => {
                whole.close_handler = true;
            }
            "basic_qos" | "set_qos" | "qos" => whole.prefetch = true,
            "confirm_delivery" => whole.confirms = true,
            "channel" => whole.opens_channel = true,
            "queue_declare" | "declare_queue" => {
                if is(file, named(call, "durable"), true) && named(call, "arguments").is_none() {
                    let name = argument(call, "queue", 0).or_else(|| named(call, "name"));
                    whole.durable_queues.extend(name.and_then(|q| calls::same(file, q)));
                }
                whole.exclusive_queue |= is(file, named(call, "exclusive"), true) || anonymous(file, call);
            }
            _ => {}
        }
    }
    whole
}

fn named<'e>(call: &'e Call, name: &str) -> Option<&'e Expr> {
    call.named(name).map(|a| &a.value)
}

fn argument<'e>(call: &'e Call, name: &str, index: usize) -> Option<&'e Expr> {
    named(call, name).or_else(|| call.positional(index).map(|a| &a.value))
}

/// True for a queue that the broker names: nobody else consumes from it.
fn anonymous(file: &File<'_>, call: &Call) -> bool {
    let name = argument(call, if call.name() == "queue_declare" { "queue" } else { "name" }, 0);
    match name {
        Some(name) => {
            let known = file.constants.known(name);
            known == Some(Known::Null) || known == Some(Known::Text(String::new()))
        }
        None => !open(call),
    }
}

/// True if arguments may come from a dictionary.
fn open(call: &Call) -> bool {
    call.named("**").is_some()
}

fn is(file: &File<'_>, expr: Option<&Expr>, wanted: bool) -> bool {
    expr.is_some_and(|e| file.constants.known(e) == Some(Known::Bool(wanted)))
}

fn options<'e>(file: &'e File<'_>, library: &str, call: &'e Call) -> Options<'e> {
    let mut options = Options::default();
    let (table, call, first) = match library {
        "pika" => {
            let parameters = argument(call, "parameters", 0);
            let inner = parameters.and_then(|p| match &file.constants.follow(p).form {
                Form::Call(index) => file.program.calls.get(*index),
                _ => None,
            });
            // What is set on the parameters afterwards.
            if let Some(Form::Name(name)) = parameters.map(|p| &p.form) {
                for assignment in file.program.assignments.iter().filter(|a| a.scope == call.scope) {
                    let rest =
                        assignment.target.strip_prefix(name.as_str()).and_then(|r| r.strip_prefix('.'));
                    let row = rest.and_then(|r| PIKA.iter().find(|row| row.0 == r));
                    if let Some((_, field, unit)) = row.filter(|_| !assignment.in_branch) {
                        options.fields.push((*field, &assignment.value, *unit));
                    }
                }
            }
            match inner {
                Some(inner) if inner.name() == "URLParameters" => {
                    options.url = argument(inner, "url", 0);
                    return options;
                }
                Some(inner) if inner.name() == "ConnectionParameters" => (PIKA, inner, Some("host")),
                _ => return options,
            }
        }
        "aio-pika" => {
            options.url = argument(call, "url", 0);
            (AIO_PIKA, call, None)
        }
        _ => {
            options.url = argument(call, "hostname", 0);
            (KOMBU, call, None)
        }
    };
    for (name, field, unit) in table {
        let expr = match first {
            Some(first) if first == *name => argument(call, name, 0),
            _ => named(call, name),
        };
        if let Some(expr) = expr {
            // A URI under the name of a host is the URI.
            if *unit == Unit::Text && *field_name(*field) == *"host" && options.url.is_some() {
                continue;
            }
            options.fields.push((*field, expr, *unit));
        }
    }
    let tls = ["ssl_options", "ssl_context", "ssl"].iter().find_map(|n| named(call, n));
    if let Some(expr) = tls.filter(|e| !matches!(e.form, Form::Null | Form::Bool(false))) {
        let known = file.constants.known(expr);
        if !matches!(expr.form, Form::Name(_)) || known.is_some_and(|k| k != Known::Null) {
            options.tls = Some(expr);
        }
    }
    options
}

fn field_name(field: Field) -> &'static str {
    field.kind.fields.get(field.index).map_or("", |f| f.name)
}

fn other(file: &File<'_>, library: &str, call: &Call, whole: &Whole, reading: &mut Reading) {
    match call.name() {
        "basic_consume" => {
            let ack = named(call, "auto_ack").or_else(|| named(call, "no_ack"));
            calls::consumes(file, call, library, argument(call, "queue", 0), ack, whole, reading);
        }
        "consume" if library == "aio-pika" => {
            // Whose queue it is, only the file that declares it says.
            let declared = file.program.calls.iter().any(|c| {
                matches!(c.name(), "declare_queue" | "get_queue")
                    && c.targets.iter().any(|t| t == call.receiver())
            });
            let own = whole.exclusive_queue || !declared;
            let whole = Whole { exclusive_queue: own, ..whole.clone() };
            calls::consumes(file, call, library, None, named(call, "no_ack"), &whole, reading);
        }
        "basic_qos" | "set_qos" => {
            let count = if call.name() == "basic_qos" {
                named(call, "prefetch_count").or_else(|| call.positional(1).map(|a| &a.value))
            } else {
                argument(call, "prefetch_count", 0)
            };
            let global = named(call, "global_qos").or_else(|| named(call, "global_"));
            calls::bounds(file, call, library, count, global, reading);
        }
        "queue_declare" | "declare_queue" if !open(call) => {
            let what = Declared {
                object: "queue",
                name: argument(call, if library == "pika" { "queue" } else { "name" }, 0),
                durable: named(call, "durable"),
                own_durable: false,
                exclusive: named(call, "exclusive"),
                auto_delete: named(call, "auto_delete"),
                passive: named(call, "passive"),
                arguments: named(call, "arguments"),
                options: Vec::new(),
            };
            calls::declares(file, call, library, &what, reading);
        }
        "exchange_declare" | "declare_exchange" if !open(call) => {
            let what = Declared {
                object: "exchange",
                name: argument(call, if library == "pika" { "exchange" } else { "name" }, 0),
                durable: named(call, "durable"),
                own_durable: false,
                exclusive: None,
                auto_delete: named(call, "auto_delete"),
                passive: named(call, "passive"),
                arguments: None,
                options: Vec::new(),
            };
            calls::declares(file, call, library, &what, reading);
        }
        "basic_publish" if library == "pika" && !open(call) => {
            let persistent = persistent(file, argument(call, "properties", 3));
            let by_name = calls::default_exchange(file, argument(call, "exchange", 0));
            let message = Message {
                queue: argument(call, "routing_key", 1).filter(|_| by_name),
                persistent,
                mandatory: named(call, "mandatory"),
            };
            calls::publishes(file, call, library, &message, whole, reading);
        }
        "basic_reject" => calls::refuses(file, call, library, argument(call, "requeue", 1), true, reading),
        "nack" | "reject" if library == "aio-pika" => {
            let (index, own) = if call.name() == "nack" { (1, true) } else { (0, false) };
            calls::refuses(file, call, library, argument(call, "requeue", index), own, reading);
        }
        "basic_nack" => calls::refuses(file, call, library, named(call, "requeue"), true, reading),
        _ => {}
    }
}

/// Whether the properties of a message let it survive a restart.
fn persistent(file: &File<'_>, properties: Option<&Expr>) -> Option<bool> {
    let Some(properties) = properties else { return Some(false) };
    let Form::Call(index) = file.constants.follow(properties).form else { return None };
    let call = file.program.calls.get(index).filter(|c| c.name() == "BasicProperties" && !open(c))?;
    let Some(mode) = named(call, "delivery_mode") else { return Some(false) };
    match (&mode.form, file.constants.known(mode)) {
        (_, Some(Known::Int(n))) => Some(n == 2),
        (Form::Name(name), _) if name.ends_with("PERSISTENT_DELIVERY_MODE") => Some(true),
        (Form::Name(name), _) if name.contains("DeliveryMode.Persistent") => Some(true),
        _ => None,
    }
}
