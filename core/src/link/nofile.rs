//! How many files a program may open, all that decides it taken together.
//!
//! Of the files of a unit the last one that sets `LimitNOFILE` counts: the unit itself, then its drop-ins by the names of
//! their files. Where none does, the manager's default holds, but only if the unit itself is among the files. limits.conf
//! counts for logins and never here. A container has what its service says, else the daemon's default.

use std::collections::BTreeMap;

use crate::facts::kinds::compose::service;
use crate::facts::kinds::host::{docker, manager, unit};
use crate::facts::{FactId, Facts, Field, Said, Value};
use crate::link::Places;
use crate::source::Sources;

/// systemd since 240: the soft and the hard limit that units get (systemd.exec, "LimitNOFILE").
const DEFAULT: (i64, i64) = (1_024, 524_288);

/// Completes units and Compose services.
pub(super) fn complete(sources: &Sources, places: &Places, facts: &mut Facts) {
    let of = |id: FactId| places.number(facts.get(id).span.file);
    let mut units: BTreeMap<(u32, &str), Vec<FactId>> = BTreeMap::new();
    for (id, fact) in facts.of(&unit::KIND) {
        if let Some(name) = fact.text(unit::name) {
            units.entry((of(id), name)).or_default().push(id);
        }
    }
    let mut managers: BTreeMap<u32, Vec<FactId>> = BTreeMap::new();
    facts.of(&manager::KIND).for_each(|(id, _)| managers.entry(of(id)).or_default().push(id));
    let mut daemons: BTreeMap<u32, Vec<FactId>> = BTreeMap::new();
    facts.of(&docker::KIND).for_each(|(id, _)| daemons.entry(of(id)).or_default().push(id));

    let mut changes: Vec<(FactId, Field, Said)> = Vec::new();
    for ((group, _), mut files) in units {
        let is_drop_in = |id: &FactId| facts.get(*id).bool(unit::drop_in) == Some(true);
        // Two files of one name in different directories hide each other, and which one is installed is not said.
        if files.iter().filter(|id| !is_drop_in(id)).count() > 1 {
            continue;
        }
        files.sort_by_key(|id| (is_drop_in(id), sources.get(facts.get(*id).span.file).base_name()));
        let sets = |id: &&FactId| facts.get(**id).get(unit::nofile_infinity).is_some();
        let last = files.iter().rfind(sets).copied();
        for id in files.iter().filter(sets) {
            if Some(*id) != last {
                changes.push((*id, unit::nofile_replaced, Said::derived(Value::Bool(true), None)));
            }
        }
        let whole = files.iter().any(|id| !is_drop_in(id));
        let default = match managers.get(&group).map(Vec::as_slice) {
            None => Some((Some(DEFAULT.0), Some(DEFAULT.1), None)),
            Some([one]) => {
                let fact = facts.get(*one);
                Some((fact.int(manager::nofile), fact.int(manager::nofile_hard), Some(fact.span)))
            }
            Some(_) => None,
        };
        let (soft, hard) = match last.map(|id| facts.get(id)) {
            Some(fact) => (fact.get(unit::nofile).cloned(), fact.get(unit::nofile_hard).cloned()),
            None if whole => {
                let Some((soft, hard, at)) = default else { continue };
                let said = |n: i64| match at {
                    Some(at) => Said::written(Value::Int(n), at),
                    None => Said::default(Value::Int(n), "systemd"),
                };
                (soft.map(said), hard.map(said))
            }
            None => continue,
        };
        for id in files {
            changes.extend(soft.clone().map(|said| (id, unit::effective_nofile, said)));
            changes.extend(hard.clone().map(|said| (id, unit::effective_nofile_hard, said)));
        }
    }
    for (id, fact) in facts.of(&service::KIND) {
        let Some([daemon]) = daemons.get(&of(id)).map(Vec::as_slice) else { continue };
        if fact.get(service::nofile_soft).is_some() || fact.get(service::nofile_hard).is_some() {
            continue;
        }
        let daemon = facts.get(*daemon);
        for (field, source) in
            [(service::nofile_soft, docker::nofile), (service::nofile_hard, docker::nofile_hard)]
        {
            changes.extend(daemon.get(source).map(|said| (id, field, said.clone())));
        }
    }
    for (id, field, said) in changes {
        facts.get_mut(id).set(field, said);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RuleSet, Settings, Source, lint};

    /// What the files of a host give a kind's field, each value once.
    fn seen(files: &[(&str, &str)], kind: &'static crate::facts::Kind, field: Field) -> String {
        let mut sources = Sources::new();
        for (name, text) in files {
            sources.add(Source::new(*name, *text));
        }
        let outcomes = lint(&sources, &Settings::default(), &RuleSet::empty());
        let mut shown: Vec<String> =
            outcomes.facts.of(kind).map(|(_, f)| f.get(field).map_or("-".into(), |s| s.shown())).collect();
        shown.dedup();
        shown.join(" ")
    }

    const UNIT: (&str, &str) =
        ("lib/systemd/system/rabbitmq-server.service", "[Service]\nExecStart=/usr/sbin/rabbitmq-server\n");
    const SET: (&str, &str) = (
        "lib/systemd/system/rabbitmq-server.service",
        "[Service]\nExecStart=/usr/sbin/rabbitmq-server\nLimitNOFILE=32768\n",
    );
    const MANAGER: (&str, &str) = ("etc/systemd/system.conf", "[Manager]\nDefaultLimitNOFILE=4096:65536\n");
    const LIMITS: (&str, &str) = ("etc/security/limits.conf", "rabbitmq - nofile 65536\n");

    fn drop_in(name: &'static str, text: &'static str) -> (&'static str, &'static str) {
        (name, text)
    }

    #[test]
    fn the_limit_that_counts_is_the_last_one_of_the_unit() {
        let ten = drop_in(
            "etc/systemd/system/rabbitmq-server.service.d/10-files.conf",
            "[Service]\nLimitNOFILE=65536\n",
        );
        let ninety = drop_in(
            "etc/systemd/system/rabbitmq-server.service.d/90-files.conf",
            "[Service]\nLimitNOFILE=1024:2048\n",
        );
        let other = drop_in(
            "etc/systemd/system/rabbitmq-server.service.d/95-more.conf",
            "[Service]\nRestart=always\n",
        );
        let endless = drop_in(
            "etc/systemd/system/rabbitmq-server.service.d/99-x.conf",
            "[Service]\nLimitNOFILE=infinity\n",
        );
        let wrong = drop_in(
            "etc/systemd/system/rabbitmq-server.service.d/99-x.conf",
            "[Service]\nLimitNOFILE=unlimited\n",
        );
        let of_nginx = drop_in("etc/systemd/system/nginx.service.d/99-x.conf", "[Service]\nLimitNOFILE=99\n");
        for (files, soft, hard) in [
            (&[SET][..], "32768", "32768"),
            (&[UNIT], "1024", "524288"),
            (&[SET, ten], "65536", "65536"),
            (&[ninety, SET, ten], "1024", "2048"),
            (&[ninety, SET, ten, other], "1024", "2048"),
            (&[SET, endless], "-", "-"),
            (&[SET, wrong], "32768", "32768"),
            // A drop-in alone says nothing of what the unit has.
            (&[other], "-", "-"),
            (&[ten], "65536", "65536"),
            (&[UNIT, MANAGER], "4096", "65536"),
            (&[SET, MANAGER], "32768", "32768"),
            (&[UNIT, LIMITS], "1024", "524288"),
            (&[SET, of_nginx], "32768 99", "32768 99"),
        ] {
            let see = |field| seen(files, &unit::KIND, field);
            assert_eq!(
                (see(unit::effective_nofile).as_str(), see(unit::effective_nofile_hard).as_str()),
                (soft, hard),
                "{files:?}"
            );
        }
    }

    #[test]
    fn a_container_has_its_own_limit_or_the_daemons() {
        let daemon = (
            "daemon.json",
            r#"{"default-ulimits": {"nofile": {"Name": "nofile", "Soft": 2048, "Hard": 4096}}}"#,
        );
        let plain = ("compose.yaml", "services:\n  mq:\n    image: rabbitmq:4.1\n");
        let own =
            ("compose.yaml", "services:\n  mq:\n    image: rabbitmq:4.1\n    ulimits: {nofile: 65536}\n");
        for (files, soft, hard) in [
            (&[plain][..], "-", "-"),
            (&[plain, daemon], "2048", "4096"),
            (&[own, daemon], "65536", "65536"),
            // Limits of logins and of units never reach a container.
            (&[plain, LIMITS, SET], "-", "-"),
        ] {
            let see = |field| seen(files, &service::KIND, field);
            assert_eq!(
                (see(service::nofile_soft).as_str(), see(service::nofile_hard).as_str()),
                (soft, hard),
                "{files:?}"
            );
        }
    }
}
