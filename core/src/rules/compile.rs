//! From a rule's text to conditions and templates whose names are resolved.

use std::ops::Range;

use super::document::RuleDocument;
use super::packed::Head;
use crate::cel::{self, Env, Expr, Template};
use crate::facts::{Kind, kinds};
use crate::link::RELATIONS;
use crate::nearest::nearest;
use crate::severity::{Safety, Severity};

/// A mistake in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFault {
    /// The keys that lead to the faulty text, `["adjust", "0", "when"]`.
    pub path: Vec<String>,
    /// The faulty part of that text; empty for all of it.
    pub range: Range<usize>,
    /// What is wrong, with what would be right.
    pub message: String,
}

/// A relation between two of the rule's names, by index.
pub(crate) struct Join {
    pub(crate) from: usize,
    pub(crate) relation: &'static str,
    pub(crate) to: usize,
}

/// An edit, ready to be made.
pub(crate) struct CompiledFix {
    pub(crate) title: Template,
    pub(crate) safety: Safety,
    pub(crate) verbatim: bool,
    pub(crate) set: Vec<(Expr, Template)>,
    pub(crate) remove: Vec<Expr>,
}

/// When a rule finds something, ready to be evaluated.
pub(crate) struct Condition {
    pub(crate) names: Vec<(String, &'static Kind)>,
    pub(crate) joins: Vec<Join>,
    pub(crate) when: Expr,
    /// For each name, the parts of `when` about its fact alone; empty for a rule of one name.
    pub(crate) own: Vec<Vec<Expr>>,
}

/// What a rule says when it finds something.
pub(crate) struct Telling {
    pub(crate) adjust: Vec<(Expr, Severity)>,
    pub(crate) at: Expr,
    pub(crate) label: Template,
    pub(crate) labels: Vec<(Expr, Template)>,
    pub(crate) message: Template,
    pub(crate) why: Template,
    pub(crate) help: Template,
    pub(crate) fix: Option<CompiledFix>,
}

struct Compiler<'d> {
    env: Env<'d>,
    faults: Vec<RuleFault>,
}

impl Compiler<'_> {
    fn fault(&mut self, path: &[&str], range: Range<usize>, message: impl Into<String>) {
        let path = path.iter().map(|p| (*p).to_owned()).collect();
        self.faults.push(RuleFault { path, range, message: message.into() });
    }

    fn take<T>(&mut self, path: &[&str], result: Result<T, Vec<cel::Fault>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(faults) => {
                for fault in faults {
                    self.fault(path, fault.range, fault.message);
                }
                None
            }
        }
    }

    fn condition(&mut self, path: &[&str], text: &str) -> Option<Expr> {
        let result = cel::condition(text, &self.env);
        self.take(path, result)
    }

    fn template(&mut self, path: &[&str], text: &str) -> Option<Template> {
        let result = Template::compile(text, &self.env);
        self.take(path, result)
    }

    fn place(&mut self, path: &[&str], text: &str) -> Option<Expr> {
        let result = cel::compile(text, &self.env);
        let (expr, _) = self.take(path, result)?;
        if !cel::is_path(&expr) {
            self.fault(path, 0..0, "a place is a name and its fields, such as `uri.heartbeat`");
            return None;
        }
        Some(expr)
    }
}

/// The names that a rule binds, with their kinds.
fn names<'d>(applies: &[(&'d str, &str)]) -> Result<Vec<(&'d str, &'static Kind)>, Vec<RuleFault>> {
    let mut names = Vec::new();
    let mut faults = Vec::new();
    for (name, kind) in applies {
        match kinds::find(kind) {
            Some(kind) => names.push((*name, kind)),
            None => {
                let hint = nearest(kind, kinds::all().map(|k| k.name));
                let hint = hint.map_or(String::new(), |h| format!("; did you mean `{h}`?"));
                faults.push(RuleFault {
                    path: vec!["applies".into(), (*name).to_owned()],
                    range: 0..0,
                    message: format!("there is no kind of fact `{kind}`{hint}"),
                });
            }
        }
    }
    if faults.is_empty() { Ok(names) } else { Err(faults) }
}

/// Resolves a rule's names and compiles what decides whether it finds something, or says every mistake in that.
pub(crate) fn compile_condition(head: &Head<'_>) -> Result<Condition, Vec<RuleFault>> {
    let names = names(&head.applies)?;
    let mut c = Compiler { env: Env::new(names.clone()), faults: Vec::new() };
    if names.is_empty() {
        c.fault(&["applies"], 0..0, "a rule looks at one fact at least");
    }
    let joins = joins(&mut c, head, &names);
    match c.condition(&["when"], head.when) {
        Some(when) if c.faults.is_empty() => {
            let names: Vec<_> = names.into_iter().map(|(n, k)| (n.to_owned(), k)).collect();
            let mut own = vec![Vec::new(); names.len()];
            if !joins.is_empty() {
                for (name, part) in when.about_one(names.len()) {
                    own[name].push(part);
                }
            }
            Ok(Condition { names, joins, when, own })
        }
        _ => Err(c.faults),
    }
}

/// Compiles what a rule says when it finds something, or says every mistake in that.
pub(crate) fn compile_telling(document: &RuleDocument) -> Result<Telling, Vec<RuleFault>> {
    let names = names(&Head::of(document).applies)?;
    let mut c = Compiler { env: Env::new(names), faults: Vec::new() };
    let mut adjust = Vec::new();
    for (i, step) in document.adjust.iter().enumerate() {
        if let Some(expr) = c.condition(&["adjust", &i.to_string(), "when"], &step.when) {
            adjust.push((expr, step.severity));
        }
    }
    let at = c.place(&["at"], &document.at);
    let label = c.template(&["label"], &document.label);
    let mut labels = Vec::new();
    for (place, text) in &document.labels {
        if let (Some(place), Some(text)) =
            (c.place(&["labels", place], place), c.template(&["labels", place], text))
        {
            labels.push((place, text));
        }
    }
    let message = c.template(&["message"], &document.message);
    let why = c.template(&["why"], document.why.trim_end());
    let help = c.template(&["help"], document.help.trim_end());
    let fix = document.fix.as_ref().and_then(|fix| {
        if fix.set.is_empty() == fix.remove.is_empty() {
            c.fault(&["fix"], 0..0, "a fix has either `set` or `remove`");
        }
        let title = c.template(&["fix", "title"], &fix.title);
        let mut set = Vec::new();
        for (place, text) in &fix.set {
            let expr = c.place(&["fix", "set", place], place);
            let text = c.template(&["fix", "set", place], text);
            set.extend(expr.zip(text));
        }
        let mut remove = Vec::new();
        for (i, place) in fix.remove.iter().enumerate() {
            remove.extend(c.place(&["fix", "remove", &i.to_string()], place));
        }
        Some(CompiledFix { title: title?, safety: fix.safety, verbatim: fix.verbatim, set, remove })
    });
    if c.faults.is_empty()
        && let (Some(at), Some(label), Some(message), Some(why), Some(help)) = (at, label, message, why, help)
    {
        return Ok(Telling { adjust, at, label, labels, message, why, help, fix });
    }
    Err(c.faults)
}

/// Says every mistake in a rule.
pub fn compile(document: &RuleDocument) -> Result<(), Vec<RuleFault>> {
    let head = Head::of(document);
    names(&head.applies)?;
    let condition = compile_condition(&head).err().unwrap_or_default();
    let telling = compile_telling(document).err().unwrap_or_default();
    let faults: Vec<RuleFault> = condition.into_iter().chain(telling).collect();
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

fn joins(c: &mut Compiler<'_>, head: &Head<'_>, names: &[(&str, &'static Kind)]) -> Vec<Join> {
    let mut joins = Vec::new();
    let mut reached = vec![names.len() < 2; names.len()];
    for (i, text) in head.join.iter().enumerate() {
        let path = ["join", &i.to_string()];
        let words: Vec<&str> = text.split_whitespace().collect();
        let [from, relation, to] = words[..] else {
            c.fault(&path, 0..0, "a join is three words: a name, a relation and a name");
            continue;
        };
        let index = |c: &mut Compiler<'_>, name: &str| {
            let at = names.iter().position(|(n, _)| *n == name);
            if at.is_none() {
                let known = names.iter().map(|(n, _)| *n).collect::<Vec<_>>().join(", ");
                c.fault(&path, 0..0, format!("`{name}` is not bound by `applies`; bound are {known}"));
            }
            at
        };
        let (from, to) = (index(c, from), index(c, to));
        let known = RELATIONS.iter().find(|r| r.name == relation);
        let Some(known) = known else {
            let hint = nearest(relation, RELATIONS.iter().map(|r| r.name));
            let hint = hint.map_or(String::new(), |h| format!("; did you mean `{h}`?"));
            c.fault(&path, 0..0, format!("there is no relation `{relation}`{hint}"));
            continue;
        };
        if let (Some(from), Some(to)) = (from, to) {
            if i > 0 && !reached[from] && !reached[to] {
                c.fault(&path, 0..0, "neither name is joined to the ones before");
            }
            reached[from] = true;
            reached[to] = true;
            joins.push(Join { from, relation: known.name, to });
        }
    }
    for ((name, _), reached) in names.iter().zip(&reached) {
        if !reached {
            c.fault(&["applies", name], 0..0, format!("`{name}` is joined to nothing; add it to `join`"));
        }
    }
    joins
}
