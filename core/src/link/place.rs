//! What a file's place in the tree says about it: what it serves, and which files it belongs with.

use std::collections::BTreeMap;

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
    "devcontainer", "dockertest", "kafkatest", "integrationtest", "bench", "benchmark", "benchmarks",
];

/// What a path serves. A `.env.example` and the like are templates for the real thing and count as it.
pub fn role(path: &str) -> Role {
    let parts: Vec<&str> = path.split('/').filter(|p| !p.is_empty() && *p != "." && *p != "..").collect();
    let Some((name, directories)) = parts.split_last() else { return Role::Production };
    let words = |part: &str| -> Vec<String> {
        part.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect()
    };
    let directory = directories.iter().any(|d| words(d).iter().any(|w| DEVELOPMENT.contains(&w.as_str())));
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
    "devel", "development", "local", "ci", "sandbox", "demo", "example", "examples", "canary",
];

/// Directories that hold many projects or environments side by side.
#[rustfmt::skip]
const COLLECTIONS: &[&str] = &[
    "examples", "samples", "demos", "fixtures", "testdata", "environments", "envs", "overlays", "clusters", "regions",
    "tenants", "projects",
];

/// Gives each file the number of its deployment.
///
/// All files of a run are one deployment, except that an environment directory (`prod/`, `staging/`) or an entry of a
/// collection (`examples/x/`) keeps to itself.
pub(super) fn deployments(sources: &Sources) -> Vec<u32> {
    let mut numbers = BTreeMap::new();
    sources
        .iter()
        .map(|(_, source)| {
            let mut key = String::new();
            let parts: Vec<&str> = source.directory().split('/').collect();
            for (i, part) in parts.iter().enumerate() {
                let lower = part.to_ascii_lowercase();
                let below = i > 0 && COLLECTIONS.contains(&parts[i - 1].to_ascii_lowercase().as_str());
                if below || ENVIRONMENTS.contains(&lower.as_str()) {
                    key.push_str(&parts[..=i].join("/"));
                    key.push('\n');
                }
            }
            let next = numbers.len() as u32;
            *numbers.entry(key).or_insert(next)
        })
        .collect()
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
        for path in ["rabbitmq.conf", "deploy/.env.example", "contest/app.yml", "prod/x.yml", "/etc/it.conf"]
        {
            assert_eq!(role(path), Role::Production, "{path}");
        }
    }

    #[test]
    fn environments_stay_apart() {
        let mut sources = Sources::new();
        for name in
            ["a/prod/x", "a/prod/b/y", "a/dev/x", "app/x", "etc/y", "examples/one/x", "examples/two/x"]
        {
            sources.add(Source::new(name, ""));
        }
        assert_eq!(deployments(&sources), [0, 0, 1, 2, 2, 3, 4]);
    }
}
