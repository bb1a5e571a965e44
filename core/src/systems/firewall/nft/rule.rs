//! One rule of nft: keys, values and statements.

use super::Names;
use super::lex::Token;
use crate::firewall::{Family, Limit, Match, MatchFault, Rule, Verdict};
use crate::source::{Span, View};

/// Rules that one written rule with a map or a concatenation may stand for.
pub(super) const MAX_VARIANTS: usize = 256;

/// Definitions that may lead to each other.
pub(super) const MAX_DEFINES: usize = 8;

pub(super) struct Reader<'r> {
    pub(super) tokens: &'r [Token],
    pub(super) at: usize,
    pub(super) names: &'r Names,
    pub(super) view: &'r View<'r>,
    pub(super) table: Option<Family>,
    pub(super) rule: Rule,
    pub(super) variants: Vec<(Match, Option<Verdict>)>,
    pub(super) verdict: Option<Verdict>,
    pub(super) limit: Option<Limit>,
    pub(super) unknown: Vec<String>,
}

/// Reads a rule; one with a map or concatenation becomes several with the same place.
pub(super) fn read(
    tokens: &[Token],
    names: &Names,
    view: &View<'_>,
    table: Option<Family>,
    span: Span,
) -> Vec<Rule> {
    let mut reader = Reader {
        tokens,
        at: 0,
        names,
        view,
        table,
        rule: Rule::new(span, Verdict::Continue),
        variants: vec![(Match::default(), None)],
        verdict: None,
        limit: None,
        unknown: Vec::new(),
    };
    while reader.at < tokens.len() {
        let before = reader.at;
        reader.statement();
        reader.at = reader.at.max(before + 1);
    }
    let Reader { rule, variants, verdict, limit, unknown, .. } = reader;
    variants
        .into_iter()
        .map(|(mut matches, own)| {
            matches.limit = limit.clone();
            matches.unknown.extend(unknown.iter().cloned());
            let verdict = own.or(verdict.clone()).unwrap_or(Verdict::Continue);
            Rule { matches, verdict, ..rule.clone() }
        })
        .collect()
}

impl Reader<'_> {
    pub(super) fn peek(&self) -> &str {
        self.tokens.get(self.at).map_or("", |t| t.text.as_str())
    }

    pub(super) fn next(&mut self) -> &str {
        self.at += 1;
        self.tokens.get(self.at - 1).map_or("", |t| t.text.as_str())
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        let yes = self.peek() == word;
        self.at += usize::from(yes);
        yes
    }

    pub(super) fn fault(&mut self, code: &'static str, at: usize, reason: impl Into<String>) {
        let span = self.tokens.get(at).map_or(self.rule.span, |t| self.view.span(t.range.clone()));
        self.rule.fault.get_or_insert(MatchFault { code, span, reason: reason.into() });
    }

    fn statement(&mut self) {
        let start = self.at;
        let word = self.next().to_string();
        match word.as_str() {
            "accept" | "drop" | "return" | "continue" | "reject" | "jump" | "goto" | "queue" => {
                let verdict = self.verdict_of(&word);
                if self.verdict.is_some() {
                    self.fault("after-verdict", start, "a second verdict in one rule");
                }
                self.verdict.get_or_insert(verdict);
            }
            "counter" => {
                if self.eat("name") {
                    self.next();
                }
                while matches!(self.peek(), "packets" | "bytes") {
                    self.at += 2;
                }
            }
            "log" => {
                while matches!(
                    self.peek(),
                    "prefix" | "level" | "flags" | "group" | "snaplen" | "queue-threshold"
                ) {
                    self.at += 2;
                    while self.eat(",") {
                        self.at += 1;
                    }
                }
            }
            "comment" => self.rule.comment = Some(self.next().to_string()),
            "limit" => self.limit(false),
            "notrack" => self.verdict = Some(Verdict::Untrack),
            "masquerade" | "snat" => {
                self.at = self.tokens.len();
                self.verdict.get_or_insert(Verdict::Continue);
            }
            "dnat" | "tproxy" | "fwd" => {
                self.at = self.tokens.len();
                self.verdict.get_or_insert(Verdict::Elsewhere);
            }
            "redirect" => {
                let port = self
                    .tokens
                    .get(self.at..)
                    .unwrap_or_default()
                    .iter()
                    .find_map(|t| t.text.trim_start_matches(':').parse().ok());
                self.at = self.tokens.len();
                self.verdict.get_or_insert(Verdict::Redirect(port));
            }
            "add" | "update" | "meter" | "delete" => {
                // `add @seen { ip saddr limit rate over 10/minute }` counts each source by itself.
                while !matches!(self.peek(), "{" | "") {
                    self.at += 1;
                }
                let mut depth = 0;
                while self.at < self.tokens.len() {
                    match self.peek() {
                        "{" => depth += 1,
                        "}" => depth -= 1,
                        "limit" => {
                            self.at += 1;
                            self.limit(true);
                            continue;
                        }
                        "count" => {
                            self.at += 1;
                            self.count(true);
                            continue;
                        }
                        _ => {}
                    }
                    self.at += 1;
                    if depth == 0 {
                        break;
                    }
                }
            }
            "meta" if self.is_set() => {}
            "mark" | "nftrace" | "ct" if self.is_set() => {}
            "ct" if self.peek() == "count" => {
                self.at += 1;
                self.count(false);
            }
            "flow" | "quota" | "dup" | "synproxy" | "numgen" | "jhash" => {
                self.at = self.tokens.len();
                self.unknown.push(format!("it uses {word}"));
            }
            _ => {
                if self.verdict.as_ref().is_some_and(|v| !matches!(v, Verdict::Continue | Verdict::Untrack)) {
                    self.fault("after-verdict", start, "nothing may follow a verdict in a rule");
                    self.at = self.tokens.len();
                    return;
                }
                self.at = start;
                self.expression();
            }
        }
    }

    /// `mark set 1`, `meta mark set ct mark`: changes the packet, asks for nothing.
    fn is_set(&mut self) -> bool {
        let ahead = self.tokens.get(self.at..).unwrap_or_default();
        let Some(set) = ahead.iter().take(2).position(|t| t.text == "set") else { return false };
        self.at += set + 2;
        true
    }

    fn verdict_of(&mut self, word: &str) -> Verdict {
        match word {
            "accept" => Verdict::Accept,
            "drop" => Verdict::Drop,
            "return" => Verdict::Return,
            "jump" => Verdict::Jump(self.next().into()),
            "goto" => Verdict::Goto(self.next().into()),
            "continue" => Verdict::Continue,
            "queue" => {
                self.at = self.tokens.len();
                Verdict::Unknown("a program decides".into())
            }
            _ => {
                let mut kind = String::from("icmp port-unreachable");
                if self.eat("with") {
                    kind = self.next().to_string();
                    if self.eat("type") || kind == "tcp" {
                        kind = format!("{kind} {}", self.next());
                    }
                }
                Verdict::Reject(kind.as_str().into())
            }
        }
    }

    fn limit(&mut self, per_source: bool) {
        if self.eat("name") {
            self.next();
            self.limit = Some(Limit { over: false, text: "a named limit".into(), per_source });
            return;
        }
        self.eat("rate");
        let over = self.eat("over");
        let mut text = self.next().to_string();
        while self.peek().starts_with('/') || self.peek() == "bytes" || self.peek().starts_with("bytes/") {
            text.push_str(self.next());
        }
        if self.eat("burst") {
            text = format!("{text} burst {}", self.next());
            let _ = self.eat("packets") || self.eat("bytes");
        }
        self.limit = Some(Limit { over, text, per_source });
    }

    fn count(&mut self, per_source: bool) {
        let over = self.eat("over");
        let text = format!("{} connections at once", self.next());
        self.limit = Some(Limit { over, text, per_source });
    }
}
