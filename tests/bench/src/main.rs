//! `bench bounds|speed|stages [--connlint PROGRAM] [--size N] [--files N]`: see `tests/bench/run`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "it prints tables")]

mod bounds;
mod measure;
mod speed;
mod stages;
mod trees;

use std::error::Error;
use std::process::ExitCode;

const USAGE: &str = "usage: bench bounds [--size MEGABYTES] [--files NUMBER] | bench speed [--files NUMBER] | bench stages   [--connlint PROGRAM]";

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<bool, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().ok_or(USAGE)?;
    let own = std::env::current_exe()?;
    let beside = |name: &str| own.with_file_name(name).to_string_lossy().into_owned();
    let (mut connlint, mut size, mut files) = (beside("connlint"), 8, 1_000);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        match name.as_str() {
            "--connlint" => connlint = value,
            "--size" => size = value.parse()?,
            "--files" => files = value.parse()?,
            _ => return Err(USAGE.into()),
        }
    }
    let folder = std::env::temp_dir().join(format!("connlint-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let fine = match what.as_str() {
        "bounds" => bounds::tables(&connlint, size, files, &folder),
        "speed" => speed::tables(&connlint, &beside("floor"), files, &folder).map(|()| true),
        "stages" => Ok(stages::table()),
        _ => return Err(USAGE.into()),
    };
    std::fs::remove_dir_all(&folder)?;
    Ok(fine?)
}
