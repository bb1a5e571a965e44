//! Who is who: joins the facts of all files into deployments.
//!
//! It must never invent a pair. Files belong together when they lie in one project and nothing says that they serve
//! different environments; where names conflict or are missing there is no pair, or one that says what it assumed.

mod admissions;
mod arguments;
mod consumers;
mod dials;
mod doors;
mod gates;
mod groups;
mod homes;
mod hops;
mod logins;
mod machines;
mod names;
mod nofile;
mod place;
mod places;
mod pods;
mod rabbitmq;
mod silence;
mod tls;
mod variables;
mod watch;
mod ways;

pub use place::{Role, role};
pub use places::Places;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::facts::{FactId, Facts, Kind};
use crate::firewall::{PodPolicy, Ruleset};
use crate::settings::Settings;
use crate::source::{FileId, Sources};
use crate::systems::{kafka, spring};

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
    Relation {
        name: "within",
        doc: "both stand in the same file, or in a Compose project's file and its override",
    },
    Relation {
        name: "lives_in",
        doc: "a client gets its settings in this Compose service or Kubernetes workload",
    },
    Relation { name: "names", doc: "a client's host is the name of this service" },
    Relation { name: "runs", doc: "a Compose service runs the broker with these settings" },
    Relation { name: "through", doc: "a client's connection passes this way through a proxy" },
    Relation { name: "dials", doc: "a client's connection ends at the broker with these settings" },
    Relation {
        name: "meets",
        doc: "a client connects to the broker with these settings itself, through no proxy",
    },
    Relation { name: "passes", doc: "a client's connection has to pass this firewall" },
    Relation { name: "stands_behind", doc: "a broker's listener stands behind this firewall" },
    Relation { name: "logs_in", doc: "a client's login, held against the broker's definitions" },
    Relation { name: "starts", doc: "a unit of systemd starts this server" },
    Relation { name: "carries", doc: "the kernel with these settings carries this server" },
    Relation {
        name: "greets",
        doc: "a client's end of TLS connections, held against the end that answers it",
    },
    Relation {
        name: "names_file",
        doc: "an end of TLS connections names this file, which is among those read",
    },
    Relation { name: "leads_to", doc: "a Kubernetes service leads to the pods of this workload" },
    Relation { name: "scales", doc: "a Kubernetes autoscaler sets the number of this workload's pods" },
    Relation { name: "guards", doc: "a Kubernetes disruption budget speaks of this workload's pods" },
    Relation { name: "meets", doc: "a client's connection from pod to pod takes this way" },
    Relation { name: "shows", doc: "an end of TLS connections shows this certificate" },
    Relation { name: "trusts", doc: "an end of TLS connections trusts this certificate" },
    Relation {
        name: "consumes",
        doc: "the copies of a Compose service or Kubernetes workload share a Kafka topic",
    },
    Relation {
        name: "runs_in",
        doc: "a program with this way to stop runs in this Compose service or workload",
    },
    Relation { name: "finds", doc: "a client looks for a port among the sockets of the host it dials" },
    Relation { name: "feeds", doc: "a way through a proxy ends at the broker with these settings" },
];

/// Longest way through proxies that is followed: a client, an ingress, a balancer, a sidecar.
const MAX_HOPS: usize = 4;

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
    /// Which files belong together.
    pub places: Arc<Places>,
    /// The files whose facts are linked, in their order.
    files: Vec<FileId>,
    /// The file that a part is read as a part of.
    whole: BTreeMap<FileId, FileId>,
    /// Relation, from, to; and what was assumed.
    forward: BTreeMap<(&'static str, FactId, FactId), Option<String>>,
    /// Relation, to, from.
    backward: BTreeSet<(&'static str, FactId, FactId)>,
}

const FIRST: FactId = FactId(0);
const LAST: FactId = FactId(u32::MAX);

/// The facts of each deployment by kind, so that a link costs what it touches.
struct Index {
    by_kind: BTreeMap<(u32, &'static str), Vec<FactId>>,
}

impl Index {
    fn new(facts: &Facts, links: &Links) -> Index {
        let mut by_kind: BTreeMap<_, Vec<FactId>> = BTreeMap::new();
        for (id, fact) in facts.iter() {
            by_kind.entry((links.number(fact.span.file), fact.kind.name)).or_default().push(id);
        }
        Index { by_kind }
    }

    /// The facts of a kind in a deployment.
    fn here(&self, kind: &'static Kind, deployment: u32) -> &[FactId] {
        self.by_kind.get(&(deployment, kind.name)).map_or(&[], Vec::as_slice)
    }
}

impl Links {
    /// The pairs of a relation, in the order of their facts.
    pub fn of(&self, relation: &'static str) -> impl Iterator<Item = Link> {
        self.forward
            .range((relation, FIRST, FIRST)..=(relation, LAST, LAST))
            .map(|((_, from, to), assumed)| Link { from: *from, to: *to, assumed: assumed.clone() })
    }

    /// The pairs of a relation that start from a fact.
    pub fn from(&self, relation: &'static str, from: FactId) -> impl Iterator<Item = Link> {
        self.forward
            .range((relation, from, FIRST)..=(relation, from, LAST))
            .map(|((_, from, to), assumed)| Link { from: *from, to: *to, assumed: assumed.clone() })
    }

    /// The pairs of a relation that lead to a fact.
    pub fn to(&self, relation: &'static str, to: FactId) -> impl Iterator<Item = Link> {
        self.backward.range((relation, to, FIRST)..=(relation, to, LAST)).map(|(relation, to, from)| {
            let assumed = self.forward.get(&(relation, *from, *to)).cloned().flatten();
            Link { from: *from, to: *to, assumed }
        })
    }

    /// The number of a file's deployment.
    pub fn number(&self, file: FileId) -> u32 {
        self.places.number(file)
    }

    fn add(&mut self, relation: &'static str, link: Link) {
        // The first way to pair two facts is the surest one.
        self.forward.entry((relation, link.from, link.to)).or_insert(link.assumed);
        self.backward.insert((relation, link.to, link.from));
    }

    /// What a file serves.
    pub fn role(&self, file: FileId) -> Role {
        self.places.roles.get(file.0 as usize).copied().unwrap_or_default()
    }

    /// The file that one is read as a part of: itself, or the project that an override is laid over.
    pub fn text(&self, file: FileId) -> FileId {
        self.whole.get(&file).copied().unwrap_or(file)
    }

    /// True if two files belong to one deployment.
    pub fn together(&self, a: FileId, b: FileId) -> bool {
        self.number(a) == self.number(b)
    }
}

/// What decides which connections get through.
pub struct Walls<'a> {
    /// Firewalls of hosts.
    pub rulesets: &'a [Ruleset],
    /// Network policies of clusters.
    pub policies: &'a [PodPolicy],
}

/// The files whose facts are linked.
pub struct Linked {
    /// Where they belong.
    pub places: Arc<Places>,
    /// Which ones they are, in their order.
    pub files: Vec<FileId>,
    /// Those that are read as a part of another one.
    pub whole: BTreeMap<FileId, FileId>,
}

/// Works out what one file says about another's facts, and pairs them.
pub fn link(
    sources: &Sources,
    linked: Linked,
    walls: &Walls<'_>,
    facts: &mut Facts,
    settings: &Settings,
) -> Links {
    let Linked { places, files, whole } = linked;
    rabbitmq::complete(&places, facts, settings);
    variables::complete(facts);
    machines::name_units(sources, facts);
    nofile::complete(sources, &places, facts);
    groups::complete(sources, facts);
    facts.append(kafka::from_environment(facts).facts);
    for fact in spring::shutdown_from_environment(facts) {
        facts.add(fact);
    }
    tls::mark_signing(sources, facts);
    tls::mark_keys_in_place(sources, facts);
    crate::systems::tls::compatibility::add(facts, settings);
    let mut links = Links { places, files, whole, ..Links::default() };
    tls::ends(sources, facts, &mut links);
    tls::version_gaps(facts, settings);
    tls::suite_gaps(facts, &links, settings);
    let names = names::Names::new(sources, facts, &links);
    let index = Index::new(facts, &links);
    hops::stream_timeouts(facts, &links);
    hops::backends(facts, &links);
    pods::link(sources, facts, &index, &mut links);
    dials::link(sources, facts, &index, &names, &mut links);
    dials::settle_heartbeats(facts, &links);
    machines::link(sources, facts, &index, &mut links);
    homes::link(sources, facts, &index, &mut links);
    arguments::compare(facts, &links);
    consumers::link(facts, &index, &mut links);
    silence::complete(facts, &links);
    doors::link(sources, facts, &index, &mut links);
    tls::meetings(sources, facts, &names, &mut links);
    logins::link(sources, facts, &index, &mut links);
    admissions::link(walls.policies, facts, &index, &mut links);
    gates::link(sources, facts, walls.rulesets, &index, &mut links);
    watch::gaps(facts, &index, &links);
    links
}
