//! Rules that say a program refuses its configuration, held to the real programs: Redis, PostgreSQL, PgBouncer and
//! MariaDB, where they are installed. Each case names a rule, a line, and whether the program takes it.

#![expect(clippy::print_stderr, reason = "what is skipped is read by people")]

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use connlint_core::{RuleSet, Settings, Source, Sources};

/// How a case ends.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// The program refuses the line, and the rule finds it.
    Refused,
    /// The program takes the line, and no rule of its room calls it an error.
    Taken,
}
use End::{Refused, Taken};

/// A program that stays up longer than this has taken its configuration.
const PATIENCE: Duration = Duration::from_secs(4);

/// Redis says so when it has started.
const READY: &str = "eady to accept connections";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A directory of one case, removed at its end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Scratch {
        let name = format!("connlint-real-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary directory can be made");
        Scratch(path)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a temporary file can be written");
        path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// The program's path; says what is skipped without it.
fn program(name: &str) -> Option<PathBuf> {
    let mut places: Vec<PathBuf> =
        std::env::var_os("PATH").map(|p| std::env::split_paths(&p).collect()).unwrap_or_default();
    places.push("/usr/sbin".into());
    for version in 12..30 {
        places.push(format!("/usr/lib/postgresql/{version}/bin").into());
    }
    let found = places.into_iter().map(|place| place.join(name)).find(|path| path.is_file());
    if found.is_none() {
        eprintln!("skipped: {name} is not installed");
    }
    found
}

/// Runs a program for a while; true if it ended by itself, and what it wrote.
fn run(command: &mut Command, scratch: &Scratch) -> (bool, String) {
    let log = scratch.0.join("log");
    let file = std::fs::File::create(&log).expect("a temporary file can be made");
    let again = file.try_clone().expect("a file has a second handle");
    let mut child =
        command.stdin(Stdio::null()).stdout(file).stderr(again).spawn().expect("the program can be started");
    let start = Instant::now();
    let mut ended = false;
    while start.elapsed() < PATIENCE {
        if child.try_wait().expect("a child can be asked").is_some() {
            ended = true;
            break;
        }
        if std::fs::read_to_string(&log).is_ok_and(|text| text.contains(READY)) {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    if !ended {
        child.kill().expect("our own child can be ended");
    }
    child.wait().expect("a child ends");
    (ended, std::fs::read_to_string(&log).unwrap_or_default())
}

/// Rules that find an error in a text of this room.
fn errors(room: &str, name: &str, text: &str) -> Vec<String> {
    let mut sources = Sources::new();
    sources.add(Source::new(name, text));
    let report = connlint_core::lint(&sources, &Settings::default(), &RuleSet::built_in()).report;
    let own = |id: &str| id.starts_with(room) && id[room.len()..].starts_with('/');
    report
        .findings
        .iter()
        .filter(|f| f.severity == connlint_core::Severity::Error && own(&f.rule))
        .map(|f| f.rule.clone())
        .collect()
}

/// Holds the cases of one program to it: `refuses` tells whether the real program refuses a text.
fn hold(room: &str, file: &str, head: &str, cases: &[(&str, End)], refuses: impl Fn(&str) -> (bool, String)) {
    let mut wrong = Vec::new();
    for (line, end) in cases {
        let text = format!("{head}{line}\n");
        let (refused, said) = refuses(&text);
        let found = errors(room, file, &text);
        if refused != (*end == Refused) {
            let tail: String = said.lines().rev().take(3).collect::<Vec<_>>().join(" | ");
            wrong.push(format!("{file}: `{line}` is {end:?} in the table, the program says: {tail}"));
        }
        if found.is_empty() == (*end == Refused) {
            wrong.push(format!("{file}: `{line}` is {end:?}, the rules say {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn redis_refuses_what_the_rules_say() {
    let Some(server) = program("redis-server") else { return };
    let cases = [
        ("maxmemory-polcy allkeys-lru", Refused),
        ("appendonly true", Refused),
        ("maxmemory 2GiB", Refused),
        ("maxmemory 2gb", Taken),
        ("timeout 5m", Refused),
        ("timeout 0 # never", Refused),
        ("tcp-backlog -1", Refused),
        ("maxmemory-policy lru", Refused),
        ("save 900", Refused),
        ("save 900 1 300 10", Taken),
        ("client-output-buffer-limit pubsub 32mb 8mb", Refused),
        ("client-output-buffer-limit slave 256mb 64mb 60", Taken),
        ("rename-command FLUSHALL", Refused),
        ("requirepass \"a b\"", Taken),
        ("hash-max-ziplist-entries 512", Taken),
    ];
    hold("redis", "redis.conf", "port 0\n", &cases, |text| {
        let scratch = Scratch::new();
        let conf = scratch.write("redis.conf", text);
        let mut command = Command::new(&server);
        command.arg(conf).arg("--dir").arg(&scratch.0).arg("--unixsocket").arg(scratch.0.join("s"));
        let (ended, said) = run(&mut command, &scratch);
        (ended && said.contains("FATAL CONFIG FILE ERROR"), said)
    });
}

#[test]
fn postgres_refuses_what_the_rules_say() {
    let Some(server) = program("postgres") else { return };
    let cases = [
        ("max_conections = 200", Refused),
        ("shared_buffers = 128mb", Refused),
        ("shared_buffers = 1.5GB", Refused),
        ("shared_buffers = '1.5GB'", Taken),
        ("statement_timeout = 5m", Refused),
        ("statement_timeout = 5min", Taken),
        ("listen_addresses = *", Refused),
        ("listen_addresses = localhost", Taken),
        ("wal_level = logic", Refused),
        ("ssl = enabled", Refused),
        ("max_connections = 0", Refused),
        ("max_connections", Refused),
        ("data_checksums = on", Refused),
        ("unix_socket_permissions = 0777", Taken),
        ("log_statement = ALL", Taken),
    ];
    hold("postgres", "postgresql.conf", "port = 5432\n", &cases, |text| {
        let scratch = Scratch::new();
        let conf = scratch.write("postgresql.conf", text);
        // `-C` reads the file, shows one value and ends: nothing is started.
        let mut command = Command::new(&server);
        command.arg("-D").arg(&scratch.0).arg("-c").arg(format!("config_file={}", conf.display()));
        let (_, said) = run(unprivileged(command.args(["-C", "max_connections"]), &scratch), &scratch);
        (said.contains("contains errors"), said)
    });
}

#[test]
fn pgbouncer_refuses_what_the_rules_say() {
    let Some(server) = program("pgbouncer") else { return };
    let cases = [
        ("max_client_con = 500", Refused),
        ("pool_mode = transactional", Refused),
        ("pool_mode = Transaction", Taken),
        ("server_lifetime = 1h", Refused),
        ("query_timeout = 1.5", Taken),
        ("auth_type = scram", Refused),
        ("server_tls_sslmode = required", Refused),
        ("log_connections = enabled", Refused),
    ];
    let head = "[databases]\nx = host=127.0.0.1\n[pgbouncer]\nlisten_addr =\nunix_socket_dir =\n";
    hold("pgbouncer", "pgbouncer.ini", head, &cases, |text| {
        let scratch = Scratch::new();
        let conf = scratch.write("pgbouncer.ini", text);
        let (_, said) = run(unprivileged(Command::new(&server).arg(conf), &scratch), &scratch);
        (said.contains("cannot load config file"), said)
    });
}

/// Some programs refuse to run as root, and so do as nobody where the tests do.
fn unprivileged<'c>(command: &'c mut Command, scratch: &Scratch) -> &'c mut Command {
    const NOBODY: u32 = 65_534;
    let root = std::fs::metadata(&scratch.0).is_ok_and(|m| m.uid() == 0);
    if root { command.uid(NOBODY).gid(NOBODY) } else { command }
}

#[test]
fn mariadb_refuses_what_the_rules_say() {
    let Some(server) = program("mariadbd") else { return };
    let cases = [
        ("wait_timeout = 8h", Refused),
        ("wait_timeout = 600", Taken),
        ("innodb_buffer_pool_size = 1.5G", Refused),
        ("max_allowed_packet = 16MB", Taken),
        ("binlog_format = ROWS", Refused),
        ("binlog-format = row", Taken),
        ("transaction-isolation = READ COMMITTED", Refused),
        ("loose_max_conections = 5", Taken),
    ];
    hold("mysql", "my.cnf", "[mysqld]\n", &cases, |text| {
        let scratch = Scratch::new();
        let conf = scratch.write("my.cnf", text);
        let mut command = Command::new(&server);
        // `--help` reads the file, shows the values and ends: nothing is started.
        command.arg(format!("--defaults-file={}", conf.display())).args([
            "--user=root",
            "--verbose",
            "--help",
        ]);
        command.arg(format!("--datadir={}", scratch.0.display()));
        let (_, said) = run(&mut command, &scratch);
        (said.contains("Unknown suffix") || said.contains("Error while setting value"), said)
    });
}
