//! Which of the files that were read a path of a server's settings means.

use std::collections::BTreeMap;

use crate::facts::kinds::compose::mount;
use crate::facts::{Facts, Said, Value};
use crate::link::Links;
use crate::source::joined;
use crate::source::{FileId, Sources};

/// A file that a setting names, and what was assumed to find it.
pub(super) struct Named {
    pub(super) file: FileId,
    pub(super) assumed: Option<String>,
}

/// The files of each deployment by their last name.
pub(super) struct Files<'s> {
    sources: &'s Sources,
    links: &'s Links,
    by_name: BTreeMap<(u32, &'s str), Vec<FileId>>,
    /// What Compose files mount: the place in the container, and the file or directory.
    mounts: BTreeMap<u32, Vec<(String, String)>>,
}

impl<'s> Files<'s> {
    pub(super) fn new(sources: &'s Sources, links: &'s Links, facts: &Facts) -> Files<'s> {
        let mut files = Files { sources, links, by_name: BTreeMap::new(), mounts: BTreeMap::new() };
        for &id in &links.files {
            files.by_name.entry((links.number(id), base(&sources.get(id).name))).or_default().push(id);
        }
        for (_, fact) in facts.of(&mount::KIND) {
            if let (Some(from), Some(to)) = (fact.text(mount::source), fact.text(mount::target)) {
                let directory = sources.get(fact.span.file).directory();
                let number = files.number(fact.span.file);
                files.mounts.entry(number).or_default().push((to.to_owned(), joined(directory, from)));
            }
        }
        files
    }

    fn number(&self, file: FileId) -> u32 {
        self.links.number(file)
    }

    /// The file that a setting names by its path on the server: the mounted one, the one beside it, or the only one whose
    /// path ends the same way.
    pub(super) fn named(&self, said_in: FileId, said: &Said) -> Option<Named> {
        let Value::Text(path) = &said.value else { return None };
        let group = self.number(said_in);
        let candidates = self.by_name.get(&(group, base(path)))?;
        let name = |id: &FileId| self.sources.get(*id).name.as_str();
        let sure = |file: &FileId| Some(Named { file: *file, assumed: None });
        if !path.starts_with('/') {
            let beside = joined(self.sources.get(said_in).directory(), path);
            if let Some(file) = candidates.iter().find(|c| name(c) == beside) {
                return sure(file);
            }
        }
        for (target, source) in self.mounts.get(&group).into_iter().flatten() {
            let Some(rest) = path.strip_prefix(target.trim_end_matches('/')) else { continue };
            let mounted = joined(source, rest);
            if let Some(file) = candidates.iter().find(|c| name(c).trim_start_matches("./") == mounted) {
                return sure(file);
            }
        }
        let agree = |id: &FileId| {
            let parts = |p: &'_ str| p.rsplit(['/', '\\']).map(str::to_owned).collect::<Vec<_>>();
            parts(name(id)).iter().zip(&parts(path)).take_while(|(a, b)| a == b).count()
        };
        let best = candidates.iter().map(agree).max()?;
        let mut fitting = candidates.iter().filter(|c| agree(c) == best);
        // Two files that fit equally well could each be the one.
        let (Some(file), None) = (fitting.next(), fitting.next()) else { return None };
        if best > 1 {
            return sure(file);
        }
        Some(Named { file: *file, assumed: Some(format!("`{}` is taken to be `{path}`", name(file))) })
    }
}

fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
