//! Ansible playbooks and task files: the configurations and connection URIs in them, the firewall that their tasks set up
//! with those of the roles and files that they bring in, and what else they put on a host.

mod files;
mod library;
mod modules;
mod tasks;
mod values;
mod variables;

pub(in crate::systems) use library::of as brought_in;

use crate::source::{Source, View};
use crate::syntax::{Node, yaml};
use crate::systems::carriers::tree::{self, TreeContext};
use crate::systems::carriers::{beginning, has_ending};
use crate::systems::firewall::{self, Carrier};
use crate::systems::{FileKind, Match, Reading};

use library::Library;
use tasks::Walk;

/// Playbooks, and the task and handler files of roles.
pub static ANSIBLE: FileKind = FileKind {
    name: "ansible",
    doc: "Ansible playbooks and task files, with the roles and files they bring in; `ufw`, `firewalld` and `iptables` \
          tasks are read as the commands they run",
    recognise,
    read,
};

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
    if !has_ending(name, &["yml", "yaml"]) {
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
    let beside = std::mem::take(&mut out.beside);
    let views: Vec<View<'_>> = beside.named.iter().map(|(id, source)| View::whole(*id, source)).collect();
    let library = Library::new(&beside.directory, &beside.named, &views);
    for document in &documents {
        if document.items().iter().any(|item| item.get("hosts").is_some()) {
            playbook(document, view, &beside.directory, &library, out);
        } else {
            task_file(document, view, &beside.directory, &library, out);
        }
    }
    drop(library);
    drop(views);
    out.beside = beside;
}

/// The plays of a file. Those for the same hosts set up one firewall.
fn playbook<'v>(
    document: &Node<'v>,
    view: &View<'_>,
    directory: &str,
    library: &Library<'v>,
    out: &mut Reading,
) {
    let mut walks: Vec<(String, Walk<'_, 'v>)> = Vec::new();
    for item in document.items() {
        let hosts = match item.get("hosts") {
            Some(hosts) if hosts.scalar().is_some() => hosts.text().unwrap_or_default().to_owned(),
            Some(hosts) => hosts.items().iter().filter_map(Node::text).collect::<Vec<_>>().join(","),
            None => continue,
        };
        let at = walks.iter().position(|(own, _)| *own == hosts).unwrap_or(walks.len());
        if at == walks.len() {
            let mut walk = Walk::new(library, view.file, directory);
            walk.variables.set_hosts(&hosts);
            walks.push((hosts, walk));
        }
        if let Some((_, walk)) = walks.get_mut(at) {
            play(item, walk);
        }
    }
    let telling = walks.iter().filter(|(_, walk)| walk.tells()).count();
    let wide = walks.iter().any(|(hosts, walk)| walk.tells() && is_wide(hosts));
    for (_, mut walk) in walks {
        if telling > 1 && wide {
            // What all hosts get and what some get more is one firewall there, which nobody sees as a whole.
            walk.gap = walk.gap.or(walk.first_span());
        }
        tell(walk, view, library, out);
    }
}

/// Whether a pattern of hosts may mean those that another one means.
fn is_wide(hosts: &str) -> bool {
    hosts == "all" || hosts.contains(['*', '{', ':', '&', ','])
}

/// A play: its roles run between `pre_tasks` and `tasks`, and handlers when they are notified.
fn play<'n, 'v>(play: &'n Node<'v>, walk: &mut Walk<'n, 'v>) {
    walk.variables.enter(play.get("vars"));
    if let Some(files) = play.get("vars_files") {
        walk.variable_files(files);
    }
    let asked = play.get("vars_prompt").map_or(&[][..], Node::items);
    for name in asked.iter().filter_map(|q| q.get("name")?.text()) {
        walk.variables.set_fact(name, None);
    }
    let run = |section: &str, walk: &mut Walk<'n, 'v>| {
        if let Some(tasks) = play.get(section) {
            walk.tasks(tasks, None);
        }
    };
    run("pre_tasks", walk);
    for role in play.get("roles").map_or(&[][..], Node::items) {
        walk.role(role);
    }
    run("tasks", walk);
    run("post_tasks", walk);
    walk.handlers();
    if let Some(handlers) = play.get("handlers") {
        walk.tasks(handlers, Some("notified".to_owned()));
    }
}

/// Tasks of a role, or of a file that others include: what else the host gets is not said here. What they set up counts
/// unless a playbook or another such file says it.
fn task_file<'v>(
    document: &Node<'v>,
    view: &View<'_>,
    directory: &str,
    library: &Library<'v>,
    out: &mut Reading,
) {
    let mut walk = Walk::new(library, view.file, directory);
    if let Some(role) = library::role_of(directory) {
        walk.enter_role(role);
    }
    walk.tasks(document, None);
    walk.gap = walk.gap.or(walk.first_span());
    let mut alone = out.alone.take().unwrap_or_default();
    firewall::judge(&walk.finish(), Carrier::Commands, walk.gap, &mut alone);
    out.alone = Some(alone);
    tell(walk, view, library, out);
}

/// Says what tasks set up.
fn tell<'v>(mut walk: Walk<'_, 'v>, view: &View<'_>, library: &Library<'v>, out: &mut Reading) {
    let gap = walk.gap;
    firewall::judge(&walk.finish(), Carrier::Commands, gap, out);
    out.followed.append(&mut walk.followed);
    out.filled.extend(walk.variables.filled());
    walk.files.read(view.file, library, &walk.variables, out);
}

#[cfg(test)]
mod tests;
