//! The firewall commands that a list of tasks runs, in order.

use super::modules;
use super::values::{Item, Params, inline, is_template};
use crate::source::Span;
use crate::syntax::{Data, Entry, Node, template};
use crate::systems::firewall::commands::{self, Command, Word};

/// Commands that the tasks of one file may come to: loops over long lists end here.
const MAX_COMMANDS: usize = 20_000;

/// Modules that run a command line; their names may be written in full.
const COMMANDS: &[&str] = &["command", "shell", "raw"];

/// Where modules of Ansible itself are named from.
const BUILT_IN: &[&str] = &["ansible.builtin.", "ansible.legacy."];

/// Modules that bring in tasks from elsewhere.
const INCLUDES: &[&str] = &["include", "include_tasks", "import_tasks", "include_role", "import_role"];

/// Modules that start and stop services.
const SERVICES: &[&str] = &["service", "systemd", "systemd_service"];

/// Parts of paths below which firewalls keep their rules.
const RULE_FILES: &[&str] = &["/ufw/", "/iptables", "/firewalld/", "/nftables"];

/// A command and what its task asks for.
struct Told {
    command: Command,
    conditions: Vec<String>,
}

/// Goes through tasks.
#[derive(Default)]
pub(super) struct Walk {
    told: Vec<Told>,
    /// Where something else decides about the firewall that is not read here.
    pub(super) gap: Option<Span>,
    conditions: Vec<String>,
}

impl Walk {
    /// Reads tasks, which run only if `when` holds.
    pub(super) fn tasks(&mut self, tasks: &Node<'_>, when: Option<String>) {
        let before = self.conditions.len();
        self.conditions.extend(when);
        tasks.items().iter().for_each(|task| self.task(task));
        self.conditions.truncate(before);
    }

    /// Where the first command stands.
    pub(super) fn first_span(&self) -> Option<Span> {
        self.told.first().map(|t| t.command.span)
    }

    /// The commands. What all commands of a program ask for is what its firewall as a whole asks for, so it makes none
    /// of them doubtful.
    pub(super) fn finish(self) -> Vec<Command> {
        let family =
            |c: &Command| c.program().split(['-', '_']).next().unwrap_or_default().replace("ip6", "ip");
        let shared = |condition: &String, of: &str| {
            self.told.iter().filter(|t| family(&t.command) == of).all(|t| t.conditions.contains(condition))
        };
        let doubtful: Vec<bool> =
            self.told.iter().map(|t| t.conditions.iter().any(|c| !shared(c, &family(&t.command)))).collect();
        let told = self.told.into_iter().zip(doubtful);
        told.map(|(t, doubtful)| Command { conditional: t.command.conditional || doubtful, ..t.command })
            .collect()
    }

    fn task(&mut self, task: &Node<'_>) {
        let Data::Map(entries) = &task.data else { return };
        let text = |key: &str| task.get(key).and_then(Node::text).unwrap_or_default();
        let never = task.get("when").and_then(Node::scalar).and_then(|s| s.as_bool()) == Some(false);
        // Another host, or a rehearsal.
        if never || task.get("delegate_to").is_some() || matches!(text("check_mode"), "true" | "yes") {
            return;
        }
        let before = self.conditions.len();
        self.conditions.extend(conditions(task));
        for (section, when) in [("block", None), ("rescue", Some("rescue")), ("always", None)] {
            if let Some(tasks) = task.get(section) {
                self.tasks(tasks, when.map(str::to_owned));
            }
        }
        for entry in entries {
            self.module(task, entry);
        }
        self.conditions.truncate(before);
    }

    fn module(&mut self, task: &Node<'_>, entry: &Entry<'_>) {
        let key = entry.key.view.text.as_ref();
        let at = entry.key.view.full_span();
        let short = BUILT_IN.iter().find_map(|b| key.strip_prefix(b)).unwrap_or(key);
        if let Some(module) = modules::find(key) {
            each(task, |item| {
                let place = item.and_then(|i| i.node).map_or(at, |n| n.span);
                module(&Params::read(&entry.value, item), place)
                    .into_iter()
                    .for_each(|words| self.tell(Command { words, span: place, conditional: false }));
            });
        } else if COMMANDS.contains(&short) {
            each(task, |item| {
                let loop_place = item.and_then(|i| i.node).map(|n| n.span);
                for mut command in command_lines(&entry.value, item) {
                    command.span = loop_place.unwrap_or(command.span);
                    self.tell(command);
                }
            });
        } else if INCLUDES.contains(&short) {
            self.gap = self.gap.or(Some(at));
        } else if SERVICES.contains(&short) {
            self.service(&Params::read(&entry.value, None), at);
        } else {
            let params = Params::read(&entry.value, None);
            let path = params.one(&["dest", "path"]).map_or("", |w| w.text.as_str());
            if RULE_FILES.iter().any(|part| path.contains(part)) {
                self.gap = self.gap.or(Some(at));
            }
        }
    }

    /// A restart of firewalld loads what is permanent.
    fn service(&mut self, params: &Params, at: Span) {
        let firewalld = matches!(params.text("name"), "firewalld" | "firewalld.service");
        if firewalld && matches!(params.text("state"), "restarted" | "reloaded") {
            let words = vec![Word::new("firewall-cmd", at), Word::new("--reload", at)];
            self.tell(Command { words, span: at, conditional: false });
        }
    }

    fn tell(&mut self, command: Command) {
        if self.told.len() < MAX_COMMANDS {
            self.told.push(Told { command, conditions: self.conditions.clone() });
        }
    }
}

/// What a task asks for before it runs.
fn conditions(task: &Node<'_>) -> Vec<String> {
    let text = |node: &Node<'_>| {
        let scalar = node.scalar()?;
        (scalar.as_bool() != Some(true))
            .then(|| scalar.view.text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let mut out: Vec<String> = match task.get("when") {
        Some(when) if when.scalar().is_some() => text(when).into_iter().collect(),
        Some(when) => when.items().iter().filter_map(text).collect(),
        None => Vec::new(),
    };
    let tagged = |tags: &Node<'_>| {
        tags.text() == Some("never") || tags.items().iter().any(|t| t.text() == Some("never"))
    };
    if task.get("tags").is_some_and(tagged) {
        out.push("never".to_owned());
    }
    out
}

/// Runs a task for every item of its loop, or once. A loop over what only a run knows is run once, for an unknown item.
fn each(task: &Node<'_>, mut run: impl FnMut(Option<Item<'_, '_>>)) {
    let named = task.at(&["loop_control", "loop_var"]).and_then(Node::text);
    let name = named.unwrap_or("item");
    let Data::Map(entries) = &task.data else { return };
    let of_loop = |e: &&Entry<'_>| {
        let key = e.key.view.text.as_ref();
        key == "loop" || key.starts_with("with_")
    };
    let Some(entry) = entries.iter().find(of_loop) else { return run(None) };
    let Some(items) = items(&entry.key.view.text, &entry.value) else {
        return run(Some(Item { name, node: None }));
    };
    for node in items.into_iter().take(MAX_COMMANDS) {
        run(Some(Item { name, node: Some(node) }));
    }
}

/// The items of a loop, if they are written there.
fn items<'n, 'v>(key: &str, list: &'n Node<'v>) -> Option<Vec<&'n Node<'v>>> {
    let known = matches!(key, "loop" | "with_items" | "with_list" | "with_flattened");
    match &list.data {
        Data::Seq(items) if known => {
            let mut out = Vec::new();
            for item in items {
                match &item.data {
                    // `with_items` takes lists apart.
                    Data::Seq(inner) if key != "loop" && key != "with_list" => out.extend(inner),
                    _ => out.push(item),
                }
            }
            Some(out)
        }
        Data::Scalar(scalar) if key == "with_items" && !is_template(&scalar.view.text) => Some(vec![list]),
        _ => None,
    }
}

/// The firewall commands of `command: ufw allow 22`, of a script, of `argv: [ufw, allow, '22']`.
fn command_lines(node: &Node<'_>, item: Option<Item<'_, '_>>) -> Vec<Command> {
    if let Some(argv) = node.get("argv") {
        let words = Params::read(node, item).all(&["argv"]).to_vec();
        let command = Command { words, span: argv.span, conditional: false };
        return if command.is_known() { vec![command] } else { Vec::new() };
    }
    let text = node.get("cmd").unwrap_or(node);
    let Some(scalar) = text.scalar() else { return Vec::new() };
    let filled = template::fill(&scalar.view, &mut |expression| inline(expression, item));
    commands::of_script(&filled)
}
