//! What the kernel shows below `/proc`: processes, their limits, its settings.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use connlint_core::facts::tables::SYSCTL;
use connlint_core::systems::limits::server_of;

use super::{Bundle, Host};
use crate::args::DoctorArgs;
use crate::failure::reason;

/// A process and the name that the kernel shows for it.
pub(super) struct Process {
    pub(super) pid: u32,
    pub(super) name: String,
}

/// All processes that can be seen, by number.
pub(super) fn processes(host: &Host, bundle: &mut Bundle) -> Vec<Process> {
    let entries = match fs::read_dir(&host.proc) {
        Ok(entries) => entries,
        Err(error) => {
            bundle.miss(host.proc.display().to_string(), reason(&error));
            return Vec::new();
        }
    };
    let mut found: Vec<Process> = entries
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse().ok()?;
            // One that has ended since is none.
            let name = fs::read_to_string(entry.path().join("comm")).ok()?;
            Some(Process { pid, name: name.trim_end().to_owned() })
        })
        .collect();
    found.sort_by_key(|p| p.pid);
    found
}

/// The limits of the processes that were asked for; without a wish those of servers that are known, and without
/// these the command's own, which are those of the shell that started it.
pub(super) fn limits(host: &Host, processes: &[Process], args: &DoctorArgs, bundle: &mut Bundle) {
    for pid in &args.pid {
        match processes.iter().find(|p| p.pid == *pid) {
            Some(process) => limits_of(host, process, bundle),
            None => bundle.miss(format!("process {pid}"), "there is no such process"),
        }
    }
    for name in &args.process {
        let mut seen = BTreeSet::new();
        let named = processes.iter().filter(|p| p.name == *name);
        for process in named.filter(|p| seen.insert(text_of(host, p).ok())) {
            limits_of(host, process, bundle);
        }
        if seen.is_empty() {
            bundle.miss(format!("process `{name}`"), "no process has this name; /proc/PID/comm tells names");
        }
    }
    if !args.pid.is_empty() || !args.process.is_empty() {
        return;
    }
    // A server's workers have the limits of its first process: each text is worth showing once.
    let mut seen = BTreeSet::new();
    for process in processes.iter().filter(|p| server_of(&p.name).is_some()) {
        if seen.insert((process.name.as_str(), text_of(host, process).ok())) {
            limits_of(host, process, bundle);
        }
    }
    if seen.is_empty() {
        let path = host.proc.join("self/limits");
        match fs::read_to_string(&path) {
            Ok(text) => bundle.add("proc/self/limits", path.display().to_string(), text),
            Err(error) => bundle.miss(path.display().to_string(), reason(&error)),
        }
    }
}

fn text_of(host: &Host, process: &Process) -> io::Result<String> {
    fs::read_to_string(host.proc.join(process.pid.to_string()).join("limits"))
}

fn limits_of(host: &Host, process: &Process, bundle: &mut Bundle) {
    let path = host.proc.join(process.pid.to_string()).join("limits");
    match text_of(host, process) {
        Ok(text) => bundle.add(
            format!("proc/{}/limits", process.pid),
            path.display().to_string(),
            format!("Name:\t{}\n{text}", process.name),
        ),
        Err(error) => bundle.miss(path.display().to_string(), reason(&error)),
    }
}

/// The kernel settings that rules know, as `sysctl` shows them.
pub(super) fn settings(host: &Host, bundle: &mut Bundle) {
    let root = host.proc.join("sys");
    let mut text = String::new();
    let mut refused = 0;
    for key in SYSCTL.keys().iter().filter(|k| k.alias_of.is_empty() && !without_effect(k.note)) {
        match fs::read_to_string(root.join(key.name.replace('.', "/"))) {
            Ok(value) => text.push_str(&format!("{} = {}\n", key.name, value.trim_end())),
            // A kernel has what it was built with, and the modules that are loaded.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => refused += 1,
        }
    }
    let shown = |path: &Path| path.display().to_string();
    if text.is_empty() {
        bundle.miss(shown(&root), "no setting that a rule knows can be read");
    } else {
        bundle.add("sysctl.txt", shown(&root), text);
    }
    if refused > 0 {
        bundle.miss(format!("{refused} settings below {}", shown(&root)), "permission denied");
    }
}

/// True for a key that newer kernels keep for old scripts only.
fn without_effect(note: &str) -> bool {
    note.contains("dead=") || note.contains("removed=")
}
