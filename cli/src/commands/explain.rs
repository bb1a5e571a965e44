//! `connlint explain`.

use std::fmt::Write as _;

use connlint_core::nearest::nearest;
use connlint_core::render::rule_url;
use connlint_core::render::text::wrap;
use connlint_core::rules::{Example, Rule};

use super::Done;
use crate::args::{ExplainArgs, OutputArgs};
use crate::failure::{CLEAN, Failure};
use crate::rule_files::word;
use crate::{config, output, rule_files};

pub(super) fn run(args: &ExplainArgs, output_args: &OutputArgs) -> Done {
    let config = config::load(&args.config, std::iter::empty())?;
    let rules = rule_files::rule_set(&config, &args.config.rules)?;
    let Some(rule) = rules.get(&args.rule) else {
        let near = nearest(&args.rule, rules.iter().map(Rule::id)).map(str::to_owned);
        return Err(vec![Failure::Unknown { what: "rule", name: args.rule.clone(), place: None, near }]);
    };
    let look = output::look(output_args);
    let text = explain(rule, look.width);
    let text = if look.color { emphasised(&text) } else { text };
    output::write(&text).map_err(|f| vec![f])?;
    Ok(CLEAN)
}

/// Headings of Markdown in bold, without their marks. Lines of examples are indented and so are none.
fn emphasised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        match line.trim_start_matches('#').strip_prefix(' ') {
            Some(heading) if line.starts_with('#') => out.extend(["\u{1b}[1m", heading, "\u{1b}[0m\n"]),
            _ => out.extend([line, "\n"]),
        }
    }
    out
}

/// The rule's documentation, in Markdown that reads well as plain text.
fn explain(rule: &Rule, width: usize) -> String {
    let mut text = format!("# {}\n\n{}\n", rule.id(), rule.title());
    let Some(document) = rule.document() else { return text };
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "\nSeverity: {}. Category: {}. Since {}.\n\n## Why\n\n{}\n\n## What to do\n\n{}\n",
        document.severity,
        word(&document.category),
        document.since,
        wrap(&document.why, width),
        wrap(&document.help, width),
    );
    if let Some(fix) = &document.fix {
        let _ = write!(text, "\nFix ({}): {}\n", word(&fix.safety), fix.title);
    }
    if let Some(examples) = rule.examples() {
        for (title, list) in [("Finds", &examples.bad), ("Accepts", &examples.good)] {
            if !list.is_empty() {
                let _ = write!(text, "\n## {title}\n");
                list.iter().for_each(|e| example(&mut text, e));
            }
        }
    }
    if !document.sources.is_empty() {
        text.push_str("\n## Sources\n\n");
        document.sources.iter().for_each(|s| text.extend(["- ", s, "\n"]));
    }
    if let Some(proof) = &document.proof {
        text.extend([
            "\n## Proof\n\nShown true against the real programs: tests/lab/proofs/",
            proof,
            ".yaml\n",
        ]);
    }
    if rule.is_built_in() {
        text.extend(["\n", &rule_url(rule.id()), "\n"]);
    }
    text
}

fn example(text: &mut String, example: &Example) {
    for (name, content) in &example.files {
        text.extend(["\n", name, ":\n\n"]);
        content.lines().for_each(|line| text.extend(["    ", line, "\n"]));
    }
}
