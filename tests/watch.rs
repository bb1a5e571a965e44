//! `connlint check --watch`: what changes is checked again, and a reader that goes away ends it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// Longer than a loaded machine takes.
const PATIENCE: Duration = Duration::from_secs(60);

struct Watch {
    child: Child,
    lines: mpsc::Receiver<String>,
    folder: PathBuf,
}

impl Watch {
    fn start(name: &str, files: &[(&str, &str)]) -> (Watch, Option<ChildStdout>) {
        let folder = std::env::temp_dir().join(format!("connlint-watch-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a directory");
        for (file, text) in files {
            fs::write(folder.join(file), text).expect("a file");
        }
        let mut child = Command::new(env!("CARGO_BIN_EXE_connlint"))
            .args(["check", "--watch", "--format", "concise"])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let stdout = child.stdout.take();
        let stderr = child.stderr.take().expect("it is piped");
        let (send, lines) = mpsc::channel();
        std::thread::spawn(move || {
            BufReader::new(stderr).lines().map_while(Result::ok).all(|line| send.send(line).is_ok())
        });
        (Watch { child, lines, folder }, stdout)
    }

    fn write(&self, file: &str, text: &str) {
        fs::write(self.folder.join(file), text).expect("a file");
    }

    /// The next line on standard error that holds this.
    fn hear(&self, part: &str) -> String {
        loop {
            let line =
                self.lines.recv_timeout(PATIENCE).unwrap_or_else(|e| panic!("{part} is not said: {e}"));
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[test]
fn what_changes_is_checked_again() {
    let (watch, stdout) =
        Watch::start("again", &[("rabbitmq.conf", "heartbeat = 60\n"), ("other.txt", "x\n")]);
    let mut said = BufReader::new(stdout.expect("it is piped"));
    let mut next = |part: &str| {
        loop {
            let mut line = String::new();
            assert!(said.read_line(&mut line).expect("a line") > 0, "it ended before {part}");
            if line.contains(part) {
                return;
            }
        }
    };
    assert!(watch.hear("watching").contains("watching 2 files"));
    watch.write("rabbitmq.conf", "heartbeat = 0 # off\n");
    next("rabbitmq/heartbeat-disabled");
    watch.hear("watching");
    // Files come, and settings have mistakes while they are written.
    watch.write("connlint.toml", "netwrok = 1\n");
    watch.hear("netwrok");
    watch.hear("watching");
    watch.write("connlint.toml", "ignore = [\"rabbitmq/heartbeat-disabled\"]\n");
    watch.hear("watching 4 files");
    watch.write("new.uri", "amqp://u@h/v?heartbeat=5000\n");
    next("new.uri:1:");
}

#[test]
fn a_reader_that_goes_away_ends_it() {
    let (mut watch, stdout) = Watch::start("gone", &[("rabbitmq.conf", "heartbeat = 0\n")]);
    watch.hear("watching");
    drop(stdout);
    watch.write("rabbitmq.conf", "heartbeat = 0 # still\n");
    let began = std::time::Instant::now();
    let status = loop {
        if let Some(status) = watch.child.try_wait().expect("it can be asked") {
            break status;
        }
        assert!(began.elapsed() < PATIENCE, "it goes on for nobody");
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(status.success(), "{status:?}");
}
