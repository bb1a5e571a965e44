//! `connlint graph`.

use connlint_core::render::Mask;
use connlint_core::render::graph::{Graph, Style};

use super::Done;
use crate::args::{GraphArgs, GraphFormat, OutputArgs};
use crate::failure::{CLEAN, FAILED};
use crate::output;
use crate::run;

pub(super) fn run(args: &GraphArgs, output: &OutputArgs) -> Done {
    let mut run = run::prepare(&args.input)?;
    let collected = run.collect(&args.input)?;
    let outcomes = run.judge(&collected);
    let mask = Mask::new(outcomes.secrets);
    let style = match args.format {
        GraphFormat::Mermaid => Style::Mermaid,
        GraphFormat::Dot => Style::Dot,
    };
    let graph =
        Graph { facts: &outcomes.facts, links: &outcomes.links, sources: &collected.sources, mask: &mask };
    output::write(&graph.render(style)).map_err(|f| vec![f])?;
    if !output.quiet {
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    Ok(if collected.failures.is_empty() { CLEAN } else { FAILED })
}
