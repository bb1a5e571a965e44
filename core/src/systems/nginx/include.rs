//! `include`: the files of a run that it brings in, and a configuration put together from all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::glob;
use crate::source::{FileId, Sources, joined};
use crate::syntax::nginx::Directive;
use crate::systems::References;

/// Files that come with nginx or its packages and hold nothing but types of content, parameters or modules.
const HARMLESS: &[&str] = &[
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "fastcgi-php.conf",
    "uwsgi_params",
    "scgi_params",
    "koi-utf",
    "koi-win",
    "win-utf",
];

/// Directories whose files load modules only.
const MODULES: &[&str] = &["modules-enabled/", "/usr/share/nginx/modules/", "modules/"];

/// Where nginx is configured on usual systems.
const HOMES: &[&str] = &[
    "/etc/nginx/",
    "/usr/local/nginx/conf/",
    "/usr/local/openresty/nginx/conf/",
    "/usr/local/etc/nginx/",
    "/opt/bitnami/nginx/conf/",
    "/opt/nginx/conf/",
];

/// Directories below nginx's own whose files are included.
const PARTS: &[&str] = &[
    "conf.d",
    "http.d",
    "stream.d",
    "stream-conf.d",
    "default.d",
    "sites-enabled",
    "sites-available",
    "vhosts",
    "vhosts.d",
    "servers",
    "snippets",
    "includes",
];

/// A configuration is put together from at most this many files; Debian's has about ten.
const MAX_FILES: usize = 200;

/// Names in one directory that a pattern is held against.
const MAX_NAMES: usize = 2_000;

/// Directives that a configuration may come to, for each one that its files hold: a snippet stands in many servers.
const MAX_REPEATS: usize = 20;

/// What a small configuration may come to however often it repeats itself.
const MIN_DIRECTIVES: usize = 1_000;

/// Includes inside of includes; Debian's files stop at two.
const MAX_INCLUDED: usize = 6;

/// Whether an `include` brings nothing that a connection depends on.
pub(super) fn is_harmless(pattern: &str) -> bool {
    let name = pattern.rsplit('/').next().unwrap_or(pattern);
    HARMLESS.contains(&name)
        || MODULES.iter().any(|m| pattern.starts_with(m) || pattern.contains(&format!("/{m}")))
}

/// The files that a file includes, and those that these include, by what is written.
pub(in crate::systems) fn of(file: FileId, sources: &Sources) -> References {
    let mut out = References::new();
    let mut seen = BTreeSet::from([file]);
    let mut queue = vec![file];
    while let Some(current) = queue.pop() {
        let source = sources.get(current);
        for pattern in patterns(&source.text) {
            if is_harmless(&pattern) || seen.len() >= MAX_FILES {
                continue;
            }
            let found = resolve(&pattern, sources.get(file).directory(), source.directory(), sources);
            queue.extend(found.iter().filter(|f| seen.insert(**f)));
            out.insert((current, pattern), found);
        }
    }
    out.retain(|_, files| !files.is_empty());
    out
}

/// What stands behind `include` in a text.
fn patterns(text: &str) -> Vec<String> {
    let statements =
        text.lines().filter_map(|line| line.split('#').next()).flat_map(|l| l.split([';', '{', '}']));
    let arguments = statements.filter_map(|s| s.trim().strip_prefix("include")?.strip_prefix([' ', '\t']));
    arguments.map(|a| a.trim().trim_matches(['"', '\'']).to_owned()).collect()
}

/// The files of a run that a pattern names, in nginx's order. A path is relative to the directory of the main file,
/// which is `root` or, for a part of a configuration, the one above; failing that, to the including file.
fn resolve(pattern: &str, root: &str, own: &str, sources: &Sources) -> Vec<FileId> {
    if pattern.contains(['$', '{']) {
        return Vec::new();
    }
    let (above, last) = root.rsplit_once('/').unwrap_or(("", root));
    let bases = [PARTS.contains(&last).then_some(above), Some(root), Some(own)];
    let path = if pattern.starts_with('/') {
        let found = named(pattern, sources);
        if !found.is_empty() {
            return found;
        }
        match HOMES.iter().find_map(|home| pattern.strip_prefix(home)) {
            Some(inside) => inside,
            None => return Vec::new(),
        }
    } else {
        pattern
    };
    let each = bases.into_iter().flatten().map(|base| named(&joined(base, path), sources));
    each.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// The files whose names fit a pattern; one that begins with a dot must be named.
fn named(pattern: &str, sources: &Sources) -> Vec<FileId> {
    let (directory, name) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let directories: Vec<&str> = match directory.find(['*', '?']) {
        None => vec![directory],
        Some(at) => sources
            .directories(directory.get(..at).unwrap_or_default())
            .take(MAX_NAMES)
            .filter(|d| glob::matches(directory, d))
            .collect(),
    };
    let inside = directories.into_iter().flat_map(|d| sources.within(d).take(MAX_NAMES));
    let fits = |text: &str| {
        let own = text.rsplit('/').next().unwrap_or(text);
        glob::matches(name, own) && own.starts_with('.') == name.starts_with('.')
    };
    let mut found: Vec<(&str, FileId)> =
        inside.filter(|(_, s)| fits(&s.name)).map(|(id, s)| (s.name.as_str(), id)).collect();
    found.sort_unstable();
    found.into_iter().map(|(_, id)| id).collect()
}

fn count(directives: &[Directive<'_>]) -> usize {
    directives.iter().map(|d| 1 + count(d.inner())).sum()
}

/// Puts a configuration together. What is not in the run stays as `include`, for those who ask what is not said.
pub(super) struct Assembly<'d, 'a> {
    pub(super) documents: BTreeMap<FileId, &'d [Directive<'a>]>,
    pub(super) includes: &'d References,
    /// The files that were brought in.
    pub(super) taken: BTreeSet<FileId>,
    left: usize,
    /// The files that are being brought in, one in the other.
    chain: Vec<FileId>,
}

impl<'d, 'a> Assembly<'d, 'a> {
    pub(super) fn new(
        file: FileId,
        documents: BTreeMap<FileId, &'d [Directive<'a>]>,
        includes: &'d References,
    ) -> Self {
        let held: usize = documents.values().map(|d| count(d)).sum();
        let left = MIN_DIRECTIVES + MAX_REPEATS * held;
        Assembly { documents, includes, taken: BTreeSet::new(), left, chain: vec![file] }
    }

    pub(super) fn expand(&mut self, directives: &[Directive<'a>]) -> Vec<Directive<'a>> {
        let mut out = Vec::new();
        for item in directives {
            if item.name.text() == "include" {
                self.include(item, &mut out);
                continue;
            }
            let block = item.block.as_ref().map(|inner| self.expand(inner));
            out.push(Directive { name: item.name.clone(), args: item.args.clone(), block, span: item.span });
        }
        out
    }

    fn include(&mut self, item: &Directive<'a>, out: &mut Vec<Directive<'a>>) {
        let pattern = item.arg(0);
        if is_harmless(pattern) {
            return;
        }
        let files = self.includes.get(&(item.span.file, pattern.to_owned()));
        let Some(files) = files.filter(|_| self.left > 0) else { return out.push(item.clone()) };
        for file in files {
            let Some(directives) = self.documents.get(file).copied() else { continue };
            // nginx refuses a circle; here it ends where it would begin again.
            if self.chain.contains(file) || self.chain.len() > MAX_INCLUDED || self.left == 0 {
                continue;
            }
            self.taken.insert(*file);
            self.chain.push(*file);
            self.left = self.left.saturating_sub(count(directives));
            out.extend(self.expand(directives));
            self.chain.pop();
        }
    }
}
