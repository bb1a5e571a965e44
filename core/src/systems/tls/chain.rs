//! How the certificates of one file hang together.

use std::collections::BTreeMap;

use super::certificate::Certificate;
use super::{constraints, names, verify};

/// A file with more roots than this is a store: servers send two, and a client's own list of authorities has a few.
const STORE_ROOTS: usize = 10;

/// Signatures that are checked in one file; more stand in stores only.
const MOST_VERIFIED: usize = 32;

/// Pairs of issuer and certificate that are looked at in one file.
const MOST_LINKS: usize = 5_000;

/// Certificates of one name that are looked at as issuers of another: cross-signing makes three or four.
const MOST_CANDIDATES: usize = 16;

/// A certificate that could have issued another, by its name.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    index: usize,
    /// Whether its key made the signature, where that was checked.
    signed: Option<bool>,
}

/// The certificates of a file, by index.
#[derive(Debug, Default)]
pub(super) struct Chain {
    /// For each certificate the index of the first one that is the same.
    pub(super) duplicate_of: Vec<Option<usize>>,
    pub(super) leaf: Option<usize>,
    pub(super) leaf_count: usize,
    /// True if some certificate is no CA.
    pub(super) with_ends: bool,
    pub(super) store: bool,
    /// The leaf and its issuers, as far as they are there.
    pub(super) path: Vec<usize>,
    pub(super) links: Vec<Link>,
    pub(super) misplaced: Option<usize>,
    pub(super) unrelated: Vec<bool>,
    /// Whether each certificate is signed with its own key.
    pub(super) self_signed: Vec<bool>,
}

#[derive(Debug)]
pub(super) struct Link {
    pub(super) certificate: usize,
    pub(super) issuer: usize,
    pub(super) signature_ok: Option<bool>,
    pub(super) key_id_mismatch: bool,
    pub(super) cas_below: usize,
    pub(super) path_length_exceeded: bool,
    pub(super) forbidden_name: Option<String>,
    pub(super) missing_usage: Option<&'static str>,
    pub(super) ambiguous: bool,
}

/// True for what a server or client shows as its own: no CA, or, in a file without any such, a CA that names hosts and
/// is signed by itself or meant for servers.
fn is_leaf(certificate: &Certificate, with_ends: bool) -> bool {
    let names_hosts = !certificate.dns.is_empty() || !certificate.ips.is_empty();
    let shown = certificate.self_signed() || certificate.lists("serverAuth");
    !certificate.is_ca() || !with_ends && names_hosts && shown
}

/// What a certificate seems to be for; `with_ends` says that its file has certificates that are no CA.
pub(super) fn role(certificate: &Certificate, with_ends: bool) -> &'static str {
    if !is_leaf(certificate, with_ends) {
        return if certificate.self_issued() { "root" } else { "intermediate" };
    }
    let names_hosts = !certificate.dns.is_empty() || !certificate.ips.is_empty();
    let common = certificate.common_name.as_deref().is_some_and(names::looks_like_host);
    match &certificate.extended_key_usage {
        Some(usages) => {
            let has = |u: &str| usages.iter().any(|x| x == u);
            match (has("serverAuth"), has("clientAuth")) {
                (true, true) => "server_and_client",
                (true, false) => "server",
                (false, true) => "client",
                (false, false) if has("anyExtendedKeyUsage") && (names_hosts || common) => "server",
                (false, false) => "other",
            }
        }
        None if names_hosts => "server",
        None if common && certificate.other_names.is_empty() => "server",
        None => "unknown",
    }
}

fn key_ids_differ(certificate: &Certificate, issuer: &Certificate) -> bool {
    match (&certificate.authority_key_id, &issuer.subject_key_id) {
        (Some(wanted), Some(is)) => wanted != is,
        _ => false,
    }
}

impl Chain {
    /// Works it out.
    pub(super) fn of(all: &[Certificate]) -> Chain {
        let mut chain = Chain::default();
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (i, certificate) in all.iter().enumerate() {
            let first = *seen.entry(certificate.fingerprint.as_str()).or_insert(i);
            chain.duplicate_of.push((first != i).then_some(first));
        }
        let unique: Vec<usize> = (0..all.len()).filter(|i| chain.is_first(*i)).collect();
        let get = |i: usize| all.get(i);
        let roots = unique.iter().filter(|i| get(**i).is_some_and(|c| c.is_ca() && c.self_issued())).count();
        chain.store = roots > STORE_ROOTS;
        let mut checks = MOST_VERIFIED;
        chain.self_signed = all
            .iter()
            .map(|c| {
                let claims = c.self_signed();
                if !claims || chain.store || checks == 0 {
                    return claims;
                }
                checks -= 1;
                verify::verify(c, &c.key).unwrap_or(true)
            })
            .collect();
        chain.with_ends = all.iter().any(|c| !c.is_ca());
        let leaves: Vec<usize> =
            unique.iter().copied().filter(|i| get(*i).is_some_and(|c| is_leaf(c, chain.with_ends))).collect();
        chain.leaf_count = leaves.len();
        chain.leaf = leaves.first().copied().filter(|_| !chain.store);
        chain.unrelated = vec![false; all.len()];
        let mut by_subject: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for &i in &unique {
            if let Some(certificate) = get(i) {
                by_subject.entry(certificate.subject_key.as_str()).or_default().push(i);
            }
        }
        let mut issuers: Vec<Vec<Candidate>> = Vec::with_capacity(all.len());
        for (i, certificate) in all.iter().enumerate() {
            let none = chain.store || certificate.self_signed() || !chain.is_first(i);
            let named = by_subject.get(certificate.issuer_key.as_str()).filter(|_| !none);
            let mut candidates: Vec<Candidate> = Vec::new();
            for &j in named.into_iter().flatten().filter(|j| **j != i).take(MOST_CANDIDATES) {
                let Some(issuer) = get(j) else { continue };
                let signed = if checks == 0 { None } else { verify::verify(certificate, &issuer.key) };
                checks = checks.saturating_sub(1);
                candidates.push(Candidate { index: j, signed });
            }
            // The key that made the signature comes first, then the one that is asked for, then what lasts longest.
            candidates.sort_by_key(|c| {
                let rest = get(c.index).map_or((true, 0), |issuer| {
                    (key_ids_differ(certificate, issuer), issuer.not_after.saturating_neg())
                });
                (c.signed == Some(false), rest)
            });
            issuers.push(candidates);
        }
        let first_issuer = |i: usize| issuers.get(i).and_then(|c| c.first()).map(|c| c.index);
        if let Some(leaf) = chain.leaf {
            let mut next = Some(leaf);
            while let Some(i) = next.filter(|i| !chain.path.contains(i) && chain.path.len() < 32) {
                chain.path.push(i);
                next = first_issuer(i);
            }
        }
        if !chain.store {
            chain.links(all, &unique, &issuers);
            if let (Some(leaf), 1) = (chain.leaf, chain.leaf_count) {
                chain.order(&unique, &issuers);
                chain.strangers(&unique, leaf, &issuers);
            }
        }
        chain
    }

    fn is_first(&self, i: usize) -> bool {
        self.duplicate_of.get(i).is_some_and(Option::is_none)
    }

    fn links(&mut self, all: &[Certificate], unique: &[usize], issuers: &[Vec<Candidate>]) {
        let leaf = self.leaf.and_then(|i| all.get(i));
        // Of two certificates of one key, one may be from an authority that is not here.
        let twin = |i: usize| {
            let Some(of) = all.get(i) else { return false };
            let same = |c: &Certificate| c.subject_key == of.subject_key && c.key.info == of.key.info;
            unique.iter().any(|j| *j != i && all.get(*j).is_some_and(same))
        };
        for &i in unique {
            let candidates = issuers.get(i).map(Vec::as_slice).unwrap_or_default();
            let (Some(&Candidate { index: j, signed }), Some(certificate)) = (candidates.first(), all.get(i))
            else {
                continue;
            };
            let Some(issuer) = all.get(j) else { continue };
            if self.links.len() >= MOST_LINKS {
                return;
            }
            let counts = |k: &usize| all.get(*k).is_some_and(|c| c.is_ca() && !c.self_issued());
            let cas_below = match self.path.iter().position(|k| *k == j) {
                Some(at) => self.path.iter().take(at).skip(1).filter(|k| counts(k)).count(),
                None => usize::from(counts(&i)),
            };
            let on_path = self.path.contains(&j);
            let missing_usage = ["serverAuth", "clientAuth"].into_iter().find(|usage| {
                let serves = |l: &&Certificate| match &l.extended_key_usage {
                    Some(_) => l.lists(usage),
                    None => *usage == "serverAuth" && role(l, true) == "server",
                };
                leaf.filter(|_| on_path).is_some_and(|l| serves(&l)) && !issuer.may(usage)
            });
            self.links.push(Link {
                certificate: i,
                issuer: j,
                signature_ok: signed.filter(|ok| *ok || !twin(i)),
                key_id_mismatch: key_ids_differ(certificate, issuer),
                cas_below,
                path_length_exceeded: issuer.path_length.is_some_and(|most| cas_below > most as usize),
                forbidden_name: constraints::forbidden(issuer, certificate),
                missing_usage,
                ambiguous: candidates.len() > 1,
            });
        }
        // Constraints hold for everything below, not only for the next.
        for (at, &j) in self.path.clone().iter().enumerate().skip(2) {
            for &i in self.path.clone().iter().take(at - 1) {
                let (Some(certificate), Some(issuer)) = (all.get(i), all.get(j)) else { continue };
                if let Some(name) = constraints::forbidden(issuer, certificate) {
                    self.links.push(Link {
                        certificate: i,
                        issuer: j,
                        signature_ok: None,
                        key_id_mismatch: false,
                        cas_below: 0,
                        path_length_exceeded: false,
                        forbidden_name: Some(name),
                        missing_usage: None,
                        ambiguous: false,
                    });
                }
            }
        }
    }

    /// The first certificate that is followed by one that did not issue it, though an issuer is there.
    fn order(&mut self, unique: &[usize], issuers: &[Vec<Candidate>]) {
        let mut rest = unique.iter();
        let Some(mut current) = rest.next().copied() else { return };
        if self.leaf != Some(current) {
            self.misplaced = Some(current);
            return;
        }
        for &next in rest {
            let candidates = issuers.get(current).map(Vec::as_slice).unwrap_or_default();
            if candidates.is_empty() {
                return;
            }
            if !candidates.iter().any(|c| c.index == next) {
                self.misplaced = Some(current);
                return;
            }
            current = next;
        }
    }

    /// Certificates that lie on no way up from the leaf.
    fn strangers(&mut self, unique: &[usize], leaf: usize, issuers: &[Vec<Candidate>]) {
        let mut related = vec![leaf];
        let mut at = 0;
        while let Some(&i) = related.get(at) {
            for j in issuers.get(i).into_iter().flatten().map(|c| c.index) {
                if !related.contains(&j) {
                    related.push(j);
                }
            }
            at += 1;
            if related.len() > 100 {
                return;
            }
        }
        for &i in unique {
            if let Some(slot) = self.unrelated.get_mut(i) {
                *slot = !related.contains(&i);
            }
        }
    }
}
