//! The other ends of a join: from a client's address to the broker that it dials, from a listener to its clients.

use std::collections::BTreeSet;

use connlint_core::facts::{Fact, FactId};
use connlint_core::link::RELATIONS;
use connlint_core::source::{FileId, Span};
use serde_json::{Value, json};

use super::places::Encoding;
use super::workspace::{Judged, Workspace};

/// Which ends are wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Where relations lead to from here; without any, where they come from.
    Definition,
    /// Both.
    References,
}

pub(super) fn answer(
    workspace: &Workspace,
    encoding: Encoding,
    params: &Value,
    wanted: Wanted,
) -> Option<Value> {
    let judged = workspace.judged()?;
    let (file, source) = workspace.file(judged, params["textDocument"]["uri"].as_str()?)?;
    let at = encoding.offset(source, &params["position"])?;
    let places = places(judged, file, at, wanted);
    let shown = |span: &Span| {
        let range = encoding.range(judged.collected.sources.get(span.file), span.range());
        json!({"uri": workspace.uri(judged, span.file), "range": range})
    };
    Some(places.iter().map(shown).collect())
}

fn places(judged: &Judged, file: FileId, at: usize, wanted: Wanted) -> BTreeSet<Span> {
    // Several facts may speak of a place; the most exact one that is joined to anything counts.
    let mut here: Vec<(usize, FactId)> = judged
        .outcomes
        .facts
        .in_file(file)
        .filter_map(|(id, fact)| Some((covering(fact, file, at)?, id)))
        .collect();
    here.sort_unstable();
    let mut found = BTreeSet::new();
    let mut exact = None;
    for (length, id) in here {
        if !found.is_empty() && exact != Some(length) {
            break;
        }
        exact = Some(length);
        found.extend(
            ends(judged, id, wanted)
                .into_iter()
                .filter(|span| span.file != file || !span.range().contains(&at)),
        );
    }
    found
}

/// The length of the shortest part of a fact that holds a byte.
fn covering(fact: &Fact, file: FileId, at: usize) -> Option<usize> {
    let settings = fact.settings().filter_map(|(_, said)| said.span());
    let fields = (0..fact.kind.fields.len()).filter_map(|i| fact.by_index(i)?.span());
    let all = std::iter::once(fact.span).chain(fields).chain(settings);
    all.filter(|s| s.file == file && s.start as usize <= at && at <= s.end as usize)
        .map(|s| s.range().len())
        .min()
}

fn ends(judged: &Judged, id: FactId, wanted: Wanted) -> Vec<Span> {
    let names: BTreeSet<&'static str> = RELATIONS.iter().map(|r| r.name).collect();
    let links = &judged.outcomes.links;
    let place = |id: FactId| judged.outcomes.facts.get(id).span;
    let ahead: Vec<Span> = names.iter().flat_map(|n| links.from(n, id)).map(|l| place(l.to)).collect();
    if wanted == Wanted::Definition && !ahead.is_empty() {
        return ahead;
    }
    ahead.into_iter().chain(names.iter().flat_map(|n| links.to(n, id)).map(|l| place(l.from))).collect()
}
