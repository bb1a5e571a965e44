//! `--watch`: looks at files from time to time, and checks again when one has changed.
//!
//! The times of changes are compared, which works on every system and file system; what has not changed is not read
//! again.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::args::InputArgs;
use crate::collect::{Collected, Stamp, stamp, stamps};
use crate::config::{self, Config};
use crate::failure::{CLEAN, Failure};
use crate::{output, rule_files};

/// So often files are looked at: faster than one goes from the editor to the terminal.
const PAUSE: Duration = Duration::from_millis(300);
/// Looking takes at most one part in so many of the time, however many files there are.
const IDLE_PARTS: u32 = 10;

/// What a run depends on.
type State = Vec<(PathBuf, Option<Stamp>)>;

/// Checks, waits for a change, and checks again, until nobody reads it any more.
pub(crate) fn watch(
    input: &InputArgs,
    mut check: impl FnMut(Option<&Collected>) -> Result<(u8, Collected), Vec<Failure>>,
) -> Result<u8, Vec<Failure>> {
    let mut before: Option<Collected> = None;
    loop {
        let state = state(input);
        output::clear().map_err(|f| vec![f])?;
        match check(before.as_ref()) {
            Ok((_, collected)) => before = Some(collected),
            // A mistake in the settings is one to be mended while one watches.
            Err(failures) => output::tell(&failures),
        }
        if output::is_gone() {
            return Ok(CLEAN);
        }
        let files = state.len();
        output::say(&format!("watching {files} file{}; Ctrl-C ends it", if files == 1 { "" } else { "s" }));
        wait(input, &state);
    }
}

/// Returns when what is there is not `state` any more, and stays as it is for a moment: an editor writes in steps.
fn wait(input: &InputArgs, known: &State) {
    let mut last: Option<State> = None;
    loop {
        let start = Instant::now();
        let now = state(input);
        match &last {
            Some(changed) if *changed == now => return,
            _ => last = (now != *known).then_some(now),
        }
        std::thread::sleep(PAUSE.max(start.elapsed() * IDLE_PARTS));
    }
}

/// The files as they are: those that are read, the settings, and rules of one's own.
fn state(input: &InputArgs) -> State {
    let paths = input.paths.iter().map(PathBuf::as_path);
    let config = config::load(&input.config, paths).unwrap_or_else(|_| Config::default());
    let mut state = stamps(input, &config).unwrap_or_default();
    let own = config.project.rules.iter().map(|d| config.root.join(d));
    let rules = own.chain(input.config.rules.iter().cloned()).flat_map(|d| rule_files::below(&d));
    let settings = config.path.clone().into_iter().chain(input.config.config.clone());
    state.extend(rules.chain(settings).map(|path| {
        let stamp = std::fs::metadata(&path).ok().map(|about| stamp(&about));
        (path, stamp)
    }));
    state
}
