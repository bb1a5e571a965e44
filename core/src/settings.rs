//! What the user can set: the `connlint.toml` of a project, already read by the caller.

pub mod file;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The network between clients and brokers. It decides which heartbeat is reasonable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Network {
    /// One site: loss is rare, round trips take milliseconds.
    #[default]
    Lan,
    /// Long distance.
    Wan,
    /// Phones and radio links: addresses change, NATs forget within a minute.
    Mobile,
}

impl Network {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Network::Lan => "lan",
            Network::Wan => "wan",
            Network::Mobile => "mobile",
        }
    }
}

/// The scenario that calls are made in. It decides which timeouts and retry budgets are reasonable.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Service to service within a site.
    #[default]
    Internal,
    /// To somebody else's service.
    External,
    /// Jobs that nobody waits for.
    Batch,
}

impl Profile {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Profile::Internal => "internal",
            Profile::External => "external",
            Profile::Batch => "batch",
        }
    }
}

/// Settings of some paths, on top of those of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Override {
    /// Glob patterns of paths.
    pub paths: Vec<String>,
    /// Only these rules or groups count there; empty for all.
    pub select: Vec<String>,
    /// These rules or groups do not count there.
    pub ignore: Vec<String>,
    /// Severities there.
    pub severity: BTreeMap<String, crate::Severity>,
}

impl Override {
    /// Whether it is for a path.
    pub fn covers(&self, path: &str) -> bool {
        covers(&self.paths, path)
    }
}

/// Files that belong together and to nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deployment {
    /// What it is called.
    pub name: String,
    /// Glob patterns of its files.
    pub files: Vec<String>,
    /// Where its clients sit, a block of addresses such as `10.0.0.0/8`; anywhere when absent.
    pub from: Option<String>,
}

impl Deployment {
    /// Whether a file is one of its own.
    pub fn covers(&self, path: &str) -> bool {
        covers(&self.files, path)
    }
}

/// A pattern without a directory names files wherever they lie.
fn covers(patterns: &[String], path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    patterns.iter().any(|pattern| {
        crate::glob::matches(pattern, path) || !pattern.contains('/') && crate::glob::matches(pattern, name)
    })
}

/// From when on somebody should be told; the figures that the field begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// Milliseconds that a consumer is behind.
    pub lag: i64,
    /// How many percent of a disk are used.
    pub disk_percent: i64,
    /// How often a minute partitions change their leaders.
    pub leader_changes_per_minute: i64,
}

impl Default for Watch {
    fn default() -> Watch {
        Watch { lag: 30_000, disk_percent: 85, leader_changes_per_minute: 5 }
    }
}

/// Settings of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// See [`Network`].
    pub network: Network,
    /// See [`Profile`].
    pub profile: Profile,
    /// The evaluation time, in seconds since 1970; rules about expiry are skipped without it.
    pub now: Option<i64>,
    /// Only rules whose name or group (`amqp`, `rabbitmq/tls*`) is here; empty for all.
    pub select: Vec<String>,
    /// No rules whose name or group is here.
    pub ignore: Vec<String>,
    /// Severities that replace the rules' own.
    pub severity: BTreeMap<String, crate::Severity>,
    /// Versions that the files do not say: `rabbitmq = "4.1"`.
    pub targets: BTreeMap<String, String>,
    /// Clients that are to be served, `targets.clients`.
    pub clients: Vec<crate::targets::Query>,
    /// Days before its end at which a certificate counts as expiring; by its lifetime when absent.
    pub certificate_expiry_days: Option<u32>,
    /// When somebody should be told.
    pub watch: Watch,
    /// Kinds of files that their names do not tell: glob pattern to kind.
    pub kinds: Vec<(String, String)>,
    /// Settings of some paths; the last one that says something of a rule wins.
    pub overrides: Vec<Override>,
    /// Deployments that the files' places do not tell; a file is of the first one that covers it.
    pub deployments: Vec<Deployment>,
}
