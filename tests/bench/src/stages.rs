//! Growth of one run with the number of mixed files, and what reading, joining and judging take of it, on one thread.

use std::time::{Duration, Instant};

use connlint_core::{RuleSet, Settings, Source, Sources, judge, read};

use crate::trees::KINDS;

/// Numbers of files.
const SIZES: [usize; 3] = [250, 1_000, 4_000];

/// Most that a file may cost in the largest run, against one in the smallest.
const LINEAR: f64 = 1.6;

/// Times of one run.
#[derive(Clone, Copy)]
struct Stages {
    files: usize,
    read: Duration,
    join: Duration,
    judge: Duration,
}

impl Stages {
    fn total(self) -> Duration {
        self.read + self.join + self.judge
    }

    fn each(self) -> f64 {
        self.total().as_secs_f64() * 1e6 / self.files as f64
    }
}

/// Prints the table; false if the time grows faster than the number of files.
pub(crate) fn table() -> bool {
    const TIMES: usize = 3;
    println!("mixed files in one run, every sort in turn, fastest of {TIMES}, one thread");
    println!(
        "{:>7} {:>9} {:>9} {:>9} {:>9} {:>9}",
        "files", "read ms", "join ms", "rules ms", "join", "us/file"
    );
    let mut rows: Vec<Stages> = Vec::new();
    for size in SIZES {
        let runs = (0..TIMES).map(|_| measure(size));
        let Some(row) = runs.min_by_key(|run| run.total()) else { continue };
        println!(
            "{:7} {:9.1} {:9.1} {:9.1} {:8.1}% {:9.1}",
            row.files,
            row.read.as_secs_f64() * 1e3,
            row.join.as_secs_f64() * 1e3,
            row.judge.as_secs_f64() * 1e3,
            row.join.as_secs_f64() / row.total().as_secs_f64() * 100.0,
            row.each()
        );
        rows.push(row);
    }
    let (Some(first), Some(last)) = (rows.first(), rows.last()) else { return false };
    let growth = last.each() / first.each();
    println!("a file costs {growth:.2} times as much in the largest run");
    growth <= LINEAR
}

/// One run over so many files: projects of every sort side by side, as in a large repository.
fn measure(size: usize) -> Stages {
    let mut sources = Sources::new();
    'all: for n in 0.. {
        for (kind, files) in KINDS {
            for (name, text) in files(n) {
                if sources.len() == size {
                    break 'all;
                }
                sources.add(Source::new(format!("{kind}/project-{n:06}/{name}"), text));
            }
        }
    }
    let settings = Settings::default();
    let reading = || sources.iter().map(|(id, _)| read(&sources, id, &settings)).collect::<Vec<_>>();
    let rules = RuleSet::built_in();
    let start = Instant::now();
    let files = reading();
    let read = start.elapsed();
    // Without rules nothing is left of judging but the join.
    let again = reading();
    let start = Instant::now();
    drop(judge(&sources, again, &settings, &RuleSet::empty()));
    let join = start.elapsed();
    let start = Instant::now();
    drop(judge(&sources, files, &settings, &rules));
    let judge = start.elapsed().saturating_sub(join);
    Stages { files: sources.len(), read, join, judge }
}
