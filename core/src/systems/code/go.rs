//! Go: rabbitmq/amqp091-go and its predecessor streadway/amqp.

use super::File;
use super::calls::{self, Declared, Message, Options, Unit, Whole};
use crate::facts::kinds::amqp::client;
use crate::syntax::code::{Call, Expr, Form, Known};
use crate::systems::Reading;

/// The names of the package in a file: its own and the one it is imported under.
pub(super) fn package(file: &File<'_>) -> Option<(&'static str, String)> {
    let import =
        |path: &str| file.program.imports.iter().find(|i| i.contains(path) && !i.starts_with("import"));
    let (library, import, own) = match (import("rabbitmq/amqp091-go\""), import("streadway/amqp\"")) {
        (Some(import), _) => ("go", import, "amqp091"),
        (None, Some(import)) => ("streadway", import, "amqp"),
        _ => return None,
    };
    let alias = import.split('"').next().unwrap_or_default().trim();
    Some((library, if alias.is_empty() { own.to_owned() } else { alias.to_owned() }))
}

pub(super) fn extract(file: &File<'_>, reading: &mut Reading) {
    let Some((library, package)) = package(file) else { return };
    let program = file.program;
    let dials = |c: &Call| c.receiver() == package && c.name().starts_with("Dial");
    let mut whole = Whole::default();
    for call in &program.calls {
        match call.name() {
            "Consume" | "ConsumeWithContext" => whole.consumes = true,
            "Publish" | "PublishWithContext" => whole.publishes = true,
            "NotifyClose" | "IsClosed" => whole.close_handler = true,
            "Qos" => whole.prefetch = true,
            "Confirm" => whole.confirms = true,
            "Channel" => whole.opens_channel = true,
            "QueueDeclare" => {
                if is(file, argument(call, 1), true) && !is_quorum(file, argument(call, 5)) {
                    whole.durable_queues.extend(argument(call, 0).and_then(|q| calls::same(file, q)));
                    whole.durable_queues.extend(call.targets.first().map(|t| format!("{t}.Name")));
                }
                whole.exclusive_queue |= is(file, argument(call, 3), true);
            }
            name if name.starts_with("Dial") && call.in_loop => whole.close_handler = true,
            _ => {}
        }
    }
    for call in &program.calls {
        if dials(call) {
            let options = options(file, call);
            let id = calls::client_of(file, call, library, &options, reading);
            calls::connection(file, call, library, id, &whole, reading);
            continue;
        }
        let count = call.arguments.len();
        match (call.name(), count) {
            ("Consume", 7) => {
                calls::consumes(file, call, library, argument(call, 0), argument(call, 2), &whole, reading);
            }
            ("ConsumeWithContext", 8) => {
                calls::consumes(file, call, library, argument(call, 1), argument(call, 3), &whole, reading);
            }
            ("Qos", 3) => {
                calls::bounds(file, call, library, argument(call, 0), argument(call, 2), reading);
            }
            ("QueueDeclare", 6) => {
                let what = Declared {
                    object: "queue",
                    name: argument(call, 0),
                    durable: argument(call, 1),
                    own_durable: false,
                    auto_delete: argument(call, 2),
                    exclusive: argument(call, 3),
                    passive: None,
                    arguments: argument(call, 5),
                    options: Vec::new(),
                };
                calls::declares(file, call, library, &what, reading);
            }
            ("ExchangeDeclare", 7) => {
                let what = Declared {
                    object: "exchange",
                    name: argument(call, 0),
                    durable: argument(call, 2),
                    own_durable: false,
                    auto_delete: argument(call, 3),
                    exclusive: None,
                    passive: None,
                    arguments: None,
                    options: Vec::new(),
                };
                calls::declares(file, call, library, &what, reading);
            }
            ("Publish", 5) => {
                publish(file, call, library, [0, 1, 4, 2], &whole, reading);
            }
            ("PublishWithContext", 6) => {
                publish(file, call, library, [1, 2, 5, 3], &whole, reading);
            }
            ("Nack", 2) => calls::refuses(file, call, library, argument(call, 1), true, reading),
            ("Nack", 3) => calls::refuses(file, call, library, argument(call, 2), true, reading),
            ("Reject", 1) => calls::refuses(file, call, library, argument(call, 0), true, reading),
            ("Reject", 2) => calls::refuses(file, call, library, argument(call, 1), true, reading),
            _ => {}
        }
    }
}

fn argument(call: &Call, index: usize) -> Option<&Expr> {
    call.arguments.get(index).map(|a| &a.value)
}

fn is(file: &File<'_>, expr: Option<&Expr>, wanted: bool) -> bool {
    expr.is_some_and(|e| file.constants.known(e) == Some(Known::Bool(wanted)))
}

fn options<'e>(file: &'e File<'_>, call: &'e Call) -> Options<'e> {
    let mut options = Options { url: argument(call, 0), ..Options::default() };
    let Some(second) = argument(call, 1) else { return options };
    let Form::Map { of, entries } = &file.constants.follow(second).form else { return options };
    if !of.ends_with("Config") || of.ends_with("tls.Config") {
        return options;
    }
    for entry in entries {
        let (field, unit) = match entry.key.as_str() {
            "Heartbeat" => (client::heartbeat, Unit::Go),
            "Dial" => {
                // `DefaultDial` takes the time that connecting may last.
                if let Form::Call(index) = &file.constants.follow(&entry.value).form
                    && let Some(dial) = file.program.calls.get(*index).filter(|c| c.name() == "DefaultDial")
                    && let Some(timeout) = argument(dial, 0)
                {
                    options.fields.push((client::connection_timeout, timeout, Unit::Go));
                }
                continue;
            }
            "Vhost" => (client::vhost, Unit::Text),
            "ChannelMax" => (client::channel_max, Unit::Count),
            "FrameSize" => (client::frame_max, Unit::Bytes),
            _ => continue,
        };
        options.fields.push((field, &entry.value, unit));
    }
    options
}

/// Whether a message literal survives a restart.
fn persistent(file: &File<'_>, message: Option<&Expr>) -> Option<bool> {
    let Form::Map { of, entries } = &file.constants.follow(message?).form else { return None };
    if !of.ends_with("Publishing") {
        return None;
    }
    let Some(mode) = entries.iter().find(|e| e.key == "DeliveryMode") else { return Some(false) };
    match (&mode.value.form, file.constants.known(&mode.value)) {
        (_, Some(Known::Int(n))) => Some(n == 2),
        (Form::Name(name), _) if name.ends_with(".Persistent") => Some(true),
        (Form::Name(name), _) if name.ends_with(".Transient") => Some(false),
        _ => None,
    }
}

/// Publishes with exchange, routing key, message and flag at these positions.
fn publish(
    file: &File<'_>,
    call: &Call,
    library: &str,
    [exchange, key, message, mandatory]: [usize; 4],
    whole: &Whole,
    reading: &mut Reading,
) {
    let by_name = calls::default_exchange(file, argument(call, exchange));
    let message = Message {
        queue: argument(call, key).filter(|_| by_name),
        persistent: persistent(file, argument(call, message)),
        mandatory: argument(call, mandatory),
    };
    calls::publishes(file, call, library, &message, whole, reading);
}

/// True for a queue that keeps every message, or whose arguments are not known.
fn is_quorum(file: &File<'_>, arguments: Option<&Expr>) -> bool {
    let Some(arguments) = arguments else { return false };
    match &file.constants.follow(arguments).form {
        Form::Null => false,
        Form::Map { entries, .. } => {
            entries.iter().any(|e| e.key.contains("x-queue-type") || e.key.contains("QueueType"))
        }
        _ => true,
    }
}
