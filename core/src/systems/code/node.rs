//! JavaScript and TypeScript: amqplib.

use super::File;
use super::calls::{self, Declared, Message, Options, Unit, Whole};
use crate::facts::Field;
use crate::facts::kinds::amqp::client;
use crate::syntax::code::{Call, Entry, Expr, Form, Known};
use crate::systems::Reading;

/// The object that `connect` takes in place of a URI.
const OPTIONS: &[(&str, Field, Unit)] = &[
    ("hostname", client::host, Unit::Text),
    ("port", client::port, Unit::Count),
    ("username", client::user, Unit::Text),
    ("password", client::password, Unit::Secret),
    ("vhost", client::vhost, Unit::Text),
    ("heartbeat", client::heartbeat, Unit::Seconds),
    ("frameMax", client::frame_max, Unit::Bytes),
    ("channelMax", client::channel_max, Unit::Count),
];

const LIBRARY: &str = "amqplib";

/// Options of `assertQueue` that become arguments of the queue (amqplib, lib/api_args.js).
const ARGUMENTS: [(&str, &str); 8] = [
    ("expires", "x-expires"),
    ("messageTtl", "x-message-ttl"),
    ("deadLetterExchange", "x-dead-letter-exchange"),
    ("deadLetterRoutingKey", "x-dead-letter-routing-key"),
    ("maxLength", "x-max-length"),
    ("maxPriority", "x-max-priority"),
    ("overflow", "x-overflow"),
    ("queueMode", "x-queue-mode"),
];

pub(super) fn extract(file: &File<'_>, reading: &mut Reading) {
    let quoted =
        |module: &str| ["'", "\"", "`"].iter().any(|q| file.view.text.contains(&format!("{q}{module}")));
    if !quoted("amqplib") || quoted("amqp-connection-manager") {
        return;
    }
    let whole = whole(file);
    for call in &file.program.calls {
        if call.name() == "connect" && call.receiver().to_ascii_lowercase().contains("amqp") {
            let options = options(file, call);
            let id = calls::client_of(file, call, LIBRARY, &options, reading);
            calls::connection(file, call, LIBRARY, id, &whole, reading);
        } else {
            other(file, call, &whole, reading);
        }
    }
}

fn argument(call: &Call, index: usize) -> Option<&Expr> {
    call.arguments.get(index).map(|a| &a.value)
}

/// An option of the object at a position. `None` where the object is written and has no such option; a place where it
/// cannot be known otherwise.
fn option(file: &File<'_>, call: &Call, index: usize, key: &str) -> Option<Expr> {
    let entries = file.constants.entries(argument(call, index)?)?;
    entries.into_iter().find(|e| e.key == key).map(|e| e.value)
}

/// True if the options at a position are left out or written in full.
fn plain(file: &File<'_>, call: &Call, index: usize) -> bool {
    match argument(call, index) {
        None => true,
        Some(expr) => file.constants.entries(expr).is_some_and(|e| e.iter().all(|e| e.key != "**")),
    }
}

fn whole(file: &File<'_>) -> Whole {
    let mut whole = Whole::default();
    for call in &file.program.calls {
        match call.name() {
            "consume" => whole.consumes = true,
            "sendToQueue" | "publish" => whole.publishes = true,
            "prefetch" => whole.prefetch = true,
            "createConfirmChannel" => {
                whole.confirms = true;
                whole.opens_channel = true;
            }
            "createChannel" => whole.opens_channel = true,
            "on" | "once" | "addListener" => {
                if let Some(Known::Text(event)) = argument(call, 0).and_then(|e| file.constants.known(e)) {
                    whole.close_handler |= matches!(event.as_str(), "close" | "error");
                }
            }
            "assertQueue" => {
                let exclusive = option(file, call, 1, "exclusive");
                let exclusive =
                    exclusive.is_some_and(|e| file.constants.known(&e) == Some(Known::Bool(true)));
                whole.exclusive_queue |= exclusive;
                let plain = option(file, call, 1, "durable").is_none()
                    && option(file, call, 1, "arguments").is_none();
                if !exclusive && plain {
                    whole.durable_queues.extend(argument(call, 0).and_then(|q| calls::same(file, q)));
                }
            }
            _ => {}
        }
    }
    whole
}

fn options<'e>(file: &'e File<'_>, call: &'e Call) -> Options<'e> {
    let mut options = Options::default();
    let Some(first) = argument(call, 0) else { return options };
    match &file.constants.follow(first).form {
        Form::Map { entries, .. } => {
            for entry in entries {
                if let Some((_, field, unit)) = OPTIONS.iter().find(|o| o.0 == entry.key) {
                    options.fields.push((*field, &entry.value, *unit));
                }
                if entry.key == "protocol"
                    && file.constants.known(&entry.value) == Some(Known::Text("amqps".into()))
                {
                    options.tls = Some(&entry.value);
                }
            }
        }
        _ => options.url = Some(first),
    }
    options
}

fn other(file: &File<'_>, call: &Call, whole: &Whole, reading: &mut Reading) {
    match call.name() {
        "consume" if call.arguments.len() >= 2 && plain(file, call, 2) => {
            let ack = option(file, call, 2, "noAck");
            calls::consumes(file, call, LIBRARY, argument(call, 0), ack.as_ref(), whole, reading);
        }
        "prefetch" if !call.arguments.is_empty() => {
            calls::bounds(file, call, LIBRARY, argument(call, 0), argument(call, 1), reading);
        }
        "assertQueue" if plain(file, call, 1) => {
            let [durable, exclusive, auto_delete, arguments] =
                ["durable", "exclusive", "autoDelete", "arguments"].map(|key| option(file, call, 1, key));
            let what = Declared {
                object: "queue",
                name: argument(call, 0),
                durable: durable.as_ref(),
                own_durable: true,
                exclusive: exclusive.as_ref(),
                auto_delete: auto_delete.as_ref(),
                passive: None,
                arguments: arguments.as_ref(),
                options: ARGUMENTS
                    .iter()
                    .filter_map(|(key, name)| {
                        let value = option(file, call, 1, key)?;
                        Some(Entry { key: (*name).to_owned(), at: value.range.clone(), value })
                    })
                    .collect(),
            };
            calls::declares(file, call, LIBRARY, &what, reading);
        }
        "sendToQueue" if plain(file, call, 2) => {
            publish(file, call, 2, whole, reading);
        }
        "publish" if call.arguments.len() >= 3 && plain(file, call, 3) => {
            publish(file, call, 3, whole, reading);
        }
        "reject" if !call.arguments.is_empty() && call.receiver().to_ascii_lowercase().contains("chan") => {
            calls::refuses(file, call, LIBRARY, argument(call, 1), true, reading);
        }
        "nack" if !call.arguments.is_empty() => {
            calls::refuses(file, call, LIBRARY, argument(call, 2), true, reading);
        }
        _ => {}
    }
}

fn publish(file: &File<'_>, call: &Call, index: usize, whole: &Whole, reading: &mut Reading) {
    let persistent =
        match (option(file, call, index, "persistent"), option(file, call, index, "deliveryMode")) {
            (Some(flag), _) => match file.constants.known(&flag) {
                Some(Known::Bool(on)) => Some(on),
                _ => None,
            },
            (None, Some(_)) => None,
            (None, None) => Some(false),
        };
    let mandatory = option(file, call, index, "mandatory");
    let queue = match call.name() {
        "sendToQueue" => argument(call, 0),
        _ => argument(call, 1).filter(|_| calls::default_exchange(file, argument(call, 0))),
    };
    let message = Message { queue, persistent, mandatory: mandatory.as_ref() };
    calls::publishes(file, call, LIBRARY, &message, whole, reading);
}
