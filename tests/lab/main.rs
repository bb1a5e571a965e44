//! The lab: rules shown true against real systems. `tests/lab/run` runs it; without arguments it only holds the files
//! of the proofs to the rules that they name, and starts nothing.
//!
//!   --run [PART OF A NAME]...   tries proofs; all that are not slow, or those named
//!   --all                       slow ones too

#![cfg(target_os = "linux")]
#![expect(clippy::print_stdout, reason = "it prints a table")]

mod bench;
mod judge;
mod proof;

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bench::{Bench, Programs, Scratch};
use connlint_core::RuleSet;
use proof::{Half, Proof};

/// Proofs mostly wait; so many at a time keep two processors busy.
const AT_ONCE: usize = 4;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/lab");

fn main() -> ExitCode {
    match lab() {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            println!("{wrong} wrong");
            ExitCode::FAILURE
        }
        Err(why) => {
            println!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// The number of faults.
fn lab() -> Result<usize, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|a| a == flag);
    let wanted: Vec<&String> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    let proofs = Proof::read_all(&Path::new(HERE).join("proofs"))?;
    let programs =
        std::fs::read_to_string(Path::new(HERE).join("programs.yaml")).map_err(|e| e.to_string())?;
    let programs: Programs = serde_yaml::from_str(&programs).map_err(|e| format!("programs.yaml: {e}"))?;
    let rules = RuleSet::built_in();

    let misnamed = judge::names(&proofs, &rules);
    misnamed.iter().for_each(|what| println!("{what}"));

    let chosen: Vec<&Proof> = proofs
        .iter()
        .filter(|p| match wanted.is_empty() {
            true => has("--all") || !has("--run") || !p.slow,
            false => wanted.iter().any(|w| p.name.contains(w.as_str())),
        })
        .collect();
    let next = AtomicUsize::new(0);
    let table = Table::new(&chosen);
    let work = || {
        while let Some(number) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|n| *n < chosen.len()) {
            let start = Instant::now();
            let try_it = || show(chosen[number], number, &programs, &rules, has("--run"));
            let mut end = try_it();
            if has("--run") && matches!(end, End::Wrong(_)) {
                table.note(chosen[number], &end);
                end = try_it();
            }
            table.add(chosen[number], &end, start.elapsed().as_secs_f64());
        }
    };
    std::thread::scope(|scope| {
        (0..AT_ONCE).for_each(|_| drop(scope.spawn(work)));
    });
    Ok(misnamed.len() + table.sum_up(has("--run")))
}

/// How a proof ends.
enum End {
    Shown,
    Skipped(String),
    Wrong(Vec<String>),
}

/// Holds a proof to connlint and, if asked, to the real programs.
fn show(proof: &Proof, number: usize, programs: &Programs, rules: &RuleSet, run: bool) -> End {
    let skipped = || connlint_tests::namespaces::missing().or_else(|| bench::missing(proof, programs));
    if let Some(why) =
        (run || proof.cases.iter().any(|c| !c.faulty.prepare.is_empty())).then(skipped).flatten()
    {
        return End::Skipped(why);
    }
    let scratch = match Scratch::new(&format!("{number}")) {
        Ok(scratch) => scratch,
        Err(why) => return End::Wrong(vec![why]),
    };
    let mut wrong = Vec::new();
    for (i, case) in proof.cases.iter().enumerate() {
        wrong.extend(judge::findings(proof, i, case, rules, &scratch));
    }
    if run {
        match Bench::new(programs, &scratch, number) {
            Ok(bench) => wrong.extend(try_cases(proof, &bench, &scratch)),
            Err(why) => return End::Skipped(why),
        }
    }
    if wrong.is_empty() { End::Shown } else { End::Wrong(wrong) }
}

fn try_cases(proof: &Proof, bench: &Bench, scratch: &Scratch) -> Vec<String> {
    let mut shared = Vec::new();
    let prepared = scratch
        .lay_out("shared", &[&proof.files], &[])
        .and_then(|place| bench.make(&proof.steps, &place, &mut shared));
    if let Err(why) = prepared {
        return vec![why];
    }
    let mut wrong = Vec::new();
    for (i, case) in proof.cases.iter().enumerate() {
        for (name, half) in [("faulty", &case.faulty), ("mended", &case.mended)] {
            if let Err(why) = try_half(&format!("{i}-{name}"), proof, half, bench, scratch) {
                wrong.push(format!("{} {name}: {why}", case.rules.join(", ")));
            }
        }
    }
    wrong
}

fn try_half(name: &str, proof: &Proof, half: &Half, bench: &Bench, scratch: &Scratch) -> Result<(), String> {
    let place = scratch.lay_out(name, &[&proof.files, &half.files], &half.prepare)?;
    bench.make(&half.steps, &place, &mut Vec::new())
}

/// One line for each proof, as it ends.
struct Table {
    width: usize,
    rules: Mutex<Vec<String>>,
    skipped: AtomicUsize,
    wrong: AtomicUsize,
}

impl Table {
    fn new(proofs: &[&Proof]) -> Table {
        let width = proofs.iter().map(|p| p.name.len()).max().unwrap_or_default();
        Table { width, rules: Mutex::default(), skipped: AtomicUsize::new(0), wrong: AtomicUsize::new(0) }
    }

    /// What went wrong at the first try. A proof has bounds of time, which a machine busy with other things can miss.
    fn note(&self, proof: &Proof, end: &End) {
        let _whole = self.rules.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        println!("{}: tried once more", proof.name);
        if let End::Wrong(all) = end {
            all.iter().for_each(|what| println!("    {what}"));
        }
    }

    fn add(&self, proof: &Proof, end: &End, seconds: f64) {
        let mut of_proof: Vec<String> = proof.cases.iter().flat_map(|c| c.rules.clone()).collect();
        of_proof.sort();
        of_proof.dedup();
        let word = match end {
            End::Shown => format!("shown    {seconds:5.1} s"),
            End::Skipped(why) => format!("skipped: {why}"),
            End::Wrong(_) => format!("WRONG    {seconds:5.1} s"),
        };
        // One lock for the whole entry keeps its lines together.
        let mut rules = self.rules.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        println!(
            "{:width$}  {:2} rules  {word}  {}",
            proof.name,
            of_proof.len(),
            proof.title,
            width = self.width
        );
        match end {
            End::Shown => rules.extend(of_proof),
            End::Skipped(_) => drop(self.skipped.fetch_add(1, Ordering::Relaxed)),
            End::Wrong(all) => {
                all.iter().for_each(|what| println!("    {what}"));
                self.wrong.fetch_add(all.len(), Ordering::Relaxed);
            }
        }
    }

    fn sum_up(self, run: bool) -> usize {
        let mut rules = self.rules.into_inner().unwrap_or_default();
        rules.sort();
        rules.dedup();
        let how = if run { "shown true" } else { "agree with the files of their proofs" };
        println!("{} rules {how}, {} proofs skipped", rules.len(), self.skipped.into_inner());
        self.wrong.into_inner()
    }
}
