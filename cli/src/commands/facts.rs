//! `connlint facts`.

use connlint_core::render::{self, Mask};

use super::Done;
use crate::args::{FactsArgs, OutputArgs};
use crate::failure::{CLEAN, FAILED};
use crate::output;
use crate::run;

pub(super) fn run(args: &FactsArgs, output: &OutputArgs) -> Done {
    let mut run = run::prepare(&args.input)?;
    let collected = run.collect(&args.input)?;
    let outcomes = run.judge(&collected);
    let mask = Mask::new(outcomes.secrets);
    let text = if args.deployment {
        render::graph::deployments(&outcomes.facts, &outcomes.links, &collected.sources)
    } else {
        render::facts::render(&outcomes.facts, &outcomes.kinds, &collected.sources, &mask)
    };
    output::write(&text).map_err(|f| vec![f])?;
    if !output.quiet {
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    Ok(if collected.failures.is_empty() { CLEAN } else { FAILED })
}
