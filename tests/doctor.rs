//! `connlint doctor` on a host that is made up: a folder in the place of `/proc`, and scripts in that of programs.
#![cfg(target_os = "linux")]

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder of its own, gone at the end.
struct Host(PathBuf);

const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units     \n\
    Max open files            1024                 524288               files     \n";

impl Host {
    /// A broker with few descriptors, whose port the firewall leaves open.
    fn new(name: &str) -> Host {
        let host = Host(std::env::temp_dir().join(format!("connlint-doctor-{}-{name}", std::process::id())));
        let _ = fs::remove_dir_all(&host.0);
        host.file("proc/7/comm", "beam.smp\n");
        host.file("proc/7/limits", LIMITS);
        host.file("proc/8/comm", "beam.smp\n");
        host.file("proc/8/limits", LIMITS);
        host.file("proc/9/comm", "bash\n");
        host.file("proc/self/limits", LIMITS);
        host.file("proc/sys/net/ipv4/tcp_keepalive_time", "7200\n");
        host.file("proc/sys/net/core/somaxconn", "4096\n");
        host.file(
            "proc/net/tcp",
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   \
             0: 00000000:6448 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0\n",
        );
        fs::create_dir_all(host.0.join("proc/7/fd")).expect("a directory");
        std::os::unix::fs::symlink("socket:[77]", host.0.join("proc/7/fd/3")).expect("a link");
        host.file(".erlang.cookie", "GEHEIM");
        host.program("iptables-save", "echo '*filter'; echo ':INPUT ACCEPT [0:0]'; echo COMMIT");
        host.program("ip6tables-save", "echo 'you must be root' >&2; exit 4");
        host.program("nft", "echo 'table ip filter {'; echo '}'");
        host.program("ufw", "echo unused >&2; exit 1");
        host.program(
            "rabbitmqctl",
            "case \"$2\" in environment) echo '[{rabbit,[{default_pass,<<\"GEHEIM1\">>},{heartbeat,0},\
             {tcp_listeners,[{\"auto\",5672}]}]}]';; *) echo '{\"users\":[{\"name\":\"shop\",\"tags\":[],\"password_hash\":\
             \"GEHEIM2\"}],\"vhosts\":[]}';; esac",
        );
        host.program(
            "openssl",
            "echo 'CONNECTED(00000003)'; echo 'Verify return code: 10 (certificate has expired)'; echo '    \
             Master-Key: GEHEIM3GEHEIM3GEHEIM3'; exit 1",
        );
        host
    }

    fn file(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("it has one")).expect("a directory");
        fs::write(path, text).expect("a file");
    }

    fn program(&self, name: &str, script: &str) {
        self.file(&format!("bin/{name}"), &format!("#!/bin/sh\n{script}\n"));
        let all = fs::Permissions::from_mode(0o755);
        fs::set_permissions(self.0.join("bin").join(name), all).expect("its own file");
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let path = format!("{}:/usr/bin:/bin", self.0.join("bin").display());
        let output = Command::new(env!("CARGO_BIN_EXE_connlint"))
            .args(arguments)
            .env("PATH", path)
            .env("HOME", &self.0)
            .current_dir(&self.0)
            .output()
            .expect("the command starts");
        for text in [&output.stdout, &output.stderr] {
            assert!(!String::from_utf8_lossy(text).contains("GEHEIM"), "{output:?}");
        }
        output
    }

    fn doctor(&self, more: &[&str]) -> Output {
        self.run(
            &[
                &["doctor", "--proc", "proc", "--format", "json-lines", "--no-config", "--now", "2026-01-01"],
                more,
            ]
            .concat(),
        )
    }

    fn check(&self, path: &str) -> BTreeSet<String> {
        rules(&self.run(&["check", "--format", "json-lines", "--no-config", "--now", "2026-01-01", path]))
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn rules(output: &Output) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(&output.stdout);
    let rule = |line: &str| -> String {
        let finding: serde_json::Value = serde_json::from_str(line).expect("JSON");
        finding["rule"].as_str().expect("a rule").to_owned()
    };
    text.lines().map(rule).collect()
}

fn said(output: &Output) -> BTreeSet<String> {
    String::from_utf8_lossy(&output.stderr).lines().map(str::to_owned).collect()
}

#[test]
fn a_host_is_read_and_judged_and_what_is_missing_is_told() {
    let host = Host::new("read");
    let output = host.doctor(&["-v", "--endpoint", "mq.example:5671"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let expected = [
        "connlint: iptables-save.txt: iptables-save",
        "connlint: not read: firewall (ip6tables-save): ip6tables-save: you must be root",
        "connlint: not read: proc/net/tcp6: no such file or directory",
        "connlint: proc/7/limits: proc/7/limits",
        "connlint: rabbitmq/advanced.config: rabbitmqctl environment",
        "connlint: rabbitmq/definitions.json: rabbitmqctl export_definitions",
        "connlint: sockets.txt: proc/net/tcp{,6}",
        "connlint: sysctl.txt: proc/sys",
        "connlint: tls/endpoint-1.txt: openssl s_client -connect mq.example:5671 -showcerts -servername mq.example",
    ];
    assert_eq!(said(&output), expected.map(str::to_owned).into());
    let found = rules(&output);
    for rule in [
        "host/cluster-port-on-all-addresses",
        "limits/process-nofile-low",
        "rabbitmq/heartbeat-disabled",
        "sysctl/keepalive-slow",
        "tls/session-verification-failed",
    ] {
        assert!(found.contains(rule), "{rule}: {found:?}");
    }
}

#[test]
fn a_copy_is_judged_like_the_host_and_holds_no_secret() {
    let host = Host::new("copy");
    let endpoint = ["--endpoint", "10.0.0.7:5671"];
    let mut direct = rules(&host.doctor(&[&endpoint[..], &["--save", "one.txt"]].concat()));
    // What is to be said of a secret cannot be said of a copy without it.
    assert!(direct.remove("rabbitmq/user-hash-not-base64"));
    host.doctor(&[&endpoint[..], &["--save", "many/"]].concat());
    for copy in ["one.txt", "many"] {
        assert_eq!(host.check(copy), direct, "{copy}");
    }
    for (name, holds) in [
        ("one.txt", "==> proc/7/limits <=="),
        ("many/doctor.txt", "not read: "),
        ("many/proc/7/limits", "1024"),
    ] {
        let text = fs::read_to_string(host.0.join(name)).expect(name);
        assert!(text.contains(holds) && !text.contains("GEHEIM"), "{name}: {text}");
        let mode = fs::metadata(host.0.join(name)).expect(name).permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    for taken in ["one.txt", "many", "many/"] {
        assert_eq!(host.doctor(&["--save", taken]).status.code(), Some(2), "{taken}");
    }
    host.doctor(&[&endpoint[..], &["--save", "shared.txt", "--anonymous"]].concat());
    let shared = fs::read_to_string(host.0.join("shared.txt")).expect("it is there");
    assert!(!shared.contains("10.0.0.7") && shared.contains("address-1"), "{shared}");
}

#[test]
fn programs_that_hang_or_are_not_wanted_hold_nothing_up() {
    let host = Host::new("hang");
    host.program("nft", "exec sleep 60");
    let began = std::time::Instant::now();
    let output =
        host.doctor(&["--timeout", "1", "--pid", "9999", "--process", "beam.smp", "--process", "none"]);
    assert!(began.elapsed().as_secs() < 30);
    for why in [
        "connlint: not read: firewall (nft): nft has not answered within 1 s",
        "connlint: not read: process 9999: there is no such process",
        "connlint: not read: process `none`: no process has this name; /proc/PID/comm tells names",
    ] {
        assert!(said(&output).contains(why), "{why}: {output:?}");
    }
    fs::remove_file(host.0.join("proc/7/comm")).expect("it is there");
    fs::remove_file(host.0.join("proc/8/comm")).expect("it is there");
    host.program("rabbitmqctl", "touch ran");
    let output = host.doctor(&["-v", "--timeout", "1"]);
    let why = "connlint: not read: RabbitMQ: no broker runs here: no process is named `beam.smp`";
    assert!(said(&output).contains(why), "{output:?}");
    assert!(said(&output).contains("connlint: proc/self/limits: proc/self/limits"), "{output:?}");
    assert!(!Path::new(&host.0).join("ran").exists());
}
