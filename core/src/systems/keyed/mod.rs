//! Settings of programs whose keys are known from a table: each line is judged, and the values are gathered in one
//! fact of the server or client they configure.

pub mod forms;

use std::collections::BTreeMap;

use crate::facts::kinds::redis::setting as like;
use crate::facts::{Fact, FactId, Field, KeyDef, KeyTable, Kind, Said, Value};
use crate::source::{Span, View};
use crate::systems::Reading;
use forms::{Verdict, Writing};

/// What is known of a program whose settings are read.
#[derive(Debug)]
pub struct Program {
    /// The kind of its lines, declared with `declare_kinds_with_setting!`.
    pub setting: &'static Kind,
    /// Its keys.
    pub table: &'static KeyTable,
    /// How it writes values.
    pub writing: &'static Writing,
    /// The spelling of a key in the table, of the one that was written.
    pub canonical: fn(&str) -> String,
    /// True if the value of a key is a password or a key.
    pub secret: fn(&str) -> bool,
}

/// A line.
pub struct Line<'l> {
    /// The section it stands in.
    pub section: Option<&'l str>,
    /// The key as written.
    pub key: &'l View<'l>,
    /// The value; absent when the key stands alone.
    pub value: Option<&'l View<'l>>,
    /// The whole line.
    pub span: Span,
}

/// Gathers the lines of one file.
pub struct Lines {
    program: &'static Program,
    /// What the lines configure, as far as they have been read.
    pub server: Fact,
    earlier: BTreeMap<String, Said>,
    guesses: usize,
    template: bool,
    filled_in: Vec<Said>,
}

/// At most so many unknown keys are compared with all the known ones; a file with more belongs to another program.
const MAX_GUESSES: usize = 40;

/// True if another program fills in the value of a key first; words of the key's own never stand for others.
fn is_open(key: &KeyDef, value: &str, writing: &Writing) -> bool {
    let own = key.form.starts_with("enum") && forms::judge(key, value, writing) == Verdict::Good;
    !own && (forms::is_open(value) || forms::is_stand_in(key.name, value))
}

/// The same field in another program's kind of lines.
fn on(kind: &'static Kind, field: Field) -> Field {
    Field { kind, index: field.index }
}

impl Lines {
    /// No line yet.
    pub fn new(program: &'static Program, server: Fact, template: bool) -> Lines {
        Lines {
            program,
            server,
            earlier: BTreeMap::new(),
            guesses: MAX_GUESSES,
            template,
            filled_in: Vec::new(),
        }
    }

    /// Takes a line: adds its fact and gathers its value.
    pub fn line(&mut self, line: &Line<'_>, out: &mut Reading) -> FactId {
        let program = self.program;
        let name = (program.canonical)(&line.key.text);
        let index = program.table.find(&name);
        let def = index.and_then(|at| program.table.keys().get(at));
        let secret = (program.secret)(&name);
        let keep = |said: Said| if secret { said.secret() } else { said };
        let mut fact = Fact::new(program.setting, line.span);
        let field = |f: Field| on(program.setting, f);
        fact.write(field(like::key), Value::text(&line.key.text), line.key.full_span());
        fact.derive(field(like::template), Value::Bool(self.template));
        if let Some(section) = line.section {
            fact.derive(field(like::section), Value::text(section));
        }
        let written = line.value.map(|v| keep(Said::written(Value::text(v.text.trim()), v.full_span())));
        if let Some(said) = &written {
            fact.set(field(like::value), said.clone());
            if let Some(value) = line.value.filter(|v| secret && !v.text.trim().is_empty()) {
                out.secrets.push(value.full_span());
            }
        }
        self.repeated(&mut fact, &name, def, written.as_ref());
        match (def, line.value) {
            (Some(def), value) => {
                fact.derive(field(like::known), Value::Bool(true));
                self.known(&mut fact, def, value, keep);
                if let (Some(at), Some(value)) = (index, value) {
                    self.gather(at, def, value, keep);
                }
            }
            (None, _) if forms::is_open(&name) => {}
            (None, _) => {
                fact.derive(field(like::known), Value::Bool(false));
                if self.guesses > 0 {
                    self.guesses -= 1;
                    if let Some(near) = program.table.nearest(&name) {
                        fact.derive(field(like::nearest), Value::text(near));
                    }
                }
            }
        }
        out.facts.add(fact)
    }

    /// Notes that a key is set to something that is not known here.
    pub fn left_open(&mut self, key: &str, span: Span) {
        self.filled_in.push(Said::written(Value::text(key), span));
    }

    /// The fact of what the lines configure; `filled_in` is its field for the keys that another program fills in.
    pub fn finish(self, filled_in: Field) -> Fact {
        let mut fact = self.server;
        fact.derive(filled_in, Value::List(self.filled_in));
        fact
    }

    fn repeated(&mut self, fact: &mut Fact, name: &str, def: Option<&KeyDef>, written: Option<&Said>) {
        // The branches of a template exclude each other.
        let Some(said) = written.filter(|_| !self.template && !def.is_some_and(|d| forms::noted(d, "many")))
        else {
            return;
        };
        let name = def.map_or(name, |d| if d.alias_of.is_empty() { d.name } else { d.alias_of });
        if let Some(before) = self.earlier.insert(name.to_owned(), said.clone())
            && before.value != said.value
        {
            fact.set(on(self.program.setting, like::earlier), before);
        }
    }

    fn known(
        &self,
        fact: &mut Fact,
        def: &'static KeyDef,
        value: Option<&View<'_>>,
        keep: impl Fn(Said) -> Said,
    ) {
        let field = |f: Field| on(self.program.setting, f);
        if !def.alias_of.is_empty() {
            fact.derive(field(like::renamed), Value::text(def.alias_of));
        }
        if let Some(default) = forms::note(def, "default") {
            fact.derive(field(like::default), Value::text(default));
        }
        if forms::noted(def, "readonly") {
            fact.derive(field(like::read_only), Value::Bool(true));
        }
        let (added, removed) = forms::versions(def);
        for (which, version) in [(like::added_in, added), (like::removed_in, removed)] {
            if let Some(version) = version {
                fact.derive(field(which), Value::Version(version));
            }
        }
        let Some(value) = value else { return };
        let (text, span) = (value.text.trim(), value.full_span());
        if is_open(def, text, self.program.writing) || text.is_empty() && self.template {
            return;
        }
        let judged = |well: bool| Said::derived(Value::Bool(well), Some(span));
        match forms::judge(def, text, self.program.writing) {
            Verdict::Good => {
                fact.set(field(like::well_typed), judged(true));
            }
            Verdict::Bad { expected, suggestion } => {
                fact.set(field(like::well_typed), judged(false));
                fact.derive(field(like::expected), Value::text(expected));
                if let Some(suggestion) = suggestion {
                    fact.set(
                        field(like::suggestion),
                        keep(Said::derived(Value::text(suggestion), Some(span))),
                    );
                }
            }
        }
    }

    fn gather(&mut self, at: usize, def: &'static KeyDef, value: &View<'_>, keep: impl Fn(Said) -> Said) {
        let text = value.text.trim();
        if is_open(def, text, self.program.writing) || text.is_empty() && self.template {
            self.filled_in.push(Said::written(Value::text(def.name), value.full_span()));
            return;
        }
        let target = match def.alias_of {
            "" => Some(at),
            name => self.program.table.find(name),
        };
        if let (Some(target), Some(typed)) = (target, forms::typed(def, text, self.program.writing)) {
            self.server.set_key(target, keep(Said::written(typed, value.full_span())));
        }
    }
}

/// So many lines tell what a file is.
const LINES_LOOKED_AT: usize = 400;

/// The share of lines that `known` says are a program's; comments, which begin with one of these ASCII characters, empty lines and a template's statements do not
/// count. `None` if nothing is left.
pub fn share_of_known(text: &str, comments: &str, known: impl Fn(&str) -> bool) -> Option<f64> {
    let (mut ours, mut all) = (0u32, 0u32);
    let counts = |line: &&str| match line.as_bytes() {
        [] | [b'{', b'%' | b'{', ..] => false,
        [first, ..] => !comments.as_bytes().contains(first),
    };
    let lines = text.lines().map(str::trim).filter(counts);
    for line in lines.take(LINES_LOOKED_AT) {
        all += 1;
        ours += u32::from(known(line));
    }
    (all > 0).then(|| f64::from(ours) / f64::from(all))
}
