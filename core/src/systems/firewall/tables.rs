//! Tables and chains as commands build them up, one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::firewall::{Base, Chain, Families, Family, Hook, Policy, Rule};
use crate::source::Span;

/// Built-in chains: table, chain, hook and priority (`include/uapi/linux/netfilter_ipv4.h`). The nat table's INPUT is
/// left out: it only rewrites source addresses.
const BUILT_IN: &[(&str, &str, Hook, i32)] = &[
    ("raw", "PREROUTING", Hook::Prerouting, -300),
    ("raw", "OUTPUT", Hook::Output, -300),
    ("mangle", "PREROUTING", Hook::Prerouting, -150),
    ("mangle", "INPUT", Hook::Input, -150),
    ("mangle", "FORWARD", Hook::Forward, -150),
    ("mangle", "OUTPUT", Hook::Output, -150),
    ("mangle", "POSTROUTING", Hook::Postrouting, -150),
    ("nat", "PREROUTING", Hook::Prerouting, -100),
    ("nat", "INPUT", Hook::Postrouting, 100),
    ("nat", "OUTPUT", Hook::Output, -100),
    ("nat", "POSTROUTING", Hook::Postrouting, 100),
    ("filter", "INPUT", Hook::Input, 0),
    ("filter", "FORWARD", Hook::Forward, 0),
    ("filter", "OUTPUT", Hook::Output, 0),
    ("security", "INPUT", Hook::Input, 50),
    ("security", "FORWARD", Hook::Forward, 50),
    ("security", "OUTPUT", Hook::Output, 50),
];

/// The chains of one or both families.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// In order of first mention.
    pub(super) chains: Vec<Chain>,
    index: BTreeMap<(Family, String, String), usize>,
}

impl Tables {
    /// A chain, made if it is not there; its policy is unknown until it is said.
    pub(super) fn chain(&mut self, family: Family, table: &str, name: &str, span: Span) -> &mut Chain {
        let key = (family, table.to_string(), name.to_string());
        let known = self.index.get(&key).copied();
        let at = known.unwrap_or_else(|| {
            let built_in = BUILT_IN.iter().find(|b| b.0 == table && b.1 == name);
            self.chains.push(Chain {
                table: table_name(family, table),
                name: name.into(),
                families: Families::only(family),
                base: built_in.map(|b| Base {
                    hook: b.2,
                    priority: b.3,
                    policy: if b.0 == "filter" { Policy::Unknown } else { Policy::Accept },
                    policy_span: None,
                }),
                rules: Vec::new(),
                span,
            });
            self.index.insert(key, self.chains.len() - 1);
            self.chains.len() - 1
        });
        &mut self.chains[at]
    }

    /// Adds a rule at a position (from 1), or at the end.
    pub(super) fn add(&mut self, family: Family, table: &str, name: &str, at: Option<usize>, rule: Rule) {
        let rules = &mut self.chain(family, table, name, rule.span).rules;
        match at {
            Some(position) => rules.insert(position.saturating_sub(1).min(rules.len()), rule),
            None => rules.push(rule),
        }
    }

    /// Empties a chain, or all chains of a table.
    pub(super) fn flush(&mut self, family: Family, table: &str, name: Option<&str>) {
        let key = table_name(family, table);
        for chain in self.chains.iter_mut().filter(|c| c.table == key && name.is_none_or(|n| *c.name == *n)) {
            chain.rules.clear();
        }
    }

    /// The families that have a chain of the filter table for this host; of others nothing is known, whatever other
    /// tables hold, so those are taken off their hooks.
    pub(super) fn settle(&mut self) -> Families {
        let has = |chains: &[Chain], family| {
            let key = table_name(family, "filter");
            chains.iter().any(|c| c.table == key && &*c.name == "INPUT")
        };
        let says = Families { v4: has(&self.chains, Family::V4), v6: has(&self.chains, Family::V6) };
        for chain in &mut self.chains {
            if chain.families.and(says) == (Families { v4: false, v6: false })
                && chain.base.as_ref().is_some_and(|b| b.hook == Hook::Input)
            {
                chain.base = None;
            }
        }
        says
    }
}

fn table_name(family: Family, table: &str) -> Arc<str> {
    match family {
        Family::V4 => format!("ip {table}").into(),
        Family::V6 => format!("ip6 {table}").into(),
    }
}
