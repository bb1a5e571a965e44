//! Shell scripts: their variables, the URIs in their commands, and the configurations that they write.

use crate::source::{Source, View};
use crate::syntax::shell::{self, Command, is_assignment};
use crate::systems::containers::variables::{self, Owner};
use crate::systems::firewall;
use crate::systems::kafka::topics;
use crate::systems::rabbitmq::packages;
use crate::systems::uris::{self, UriContext};
use crate::systems::{FileKind, Match, Reading};

/// Scripts.
pub static SHELL: FileKind = FileKind {
    name: "shell",
    doc: "Shell scripts: variables, connection URIs, and configurations written by here-documents",
    recognise,
    read,
};

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let first = source.text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let shebang = first.starts_with("#!")
        && first
            .split(['/', ' '])
            .any(|w| matches!(w.trim(), "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh" | "with-contenv"));
    if shebang {
        return Match::Sure;
    }
    if super::has_ending(name, &["sh", "bash", "ksh", "zsh"]) { Match::Likely } else { Match::No }
}

/// Scripts without an ending or a first line that tells, which set up a firewall.
pub static FIREWALL_SCRIPT: FileKind = FileKind {
    name: "firewall-script",
    doc: "A shell script with `ufw`, `iptables` or `firewall-cmd` commands.",
    recognise: sets_up_firewall,
    read,
};

fn sets_up_firewall(source: &Source) -> Match {
    let name = source.base_name();
    let prose = [".md", ".rst", ".yml", ".yaml", ".json", ".py", ".xml", ".html", ".toml"];
    if prose.iter().any(|e| name.ends_with(e)) || !firewall::runs_any(&source.text) {
        return Match::No;
    }
    match name.ends_with(".sh") || source.text.starts_with("#!") || !name.contains('.') {
        true => Match::Likely,
        false => Match::Possible,
    }
}

fn read(view: &View<'_>, out: &mut Reading) {
    script(view, None, out);
}

/// Words before names that are given values.
const DECLARATIONS: &[&str] = &["export", "readonly", "local", "declare", "typeset"];

/// Reads a script, whose variables belong to `owner`.
pub fn script(view: &View<'_>, owner: Owner, out: &mut Reading) {
    let script = shell::parse(view);
    for file in &script.files {
        if !out.embed(&file.path, None, &file.view) {
            let context = UriContext { comment: Some("#"), ..UriContext::default() };
            uris::scan(&file.view, &context, out);
        }
    }
    for command in &script.commands {
        read_command(view, command, owner, out);
    }
    firewall::read_script(view, out);
}

fn read_command(view: &View<'_>, command: &Command<'_>, owner: Owner, out: &mut Reading) {
    packages::read_command(view, command, out);
    topics::read_command(view, command, out);
    let declares = command.words.first().is_some_and(|w| DECLARATIONS.contains(&w.text.as_str()));
    let mut rest = command.words.as_slice();
    if declares {
        rest = rest.get(1..).unwrap_or_default();
    }
    while let Some((word, after)) = rest.split_first() {
        if !is_assignment(word) {
            if declares {
                rest = after;
                continue;
            }
            break;
        }
        let sign = word.text.find('=').unwrap_or_default();
        let name = word.view(view, 0..sign);
        let value = word.view(view, sign + 1..word.text.len());
        let raw = view.text.get(word.range.clone()).unwrap_or_default();
        variables::add(&name, Some(&value), !raw.contains('\''), owner, out);
        rest = after;
    }
    if let (Some(first), Some(last)) = (rest.first(), rest.last())
        && !command.written
    {
        let part = view.sub(first.range.start..last.range.end);
        uris::scan(&part, &UriContext { expands_variables: Some(true), ..UriContext::default() }, out);
    }
    for document in command.here.iter().filter(|_| !command.written) {
        let context = UriContext { comment: Some("#"), ..UriContext::default() };
        uris::scan(&document.body, &context, out);
    }
}
