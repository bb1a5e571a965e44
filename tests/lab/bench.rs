//! The bench: a directory, a pair of namespaces, and programs that run there until they are no longer needed.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use connlint_tests::namespaces::{self, Namespaces};
use regex::Regex;
use serde::Deserialize;

use crate::proof::{Proof, Side, Step};

/// How long a program may take until it is ready, or says why it is not. RabbitMQ needs five seconds alone.
const START: Duration = Duration::from_secs(60);
/// How long a command may take.
const RUN: Duration = Duration::from_secs(45);
/// How long a line may take to reach a log.
const LOG: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// Names under which the server is found.
const HOSTS: &[&str] = &["mq.internal", "db.internal", "cache.internal", "proxy.internal", "web.internal"];

/// A program that proofs start.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Program {
    /// What must be installed, as in a proof.
    pub needs: Vec<String>,
    /// A shell command that becomes the program.
    command: String,
    /// A shell command that succeeds once it is ready.
    ready: String,
}

pub(crate) type Programs = BTreeMap<String, Program>;

/// A place in the file system for one proof, removed at its end.
#[derive(Debug)]
pub(crate) struct Scratch(pub PathBuf);

impl Scratch {
    pub(crate) fn new(name: &str) -> Result<Scratch, String> {
        let path = std::env::temp_dir().join(format!("connlint-lab-{}-{name}", std::process::id()));
        // Programs that refuse to run as root write here too.
        std::fs::create_dir_all(&path)
            .and_then(|()| std::fs::set_permissions(&path, PermissionsExt::from_mode(0o777)))
            .map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Scratch(path))
    }

    /// Writes files into a directory of this name below, with `${dir}` filled in, and runs commands there.
    pub(crate) fn lay_out(
        &self,
        name: &str,
        files: &[&BTreeMap<String, String>],
        prepare: &[String],
    ) -> Result<PathBuf, String> {
        let place = Scratch::new(&format!("{}/{name}", self.name()))?;
        let directory = place.0.clone();
        // Removed with the whole.
        std::mem::forget(place);
        for (file, text) in files.iter().copied().flatten() {
            let path = directory.join(file);
            let text = text.replace("${dir}", &directory.display().to_string());
            path.parent()
                .map_or(Ok(()), std::fs::create_dir_all)
                .and_then(|()| std::fs::write(&path, text))
                .map_err(|e| format!("{file}: {e}"))?;
        }
        for command in prepare {
            let output = Command::new("sh").args(["-ec", command]).current_dir(&directory).output();
            let output = output.map_err(|e| e.to_string())?;
            if !output.status.success() {
                return Err(format!("{command}: {}", String::from_utf8_lossy(&output.stderr)));
            }
        }
        Ok(directory)
    }

    fn name(&self) -> String {
        let own = format!("connlint-lab-{}-", std::process::id());
        self.0.file_name().unwrap_or_default().to_string_lossy().replacen(&own, "", 1)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A started program, ended when it goes.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It leads a group of its own: what it started ends with it.
        let _ = Command::new("kill").args(["-KILL", "--", &format!("-{}", self.0.id())]).output();
        let _ = self.0.wait();
    }
}

/// Where steps are made.
#[derive(Debug)]
pub(crate) struct Bench<'p> {
    programs: &'p Programs,
    names: Namespaces,
    home: PathBuf,
    path: String,
}

impl Bench<'_> {
    pub(crate) fn new<'p>(
        programs: &'p Programs,
        scratch: &Scratch,
        number: usize,
    ) -> Result<Bench<'p>, String> {
        let names = Namespaces::set_up(&format!("l{number}"), HOSTS)?;
        Ok(Bench { programs, names, home: scratch.0.clone(), path: search_path() })
    }

    /// Makes steps in a directory; what they start is added to `running`.
    pub(crate) fn make(
        &self,
        steps: &[Step],
        place: &Path,
        running: &mut Vec<Running>,
    ) -> Result<(), String> {
        for step in steps {
            match step {
                Step::Start { start, refuses } => {
                    running.extend(self.start(start, refuses.as_deref(), place)?);
                }
                Step::Run { run, from, says, never, took } => {
                    let (said, took_now) = self.run(run, *from, place)?;
                    let tell = |what: &str| Err(format!("`{run}` {what}; it says: {}", tail(&said)));
                    if says.as_ref().is_some_and(|s| !matches(s, &said)) {
                        return tell(&format!("does not say `{}`", says.as_deref().unwrap_or_default()));
                    }
                    if never.as_ref().is_some_and(|s| matches(s, &said)) {
                        return tell(&format!("says `{}`", never.as_deref().unwrap_or_default()));
                    }
                    if took.is_some_and(|(least, most)| took_now < least || took_now > most) {
                        return tell(&format!("took {took_now:.1} s"));
                    }
                }
                Step::Log { log, says } => self.wait_for_log(log, says, place)?,
                Step::Wait { wait } => std::thread::sleep(Duration::from_secs_f64(*wait)),
            }
        }
        Ok(())
    }

    fn shell(&self, side: Side, command: &str, place: &Path) -> Command {
        let namespace = if side == Side::Client { &self.names.client } else { &self.names.server };
        let mut shell = namespaces::inside(namespace, "sh");
        shell
            .args(["-c", command])
            .current_dir(place)
            .env_clear()
            .env("PATH", &self.path)
            .env("HOME", &self.home)
            .env("DIR", place)
            .env("LANG", "C.UTF-8")
            .env("PYTHONUNBUFFERED", "1")
            .env("RABBITMQ_NODENAME", "rabbit@localhost")
            .stdin(Stdio::null())
            .process_group(0);
        shell
    }

    fn start(&self, name: &str, refuses: Option<&str>, place: &Path) -> Result<Option<Running>, String> {
        let program = self.programs.get(name).ok_or_else(|| format!("there is no program {name}"))?;
        let log = place.join(format!("{name}.log"));
        let mut command = self.shell(Side::Server, &program.command, place);
        let mut running = Running(to_file(&mut command, &log)?);
        let start = Instant::now();
        while start.elapsed() < START {
            if running.0.try_wait().map_err(|e| e.to_string())?.is_some() {
                let said = read(&log);
                return match refuses {
                    Some(why) if matches(why, &said) => Ok(None),
                    Some(why) => Err(format!("{name} refuses, but not with `{why}`: {}", tail(&said))),
                    None => Err(format!("{name} does not start: {}", tail(&said))),
                };
            }
            let mut ready = self.shell(Side::Server, &program.ready, place);
            if ready.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|s| s.success()) {
                return match refuses {
                    Some(_) => Err(format!("{name} starts")),
                    None => Ok(Some(running)),
                };
            }
            std::thread::sleep(PAUSE);
        }
        Err(format!("{name} is not ready after {} s: {}", START.as_secs(), tail(&read(&log))))
    }

    /// What a command says, and the seconds that it takes.
    fn run(&self, command: &str, side: Side, place: &Path) -> Result<(String, f64), String> {
        let log = place.join("run.log");
        let mut running = Running(to_file(&mut self.shell(side, command, place), &log)?);
        let start = Instant::now();
        while running.0.try_wait().map_err(|e| e.to_string())?.is_none() {
            if start.elapsed() > RUN {
                return Err(format!("`{command}` does not end: {}", tail(&read(&log))));
            }
            std::thread::sleep(PAUSE / 5);
        }
        Ok((read(&log), start.elapsed().as_secs_f64()))
    }

    /// The log of a program that the case started, or that the proof started for all its cases.
    fn wait_for_log(&self, name: &str, says: &str, place: &Path) -> Result<(), String> {
        let file = format!("{name}.log");
        let start = Instant::now();
        loop {
            let own = place.join(&file);
            let text =
                if own.exists() { read(&own) } else { read(&place.with_file_name("shared").join(&file)) };
            if matches(says, &text) {
                return Ok(());
            }
            if start.elapsed() > LOG {
                return Err(format!("{file} does not say `{says}`: {}", tail(&text)));
            }
            std::thread::sleep(PAUSE);
        }
    }
}

fn to_file(command: &mut Command, log: &Path) -> Result<Child, String> {
    let file = File::create(log).map_err(|e| format!("{}: {e}", log.display()))?;
    let again = file.try_clone().map_err(|e| e.to_string())?;
    command.stdout(file).stderr(again).spawn().map_err(|e| e.to_string())
}

fn read(path: &Path) -> String {
    String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned()
}

fn matches(pattern: &str, text: &str) -> bool {
    Regex::new(&format!("(?s){pattern}")).is_ok_and(|r| r.is_match(text))
}

/// The last lines, on one.
fn tail(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().rev().filter(|l| !l.trim().is_empty()).take(6).collect();
    lines.reverse();
    lines.join(" | ")
}

/// Our own clients first; then where Debian puts programs that are not on everybody's path.
fn search_path() -> String {
    let mut places = vec![concat!(env!("CARGO_MANIFEST_DIR"), "/lab/clients").to_owned()];
    if let Ok(found) = std::fs::read_dir("/usr/lib/postgresql") {
        let mut versions: Vec<_> =
            found.flatten().map(|e| e.path().join("bin").display().to_string()).collect();
        versions.sort();
        places.extend(versions.into_iter().next_back());
    }
    // Debian's wrappers in /usr/sbin change the user and lose the environment.
    places.extend(["/usr/lib/rabbitmq/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"].map(str::to_owned));
    places.join(":")
}

/// Why a proof cannot be tried here, if so.
pub(crate) fn missing(proof: &Proof, programs: &Programs) -> Option<String> {
    let started = proof.programs().filter_map(|name| programs.get(name)).flat_map(|p| &p.needs);
    started.chain(&proof.needs).find_map(|need| {
        let test = match need.split_once(':') {
            Some((python, module)) => format!("{python} -c 'import {module}'"),
            None => format!("command -v {need}"),
        };
        let mut command = Command::new("sh");
        command.args(["-c", &test]).env("PATH", search_path()).stdout(Stdio::null()).stderr(Stdio::null());
        let there = command.status().is_ok_and(|s| s.success());
        (!there).then(|| format!("{need} is not installed"))
    })
}
