//! Ansible playbooks and task files: the configurations and connection URIs in them, and the firewall that their tasks
//! set up.

mod modules;
mod tasks;
mod values;

use crate::source::{Source, View};
use crate::syntax::{Data, Node, yaml};
use crate::systems::carriers::tree::{self, TreeContext};
use crate::systems::carriers::{beginning, has_ending};
use crate::systems::firewall::{self, Carrier};
use crate::systems::{FileKind, Match, Reading};

use tasks::Walk;

/// Playbooks, and the task and handler files of roles.
pub static ANSIBLE: FileKind = FileKind {
    name: "ansible",
    doc: "Ansible playbooks and task files; `ufw`, `firewalld` and `iptables` tasks are read as the commands they run",
    recognise,
    read,
};

/// What a play holds that is run, in the order of running. Handlers run when they are notified.
const SECTIONS: &[&str] = &["pre_tasks", "tasks", "post_tasks", "handlers"];

/// Keys of tasks that no other list of maps has.
#[rustfmt::skip]
const TASK_KEYS: &[&str] = &[
    "ufw", "firewalld", "iptables", "apt", "yum", "dnf", "lineinfile", "set_fact", "include_tasks", "import_tasks",
    "include_role", "import_role", "become", "register", "notify", "block", "with_items", "changed_when",
];

/// Collections whose modules are named in full.
const COLLECTIONS: &[&str] = &["ansible.", "community.", "containers."];

fn recognise(source: &Source) -> Match {
    let name = source.base_name();
    if !has_ending(&name, &["yml", "yaml"]) {
        return Match::No;
    }
    let text = beginning(&source.text);
    let mut lines =
        text.lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with('#') && *l != "---");
    if !lines.clone().next().is_some_and(|l| l == "-" || l.starts_with("- ")) {
        return Match::No;
    }
    // Keys of the items themselves, not of what they hold.
    let keys = lines.clone().filter_map(|l| l.strip_prefix("- ").or_else(|| l.strip_prefix("  ")));
    let mut keys = keys.filter_map(|l| l.split_once(':')).map(|(key, _)| key);
    if keys.clone().any(|k| matches!(k, "hosts" | "import_playbook")) {
        return Match::Sure;
    }
    let task = |key: &str| {
        TASK_KEYS.contains(&key) || COLLECTIONS.iter().any(|c| key.starts_with(c) && !key.contains(' '))
    };
    let listed = lines.all(|l| l.starts_with(['-', ' ', '{']));
    if listed && keys.any(task) { Match::Likely } else { Match::No }
}

fn read(view: &View<'_>, out: &mut Reading) {
    let (documents, notices) = yaml::parse(view);
    out.notices.extend(notices);
    let context = TreeContext { expands: None, carrier: None, skip_environment: false };
    // Scripts inside of tasks are read here for everything but the firewall, which the tasks set up together.
    let outer = out.gathered.replace(Vec::new());
    documents.iter().for_each(|d| tree::scan(d, &context, out));
    out.gathered = outer;
    for document in &documents {
        let items = document.items();
        if items.iter().any(|item| item.get("hosts").is_some()) {
            items.iter().for_each(|item| play(item, out));
        } else {
            task_file(document, out);
        }
    }
}

fn play(play: &Node<'_>, out: &mut Reading) {
    let mut walk = Walk::default();
    if let Data::Map(entries) = &play.data
        && let Some(roles) = entries.iter().find(|e| e.key.view.text == "roles")
    {
        walk.gap = Some(roles.key.view.full_span());
    }
    for section in SECTIONS {
        let Some(tasks) = play.get(section) else { continue };
        let when = (*section == "handlers").then(|| "notified".to_owned());
        walk.tasks(tasks, when);
    }
    judge(walk, out);
}

/// Tasks of a role, or of a file that others include: what else the host gets is not said here.
fn task_file(document: &Node<'_>, out: &mut Reading) {
    let mut walk = Walk::default();
    walk.tasks(document, None);
    walk.gap = walk.gap.or(walk.first_span());
    judge(walk, out);
}

fn judge(walk: Walk, out: &mut Reading) {
    let gap = walk.gap;
    firewall::judge(&walk.finish(), Carrier::Commands, gap, out);
}

#[cfg(test)]
mod tests;
