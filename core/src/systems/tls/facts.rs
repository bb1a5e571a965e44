//! From certificates, chains and keys to facts.

use super::certificate::Certificate;
use super::chain::{self, Chain, Link};
use super::der::{KeyFace, print};
use super::{constraints, names, oids};
use crate::facts::kinds::tls::{
    certificate as cert, certificate_fault as fault, chain as whole, link as pair, private_key as secret,
};
use crate::facts::{Fact, FactId, Said, Value};
use crate::source::Span;
use crate::systems::Reading;

const DAY: i64 = 86_400;
const MILLISECONDS: i64 = 1_000;

/// RSA keys of one file that factoring is tried on, since it takes a few milliseconds each.
const MOST_FACTORED: usize = 16;

/// A certificate and where it stands.
pub(super) struct Placed {
    pub(super) certificate: Certificate,
    pub(super) span: Span,
    /// Bytes behind the certificate in its block.
    pub(super) trailing: usize,
}

/// A private key and where it stands.
pub(super) struct PlacedKey {
    pub(super) face: KeyFace,
    pub(super) format: &'static str,
    pub(super) encrypted: bool,
    pub(super) span: Span,
}

fn texts<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::List(items.into_iter().map(|t| Said::derived(Value::text(t), None)).collect())
}

/// What findings call a certificate.
pub(super) fn name_of(certificate: &Certificate) -> String {
    let common = certificate.common_name.clone().filter(|c| !c.is_empty());
    let first = || certificate.names().into_iter().find(|n| !n.is_empty());
    let name = common.or_else(first).unwrap_or_else(|| certificate.subject.clone());
    // Enough to recognise it by.
    const MOST: usize = 80;
    let short: String = name.chars().filter(|c| !c.is_control()).take(MOST).collect();
    if short.is_empty() { "(no name)".into() } else { short }
}

/// The longest lifetime of a public server certificate by its date of issue: CA/Browser Forum Baseline Requirements
/// section 6.3.2. Before the first date there were longer ones, by rules that nobody is held to any more.
pub(super) fn lifetime_limit(not_before: i64) -> Option<i64> {
    /// First second of each period in seconds since 1970, and days: 2020-09-01, 2026-03-15, 2027-03-15, 2029-03-15.
    const SCHEDULE: [(i64, i64); 4] =
        [(1_598_918_400, 398), (1_773_532_800, 200), (1_805_068_800, 100), (1_868_227_200, 47)];
    SCHEDULE.iter().rev().find(|(from, _)| not_before >= *from).map(|(_, days)| days * DAY)
}

/// The public half of a certificate's key, to compare with a private key's.
pub(super) fn public_print(certificate: &Certificate) -> String {
    let key = &certificate.key;
    if key.modulus.is_empty() { print(&key.public) } else { print(&key.modulus) }
}

/// Adds all that the certificates and keys of one text say; gives the certificates' facts in their order.
pub(super) fn add(all: Vec<Placed>, keys: Vec<PlacedKey>, sent: bool, out: &mut Reading) -> Vec<FactId> {
    let plain: Vec<Certificate> = all.iter().map(|p| p.certificate.clone()).collect();
    let chain = Chain::of(&plain);
    let mut ids = Vec::new();
    for (i, placed) in all.iter().enumerate() {
        let mut fact = certificate(&placed.certificate, placed.span);
        fact.derive(cert::role, Value::text(chain::role(&placed.certificate, chain.with_ends)));
        fact.derive(cert::position, Value::Int(i as i64));
        fact.derive(cert::in_store, Value::Bool(chain.store));
        let flag = |list: &[bool]| Value::Bool(list.get(i).copied().unwrap_or_default());
        fact.derive(cert::self_signed, flag(&chain.self_signed));
        fact.derive(cert::unrelated, flag(&chain.unrelated));
        let duplicate = chain.duplicate_of.get(i).is_some_and(Option::is_some);
        fact.derive(cert::duplicate, Value::Bool(duplicate));
        let modulus = &placed.certificate.key.modulus;
        if !chain.store && i < MOST_FACTORED && !modulus.is_empty() {
            fact.derive(cert::rsa_factored, Value::Bool(super::fermat::splits(modulus)));
        }
        let id = out.facts.add(fact);
        ids.push(id);
        if !duplicate {
            faults(placed, id, chain.store, out);
        }
    }
    let prints: Vec<String> = plain.iter().map(public_print).collect();
    for key in keys {
        private_key(&key, &prints, &ids, &chain, &all, out);
    }
    let span = |i: usize| all.get(i).map(|p| p.span);
    for link in &chain.links {
        if let (Some(&certificate), Some(&issuer), Some(at), Some(above)) =
            (ids.get(link.certificate), ids.get(link.issuer), span(link.certificate), span(link.issuer))
        {
            let of_leaf = chain.leaf == Some(link.certificate);
            out.facts.add(link_fact(link, (certificate, at), (issuer, above), of_leaf));
        }
    }
    if let Some(first) = all.first() {
        let at = chain.leaf.and_then(span).unwrap_or(first.span);
        chain_fact(&chain, &plain, &ids, &span, at, sent, out);
    }
    ids
}

fn certificate(it: &Certificate, span: Span) -> Fact {
    let mut fact = Fact::new(&cert::KIND, span);
    let text = |t: &str| Value::text(t.chars().filter(|c| !c.is_control()).collect::<String>());
    fact.derive(cert::subject, text(&it.subject));
    fact.derive(cert::issuer, text(&it.issuer));
    if let Some(common) = &it.common_name {
        fact.derive(cert::common_name, text(common));
        let is_host = names::looks_like_host(common);
        fact.derive(cert::common_name_is_host, Value::Bool(is_host));
        let named = it.names().iter().any(|n| n.eq_ignore_ascii_case(common))
            || names::ip(common).is_some_and(|ip| it.ips.contains(&ip));
        fact.derive(cert::common_name_not_in_san, Value::Bool(is_host && it.has_san && !named));
    }
    if let Some(organization) = &it.issuer_organization {
        fact.derive(cert::issuer_organization, text(organization));
    }
    fact.derive(cert::name, text(&name_of(it)));
    fact.derive(cert::names, texts(it.names()));
    fact.derive(cert::dns_names, texts(&it.dns));
    fact.derive(cert::addresses, texts(it.ips.iter().map(ToString::to_string)));
    fact.derive(cert::has_san, Value::Bool(it.has_san));
    let loopback = |n: &String| n.eq_ignore_ascii_case("localhost") || n.ends_with(".localhost");
    let some = !it.dns.is_empty() || !it.ips.is_empty();
    let only = some && it.dns.iter().all(loopback) && it.ips.iter().all(std::net::IpAddr::is_loopback);
    fact.derive(cert::loopback_only, Value::Bool(only));
    let public =
        it.dns.iter().any(|n| names::is_public(n)) || it.ips.iter().any(|i| !names::is_private_address(i));
    fact.derive(cert::public_name, Value::Bool(public));
    let internal = it.dns.iter().find(|n| names::oddity(n).is_none() && !names::is_public(n)).cloned();
    let internal =
        internal.or_else(|| it.ips.iter().find(|i| names::is_private_address(i)).map(ToString::to_string));
    if let Some(internal) = internal {
        fact.derive(cert::internal_name, text(&internal));
    }
    dates(it, &mut fact);
    numbers(it, &mut fact);
    usages(it, &mut fact);
    fact.derive(cert::publicly_issued, Value::Bool(it.publicly_issued));
    fact.derive(cert::precertificate, Value::Bool(it.precertificate));
    fact.derive(cert::has_revocation, Value::Bool(it.has_revocation));
    fact.derive(cert::self_issued, Value::Bool(it.self_issued()));
    fact.derive(cert::fingerprint, Value::text(&it.fingerprint));
    fact.derive(cert::public_key, Value::text(public_print(it)));
    fact
}

fn dates(it: &Certificate, fact: &mut Fact) {
    /// 9999-12-31, the year of RFC 5280's time without end.
    const ENDLESS: i64 = 253_370_764_800;
    /// A third of the lifetime, and no more than 30 days: Let's Encrypt's advice for certificates of every length.
    const MOST_MARGIN: i64 = 30 * DAY;
    fact.derive(cert::not_before, Value::Time(it.not_before));
    fact.derive(cert::not_after, Value::Time(it.not_after));
    fact.derive(cert::endless, Value::Bool(it.not_after >= ENDLESS));
    let lifetime = it.not_after.saturating_sub(it.not_before).saturating_add(1);
    fact.derive(cert::lifetime, Value::Duration(lifetime.saturating_mul(MILLISECONDS)));
    let margin = (lifetime / 3).clamp(0, MOST_MARGIN);
    fact.derive(cert::renewal_margin, Value::Duration(margin * MILLISECONDS));
    if let Some(limit) = lifetime_limit(it.not_before) {
        fact.derive(cert::lifetime_limit, Value::Duration(limit * MILLISECONDS));
    }
}

fn numbers(it: &Certificate, fact: &mut Fact) {
    let negative = it.serial.first().is_some_and(|b| b & 0x80 != 0);
    let zero = it.serial.iter().all(|b| *b == 0);
    let digits = oids::hex(oids::unpadded(&it.serial));
    let digits = if zero { "0".to_owned() } else { digits };
    fact.derive(cert::serial, Value::text(format!("{}{digits}", if negative { "-" } else { "" })));
    fact.derive(cert::serial_length, Value::Int(it.serial.len() as i64));
    fact.derive(
        cert::serial_sign,
        Value::Int(if zero {
            0
        } else if negative {
            -1
        } else {
            1
        }),
    );
    fact.derive(cert::version, Value::Int(i64::from(it.version)));
    fact.derive(cert::signature_algorithm, Value::text(&it.signature.name));
    fact.derive(cert::signature_hash, Value::text(&it.signature.hash));
    fact.derive(cert::key_type, Value::text(&it.key.kind));
    if let Some(bits) = it.key.bits {
        fact.derive(cert::key_bits, Value::Int(bits));
    }
    if let Some(exponent) = it.key.exponent {
        fact.derive(cert::rsa_exponent, Value::Int(exponent));
    }
    if let Some(curve) = &it.key.curve {
        fact.derive(cert::curve, Value::text(curve));
    }
}

fn usages(it: &Certificate, fact: &mut Fact) {
    fact.derive(cert::is_ca, Value::Bool(it.is_ca()));
    fact.derive(cert::has_basic_constraints, Value::Bool(it.ca.is_some()));
    if let Some(length) = it.path_length {
        fact.derive(cert::path_length, Value::Int(i64::from(length)));
    }
    if let Some(usage) = &it.key_usage {
        fact.derive(cert::key_usage, texts(usage));
    }
    if let Some(usage) = &it.extended_key_usage {
        fact.derive(cert::extended_key_usage, texts(usage));
    }
    for (field, id) in
        [(cert::subject_key_id, &it.subject_key_id), (cert::authority_key_id, &it.authority_key_id)]
    {
        if let Some(id) = id {
            fact.derive(field, Value::text(oids::hex(id)));
        }
    }
    let constrained = !it.permitted.is_empty() || !it.excluded.is_empty();
    fact.derive(cert::has_name_constraints, Value::Bool(constrained));
}

fn faults(placed: &Placed, id: FactId, store: bool, out: &mut Reading) {
    /// Faults of one certificate that are told; the rest are of the same sort.
    const MOST: usize = 20;
    let it = &placed.certificate;
    let mut found: Vec<(&str, String)> = it.oddities.clone();
    if placed.trailing > 0 {
        found.push(("trailing_data", format!("{} bytes", placed.trailing)));
    }
    if !it.is_ca() && (!it.permitted.is_empty() || !it.excluded.is_empty()) {
        found.push(("constraints_in_leaf", String::new()));
    }
    found.extend(constraints::faults(it).into_iter().map(|f| ("constraint_form", f)));
    found.extend(it.dns.iter().filter_map(|n| names::oddity(n).map(|o| (o, n.clone()))));
    for (word, what) in found.into_iter().take(MOST) {
        let mut fact = Fact::new(&fault::KIND, placed.span);
        fact.derive(fault::certificate, Value::Record(id));
        fact.derive(fault::name, Value::text(name_of(it)));
        fact.derive(fault::fault, Value::text(word));
        fact.derive(fault::found, Value::text(what.escape_debug().to_string()));
        fact.derive(fault::is_ca, Value::Bool(it.is_ca()));
        fact.derive(fault::in_store, Value::Bool(store));
        out.facts.add(fact);
    }
}

fn private_key(
    key: &PlacedKey,
    prints: &[String],
    ids: &[FactId],
    chain: &Chain,
    all: &[Placed],
    out: &mut Reading,
) {
    let mut fact = Fact::new(&secret::KIND, key.span);
    fact.derive(secret::format, Value::text(key.format));
    fact.derive(secret::encrypted, Value::Bool(key.encrypted));
    if let Some(kind) = key.face.kind {
        fact.derive(secret::key_type, Value::text(kind));
    }
    if let Some(bits) = key.face.bits {
        fact.derive(secret::key_bits, Value::Int(bits));
    }
    let leaf = chain.leaf.or_else(|| (all.len() == 1).then_some(0));
    if let (Some(leaf), Some(place)) = (leaf.and_then(|l| ids.get(l)), leaf.and_then(|l| all.get(l))) {
        fact.write(secret::leaf, Value::Record(*leaf), place.span);
    }
    let mut mine = None;
    if let Some(public) = &key.face.public {
        fact.derive(secret::public_key, Value::text(public));
        mine = prints.iter().position(|p| p == public);
        if let Some(leaf) = leaf {
            fact.derive(secret::matches_leaf, Value::Bool(prints.get(leaf) == Some(public)));
        }
    }
    if let (Some(id), Some(place)) = (mine.and_then(|m| ids.get(m)), mine.and_then(|m| all.get(m))) {
        fact.write(secret::certificate, Value::Record(*id), place.span);
    }
    let id = out.facts.add(fact);
    if let Some(certificate) = mine.and_then(|m| ids.get(m)) {
        out.facts.get_mut(*certificate).write(cert::private_key, Value::Record(id), key.span);
    }
}

fn link_fact(link: &Link, below: (FactId, Span), above: (FactId, Span), of_leaf: bool) -> Fact {
    let mut fact = Fact::new(&pair::KIND, below.1);
    fact.write(pair::certificate, Value::Record(below.0), below.1);
    fact.write(pair::issuer, Value::Record(above.0), above.1);
    if let Some(ok) = link.signature_ok {
        fact.derive(pair::signature_ok, Value::Bool(ok));
    }
    fact.derive(pair::key_id_mismatch, Value::Bool(link.key_id_mismatch));
    fact.derive(pair::cas_below, Value::Int(link.cas_below as i64));
    fact.derive(pair::path_length_exceeded, Value::Bool(link.path_length_exceeded));
    if let Some(name) = &link.forbidden_name {
        fact.derive(pair::forbidden_name, Value::text(name));
    }
    if let Some(usage) = link.missing_usage {
        fact.derive(pair::missing_usage, Value::text(usage));
    }
    fact.derive(pair::of_leaf, Value::Bool(of_leaf));
    fact.derive(pair::ambiguous, Value::Bool(link.ambiguous));
    fact
}

fn chain_fact(
    chain: &Chain,
    plain: &[Certificate],
    ids: &[FactId],
    span: &dyn Fn(usize) -> Option<Span>,
    at: Span,
    sent: bool,
    out: &mut Reading,
) {
    let mut fact = Fact::new(&whole::KIND, at);
    let record = |fact: &mut Fact, field, i: Option<usize>| {
        if let (Some(id), Some(span)) = (i.and_then(|i| ids.get(i)), i.and_then(span)) {
            fact.write(field, Value::Record(*id), span);
        }
    };
    record(&mut fact, whole::leaf, chain.leaf);
    record(&mut fact, whole::misplaced, chain.misplaced);
    fact.derive(whole::length, Value::Int(plain.len() as i64));
    fact.derive(whole::leaf_count, Value::Int(chain.leaf_count as i64));
    fact.derive(whole::store, Value::Bool(chain.store));
    fact.derive(whole::sent, Value::Bool(sent));
    let path: Vec<&Certificate> = chain.path.iter().filter_map(|i| plain.get(*i)).collect();
    if let (Some(leaf), Some(last)) = (path.first(), path.last()) {
        fact.derive(whole::order_ok, Value::Bool(chain.misplaced.is_none()));
        fact.derive(whole::first_is_leaf, Value::Bool(chain.leaf == Some(0)));
        fact.derive(whole::path_length, Value::Int(path.len() as i64));
        let alone = path.len() == 1 && !leaf.self_issued();
        let public = leaf.publicly_issued && !leaf.precertificate;
        fact.derive(whole::missing_intermediate, Value::Bool(alone && public));
        let ends = last.self_issued();
        if !ends {
            fact.derive(whole::missing_issuer, Value::text(&last.issuer));
        }
        let root = (ends && last.is_ca()).then(|| chain.path.last().copied()).flatten();
        record(&mut fact, whole::root, root);
        let included = root.is_some() && path.len() > 1;
        fact.derive(whole::root_included, Value::Bool(included));
        let checked: Vec<Option<bool>> = chain
            .links
            .iter()
            .filter(|l| chain.path.contains(&l.certificate) && l.forbidden_name.is_none())
            .map(|l| l.signature_ok)
            .collect();
        if !checked.is_empty() && checked.iter().all(Option::is_some) {
            fact.derive(whole::signature_ok, Value::Bool(checked.iter().all(|c| *c == Some(true))));
        }
        let first = chain.path.iter().min_by_key(|i| plain.get(**i).map(|c| c.not_after)).copied();
        record(&mut fact, whole::first_to_expire, first);
        let earlier = path.iter().skip(1).any(|c| c.not_after < leaf.not_after);
        fact.derive(whole::intermediate_expires_before_leaf, Value::Bool(earlier));
    }
    out.facts.add(fact);
}
