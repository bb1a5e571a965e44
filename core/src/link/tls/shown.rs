//! The certificates, keys and authorities that ends of TLS connections name, among the files that were read.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::facts::kinds::tls::{certificate as cert, key_pair, pem_block, private_key};
use crate::facts::kinds::tls_end::{end, named_file};
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};
use crate::link::names::texts;
use crate::link::{Link, Links};
use crate::source::{FileId, Sources};
use crate::systems::tls::names::{Verdict, verdict};

use super::files::{Files, Named};

/// A file of authorities with more certificates than this is a store, which trusts everybody's.
pub(super) const MOST_AUTHORITIES: usize = 100;

/// What the files of certificates and keys hold.
#[derive(Default)]
struct Content {
    certificates: Vec<FactId>,
    keys: Vec<FactId>,
    request: bool,
}

impl Content {
    /// What a file holds that should hold something else: `other` or a request.
    fn instead(&self, other: &'static str) -> Option<&'static str> {
        let has = if other == "certificate" { &self.certificates } else { &self.keys };
        (!has.is_empty()).then_some(other).or(self.request.then_some("request"))
    }
}

/// Pairs ends with what their settings name.
pub(super) fn link(sources: &Sources, facts: &mut Facts, links: &mut Links) {
    let mut contents: BTreeMap<FileId, Content> = BTreeMap::new();
    for (id, fact) in facts.iter() {
        let file = fact.span.file;
        if fact.kind == &cert::KIND {
            contents.entry(file).or_default().certificates.push(id);
        } else if fact.kind == &private_key::KIND {
            contents.entry(file).or_default().keys.push(id);
        } else if fact.kind == &pem_block::KIND && fact.text(pem_block::content) == Some("request") {
            contents.entry(file).or_default().request = true;
        }
    }
    if contents.is_empty() {
        return;
    }
    let mut additions: Vec<(FactId, Field, Said)> = Vec::new();
    let mut relations = Vec::new();
    let mut named_files: Vec<(FactId, Fact, Option<String>)> = Vec::new();
    let files = Files::new(sources, links, facts);
    for (id, fact) in facts.of(&end::KIND) {
        let find = |field| -> Option<(Named, &Content)> {
            let named = files.named(fact.span.file, fact.get(field)?)?;
            let content = contents.get(&named.file)?;
            Some((named, content))
        };
        let certificate = find(end::certificate_file);
        let key = find(end::key_file);
        let mut say = |field, said: Said| additions.push((id, field, said));
        let at = |value: Value, of: Field| Said::derived(value, fact.get(of).and_then(Said::span));
        let file = |role: &str, of: Field| {
            let place = fact.get(of).and_then(Said::span).unwrap_or(fact.span);
            let mut file = Fact::new(&named_file::KIND, place);
            file.derive(named_file::role, Value::text(role));
            file
        };
        if let Some((named, content)) = &certificate {
            let mut file = file("certificate", end::certificate_file);
            if let Some(first) = content.certificates.first() {
                say(end::certificate, at(Value::Record(*first), end::certificate_file));
                names(fact, facts.get(*first), &mut say);
                relations.push(("shows", id, *first, named.assumed.clone()));
            } else if let Some(holds) = content.instead("private_key") {
                file.derive(named_file::holds, Value::text(holds));
            }
            if let ([only], None) = (&content.keys[..], fact.get(end::key_file)) {
                file.derive(named_file::key, Value::Record(*only));
            }
            named_files.push((id, file, named.assumed.clone()));
        }
        if let Some((named, content)) = &key {
            let mut file = file("key", end::key_file);
            if let Some(first) = content.keys.first() {
                say(end::key, at(Value::Record(*first), end::key_file));
                file.derive(named_file::key, Value::Record(*first));
            } else if let Some(holds) = content.instead("certificate") {
                file.derive(named_file::holds, Value::text(holds));
            }
            named_files.push((id, file, named.assumed.clone()));
        } else if fact.get(end::key_file).is_none()
            && let Some((_, content)) = &certificate
            && let [only] = content.keys[..]
        {
            say(end::key, at(Value::Record(only), end::certificate_file));
        }
        if let (Some((a, with_certificate)), Some((b, with_key))) = (&certificate, &key)
            && a.file != b.file
            && let Some(pair) = pair(fact, with_certificate, with_key, facts)
        {
            named_files.push((id, pair, a.assumed.clone().or_else(|| b.assumed.clone())));
        }
        let Some((named, content)) = find(end::ca_file) else { continue };
        if content.certificates.is_empty() || content.certificates.len() > MOST_AUTHORITIES {
            continue;
        }
        let authority = |c: &FactId| {
            let c = facts.get(*c);
            c.bool(cert::is_ca) == Some(true) || c.bool(cert::self_signed) == Some(true)
        };
        let mut authorities = file("authorities", end::ca_file);
        let none = !content.certificates.iter().any(authority);
        authorities.derive(named_file::without_authority, Value::Bool(none));
        for trusted in &content.certificates {
            relations.push(("trusts", id, *trusted, named.assumed.clone()));
        }
        let mut assumed = named.assumed.clone();
        // Links between servers of one kind: what one shows, the others check with the same authorities.
        if fact.text(end::side) == Some("peer")
            && let Some((own_named, own)) = &certificate
            && let Some(issuer) = unknown_issuer(&own.certificates, &content.certificates, facts)
        {
            authorities.derive(named_file::own_issuer_missing, Value::text(issuer));
            assumed = assumed.or_else(|| own_named.assumed.clone());
        }
        named_files.push((id, authorities, assumed));
    }
    for (id, field, said) in additions {
        facts.get_mut(id).set(field, said);
    }
    for (relation, from, to, assumed) in relations {
        links.add(relation, Link { from, to, assumed });
    }
    for (from, fact, assumed) in named_files {
        let to = facts.add(fact);
        links.add("names_file", Link { from, to, assumed });
    }
}

/// The issuer that a chain ends at and that a file of authorities does not have, or has with another key only.
pub(super) fn unknown_issuer(sent: &[FactId], trusted: &[FactId], facts: &Facts) -> Option<String> {
    let mut current = facts.get(*sent.first()?);
    let anchors = || trusted.iter().map(|t| facts.get(*t));
    for _ in 0..=sent.len() {
        let issuer = current.text(cert::issuer)?;
        let print = current.text(cert::fingerprint);
        let own = anchors().any(|a| print.is_some() && a.text(cert::fingerprint) == print);
        if own || anchors().any(|a| issued(a, current)) {
            return None;
        }
        let next = sent
            .iter()
            .map(|s| facts.get(*s))
            .find(|c| issued(c, current) && c.text(cert::fingerprint) != current.text(cert::fingerprint));
        match next {
            Some(next) if current.bool(cert::self_issued) != Some(true) => current = next,
            _ if anchors().any(|a| a.text(cert::subject) == Some(issuer)) => {
                return Some(format!("{issuer} (only another key of that name)"));
            }
            _ => return Some(issuer.to_owned()),
        }
    }
    None
}

/// True if an authority has the name, and as far as both say so the key, that a certificate was issued with.
pub(super) fn issued(authority: &Fact, certificate: &Fact) -> bool {
    let keys = authority.text(cert::subject_key_id).zip(certificate.text(cert::authority_key_id));
    authority.text(cert::subject).is_some()
        && authority.text(cert::subject) == certificate.text(cert::issuer)
        && keys.is_none_or(|(a, b)| a == b)
}

/// Holds the names that an end serves against its certificate.
pub(super) fn names(fact: &Fact, shown: &Fact, say: &mut impl FnMut(Field, Said)) {
    let dns = texts(shown, cert::dns_names);
    let addresses: Vec<IpAddr> =
        texts(shown, cert::addresses).iter().filter_map(|a| a.parse().ok()).collect();
    if let Some(names) = shown.get(cert::names) {
        say(end::certificate_names, names.clone());
    }
    let Some(Said { value: Value::List(served), .. }) = fact.get(end::names) else { return };
    let unserved = served.iter().find(|name| {
        let host = name.value.to_string();
        matches!(verdict(&dns, &addresses, shown.text(cert::common_name), &host), Verdict::Mismatch(_))
    });
    if let Some(name) = unserved {
        say(end::unserved_name, name.clone());
    }
}

/// Certificate and key of two files, held against each other.
fn pair(of: &Fact, certificate: &Content, key: &Content, facts: &Facts) -> Option<Fact> {
    let shown = *certificate.certificates.first()?;
    let [secret] = key.keys[..] else { return None };
    let public = facts.get(shown).text(cert::public_key)?;
    let own = facts.get(secret).text(private_key::public_key)?;
    let at = of.get(end::key_file)?;
    let mut pair = Fact::new(&key_pair::KIND, at.span().unwrap_or(of.span));
    pair.derive(key_pair::certificate, Value::Record(shown));
    pair.derive(key_pair::key, Value::Record(secret));
    pair.derive(key_pair::certificate_file, of.get(end::certificate_file)?.value.clone());
    pair.derive(key_pair::key_file, at.value.clone());
    pair.derive(key_pair::matches, Value::Bool(public == own));
    Some(pair)
}
