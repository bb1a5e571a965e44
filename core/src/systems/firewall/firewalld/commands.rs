//! `firewall-cmd` lines of scripts, in their order.
//!
//! firewalld has two configurations: the running one, and the permanent one, which a reload or the next start makes the
//! running one. `--permanent` changes the second only.

use super::zones::{Set, Stage, Told, ruleset, shipped_services};
use super::{rich, set_port, set_service};
use crate::firewall::{Block, MatchFault, Rule, Ruleset, Verdict};
use crate::source::Span;
use crate::systems::firewall::commands::{Command, Word};

/// Options that are of interest and take a value, behind `=` or as the next word.
const VALUED: &[&str] = &[
    "--zone",
    "--policy",
    "--new-zone",
    "--new-policy",
    "--add-port",
    "--add-service",
    "--add-rich-rule",
    "--add-source",
    "--change-source",
    "--add-interface",
    "--change-interface",
    "--add-ingress-zone",
    "--add-egress-zone",
    "--remove-port",
    "--remove-service",
    "--remove-rich-rule",
    "--remove-source",
    "--remove-interface",
    "--set-target",
    "--set-priority",
    "--set-default-zone",
    "--timeout",
];

/// The zone that takes everything on a fresh system (firewalld.conf(5), DefaultZone).
const DEFAULT_ZONE: &str = "public";

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

/// What `firewall-cmd` has been told so far.
struct Firewalld {
    sets: Vec<Set>,
    default: String,
    span: Span,
}

/// Which configurations a command changes.
#[derive(Clone, Copy)]
struct Where {
    runtime: bool,
    permanent: bool,
}

/// Reads what a script tells `firewall-cmd`, if it does.
pub(in crate::systems::firewall) fn from_commands(commands: &[Command]) -> Option<Ruleset> {
    let mut told: Option<Firewalld> = None;
    for command in commands {
        if !matches!(command.program(), "firewall-cmd" | "firewall-offline-cmd") {
            continue;
        }
        let span = command.span;
        let new = || Firewalld { sets: Vec::new(), default: DEFAULT_ZONE.to_owned(), span };
        told.get_or_insert_with(new).tell(command);
    }
    let mut told = told?;
    let says = |s: &Set| s.rules.iter().any(|t| !t.rule.implied) || s.is_policy;
    if !told.sets.iter().any(says) {
        return None;
    }
    let default = told.default.clone();
    if default != DEFAULT_ZONE {
        // What the zone does to the rest is known by its name.
        told.set(&default, false, told.span);
    }
    let written = told.sets.iter().flat_map(|s| &s.rules).filter(|t| !t.rule.implied);
    let span = written.map(|t| t.rule.span).min().unwrap_or(told.span);
    Some(ruleset(told.sets, Some(&default), span))
}

impl Firewalld {
    fn tell(&mut self, command: &Command) {
        let options = options(command);
        let is = |name: &str| options.iter().any(|o| o.0 == name);
        let value = |name: &str| options.iter().find(|o| o.0 == name).map(|o| (o.1, o.2));
        // Rules beside zones, and rules that go away by themselves.
        if is("--direct") || is("--timeout") {
            return;
        }
        if is("--reload") || is("--complete-reload") {
            return self.reload(command.conditional);
        }
        if is("--runtime-to-permanent") {
            return self.rules().for_each(|t| t.permanent |= t.runtime);
        }
        if let Some((name, word)) = value("--set-default-zone") {
            if !word.open && !command.conditional {
                name.clone_into(&mut self.default);
            }
            return;
        }
        for (option, is_policy) in [("--new-zone", false), ("--new-policy", true)] {
            if let Some((name, _)) = value(option) {
                self.set(name, is_policy, command.span);
                return;
            }
        }
        // Without the daemon there is one configuration, which its start loads.
        let offline = command.program() == "firewall-offline-cmd";
        let to = Where { runtime: offline || !is("--permanent"), permanent: offline || is("--permanent") };
        let (named, is_policy) = match (value("--policy"), value("--zone")) {
            (Some((name, _)), _) => (name.to_owned(), true),
            (None, Some((name, _))) => (name.to_owned(), false),
            (None, None) => (self.default.clone(), false),
        };
        for (option, value, word) in &options {
            self.change(command, (option, value, word), (&named, is_policy), to);
        }
    }

    fn rules(&mut self) -> impl Iterator<Item = &mut Told> {
        self.sets.iter_mut().flat_map(|s| &mut s.rules)
    }

    /// The permanent configuration becomes the running one.
    fn reload(&mut self, conditional: bool) {
        self.rules()
            .for_each(|t| t.runtime = if conditional { t.runtime || t.permanent } else { t.permanent });
    }

    fn set(&mut self, name: &str, is_policy: bool, span: Span) -> &mut Set {
        let known = self.sets.iter().position(|s| s.name == name && s.is_policy == is_policy);
        let at = known.unwrap_or_else(|| {
            let mut set = Set::new(name, is_policy, span);
            for service in if is_policy { &[] } else { shipped_services(name) } {
                let mut rule = Rule::new(span, Verdict::Accept);
                rule.implied = true;
                set_service(&mut rule, service, span);
                set.rules.push(Told::both(Stage::Allow, rule));
            }
            self.sets.push(set);
            self.sets.len() - 1
        });
        &mut self.sets[at]
    }

    fn change(
        &mut self,
        command: &Command,
        (option, value, word): (&str, &str, &Word),
        (named, is_policy): (&str, bool),
        to: Where,
    ) {
        let place = word.span;
        let (verb, what) = option.trim_start_matches('-').split_once('-').unwrap_or_default();
        let mut rule = Rule::new(command.span, Verdict::Accept);
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
            "rich-rule" => (stage, rule) = rich::read(value, command.span, place),
            "source" | "interface" | "target" | "priority" | "ingress-zone" | "egress-zone" => {}
            _ => return,
        }
        if command.conditional {
            rule.matches.unknown.push("it is set only under a condition".into());
        }
        let conditional = command.conditional;
        let set = self.set(named, is_policy, command.span);
        let same = |t: &Told| t.rule.matches == rule.matches && t.rule.verdict == rule.verdict;
        match (verb, what) {
            ("add" | "change", "source") => match Block::parse(value) {
                Some(block) if !conditional => set.sources.push(block),
                _ => set.bound_elsewhere = true,
            },
            ("add" | "change", "interface") if word.open || conditional => set.bound_elsewhere = true,
            ("add" | "change", "interface") => set.interfaces.push(value.to_owned()),
            ("remove", "source" | "interface") => {
                set.sources.retain(|s| Block::parse(value) != Some(*s));
                set.interfaces.retain(|i| i != value);
            }
            ("add", "ingress-zone") => set.ingress.push(value.to_owned()),
            ("add", "egress-zone") => set.egress.push(value.to_owned()),
            ("set", "priority") => set.priority = value.parse().unwrap_or(set.priority),
            ("set", "target") => set.target(value, place),
            ("add", _) => match set.rules.iter_mut().find(|t| rule.fault.is_none() && same(t)) {
                // What is set now and for the next start is said twice.
                Some(told) => {
                    told.runtime |= to.runtime;
                    told.permanent |= to.permanent;
                    if told.rule.implied {
                        told.rule = rule;
                    }
                }
                None => {
                    let (runtime, permanent) = (to.runtime, to.permanent);
                    set.rules.push(Told { stage, rule, runtime, permanent });
                }
            },
            ("remove", _) if !conditional => set.rules.retain(|t| !same(t)),
            _ => {}
        }
    }
}
