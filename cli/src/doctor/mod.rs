//! What the host shows of itself, gathered into texts that the engine reads like any other files.
//!
//! Nothing is changed: files below `/proc` are read, and programs are asked only for what they list. What cannot be
//! had is told with its reason.

mod kernel;
mod programs;
mod sockets;

use std::path::PathBuf;
use std::time::Duration;

use connlint_core::systems::carriers::bundle;

use crate::args::DoctorArgs;

/// What was gathered.
#[derive(Default)]
pub(crate) struct Bundle {
    /// Names and texts, in the order in which they are shown.
    pub(crate) entries: Vec<Entry>,
    /// What could not be had, and why.
    pub(crate) missing: Vec<Missing>,
}

/// A text under a name that tells what it is.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Where it comes from: a path or a command.
    pub(crate) origin: String,
}

/// Something that could not be had.
pub(crate) struct Missing {
    pub(crate) what: String,
    pub(crate) why: String,
}

impl Bundle {
    fn add(&mut self, name: impl Into<String>, origin: impl Into<String>, text: String) {
        self.entries.push(Entry { name: name.into(), text, origin: origin.into() });
    }

    fn miss(&mut self, what: impl Into<String>, why: impl Into<String>) {
        self.missing.push(Missing { what: what.into(), why: why.into() });
    }

    /// What was read and what was not, in words.
    pub(crate) fn account(&self) -> String {
        let mut text = format!("Collected by connlint doctor {}.\n", env!("CARGO_PKG_VERSION"));
        for Entry { name, origin, .. } in &self.entries {
            text.push_str(&format!("{name}: {origin}\n"));
        }
        for Missing { what, why } in &self.missing {
            text.push_str(&format!("not read: {what}: {why}\n"));
        }
        text
    }
}

/// Texts in one, each behind its name.
pub(crate) fn in_one<'t>(texts: impl Iterator<Item = (&'t str, &'t str)>) -> String {
    let mut out = String::new();
    for (name, text) in texts {
        out.push_str(&bundle::head(name));
        out.push_str(text);
        out.push_str(if text.ends_with('\n') { "\n" } else { "\n\n" });
    }
    out
}

/// Gathers what this host shows.
pub(crate) fn gather(args: &DoctorArgs) -> Bundle {
    let host = Host { proc: args.proc.clone(), patience: Duration::from_secs(args.timeout) };
    let mut bundle = Bundle::default();
    let processes = kernel::processes(&host, &mut bundle);
    kernel::limits(&host, &processes, args, &mut bundle);
    kernel::settings(&host, &mut bundle);
    sockets::listening(&host, &processes, &mut bundle);
    programs::firewall(&host, &mut bundle);
    let broker = processes.iter().any(|p| p.name == "beam.smp");
    programs::rabbitmq(&host, broker, &mut bundle);
    for endpoint in &args.endpoint {
        programs::certificate(&host, endpoint, &mut bundle);
    }
    bundle
}

/// Where to look and how long to wait.
struct Host {
    proc: PathBuf,
    patience: Duration,
}
