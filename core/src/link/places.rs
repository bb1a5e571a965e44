//! Where files belong: what follows from their places and kinds, before anything in them is looked at.

use std::collections::BTreeMap;

use super::place::{self, Role, role};
use crate::settings::{Deployment, Settings};
use crate::source::{FileId, Sources};
use crate::systems::{FileKind, compose};

/// Kinds of files that configure a server, of which a deployment has one place each: two of a sort in directories side
/// by side are two deployments.
const SERVER_KINDS: &[&str] = &[
    "compose",
    "rabbitmq.conf",
    "rabbitmq.advanced",
    "rabbitmq.definitions",
    "haproxy",
    "nginx",
    "envoy",
    "kafka.server",
    "redis.conf",
    "postgresql.conf",
    "mysql.cnf",
    "pgbouncer.ini",
];

/// Where the files of a run belong.
#[derive(Debug, Default)]
pub struct Places {
    /// The deployment of each file: files with the same number are joined.
    deployment: Vec<u32>,
    /// Those deployments that the settings name, by number.
    pub named: BTreeMap<u32, Deployment>,
    /// What each file serves.
    pub(super) roles: Vec<Role>,
    /// The projects that overrides are laid over.
    projects: BTreeMap<FileId, FileId>,
}

impl Places {
    /// Where files of these names and kinds belong.
    pub fn new(sources: &Sources, kinds: &[Option<&'static FileKind>], settings: &Settings) -> Places {
        let servers: Vec<Option<&'static str>> =
            kinds.iter().map(|k| k.map(|k| k.name).filter(|n| SERVER_KINDS.contains(n))).collect();
        let (deployment, own) = place::deployments(sources, &servers, &settings.deployments);
        let named = own
            .iter()
            .zip(&settings.deployments)
            .filter_map(|(number, d)| Some(((*number)?, d.clone())))
            .collect();
        let roles = sources.iter().map(|(_, s)| role(&s.name)).collect();
        Places { deployment, named, roles, projects: compose::projects(sources) }
    }

    /// The number of a file's deployment.
    pub fn number(&self, file: FileId) -> u32 {
        self.deployment.get(file.0 as usize).copied().unwrap_or_default()
    }

    /// The project's file that an override is laid over.
    pub(crate) fn project(&self, file: FileId) -> Option<FileId> {
        self.projects.get(&file).copied()
    }

    /// The files in groups, of which none says anything about another: whole deployments, put together where a file of
    /// one may reach into another. `reads` says which others a file is read together with.
    pub fn groups<'f>(
        &self,
        sources: &Sources,
        kinds: &[Option<&'static FileKind>],
        reads: impl Fn(FileId) -> Vec<FileId> + 'f,
    ) -> Vec<Vec<FileId>> {
        let mut sets = Sets((0..sources.len()).collect());
        let (mut deployments, mut directories) = (BTreeMap::new(), BTreeMap::new());
        for (id, source) in sources.iter() {
            let at = id.0 as usize;
            sets.join(at, *deployments.entry(self.number(id)).or_insert(at));
            // Some joins go by the directory.
            sets.join(at, *directories.entry(source.directory()).or_insert(at));
            for other in reads(id) {
                sets.join(at, other.0 as usize);
            }
        }
        // A Compose file mounts what lies below its directory, or below one as far up as it names.
        let is_compose = |id: FileId| {
            kinds.get(id.0 as usize).copied().flatten().is_some_and(|k| k.name == compose::COMPOSE.name)
        };
        let mut roots: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, source) in sources.iter().filter(|(id, _)| is_compose(*id)) {
            let beside = sources.within(source.directory()).filter(|(_, other)| other.base_name() == ".env");
            // A path may begin with a variable of the project.
            let up: usize = beside.map(|(_, other)| steps_up(&other.text)).sum();
            let up = up + steps_up(&source.text);
            let root = (0..up).fold(source.directory(), |at, _| at.rsplit_once('/').map_or("", |(up, _)| up));
            roots.entry(root).or_insert(id.0 as usize);
        }
        for (root, at) in roots {
            for directory in sources.directories(root) {
                let below =
                    directory.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
                if let Some((other, _)) =
                    sources.within(directory).next().filter(|_| below || root.is_empty())
                {
                    sets.join(at, other.0 as usize);
                }
            }
        }
        let mut groups: BTreeMap<usize, Vec<FileId>> = BTreeMap::new();
        for at in 0..sources.len() {
            groups.entry(sets.first(at)).or_default().push(FileId(at as u32));
        }
        groups.into_values().collect()
    }
}

/// How many directories up the words of a text lead at most.
fn steps_up(text: &str) -> usize {
    const UP: &str = "..";
    if !text.contains(UP) {
        return 0;
    }
    text.split_whitespace().map(|word| word.matches(UP).count()).max().unwrap_or_default()
}

/// Numbers in sets; each set is known by its least number, and each number leads towards that.
struct Sets(Vec<usize>);

impl Sets {
    fn first(&mut self, mut at: usize) -> usize {
        while let Some(&next) = self.0.get(at).filter(|next| **next != at) {
            let beyond = self.0.get(next).copied().unwrap_or(next);
            if let Some(own) = self.0.get_mut(at) {
                *own = beyond;
            }
            at = next;
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        if let Some(own) = self.0.get_mut(a.max(b)) {
            *own = a.min(b);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    fn groups(files: &[(&str, &str)], reads: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let mut sources = Sources::new();
        files.iter().for_each(|(name, text)| {
            sources.add(Source::new(*name, *text));
        });
        let settings = Settings::default();
        let kinds: Vec<_> = sources.iter().map(|(_, s)| crate::systems::detect(s, &settings)).collect();
        let reads = |id: FileId| reads.iter().filter(|r| r.0 == id.0).map(|r| FileId(r.1)).collect();
        let groups = Places::new(&sources, &kinds, &settings).groups(&sources, &kinds, reads);
        groups.into_iter().map(|group| group.into_iter().map(|id| id.0).collect()).collect()
    }

    const PLAIN: &str = "services: {app: {image: app}}\n";

    #[test]
    fn systems_side_by_side_are_groups_of_their_own() {
        let files = [("a/compose.yml", PLAIN), ("a/app/.env", ""), ("b/compose.yml", PLAIN), ("b/.env", "")];
        assert_eq!(groups(&files, &[]), [vec![0, 1], vec![2, 3]]);
        assert_eq!(groups(&files, &[(3, 1)]), [vec![0, 1, 2, 3]]);
    }

    #[test]
    fn a_project_is_with_what_it_may_mount() {
        let mounts = "services: {app: {image: app, volumes: [../shared/x.conf:/x.conf]}}\n";
        let files =
            |text| [("p/a/compose.yml", text), ("p/b/compose.yml", PLAIN), ("p/shared/test/x.conf", "")];
        assert_eq!(groups(&files(PLAIN), &[]), [vec![0], vec![1], vec![2]]);
        assert_eq!(groups(&files(mounts), &[]), [vec![0, 1, 2]]);
        let below = [("p/compose.yml", PLAIN), ("p/test/x.conf", ""), ("px/compose.yml", PLAIN)];
        assert_eq!(groups(&below, &[]), [vec![0, 1], vec![2]]);
    }
}
