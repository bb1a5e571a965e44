//! What other programs tell: each is asked for a list, under a time limit, and changes nothing.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::{Bundle, Host};
use crate::failure::reason;

/// Longer answers are cut: a host with so much to tell has a fault of another kind.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// How often a program is looked after.
const PAUSE: Duration = Duration::from_millis(5);

/// Runs a program that reads nothing, and takes what it says; else why it is not there, did not end, or refused.
pub(super) fn ask(host: &Host, program: &str, arguments: &[&str]) -> Result<String, String> {
    understand(host, program, run(host, program, arguments))
}

fn understand(host: &Host, program: &str, ended: io::Result<Ended>) -> Result<String, String> {
    match ended {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(format!("there is no program `{program}`"))
        }
        Err(error) => Err(format!("{program}: {}", reason(&error))),
        Ok(Ended { status: None, .. }) => {
            Err(format!("{program} has not answered within {} s", host.patience.as_secs()))
        }
        Ok(Ended { status: Some(true), said, .. }) => Ok(said),
        Ok(Ended { complaint, .. }) => Err(match complaint.lines().find(|l| !l.trim().is_empty()) {
            Some(line) => format!("{program}: {}", essence(line)),
            None => format!("{program} failed and does not say why"),
        }),
    }
}

/// What a line of complaint says; OpenSSL's holds it between numbers and places in its source:
/// `40F7…:error:8000006F:system library:BIO_connect:Connection refused:bio_sock2.c:117:calling connect()`.
fn essence(line: &str) -> &str {
    let reason = line.split_once(":error:").and_then(|(_, rest)| rest.split(':').nth(3));
    reason.unwrap_or(line).trim()
}

struct Ended {
    /// Whether it ended well; `None` if it did not end.
    status: Option<bool>,
    said: String,
    complaint: String,
}

/// Programs for administrators are often not on the path of others.
const SYSTEM_DIRECTORIES: [&str; 2] = ["/usr/sbin", "/sbin"];

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let system = SYSTEM_DIRECTORIES.iter().map(PathBuf::from);
    std::env::split_paths(&path).chain(system).map(|d| d.join(program)).find(|p| p.is_file())
}

fn run(host: &Host, program: &str, arguments: &[&str]) -> io::Result<Ended> {
    let path = find(program).ok_or(io::ErrorKind::NotFound)?;
    let mut child = Command::new(path)
        .args(arguments)
        // Their words are read, not shown.
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let said = drain(child.stdout.take());
    let complaint = drain(child.stderr.take());
    let deadline = Instant::now() + host.patience;
    let status = loop {
        match child.try_wait()? {
            Some(status) => break Some(status.success()),
            None if Instant::now() >= deadline => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(PAUSE),
        }
    };
    // What it started may live on and hold the pipes open: that is not waited for.
    let rest = |from: mpsc::Receiver<String>| {
        let left = deadline.saturating_duration_since(Instant::now()).max(PAUSE);
        from.recv_timeout(left).unwrap_or_default()
    };
    Ok(Ended { status, said: rest(said), complaint: rest(complaint) })
}

/// Reads a pipe beside the rest, so that a program that says much does not wait for its reader.
fn drain(pipe: Option<impl Read + Send + 'static>) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(MOST_BYTES).read_to_end(&mut bytes);
        }
        // Nobody waits any more when the time is up.
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}

/// The rules of the firewall, each once: what iptables shows is a part of what nft shows, in other words.
pub(super) fn firewall(host: &Host, bundle: &mut Bundle) {
    let mut whys = Vec::new();
    let mut asked = 0;
    let mut shown = BTreeSet::new();
    for (program, family) in [("iptables-save", "ip"), ("ip6tables-save", "ip6")] {
        match ask(host, program, &[]) {
            Ok(text) => {
                asked += 1;
                let tables = text.lines().filter_map(|l| l.strip_prefix('*'));
                let before = shown.len();
                shown.extend(tables.map(|t| format!("{family} {}", t.trim())));
                if shown.len() > before {
                    bundle.add(format!("{program}.txt"), program, text);
                }
            }
            Err(why) => whys.push((program, why)),
        }
    }
    match ask(host, "nft", &["list", "ruleset"]) {
        Ok(text) => {
            asked += 1;
            let rest = other_tables(&text, &shown);
            if !rest.trim().is_empty() {
                bundle.add("nftables.txt", "nft list ruleset", rest);
            }
        }
        Err(why) => whys.push(("nft", why)),
    }
    if asked == 0 {
        match ask(host, "ufw", &["status", "verbose"]) {
            Ok(text) => bundle.add("ufw-status.txt", "ufw status verbose", text),
            Err(why) => whys.push(("ufw", why)),
        }
    }
    for (program, why) in whys {
        bundle.miss(format!("firewall ({program})"), why);
    }
}

/// What nft lists without the tables that iptables showed already.
fn other_tables(text: &str, shown: &BTreeSet<String>) -> String {
    let mut out = String::new();
    let mut skip = false;
    for line in text.split_inclusive('\n') {
        if let Some(name) = line.strip_prefix("table ") {
            skip = shown.contains(name.trim_end().trim_end_matches('{').trim_end());
        }
        // Between tables stand remarks about who manages the next one.
        if !skip && !line.starts_with('#') {
            out.push_str(line);
        }
        skip &= !line.starts_with('}');
    }
    out
}

/// The effective configuration of the broker that runs here, and its users, virtual hosts and policies.
pub(super) fn rabbitmq(host: &Host, runs: bool, bundle: &mut Bundle) {
    const WHAT: &str = "RabbitMQ";
    const PROGRAM: &str = "rabbitmqctl";
    if find(PROGRAM).is_none() {
        if runs {
            bundle.miss(WHAT, format!("there is no program `{PROGRAM}`"));
        }
        return;
    }
    if !runs {
        return bundle.miss(WHAT, "no broker runs here: no process is named `beam.smp`");
    }
    // Erlang makes itself a cookie where there is none, and here nothing is made.
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let homes = [home.as_path(), Path::new("/var/lib/rabbitmq")];
    if !homes.iter().any(|h| h.join(".erlang.cookie").exists()) {
        return bundle.miss(WHAT, "there is no Erlang cookie here, and rabbitmqctl would make one");
    }
    match ask(host, PROGRAM, &["--quiet", "environment"]) {
        // What it prints lacks the full stop that ends a term in a file.
        Ok(text) => {
            let text = format!("{}.\n", text.trim_end().trim_end_matches('.'));
            bundle.add("rabbitmq/advanced.config", "rabbitmqctl environment", text);
        }
        Err(why) => bundle.miss(format!("{WHAT} (environment)"), why),
    }
    match ask(host, PROGRAM, &["--quiet", "export_definitions", "-"]) {
        Ok(text) => bundle.add("rabbitmq/definitions.json", "rabbitmqctl export_definitions", text),
        Err(why) => bundle.miss(format!("{WHAT} (definitions)"), why),
    }
}

/// The certificates that an endpoint shows, and what the handshake agrees on.
pub(super) fn certificate(host: &Host, endpoint: &str, bundle: &mut Bundle) {
    let name = endpoint.rsplit_once(':').map_or(endpoint, |(host, _)| host).trim_matches(['[', ']']);
    let mut arguments = vec!["s_client", "-connect", endpoint, "-showcerts"];
    // An address is not a name that a server could choose its certificate by.
    if name.parse::<std::net::IpAddr>().is_err() {
        arguments.extend(["-servername", name]);
    }
    let what = format!("certificate of {endpoint}");
    // A handshake that fails is an answer too: the transcript says why.
    match run(host, "openssl", &arguments) {
        Ok(Ended { said, complaint, .. }) if said.contains("CONNECTED(") => {
            let command = format!("openssl {}", arguments.join(" "));
            // Words of a host's name, such as `test`, are no words about the file.
            let number = 1 + bundle.entries.iter().filter(|e| e.name.starts_with("tls/")).count();
            bundle.add(
                format!("tls/endpoint-{number}.txt"),
                command.clone(),
                format!("$ {command}\n{complaint}{}", without_keys(&said)),
            );
        }
        ended => match understand(host, "openssl", ended) {
            Ok(_) => bundle.miss(what, "openssl ended without a connection"),
            Err(why) => bundle.miss(what, why),
        },
    }
}

/// A transcript without the session's keys and tickets, which open what was recorded of it and tell nothing else.
fn without_keys(text: &str) -> String {
    let key = |line: &str| {
        ["Master-Key:", "Resumption PSK:", "TLS session ticket"].iter().any(|k| line.contains(k))
            || line.trim_start().get(4..7) == Some(" - ")
    };
    text.split_inclusive('\n').filter(|line| !key(line)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_that_iptables_showed_are_not_shown_twice() {
        let text = "# Warning: table ip filter is managed by iptables-nft, do not touch!\n\
            table ip filter {\n\tchain INPUT {\n\t}\n}\n\
            table inet own {\n\tchain in {\n\t}\n}\ntable ip6 filter {\n}\n";
        let shown = BTreeSet::from(["ip filter".to_owned()]);
        assert_eq!(
            other_tables(text, &shown),
            "table inet own {\n\tchain in {\n\t}\n}\ntable ip6 filter {\n}\n"
        );
    }

    #[test]
    fn a_complaint_is_told_without_its_numbers() {
        let openssl = "40F7:error:8000006F:system library:BIO_connect:Connection refused:bio_sock2.c:117:x";
        for (line, said) in [(openssl, "Connection refused"), (" not permitted\n", "not permitted")] {
            assert_eq!(essence(line), said);
        }
    }

    #[test]
    fn a_program_that_does_not_end_is_left() {
        let host = Host { proc: "/proc".into(), patience: Duration::from_millis(100) };
        let began = Instant::now();
        let why = |program, arguments: &[&str]| match ask(&host, program, arguments) {
            Ok(text) => panic!("{text}"),
            Err(why) => why,
        };
        assert!(why("sh", &["-c", "sleep 60"]).starts_with("sh has not answered"));
        assert!(why("sh", &["-c", "sleep 60 & exit 3"]).starts_with("sh failed"));
        assert_eq!(why("sh", &["-c", "echo >&2; echo ' no ' >&2; exit 1"]), "sh: no");
        assert_eq!(why("no-such-program", &[]), "there is no program `no-such-program`");
        assert!(began.elapsed() < Duration::from_secs(30));
    }
}
