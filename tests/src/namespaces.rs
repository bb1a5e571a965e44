//! Two network namespaces with a cable between them: a server's and a client's. What listens inside is seen from
//! nowhere else, so every pair has all ports to itself, and no packet leaves.

use std::io::Write;
use std::process::{Command, Output, Stdio};

/// The server's address.
pub const SERVER: &str = "10.99.0.1";

/// A pair of namespaces; its programs are ended and it is removed when it goes.
#[derive(Debug)]
pub struct Namespaces {
    /// Where programs listen, at [`SERVER`].
    pub server: String,
    /// Where clients dial from: 10.99.1.2, a neighbour, and 198.18.0.2, a stranger.
    pub client: String,
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        for name in [&self.server, &self.client] {
            // Programs that put themselves in the background are found by where they are.
            if let Ok(output) = Command::new("ip").args(["netns", "pids", name]).output() {
                let all = String::from_utf8_lossy(&output.stdout).into_owned();
                let pids: Vec<&str> = all.split_whitespace().collect();
                if !pids.is_empty() {
                    let _ = Command::new("kill").arg("-KILL").args(pids).output();
                }
            }
            let _ = Command::new("ip").args(["netns", "del", name]).output();
            let _ = std::fs::remove_dir_all(files_of(name));
        }
    }
}

/// What lies here is seen in `/etc` by programs in the namespace of this name.
fn files_of(name: &str) -> String {
    format!("/etc/netns/{name}")
}

impl Namespaces {
    /// Makes a pair; `tag` tells those of one process apart. Programs inside find the server under `hosts`.
    pub fn set_up(tag: &str, hosts: &[&str]) -> Result<Namespaces, String> {
        let number = std::process::id();
        let names =
            Namespaces { server: format!("clint-s{number}{tag}"), client: format!("clint-c{number}{tag}") };
        let (server, client) = (&names.server, &names.client);
        ip(&format!("netns add {server}"))?;
        ip(&format!("netns add {client}"))?;
        ip(&format!("-n {server} link add eth0 type veth peer name eth0 netns {client}"))?;
        ip(&format!("-n {server} addr add {SERVER}/16 dev eth0"))?;
        ip(&format!("-n {client} addr add 10.99.1.2/16 dev eth0"))?;
        ip(&format!("-n {client} addr add 198.18.0.2/32 dev eth0"))?;
        ip(&format!("-n {server} addr add fd99::1/64 dev eth0 nodad"))?;
        ip(&format!("-n {client} addr add fd99::2/64 dev eth0 nodad"))?;
        for name in [server, client] {
            ip(&format!("-n {name} link set lo up"))?;
            ip(&format!("-n {name} link set eth0 up"))?;
            let text = format!("127.0.0.1 localhost\n::1 localhost\n{SERVER} {}\n", hosts.join(" "));
            std::fs::create_dir_all(files_of(name))
                .and_then(|()| std::fs::write(format!("{}/hosts", files_of(name)), text))
                .map_err(|e| format!("{}: {e}", files_of(name)))?;
        }
        ip(&format!("-n {server} route add 198.18.0.0/15 dev eth0"))?;
        Ok(names)
    }
}

/// Why there can be no namespaces here, if so.
pub fn missing() -> Option<String> {
    if run("ip", &["-V"], None).is_err() {
        return Some("ip is not installed".into());
    }
    let id = run("id", &["-u"], None).ok()?;
    (String::from_utf8_lossy(&id.stdout).trim() != "0").then(|| "not root".to_string())
}

/// A command that runs inside a namespace.
pub fn inside(namespace: &str, program: &str) -> Command {
    let mut command = Command::new("ip");
    command.args(["netns", "exec", namespace, program]);
    command
}

/// Runs a program to its end.
pub fn run(program: &str, arguments: &[&str], input: Option<&str>) -> std::io::Result<Output> {
    finish(Command::new(program).args(arguments), input)
}

/// Runs a command to its end, with `input` to read.
pub fn finish(command: &mut Command, input: Option<&str>) -> std::io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin.write_all(input.as_bytes())?;
    }
    child.wait_with_output()
}

fn ip(arguments: &str) -> Result<(), String> {
    let words: Vec<&str> = arguments.split_whitespace().collect();
    let output = run("ip", &words, None).map_err(|e| e.to_string())?;
    match output.status.success() {
        true => Ok(()),
        false => Err(format!("ip {arguments}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}
