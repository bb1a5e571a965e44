//! nft rulesets: tables, chains, sets, maps, definitions and jumps.

mod lex;
mod matches;
mod rule;

use lex::{Token, tokens};
use std::collections::{BTreeMap, BTreeSet};

use crate::firewall::{Base, Chain, Families, Family, Hook, MatchFault, Policy, Ruleset, Verdict};
use crate::source::{Source, Span, View};
use crate::systems::firewall::{Carrier, facts};
use crate::systems::{FileKind, Match, Reading};

/// What `nft -f` loads.
pub static RULESET: FileKind = FileKind {
    name: "nftables",
    doc: "A ruleset for `nft -f`.",
    recognise,
    read: |view, reading| {
        let ruleset = read(view, reading);
        facts::add(ruleset, Carrier::File, reading);
    },
};

fn recognise(source: &Source) -> Match {
    let shebang = source.text.lines().next().is_some_and(|l| l.starts_with("#!") && l.contains("nft"));
    let name = source.base_name();
    let named = name.ends_with(".nft") || name.contains("nftables");
    let fitting = !name.contains('.') || name.ends_with(".conf") || name.ends_with(".rules");
    if !shebang && !named && !fitting || !shebang && !source.text.contains("table") {
        return Match::No;
    }
    let table = || {
        source.text.lines().any(|line| {
            let mut words = line.split_whitespace().skip_while(|w| matches!(*w, "add" | "create"));
            words.next() == Some("table")
                && matches!(words.next(), Some("inet" | "ip" | "ip6" | "arp" | "bridge" | "netdev"))
        })
    };
    if shebang {
        return Match::Sure;
    }
    match table() {
        true if named => Match::Sure,
        true => Match::Likely,
        false => Match::No,
    }
}

/// A named set or map.
#[derive(Clone, Debug)]
pub(super) enum Set {
    /// Its elements are in the file.
    Known(Vec<Token>),
    /// It is filled while the firewall runs.
    Filled,
}

/// What rules refer to by name.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// `define NAME = …`.
    pub(super) defines: BTreeMap<String, Vec<Token>>,
    /// Sets and maps of the table that is being read.
    pub(super) sets: BTreeMap<String, Set>,
    /// Nothing is included, so a name that is not here does not exist.
    pub(super) closed: bool,
}

struct File<'f> {
    tokens: &'f [Token],
    at: usize,
    view: &'f View<'f>,
    names: Names,
    chains: Vec<Chain>,
    index: BTreeMap<(String, String), usize>,
    complete: bool,
    gap: Option<Span>,
    faults: Vec<MatchFault>,
}

/// Reads a ruleset.
pub(super) fn read(view: &View<'_>, reading: &mut Reading) -> Ruleset {
    let all = tokens(&view.text);
    let mut file = File {
        tokens: &all,
        at: 0,
        view,
        names: Names::default(),
        chains: Vec::new(),
        index: BTreeMap::new(),
        complete: false,
        gap: None,
        faults: Vec::new(),
    };
    file.names.closed = !all.iter().any(|t| t.text == "include" && !t.quoted);
    file.top();
    if file.names.closed {
        file.check_targets();
    }
    for fault in &file.faults {
        facts::add_refused("nft", fault, "file", reading);
    }
    let says = |f: fn(Families) -> bool| file.chains.iter().any(|c| f(c.families));
    let says = Families { v4: says(|f| f.v4), v6: says(|f| f.v6) };
    let first = all.iter().find(|t| t.text == "table").map_or(0..0, |t| t.range.clone());
    Ruleset {
        tool: "nft",
        span: view.span(first),
        chains: file.chains,
        enabled: None,
        says,
        complete: file.complete,
        gap: file.gap,
    }
}

impl File<'_> {
    fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", |t| t.text.as_str())
    }

    fn next(&mut self) -> String {
        self.at += 1;
        self.tokens.get(self.at - 1).map_or(String::new(), |t| t.text.clone())
    }

    fn span(&self, at: usize) -> Span {
        self.tokens.get(at).map_or(self.view.span(0..0), |t| self.view.span(t.range.clone()))
    }

    /// The words up to the end of the statement, braces included.
    fn rest(&mut self) -> &[Token] {
        let start = self.at;
        let mut depth = 0usize;
        while let Some(token) = self.tokens.get(self.at) {
            match token.text.as_str() {
                _ if token.quoted => {}
                "{" => depth += 1,
                "}" if depth == 0 => break,
                "}" => depth -= 1,
                ";" if depth == 0 => break,
                _ => {}
            }
            self.at += 1;
        }
        self.tokens.get(start..self.at).unwrap_or_default()
    }

    /// After the `}` of a block only a line end, `;` or another `}` may follow.
    fn close(&mut self) {
        if self.peek() == "}" {
            self.at += 1;
        }
        if self.at < self.tokens.len() && !matches!(self.peek(), ";" | "}") {
            let reason = "a line end or ; must follow the closing brace of a block".to_string();
            self.faults.push(MatchFault { code: "block-end", span: self.span(self.at), reason });
            self.rest();
        }
    }

    fn top(&mut self) {
        while self.at < self.tokens.len() {
            let before = self.at;
            match self.next().as_str() {
                ";" => {}
                "flush" if self.peek() == "ruleset" => {
                    self.complete = true;
                    self.chains.clear();
                    self.index.clear();
                    self.rest();
                }
                "include" => {
                    self.gap.get_or_insert(self.span(before));
                    self.rest();
                }
                "define" | "redefine" => self.define(),
                "table" => self.table(),
                "add" | "create" | "insert" if self.peek() == "table" => {
                    self.at += 1;
                    self.table();
                }
                word @ ("add" | "create" | "insert") => {
                    let word = word.to_string();
                    self.command(&word);
                }
                "}" => {
                    let reason = "a closing brace without an opening one".to_string();
                    self.faults.push(MatchFault { code: "block-end", span: self.span(before), reason });
                }
                _ => {
                    self.rest();
                }
            }
            self.at = self.at.max(before + 1);
        }
    }

    fn define(&mut self) {
        let name = self.next();
        let value: Vec<Token> = self.rest().iter().filter(|t| t.text != "=" || t.quoted).cloned().collect();
        self.names.defines.insert(name, value);
    }

    /// The family and name of a table.
    fn table_name(&mut self) -> (String, Families, Option<Family>) {
        let mut word = self.next();
        let mut family = "ip".to_string();
        if matches!(word.as_str(), "ip" | "ip6" | "inet" | "arp" | "bridge" | "netdev") {
            family = word;
            word = self.next();
        }
        let (families, only) = match family.as_str() {
            "ip" => (Families::V4, Some(Family::V4)),
            "ip6" => (Families::V6, Some(Family::V6)),
            "inet" => (Families::BOTH, None),
            _ => (Families { v4: false, v6: false }, None),
        };
        (format!("{family} {word}"), families, only)
    }

    fn table(&mut self) {
        let (table, families, only) = self.table_name();
        if self.peek() != "{" {
            return;
        }
        self.at += 1;
        let body = self.at;
        // Rules may name sets that come later in the table.
        self.names.sets.clear();
        self.body(&table, families, only, true);
        self.at = body;
        self.body(&table, families, only, false);
        self.close();
    }

    fn body(&mut self, table: &str, families: Families, only: Option<Family>, sets: bool) {
        while self.at < self.tokens.len() && self.peek() != "}" {
            let before = self.at;
            match self.next().as_str() {
                "chain" => {
                    let span = self.span(self.at);
                    let name = self.next();
                    if self.peek() == "{" && !sets {
                        self.at += 1;
                        self.chain(table, families, only, &name, span);
                        self.close();
                    } else {
                        self.rest();
                    }
                }
                "set" | "map" => {
                    let name = self.next();
                    let tokens = self.rest().to_vec();
                    if sets {
                        self.set(name, &tokens);
                    }
                }
                "define" => self.define(),
                "include" => {
                    self.gap.get_or_insert(self.span(before));
                    self.rest();
                }
                _ => {
                    self.at = before;
                    self.rest();
                }
            }
            self.at = self.at.max(before + 1);
        }
    }

    fn set(&mut self, name: String, tokens: &[Token]) {
        let from = tokens.iter().position(|t| t.text == "elements");
        let dynamic = tokens.iter().any(|t| matches!(t.text.as_str(), "dynamic" | "timeout"));
        let set = match from {
            Some(from) if !dynamic => {
                let value = tokens
                    .get(from..)
                    .unwrap_or_default()
                    .iter()
                    .skip_while(|t| !matches!(t.text.as_str(), "{") && !t.text.starts_with('$'));
                let mut depth = 0usize;
                let mut elements = Vec::new();
                for token in value {
                    match token.text.as_str() {
                        "{" => depth += 1,
                        "}" if depth <= 1 => break,
                        "}" => depth -= 1,
                        ";" => {}
                        _ => elements.push(token.clone()),
                    }
                }
                Set::Known(elements)
            }
            _ => Set::Filled,
        };
        self.names.sets.insert(name, set);
    }

    fn chain_at(&mut self, table: &str, families: Families, name: &str, span: Span) -> usize {
        let key = (table.to_string(), name.to_string());
        if let Some(&at) = self.index.get(&key) {
            return at;
        }
        self.chains.push(Chain {
            table: table.into(),
            name: name.into(),
            families,
            base: None,
            rules: Vec::new(),
            span,
        });
        self.index.insert(key, self.chains.len() - 1);
        self.chains.len() - 1
    }

    fn chain(&mut self, table: &str, families: Families, only: Option<Family>, name: &str, span: Span) {
        let at = self.chain_at(table, families, name, span);
        while self.at < self.tokens.len() && self.peek() != "}" {
            let start = self.at;
            match self.peek() {
                ";" => self.at += 1,
                "type" => {
                    let words: Vec<String> = self.rest().iter().map(|t| t.text.clone()).collect();
                    self.chains[at].base = base(&words);
                }
                "policy" => {
                    self.at += 1;
                    let place = self.span(self.at);
                    let policy = match self.next().as_str() {
                        "accept" => Policy::Accept,
                        "drop" => Policy::Drop,
                        other => {
                            let reason = format!("{other} is no policy: a chain's policy is accept or drop");
                            self.faults.push(MatchFault { code: "policy", span: place, reason });
                            Policy::Unknown
                        }
                    };
                    if let Some(base) = self.chains[at].base.as_mut() {
                        base.policy = policy;
                        base.policy_span = Some(place);
                    }
                }
                "comment" | "flags" | "devices" => {
                    self.rest();
                }
                "include" => {
                    self.gap.get_or_insert(self.span(start));
                    self.rest();
                }
                _ => {
                    let tokens = self.rest().to_vec();
                    self.rule(at, &tokens, only, false);
                }
            }
            self.at = self.at.max(start + 1);
        }
    }

    fn rule(&mut self, chain: usize, tokens: &[Token], only: Option<Family>, first: bool) {
        let (Some(a), Some(b)) = (tokens.first(), tokens.last()) else { return };
        let span = self.view.span(a.range.start..b.range.end);
        let rules = rule::read(tokens, &self.names, self.view, only, span);
        let at = if first { 0 } else { self.chains[chain].rules.len() };
        self.chains[chain].rules.splice(at..at, rules);
    }

    /// `add rule inet filter input tcp dport 22 accept`, `add chain …`, `add set …`.
    fn command(&mut self, verb: &str) {
        let what = self.next();
        let (table, families, only) = match what.as_str() {
            "rule" | "chain" | "set" | "map" => self.table_name(),
            _ => {
                self.rest();
                return;
            }
        };
        let span = self.span(self.at);
        let name = self.next();
        match what.as_str() {
            "rule" => {
                let at = self.chain_at(&table, families, &name, span);
                let tokens = self.rest().to_vec();
                self.rule(at, &tokens, only, verb == "insert");
            }
            "chain" => {
                if self.peek() == "{" {
                    self.at += 1;
                    self.chain(&table, families, only, &name, span);
                    self.close();
                } else {
                    self.chain_at(&table, families, &name, span);
                }
            }
            _ => {
                let tokens = self.rest().to_vec();
                self.set(name, &tokens);
            }
        }
    }

    /// A jump to a chain that the table does not have.
    fn check_targets(&mut self) {
        let known: BTreeSet<_> = self.index.keys().cloned().collect();
        for chain in &mut self.chains {
            for rule in &mut chain.rules {
                if let Verdict::Jump(name) | Verdict::Goto(name) = &rule.verdict
                    && !known.contains(&(chain.table.to_string(), name.to_string()))
                    && !name.starts_with('$')
                {
                    let reason = format!("no chain of this table is called {name}");
                    rule.fault.get_or_insert(MatchFault { code: "undefined", span: rule.span, reason });
                }
            }
        }
    }
}

/// `type filter hook input priority filter + 10`.
fn base(words: &[String]) -> Option<Base> {
    let after = |key: &str| words.iter().position(|w| w == key).and_then(|i| words.get(i + 1));
    let nat = after("type").is_some_and(|t| t == "nat");
    let hook = match after("hook")?.as_str() {
        "prerouting" => Hook::Prerouting,
        // A nat chain there only rewrites the sender.
        "input" if nat => Hook::Postrouting,
        "input" => Hook::Input,
        "forward" => Hook::Forward,
        "output" => Hook::Output,
        "postrouting" => Hook::Postrouting,
        _ => return None,
    };
    let at = words.iter().position(|w| w == "priority")? + 1;
    let mut priority = 0i32;
    let mut sign = 1;
    for word in &words[at.min(words.len())..] {
        match word.as_str() {
            "+" => sign = 1,
            "-" => sign = -1,
            "raw" => priority -= 300,
            "mangle" => priority -= 150,
            "dstnat" => priority -= 100,
            "security" => priority += 50,
            "srcnat" => priority += 100,
            "filter" => {}
            number => {
                priority = priority
                    .saturating_add(sign * number.parse::<i32>().unwrap_or(0).clamp(-100_000, 100_000))
            }
        }
    }
    Some(Base { hook, priority, policy: Policy::Accept, policy_span: None })
}
