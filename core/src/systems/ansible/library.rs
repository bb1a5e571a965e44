//! The files that playbooks and lists of tasks bring in: roles, other lists of tasks, variables, templates.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::source::{FileId, Source, Sources, View, joined};
use crate::syntax::{Node, yaml};
use crate::systems::References;

/// A configuration is put together from at most this many files; large sites have about a hundred for one play.
const MAX_FILES: usize = 400;

/// Words of one text that may name a file or a role.
const MAX_WORDS: usize = 2_000;

/// Directories that are searched for variables of inventories.
const MAX_DIRECTORIES: usize = 2_000;

/// Parts of a role that are read whenever the role is.
const PARTS: [&str; 5] = ["tasks", "handlers", "defaults", "vars", "meta"];

/// Directories of a role, or beside a playbook, that tasks name files of.
const FILES: [&str; 4] = ["templates", "files", "tasks", "vars"];

/// Directories that hold roles: the usual one, and those that projects keep the roles of others in (`roles_path`).
const HOMES: [&str; 5] = ["roles", "galaxy_roles", "external_roles", "vendor_roles", "roles/external"];

/// How far above a playbook its roles may lie: `playbooks/site.yml` beside `roles/`.
const ABOVE: usize = 2;

/// The role that a directory belongs to: `x/roles/mq` of `x/roles/mq/tasks`.
pub(super) fn role_of(directory: &str) -> Option<&str> {
    PARTS.iter().find_map(|part| {
        let at = directory.rfind(part)?;
        let (before, after) = (directory.get(..at)?, directory.get(at + part.len()..)?);
        let whole = after.is_empty() || after.starts_with('/');
        (whole && (before.is_empty() || before.ends_with('/'))).then(|| before.trim_end_matches('/'))
    })
}

/// The directory that roles and inventories are looked for in: the one above `roles/`, or a playbook's own.
fn root_of(directory: &str) -> &str {
    let Some(role) = role_of(directory) else { return directory };
    match role.rsplit_once('/') {
        Some((above, _)) => {
            let (before, last) = above.rsplit_once('/').unwrap_or(("", above));
            if last.ends_with("roles") { before } else { role }
        }
        None => role,
    }
}

/// Where a role of this name may lie.
fn roles(root: &str, name: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut at = root;
    for _ in 0..=ABOVE {
        out.extend(HOMES.iter().map(|home| joined(at, &format!("{home}/{name}"))));
        match at.rsplit_once('/') {
            Some((above, _)) => at = above,
            None if at.is_empty() => break,
            None => at = "",
        }
    }
    out
}

/// Where a file may lie that is named in a directory.
fn places(root: &str, directory: &str, path: &str) -> Vec<String> {
    let mut bases: Vec<String> = Vec::new();
    for base in role_of(directory).into_iter().chain([directory, root]) {
        bases.extend(FILES.iter().map(|part| joined(base, part)));
        bases.push(base.to_owned());
    }
    bases.dedup();
    bases.into_iter().map(|base| joined(&base, path)).collect()
}

/// The files that a file may bring in, and those that these may.
pub(in crate::systems) fn of(file: FileId, sources: &Sources) -> References {
    let own = sources.get(file).directory();
    let root = root_of(own);
    let mut found = BTreeSet::new();
    let mut queue = vec![file];
    if let Some(role) = role_of(own) {
        parts(role, sources, &mut queue);
    }
    let mut seen = BTreeSet::new();
    while let Some(current) = queue.pop() {
        if found.len() >= MAX_FILES || !found.insert(current) {
            continue;
        }
        let source = sources.get(current);
        if !is_yaml(&source.name) {
            continue;
        }
        for word in words(&source.text) {
            if !seen.insert((source.directory(), word)) {
                continue;
            }
            let role = roles(root, word).into_iter().find(|r| has_role(r, sources));
            role.into_iter().for_each(|role| parts(&role, sources, &mut queue));
            if word.contains('.') {
                let named = places(root, source.directory(), word);
                queue.extend(named.iter().filter_map(|name| sources.find(name)));
            }
        }
    }
    found.extend(inventories(root, sources));
    found.remove(&file);
    References::from([((file, String::new()), found.into_iter().collect())])
}

fn is_yaml(name: &str) -> bool {
    name.ends_with(".yml") || name.ends_with(".yaml")
}

fn has_role(role: &str, sources: &Sources) -> bool {
    PARTS.iter().any(|part| sources.within(&joined(role, part)).next().is_some())
}

fn parts(role: &str, sources: &Sources, out: &mut Vec<FileId>) {
    for part in PARTS {
        let directory = joined(role, part);
        let below = format!("{directory}/");
        let inside = sources.directories(&below).take(MAX_DIRECTORIES).filter(|d| d.starts_with(&below));
        for directory in inside.chain([directory.as_str()]) {
            out.extend(sources.within(directory).take(MAX_FILES).map(|(id, _)| id));
        }
    }
}

/// The files of variables of groups and hosts.
fn inventories(root: &str, sources: &Sources) -> Vec<FileId> {
    let above = root.rsplit_once('/').map_or("", |(above, _)| above);
    let mut bases = BTreeSet::from([root.to_owned(), above.to_owned()]);
    for base in [root, above] {
        for inventory in ["inventory", "inventories"] {
            bases.insert(joined(base, inventory));
        }
    }
    let mut directories: BTreeSet<String> = BTreeSet::new();
    for base in bases {
        let start = if base.is_empty() { String::new() } else { format!("{base}/") };
        for kind in ["group_vars", "host_vars"] {
            directories.insert(format!("{start}{kind}"));
        }
        if base.rsplit('/').next().is_some_and(|last| last.starts_with("inventor")) {
            let inside = sources.directories(&start).take(MAX_DIRECTORIES);
            directories.extend(inside.filter(|d| group_of(d).is_some()).map(str::to_owned));
        }
    }
    let nested: Vec<String> = directories
        .iter()
        .flat_map(|d| sources.directories(d).take(MAX_DIRECTORIES).filter(|n| group_of(n).is_some()))
        .map(str::to_owned)
        .collect();
    directories.extend(nested);
    let files = directories.iter().flat_map(|d| sources.within(d).take(MAX_FILES));
    let readable = files.filter(|(_, s)| is_yaml(&s.name) || !s.base_name().contains('.'));
    readable.map(|(id, _)| id).take(MAX_FILES).collect()
}

/// Whose variables a path holds: the kind of directory, and what follows it.
fn group_of(path: &str) -> Option<(&str, &str)> {
    ["group_vars", "host_vars"].into_iter().find_map(|kind| {
        let at = path.rfind(kind)?;
        let after = path.get(at + kind.len()..)?;
        (path.get(..at)?.is_empty() || path.get(..at)?.ends_with('/')).then_some(())?;
        Some((kind, after.strip_prefix('/').unwrap_or(after)))
    })
}

/// What may be a path or a name of a role in a text.
fn words(text: &str) -> BTreeSet<&str> {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
    let words = text.split(|c| !fits(c)).map(|w| w.trim_start_matches('-').trim_end_matches('.'));
    words.filter(|w| (1..=120).contains(&w.len())).take(MAX_WORDS).collect()
}

/// A text that is read when it is first asked for.
struct Document<'v> {
    file: FileId,
    view: &'v View<'v>,
    nodes: OnceCell<Vec<Node<'v>>>,
}

/// The files that a file is read together with, by name.
pub(super) struct Library<'v> {
    documents: BTreeMap<String, Document<'v>>,
    root: String,
}

impl<'v> Library<'v> {
    /// `views` in the order of the files.
    pub(super) fn new(
        directory: &str,
        files: &'v [(FileId, Arc<Source>)],
        views: &'v [View<'v>],
    ) -> Library<'v> {
        let document = |((file, source), view): (&'v (FileId, Arc<Source>), &'v View<'v>)| {
            (source.name.clone(), Document { file: *file, view, nodes: OnceCell::new() })
        };
        Library {
            documents: files.iter().zip(views).map(document).collect(),
            root: root_of(directory).to_owned(),
        }
    }

    /// The file that a path names in a directory.
    pub(super) fn find(&self, directory: &str, path: &str) -> Option<&str> {
        if path.starts_with('/') {
            return None;
        }
        let names = places(&self.root, directory, path).into_iter();
        names.filter_map(|name| self.documents.get_key_value(&name)).map(|(name, _)| name.as_str()).next()
    }

    /// The directory of a role.
    pub(super) fn role(&self, name: &str) -> Option<String> {
        let inside = |role: &String| {
            let start = format!("{role}/");
            self.documents.range(start.clone()..).next().is_some_and(|(name, _)| name.starts_with(&start))
        };
        roles(&self.root, name).into_iter().find(inside)
    }

    /// A part of a role: `tasks` and `main` stand for `tasks/main.yml`.
    pub(super) fn part(&self, role: &str, part: &str, name: &str) -> Option<&str> {
        let endings = ["", ".yml", ".yaml"].into_iter();
        let names = endings.map(|ending| joined(role, &format!("{part}/{name}{ending}")));
        let mut found = names.filter_map(|name| self.documents.get_key_value(&name));
        found.next().map(|(name, _)| name.as_str())
    }

    /// All files of a part of a role.
    pub(super) fn all(&self, role: &str, part: &str) -> impl Iterator<Item = &str> {
        let start = format!("{}/", joined(role, part));
        let all = self.documents.range(start.clone()..).map(|(name, _)| name.as_str());
        all.take_while(move |name| name.starts_with(&start))
    }

    /// Which file it is.
    pub(super) fn file(&self, name: &str) -> Option<FileId> {
        self.documents.get(name).map(|d| d.file)
    }

    /// Its text.
    pub(super) fn view(&self, name: &str) -> Option<&'v View<'v>> {
        self.documents.get(name).map(|d| d.view)
    }

    /// What it holds, as YAML.
    pub(super) fn nodes(&self, name: &str) -> &[Node<'v>] {
        let Some(document) = self.documents.get(name) else { return &[] };
        document.nodes.get_or_init(|| yaml::parse(document.view).0)
    }

    /// The variables of groups and hosts: whose they are, and the map.
    pub(super) fn inventory(&self) -> impl Iterator<Item = (Owner<'_>, &Node<'v>)> {
        let owned = self.documents.keys().filter_map(|name| Some((name, group_of(name)?)));
        owned.flat_map(|(name, (kind, rest))| {
            let group = rest.split('/').next().unwrap_or(rest);
            let group = group.strip_suffix(".yml").or(group.strip_suffix(".yaml")).unwrap_or(group);
            let owner = if kind == "group_vars" { Owner::Group(group) } else { Owner::Host };
            self.nodes(name).iter().map(move |node| (owner, node))
        })
    }
}

/// Whose variables a file of an inventory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner<'n> {
    /// Those of a group of hosts.
    Group(&'n str),
    /// Those of one host.
    Host,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_projects_are_known_by_their_directories() {
        for (directory, role, root) in [
            ("roles/mq/tasks", Some("roles/mq"), ""),
            ("x/roles/mq/tasks/debian", Some("x/roles/mq"), "x"),
            ("mq/handlers", Some("mq"), "mq"),
            ("tasks", Some(""), ""),
            ("playbooks", None, "playbooks"),
            ("a/galaxy_roles/mq/tasks", Some("a/galaxy_roles/mq"), "a"),
            ("my-tasks", None, "my-tasks"),
        ] {
            assert_eq!((role_of(directory), root_of(directory)), (role, root), "{directory}");
        }
        let found = roles("a/playbooks", "mq");
        for place in ["a/playbooks/roles/mq", "a/galaxy_roles/mq", "roles/mq"] {
            assert!(found.iter().any(|f| f == place), "{place}");
        }
    }

    #[test]
    fn variables_belong_to_a_group_or_a_host() {
        for (path, expected) in [
            ("group_vars/all.yml", Some(("group_vars", "all.yml"))),
            ("inventories/prod/group_vars/mq/ports.yml", Some(("group_vars", "mq/ports.yml"))),
            ("host_vars/a", Some(("host_vars", "a"))),
            ("my_group_vars/a", None),
        ] {
            assert_eq!(group_of(path), expected, "{path}");
        }
    }
}
