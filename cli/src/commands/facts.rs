//! `connlint facts`.

use connlint_core::render::{self, Mask};

use super::Done;
use crate::args::{FactsArgs, OutputArgs};
use crate::failure::{CLEAN, FAILED};
use crate::output;
use crate::run;

pub(super) fn run(args: &FactsArgs, output: &OutputArgs) -> Done {
    let (collected, outcomes, _) = run::prepare(&args.input)?.execute(&args.input)?;
    let mask = Mask::new(outcomes.secrets);
    let text = render::facts::render(&outcomes.facts, &outcomes.kinds, &collected.sources, &mask);
    output::write(&text).map_err(|f| vec![f])?;
    if !output.quiet {
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    Ok(if collected.failures.is_empty() { CLEAN } else { FAILED })
}
