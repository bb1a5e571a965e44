//! `extends` and `include`: what a Compose file takes from itself and from other files of the run.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::merge::{self, Layer};
use crate::source::View;
use crate::source::{FileId, Sources, joined};
use crate::syntax::{Data, Entry, Node, Scalar, Style, yaml};
use crate::systems::References;

/// Files that one project is put together from; real ones hold a dozen.
const MAX_FILES: usize = 100;

/// Services that extend services that extend services, and files that include files.
const MAX_CHAIN: usize = 8;

/// Nodes that may be copied for one project: services that extend one large service.
const MAX_COPIED: usize = 500_000;

/// The maps of a project that an included one adds to (compose-spec, 14-include.md).
const SHARED: [&str; 6] = ["services", "networks", "volumes", "configs", "secrets", "models"];

/// The files that a Compose file names, and those that these name, by what is written.
pub(in crate::systems) fn references(file: FileId, sources: &Sources) -> References {
    let mut out = References::new();
    let mut seen = BTreeSet::from([file]);
    let mut queue = vec![file];
    while let Some(current) = queue.pop() {
        let source = sources.get(current);
        // Most files name no other; they are not parsed twice.
        if seen.len() > MAX_FILES || !source.text.contains("extends:") && !source.text.contains("include:") {
            continue;
        }
        let view = View::whole(current, source);
        let (documents, _) = yaml::parse(&view);
        for path in documents.iter().flat_map(named) {
            let name = match path.starts_with('/') {
                true => path.to_owned(),
                false => joined(source.directory(), path),
            };
            if let Some(found) = sources.find(&name) {
                queue.extend(seen.insert(found).then_some(found));
                out.insert((current, path.to_owned()), vec![found]);
            }
        }
        for directory in documents.iter().flat_map(|root| directories(root, source.directory())) {
            if let Some(found) = sources.find(&joined(&directory, ".env")) {
                out.insert((current, format!("{directory}/.env")), vec![found]);
            }
        }
    }
    out
}

/// The directories of the projects that a tree includes and whose variables no file is named for.
fn directories(root: &Node<'_>, own: &str) -> Vec<String> {
    let included = root.get("include").map(Node::items).unwrap_or_default().iter();
    let defaults = included.filter(|i| i.get("env_file").is_none() && i.get("project_directory").is_none());
    let above = |path: &str| joined(own, path.rsplit_once('/').map_or("", |(directory, _)| directory));
    defaults.filter_map(|item| paths(item).into_iter().next()).map(above).filter(|d| d != own).collect()
}

/// The paths that a tree names.
fn named<'n>(root: &'n Node<'_>) -> Vec<&'n str> {
    let services = root.get("services").unwrap_or(root).pairs();
    let extended = services.into_iter().filter_map(|(_, s)| s.at(&["extends", "file"])?.text());
    let included = root.get("include").map(Node::items).unwrap_or_default();
    extended.chain(included.iter().flat_map(paths)).collect()
}

/// The paths of one item of `include`: the short form, and the long one with one path or several.
fn paths<'n>(item: &'n Node<'_>) -> Vec<&'n str> {
    let path = item.get("path").unwrap_or(item);
    path.text().into_iter().chain(path.items().iter().filter_map(Node::text)).collect()
}

/// The trees that a project is put together from.
pub(super) struct Project<'p, 'a> {
    /// The other files, with their texts and directories.
    pub(super) files: BTreeMap<FileId, Part<'p, 'a>>,
    pub(super) references: &'p References,
    /// Files whose services are the project's.
    pub(super) taken: Vec<FileId>,
    /// Services that extend something that is not at hand.
    pub(super) unsure: BTreeSet<String>,
    left: usize,
}

/// One file of a project.
#[derive(Clone, Copy)]
pub(super) struct Part<'p, 'a> {
    pub(super) file: FileId,
    pub(super) root: &'p Node<'a>,
    pub(super) text: &'p str,
    pub(super) directory: &'p str,
}

impl<'p, 'a> Project<'p, 'a> {
    pub(super) fn new(files: BTreeMap<FileId, Part<'p, 'a>>, references: &'p References) -> Self {
        Project { files, references, taken: Vec::new(), unsure: BTreeSet::new(), left: MAX_COPIED }
    }

    /// A file's tree with its services complete, and with what it includes.
    pub(super) fn complete(&mut self, part: Part<'p, 'a>) -> Node<'a> {
        let mut root = self.extended(part);
        let mut chain = vec![part.file];
        self.include(&mut root, part, &mut chain);
        root
    }

    /// A file's tree with its services complete.
    fn extended(&mut self, part: Part<'p, 'a>) -> Node<'a> {
        let mut root = part.root.clone();
        let at_top = root.get("services").is_none();
        let Data::Map(entries) = &mut root.data else { return root };
        let services = match entries.iter_mut().rev().find(|e| e.key.view.text == "services") {
            Some(entry) => &mut entry.value.data,
            None if at_top => &mut root.data,
            None => return root,
        };
        let Data::Map(services) = services else { return root };
        for entry in services.iter_mut().filter(|e| e.value.get("extends").is_some()) {
            let name = entry.key.view.text.to_string();
            let mut chain = Vec::new();
            match self.service(part, &name, part.directory, &mut chain) {
                Some(whole) => entry.value = whole,
                None => drop(self.unsure.insert(name)),
            }
        }
        root
    }

    /// A service of a file with all that it extends; nothing if a part of it is not at hand.
    fn service(
        &mut self,
        part: Part<'p, 'a>,
        name: &str,
        directory: &str,
        chain: &mut Vec<(FileId, String)>,
    ) -> Option<Node<'a>> {
        let link = (part.file, name.to_owned());
        if chain.len() >= MAX_CHAIN || chain.contains(&link) {
            return None;
        }
        let own = part.root.get("services").unwrap_or(part.root).get(name)?;
        self.left = self.left.checked_sub(weight(own))?;
        let own_layer: Layer<'_> = (part.file, part.text);
        let mut own = own.clone();
        if part.directory != directory {
            env_files_from(&mut own, &way(directory, part.directory));
        }
        let Some(extends) = own.get("extends") else { return Some(own) };
        let base_name = extends.get("service").unwrap_or(extends).text()?.to_owned();
        let from = match extends.get("file") {
            None => part,
            Some(file) => {
                let found = self.references.get(&(part.file, file.text()?.to_owned()))?.first()?;
                // A file may name itself.
                if *found == part.file { part } else { *self.files.get(found)? }
            }
        };
        chain.push(link);
        let base = self.service(from, &base_name, directory, chain);
        chain.pop();
        let mut base = base?;
        if let Data::Map(entries) = &mut base.data {
            entries.retain(|e| e.key.view.text != "extends");
        }
        Some(merge::merge(base, own, own_layer))
    }

    /// Adds what a file includes; `include` stays where a part of it is not at hand.
    fn include(&mut self, root: &mut Node<'a>, part: Part<'p, 'a>, chain: &mut Vec<FileId>) {
        let Some(list) = root.get("include") else { return };
        let items: Vec<Vec<String>> =
            list.items().iter().map(|i| paths(i).into_iter().map(str::to_owned).collect()).collect();
        let mut all = true;
        for item in items {
            let mut layers = Vec::new();
            for path in &item {
                let found = self.references.get(&(part.file, path.clone())).and_then(|f| f.first()).copied();
                let found = found.filter(|f| !chain.contains(f) && chain.len() < MAX_CHAIN);
                layers.push(found.and_then(|f| self.files.get(&f)).copied());
            }
            let Some(layers) = layers.into_iter().collect::<Option<Vec<Part<'p, 'a>>>>() else {
                all = false;
                continue;
            };
            let mut joined: Option<Node<'a>> = None;
            for layer in layers {
                let Some(left) = self.left.checked_sub(weight(layer.root)) else {
                    all = false;
                    continue;
                };
                self.left = left;
                self.taken.push(layer.file);
                let mut tree = self.extended(layer);
                chain.push(layer.file);
                self.include(&mut tree, layer, chain);
                chain.pop();
                all &= tree.get("include").is_none();
                joined = Some(match joined {
                    Some(base) => merge::merge(base, tree, (layer.file, layer.text)),
                    None => tree,
                });
            }
            all &= !item.is_empty();
            if let Some(tree) = joined {
                add(root, tree);
            }
        }
        if let Data::Map(entries) = &mut root.data
            && all
        {
            entries.retain(|e| e.key.view.text != "include");
        }
    }
}

/// Adds the services, networks and so on of an included project. A name that both have is the project's own; Compose
/// refuses two that differ.
fn add<'a>(root: &mut Node<'a>, included: Node<'a>) {
    let (Data::Map(own), Data::Map(theirs)) = (&mut root.data, included.data) else { return };
    for entry in theirs.into_iter().filter(|e| SHARED.contains(&e.key.view.text.as_ref())) {
        let name = entry.key.view.text.clone();
        let Some(mine) = own.iter_mut().find(|e| e.key.view.text == name) else {
            own.push(entry);
            continue;
        };
        let Data::Map(more) = entry.value.data else { continue };
        match &mut mine.value.data {
            Data::Map(entries) => {
                let known: BTreeSet<String> = entries.iter().map(|e| e.key.view.text.to_string()).collect();
                entries.extend(more.into_iter().filter(|e| !known.contains(e.key.view.text.as_ref())));
            }
            other => *other = Data::Map(more),
        }
    }
}

fn weight(node: &Node<'_>) -> usize {
    match &node.data {
        Data::Scalar(_) => 1,
        Data::Map(entries) => 1 + entries.iter().map(|e| 1 + weight(&e.value)).sum::<usize>(),
        Data::Seq(items) | Data::Tuple(items) => 1 + items.iter().map(weight).sum::<usize>(),
    }
}

/// The way from one directory to another, with a `/` at its end.
fn way(from: &str, to: &str) -> String {
    let parts = |path: &'_ str| -> Vec<String> {
        path.split('/').filter(|p| !p.is_empty() && *p != ".").map(str::to_owned).collect()
    };
    let (from, to) = (parts(from), parts(to));
    let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let mut out = "../".repeat(from.len() - common);
    to.iter().skip(common).for_each(|part| {
        out.push_str(part);
        out.push('/');
    });
    out
}

/// Paths of `env_file` are relative to the file that names them.
fn env_files_from(service: &mut Node<'_>, way: &str) {
    let Data::Map(entries) = &mut service.data else { return };
    for entry in entries.iter_mut().filter(|e| e.key.view.text == "env_file") {
        lead(&mut entry.value, way);
    }
}

fn lead(node: &mut Node<'_>, way: &str) {
    match &mut node.data {
        Data::Seq(items) => items.iter_mut().for_each(|i| lead(i, way)),
        Data::Map(entries) => {
            entries
                .iter_mut()
                .filter(|e: &&mut Entry<'_>| e.key.view.text == "path")
                .for_each(|e| lead(&mut e.value, way));
        }
        Data::Scalar(scalar) if !scalar.view.text.starts_with(['/', '$', '~']) => {
            let text = format!("{way}{}", scalar.view.text);
            let view = scalar.view.derived(Cow::Owned(text), &[(0, 0), (way.len() as u32, 0)]);
            *scalar = Scalar { view, style: Style::Quoted };
        }
        _ => {}
    }
}
