//! `connlint reach`.

use connlint_core::firewall::{Answer, Family, Query, Sender, Transport, ask_all};
use connlint_core::render::{Mask, reach};

use super::Done;
use crate::args::{OutputArgs, ReachArgs, ReachFormat, ReachProto};
use crate::failure::{CLEAN, FAILED, Failure, REFUSED, UNTOLD};
use crate::output;
use crate::run;

pub(super) fn run(args: &ReachArgs, output: &OutputArgs) -> Done {
    let from = match args.from {
        Sender::Block(block) => Some(block.family),
        Sender::Anyone | Sender::Loopback => None,
    };
    let to = args.to.map(|block| block.family);
    if let (Some(from), Some(to)) = (from, to)
        && from != to
    {
        return Err(vec![Failure::Families]);
    }
    let query = Query {
        sender: args.from,
        port: args.to_port,
        transport: match args.proto {
            ReachProto::Tcp => Transport::Tcp,
            ReachProto::Udp => Transport::Udp,
        },
        family: from.or(to).unwrap_or(Family::V4),
        destination: args.to,
        interface: None,
    };
    let mut run = run::prepare(&args.input)?;
    let collected = run.collect(&args.input)?;
    let outcomes = run.judge(&collected);
    let (answer, replies) = ask_all(&outcomes.rulesets, &query);
    let mask = Mask::new(outcomes.secrets);
    let text = match args.format {
        ReachFormat::Text => reach::text(answer, &replies, &collected.sources, &mask),
        ReachFormat::Json => reach::json(answer, &replies, &collected.sources, &mask),
    };
    output::write(&text).map_err(|f| vec![f])?;
    if !output.quiet {
        output::tell(&collected.warnings);
    }
    output::tell(&collected.failures);
    if !collected.failures.is_empty() {
        return Ok(FAILED);
    }
    Ok(match answer {
        Answer::Yes | Answer::Limited => CLEAN,
        Answer::No => REFUSED,
        Answer::Unknown => UNTOLD,
    })
}
