//! What starts the command for people: the hook of pre-commit with the program itself, the steps of the GitHub action
//! as a runner would run them, and the script of the GitLab template. What needs a program that is missing is skipped.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_yaml::Value;

const FAULT: &str = "heartbeat = 0\n";
const MENDED: &str = "heartbeat = 60\n";

/// A folder of its own, gone at the end.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Place {
        let place = Place(std::env::temp_dir().join(format!("connlint-hooks-{}-{name}", std::process::id())));
        let _ = fs::remove_dir_all(&place.0);
        fs::create_dir_all(place.0.join("bin")).expect("a directory");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_connlint"), place.0.join("bin/connlint"))
            .expect("a link");
        place
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    /// A program that says with which arguments it was started.
    fn stand_in(&self, name: &str) {
        self.write(&format!("bin/{name}"), "#!/bin/sh\nprintf '%s\\n' \"$@\" > \"$0.arguments\"\n");
        fs::set_permissions(self.0.join("bin").join(name), fs::Permissions::from_mode(0o755))
            .expect("its own file");
    }

    fn command(&self, program: &str, directory: &str) -> Command {
        let mut command = Command::new(program);
        let path = std::env::var("PATH").unwrap_or_default();
        command
            .current_dir(self.0.join(directory))
            .env("PATH", format!("{}:{path}", self.0.join("bin").display()))
            .env("HOME", &self.0)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("PRE_COMMIT_HOME", self.0.join("cache"));
        command
    }

    fn git(&self, directory: &str, arguments: &[&str]) -> Output {
        let who = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"];
        self.command("git", directory).args(who).args(arguments).output().expect("git starts")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok_and(|o| o.status.success())
}

/// The program itself, or the one that `tests/run` installs.
fn pre_commit() -> Option<String> {
    let own = root().join("target/tools/bin/pre-commit").display().to_string();
    [own, "pre-commit".to_owned()].into_iter().find(|p| is_there(p))
}

#[test]
fn the_hook_stops_a_commit_with_a_fault_and_lets_the_mended_one_pass() {
    let Some(program) = pre_commit().filter(|_| is_there("git")) else { return };
    let place = Place::new("pre-commit");
    // What pre-commit clones is the repository as it would be published.
    fs::create_dir_all(place.0.join("published")).expect("a directory");
    fs::copy(root().join(".pre-commit-hooks.yaml"), place.0.join("published/.pre-commit-hooks.yaml"))
        .expect("a copy");
    for arguments in [&["init", "-q"][..], &["add", "."], &["commit", "-qm", "one"]] {
        assert!(place.git("published", arguments).status.success());
    }
    let head = String::from_utf8(place.git("published", &["rev-parse", "HEAD"]).stdout).expect("a name");
    let manifest =
        place.command(&program, "published").args(["validate-manifest", ".pre-commit-hooks.yaml"]).output();
    assert!(manifest.is_ok_and(|o| o.status.success()), "pre-commit reads the manifest");

    fs::create_dir_all(place.0.join("project")).expect("a directory");
    assert!(place.git("project", &["init", "-q"]).status.success());
    let url = place.0.join("published").display().to_string();
    let settings = format!("repos:\n- repo: {url}\n  rev: {}\n  hooks: [{{id: connlint}}]\n", head.trim());
    place.write("project/.pre-commit-config.yaml", &settings);
    place.write("project/old/rabbitmq.conf", FAULT);
    let installed = place.command(&program, "project").arg("install").output().expect("it starts");
    assert!(installed.status.success(), "{installed:?}");
    let commit = |message: &str| {
        place.git("project", &["add", "."]);
        let output = place.git("project", &["commit", "-m", message]);
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (done, said) = commit("a fault");
    assert!(!done && said.contains("rabbitmq/heartbeat-disabled"), "{said}");
    place.write("project/old/rabbitmq.conf", MENDED);
    let (done, said) = commit("mended");
    assert!(done, "{said}");
    // What is there already does not stand in the way of a change elsewhere.
    place.write("project/old/rabbitmq.conf", FAULT);
    let skipped = place.git("project", &["commit", "-qanm", "past the hook"]);
    assert!(skipped.status.success(), "{skipped:?}");
    place.write("project/notes.txt", "nothing of note\n");
    let (done, said) = commit("elsewhere");
    assert!(done, "{said}");
}

/// Runs the steps of the action in `project/` as a runner does, and says how the last one ended.
fn act(place: &Place, inputs: &[(&str, &str)]) -> Output {
    let text = fs::read_to_string(root().join("action.yml")).expect("the action");
    let action: Value = serde_yaml::from_str(&text).expect("YAML");
    let declared = action["inputs"].as_mapping().expect("inputs");
    let mut given: BTreeMap<String, String> = declared
        .iter()
        .map(|(name, input)| {
            let word = |v: &Value| v.as_str().unwrap_or_default().to_owned();
            (word(name), word(&input["default"]))
        })
        .collect();
    for (name, value) in inputs {
        assert!(given.insert((*name).to_owned(), (*value).to_owned()).is_some(), "no input {name}");
    }
    let filled = |text: &str| {
        given.iter().fold(text.to_owned(), |text, (name, value)| {
            text.replace(&format!("${{{{ inputs.{name} }}}}"), value)
        })
    };
    place.stand_in("cargo");
    let mut last = None;
    for step in action["runs"]["steps"].as_sequence().expect("steps") {
        assert_eq!(step["shell"].as_str(), Some("bash"), "a composite step names its shell");
        let script = step["run"].as_str().expect("it runs something");
        assert!(
            !script.contains("${{"),
            "an expression in a script lets inputs bring commands along: {script}"
        );
        // As runners start it: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax
        let mut command = place.command("bash", "project");
        command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script]);
        for (name, value) in step["env"].as_mapping().into_iter().flatten() {
            let value = filled(value.as_str().unwrap_or_default());
            assert!(!value.contains("${{"), "{value}");
            command.env(name.as_str().unwrap_or_default(), value);
        }
        let output = command
            .env("GITHUB_ACTION_PATH", root())
            .env("RUNNER_TEMP", place.0.join("temp"))
            .env("GITHUB_STEP_SUMMARY", place.0.join("temp/summary.md"))
            .output()
            .expect("bash starts");
        let ended_well = output.status.success();
        last = Some(output);
        if !ended_well {
            break;
        }
    }
    last.expect("there are steps")
}

#[test]
fn the_action_annotates_sums_up_and_fails_on_a_fault() {
    if !is_there("bash") {
        return;
    }
    let place = Place::new("action");
    place.write("temp/summary.md", "");
    place.write("project/a b/rabbitmq.conf", FAULT);
    place.write("project/good/rabbitmq.conf", MENDED);
    let output =
        act(&place, &[("arguments", "--fail-on warning --no-config"), ("sarif-file", "report.sarif")]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(said.contains("::warning ") && said.contains("rabbitmq/heartbeat-disabled"), "{said}");
    let summary = fs::read_to_string(place.0.join("temp/summary.md")).expect("a summary");
    assert!(summary.contains("rabbitmq/heartbeat-disabled"), "{summary}");
    let sarif = fs::read_to_string(place.0.join("project/report.sarif")).expect("a report");
    let sarif: serde_json::Value = serde_json::from_str(&sarif).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let installed = fs::read_to_string(place.0.join("bin/cargo.arguments")).expect("cargo was asked");
    let path = Path::new(installed.lines().last().expect("a path"));
    assert!(installed.starts_with("install\n") && path.join("Cargo.toml").is_file(), "{installed}");

    let output = act(&place, &[("paths", "good"), ("arguments", "--no-config")]);
    assert!(output.status.success(), "{output:?}");
    // An input is a word, not a command.
    let output = act(&place, &[("paths", "$(touch evil) `touch evil` ;touch evil")]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(!place.0.join("project/evil").exists());
}

#[test]
fn the_template_of_gitlab_reports_what_it_says() {
    if !is_there("bash") {
        return;
    }
    let text = fs::read_to_string(root().join("templates/connlint.yml")).expect("the template");
    let (head, body) = text.split_once("\n---\n").expect("a head and a job");
    let head: Value = serde_yaml::from_str(head).expect("YAML");
    let mut filled = body.to_owned();
    for (name, input) in head["spec"]["inputs"].as_mapping().expect("inputs") {
        let hole = format!("$[[ inputs.{} ]]", name.as_str().expect("a name"));
        assert!(filled.contains(&hole), "{hole} is used nowhere");
        filled = filled.replace(&hole, input["default"].as_str().expect("a default"));
    }
    assert!(!filled.contains("$[["), "{filled}");
    let job: Value = serde_yaml::from_str(&filled).expect("YAML");
    let job = &job["connlint"];
    let place = Place::new("gitlab");
    place.write("project/rabbitmq.conf", FAULT);
    place.stand_in("cargo");
    let mut status = 0;
    for line in job["script"].as_sequence().expect("a script") {
        let line = line.as_str().expect("a line");
        status = place
            .command("bash", "project")
            .args(["-c", line])
            .status()
            .expect("bash starts")
            .code()
            .unwrap_or(-1);
    }
    assert_eq!(status, 1, "a fault fails the job");
    let report = job["artifacts"]["reports"]["codequality"].as_str().expect("a report");
    let report = fs::read_to_string(place.0.join("project").join(report)).expect("it is written");
    let report: serde_json::Value = serde_json::from_str(&report).expect("JSON");
    assert!(report.as_array().is_some_and(|list| !list.is_empty()), "{report}");
}
