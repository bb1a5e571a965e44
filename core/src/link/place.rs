//! What a file's place in the tree says about it: what it serves, and which files it belongs with.

use std::collections::BTreeMap;

use crate::settings::Deployment;
use crate::source::Sources;

/// What a file serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Running systems, for all that is known.
    #[default]
    Production,
    /// Development, tests, examples, documentation.
    Development,
}

/// Parts of a path that say that what is below serves development or tests. Whole words of a part count:
/// `integration-tests` does, `contest` does not.
#[rustfmt::skip]
const DEVELOPMENT: &[&str] = &[
    "test", "tests", "testing", "testdata", "spec", "specs", "fixture", "fixtures", "mock", "mocks", "example",
    "examples", "sample", "samples", "demo", "demos", "dev", "devel", "develop", "development", "local", "localhost",
    "ci", "e2e", "sandbox", "playground", "tutorial", "tutorials", "docs", "doc", "snippets", "quickstart",
    "devcontainer", "molecule", "vagrant", "dockertest", "kafkatest", "integrationtest", "bench", "benchmark", "benchmarks",
];

/// What a path serves. A `.env.example` and the like are templates for the real thing and count as it.
pub fn role(path: &str) -> Role {
    // A shell's `<(command)` is a device, and the directory of devices says nothing.
    if path.starts_with("/dev/") {
        return Role::Production;
    }
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty() && *p != "." && *p != "..").collect();
    let Some((name, directories)) = parts.split_last() else { return Role::Production };
    let words = |part: &str| -> Vec<String> {
        part.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let directory = directories
        .iter()
        // `t` is where Perl's and some of Python's projects keep their tests.
        .any(|d| matches!(*d, ".github" | "t") || words(d).iter().any(|w| DEVELOPMENT.contains(&w.as_str())));
    // In a file's own name `example` and `sample` mark a template, and a two-letter word means nothing.
    let template = ["example", "sample", "local", "spec"];
    let own = words(name)
        .iter()
        .any(|w| w.len() > 2 && DEVELOPMENT.contains(&w.as_str()) && !template.contains(&w.as_str()));
    if directory || own { Role::Development } else { Role::Production }
}

/// Directories that are one environment among several: files below different ones never belong together.
#[rustfmt::skip]
const ENVIRONMENTS: &[&str] = &[
    "prod", "production", "live", "stage", "staging", "preprod", "uat", "qa", "test", "tests", "testing", "dev",
    "devel", "development", "local", "ci", "sandbox", "demo", "example", "examples", "canary", ".github",
];

/// Those of them that people live on.
const LIVE: &[&str] = &["prod", "production", "live"];

fn is_environment(name: &str) -> bool {
    ENVIRONMENTS.contains(&name)
}

/// Directories that hold many projects or environments side by side.
#[rustfmt::skip]
const COLLECTIONS: &[&str] = &[
    "examples", "samples", "demos", "fixtures", "testdata", "environments", "envs", "overlays", "clusters", "regions",
    "tenants", "projects",
];

/// A directory with what lies below it.
#[derive(Default)]
struct Directory {
    children: BTreeMap<String, Directory>,
    files: Vec<usize>,
}

/// What came of looking into a directory: its files in groups that stay apart.
struct Groups {
    /// The group that may still grow upwards, with the sorts of server files that it holds.
    open: Option<(Vec<usize>, Vec<&'static str>)>,
    /// Groups that are complete.
    closed: Vec<Vec<usize>>,
}

/// Gives each file the number of its deployment; `servers` names the sort of server that a file configures, if any.
///
/// Files belong together unless something speaks against it. A directory's children are kept apart, from each other
/// and from all above, when two of them configure the same sort of server (two Compose projects, two `haproxy.cfg`):
/// then it holds several systems side by side, and any pair across them would be a guess. Environment directories
/// (`prod/`, `staging/`) and the entries of collections (`examples/x/`) always keep to themselves.
///
/// Files that the settings name are the first of these deployments that covers them, whatever their places say. The
/// second answer is the number of each of those, absent when it has no files here.
pub(super) fn deployments(
    sources: &Sources,
    servers: &[Option<&'static str>],
    named: &[Deployment],
) -> (Vec<u32>, Vec<Option<u32>>) {
    let mut root = Directory::default();
    let mut own: Vec<Vec<usize>> = vec![Vec::new(); named.len()];
    for (id, source) in sources.iter() {
        let settled = named.iter().position(|d| d.covers(&source.name));
        if let Some(files) = settled.and_then(|at| own.get_mut(at)) {
            files.push(id.0 as usize);
            continue;
        }
        let mut at = &mut root;
        for part in source.directory().split('/').filter(|p| !p.is_empty() && *p != ".").take(MAX_PATH_PARTS)
        {
            at = at.children.entry(part.to_owned()).or_default();
        }
        at.files.push(id.0 as usize);
    }
    let groups = group(&root, false, servers);
    let mut all = groups.closed;
    all.extend(groups.open.map(|(files, _)| files));
    all.extend(own.iter().cloned());
    all.retain(|files| !files.is_empty());
    // Numbers follow the order of the files, so that they don't depend on how the tree was walked.
    all.sort_by_cached_key(|files| files.iter().min().copied());
    let mut numbers = vec![0; sources.len()];
    for (number, files) in all.iter().enumerate() {
        for &file in files {
            numbers[file] = number as u32;
        }
    }
    let of = |files: &Vec<usize>| numbers.get(*files.first()?).copied();
    let named = own.iter().map(of).collect();
    (numbers, named)
}

/// Deeper paths are taken as if they ended here; the bound keeps the recursion below small.
const MAX_PATH_PARTS: usize = 64;

fn group(directory: &Directory, apart: bool, servers: &[Option<&'static str>]) -> Groups {
    let mut closed = Vec::new();
    let mut open: Vec<(Vec<usize>, Vec<&'static str>)> = Vec::new();
    let mut split = false;
    let mut environments = directory.children.keys().filter(|n| is_environment(&n.to_ascii_lowercase()));
    // The one environment there is belongs with the rest, if it is the one that runs.
    let only = environments.next().is_some_and(|n| LIVE.contains(&n.to_ascii_lowercase().as_str()))
        && environments.next().is_none();
    for (name, child) in &directory.children {
        let lower = name.to_ascii_lowercase();
        let mut groups = group(child, COLLECTIONS.contains(&lower.as_str()), servers);
        split |= groups.open.is_none() && !COLLECTIONS.contains(&lower.as_str());
        closed.append(&mut groups.closed);
        match groups.open {
            Some((files, _)) if apart || is_environment(&lower) && !only => closed.push(files),
            Some(group) => open.push(group),
            None => {}
        }
    }
    // Two children with the same sort of server: several systems side by side.
    let mut sorts: Vec<&'static str> = open.iter().flat_map(|(_, s)| s.iter().copied()).collect();
    let count = sorts.len();
    sorts.sort_unstable();
    sorts.dedup();
    if sorts.len() < count || split {
        closed.extend(open.into_iter().map(|(files, _)| files));
        if !directory.files.is_empty() {
            closed.push(directory.files.clone());
        }
        return Groups { open: None, closed };
    }
    let mut files = directory.files.clone();
    files.extend(open.into_iter().flat_map(|(f, _)| f));
    sorts.extend(directory.files.iter().filter_map(|&f| servers.get(f).copied().flatten()));
    sorts.sort_unstable();
    sorts.dedup();
    Groups { open: Some((files, sorts)), closed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Source;

    #[test]
    fn paths_say_what_they_serve() {
        for path in
            ["tests/rabbitmq.conf", "a/integration-tests/x.yml", "docker-compose.dev.yml", "ci/rabbitmq.conf"]
        {
            assert_eq!(role(path), Role::Development, "{path}");
        }
        for path in [
            "rabbitmq.conf",
            "deploy/.env.example",
            "contest/app.yml",
            "prod/x.yml",
            "/etc/it.conf",
            "/dev/fd/63",
        ] {
            assert_eq!(role(path), Role::Production, "{path}");
        }
    }

    fn numbers(names: &[&str]) -> Vec<u32> {
        let mut sources = Sources::new();
        let mut servers = Vec::new();
        for name in names {
            sources.add(Source::new(*name, ""));
            servers.push(name.ends_with("compose.yml").then_some("compose"));
        }
        deployments(&sources, &servers, &[]).0
    }

    #[test]
    fn settings_name_what_belongs_together() {
        let mut sources = Sources::new();
        for name in ["prod/x", "dev/y", "prod/z", "w"] {
            sources.add(Source::new(name, ""));
        }
        let one = |files: &[&str]| Deployment {
            files: files.iter().map(|f| (*f).to_owned()).collect(),
            ..Deployment::default()
        };
        let named = [one(&["*/x", "dev/**"]), one(&["none"])];
        let (numbers, of) = deployments(&sources, &[None; 4], &named);
        assert_eq!(numbers, [0, 0, 1, 1]);
        assert_eq!(of, [Some(0), None]);
    }

    #[test]
    fn environments_stay_apart() {
        assert_eq!(numbers(&["a/prod/x", "a/prod/b/y", "a/dev/x", "app/x", "etc/y"]), [0, 0, 1, 2, 2]);
        assert_eq!(numbers(&["a/prod/x", "a/app/y", "a/tests/z"]), [0, 1, 2]);
        assert_eq!(numbers(&["a/prod/x", "a/app/y"]), [0, 0]);
        assert_eq!(numbers(&["examples/one/x", "examples/two/x", "x"]), [0, 1, 2]);
    }

    #[test]
    fn systems_side_by_side_stay_apart() {
        assert_eq!(
            numbers(&["a/compose.yml", "a/app/.env", "b/compose.yml", "b/.env", "README"]),
            [0, 0, 1, 1, 2]
        );
        assert_eq!(numbers(&["compose.yml", "app/.env", "broker/rabbitmq.conf"]), [0, 0, 0]);
        assert_eq!(numbers(&["x/a/compose.yml", "x/b/compose.yml", "y/rabbitmq.conf"]), [0, 1, 2]);
    }
}
