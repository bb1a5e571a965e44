//! What install commands and version variables say: the packages of RabbitMQ and Erlang, and plug-ins switched on.

use super::{plugins, releases};
use crate::facts::{Fact, Version};
use crate::source::View;
use crate::syntax::shell::Command;
use crate::systems::Reading;

/// Names before the version, and whether they are Erlang's: apt and apk write `=`, yum and archives `-`, Debian's files
/// `_`. Longer names stand before those they begin with.
const PACKAGES: [(&str, bool); 6] = [
    ("rabbitmq-server-generic-unix", false),
    ("rabbitmq-server", false),
    ("esl-erlang", true),
    ("erlang-base", true),
    ("erlang-nox", true),
    ("erlang", true),
];

/// Programs that print their arguments instead of installing them.
const PRINTS: [&str; 4] = ["echo", "printf", "cat", "grep"];

/// Takes down the releases that a command's words name, and the plug-ins that it enables.
pub fn read_command(view: &View<'_>, command: &Command<'_>, out: &mut Reading) {
    let mut words = command.words.iter().skip_while(|w| w.text == "sudo");
    let Some(program) = words.next() else { return };
    let program = program.text.rsplit('/').next().unwrap_or_default();
    if PRINTS.contains(&program) {
        return;
    }
    if program == "rabbitmq-plugins" {
        if words.next().is_some_and(|w| w.text == "enable") {
            for word in words.filter(|w| w.text.starts_with("rabbitmq_")) {
                let name = word.view(view, 0..word.text.len());
                out.facts.add(plugins::plugin_fact(&word.text, name.full_span()));
            }
        }
        return;
    }
    for word in words {
        let start = word.text.rfind('/').map_or(0, |slash| slash + 1);
        let Some((at, erlang)) = version_in(&word.text[start..]) else { continue };
        let place = word.view(view, start + at.start..start + at.end).full_span();
        let written = &word.text[start + at.start..start + at.end];
        let fact = match erlang {
            true => releases::erlang(written, "package", place),
            false => releases::release(written, "package", place),
        };
        add(fact, out);
    }
}

/// The version in a package's name, and whether the package is Erlang's.
fn version_in(word: &str) -> Option<(std::ops::Range<usize>, bool)> {
    let (name, erlang) = PACKAGES.iter().find(|(name, _)| {
        word.strip_prefix(name).is_some_and(|rest| rest.starts_with(['=', '-', '_', ':']))
    })?;
    let mut start = name.len() + 1;
    // apt names an architecture behind a colon, and an epoch in front of the version.
    let rest = word.get(start..)?;
    if let Some((epoch, _)) = rest.split_once(':')
        && epoch.bytes().all(|b| b.is_ascii_digit())
    {
        start += epoch.len() + 1;
    }
    let rest = word.get(start..)?;
    let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    let written = rest[..length].trim_end_matches('.');
    // `erlang-24` is a package's name more often than a version.
    let exact = Version::parse(written).is_some_and(|v| v.written > 1);
    exact.then(|| (start..start + written.len(), *erlang))
}

/// Takes down the release that a variable names.
pub fn read_variable(name: &str, value: &str, span: crate::source::Span, out: &mut Reading) {
    let fact = match name {
        "RABBITMQ_VERSION" | "RABBITMQ_SERVER_VERSION" => {
            releases::release(value.trim_start_matches('v'), "variable", span)
        }
        "OTP_VERSION" | "ERLANG_VERSION" => releases::erlang(value, "variable", span),
        _ => None,
    };
    add(fact, out);
}

fn add(fact: Option<Fact>, out: &mut Reading) {
    if let Some(fact) = fact {
        out.facts.add(fact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::kinds::rabbitmq::{erlang, plugin, release};
    use crate::source::{FileId, Source};
    use crate::systems::carriers::shell::script;

    #[test]
    fn commands_name_releases_and_plugins() {
        // command; RabbitMQ, Erlang and plug-ins found
        for (text, expected) in [
            ("apt-get install -y rabbitmq-server=3.12.1-1", "3.12.1 - -"),
            ("sudo apt install rabbitmq-server=1:3.12.1-1 erlang-base=1:25.3.2", "3.12.1 25.3.2 -"),
            ("yum install -y rabbitmq-server-3.8.9", "3.8.9 - -"),
            ("yum install erlang-24.0 rabbitmq-server", "- 24.0 -"),
            ("apk add rabbitmq-server=3.13.2-r0", "3.13.2 - -"),
            ("rpm -i https://e.org/v3.8.9/rabbitmq-server-3.8.9-1.el7.noarch.rpm", "3.8.9 - -"),
            ("wget https://e.org/rabbitmq-server_3.11.0-1_all.deb", "3.11.0 - -"),
            ("curl -O https://e.org/rabbitmq-server-generic-unix-4.0.2.tar.xz", "4.0.2 - -"),
            ("echo rabbitmq-server-3.8.9", "- - -"),
            ("apt-get install rabbitmq-server-tools erlang-24", "- - -"),
            ("rabbitmq-plugins enable --offline rabbitmq_mqtt", "- - rabbitmq_mqtt"),
            ("rabbitmq-plugins disable rabbitmq_mqtt", "- - -"),
            ("RABBITMQ_VERSION=4.1.3 OTP_VERSION=27.1", "4.1.3 27.1 -"),
        ] {
            let source = Source::new("install.sh", text);
            let mut reading = Reading::default();
            script(&View::whole(FileId(0), &source), None, &mut reading);
            let first = |kind, field| {
                reading.facts.of(kind).next().and_then(|(_, f)| f.text(field)).unwrap_or("-").to_owned()
            };
            let found = [
                first(&release::KIND, release::written),
                first(&erlang::KIND, erlang::written),
                first(&plugin::KIND, plugin::name),
            ];
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
