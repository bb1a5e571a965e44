//! Commands that set up a firewall, wherever they are written: in a script, a Dockerfile or an Ansible task.

use crate::source::{Span, View};
use crate::syntax::script;

/// A word of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// Its text, as the program gets it.
    pub text: String,
    /// Where it is written.
    pub span: Span,
    /// A part of it is not known.
    pub open: bool,
}

impl Word {
    /// A word whose text is known.
    pub fn new(text: impl Into<String>, span: Span) -> Word {
        Word { text: text.into(), span, open: false }
    }

    /// Words of a script.
    pub fn all(words: Vec<script::Word>, view: &View<'_>) -> Vec<Word> {
        let word = |w: script::Word| Word { text: w.text, span: view.span(w.range), open: w.open };
        words.into_iter().map(word).collect()
    }
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// Its words; the program comes first.
    pub words: Vec<Word>,
    /// Where it is written.
    pub span: Span,
    /// It runs only if something else holds.
    pub conditional: bool,
}

impl Command {
    /// The name of the program, without its directory.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |w| base_name(&w.text))
    }

    /// The words behind the program.
    pub fn arguments(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Whether it runs a program that this room knows.
    pub fn is_known(&self) -> bool {
        PROGRAMS.contains(&self.program())
    }
}

const PROGRAMS: &[&str] = &[
    "ufw",
    "iptables",
    "ip6tables",
    "iptables-nft",
    "iptables-legacy",
    "ip6tables-nft",
    "ip6tables-legacy",
    "firewall-cmd",
    "firewall-offline-cmd",
];

/// Parts of the programs' names, one of which a text must hold to run any of them.
const NAMES: &[&str] = &["ufw", "tables", "firewall-"];

/// The name of a program without its directory.
fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// Whether a line of a text runs one of the programs.
pub fn runs_any(text: &str) -> bool {
    NAMES.iter().any(|name| text.contains(name)) && text.lines().any(is_command)
}

/// Whether a line of a script runs one of the programs.
fn is_command(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("RUN ");
    let mut words = line.split_whitespace().skip_while(|w| matches!(*w, "sudo" | "-n" | "-E"));
    let program = words.next().map(base_name).unwrap_or_default();
    PROGRAMS.contains(&program) && words.next().is_some()
}

/// The firewall commands of a script, in the order they run.
pub fn of_script(view: &View<'_>) -> Vec<Command> {
    if !NAMES.iter().any(|name| view.text.contains(name)) {
        return Vec::new();
    }
    let told = script::commands(&view.text).into_iter().map(|mut command| {
        // `sudo -n ufw …` and a Dockerfile's `RUN ufw …` run the same program.
        let skip = command.words.iter().take_while(|w| is_prefix(&w.text)).count();
        command.words.drain(..skip);
        if loads_firewalld(&command.words) {
            let word =
                |text: &str| script::Word { text: text.into(), range: command.range.clone(), open: false };
            command.words = vec![word("firewall-cmd"), word("--reload")];
        }
        Command {
            span: view.span(command.range),
            conditional: command.conditional,
            words: Word::all(command.words, view),
        }
    });
    told.filter(Command::is_known).collect()
}

/// Whether a command starts firewalld anew, or the whole host: both load what is permanent.
fn loads_firewalld(words: &[script::Word]) -> bool {
    let mut words = words.iter().map(|w| w.text.as_str());
    let program = words.next().map(base_name).unwrap_or_default();
    let rest: Vec<&str> = words.collect();
    let names = |list: &[&str]| rest.iter().any(|w| list.contains(w));
    match program {
        "systemctl" | "service" => {
            names(&["reboot"])
                || names(&["firewalld", "firewalld.service"])
                    && names(&["restart", "reload", "start", "try-restart", "reload-or-restart", "--now"])
        }
        "shutdown" => names(&["-r"]),
        "reboot" => true,
        _ => false,
    }
}

/// Words before the program.
fn is_prefix(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    let assignment =
        word.contains('=') && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !name.is_empty();
    assignment || matches!(word, "sudo" | "RUN" | "exec" | "-n" | "-E" | "command")
}
