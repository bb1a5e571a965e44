//! The page of one rule, in the order in which the playground shows it.

use std::fmt::Write as _;

use connlint_core::rules::document::FixDocument;
use connlint_core::rules::{Example, Rule, RuleDocument, load};

use super::markup::{escape, marked, sentence};
use super::{document, file, group};
use crate::rule_files::word;

/// So many examples of a sort are shown; more of them are tests rather than reading.
const MOST_EXAMPLES: usize = 2;

pub(super) fn page(rule: &Rule, rules: &[&Rule]) -> String {
    let Some(content) = rule.document() else { return String::new() };
    // A group may have parts of its own.
    let up = "../".repeat(rule.id().matches('/').count());
    let (severity, id) = (word(&content.severity), escape(rule.id()));
    let mut body = format!(
        "<header>\n<p><a href=\"{up}index.html\">Rules</a> / <a href=\"{up}index.html#{0}\">{0}</a></p>\n</header>\n\
         <main class=\"rule\">\n<h1>{1}</h1>\n<p class=\"name\">{id}</p>\n\
         <p class=\"name {severity}\"><span class=\"word\">{severity}</span> · {2} · Since {3}</p>\n",
        escape(group(rule.id())),
        sentence(rule.title()),
        word(&content.category),
        escape(&content.since),
    );
    let mut part = |heading: &str, html: &str| {
        // Writing to a string cannot fail.
        let _ = write!(body, "<h2>{heading}</h2>\n{html}\n");
    };
    part("Says", &format!("<p>{}</p>", sentence(&content.message)));
    part("Why", &format!("<p>{}</p>", sentence(&content.why)));
    part("What to do", &format!("<p>{}</p>{}", sentence(&content.help), fix(content.fix.as_ref())));
    if let Some(examples) = rule.examples() {
        let shown = |list: &[Example], bad: bool| -> String {
            list.iter().take(MOST_EXAMPLES).map(|e| example(rule.id(), content, e, bad)).collect()
        };
        part("Finds", &shown(&examples.bad, true));
        part("Accepts", &shown(&examples.good, false));
    }
    part("Looks at", &condition(content));
    let sources: String = content.sources.iter().map(|s| format!("<li>{}</li>\n", source(s))).collect();
    part("Sources", &format!("<ul>\n{sources}</ul>"));
    if let Some(proof) = &content.proof {
        let address = format!("{}/blob/main/tests/lab/proofs/{proof}.yaml", env!("CARGO_PKG_REPOSITORY"));
        part("Proof", &format!("<p>Shown true against the real programs: {}</p>", link(&address, proof)));
    }
    part(
        "Allow it",
        &format!(
            "<p>In the file's own comment syntax, with a reason:</p>\n<pre tabindex=\"0\"># connlint: allow {id} -- why it may stay</pre>"
        ),
    );
    let at = rules.iter().position(|r| r.id() == rule.id()).unwrap_or_default();
    let beside = |at: Option<usize>, sign: &str| {
        at.and_then(|at| rules.get(at)).map_or_else(String::new, |other| {
            format!(
                "<a rel=\"{sign}\" href=\"{up}{}\">{}</a>\n",
                escape(&file(other.id())),
                escape(other.id())
            )
        })
    };
    let _ = write!(
        body,
        "</main>\n<footer>\n{}{}</footer>\n",
        beside(at.checked_sub(1), "prev"),
        beside(Some(at + 1), "next")
    );
    document(&format!("{} · connlint", rule.title()), &up, &body)
}

fn fix(fix: Option<&FixDocument>) -> String {
    fix.map_or_else(String::new, |fix| {
        let option = if word(&fix.safety) == "safe" { "--fix" } else { "--fix --unsafe-fixes" };
        format!("\n<p><code>{option}</code> can do it: {}.</p>", sentence(&fix.title))
    })
}

/// An example as the rule sees it: with the places marked that a finding names, and what it says of them.
fn example(id: &str, document: &RuleDocument, example: &Example, bad: bool) -> String {
    let ran = load::run_example(id, document, example).ok();
    let finding = ran.as_ref().and_then(|(_, outcomes)| outcomes.report.findings.first()).filter(|_| bad);
    let mut out = String::from("<div class=\"example\">\n");
    for (number, (name, text)) in example.files.iter().enumerate() {
        let mut places = Vec::new();
        if let Some(found) = finding {
            let here = std::iter::once((found.span, "here", found.label.as_str()));
            let others = found.related.iter().map(|l| (l.span, "other", l.message.as_str()));
            let of_file = here.chain(others).filter(|(span, ..)| span.file.0 as usize == number);
            places.extend(of_file.map(|(span, class, words)| (span.range(), class, words)));
        }
        let _ = writeln!(
            out,
            "<figure><figcaption>{}</figcaption><pre tabindex=\"0\">{}</pre></figure>",
            escape(name),
            marked(text.trim_end_matches('\n'), places)
        );
    }
    if let Some(settings) = &example.settings {
        let _ = writeln!(
            out,
            "<figure><figcaption>connlint.toml</figcaption><pre tabindex=\"0\">{}</pre></figure>",
            escape(settings.trim_end())
        );
    }
    if let Some(found) = finding {
        let severity = word(&found.severity);
        let _ = writeln!(
            out,
            "<p class=\"{severity}\"><span class=\"word\">{severity}</span> {}</p>",
            sentence(&found.message)
        );
    }
    out.push_str("</div>\n");
    out
}

/// The facts, how they are joined, and the condition, as the rule's file has them.
fn condition(document: &RuleDocument) -> String {
    let mut text = String::new();
    for (name, kind) in &document.applies {
        let _ = writeln!(text, "{name}: {kind}");
    }
    for join in &document.join {
        let _ = writeln!(text, "{join}");
    }
    let _ = write!(text, "when {}", document.when.trim());
    format!("<pre tabindex=\"0\">{}</pre>", escape(&text))
}

fn source(text: &str) -> String {
    let is_address = text.starts_with("https://") && !text.contains(char::is_whitespace);
    if is_address { link(text, text) } else { sentence(text) }
}

fn link(address: &str, text: &str) -> String {
    format!("<a href=\"{}\" rel=\"noreferrer\">{}</a>", escape(address), escape(text))
}
