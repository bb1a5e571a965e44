//! `firewall-cmd` lines of scripts, in their order.

use super::{Stage, Zone, rich, set_port, set_service};
use crate::firewall::{Block, MatchFault, Rule, Ruleset, Verdict};
use crate::systems::firewall::commands::{Command, Word};

/// Options that are of interest and take a value, behind `=` or as the next word.
const VALUED: &[&str] = &[
    "--zone",
    "--policy",
    "--add-port",
    "--add-service",
    "--add-rich-rule",
    "--add-source",
    "--add-interface",
    "--remove-port",
    "--remove-service",
    "--remove-rich-rule",
    "--set-target",
    "--set-default-zone",
];

/// The options of a command with their values.
fn options(command: &Command) -> Vec<(&str, &str, &Word)> {
    let mut out = Vec::new();
    let mut words = command.arguments().iter();
    while let Some(word) = words.next() {
        match word.text.split_once('=') {
            Some((option, value)) if option.starts_with("--") => out.push((option, value, word)),
            _ if VALUED.contains(&word.text.as_str()) => {
                if let Some(value) = words.next() {
                    out.push((&word.text, &value.text, value));
                }
            }
            _ => out.push((&word.text, "", word)),
        }
    }
    out
}

/// Reads what a script tells `firewall-cmd` about one zone, if it does.
pub(in crate::systems::firewall) fn from_commands(commands: &[Command]) -> Option<Ruleset> {
    let mut zone: Option<Zone> = None;
    let mut default_zone = "public".to_owned();
    for command in commands {
        if !matches!(command.program(), "firewall-cmd" | "firewall-offline-cmd") {
            continue;
        }
        let options = options(command);
        // A policy decides about traffic between zones.
        if options.iter().any(|o| matches!(o.0, "--policy" | "--direct")) {
            continue;
        }
        if let Some((_, name, _)) = options.iter().find(|o| o.0 == "--set-default-zone") {
            (*name).clone_into(&mut default_zone);
            continue;
        }
        let span = command.span;
        let named = options.iter().find(|o| o.0 == "--zone").map_or(default_zone.as_str(), |o| o.1);
        for (option, value, word) in &options {
            let place = word.span;
            let (verb, what) = option.trim_start_matches('-').split_once('-').unwrap_or_default();
            let mut rule = Rule::new(span, Verdict::Accept);
            let mut stage = Stage::Allow;
            match what {
                "port" => match value.split_once('/') {
                    _ if word.open => rule.matches.unknown.push("a port is a variable".into()),
                    Some((port, protocol)) => set_port(&mut rule, port, protocol, place),
                    None => {
                        let reason = format!("{value} needs a protocol: {value}/tcp");
                        rule.fault = Some(MatchFault { code: "protocol-missing", span: place, reason });
                    }
                },
                "service" if word.open => rule.matches.unknown.push("a service is a variable".into()),
                "service" => set_service(&mut rule, value, place),
                "rich-rule" if word.open => {
                    rule.verdict = Verdict::Unknown("a rich rule with a variable may decide".into());
                }
                "rich-rule" => (stage, rule) = rich::read(value, span, place),
                "source" | "interface" | "target" => {}
                _ => continue,
            }
            if command.conditional {
                rule.matches.unknown.push("it is set only under a condition".into());
            }
            // Rules of several zones in one script stay apart: only the first zone's are kept.
            let zone = zone.get_or_insert_with(|| Zone::new(named, named == default_zone, span));
            if zone.name != named {
                continue;
            }
            let same = |(_, r): &(Stage, Rule)| r.matches == rule.matches && r.verdict == rule.verdict;
            match (verb, what) {
                ("add", "source") => zone.sources.extend(Block::parse(value)),
                ("add", "interface") => zone.interfaces.push((*value).to_owned()),
                ("set", "target") => zone.target(value, place),
                // What is set now and for the next start is said twice.
                ("add", _) if rule.fault.is_none() && zone.rules.iter().any(same) => {}
                ("add", _) => zone.rules.push((stage, rule)),
                ("remove", "port" | "service" | "rich-rule") if !command.conditional => {
                    zone.rules.retain(|r| !same(r));
                }
                _ => {}
            }
        }
    }
    zone.filter(|z| !z.rules.is_empty()).map(Zone::finish)
}
