//! Java: RabbitMQ's own client.

use super::File;
use super::calls::{self, Declared, Message, Options, Unit, Whole};
use crate::facts::Field;
use crate::facts::kinds::amqp::client;
use crate::syntax::code::{Call, Expr, Form, Known};
use crate::systems::Reading;

/// The setters of `ConnectionFactory`.
const SETTERS: &[(&str, Field, Unit)] = &[
    ("setHost", client::host, Unit::Text),
    ("setPort", client::port, Unit::Count),
    ("setUsername", client::user, Unit::Text),
    ("setPassword", client::password, Unit::Secret),
    ("setVirtualHost", client::vhost, Unit::Text),
    ("setRequestedHeartbeat", client::heartbeat, Unit::Seconds),
    ("setConnectionTimeout", client::connection_timeout, Unit::Millis),
    ("setHandshakeTimeout", client::handshake_timeout, Unit::Millis),
    ("setChannelRpcTimeout", client::rpc_timeout, Unit::Millis),
    ("setRequestedChannelMax", client::channel_max, Unit::Count),
    ("setRequestedFrameMax", client::frame_max, Unit::Bytes),
    ("setAutomaticRecoveryEnabled", client::recovery, Unit::Flag),
    ("setTopologyRecoveryEnabled", client::topology_recovery, Unit::Flag),
    ("setNetworkRecoveryInterval", client::recovery_interval, Unit::Millis),
];

const LIBRARY: &str = "java";

pub(super) fn extract(file: &File<'_>, reading: &mut Reading) {
    // The library itself, and Spring AMQP, which opens connections again in its own way, are no users of it.
    let theirs = ["package com.rabbitmq.client", "package org.springframework.amqp"];
    if !file.program.imports("com.rabbitmq.client") || theirs.iter().any(|p| file.view.text.contains(p)) {
        return;
    }
    let whole = whole(file);
    for call in &file.program.calls {
        match call.name() {
            "ConnectionFactory" if !call.targets.is_empty() => factory(file, call, &whole, reading),
            "useSslProtocol" if call.arguments.len() < 2 => {
                // With a context or a trust manager the program decides.
                let named =
                    matches!(call.arguments.first().map(|a| &a.value.form), None | Some(Form::Text { .. }));
                if named {
                    calls::unverified(
                        file,
                        &call.at,
                        LIBRARY,
                        "useSslProtocol without a trust manager",
                        reading,
                    );
                }
            }
            "TrustEverythingTrustManager" => {
                calls::unverified(file, &call.at, LIBRARY, "TrustEverythingTrustManager", reading);
            }
            _ => other(file, call, &whole, reading),
        }
    }
}

fn argument(call: &Call, index: usize) -> Option<&Expr> {
    call.arguments.get(index).map(|a| &a.value)
}

fn is(file: &File<'_>, expr: Option<&Expr>, wanted: bool) -> bool {
    expr.is_some_and(|e| file.constants.known(e) == Some(Known::Bool(wanted)))
}

fn whole(file: &File<'_>) -> Whole {
    // The client opens lost connections again by itself.
    let mut whole = Whole { close_handler: true, ..Whole::default() };
    for call in &file.program.calls {
        match call.name() {
            "basicConsume" => whole.consumes = true,
            "basicPublish" => whole.publishes = true,
            "basicQos" => whole.prefetch = true,
            "confirmSelect" => whole.confirms = true,
            "createChannel" => whole.opens_channel = true,
            "queueDeclare" if call.arguments.is_empty() => whole.exclusive_queue = true,
            "queueDeclare" => {
                let plain = matches!(argument(call, 4).map(|a| &a.form), Some(Form::Null));
                if is(file, argument(call, 1), true) && plain {
                    whole.durable_queues.extend(argument(call, 0).and_then(|q| calls::same(file, q)));
                }
                whole.exclusive_queue |= is(file, argument(call, 2), true);
            }
            _ => {}
        }
    }
    whole
}

/// A factory and the calls that set it up; its connections are opened where `newConnection` is called on it.
fn factory(file: &File<'_>, made: &Call, whole: &Whole, reading: &mut Reading) {
    let Some(name) = made.targets.first() else { return };
    let makers =
        file.program.calls.iter().filter(|c| c.name() == "ConnectionFactory" && c.targets.contains(name));
    if makers.count() != 1 {
        return;
    }
    let mut options = Options::default();
    let spring = file.program.imports("org.springframework.amqp");
    for call in file.program.calls.iter().filter(|c| c.receiver() == name.as_str()) {
        if spring && call.name() == "setAutomaticRecoveryEnabled" {
            continue;
        }
        let first = argument(call, 0);
        if let (Some((_, field, unit)), Some(value)) = (SETTERS.iter().find(|s| s.0 == call.name()), first) {
            options.fields.push((*field, value, *unit));
        }
        match call.name() {
            "setUri" => options.url = first,
            "useSslProtocol" => options.tls = first,
            _ => {}
        }
    }
    let id = calls::client_of(file, made, LIBRARY, &options, reading);
    for call in &file.program.calls {
        if call.receiver() == name.as_str() && call.name() == "newConnection" {
            calls::connection(file, call, LIBRARY, id, whole, reading);
        }
    }
}

fn other(file: &File<'_>, call: &Call, whole: &Whole, reading: &mut Reading) {
    let count = call.arguments.len();
    match (call.name(), count) {
        ("basicConsume", 2..) => {
            // Without the flag the second argument is a callback.
            let flag = argument(call, 1).filter(|e| matches!(file.constants.known(e), Some(Known::Bool(_))));
            calls::consumes(file, call, LIBRARY, argument(call, 0), flag, whole, reading);
        }
        ("basicQos", 1 | 2) => {
            calls::bounds(file, call, LIBRARY, argument(call, 0), argument(call, 1), reading);
        }
        ("basicQos", 3) => {
            calls::bounds(file, call, LIBRARY, argument(call, 1), argument(call, 2), reading);
        }
        ("queueDeclare", 5) => {
            let what = Declared {
                object: "queue",
                name: argument(call, 0),
                durable: argument(call, 1),
                own_durable: false,
                exclusive: argument(call, 2),
                auto_delete: argument(call, 3),
                passive: None,
                arguments: argument(call, 4),
                options: Vec::new(),
            };
            calls::declares(file, call, LIBRARY, &what, reading);
        }
        ("basicPublish", 4) => {
            publish(file, call, 2, None, whole, reading);
        }
        ("basicPublish", 5) => {
            publish(file, call, 3, argument(call, 2), whole, reading);
        }
        ("basicReject", 2) => calls::refuses(file, call, LIBRARY, argument(call, 1), true, reading),
        ("basicNack", 3) => calls::refuses(file, call, LIBRARY, argument(call, 2), true, reading),
        _ => {}
    }
}

fn publish(
    file: &File<'_>,
    call: &Call,
    properties: usize,
    mandatory: Option<&Expr>,
    whole: &Whole,
    reading: &mut Reading,
) {
    let by_name = calls::default_exchange(file, argument(call, 0));
    let message = Message {
        queue: argument(call, 1).filter(|_| by_name),
        persistent: persistent(argument(call, properties)),
        mandatory,
    };
    calls::publishes(file, call, LIBRARY, &message, whole, reading);
}

fn persistent(properties: Option<&Expr>) -> Option<bool> {
    match &properties?.form {
        Form::Null => Some(false),
        Form::Name(name) if name.contains("PERSISTENT") => Some(true),
        _ => None,
    }
}
