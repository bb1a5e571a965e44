//! Rules: data in, conditions ready to be evaluated out.
//!
//! Built-in rules are embedded when the project is built; a user's own rules are read from text and take the same
//! way from there on. Nothing of a rule is parsed before a fact of its kinds occurs, so that a start costs what it
//! uses.

mod compile;
pub mod document;
pub mod load;

use std::sync::OnceLock;

use compile::compile_document;
pub(crate) use compile::{Compiled, Join};
pub use compile::{RuleFault, compile};
pub use document::{Category, Example, Examples, InDev, RuleDocument, Stage};

/// A rule as it lies in the program.
struct Embedded {
    id: &'static str,
    title: &'static str,
    kinds: &'static [&'static str],
    /// The rule as JSON, without its examples.
    text: &'static str,
    /// The examples as JSON; empty without the feature `pages`.
    examples: &'static str,
}

include!(concat!(env!("OUT_DIR"), "/rules.rs"));

enum Origin {
    BuiltIn(&'static Embedded),
    Custom { kinds: Vec<String> },
}

/// A rule of a [`RuleSet`].
pub struct Rule {
    id: String,
    title: String,
    origin: Origin,
    document: OnceLock<Option<RuleDocument>>,
    compiled: OnceLock<Option<Compiled>>,
}

impl Rule {
    fn built_in(embedded: &'static Embedded) -> Rule {
        Rule {
            id: embedded.id.into(),
            title: embedded.title.into(),
            origin: Origin::BuiltIn(embedded),
            document: OnceLock::new(),
            compiled: OnceLock::new(),
        }
    }

    /// A user's rule; one that does not compile finds nothing.
    pub fn custom(id: impl Into<String>, document: RuleDocument) -> Rule {
        Rule {
            id: id.into(),
            title: document.title.clone(),
            origin: Origin::Custom { kinds: document.applies.values().cloned().collect() },
            document: OnceLock::from(Some(document)),
            compiled: OnceLock::new(),
        }
    }

    /// Its name: `amqp/heartbeat-disabled`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The kinds of facts it looks at.
    pub fn kinds(&self) -> Vec<&str> {
        match &self.origin {
            Origin::BuiltIn(embedded) => embedded.kinds.to_vec(),
            Origin::Custom { kinds } => kinds.iter().map(String::as_str).collect(),
        }
    }

    /// True for a rule that comes with connlint.
    pub fn is_built_in(&self) -> bool {
        matches!(self.origin, Origin::BuiltIn(_))
    }

    /// Everything but the examples; without the feature `pages` a built-in rule's sources are not there either.
    pub fn document(&self) -> Option<&RuleDocument> {
        self.document
            .get_or_init(|| match self.origin {
                Origin::BuiltIn(embedded) => serde_json::from_str(embedded.text).ok(),
                Origin::Custom { .. } => None,
            })
            .as_ref()
    }

    /// Its examples; a built-in rule has them only with the feature `pages`.
    pub fn examples(&self) -> Option<Examples> {
        match self.origin {
            Origin::BuiltIn(embedded) => serde_json::from_str(embedded.examples).ok(),
            Origin::Custom { .. } => self.document().map(|d| d.examples.clone()),
        }
    }

    /// The proof that shows it true against the real programs, if there is one: a file of `tests/lab/proofs`.
    pub fn proof(&self) -> Option<&str> {
        self.document()?.proof.as_deref()
    }

    pub(crate) fn compiled(&self) -> Option<&Compiled> {
        self.compiled.get_or_init(|| compile_document(self.document()?).ok()).as_ref()
    }
}

/// The rules of a run, sorted by name.
pub struct RuleSet {
    rules: Vec<Rule>,
}

impl RuleSet {
    /// The rules that come with connlint.
    pub fn built_in() -> RuleSet {
        RuleSet { rules: EMBEDDED.iter().map(Rule::built_in).collect() }
    }

    /// No rules.
    pub fn empty() -> RuleSet {
        RuleSet { rules: Vec::new() }
    }

    /// Adds a user's rule. One with a built-in rule's name takes its place; a second one of the same name from the
    /// user is the caller's fault to report, and is refused here.
    pub fn add(&mut self, rule: Rule) -> Result<(), String> {
        match self.rules.binary_search_by(|r| r.id.as_str().cmp(&rule.id)) {
            Ok(at) if self.rules[at].is_built_in() => self.rules[at] = rule,
            Ok(_) => return Err(format!("a second rule named `{}`", rule.id)),
            Err(at) => self.rules.insert(at, rule),
        }
        Ok(())
    }

    /// Keeps only the rules for which this holds.
    pub fn retain(&mut self, keep: impl FnMut(&Rule) -> bool) {
        self.rules.retain(keep);
    }

    /// All rules, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter()
    }

    /// The rule of a name.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|r| r.id.as_str().cmp(id)).ok().map(|at| &self.rules[at])
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.rules.len()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }
}

/// Whether a selector of the settings means a rule: its name, its group (`amqp`), `ALL`, or a name with `*`.
pub fn selects(selector: &str, id: &str) -> bool {
    selector.eq_ignore_ascii_case("all")
        || selector == id
        || id.strip_prefix(selector).is_some_and(|rest| rest.starts_with('/'))
        || selector.contains('*') && crate::glob::matches(selector, id)
}
