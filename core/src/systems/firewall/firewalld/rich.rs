//! Rich rules as `firewall-cmd` takes them (firewalld.richlanguage(5)).

use super::zones::Stage;
use super::{set_port, set_rate, set_service, set_source};
use crate::firewall::{Families, MatchFault, Protocols, Rule, Verdict};
use crate::source::Span;
use crate::syntax::script;

/// Bounds of a priority.
const PRIORITY: std::ops::RangeInclusive<i32> = -32_768..=32_767;

/// What the words so far are about: attributes belong to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Rule,
    Source,
    Destination,
    Port,
    SourcePort,
    Service,
    Log,
    Action,
    Limit,
    LogLimit,
    Other,
}

/// Reads one rule. `span` is its command, `place` its text.
pub(super) fn read(text: &str, span: Span, place: Span) -> (Stage, Rule) {
    let mut rule = Rule::new(span, Verdict::Continue);
    let mut priority = 0;
    let mut part = Part::Other;
    let mut negated = false;
    let mut addressed = false;
    let mut port = String::new();
    let fault = |rule: &mut Rule, code, reason: String| {
        rule.fault.get_or_insert(MatchFault { code, span: place, reason });
    };
    for word in script::words(text, 0) {
        let word = word.text.as_str();
        let Some((key, value)) = word.split_once('=') else {
            part = match word {
                "rule" => Part::Rule,
                "source" => Part::Source,
                "destination" => Part::Destination,
                "not" | "NOT" => {
                    negated = true;
                    continue;
                }
                "port" => Part::Port,
                "source-port" => Part::SourcePort,
                "service" => Part::Service,
                "log" | "audit" | "nflog" => Part::Log,
                "accept" | "drop" | "reject" | "mark" => Part::Action,
                "limit" if part == Part::Log => Part::LogLimit,
                "limit" => Part::Limit,
                "protocol" | "icmp-block" | "icmp-type" | "masquerade" | "forward-port" | "tcp-mss-clamp" => {
                    Part::Other
                }
                _ => {
                    fault(&mut rule, "rich-rule", format!("a rich rule has no part called {word}"));
                    continue;
                }
            };
            match word {
                "accept" => rule.verdict = Verdict::Accept,
                "drop" => rule.verdict = Verdict::Drop,
                "reject" => rule.verdict = Verdict::Reject("port-unreachable".into()),
                "protocol" | "icmp-block" | "icmp-type" => rule.matches.protocols = Protocols::OTHER,
                "forward-port" => rule.verdict = Verdict::Elsewhere,
                _ => {}
            }
            continue;
        };
        match (part, key) {
            (Part::Rule, "priority") => match value.parse() {
                Ok(number) if PRIORITY.contains(&number) => priority = number,
                _ => fault(&mut rule, "priority", format!("{value} is no priority from -32768 to 32767")),
            },
            (Part::Rule, "family") => match value {
                "ipv4" => rule.matches.families = Families::V4,
                "ipv6" => rule.matches.families = Families::V6,
                _ => fault(&mut rule, "family", format!("{value} is no family: it is ipv4 or ipv6")),
            },
            (Part::Source, "address") => {
                let said = rule.matches.families;
                set_source(&mut rule, value, std::mem::take(&mut negated), place);
                addressed = true;
                if said != Families::BOTH && rule.matches.source.is_some() && rule.matches.families != said {
                    fault(&mut rule, "other-family", format!("{value} is an address of the other family"));
                }
            }
            (Part::Source, _) => rule.matches.unknown.push("it asks for a set of addresses".into()),
            (Part::Destination, _) => {
                addressed |= key == "address";
                rule.matches.unknown.push("it asks for a destination".into());
            }
            (Part::Service, "name") => set_service(&mut rule, value, place),
            (Part::Port, "port") => port = value.into(),
            (Part::Port, "protocol") => set_port(&mut rule, &port, value, place),
            (Part::SourcePort, _) => rule.matches.unknown.push("it asks for the client's own port".into()),
            (Part::Limit, "value") => set_rate(&mut rule, value),
            _ => {}
        }
    }
    let family_missing = addressed && !text.contains("family=");
    if family_missing {
        let reason = "a rich rule with an address needs family=\"ipv4\" or family=\"ipv6\"";
        fault(&mut rule, "missing-family", reason.into());
    }
    (Stage::of(priority, &rule.verdict), rule)
}
