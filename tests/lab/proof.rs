//! The form of a proof: one YAML file, its name without the ending is the proof's name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// A proof: programs that several cases share, and the cases.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Proof {
    /// The file's name without the ending.
    #[serde(skip)]
    pub name: String,
    /// A few words.
    pub title: String,
    /// Programs that must be there besides those it starts; `python3:pika` is a module of Python.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Too slow to run with every change.
    #[serde(default)]
    pub slow: bool,
    /// Files of every half: name to text. `${dir}` is the directory they are written to.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// What goes before the first case; its programs run until the last one ends.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What is shown.
    #[serde(default)]
    pub cases: Vec<Case>,
    /// Many cases of one form: a line that a program refuses, and one that it takes.
    #[serde(default)]
    pub lines: Option<Lines>,
}

/// Rules, a configuration that fails and one that does not.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// Each finds something in the faulty files and nothing in the mended ones.
    pub rules: Vec<String>,
    pub faulty: Half,
    pub mended: Half,
}

/// Files, and what happens with them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Half {
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Shell commands that make further files, certificates for instance, before anything is read.
    #[serde(default)]
    pub prepare: Vec<String>,
    /// Those of the made files that are read with the others.
    #[serde(default)]
    pub made: Vec<String>,
    pub steps: Vec<Step>,
}

/// One step. `says` is a regular expression over what was written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, untagged)]
pub(crate) enum Step {
    /// Starts a program of `programs.yaml` in the server's namespace and waits until it is ready, or until it has
    /// ended by itself and has said why.
    Start {
        start: String,
        #[serde(default)]
        refuses: Option<String>,
    },
    /// Runs a shell command to its end.
    Run {
        run: String,
        #[serde(default)]
        from: Side,
        #[serde(default)]
        says: Option<String>,
        /// What it must not say.
        #[serde(default)]
        never: Option<String>,
        /// The least and the most seconds that it takes.
        #[serde(default)]
        took: Option<(f64, f64)>,
    },
    /// What a started program has written in its log, or soon writes.
    Log { log: String, says: String },
    /// Seconds in which nothing happens.
    Wait { wait: f64 },
}

/// Where a command runs.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    #[default]
    Client,
    Server,
}

/// A table of lines of one file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Lines {
    /// The file's name.
    file: String,
    /// What stands in front of each line.
    #[serde(default)]
    head: String,
    /// The command that reads the file.
    run: String,
    /// What it says of a file that it refuses, and of no other.
    refused: String,
    each: Vec<Line>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    rule: String,
    faulty: String,
    mended: String,
    /// What it says besides.
    #[serde(default)]
    says: Option<String>,
}

impl Proof {
    /// All proofs in a directory, by name.
    pub(crate) fn read_all(directory: &Path) -> Result<Vec<Proof>, String> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
            .map_err(|e| format!("{}: {e}", directory.display()))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        paths.iter().map(|path| Proof::read(path)).collect()
    }

    fn read(path: &Path) -> Result<Proof, String> {
        let say = |what: String| format!("{}: {what}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| say(e.to_string()))?;
        let mut proof: Proof = serde_yaml::from_str(&text).map_err(|e| say(e.to_string()))?;
        proof.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if let Some(lines) = proof.lines.take() {
            proof.cases.extend(lines.cases());
        }
        match proof.cases.is_empty() {
            true => Err(say("it shows nothing".into())),
            false => Ok(proof),
        }
    }

    /// The programs that it starts.
    pub(crate) fn programs(&self) -> impl Iterator<Item = &str> {
        let halves = self.cases.iter().flat_map(|c| [&c.faulty, &c.mended]);
        self.steps.iter().chain(halves.flat_map(|h| &h.steps)).filter_map(|step| match step {
            Step::Start { start, .. } => Some(start.as_str()),
            _ => None,
        })
    }
}

impl Lines {
    fn cases(self) -> Vec<Case> {
        let step =
            |says, never| Step::Run { run: self.run.clone(), from: Side::Server, says, never, took: None };
        let half = |line: &str, steps| Half {
            files: BTreeMap::from([(self.file.clone(), format!("{}{line}\n", self.head))]),
            prepare: Vec::new(),
            made: Vec::new(),
            steps,
        };
        let case = |line: &Line| {
            let refused = [Some(self.refused.clone()), line.says.clone()].into_iter().flatten();
            let refused = refused.map(|said| step(Some(said), None)).collect();
            Case {
                rules: vec![line.rule.clone()],
                faulty: half(&line.faulty, refused),
                mended: half(&line.mended, vec![step(None, Some(self.refused.clone()))]),
            }
        };
        self.each.iter().map(case).collect()
    }
}
