//! What programs do with messages, channels and threads, whichever library of AMQP they use.

use std::ops::Range;

use super::File;
use super::calls::for_one_message;
use crate::facts::kinds::amqp::client;
use crate::facts::kinds::code::{acknowledge, channel, foreign_thread, pause};
use crate::facts::{Fact, Value};
use crate::syntax::code::{BlockKind, Call, Form, Known};
use crate::systems::Reading;
use crate::systems::amqp_clients::SERVER_HEARTBEAT;

/// Adds the facts of a file.
pub(super) fn extract(file: &File<'_>, library: &str, reading: &mut Reading) {
    acknowledgements(file, library, reading);
    channels(file, library, reading);
    if library == "pika" {
        threads(file, reading);
        pauses(file, reading);
    }
}

/// Words of code that looks how often a message came, or why it failed.
const LOOKS: &[&str] = &[
    "x-death",
    "redeliver",
    "delivery_count",
    "deliverycount",
    "x-delivery",
    "retry_count",
    "retrycount",
    "retries",
    "attempt",
];

fn contains(text: &str, words: &[&str]) -> bool {
    let lower = text.to_ascii_lowercase();
    words.iter().any(|w| lower.contains(w))
}

/// True for a refusal that follows on any failure: nothing before it in the handler looks at the reason, and nothing in
/// the file at how often the message came.
pub(super) fn on_every_failure(file: &File<'_>, call: &Call) -> bool {
    let handlers = file.program.blocks.iter().filter(|b| {
        b.kind == BlockKind::Handler && b.scope == call.scope && b.range.contains(&call.range.start)
    });
    let inner = handlers.min_by_key(|b| b.range.len()).map(|b| b.range.start);
    let scope = file.program.scopes.get(call.scope);
    let caught = scope.filter(|s| s.passed_to.as_deref().is_some_and(|p| p.ends_with(".catch")));
    let Some(start) = inner.or(caught.map(|s| s.range.start)) else { return false };
    let before = file.view.text.get(start..call.range.start).unwrap_or_default();
    // `if err := d.Nack(false, true); err != nil` looks at the refusal's own failure.
    let own =
        before.rfind('\n').filter(|at| before.get(at + 1..).is_some_and(|l| l.trim().starts_with("if err")));
    let before = own.map_or(before, |at| before.get(..at).unwrap_or_default());
    let looks = ["if ", "if(", "elif", "else", "switch", "match ", "instanceof", "isinstance"];
    !looks.iter().any(|w| before.contains(w)) && !contains(&file.view.text, LOOKS)
}

/// Whether what is refused goes elsewhere: true or false where the file declares its queues in full.
pub(super) fn dead_letters(file: &File<'_>) -> Option<bool> {
    const WORDS: &[&str] = &["dead-letter", "dead_letter", "deadletter", "dlx", "dlq", "dl_"];
    if contains(&file.view.text, WORDS) {
        return Some(true);
    }
    let declares = |c: &&Call| {
        matches!(
            c.name(),
            "queue_declare" | "declare_queue" | "QueueDeclare" | "queueDeclare" | "assertQueue"
        )
    };
    let mut all = file.program.calls.iter().filter(declares).peekable();
    all.peek()?;
    // Arguments that come from elsewhere may name it.
    let plain = all.all(|c| {
        c.named("**").is_none()
            && c.arguments.iter().all(|a| {
                let last = matches!(&a.value.form, Form::Name(_) | Form::Call(_))
                    && (a.name.as_deref() == Some("arguments")
                        || c.arguments.last().is_some_and(|l| l.at == a.at));
                !last
                    || file.constants.known(&a.value).is_some()
                    || file.constants.entries(&a.value).is_some()
            })
    });
    plain.then_some(false)
}

/// True if something in the file hears of messages that no queue took.
pub(super) fn hears_returns(file: &File<'_>) -> bool {
    const WORDS: &[&str] = &[
        "notifyreturn",
        "on_return",
        "return_callback",
        "returnlistener",
        "returncallback",
        "returnscallback",
        "'return'",
        "\"return\"",
        "unroutable",
    ];
    contains(&file.view.text, WORDS)
}

/// Names of calls that are no work: they look at a message, or say something of it.
const ASIDE: &[&str] = &[
    "log",
    "print",
    "debug",
    "info",
    "warn",
    "error",
    "trace",
    "loads",
    "decode",
    "parse",
    "unmarshal",
    "string",
    "str",
    "format",
    "get",
    "body",
    "len",
    "now",
    "time",
    "sprintf",
    "errorf",
    "exception",
    "add",
    "inc",
    "done",
    "tostring",
    "close",
    "cancel",
    "exit",
    "fatal",
    "fatalf",
    "fatalln",
    "printf",
    "println",
    "getbytes",
    "getdeliverytag",
    "getenvelope",
    "range",
    "enumerate",
    "isinstance",
    "int",
    "float",
    "dict",
    "list",
    "set",
    "resolve",
    "reject",
    "expect",
    "assert",
    "keys",
    "items",
    "append",
    "stop",
    "start",
    "stop_consuming",
    "put",
    "send",
    "next",
    "basic_cancel",
];

fn is_aside(call: &Call) -> bool {
    let name = call.name().to_ascii_lowercase();
    let receiver = call.receiver().to_ascii_lowercase();
    let logger = ["log", "console", "metrics", "json", "span", "tracer"].iter().any(|w| receiver.contains(w));
    logger || name.starts_with("log") || ASIDE.contains(&name.as_str())
}

fn is_verdict(call: &Call) -> bool {
    let name = call.name().to_ascii_lowercase();
    ["ack", "nack", "reject", "requeue"].iter().any(|w| name.ends_with(w))
}

/// Acknowledgements that come before the work.
fn acknowledgements(file: &File<'_>, library: &str, reading: &mut Reading) {
    let acks = |c: &&Call| {
        matches!(c.name(), "basic_ack" | "ack" | "Ack" | "basicAck")
            && !c.receiver().is_empty()
            && !c.in_branch
    };
    for ack in file.program.calls.iter().filter(acks) {
        let Some(scope) = file.program.scopes.get(ack.scope).filter(|_| ack.scope != 0) else { continue };
        // A function of that name hands the call on.
        if scope.name.eq_ignore_ascii_case(ack.name()) {
            continue;
        }
        let around = file.program.blocks.iter().filter(|b| {
            matches!(b.kind, BlockKind::Loop | BlockKind::Endless)
                && b.scope == ack.scope
                && b.range.contains(&ack.range.start)
        });
        let region = around.map(|b| b.range.clone()).min_by_key(Range::len).unwrap_or(scope.range.clone());
        let there: Vec<&Call> = file
            .program
            .calls
            .iter()
            .filter(|c| c.scope == ack.scope && region.contains(&c.range.start) && c.range != ack.range)
            .collect();
        let handled = |at: usize| {
            file.program.blocks.iter().any(|b| b.kind == BlockKind::Handler && b.range.contains(&at))
        };
        // Steps that make the loop's messages come before it.
        let text_before = file.view.text.get(region.start..ack.range.start).unwrap_or_default();
        let first_line = region.start + text_before.find('\n').unwrap_or(0);
        let before = there.iter().any(|c| {
            c.range.end <= ack.range.start && c.range.start > first_line && !is_aside(c) && !is_verdict(c)
        });
        // Another function in between does the work, or was given it.
        let functions = file.program.scopes.iter().any(|s| {
            s.parent == Some(ack.scope) && region.contains(&s.range.start) && s.range.start < ack.range.start
        });
        if before || functions {
            continue;
        }
        let after = there.iter().filter(|c| {
            c.range.start > ack.range.end && !is_aside(c) && !is_verdict(c) && !handled(c.range.start)
        });
        let Some(work) = after.min_by_key(|c| c.range.start) else { continue };
        let at = file.span(&ack.at);
        let mut fact = Fact::new(&acknowledge::KIND, at);
        fact.derive(acknowledge::library, Value::text(library));
        fact.write(acknowledge::call, Value::text(&ack.callee), at);
        fact.write(acknowledge::work, Value::text(&work.callee), file.span(&work.at));
        reading.facts.add(fact);
    }
}

/// Channels that are opened for one message.
fn channels(file: &File<'_>, library: &str, reading: &mut Reading) {
    let opens = |c: &&Call| {
        matches!(c.name(), "Channel" | "channel" | "createChannel" | "createConfirmChannel" | "openChannel")
            && !c.receiver().is_empty()
    };
    for call in file.program.calls.iter().filter(opens) {
        let connects = file.program.calls.iter().any(|c| {
            let name = c.name().to_ascii_lowercase();
            c.scope == call.scope && ["dial", "connect", "connection"].iter().any(|w| name.contains(w))
        });
        let at = file.span(&call.at);
        let mut fact = Fact::new(&channel::KIND, at);
        fact.derive(channel::library, Value::text(library));
        fact.write(channel::call, Value::text(&call.callee), at);
        if let Some(scope) = file.program.scopes.get(call.scope).filter(|s| !s.name.is_empty()) {
            fact.derive(channel::function, Value::text(&scope.name));
        }
        fact.derive(channel::for_one_message, Value::Bool(!connects && for_one_message(file, call)));
        reading.facts.add(fact);
    }
}

/// pika's connections and channels belong to the thread that made them.
fn threads(file: &File<'_>, reading: &mut Reading) {
    if contains(&file.view.text, &["add_callback_threadsafe", "call_later", "selectconnection", "asyncio"]) {
        return;
    }
    let targets = file.program.calls.iter().filter(|c| c.name() == "Thread").filter_map(|c| {
        match &c.named("target")?.value.form {
            Form::Name(name) => Some(name.rsplit('.').next().unwrap_or_default().to_owned()),
            _ => None,
        }
    });
    let targets: Vec<String> = targets.collect();
    const FOREIGN: &[&str] =
        &["basic_publish", "basic_ack", "basic_nack", "basic_reject", "process_data_events"];
    for (index, scope) in file.program.scopes.iter().enumerate().filter(|(_, s)| targets.contains(&s.name)) {
        let inside = |c: &&Call| c.scope == index && FOREIGN.contains(&c.name());
        for call in file.program.calls.iter().filter(inside) {
            let receiver = call.receiver();
            let own = file.program.assignments.iter().any(|a| a.scope == index && a.target == receiver);
            // A thread whose function consumes has a channel of its own, made elsewhere perhaps.
            let consumes = file.program.calls.iter().any(|c| {
                c.scope == index && matches!(c.name(), "start_consuming" | "BlockingConnection" | "connect")
            });
            let given = scope.parameters.split([',', '(', ')']).any(|p| p.trim() == receiver);
            let made_here = file.program.assignments.iter().any(|a| a.scope != index && a.target == receiver);
            if own || consumes || !(given || made_here) || receiver.is_empty() {
                continue;
            }
            let at = file.span(&call.at);
            let mut fact = Fact::new(&foreign_thread::KIND, at);
            fact.derive(foreign_thread::library, Value::text("pika"));
            fact.write(foreign_thread::call, Value::text(&call.callee), at);
            fact.derive(foreign_thread::function, Value::text(&scope.name));
            reading.facts.add(fact);
        }
    }
}

/// Pauses in what a blocking connection calls.
fn pauses(file: &File<'_>, reading: &mut Reading) {
    if !file.view.text.contains("BlockingConnection") {
        return;
    }
    let called = file.program.calls.iter().filter(|c| c.name() == "basic_consume").filter_map(|c| {
        let callback = c.named("on_message_callback").or_else(|| c.positional(1))?;
        match &callback.value.form {
            Form::Name(name) => Some(name.rsplit('.').next().unwrap_or_default().to_owned()),
            _ => None,
        }
    });
    let called: Vec<String> = called.collect();
    let asked = reading.facts.of(&client::KIND).find_map(|(_, f)| f.int(client::effective_heartbeat));
    let heartbeat = asked.unwrap_or(SERVER_HEARTBEAT);
    for (index, scope) in file.program.scopes.iter().enumerate().filter(|(_, s)| called.contains(&s.name)) {
        for call in file.program.calls.iter().filter(|c| c.scope == index && c.name() == "sleep") {
            if !matches!(call.receiver(), "time" | "") {
                continue;
            }
            let Some(argument) = call.arguments.first() else { continue };
            let lasts = match file.constants.known(&argument.value) {
                Some(Known::Int(n)) => n.saturating_mul(1_000),
                Some(Known::Float(n)) => (n * 1_000.0) as i64,
                _ => continue,
            };
            let mut fact = Fact::new(&pause::KIND, file.span(&call.at));
            fact.derive(pause::library, Value::text("pika"));
            fact.derive(pause::function, Value::text(&scope.name));
            fact.write(pause::lasts, Value::Duration(lasts), file.span(&argument.value.range));
            fact.derive(pause::heartbeat, Value::Duration(heartbeat));
            reading.facts.add(fact);
        }
    }
}
