//! Environment files: `.env` and its kin.

use crate::source::{Source, View};
use crate::syntax::keyvalue::{self, dialects};
use crate::systems::containers::variables::{self, Assignment};
use crate::systems::{FileKind, Match, Reading};

/// `.env` files.
pub static ENV: FileKind =
    FileKind { name: "env", doc: "Environment variables, a NAME=value a line (.env)", recognise, read };

/// Endings of programs whose names begin like environment files.
const CODE: &[&str] = &[
    "js", "ts", "mjs", "cjs", "py", "rb", "go", "php", "sh", "json", "yml", "yaml", "toml", "d", "rs", "tsx",
    "enc", "j2", "tpl",
];

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    let code = super::has_ending(name, CODE);
    let named = name == ".env"
        || name == "env"
        || name == ".envrc"
        || name.starts_with(".env.")
        || name.starts_with("env.")
        || name.ends_with(".env")
        || name.contains(".env.");
    let template = super::has_ending(name, &["j2", "tpl"]) && name.contains("env");
    if named && (!code || template) && assignments(&source.text) {
        return Match::Sure;
    }
    Match::No
}

/// True if most lines are assignments, or there is nothing at all.
fn assignments(text: &str) -> bool {
    let text = super::beginning(text);
    let (mut yes, mut no) = (0, 0);
    for line in text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let name = line.split('=').next().unwrap_or_default().trim();
        let good = line.contains('=')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-' | b'{' | b'}' | b' '));
        if good { yes += 1 } else { no += 1 }
    }
    yes >= no
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (pairs, notices) = keyvalue::pairs(view, &dialects::DOTENV);
    out.notices.extend(notices);
    let assignments: Vec<Assignment<'_>> = pairs
        .into_iter()
        .map(|pair| Assignment {
            name: pair.key,
            value: pair.assigned.then_some(pair.value),
            // Between single quotes nothing is filled in.
            expands: pair.quoted != Some('\''),
        })
        .collect();
    variables::add_all(&assignments, None, out);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_environment_files_from_programs() {
        for (name, text, expected) in [
            (".env", "A=1", Match::Sure),
            ("deploy/.env.example", "A=1\n# b\nexport C=2", Match::Sure),
            ("db.env", "A=1", Match::Sure),
            ("env.ts", "export const a = 1", Match::No),
            ("src/env", "#!/bin/sh\nexec x\nexec y\nexec z\nA=1", Match::No),
            ("rabbitmq-env.conf", "A=1", Match::No),
        ] {
            assert_eq!(recognise(&Source::new(name, text)), expected, "{name}");
        }
    }
}
