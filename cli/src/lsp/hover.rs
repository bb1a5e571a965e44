//! What a setting means: the vocabulary of the facts, and the tables of keys that programs know.

use connlint_core::facts::{Fact, Origin, Said};
use connlint_core::findings::Finding;
use connlint_core::render::rule_url;
use serde_json::{Value, json};

use super::places::Encoding;
use super::workspace::Workspace;

pub(super) fn answer(workspace: &Workspace, encoding: Encoding, params: &Value) -> Option<Value> {
    let judged = workspace.judged()?;
    let (file, source) = workspace.file(judged, params["textDocument"]["uri"].as_str()?)?;
    let at = encoding.offset(source, &params["position"])?;
    // The shortest place is the most exact one; several facts may speak of it.
    let mut best: Option<(std::ops::Range<usize>, Vec<String>)> = None;
    for (_, fact) in judged.outcomes.facts.in_file(file) {
        for (said, text) in described(fact) {
            let Some(span) = said.span().filter(|s| s.file == file && s.range().contains(&at)) else {
                continue;
            };
            match &mut best {
                Some((range, texts)) if *range == span.range() => texts.push(text),
                Some((range, _)) if range.len() <= span.range().len() => {}
                _ => best = Some((span.range(), vec![text])),
            }
        }
    }
    let findings = judged.outcomes.report.findings.iter();
    let here: Vec<String> =
        findings.filter(|f| f.span.file == file && f.span.range().contains(&at)).map(finding).collect();
    let range = best.as_ref().map(|(range, _)| encoding.range(source, range.clone()));
    let parts: Vec<String> = best.map(|(_, texts)| texts).into_iter().flatten().chain(here).collect();
    if parts.is_empty() {
        return None;
    }
    let mut hover = json!({"contents": {"kind": "markdown", "value": parts.join("\n\n---\n\n")}});
    if let Some(range) = range {
        hover["range"] = range;
    }
    Some(hover)
}

/// The values of a fact, each with what it means.
fn described(fact: &Fact) -> Vec<(&Said, String)> {
    let fields = fact.kind.fields.iter().enumerate().filter_map(|(i, field)| {
        let said = fact.by_index(i)?;
        Some((said, text(field.name, fact.kind.name, fact.kind.field_doc(i).trim(), said)))
    });
    let keys = fact.settings().map(|(key, said)| {
        let program = fact.kind.keys.map_or("", |table| table.program);
        let mut doc = format!("A setting of {program}");
        if !key.form.is_empty() {
            doc.push_str(&format!(", written as `{}`", key.form));
        }
        if !key.series.is_empty() && key.series != "all" {
            doc.push_str(&format!("; known to {}", key.series));
        }
        if !key.alias_of.is_empty() {
            doc.push_str(&format!("; another spelling of `{}`", key.alias_of));
        }
        doc.push('.');
        (said, text(key.name, fact.kind.name, &doc, said))
    });
    fields.chain(keys).collect()
}

fn text(name: &str, kind: &str, doc: &str, said: &Said) -> String {
    let from = match &said.origin {
        Origin::Default(whose) => format!(" (the default of {whose})"),
        _ => String::new(),
    };
    // A value may hold back quotes; a longer run of them encloses it.
    format!("**{name}** · `{kind}`\n\n{doc}\n\nUnderstood as ``` {} ```{from}", said.shown())
}

fn finding(finding: &Finding) -> String {
    format!(
        "**{}** · [{}]({})\n\n{}\n\n{}",
        finding.severity,
        finding.rule,
        rule_url(&finding.rule),
        finding.why.trim(),
        finding.help.trim(),
    )
}
