//! iptables and ip6tables: saved tables and commands.

mod rule;
mod values;

use std::collections::BTreeSet;

use rule::{RuleWords, read as read_rule};
pub(super) use values::host_bits;

use super::commands::{Command, Word};
use super::tables::Tables;
use super::{Carrier, facts};
use crate::firewall::{Families, Family, MatchFault, Policy, Ruleset, Verdict};
use crate::source::{Source, Span, View};
use crate::syntax::script;
use crate::syntax::template;
use crate::systems::{FileKind, Match, Reading};

/// What `iptables-save` prints and `iptables-restore` loads.
pub static SAVED: FileKind = FileKind {
    name: "iptables-save",
    doc: "Tables as `iptables-save` prints them.",
    recognise,
    read: |view, reading| {
        let ruleset = read(view, reading);
        facts::add(ruleset, Carrier::File, reading);
    },
};

fn recognise(source: &Source) -> Match {
    let mut table = false;
    let mut rule = false;
    for line in source.text.lines().map(str::trim) {
        if matches!(line, "*filter" | "*nat" | "*mangle" | "*raw" | "*security") {
            table = true;
        } else if !table && !line.is_empty() && !line.starts_with('#') {
            return Match::No;
        }
        rule |= line.starts_with(':') || line.starts_with("-A ") || line == "COMMIT";
        if table && rule {
            return Match::Sure;
        }
    }
    Match::No
}

/// The family a saved file is for: its header, its name or its addresses say so; IPv4 otherwise.
fn family_of(view: &View<'_>) -> Family {
    let text = &view.text;
    let v6 = text.contains("ip6tables-save")
        || text.contains("icmpv6")
        || text.contains("ipv6-icmp")
        || text.contains("icmp6-")
        || text.lines().any(|l| {
            let mut words = l.split_whitespace();
            words.any(|w| matches!(w, "-s" | "-d"))
                && words.next().is_some_and(|w| w.matches(':').count() > 1)
        });
    let v4 = text.contains("by iptables-save") || text.contains("icmp-host-prohibited");
    if v6 && !v4 { Family::V6 } else { Family::V4 }
}

/// Reads a saved file.
pub fn read(view: &View<'_>, reading: &mut Reading) -> Ruleset {
    let family = family_of(view);
    let mut tables = Tables::default();
    let mut table: Option<(String, Span)> = None;
    let mut gap = None;
    let mut offset = 0;
    for line in view.text.split_inclusive('\n') {
        let start = offset;
        offset += line.len();
        let content = line.trim();
        let indent = line.len() - line.trim_start().len();
        let span = view.span(start + indent..start + indent + content.len());
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        if template::detect(content).is_some() {
            gap.get_or_insert(span);
            continue;
        }
        if let Some(name) = content.strip_prefix('*') {
            table = Some((name.trim().into(), span));
        } else if content == "COMMIT" {
            table = None;
        } else if let Some(rest) = content.strip_prefix(':') {
            let Some((table, _)) = &table else {
                reading.notice(span, "a chain outside of any table: this line is not used");
                continue;
            };
            let mut words = rest.split_whitespace();
            let name = words.next().unwrap_or_default();
            let policy = words.next();
            let chain = tables.chain(family, table, name, span);
            if let (Some(base), Some(policy)) = (chain.base.as_mut(), policy) {
                base.policy_span = Some(span);
                base.policy = policy_of(policy);
            }
        } else if content.starts_with('-') || content.starts_with('[') {
            let Some((table, _)) = &table else {
                reading.notice(span, "a rule outside of any table: this line is not used");
                continue;
            };
            let mut words = Word::all(script::words(content, start + indent), view);
            if words.first().is_some_and(|w| w.text.starts_with('[')) {
                words.remove(0);
            }
            apply(&mut tables, family, table, &words, span, false);
        } else {
            reading.notice(span, "this is no line of a saved table: it is not used");
        }
    }
    check_targets(&mut tables);
    let says = tables.settle();
    Ruleset {
        tool: "iptables",
        span: view.span(0..view.text.lines().next().map_or(0, str::len)),
        chains: tables.chains,
        enabled: None,
        says,
        complete: false,
        gap,
    }
}

pub(super) fn policy_of(word: &str) -> Policy {
    match word {
        "ACCEPT" => Policy::Accept,
        "DROP" => Policy::Drop,
        "REJECT" => Policy::Reject,
        _ => Policy::Unknown,
    }
}

/// A jump to a chain that no line of the file makes.
fn check_targets(tables: &mut Tables) {
    let known: BTreeSet<_> = tables.chains.iter().map(|c| (c.table.clone(), c.name.clone())).collect();
    for chain in &mut tables.chains {
        for rule in &mut chain.rules {
            if let Verdict::Jump(name) | Verdict::Goto(name) = &rule.verdict
                && !known.contains(&(chain.table.clone(), name.clone()))
            {
                let reason = format!("no chain and no target is called {name}");
                rule.fault.get_or_insert(MatchFault { code: "unknown-target", span: rule.span, reason });
            }
        }
    }
}

/// Carries out one command: `-A INPUT …`, `-P INPUT DROP`. A doubtful one runs only under a condition.
pub(super) fn apply(
    tables: &mut Tables,
    family: Family,
    table: &str,
    words: &[Word],
    span: Span,
    doubtful: bool,
) {
    let mut table = table.to_string();
    let mut rest: Vec<Word> = Vec::new();
    let mut command: Option<(char, Word)> = None;
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let letter = match word.text.as_str() {
            "-t" | "--table" => {
                if let Some(name) = words.get(at) {
                    table = name.text.clone();
                }
                at += 1;
                continue;
            }
            "-w" | "--wait" => {
                at += usize::from(words.get(at).is_some_and(|w| w.text.parse::<u32>().is_ok()));
                continue;
            }
            "-v" | "--verbose" | "-n" | "--numeric" | "--line-numbers" | "-4" | "-6" => continue,
            "-c" | "--set-counters" => {
                at += 2;
                continue;
            }
            "-A" | "--append" => 'A',
            "-I" | "--insert" => 'I',
            "-R" | "--replace" => 'R',
            "-D" | "--delete" => 'D',
            "-P" | "--policy" => 'P',
            "-N" | "--new-chain" | "--new" => 'N',
            "-F" | "--flush" => 'F',
            "-X" | "--delete-chain" | "-Z" | "--zero" | "-E" | "--rename-chain" | "-L" | "--list" | "-S"
            | "--list-rules" | "-C" | "--check" | "-V" | "--version" | "-h" | "--help" => return,
            _ => {
                rest.push(word.clone());
                continue;
            }
        };
        if command.is_none() {
            let chain = words.get(at).filter(|w| !w.text.starts_with('-')).cloned();
            at += usize::from(chain.is_some());
            let none = Word { text: String::new(), span: word.span, open: false };
            command = Some((letter, chain.unwrap_or(none)));
        } else {
            rest.push(word.clone());
        }
    }
    let Some((letter, chain)) = command else { return };
    if chain.open {
        return;
    }
    let number = rest.first().and_then(|w| w.text.parse::<usize>().ok());
    match letter {
        'N' => {
            tables.chain(family, &table, &chain.text, span);
        }
        'F' => tables.flush(family, &table, (!chain.text.is_empty()).then_some(chain.text.as_str())),
        'P' if !doubtful => {
            let policy = rest.first().map_or(Policy::Unknown, |w| policy_of(&w.text));
            if let Some(base) = tables.chain(family, &table, &chain.text, span).base.as_mut() {
                base.policy = policy;
                base.policy_span = Some(span);
            }
        }
        'A' | 'I' | 'R' => {
            let skip = usize::from(letter != 'A' && number.is_some());
            let words = RuleWords { words: &rest[skip.min(rest.len())..], family, span };
            let mut rule = read_rule(&words);
            if doubtful {
                rule.matches.unknown.push("it is set only under a condition".into());
            }
            let position = match letter {
                'A' => None,
                _ => Some(number.unwrap_or(1)),
            };
            if letter == 'R' {
                let rules = &mut tables.chain(family, &table, &chain.text, span).rules;
                if let Some(old) = number.and_then(|n| rules.get_mut(n.saturating_sub(1))) {
                    *old = rule;
                    return;
                }
            }
            tables.add(family, &table, &chain.text, position, rule);
        }
        'D' if !doubtful => {
            let rules = &mut tables.chain(family, &table, &chain.text, span).rules;
            if let Some(number) = number {
                if number >= 1 && number <= rules.len() {
                    rules.remove(number - 1);
                }
                return;
            }
            let gone = read_rule(&RuleWords { words: &rest, family, span });
            if let Some(at) =
                rules.iter().position(|r| r.matches == gone.matches && r.verdict == gone.verdict)
            {
                rules.remove(at);
            }
        }
        _ => {}
    }
}

/// Reads what a script tells iptables and ip6tables, if it does.
pub(super) fn from_commands(commands: &[Command]) -> Option<Ruleset> {
    let mut tables = Tables::default();
    let mut first = None;
    for command in commands {
        let family = match command.program() {
            "iptables" | "iptables-nft" | "iptables-legacy" => Family::V4,
            "ip6tables" | "ip6tables-nft" | "ip6tables-legacy" => Family::V6,
            _ => continue,
        };
        let span = command.span;
        first.get_or_insert(span);
        apply(&mut tables, family, "filter", command.arguments(), span, command.conditional);
    }
    let span = first?;
    if tables.chains.is_empty() {
        return None;
    }
    // Chains that other programs make (Docker, fail2ban) may exist: a jump to one is not at fault here.
    let says = tables.settle();
    Some(Ruleset {
        tool: "iptables",
        span,
        chains: tables.chains,
        enabled: None,
        says: Families { v4: says.v4, v6: says.v6 },
        complete: false,
        gap: None,
    })
}
