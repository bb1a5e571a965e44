//! What a host shows of itself: limits of processes and sockets that listen.

use std::collections::BTreeSet;

use crate::facts::kinds::host::{process, socket};
use crate::facts::{Fact, Value};
use crate::source::{Source, Span, View};
use crate::systems::{FileKind, Match, Reading, services};

/// Limits of a process.
pub static PROCESS_LIMITS: FileKind = FileKind {
    name: "process-limits",
    doc: "The output of `ulimit -a`, or /proc/PID/limits, which may stand behind /proc/PID/status.",
    recognise: recognise_limits,
    read: read_limits,
};

/// Sockets that listen.
pub static LISTENING: FileKind = FileKind {
    name: "listening-sockets",
    doc: "The output of `ss -tlnp` or `netstat -tulnp`.",
    recognise: recognise_sockets,
    read: read_sockets,
};

/// The heads of both outputs stand in the first lines.
const SEARCHED: usize = 4 * 1024;

/// Servers by the name that the kernel shows for their processes, of which it keeps fifteen bytes. That of a Java
/// program says nothing.
const PROCESSES: &[(&str, &str)] = &[
    ("beam.smp", "rabbitmq"),
    ("haproxy", "haproxy"),
    ("nginx", "nginx"),
    ("envoy", "envoy"),
    ("redis-server", "redis"),
    ("valkey-server", "redis"),
    ("postgres", "postgresql"),
    ("mysqld", "mysql"),
    ("mariadbd", "mysql"),
    ("pgbouncer", "pgbouncer"),
    ("mongod", "mongodb"),
    ("etcd", "etcd"),
    ("mosquitto", "mosquitto"),
    ("nats-server", "nats"),
];

/// The server that a process of this name is.
pub fn server_of(process: &str) -> Option<&'static str> {
    PROCESSES.iter().find(|(name, _)| *name == process).map(|(_, server)| *server)
}

fn head(source: &Source) -> &str {
    source.text.get(..crate::source::floor_boundary(&source.text, SEARCHED)).unwrap_or_default()
}

fn recognise_limits(source: &Source) -> Match {
    let text = head(source);
    let proc = text.contains("Limit  ") && text.contains("Soft Limit") && text.contains("Max open files");
    let ulimit = text.contains("open files") && text.contains("(-n)") && text.contains("(-u)");
    if proc || ulimit { Match::Sure } else { Match::No }
}

fn recognise_sockets(source: &Source) -> Match {
    let text = head(source);
    let ss = text.contains("Recv-Q") && text.contains("Send-Q") && text.contains("Local Address:Port");
    let netstat =
        text.contains("Recv-Q") && text.contains("Local Address") && text.contains("Foreign Address");
    if ss || netstat { Match::Sure } else { Match::No }
}

/// Lines with the range of each in the text.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let at = start;
        start += line.len();
        (at, line.trim_end())
    })
}

fn read_limits(view: &View<'_>, out: &mut Reading) {
    let text = view.text.as_ref();
    let mut fact: Option<Fact> = None;
    let mut name: Option<(&str, Span)> = None;
    for (at, line) in lines(text) {
        let span = view.span(at..at + line.len());
        if let Some(program) = line.strip_prefix("Name:") {
            name = Some((program.trim(), span));
            continue;
        }
        let word = |value: Option<&str>| value.and_then(|w| w.parse::<i64>().ok()).map(Value::Int);
        if let Some(rest) = line.strip_prefix("Max open files").or_else(|| line.strip_prefix("Max processes"))
        {
            let files = line.starts_with("Max open");
            let fact = fact.get_or_insert_with(|| Fact::new(&process::KIND, span));
            fact.derive(process::source, Value::text("proc"));
            let mut values = rest.split_whitespace();
            let fields = if files {
                [process::nofile, process::nofile_hard]
            } else {
                [process::nproc, process::nproc_hard]
            };
            for field in fields {
                if let Some(value) = word(values.next()) {
                    fact.write(field, value, span);
                }
            }
        } else if line.contains("(-n)") || line.contains("(-u)") {
            let field = if line.contains("(-n)") { process::nofile } else { process::nproc };
            let fact = fact.get_or_insert_with(|| Fact::new(&process::KIND, span));
            fact.derive(process::source, Value::text("ulimit"));
            if let Some(value) = word(line.split_whitespace().last()) {
                fact.write(field, value, span);
            }
        }
    }
    if let Some(mut fact) = fact {
        if let Some((name, span)) = name {
            fact.write(process::name, Value::text(name), span);
            if let Some(server) = server_of(name) {
                fact.derive(process::server, Value::text(server));
            }
        }
        out.facts.add(fact);
    }
}

fn read_sockets(view: &View<'_>, out: &mut Reading) {
    let text = view.text.as_ref();
    let mut sockets: Vec<Fact> = Vec::new();
    // `ss` leaves the protocol out when only one was asked for; it writes Recv-Q and Send-Q behind the state.
    for (at, line) in lines(text) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let udp = words.first().is_some_and(|w| w.starts_with("udp"));
        let listening = words.contains(&"LISTEN") || udp;
        let Some(local) = words.iter().position(|w| address(w).is_some()).filter(|_| listening) else {
            continue;
        };
        let Some((host, port)) = words.get(local).and_then(|w| address(w)) else { continue };
        let mut fact = Fact::new(&socket::KIND, view.span(at..at + line.len()));
        let span = fact.span;
        fact.derive(socket::protocol, Value::text(if udp { "udp" } else { "tcp" }));
        fact.write(socket::port, Value::Int(port), span);
        let host = host.split('%').next().unwrap_or_default().trim_matches(['[', ']']);
        let any = matches!(host, "*" | "0.0.0.0" | "::" | "");
        fact.write(socket::address, Value::text(if any { "*" } else { host }), span);
        fact.derive(socket::any_address, Value::Bool(any));
        let loopback = host.starts_with("127.") || host == "::1" || host.starts_with("::ffff:127.");
        fact.derive(socket::loopback_only, Value::Bool(loopback));
        // For a socket that listens, Send-Q is the length of its accept queue.
        let backlog = words.get(local.wrapping_sub(1)).and_then(|w| w.parse::<i64>().ok());
        if let Some(n) = backlog.filter(|n| *n > 0 && !udp) {
            fact.write(socket::backlog, Value::Int(n), span);
        }
        let quoted = line.split_once("users:((\"").and_then(|(_, rest)| rest.split('"').next());
        let slash = words.iter().skip(local).find_map(|w| {
            let (pid, name) = w.split_once('/')?;
            pid.bytes().all(|b| b.is_ascii_digit()).then_some(name)
        });
        if let Some(name) = quoted.or(slash).filter(|n| !n.is_empty()) {
            fact.write(socket::process, Value::text(name), span);
        }
        if let Some(service) = services::service(port) {
            fact.derive(socket::service, Value::text(service));
        }
        sockets.push(fact);
    }
    let reached: BTreeSet<(Option<String>, Option<i64>)> =
        sockets.iter().filter(|s| s.bool(socket::loopback_only) == Some(false)).map(door).collect();
    for mut fact in sockets {
        let all = !reached.contains(&door(&fact));
        fact.derive(socket::port_loopback_only, Value::Bool(all));
        out.facts.add(fact);
    }
}

/// Protocol and port of a socket.
fn door(socket: &Fact) -> (Option<String>, Option<i64>) {
    (socket.text(socket::protocol).map(str::to_owned), socket.int(socket::port))
}

/// `host:port` with a number for the port.
fn address(word: &str) -> Option<(&str, i64)> {
    let (host, port) = word.rsplit_once(':')?;
    let port = port.parse().ok().filter(|p| (1..=65_535).contains(p))?;
    let fits = |c: char| c.is_ascii_hexdigit() || matches!(c, '.' | ':' | '[' | ']' | '*' | '%');
    (host.contains('%') || host.chars().all(fits)).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::source::FileId;

    fn facts(text: &str) -> Facts {
        let source = Source::new("captured.txt", text);
        let kind =
            [&PROCESS_LIMITS, &LISTENING].into_iter().find(|k| (k.recognise)(&source) > Match::No).unwrap();
        let mut out = Reading::default();
        (kind.read)(&View::whole(FileId(0), &source), &mut out);
        out.facts
    }

    #[test]
    fn both_forms_of_limits_are_read() {
        let proc = "Limit                     Soft Limit           Hard Limit           Units     \n\
            Max processes             100                  200                  processes \n\
            Max open files            1024                 524288               files     \n";
        let ulimit =
            "open files                          (-n) 20000\nmax user processes                  (-u) 77\n";
        for (text, soft, hard, processes) in [(proc, 1024, Some(524_288), 100), (ulimit, 20_000, None, 77)] {
            let all = facts(text);
            let (_, fact) = all.of(&process::KIND).next().unwrap();
            assert_eq!((fact.int(process::nofile), fact.int(process::nofile_hard)), (Some(soft), hard));
            assert_eq!(fact.int(process::nproc), Some(processes));
        }
    }

    #[test]
    fn a_process_is_known_by_its_name() {
        let limits = "Limit  Soft Limit  Hard Limit  Units\nMax open files 1024 4096 files\n";
        for (name, server) in [("beam.smp", Some("rabbitmq")), ("bash", None)] {
            let all = facts(&format!("Name:\t{name}\n{limits}"));
            let (_, fact) = all.of(&process::KIND).next().unwrap();
            assert_eq!((fact.text(process::name), fact.text(process::server)), (Some(name), server));
        }
    }

    #[test]
    fn both_tools_show_sockets() {
        let ss = "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n\
            LISTEN 0      128          0.0.0.0:5672      0.0.0.0:*    users:((\"beam.smp\",pid=1,fd=2))\n\
            LISTEN 0      511        127.0.0.1:6379      0.0.0.0:*\n\
            LISTEN 0      4096   127.0.0.53%lo:53        0.0.0.0:*\n\
            LISTEN 0      128             [::]:25672        [::]:*\n";
        let netstat = "Proto Recv-Q Send-Q Local Address           Foreign Address         State       PID/Program name\n\
            tcp        0      0 0.0.0.0:5672            0.0.0.0:*               LISTEN      77/beam.smp\n\
            udp        0      0 127.0.0.1:323           0.0.0.0:*                           9/chronyd\n";
        let see = |text: &str| -> Vec<String> {
            facts(text)
                .of(&socket::KIND)
                .map(|(_, f)| {
                    let part = |field| f.get(field).map_or("-".into(), |s: &crate::facts::Said| s.shown());
                    format!(
                        "{} {} {} {}",
                        part(socket::address),
                        part(socket::port),
                        part(socket::loopback_only),
                        part(socket::process)
                    )
                })
                .collect()
        };
        assert_eq!(
            see(ss),
            ["* 5672 false beam.smp", "127.0.0.1 6379 true -", "127.0.0.53 53 true -", "* 25672 false -"]
        );
        assert_eq!(see(netstat), ["* 5672 false beam.smp", "127.0.0.1 323 true chronyd"]);
    }
}
