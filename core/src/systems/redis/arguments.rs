//! Directives that take other than one argument (redis/redis src/config.c, `loadServerConfigFromString` and the
//! functions of its special settings; src/sentinel.c, `sentinelHandleConfiguration`).

use super::memory;
use crate::facts::tables::REDIS;
use crate::syntax::keyvalue::Word;

/// Directives with a row of arguments that nothing else is said about.
const ROWS: &[&str] = &[
    "oom-score-adj-values",
    "latency-tracking-info-percentiles",
    "user",
    "loadmodule",
    "shutdown-on-sigint",
    "shutdown-on-sigterm",
    "rdma-bind",
    "proc-title-template",
];

/// Why the server refuses the arguments of a directive that it knows.
pub(super) fn fault(name: &str, words: &[Word<'_>]) -> Option<String> {
    let text = |at: usize| words.get(at).map_or("", |w| w.view.text.as_ref());
    match name {
        "save" => return save(words),
        "bind" => return bind(words),
        "client-output-buffer-limit" => return limits(words),
        "replicaof" | "slaveof" | "rename-command" => {
            return (words.len() != 2).then(|| format!("`{name}` takes two arguments"));
        }
        "sentinel" => return sentinel(words),
        _ if ROWS.contains(&name) || REDIS.find(name).is_none() => return None,
        _ => {}
    }
    match words.len() {
        0 => Some(format!("`{name}` needs an argument")),
        1 => None,
        _ if text(1).starts_with('#') => Some("a comment stands on a line of its own".into()),
        _ => Some(format!("`{name}` takes one argument; quote what holds a blank")),
    }
}

fn save(words: &[Word<'_>]) -> Option<String> {
    // One word may hold the whole row; the empty one switches snapshots off.
    let row: Vec<&str> = match words {
        [one] => one.view.text.split_whitespace().collect(),
        _ => words.iter().map(|w| w.view.text.as_ref()).collect(),
    };
    let numbers: Option<Vec<i64>> = row.iter().map(|w| w.parse().ok()).collect();
    match numbers {
        Some(numbers) if numbers.len().is_multiple_of(2) => {
            let bad = numbers
                .chunks(2)
                .any(|pair| matches!(pair, [seconds, changes] if *seconds < 1 || *changes < 0));
            bad.then(|| "seconds start at 1 and changes at 0".into())
        }
        _ if words.iter().any(|w| w.view.text.starts_with('#')) => {
            Some("a comment stands on a line of its own".into())
        }
        _ => Some("`save` takes pairs of seconds and changes".into()),
    }
}

/// `CONFIG_BINDADDR_MAX`.
const MAX_ADDRESSES: usize = 16;

fn bind(words: &[Word<'_>]) -> Option<String> {
    if words.len() > MAX_ADDRESSES {
        return Some(format!("at most {MAX_ADDRESSES} addresses can be bound"));
    }
    let comment = words.iter().any(|w| w.view.text.starts_with('#'));
    comment.then(|| "a comment stands on a line of its own".into())
}

fn limits(words: &[Word<'_>]) -> Option<String> {
    if words.is_empty() || !words.len().is_multiple_of(4) {
        return Some("each class takes three arguments: hard limit, soft limit, soft seconds".into());
    }
    for class in words.chunks(4) {
        let text = |at: usize| class.get(at).map_or("", |w| w.view.text.as_ref());
        if !["normal", "slave", "replica", "pubsub"].iter().any(|c| text(0).eq_ignore_ascii_case(c)) {
            return Some(format!("there is no class `{}`: normal, replica and pubsub are", text(0)));
        }
        if memory(text(1)).is_none() || memory(text(2)).is_none() || text(3).parse::<u32>().is_err() {
            return Some("a hard limit, a soft limit and a number of seconds follow the class".into());
        }
    }
    None
}

/// Options of a primary and how many words each takes with its name; `None` where that differs between versions.
const SENTINEL: &[(&str, Option<usize>)] = &[
    ("monitor", Some(5)),
    ("down-after-milliseconds", Some(3)),
    ("failover-timeout", Some(3)),
    ("parallel-syncs", Some(3)),
    ("notification-script", Some(3)),
    ("client-reconfig-script", Some(3)),
    ("auth-pass", Some(3)),
    ("auth-user", Some(3)),
    ("current-epoch", Some(2)),
    ("config-epoch", Some(3)),
    ("leader-epoch", Some(3)),
    ("master-reboot-down-after-period", Some(3)),
    ("primary-reboot-down-after-period", Some(3)),
    ("rename-command", Some(4)),
    ("known-slave", Some(4)),
    ("known-replica", Some(4)),
    ("known-sentinel", None),
    ("announce-ip", Some(2)),
    ("announce-port", Some(2)),
    ("announce-hostnames", Some(2)),
    ("resolve-hostnames", Some(2)),
    ("deny-scripts-reconfig", Some(2)),
    ("sentinel-user", Some(2)),
    ("sentinel-pass", Some(2)),
    ("myid", Some(2)),
];

fn sentinel(words: &[Word<'_>]) -> Option<String> {
    let text = |at: usize| words.get(at).map_or("", |w| w.view.text.as_ref());
    let option = text(0).to_ascii_lowercase();
    let Some((name, count)) = SENTINEL.iter().find(|(known, _)| *known == option) else {
        let near = crate::nearest::nearest(&option, SENTINEL.iter().map(|(known, _)| *known));
        let near = near.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default();
        return Some(format!("Sentinel knows no `{}`{near}", text(0)));
    };
    if count.is_some_and(|n| n != words.len()) {
        return Some(format!("`sentinel {name}` takes {} arguments", count.unwrap_or(1) - 1));
    }
    if *name == "monitor" && text(4).parse::<i64>().is_ok_and(|n| n < 1) {
        return Some("a quorum starts at 1".into());
    }
    let positive = matches!(*name, "down-after-milliseconds" | "failover-timeout");
    (positive && text(2).parse::<i64>().is_ok_and(|n| n < 1)).then(|| "a number above 0 stands here".into())
}
