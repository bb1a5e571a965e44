//! The certificates, keys and authorities that ends of TLS connections name, among the files that were read.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::facts::kinds::tls::{certificate as cert, key_pair, pem_block, private_key};
use crate::facts::kinds::tls_end::end;
use crate::facts::{Fact, FactId, Facts, Field, Said, Value};
use crate::link::names::texts;
use crate::link::{Link, Links};
use crate::source::{FileId, Sources};
use crate::systems::tls::names::{Verdict, verdict};

use super::files::{Files, Named};

/// A file of authorities with more certificates than this is a store, which trusts everybody's.
const MOST_AUTHORITIES: usize = 100;

/// What the files of certificates and keys hold.
#[derive(Default)]
struct Content {
    certificates: Vec<FactId>,
    keys: Vec<FactId>,
    request: bool,
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
    let mut pairs = Vec::new();
    let mut additions: Vec<(FactId, Field, Said)> = Vec::new();
    let mut relations = Vec::new();
    let files = Files::new(sources, &links.deployment, facts);
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
        if let Some((named, content)) = &certificate {
            match content.certificates.first() {
                Some(first) => {
                    say(end::certificate, at(Value::Record(*first), end::certificate_file));
                    names(fact, facts.get(*first), &mut say);
                    relations.push(("shows", id, *first, named.assumed.clone()));
                }
                None if !content.keys.is_empty() => {
                    say(end::certificate_file_holds, at(Value::text("private_key"), end::certificate_file));
                }
                None if content.request => {
                    say(end::certificate_file_holds, at(Value::text("request"), end::certificate_file));
                }
                None => {}
            }
        }
        if let Some((_, content)) = &key {
            match content.keys.first() {
                Some(first) => say(end::key, at(Value::Record(*first), end::key_file)),
                None if !content.certificates.is_empty() => {
                    say(end::key_file_holds, at(Value::text("certificate"), end::key_file));
                }
                None if content.request => {
                    say(end::key_file_holds, at(Value::text("request"), end::key_file));
                }
                None => {}
            }
        } else if fact.get(end::key_file).is_none()
            && let Some((_, content)) = &certificate
            && let [only] = content.keys[..]
        {
            say(end::key, at(Value::Record(only), end::certificate_file));
        }
        if let (Some((a, with_certificate)), Some((b, with_key))) = (&certificate, &key)
            && a.file != b.file
        {
            pairs.extend(pair(fact, with_certificate, with_key, facts));
        }
        let Some((named, content)) = find(end::ca_file) else { continue };
        if content.certificates.is_empty() || content.certificates.len() > MOST_AUTHORITIES {
            continue;
        }
        let authority = |c: &FactId| {
            let c = facts.get(*c);
            c.bool(cert::is_ca) == Some(true) || c.bool(cert::self_signed) == Some(true)
        };
        say(
            end::ca_file_without_authority,
            at(Value::Bool(!content.certificates.iter().any(authority)), end::ca_file),
        );
        for trusted in &content.certificates {
            relations.push(("trusts", id, *trusted, named.assumed.clone()));
        }
        // Links between servers of one kind: what one shows, the others check with the same authorities.
        if fact.text(end::side) == Some("peer")
            && let Some((_, own)) = &certificate
            && let Some(issuer) = unknown_issuer(&own.certificates, &content.certificates, facts)
        {
            say(end::own_issuer_untrusted, at(Value::text(issuer), end::ca_file));
        }
    }
    for (id, field, said) in additions {
        facts.get_mut(id).set(field, said);
    }
    for (relation, from, to, assumed) in relations {
        links.add(relation, Link { from, to, assumed });
    }
    for fact in pairs {
        facts.add(fact);
    }
}

/// The issuer that a chain ends at and that a file of authorities does not have.
pub(super) fn unknown_issuer(sent: &[FactId], trusted: &[FactId], facts: &Facts) -> Option<String> {
    let mut current = facts.get(*sent.first()?);
    let prints: Vec<&str> = trusted.iter().filter_map(|t| facts.get(*t).text(cert::fingerprint)).collect();
    for _ in 0..=sent.len() {
        let issuer = current.text(cert::issuer)?;
        let known = trusted.iter().any(|t| facts.get(*t).text(cert::subject) == Some(issuer));
        if known || current.text(cert::fingerprint).is_some_and(|f| prints.contains(&f)) {
            return None;
        }
        let next = sent.iter().map(|s| facts.get(*s)).find(|c| {
            c.text(cert::subject) == Some(issuer)
                && c.text(cert::fingerprint) != current.text(cert::fingerprint)
        });
        match next {
            Some(next) if current.bool(cert::self_issued) != Some(true) => current = next,
            _ => return Some(issuer.to_owned()),
        }
    }
    None
}

/// Holds the names that an end serves against its certificate.
fn names(fact: &Fact, shown: &Fact, say: &mut impl FnMut(Field, Said)) {
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
