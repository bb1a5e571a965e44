//! Trees (YAML, JSON, TOML) whose keys nobody knows: connection URIs in every value, and the configurations that
//! values carry.

use crate::secrets;
use crate::source::View;
use crate::syntax::{Data, Node, Scalar, Style};
use crate::systems::Reading;
use crate::systems::carriers::shell::SHELL;
use crate::systems::uris::{self, Place, UriContext};

/// How the values of a tree are read.
#[derive(Clone, Copy, Debug)]
pub struct TreeContext<'c> {
    /// Whether `${X}` in a value is filled in before a client reads it; `None` when that is not known.
    pub expands: Option<bool>,
    /// The object that carries the values, for embedded files.
    pub carrier: Option<&'c str>,
    /// True if the caller reads environment variables itself, so that they are passed over here.
    pub skip_environment: bool,
}

/// Keys whose values are commands.
const COMMANDS: &[&str] = &[
    "command",
    "cmd",
    "args",
    "entrypoint",
    "test",
    "run",
    "script",
    "exec",
    "shell",
    "ansible.builtin.shell",
    "ansible.builtin.command",
    "post_start",
    "pre_stop",
];

/// Keys whose values are for people.
const PROSE: &[&str] = &[
    "description",
    "summary",
    "title",
    "comment",
    "comments",
    "help",
    "notes",
    "documentation",
    "example",
    "examples",
];

/// Keys that say, next to a text, which file it will be.
const NAMES: &[&str] = &["path", "dest", "destination", "target", "filename", "file", "mountPath"];

/// Keys that hold environment variables.
const ENVIRONMENT: &[&str] = &["environment", "env"];

/// Keys of a text that becomes a file.
const CONTENTS: &[&str] = &["content", "contents", "data", "text", "inline"];

/// Reads every value of a tree.
pub fn scan(node: &Node<'_>, context: &TreeContext<'_>, out: &mut Reading) {
    go(node, None, false, context, out);
}

fn go(node: &Node<'_>, key: Option<&str>, command: bool, context: &TreeContext<'_>, out: &mut Reading) {
    match &node.data {
        Data::Scalar(scalar) => value(scalar, key, key, command, context, out),
        Data::Seq(items) | Data::Tuple(items) => {
            for item in items {
                go(item, key, command, context, out);
            }
        }
        Data::Map(entries) => {
            // `{name: AMQP_URL, value: …}`: the name is the key.
            let named = node.get("name").or_else(|| node.get("key")).and_then(Node::text);
            let path = NAMES.iter().find_map(|n| node.get(n)).and_then(Node::text);
            for entry in entries {
                let own = entry.key.view.text.as_ref();
                if context.skip_environment && ENVIRONMENT.contains(&own) {
                    continue;
                }
                let command = command || COMMANDS.contains(&own.to_ascii_lowercase().as_str());
                let key = if own == "value" { named.or(Some(own)) } else { Some(own) };
                match &entry.value.data {
                    Data::Scalar(scalar) => {
                        let file = if CONTENTS.contains(&own) { path.or(Some(own)) } else { Some(own) };
                        value(scalar, key, file, command, context, out);
                    }
                    _ => go(&entry.value, key, command, context, out),
                }
            }
        }
    }
}

fn value(
    scalar: &Scalar<'_>,
    key: Option<&str>,
    file: Option<&str>,
    command: bool,
    context: &TreeContext<'_>,
    out: &mut Reading,
) {
    let view = &scalar.view;
    let lines = scalar.style == Style::Block || view.text.contains('\n');
    if lines && let Some(file) = file {
        let read = if command {
            out.embed_as(&SHELL, file, context.carrier, view)
        } else {
            out.embed(file, context.carrier, view)
        };
        if read {
            return;
        }
    }
    if key.is_some_and(secrets::is_secret_name)
        && !lines
        && !secrets::is_placeholder(&view.text)
        && scalar.as_bool().is_none()
    {
        out.secrets.push(view.full_span());
    }
    if !view.text.contains(':') {
        return;
    }
    let prose = key.is_some_and(|k| PROSE.contains(&k.to_ascii_lowercase().as_str()));
    // `- NAME=value` in a list of variables.
    let assigned = view.text.find('=').filter(|&at| {
        let name = &view.text[..at];
        !command
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
    });
    let part = assigned.map(|at| (view.text[..at].to_string(), view.sub(at + 1..view.text.len())));
    let (key, view): (Option<&str>, &View<'_>) = match &part {
        Some((name, part)) => (Some(name), part),
        None => (key, view),
    };
    let place = if prose {
        Place::Prose
    } else if command || lines {
        Place::Code
    } else {
        Place::Value
    };
    let comment = lines.then_some("#");
    let context =
        UriContext { key, place, expands_variables: context.expands, comment, ..UriContext::default() };
    uris::scan(view, &context, out);
}
