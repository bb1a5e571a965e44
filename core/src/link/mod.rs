//! Who is who: joins the facts of all files into deployments.
//!
//! It must never invent a pair. Files belong together when they lie in one project and nothing says that they serve
//! different environments; where names conflict or are missing there is no pair, or one that says what it assumed.

mod place;
mod rabbitmq;

pub use place::{Role, role};

use std::collections::BTreeMap;

use crate::facts::{FactId, Facts};
use crate::settings::Settings;
use crate::source::{FileId, Sources};
use crate::systems::FileKind;

/// A relation that rules may join facts by.
pub struct Relation {
    /// The word between two names in a rule's `join`.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
}

/// Every relation there is.
pub static RELATIONS: &[Relation] = &[
    Relation { name: "with", doc: "both stand in the files of one deployment" },
    Relation { name: "within", doc: "both stand in the same file" },
];

/// A pair of facts that belong together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The fact that the relation starts from.
    pub from: FactId,
    /// The fact it leads to.
    pub to: FactId,
    /// What was assumed to pair them, if anything.
    pub assumed: Option<String>,
}

/// What the link stage worked out.
#[derive(Clone, Debug, Default)]
pub struct Links {
    /// The deployment of each file: files with the same number are judged together.
    pub deployment: Vec<u32>,
    /// What each file serves.
    pub roles: Vec<Role>,
    relations: BTreeMap<&'static str, Vec<Link>>,
}

impl Links {
    /// The pairs of a relation, in the order of their facts.
    pub fn of(&self, relation: &str) -> &[Link] {
        self.relations.get(relation).map_or(&[], Vec::as_slice)
    }

    /// What a file serves.
    pub fn role(&self, file: FileId) -> Role {
        self.roles.get(file.0 as usize).copied().unwrap_or_default()
    }

    /// True if two files belong to one deployment.
    pub fn together(&self, a: FileId, b: FileId) -> bool {
        self.deployment.get(a.0 as usize) == self.deployment.get(b.0 as usize)
    }
}

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

/// Groups the files, works out what one file says about another's facts, and pairs them.
pub fn link(
    sources: &Sources,
    kinds: &[Option<&'static FileKind>],
    facts: &mut Facts,
    settings: &Settings,
) -> Links {
    let roles = sources.iter().map(|(_, s)| role(&s.name)).collect();
    let servers: Vec<Option<&'static str>> =
        kinds.iter().map(|k| k.map(|k| k.name).filter(|n| SERVER_KINDS.contains(n))).collect();
    let deployment = place::deployments(sources, &servers);
    rabbitmq::complete(&deployment, facts, settings);
    Links { deployment, roles, relations: BTreeMap::new() }
}
