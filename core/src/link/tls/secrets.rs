//! Certificates and keys of Kubernetes secrets, which stand in them as two files.

use std::collections::BTreeMap;

use crate::facts::kinds::container::embedded;
use crate::facts::kinds::tls::{certificate as cert, private_key};
use crate::facts::kinds::tls_end::end;
use crate::facts::{FactId, Facts, Said, Value};
use crate::link::{Link, Links};
use crate::source::{FileId, Span};

/// The names that secrets of the type `kubernetes.io/tls` give certificate and key.
const NAMES: [&str; 2] = ["tls.crt", "tls.key"];

/// Where certificate and key of a secret stand.
#[derive(Default)]
struct Secret {
    places: [Option<Span>; 2],
}

impl Secret {
    fn first(&self, at: usize, kind: &'static crate::facts::Kind, facts: &Facts) -> Option<FactId> {
        let place = (*self.places.get(at)?)?;
        let found = facts.in_file(place.file).find(|(_, f)| f.kind == kind && place.contains(f.span));
        found.map(|(id, _)| id)
    }
}

/// Holds each key against the certificate that its secret shows, and gives ends that name a secret its certificate.
pub(super) fn link(facts: &mut Facts, links: &mut Links) {
    let mut secrets: BTreeMap<(FileId, String), Secret> = BTreeMap::new();
    for (_, fact) in facts.of(&embedded::KIND) {
        let place = NAMES.iter().position(|n| fact.text(embedded::path) == Some(n));
        let (Some(place), Some(carrier)) = (place, fact.text(embedded::carrier)) else { continue };
        let secret = secrets.entry((fact.span.file, carrier.to_owned())).or_default();
        if let Some(slot) = secret.places.get_mut(place) {
            *slot = Some(fact.span);
        }
    }
    if secrets.is_empty() {
        return;
    }
    let mut by_name: BTreeMap<(u32, &str), Vec<FactId>> = BTreeMap::new();
    let mut pairs: Vec<(FactId, FactId, Span, bool)> = Vec::new();
    for ((file, carrier), secret) in &secrets {
        let Some(leaf) = secret.first(0, &cert::KIND, facts) else { continue };
        by_name.entry((links.number(*file), carrier)).or_default().push(leaf);
        let Some(id) = secret.first(1, &private_key::KIND, facts) else { continue };
        let (shown, key) = (facts.get(leaf), facts.get(id));
        if let Some((public, own)) = shown.text(cert::public_key).zip(key.text(private_key::public_key)) {
            pairs.push((id, leaf, shown.span, public == own));
        }
    }
    let mut shown: Vec<(FactId, FactId, Option<Span>)> = Vec::new();
    for (id, fact) in facts.of(&end::KIND) {
        let Some(name) = fact.text(end::secret) else { continue };
        // Secrets of one name in two namespaces could each be the one.
        if let Some([only]) = by_name.get(&(links.number(fact.span.file), name)).map(Vec::as_slice) {
            shown.push((id, *only, fact.get(end::secret).and_then(Said::span)));
        }
    }
    for (key, leaf, at, matches) in pairs {
        facts.get_mut(key).write(private_key::leaf, Value::Record(leaf), at);
        facts.get_mut(key).derive(private_key::matches_leaf, Value::Bool(matches));
        if matches {
            facts.get_mut(key).write(private_key::certificate, Value::Record(leaf), at);
        }
    }
    for (id, leaf, at) in shown {
        let mut said = vec![(end::certificate, Said::derived(Value::Record(leaf), at))];
        super::shown::names(facts.get(id), facts.get(leaf), &mut |field, value| said.push((field, value)));
        for (field, value) in said {
            facts.get_mut(id).set(field, value);
        }
        links.add("shows", Link { from: id, to: leaf, assumed: None });
    }
}
