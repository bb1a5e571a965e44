//! Certificate and key of one Kubernetes secret, which stand in it as two files.

use std::collections::BTreeMap;

use crate::facts::kinds::container::embedded;
use crate::facts::kinds::tls::{certificate as cert, private_key};
use crate::facts::{FactId, Facts, Value};
use crate::source::{FileId, Span};

/// The names that secrets of the type `kubernetes.io/tls` give certificate and key.
const NAMES: [&str; 2] = ["tls.crt", "tls.key"];

/// Holds each key against the certificate that its secret shows.
pub(super) fn pair(facts: &mut Facts) {
    let mut secrets: BTreeMap<(FileId, String), [Option<Span>; 2]> = BTreeMap::new();
    for (_, fact) in facts.of(&embedded::KIND) {
        let place = NAMES.iter().position(|n| fact.text(embedded::path) == Some(n));
        let (Some(place), Some(carrier)) = (place, fact.text(embedded::carrier)) else { continue };
        let slots = secrets.entry((fact.span.file, carrier.to_owned())).or_default();
        if let Some(slot) = slots.get_mut(place) {
            *slot = Some(fact.span);
        }
    }
    let mut found: Vec<(FactId, FactId, Span, bool)> = Vec::new();
    for ((file, _), places) in secrets {
        let [Some(certificate), Some(key)] = places else { continue };
        let within = |kind, place: Span| {
            facts.in_file(file).find(move |(_, f)| f.kind == kind && place.contains(f.span))
        };
        let (Some((leaf, shown)), Some((id, secret))) =
            (within(&cert::KIND, certificate), within(&private_key::KIND, key))
        else {
            continue;
        };
        if let Some((public, own)) = shown.text(cert::public_key).zip(secret.text(private_key::public_key)) {
            found.push((id, leaf, shown.span, public == own));
        }
    }
    for (key, leaf, at, matches) in found {
        facts.get_mut(key).write(private_key::leaf, Value::Record(leaf), at);
        facts.get_mut(key).derive(private_key::matches_leaf, Value::Bool(matches));
        if matches {
            facts.get_mut(key).write(private_key::certificate, Value::Record(leaf), at);
        }
    }
}
