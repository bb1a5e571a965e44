//! Firewalls: one room for each program, all filling [`crate::firewall`]'s model.

mod facts;
mod firewalld;
mod iptables;
mod nft;
mod tables;
mod ufw;

pub use firewalld::ZONE as FIREWALLD_ZONE;
pub use iptables::SAVED as IPTABLES_SAVED;
pub use iptables::read as read_saved;
pub use nft::RULESET as NFTABLES;
pub use ufw::{RULES as UFW_RULES, STATUS as UFW_STATUS};

use crate::source::View;
use crate::syntax::script;
use crate::systems::Reading;

/// Whether a line of a script runs one of the programs.
pub fn is_command(line: &str) -> bool {
    let line = line.trim_start().trim_start_matches("RUN ");
    let mut words = line.split_whitespace().skip_while(|w| matches!(*w, "sudo" | "-n" | "-E"));
    let program = words.next().map(program).unwrap_or_default();
    PROGRAMS.contains(&program) && words.next().is_some()
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

/// The name of a program without its directory.
fn program(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

/// Reads the firewall commands of a script.
pub fn read_script(view: &View<'_>, reading: &mut Reading) {
    if !["ufw", "iptables", "ip6tables", "firewall-cmd", "firewall-offline-cmd"]
        .iter()
        .any(|p| view.text.contains(p))
    {
        return;
    }
    let mut commands = script::commands(&view.text);
    for command in &mut commands {
        // `sudo -n ufw …` and a Dockerfile's `RUN ufw …` run the same program.
        let skip = command
            .words
            .iter()
            .take_while(|w| {
                matches!(w.text.as_str(), "sudo" | "RUN" | "exec" | "-n" | "-E" | "command")
                    || is_assignment(&w.text)
            })
            .count();
        command.words.drain(..skip);
    }
    for ruleset in [
        ufw::from_commands(&commands, view),
        iptables::from_commands(&commands, view),
        firewalld::from_commands(&commands, view),
    ]
    .into_iter()
    .flatten()
    {
        facts::add(ruleset, true, reading);
    }
}

fn is_assignment(word: &str) -> bool {
    let name = word.split('=').next().unwrap_or_default();
    word.contains('=') && name.chars().all(|c| c.is_ascii_uppercase() || c == '_') && !name.is_empty()
}
