//! The firewall commands that a list of tasks runs, in order, and the files that it puts on the host.

use std::collections::BTreeSet;

use super::files::Files;
use super::library::Library;
use super::modules;
use super::values::{Item, Params, Scope, holds, inline, is_template, tree};
use super::variables::Variables;
use crate::source::{FileId, Span};
use crate::syntax::{Data, Entry, Node, template};
use crate::systems::firewall::commands::{self, Command, Word};

/// Commands that the tasks of one file may come to: loops over long lists end here.
const MAX_COMMANDS: usize = 20_000;

/// Modules that run a command line; their names may be written in full.
const COMMANDS: &[&str] = &["command", "shell", "raw"];

/// Where modules of Ansible itself are named from.
const BUILT_IN: &[&str] = &["ansible.builtin.", "ansible.legacy."];

/// Modules that bring in tasks of another file.
const INCLUDES: &[&str] = &["include", "include_tasks", "import_tasks"];

/// Modules that bring in a role.
const ROLES: &[&str] = &["include_role", "import_role"];

/// Roles inside of roles, and lists of tasks inside of lists; real ones stop at four.
const MAX_INCLUDED: usize = 8;

/// Tasks that one play may come to, those of loops over lists of tasks counted each time.
const MAX_TASKS: usize = 50_000;

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
pub(super) struct Walk<'n, 'v> {
    library: &'n Library<'v>,
    /// The file that is read; what tasks of others put on the host is said where these are read.
    own: FileId,
    told: Vec<Told>,
    /// Where something else decides about the firewall that is not read here.
    pub(super) gap: Option<Span>,
    conditions: Vec<String>,
    pub(super) variables: Variables<'n, 'v>,
    /// The lists of tasks that are being brought in, one in the other, by name.
    chain: Vec<String>,
    /// Roles that have run; none runs twice unless it is asked to.
    ran: BTreeSet<String>,
    /// Handlers of roles, and where they lie.
    handlers: Vec<(&'n Node<'v>, String)>,
    /// The directory of the file whose tasks run.
    directory: String,
    /// Other files whose tasks run here.
    pub(super) followed: BTreeSet<FileId>,
    /// What the tasks of this file put on the host.
    pub(super) files: Files,
    steps: usize,
}

impl<'n, 'v> Walk<'n, 'v> {
    pub(super) fn new(library: &'n Library<'v>, own: FileId, directory: &str) -> Walk<'n, 'v> {
        Walk {
            library,
            own,
            told: Vec::new(),
            gap: None,
            conditions: Vec::new(),
            variables: Variables::new(library),
            chain: Vec::new(),
            ran: BTreeSet::new(),
            handlers: Vec::new(),
            directory: directory.to_owned(),
            followed: BTreeSet::new(),
            files: Files::default(),
            steps: 0,
        }
    }

    /// Reads tasks, which run only if `when` holds.
    pub(super) fn tasks(&mut self, tasks: &'n Node<'v>, when: Option<String>) {
        let before = self.conditions.len();
        self.conditions.extend(when);
        tasks.items().iter().for_each(|task| self.task(task));
        self.conditions.truncate(before);
    }

    /// Reads the handlers of the roles that ran.
    pub(super) fn handlers(&mut self) {
        for (node, directory) in std::mem::take(&mut self.handlers) {
            let before = std::mem::replace(&mut self.directory, directory);
            self.tasks(node, Some("notified".to_owned()));
            self.directory = before;
        }
    }

    /// Whether it tells a firewall anything.
    pub(super) fn tells(&self) -> bool {
        !self.told.is_empty()
    }

    /// Where the first command stands.
    pub(super) fn first_span(&self) -> Option<Span> {
        self.told.first().map(|t| t.command.span)
    }

    /// The commands. What all commands of a program ask for is what its firewall as a whole asks for, so it makes none
    /// of them doubtful.
    pub(super) fn finish(&mut self) -> Vec<Command> {
        let told = std::mem::take(&mut self.told);
        let family =
            |c: &Command| c.program().split(['-', '_']).next().unwrap_or_default().replace("ip6", "ip");
        let shared = |condition: &String, of: &str| {
            told.iter().filter(|t| family(&t.command) == of).all(|t| t.conditions.contains(condition))
        };
        let doubtful: Vec<bool> =
            told.iter().map(|t| t.conditions.iter().any(|c| !shared(c, &family(&t.command)))).collect();
        let told = told.into_iter().zip(doubtful);
        told.map(|(t, doubtful)| Command { conditional: t.command.conditional || doubtful, ..t.command })
            .collect()
    }

    fn task(&mut self, task: &'n Node<'v>) {
        self.steps += 1;
        let Data::Map(entries) = &task.data else { return };
        if self.steps > MAX_TASKS {
            self.gap = self.gap.or(Some(task.span));
            return;
        }
        let text = |key: &str| task.get(key).and_then(Node::text).unwrap_or_default();
        // Another host, or a rehearsal.
        if task.get("delegate_to").is_some() || matches!(text("check_mode"), "true" | "yes") {
            return;
        }
        let (before, depth) = (self.conditions.len(), self.variables.depth());
        self.variables.enter(task.get("vars"));
        if self.asks(task) {
            for (section, when) in [("block", None), ("rescue", Some("rescue")), ("always", None)] {
                if let Some(tasks) = task.get(section) {
                    self.tasks(tasks, when.map(str::to_owned));
                }
            }
            for entry in entries {
                self.module(task, entry);
            }
        }
        self.conditions.truncate(before);
        self.variables.leave(depth);
        self.facts(task, entries);
    }

    /// Adds what a task or a role asks for before it runs. False if it never does.
    fn asks(&mut self, task: &Node<'_>) -> bool {
        let scope = Scope { item: None, variables: &self.variables };
        let mut asked = Vec::new();
        for condition in conditions(task) {
            match (condition.as_str(), holds(&condition, scope)) {
                ("false" | "no", _) => return false,
                (_, Some(true)) => {}
                _ => asked.push(condition),
            }
        }
        self.conditions.extend(asked);
        true
    }

    /// What a task sets for those that follow.
    fn facts(&mut self, task: &'n Node<'v>, entries: &'n [Entry<'v>]) {
        if let Some(name) = task.get("register").and_then(Node::text) {
            self.variables.set_fact(name, None);
        }
        for entry in entries {
            match short(entry.key.view.text.as_ref()) {
                "set_fact" => {
                    let plain = conditions(task).is_empty() && self.conditions.is_empty();
                    for (name, value) in entry.value.pairs() {
                        self.variables.set_fact(&name.view.text, Some(value).filter(|_| plain));
                    }
                }
                "include_vars" => self.include_variables(&entry.value),
                _ => {}
            }
        }
    }

    /// `include_vars: ports.yml`; of a name that only a run knows it may be any file of the role.
    fn include_variables(&mut self, value: &'n Node<'v>) {
        let scope = Scope { item: None, variables: &self.variables };
        let node = value.get("file").unwrap_or(value);
        let name =
            node.scalar().map(|s| template::fill(&s.view, &mut |e| inline(e, scope)).text.into_owned());
        let library = self.library;
        let found = name.as_deref().and_then(|name| library.find(&self.directory, name));
        if let Some(found) = found.filter(|_| self.conditions.is_empty()) {
            self.variables.enter(library.nodes(found).first());
            return;
        }
        let role = super::library::role_of(&self.directory).unwrap_or(&self.directory).to_owned();
        let any: Vec<&str> = library.all(&role, "vars").collect();
        for name in any {
            library.nodes(name).iter().for_each(|map| self.variables.doubt(map));
        }
    }

    fn module(&mut self, task: &'n Node<'v>, entry: &'n Entry<'v>) {
        let key = entry.key.view.text.as_ref();
        let at = entry.key.view.full_span();
        let short = short(key);
        if let Some(module) = modules::find(key) {
            for (item, place) in self.items_of(task, at) {
                let scope = Scope { item, variables: &self.variables };
                let commands = module(&Params::read(&entry.value, scope), place);
                for words in commands {
                    self.tell(Command { words, span: place, conditional: false });
                }
            }
        } else if COMMANDS.contains(&short) {
            for (item, place) in self.items_of(task, at) {
                let scope = Scope { item, variables: &self.variables };
                for mut command in command_lines(&entry.value, scope) {
                    if item.is_some_and(|i| i.node.is_some()) {
                        command.span = place;
                    }
                    self.tell(command);
                }
            }
        } else if INCLUDES.contains(&short) {
            for (item, _) in self.items_of(task, at) {
                self.include(entry, item);
            }
        } else if ROLES.contains(&short) {
            for (item, _) in self.items_of(task, at) {
                self.include_role(entry, item);
            }
        } else if SERVICES.contains(&short) {
            let scope = Scope { item: None, variables: &self.variables };
            let params = Params::read(&entry.value, scope);
            self.service(&params, at);
        } else {
            let own = at.file == self.own;
            for (item, _) in self.items_of(task, at) {
                let scope = Scope { item, variables: &self.variables };
                let params = Params::read(&entry.value, scope);
                let path = params.one(&["dest", "path"]).map_or("", |w| w.text.as_str());
                if RULE_FILES.iter().any(|part| path.contains(part)) {
                    self.gap = self.gap.or(Some(at));
                }
                if own {
                    self.files.place(short, &params, &self.directory);
                }
            }
        }
    }

    /// `include_tasks: firewall.yml`.
    fn include(&mut self, entry: &'n Entry<'v>, item: Option<Item<'n, 'v>>) {
        let scope = Scope { item, variables: &self.variables };
        let node = entry.value.get("file").unwrap_or(&entry.value);
        let written =
            node.scalar().map(|s| template::fill(&s.view, &mut |e| inline(e, scope)).text.into_owned());
        let name = written.as_deref().and_then(|text| text.split_whitespace().next());
        let library = self.library;
        let found = name.and_then(|name| library.find(&self.directory, name)).map(str::to_owned);
        self.follow(found, item, entry);
    }

    /// `include_role: {name: firewall}`.
    fn include_role(&mut self, entry: &'n Entry<'v>, item: Option<Item<'n, 'v>>) {
        let scope = Scope { item, variables: &self.variables };
        let params = Params::read(&entry.value, scope);
        let role = params.one(&["name"]).filter(|w| !w.open).and_then(|w| self.library.role(&w.text));
        let Some(role) = role else {
            self.gap = self.gap.or(Some(entry.key.view.full_span()));
            return;
        };
        let depth = self.variables.depth();
        if let Some(Item { name, node }) = item {
            self.variables.set_item(name, node);
        }
        let from = params.one(&["tasks_from"]).map_or("main", |w| w.text.as_str()).to_owned();
        self.run_role(&role, &from, entry.key.view.full_span());
        self.variables.leave(depth);
    }

    /// Runs the tasks of a file, or notes that it is not at hand.
    fn follow(&mut self, name: Option<String>, item: Option<Item<'n, 'v>>, entry: &'n Entry<'v>) {
        let known = name.and_then(|name| Some((self.library.file(&name)?, name)));
        let Some((file, name)) = known.filter(|(file, _)| *file != self.own) else {
            self.gap = self.gap.or(Some(entry.key.view.full_span()));
            return;
        };
        // Ansible goes round a circle until something stops it; here it ends where it would begin again.
        if self.chain.contains(&name) || self.chain.len() >= MAX_INCLUDED {
            return;
        }
        let depth = self.variables.depth();
        if let Some(Item { name, node }) = item {
            self.variables.set_item(name, node);
        }
        self.run_file(file, name);
        self.variables.leave(depth);
    }

    fn run_file(&mut self, file: FileId, name: String) {
        let directory = name.rsplit_once('/').map_or("", |(directory, _)| directory).to_owned();
        let before = std::mem::replace(&mut self.directory, directory);
        let library = self.library;
        self.followed.insert(file);
        self.chain.push(name.clone());
        library.nodes(&name).iter().for_each(|node| self.tasks(node, None));
        self.chain.pop();
        self.directory = before;
    }

    /// An item of a play's `roles`, or of those that a role depends on.
    pub(super) fn role(&mut self, item: &'n Node<'v>) {
        let name = item.text().or_else(|| item.get("role").or_else(|| item.get("name"))?.text());
        let role = name.filter(|n| !is_template(n)).and_then(|name| self.library.role(name));
        let (before, depth) = (self.conditions.len(), self.variables.depth());
        self.variables.enter(Some(item));
        self.variables.enter(item.get("vars"));
        let runs = self.asks(item);
        match role {
            _ if !runs => {}
            None => self.gap = self.gap.or(Some(item.span)),
            // With other values it runs again.
            Some(role) if item.scalar().is_none() || self.ran.insert(role.clone()) => {
                self.ran.insert(role.clone());
                self.run_role(&role, "main", item.span);
            }
            Some(_) => {}
        }
        self.conditions.truncate(before);
        self.variables.leave(depth);
    }

    fn run_role(&mut self, role: &str, from: &str, at: Span) {
        let tasks = self.library.part(role, "tasks", from).map(str::to_owned);
        let name = tasks.clone().unwrap_or_else(|| role.to_owned());
        if self.chain.contains(&name) || self.chain.len() >= MAX_INCLUDED {
            return;
        }
        let library = self.library;
        self.chain.push(name);
        if let Some(meta) = library.part(role, "meta", "main") {
            let needed = library.nodes(meta).iter().filter_map(|m| m.get("dependencies"));
            needed.flat_map(Node::items).for_each(|item| self.role(item));
        }
        self.enter_role(role);
        if let Some(handlers) = library.part(role, "handlers", "main") {
            let directory = handlers.rsplit_once('/').map_or("", |(directory, _)| directory);
            let nodes = library.nodes(handlers).iter().map(|node| (node, directory.to_owned()));
            self.handlers.extend(nodes);
            self.followed.extend(library.file(handlers));
        }
        self.chain.pop();
        match tasks.and_then(|name| Some((library.file(&name)?, name))) {
            Some((file, name)) => self.run_file(file, name),
            None if from != "main" => self.gap = self.gap.or(Some(at)),
            None => {}
        }
    }

    /// Brings in the variables of a role.
    pub(super) fn enter_role(&mut self, role: &str) {
        let library = self.library;
        for name in
            library.part(role, "defaults", "main").into_iter().chain(library.all(role, "defaults/main"))
        {
            library.nodes(name).iter().for_each(|map| self.variables.add_defaults(map));
        }
        for name in library.part(role, "vars", "main").into_iter().chain(library.all(role, "vars/main")) {
            library.nodes(name).iter().for_each(|map| self.variables.enter(Some(map)));
        }
    }

    /// The files of variables that a play names.
    pub(super) fn variable_files(&mut self, list: &'n Node<'v>) {
        let library = self.library;
        let names = list.items().iter().chain(Some(list)).filter_map(Node::text);
        let found: Vec<&str> = names.filter_map(|name| library.find(&self.directory, name)).collect();
        for name in found {
            library.nodes(name).iter().for_each(|map| self.variables.enter(Some(map)));
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

    /// The items that a task runs for, with the place of each: those of its loop, or none. A loop over what only a run
    /// knows is run once, for an unknown item.
    fn items_of(&self, task: &'n Node<'v>, at: Span) -> Vec<(Option<Item<'n, 'v>>, Span)> {
        let named = task.at(&["loop_control", "loop_var"]).and_then(Node::text);
        let name = named.unwrap_or("item");
        let Data::Map(entries) = &task.data else { return Vec::new() };
        let of_loop = |e: &&Entry<'_>| {
            let key = e.key.view.text.as_ref();
            key == "loop" || key.starts_with("with_")
        };
        let Some(entry) = entries.iter().find(of_loop) else { return vec![(None, at)] };
        let scope = Scope { item: None, variables: &self.variables };
        let Some(items) = items(&entry.key.view.text, &entry.value, scope) else {
            return vec![(Some(Item { name, node: None }), at)];
        };
        let items = items.into_iter().take(MAX_COMMANDS);
        items.map(|node| (Some(Item { name, node: Some(node) }), node.span)).collect()
    }
}

/// The name of a module of Ansible itself, without its collection.
fn short(key: &str) -> &str {
    BUILT_IN.iter().find_map(|b| key.strip_prefix(b)).unwrap_or(key)
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

/// The items of a loop, if they are written somewhere.
fn items<'n, 'v>(key: &str, list: &'n Node<'v>, scope: Scope<'_, 'n, 'v>) -> Option<Vec<&'n Node<'v>>> {
    if !matches!(key, "loop" | "with_items" | "with_list" | "with_flattened") {
        return None;
    }
    let flat = !matches!(key, "loop" | "with_list");
    let list = match &list.data {
        Data::Scalar(scalar) if is_template(&scalar.view.text) => tree(&scalar.view.text, scope)?,
        Data::Scalar(_) if flat => return Some(vec![list]),
        _ => list,
    };
    let Data::Seq(items) = &list.data else { return None };
    let mut out = Vec::new();
    for item in items {
        match &item.data {
            // `with_items` takes lists apart.
            Data::Seq(inner) if flat => out.extend(inner),
            Data::Scalar(scalar) if flat && is_template(&scalar.view.text) => {
                match tree(&scalar.view.text, scope) {
                    Some(list) if matches!(list.data, Data::Seq(_)) => out.extend(list.items()),
                    _ => out.push(item),
                }
            }
            _ => out.push(item),
        }
    }
    Some(out)
}

/// The firewall commands of `command: ufw allow 22`, of a script, of `argv: [ufw, allow, '22']`.
fn command_lines(node: &Node<'_>, scope: Scope<'_, '_, '_>) -> Vec<Command> {
    if let Some(argv) = node.get("argv") {
        let words = Params::read(node, scope).all(&["argv"]).to_vec();
        let command = Command { words, span: argv.span, conditional: false };
        return if command.is_known() { vec![command] } else { Vec::new() };
    }
    let text = node.get("cmd").unwrap_or(node);
    let Some(scalar) = text.scalar() else { return Vec::new() };
    let filled = template::fill(&scalar.view, &mut |expression| inline(expression, scope));
    commands::of_script(&filled)
}
