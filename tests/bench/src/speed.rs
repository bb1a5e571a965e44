//! Speed beside the floor, beside itself on more files, and beside whichever peers are installed.

use std::fs;
use std::io;
use std::path::Path;

use crate::measure::{self, Run};
use crate::trees::{self, KINDS};

const MB: f64 = 1_000_000.0;

/// A peer: the tree it is for, and its command but for the folder.
type Peer = (&'static str, &'static [&'static str]);

/// Linters of one format each, as their manuals run them on a folder.
const PEERS: [Peer; 9] = [
    ("compose", &["ryl"]),
    ("compose", &["yamllint", "-f", "parsable"]),
    ("compose", &["compose-lint"]),
    ("kubernetes", &["yamllint", "-f", "parsable"]),
    ("dotenv", &["dotenv-linter", "check", "--recursive"]),
    ("nginx", &["nginx-lint"]),
    ("nginx", &["gixy"]),
    ("stacks", &["conflint", "check"]),
    ("stacks", &["detect-secrets", "scan"]),
];

/// Start-up, every kind of tree, growth: three tables.
pub(crate) fn tables(connlint: &str, floor: &str, files: usize, folder: &Path) -> io::Result<()> {
    start(connlint, floor, folder)?;
    println!();
    kinds(connlint, floor, files, folder)?;
    println!();
    growth(connlint, floor, files, folder)
}

fn start(connlint: &str, floor: &str, folder: &Path) -> io::Result<()> {
    const TIMES: usize = 31;
    let file = folder.join("tiny").join(".env");
    fs::create_dir_all(folder.join("tiny"))?;
    fs::write(&file, "AMQP_URL=amqp://app@mq.internal/shop?heartbeat=30\n")?;
    let file = text(&file);
    let runs = measure::medians(&[vec![floor.to_owned(), file.clone()], check(connlint, &file)], TIMES)?;
    println!("start-up on one tiny file, median of {TIMES}");
    if let [floor, ours] = runs.as_slice() {
        println!("{:14} {:8.1} ms {:8.1} MB", "floor", milliseconds(floor), floor.memory as f64 / MB);
        println!(
            "{:14} {:8.1} ms {:8.1} MB  {:.1} times the floor",
            "connlint",
            milliseconds(ours),
            ours.memory as f64 / MB,
            milliseconds(ours) / milliseconds(floor)
        );
    }
    Ok(())
}

fn kinds(connlint: &str, floor: &str, files: usize, folder: &Path) -> io::Result<()> {
    const TIMES: usize = 5;
    println!("{files} folders of each sort, all rules, median of {TIMES}, run in turn");
    println!(
        "{:14} {:20} {:>9} {:>9} {:>9} {:>9}  beside",
        "tree", "program", "wall ms", "cpu ms", "peak MB", "x floor"
    );
    for kind in KINDS {
        let (name, _) = kind;
        let tree = folder.join(name);
        trees::write(&tree, kind, files)?;
        let tree = text(&tree);
        let peers: Vec<Vec<String>> = PEERS
            .iter()
            .filter(|(of, command)| *of == name && command.first().is_some_and(|p| installed(p)))
            .map(|(_, command)| command.iter().map(|w| (*w).to_owned()).chain([tree.clone()]).collect())
            .collect();
        let mut commands = vec![vec![floor.to_owned(), tree.clone()], check(connlint, &tree)];
        commands.extend(peers);
        let runs = measure::medians(&commands, TIMES)?;
        let (Some(least), Some(ours)) = (runs.first(), runs.get(1)) else { continue };
        for (command, run) in commands.iter().zip(&runs) {
            let program = command.first().map(|p| p.rsplit('/').next().unwrap_or(p)).unwrap_or_default();
            println!(
                "{name:14} {program:20} {:9.1} {:9.1} {:9.1} {:9.1}  {:.2}",
                milliseconds(run),
                run.cpu.as_secs_f64() * 1e3,
                run.memory as f64 / MB,
                milliseconds(run) / milliseconds(least),
                milliseconds(run) / milliseconds(ours),
            );
        }
    }
    Ok(())
}

fn growth(connlint: &str, floor: &str, files: usize, folder: &Path) -> io::Result<()> {
    const TIMES: usize = 3;
    println!("growth on stacks of eight files");
    println!("{:>9} {:>9} {:>9} {:>9} {:>9}", "stacks", "wall ms", "ms/stack", "x floor", "peak MB");
    for count in [files / 4, files, files * 4] {
        let tree = folder.join(format!("growth-{count}"));
        if let Some(stacks) = KINDS.last() {
            trees::write(&tree, *stacks, count)?;
        }
        let tree = text(&tree);
        let runs = measure::medians(&[vec![floor.to_owned(), tree.clone()], check(connlint, &tree)], TIMES)?;
        if let [floor, ours] = runs.as_slice() {
            println!(
                "{count:9} {:9.1} {:9.3} {:9.1} {:9.1}",
                milliseconds(ours),
                milliseconds(ours) / count as f64,
                milliseconds(ours) / milliseconds(floor),
                ours.memory as f64 / MB
            );
        }
    }
    Ok(())
}

fn check(connlint: &str, path: &str) -> Vec<String> {
    [connlint, "check", "--no-config", "--format", "concise", path].map(str::to_owned).to_vec()
}

fn milliseconds(run: &Run) -> f64 {
    run.wall.as_secs_f64() * 1e3
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn installed(program: &str) -> bool {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).any(|folder| folder.join(program).is_file())
}
