//! What the names of a file stand for: modules and what is taken from them.

use crate::syntax::code::{Constants, Form, Language, Program};

/// A name of a file and what is imported under it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Binding {
    /// The name; `*` where everything of the module is there without a name.
    local: String,
    /// The module.
    module: String,
    /// What of it; empty for the module itself.
    member: String,
}

/// What is called, by the module that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Canon {
    /// The module; empty for what is imported from nowhere, `*` for a type of one of several packages.
    pub(super) module: String,
    /// The names in it, with `()` after what is called and `{}` after the type of a literal.
    pub(super) tail: String,
}

/// The imports of a file.
pub(super) struct Imports {
    bindings: Vec<Binding>,
}

/// A name stands for a name that stands for a name; real files stop at two.
const MAX_STEPS: usize = 4;

impl Imports {
    /// Of a program.
    pub(super) fn new(program: &Program, language: Language) -> Imports {
        let mut bindings = Vec::new();
        for import in &program.imports {
            match language {
                Language::Python => python(import, &mut bindings),
                Language::Go => go(import, &mut bindings),
                Language::Java | Language::Kotlin => java(import, &mut bindings),
                Language::JavaScript | Language::TypeScript => module(import, &mut bindings),
            }
        }
        if matches!(language, Language::JavaScript | Language::TypeScript) {
            required(program, &mut bindings);
        }
        Imports { bindings }
    }

    /// True if the file imports a module or something below it.
    pub(super) fn has(&self, module: &str) -> bool {
        self.bindings.iter().any(|b| within(&b.module, module))
    }

    /// True if something of a module may be what a name of unknown origin stands for.
    pub(super) fn gives(&self, canon: &Canon, module: &str) -> bool {
        match canon.module.as_str() {
            "*" => self.bindings.iter().any(|b| b.local == "*" && within(&b.module, module)),
            known => within(known, module),
        }
    }

    /// The module and the names that what is called stands for, seen from a place.
    pub(super) fn canon(
        &self,
        constants: &Constants<'_>,
        program: &Program,
        callee: &str,
        at: usize,
    ) -> Canon {
        self.step(constants, program, callee, at, MAX_STEPS)
    }

    fn step(
        &self,
        constants: &Constants<'_>,
        program: &Program,
        callee: &str,
        at: usize,
        left: usize,
    ) -> Canon {
        let unknown = || Canon { module: String::new(), tail: callee.to_owned() };
        let Some(left) = left.checked_sub(1) else { return unknown() };
        let ends = callee.match_indices('.').map(|(i, _)| i);
        for end in ends.rev() {
            let (head, rest) = callee.split_at(end);
            let Some(value) = constants.named(head, at) else { continue };
            let found = match &value.form {
                Form::Call(index) => program.calls.get(*index).map(|made| {
                    let mut made = self.step(constants, program, &made.callee, made.range.start, left);
                    made.tail.push_str("()");
                    made
                }),
                Form::Map { of, .. } if !of.is_empty() => {
                    let mut made = self.step(constants, program, of, value.range.start, left);
                    made.tail.push_str("{}");
                    Some(made)
                }
                Form::Name(name) if name != head => {
                    let whole =
                        self.step(constants, program, &format!("{name}{rest}"), value.range.start, left);
                    whole
                        .tail
                        .strip_suffix(rest)
                        .map(|tail| Canon { module: whole.module.clone(), tail: tail.into() })
                }
                _ => None,
            };
            if let Some(mut made) = found.filter(|m| !m.module.is_empty()) {
                made.tail.push_str(rest);
                return made;
            }
        }
        self.bound(callee).unwrap_or_else(unknown)
    }

    /// What a name is imported as.
    fn bound(&self, callee: &str) -> Option<Canon> {
        let best = self.bindings.iter().filter(|b| covers(&b.local, callee)).max_by_key(|b| b.local.len());
        let (binding, rest) = match best {
            Some(binding) => (binding, callee.get(binding.local.len()..).unwrap_or_default()),
            None => {
                // `import okhttp3.*` gives types without saying their names.
                let type_like = callee.starts_with(|c: char| c.is_ascii_uppercase());
                let any = type_like && self.bindings.iter().any(|b| b.local == "*");
                return any.then(|| Canon { module: String::from("*"), tail: callee.to_owned() });
            }
        };
        let rest = if binding.member.is_empty() { rest.trim_start_matches('.') } else { rest };
        Some(Canon { module: binding.module.clone(), tail: format!("{}{rest}", binding.member) })
    }
}

/// True if a callee starts with a name, and the name ends there.
fn covers(local: &str, callee: &str) -> bool {
    callee.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '(', '{']))
}

/// True for a module and what lies below it.
fn within(module: &str, above: &str) -> bool {
    module.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '/']))
}

/// `a as b` gives `a` and `b`, `a` gives `a` twice.
fn renamed(part: &str) -> (String, String) {
    let part = part.trim();
    let (name, local) = part.split_once(" as ").or_else(|| part.split_once(':')).unwrap_or((part, part));
    (name.trim().to_owned(), local.trim().to_owned())
}

fn python(import: &str, out: &mut Vec<Binding>) {
    if let Some(rest) = import.strip_prefix("from ") {
        let Some((module, names)) = rest.split_once(" import") else { return };
        let names = names.trim().trim_matches(['(', ')']);
        for line in names.lines() {
            let line = line.split('#').next().unwrap_or_default();
            for part in line.split(',').filter(|p| !p.trim().is_empty()) {
                let (member, local) = renamed(part);
                out.push(Binding { local, module: module.trim().to_owned(), member });
            }
        }
    } else if let Some(rest) = import.strip_prefix("import ") {
        for part in rest.split(',') {
            let (module, local) = renamed(part);
            out.push(Binding { local, module, member: String::new() });
        }
    }
}

fn go(import: &str, out: &mut Vec<Binding>) {
    let mut quoted = import.split('"');
    let (Some(alias), Some(path)) = (quoted.next(), quoted.next()) else { return };
    let own = super::table::LIBRARIES
        .iter()
        .flat_map(|l| l.imports)
        .find(|(known, own)| *known == path && !own.is_empty())
        .map(|(_, own)| (*own).to_owned());
    // Without a name of its own the last part is the package's, versions aside.
    let last = || {
        let mut parts = path.rsplit('/');
        let last = parts.next().unwrap_or_default();
        let version = last.strip_prefix('v').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
        if version { parts.next().unwrap_or_default().to_owned() } else { last.to_owned() }
    };
    let local = match alias.trim() {
        "" => own.unwrap_or_else(last),
        alias => alias.to_owned(),
    };
    out.push(Binding { local, module: path.to_owned(), member: String::new() });
}

fn java(import: &str, out: &mut Vec<Binding>) {
    let Some(rest) = import.strip_prefix("import ") else { return };
    let path = rest.trim().trim_start_matches("static ").trim().trim_end_matches(';').trim();
    // Kotlin's `import a.B as C`
    let (path, alias) = path.split_once(" as ").map_or((path, None), |(p, a)| (p.trim(), Some(a.trim())));
    // The package ends where a name begins with a capital.
    let parts: Vec<&str> = path.split('.').collect();
    let split = parts.iter().position(|p| p.starts_with(|c: char| c.is_ascii_uppercase()));
    let split = split.unwrap_or(parts.len().saturating_sub(1));
    let (package, member) = parts.split_at(split);
    let module = package.join(".");
    if member == ["*"] {
        out.push(Binding { local: String::from("*"), module, member: String::new() });
    } else if let Some(local) = member.last() {
        let local = alias.unwrap_or(local).to_owned();
        out.push(Binding { local, module, member: member.join(".") });
    }
}

/// The text between the last pair of quotes.
fn quoted(import: &str) -> Option<&str> {
    let text = import.trim_end_matches([';', ' ', ')', '\n']);
    let quote = text.chars().next_back().filter(|c| matches!(c, '\'' | '"' | '`'))?;
    let inner = text.strip_suffix(quote)?;
    inner.rsplit_once(quote).map(|(_, module)| module)
}

fn module(import: &str, out: &mut Vec<Binding>) {
    let Some(module) = quoted(import) else { return };
    let names = import.trim_start_matches("import").trim_start_matches(" type ");
    let Some((names, _)) = names.rsplit_once("from") else { return };
    let (plain, braces) = names.split_once('{').unwrap_or((names, ""));
    for part in plain.split(',').map(str::trim).filter(|p| !p.is_empty()) {
        let local = part.strip_prefix("* as").unwrap_or(part).trim().to_owned();
        out.push(Binding { local, module: module.to_owned(), member: String::new() });
    }
    members(braces, module, out);
}

fn members(braces: &str, module: &str, out: &mut Vec<Binding>) {
    for part in braces.trim_end().trim_end_matches('}').split(',').filter(|p| !p.trim().is_empty()) {
        let (member, local) = renamed(part.trim().trim_start_matches("type "));
        let member = if member == "default" { String::new() } else { member };
        out.push(Binding { local, module: module.to_owned(), member });
    }
}

/// `const pg = require('pg')`, `const { Pool } = require('pg')`.
fn required(program: &Program, out: &mut Vec<Binding>) {
    for assignment in &program.assignments {
        let (call, member) = match &assignment.value.form {
            Form::Call(index) => (program.calls.get(*index), ""),
            Form::Name(name) => match name.strip_prefix("require().") {
                // `require('pg').Pool`: the call is the one inside.
                Some(member) => {
                    let inside = |c: &&crate::syntax::code::Call| {
                        c.callee == "require" && assignment.value.range.contains(&c.range.start)
                    };
                    (program.calls.iter().find(inside), member)
                }
                None => continue,
            },
            _ => continue,
        };
        let Some(call) = call.filter(|c| c.callee == "require") else { continue };
        let Some(Form::Text { parts, .. }) = call.arguments.first().map(|a| &a.value.form) else { continue };
        let [crate::syntax::code::Part::Literal(module)] = parts.as_slice() else { continue };
        match assignment.target.strip_prefix('{') {
            Some(braces) => members(braces, module, out),
            None => out.push(Binding {
                local: assignment.target.clone(),
                module: module.clone(),
                member: member.trim_start_matches("default").to_owned(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Source, View};
    use crate::syntax::code;

    #[test]
    fn names_lead_back_to_modules() {
        let table = [
            (Language::Python, "import requests as r\nr.get(u)\n", "requests", "get"),
            (Language::Python, "from requests import get\nget(u)\n", "requests", "get"),
            (
                Language::Python,
                "import requests\ns = requests.Session()\ns.get(u)\n",
                "requests",
                "Session().get",
            ),
            (
                Language::Python,
                "import requests\nwith requests.Session() as s:\n    s.get(u)\n",
                "requests",
                "Session().get",
            ),
            (Language::Go, "package p\nimport \"net/http\"\nfunc f() { http.Get(u) }\n", "net/http", "Get"),
            (
                Language::Go,
                "package p\nimport h \"net/http\"\nfunc f() { c := &h.Client{}\n c.Get(u) }\n",
                "net/http",
                "Client{}.Get",
            ),
            (
                Language::Java,
                "import okhttp3.OkHttpClient;\nclass A { Object c = new OkHttpClient.Builder(); }",
                "okhttp3",
                "OkHttpClient.Builder",
            ),
            (Language::JavaScript, "const axios = require('axios')\naxios.get(u)\n", "axios", "get"),
            (Language::JavaScript, "const { Pool } = require('pg')\nnew Pool()\n", "pg", "Pool"),
            (Language::TypeScript, "import Redis from 'ioredis'\nnew Redis(u)\n", "ioredis", ""),
            (
                Language::TypeScript,
                "import { Pool as P } from 'pg'\nconst p = new P()\np.query(q)\n",
                "pg",
                "Pool().query",
            ),
        ];
        for (language, text, module, tail) in table {
            let source = Source::new("x", text);
            let (program, _) = code::read(&View::whole(crate::FileId(0), &source), language);
            let constants = Constants::new(&program);
            let imports = Imports::new(&program, language);
            let call = program.calls.last().expect("a call");
            let canon = imports.canon(&constants, &program, &call.callee, call.range.start);
            assert_eq!((canon.module.as_str(), canon.tail.as_str()), (module, tail), "{text}");
        }
    }
}
