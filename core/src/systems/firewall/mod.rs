//! Firewalls: one room for each program, all filling [`crate::firewall`]'s model.

pub mod commands;
mod facts;
mod firewalld;
mod iptables;
mod nft;
mod tables;
mod ufw;

pub use commands::runs_any;
pub use firewalld::{POLICY as FIREWALLD_POLICY, ZONE as FIREWALLD_ZONE};
pub use iptables::SAVED as IPTABLES_SAVED;
pub use iptables::read as read_saved;
pub use nft::RULESET as NFTABLES;
pub use ufw::{RULES as UFW_RULES, STATUS as UFW_STATUS};

use crate::source::{Span, View};
use crate::systems::Reading;
use commands::Command;

/// What holds a ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// A file that a program loads.
    File,
    /// Commands that run on the host.
    Commands,
    /// Commands that run while an image is built.
    ImageBuild,
}

/// Reads the firewall commands of a script. They are judged at once, unless whoever reads the outer file gathers them.
pub fn read_script(view: &View<'_>, reading: &mut Reading) {
    let mut commands = commands::of_script(view);
    match &mut reading.gathered {
        Some(gathered) => gathered.append(&mut commands),
        None => judge(&commands, Carrier::Commands, None, reading),
    }
}

/// Works out what commands set up, one ruleset for each program. `gap` is where something else decides that is not
/// among them.
pub fn judge(commands: &[Command], carrier: Carrier, gap: Option<Span>, reading: &mut Reading) {
    let rulesets =
        [ufw::from_commands(commands), iptables::from_commands(commands), firewalld::from_commands(commands)];
    for mut ruleset in rulesets.into_iter().flatten() {
        ruleset.gap = gap.or(ruleset.gap);
        facts::add(ruleset, carrier, reading);
    }
}
