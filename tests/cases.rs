//! Runs the command as a user does: a folder of `cases/` is one call.
//!
//! `case.toml` says the arguments, the environment, what comes on standard input and the exit status; `files/` is
//! where it runs (a copy, so that nothing of this repository is found upwards); `stdout` and `stderr` hold what it
//! writes, absent when it writes nothing; `after/` holds files as they must be afterwards. `lint = true` puts the rules of `own-rules/` there as `lint/`. Passwords in
//! files begin with GEHEIM, which may stand in no output. `SNAPSHOTS=overwrite cargo test -p connlint --test cases` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    args: Vec<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    stdin: String,
    status: i32,
    /// With the rules of `own-rules/`.
    #[serde(default)]
    lint: bool,
    /// Directory below `files/` to run in.
    #[serde(default)]
    cwd: String,
}

/// Each of its files passes alone, and the system that they make up does not.
#[test]
fn the_weakest_plank_only_shows_when_files_are_read_together() {
    let plank = Path::new(env!("CARGO_MANIFEST_DIR")).join("showcase/weakest-plank");
    let check = |paths: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_connlint"));
        command.args(["check", "--no-config", "--format=json-lines", "--min-severity=warning"]);
        let output = command.args(paths).current_dir(&plank).output().expect("the command runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let mut files = vec!["rabbitmq-server.service.d/limits.conf".to_owned()];
    for entry in fs::read_dir(&plank).expect("the showcase exists") {
        let entry = entry.expect("readable");
        if entry.path().is_file() {
            files.push(entry.file_name().into_string().expect("UTF-8"));
        }
    }
    assert_eq!(files.len(), 8);
    for file in &files {
        assert_eq!(check(&[file]), "", "{file}");
    }
    let together = check(&["."]);
    let rules: std::collections::BTreeSet<&str> =
        together.lines().filter_map(|line| line.split('"').nth(3)).collect();
    let expected = [
        "path/heartbeat-slower-than-proxy",
        "path/nofile-below-connection-max",
        "path/proxy-header-not-expected",
        "path/proxy-port-not-listened-on",
        "path/user-not-defined",
        "path/vhost-not-defined",
    ];
    assert_eq!(rules.into_iter().collect::<Vec<_>>(), expected, "{together}");
}

#[test]
fn the_command_says_what_its_cases_expect() {
    let cases = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let ground = std::env::temp_dir().join(format!("connlint-cases-{}", std::process::id()));
    let mut names: Vec<PathBuf> =
        fs::read_dir(&cases).expect("cases exist").map(|e| e.expect("readable").path()).collect();
    names.sort();
    assert!(!names.is_empty());
    let failed: Vec<_> = names
        .iter()
        .filter(|case| catch_unwind(|| run(case, &ground)).is_err())
        .filter_map(|case| case.file_name())
        .collect();
    fs::remove_dir_all(&ground).expect("the copies can go");
    assert!(failed.is_empty(), "failed: {failed:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_connlint"))
        .args(["check", "--isolated", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    drop(child.stdout.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("the command ends");
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}

#[test]
fn facts_are_shown_without_secrets() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_connlint"))
        .args(["facts", "--isolated", "-", "--stdin-filename", "rabbitmq.conf"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let text = b"heartbeat = 30\ndefault_pass = GEHEIM\n";
    child.stdin.take().expect("it is piped").write_all(text).expect("it is read");
    let output = child.wait_with_output().expect("the command ends");
    let shown = String::from_utf8(output.stdout).expect("output is UTF-8");
    assert!(
        shown.contains("rabbitmq.server") && shown.contains("30 s") && !shown.contains("GEHEIM"),
        "{shown}"
    );
}

fn run(folder: &Path, ground: &Path) {
    let text = fs::read_to_string(folder.join("case.toml")).expect("a case has a case.toml");
    let case: Case = toml::from_str(&text).expect("case.toml is valid");
    let place = ground.join(folder.file_name().expect("a folder has a name"));
    fs::create_dir_all(&place).expect("the copy can be made");
    copy(&folder.join("files"), &place);
    if case.lint {
        fs::create_dir_all(place.join("lint")).expect("the copy can be made");
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/own-rules"), &place.join("lint"));
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_connlint"))
        .args(&case.args)
        .current_dir(place.join(&case.cwd))
        .env_clear()
        .envs(&case.env)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    // A command that does not read its input closes it early.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(case.stdin.as_bytes()));
    let output = child.wait_with_output().expect("the command ends");
    for (name, actual) in [("stdout", &output.stdout), ("stderr", &output.stderr)] {
        let shown = String::from_utf8_lossy(actual);
        assert!(!shown.contains("GEHEIM"), "a secret in {name} of {}: {shown}", folder.display());
        compare(&folder.join(name), actual);
    }
    compare_files(&folder.join("after"), &place);
    assert_eq!(output.status.code(), Some(case.status), "exit status of {}", folder.display());
}

fn compare(expected: &Path, actual: &[u8]) {
    let actual = String::from_utf8(actual.to_vec()).expect("output is UTF-8");
    if actual.is_empty() && !expected.exists() {
        return;
    }
    if !expected.exists() {
        fs::write(expected, "").expect("a snapshot can be made");
    }
    snapbox::Assert::new().action_env("SNAPSHOTS").eq(actual, snapbox::Data::read_from(expected, None).raw());
}

/// Every file below `expected` must be found at the same place below `actual`, with the same text.
fn compare_files(expected: &Path, actual: &Path) {
    let Ok(entries) = fs::read_dir(expected) else { return };
    for entry in entries {
        let path = entry.expect("readable").path();
        let same = actual.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            compare_files(&path, &same);
        } else {
            compare(&path, &fs::read(&same).unwrap_or_default());
        }
    }
}

fn copy(from: &Path, to: &Path) {
    let Ok(entries) = fs::read_dir(from) else { return };
    for entry in entries {
        let path = entry.expect("readable").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            fs::create_dir_all(&target).expect("the copy can be made");
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("the copy can be made");
        }
    }
}

/// Files that other programs start the command with name options that it has.
#[test]
fn what_starts_the_command_elsewhere_names_options_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let help =
        Command::new(env!("CARGO_BIN_EXE_connlint")).args(["check", "--help"]).output().expect("it starts");
    let help = String::from_utf8(help.stdout).expect("output is UTF-8");
    for file in ["action.yml", ".pre-commit-hooks.yaml", "templates/connlint.yml"] {
        let text = fs::read_to_string(root.join(file)).expect("the file exists");
        let calls: Vec<&str> = text.lines().filter(|l| l.contains("connlint check")).collect();
        assert!(!calls.is_empty(), "{file}");
        let options =
            calls.iter().flat_map(|l| l.split_whitespace()).filter(|w| w.starts_with("--") && w.len() > 2);
        for option in options {
            assert!(
                help.contains(&format!("{option} ")) || help.contains(&format!("{option}\n")),
                "{file}: {option}"
            );
        }
    }
    let vscode = fs::read_to_string(root.join("editors/vscode/package.json")).expect("the file exists");
    let vscode: serde_json::Value = serde_json::from_str(&vscode).expect("JSON");
    assert_eq!(vscode["version"], env!("CARGO_PKG_VERSION"), "the extension has the version of the program");
}

/// A repository with one commit: a server that is only fit together with a client.
fn repository(place: &Path) -> impl Fn(&[&str]) -> String {
    let _ = fs::remove_dir_all(place);
    fs::create_dir_all(place).expect("a directory");
    let place = place.to_owned();
    let git = move |args: &[&str]| {
        let output = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@t", "-c", "init.defaultBranch=main"])
            .args(args)
            .current_dir(&place)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git starts");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    git(&["init", "-q"]);
    git
}

#[test]
fn only_what_touches_changed_files_is_reported() {
    if Command::new("git").arg("--version").output().is_err() {
        return;
    }
    let place = std::env::temp_dir().join(format!("connlint-git-{}", std::process::id()));
    let git = repository(&place);
    let write = |name: &str, text: &str| {
        let path = place.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(path, text).expect("a file");
    };
    let check = |args: &[&str], directory: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_connlint"))
            .args([
                "check",
                "--isolated",
                "--format",
                "concise",
                "--quiet",
                "--select",
                "rabbitmq/heartbeat-disabled",
            ])
            .args(args)
            .current_dir(place.join(directory))
            .output()
            .expect("the command starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let files: Vec<String> =
            text.lines().filter_map(|l| l.split(':').next()).map(str::to_owned).collect();
        (files, output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    write("a/rabbitmq.conf", "heartbeat = 0\n");
    write("b ü/rabbitmq.conf", "heartbeat = 60\n");
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    assert_eq!(check(&["--since", "HEAD"], ""), (vec![], Some(0), String::new()));
    write("b ü/rabbitmq.conf", "heartbeat = 0\n");
    write("new/rabbitmq.conf", "heartbeat = 0\n");
    let changed = vec!["b ü/rabbitmq.conf".to_owned(), "new/rabbitmq.conf".to_owned()];
    assert_eq!(check(&["--since", "HEAD"], "").0, changed);
    assert_eq!(check(&["--since", "main", ".."], "a").0, ["../b ü/rabbitmq.conf", "../new/rabbitmq.conf"]);
    assert_eq!(check(&["--staged"], "").0, Vec::<String>::new());
    git(&["add", "new"]);
    assert_eq!(check(&["--staged"], "").0, ["new/rabbitmq.conf"]);
    let (_, status, message) = check(&["--since", "nowhere"], "");
    assert_eq!(status, Some(2));
    assert!(message.starts_with("connlint: git: "), "{message}");
    fs::remove_dir_all(&place).expect("the repository can go");
}
