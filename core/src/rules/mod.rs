//! Rules: data in, conditions ready to be evaluated out.
//!
//! Built-in rules are packed when the project is built (see `packed`); a user's own rules are read from text and take
//! the same way from there on. A rule's condition is compiled when facts of its kinds occur, and what it says when it
//! finds something, so that a start costs what it uses.

mod compile;
pub mod document;
pub mod load;
mod packed;

use std::borrow::Cow;
use std::sync::OnceLock;

pub(crate) use compile::{Condition, Join, Telling};
pub use compile::{RuleFault, compile};
use compile::{compile_condition, compile_telling};
pub use document::{Category, Example, Examples, InDev, RuleDocument, Stage};
use packed::{Head, Packed as _, Unpacker};

/// Where a rule lies in the program: byte ranges of the texts that the build made.
struct Embedded {
    /// Its name, in `TEXTS`.
    id: [u32; 2],
    /// What decides whether it finds something, packed, in `TEXTS`.
    head: [u32; 2],
    /// Everything else but its examples, packed, in what `TELLINGS` has for its system.
    system: u16,
    telling: [u32; 2],
    /// Its examples, packed, in the inflated `EXAMPLES`; empty without the feature `pages`.
    examples: [u32; 2],
    /// The kinds that it looks at, in `NEEDED`.
    kinds: [u16; 2],
    /// It runs only when selected by its full name.
    preview: bool,
}

// `KINDS`: the names of all kinds that built-in rules look at, sorted. `NEEDED`: indices into them. `EMBEDDED`: the
// rules, sorted by name. `TELLINGS`: a function for each system, so that a module cut in two leaves a text in the part
// whose functions ask for it.
include!(concat!(env!("OUT_DIR"), "/rules.rs"));

static TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/rules.txt"));

/// The examples of all rules, inflated when the first is asked for.
#[cfg(feature = "pages")]
fn all_examples() -> Option<&'static str> {
    static EXAMPLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/examples.bin"));
    static INFLATED: OnceLock<Option<String>> = OnceLock::new();
    let inflate = || String::from_utf8(miniz_oxide::inflate::decompress_to_vec(EXAMPLES).ok()?).ok();
    INFLATED.get_or_init(inflate).as_deref()
}

#[cfg(not(feature = "pages"))]
fn all_examples() -> Option<&'static str> {
    None
}

fn part(text: &'static str, [start, end]: [u32; 2]) -> &'static str {
    text.get(start as usize..end as usize).unwrap_or_default()
}

impl Embedded {
    fn id(&self) -> &'static str {
        part(TEXTS, self.id)
    }

    fn head(&self) -> &'static str {
        part(TEXTS, self.head)
    }

    fn telling(&self) -> &'static str {
        TELLINGS.get(usize::from(self.system)).map_or("", |tellings| part(tellings(), self.telling))
    }

    fn needed(&self) -> &'static [u16] {
        NEEDED.get(usize::from(self.kinds[0])..usize::from(self.kinds[1])).unwrap_or_default()
    }

    fn kinds(&self) -> impl Iterator<Item = &'static str> {
        self.needed().iter().filter_map(|at| KINDS.get(usize::from(*at)).copied())
    }
}

enum Origin {
    BuiltIn(&'static Embedded),
    Custom,
}

/// A rule of a [`RuleSet`].
pub struct Rule {
    id: Cow<'static, str>,
    origin: Origin,
    document: OnceLock<Option<Box<RuleDocument>>>,
    condition: OnceLock<Option<Box<Condition>>>,
    telling: OnceLock<Option<Box<Telling>>>,
}

impl Rule {
    fn built_in(embedded: &'static Embedded) -> Rule {
        Rule {
            id: embedded.id().into(),
            origin: Origin::BuiltIn(embedded),
            document: OnceLock::new(),
            condition: OnceLock::new(),
            telling: OnceLock::new(),
        }
    }

    /// A user's rule; one that does not compile finds nothing.
    pub fn custom(id: impl Into<String>, document: RuleDocument) -> Rule {
        Rule {
            id: id.into().into(),
            origin: Origin::Custom,
            document: OnceLock::from(Some(document.into())),
            condition: OnceLock::new(),
            telling: OnceLock::new(),
        }
    }

    /// Its name: `amqp/heartbeat-disabled`.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title.
    pub fn title(&self) -> &str {
        match &self.origin {
            Origin::BuiltIn(embedded) => {
                <&str>::unpack(&mut Unpacker::new(embedded.telling())).unwrap_or_default()
            }
            Origin::Custom => self.document().map_or("", |d| &d.title),
        }
    }

    /// The kinds of facts it looks at.
    pub fn kinds(&self) -> Vec<&str> {
        match &self.origin {
            Origin::BuiltIn(embedded) => embedded.kinds().collect(),
            Origin::Custom => {
                self.document().into_iter().flat_map(|d| d.applies.values()).map(String::as_str).collect()
            }
        }
    }

    /// True for a rule that comes with connlint.
    pub fn is_built_in(&self) -> bool {
        matches!(self.origin, Origin::BuiltIn(_))
    }

    /// True for a rule that runs only when selected by its full name.
    pub fn is_preview(&self) -> bool {
        match &self.origin {
            Origin::BuiltIn(embedded) => embedded.preview,
            Origin::Custom => self.document().is_some_and(|d| d.stage == Stage::Preview),
        }
    }

    /// Everything but the examples; without the feature `pages` a built-in rule's sources are not there either.
    pub fn document(&self) -> Option<&RuleDocument> {
        let unpack = || match self.origin {
            Origin::BuiltIn(embedded) => {
                let whole = [embedded.head(), embedded.telling()].concat();
                RuleDocument::unpack(&mut Unpacker::new(&whole)).map(Box::new)
            }
            Origin::Custom => None,
        };
        self.document.get_or_init(unpack).as_deref()
    }

    /// Its examples; a built-in rule has them only with the feature `pages`.
    pub fn examples(&self) -> Option<Examples> {
        match self.origin {
            Origin::BuiltIn(embedded) => {
                Examples::unpack(&mut Unpacker::new(part(all_examples()?, embedded.examples)))
            }
            Origin::Custom => self.document().map(|d| d.examples.clone()),
        }
    }

    /// The proof that shows it true against the real programs, if there is one: a file of `tests/lab/proofs`.
    pub fn proof(&self) -> Option<&str> {
        self.document()?.proof.as_deref()
    }

    fn head(&self) -> Option<Head<'_>> {
        match &self.origin {
            Origin::BuiltIn(embedded) => Head::unpack(embedded.head()),
            Origin::Custom => self.document().map(Head::of),
        }
    }

    /// When it finds something.
    pub(crate) fn condition(&self) -> Option<&Condition> {
        let compile = || compile_condition(&self.head()?).ok().map(Box::new);
        self.condition.get_or_init(compile).as_deref()
    }

    /// What it says then.
    pub(crate) fn telling(&self) -> Option<&Telling> {
        let compile = || compile_telling(self.document()?).ok().map(Box::new);
        self.telling.get_or_init(compile).as_deref()
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
        match self.rules.binary_search_by(|r| r.id.cmp(&rule.id)) {
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

    /// Those of whose kinds of facts all occur.
    pub(crate) fn looking_at(&self, occurs: impl Fn(&str) -> bool) -> impl Iterator<Item = &Rule> {
        let there: Vec<bool> = KINDS.iter().map(|kind| occurs(kind)).collect();
        self.rules.iter().filter(move |rule| match &rule.origin {
            Origin::BuiltIn(embedded) => {
                embedded.needed().iter().all(|at| there.get(usize::from(*at)).copied().unwrap_or_default())
            }
            Origin::Custom => rule.kinds().iter().all(|kind| occurs(kind)),
        })
    }

    /// The rule of a name.
    pub fn get(&self, id: &str) -> Option<&Rule> {
        self.rules.binary_search_by(|r| (*r.id).cmp(id)).ok().map(|at| &self.rules[at])
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
