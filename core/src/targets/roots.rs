//! Public roots that not every client has, and the chains that lead to them.

use super::Environment;

/// Words of the table for clients without a root.
pub(super) const WORDS: [&str; 3] = ["nox1", "nox2", "nogts"];

/// A root by its common name, the word of the table for clients without it, and what it is called.
const ROOTS: [(&str, &str); 6] = [
    ("ISRG Root X1", "nox1"),
    ("ISRG Root X2", "nox2"),
    ("GTS Root R1", "nogts"),
    ("GTS Root R2", "nogts"),
    ("GTS Root R3", "nogts"),
    ("GTS Root R4", "nogts"),
];

/// The root that signed Let's Encrypt's first ones, expired 2021-09-30.
const EXPIRED: &str = "DST Root CA X3";

/// Why clients of an environment do not come to a root that they have, from the common names of the issuers on a
/// chain, its leaf's first; nothing where one of them is not known.
pub(super) fn unreachable(of: &Environment, issuers: &[String]) -> Option<String> {
    let last = issuers.last()?;
    if issuers.iter().any(|i| i == EXPIRED) && of.follows_expired {
        let detail = "it follows the chain to DST Root CA X3, which expired 2021-09-30, and tries no other";
        return Some(detail.to_owned());
    }
    // A client may stop at any root on the way up.
    let known = |name: &String| ROOTS.iter().find(|(root, _)| root == name);
    let ends: Vec<&(&str, &str)> = issuers.iter().filter_map(known).collect();
    let ends_at_known = known(last).is_some() || last == EXPIRED;
    if ends.is_empty() || !ends_at_known || !ends.iter().all(|(_, word)| of.roots_missing.contains(word)) {
        return None;
    }
    let names: Vec<&str> = ends.iter().map(|(name, _)| *name).collect();
    Some(format!("its store does not have {}, at which the chain ends", names.join(" or ")))
}
