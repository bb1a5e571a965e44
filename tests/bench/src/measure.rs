//! A command from start to end: wall time, processor time, peak memory.

use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

/// What a run took.
#[derive(Clone, Copy)]
pub(crate) struct Run {
    /// From start to end.
    pub(crate) wall: Duration,
    /// User and system time.
    pub(crate) cpu: Duration,
    /// Largest resident set, in bytes.
    pub(crate) memory: u64,
    /// Exit status; nothing if a signal ended it.
    pub(crate) status: Option<i32>,
}

/// Runs a command once, its output thrown away.
pub(crate) fn once(command: &[String]) -> io::Result<Run> {
    let [program, arguments @ ..] = command else { return Err(io::ErrorKind::InvalidInput.into()) };
    let start = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let ended = child.wait4()?;
    let used = ended.rusage;
    Ok(Run {
        wall: start.elapsed(),
        cpu: used.utime + used.stime,
        memory: used.maxrss,
        status: ended.status.code(),
    })
}

/// The run with the median wall time of several; commands take turns, so that a busy moment falls on all of them.
pub(crate) fn medians(commands: &[Vec<String>], times: usize) -> io::Result<Vec<Run>> {
    let mut runs: Vec<Vec<Run>> = vec![Vec::new(); commands.len()];
    for _ in 0..times {
        for (command, runs) in commands.iter().zip(&mut runs) {
            runs.push(once(command)?);
        }
    }
    let median = |mut runs: Vec<Run>| {
        runs.sort_by_key(|run| run.wall);
        runs.get(runs.len() / 2).copied()
    };
    runs.into_iter().map(|runs| median(runs).ok_or(io::ErrorKind::InvalidInput.into())).collect()
}
