//! Time and memory against the size of the input, for every syntax, on inputs made to hurt.

use std::fs;
use std::io;
use std::path::Path;

use crate::measure;

const MB: usize = 1_000_000;

/// Twice the input may cost this much more; the rest is noise of a busy machine.
const LINEAR: f64 = 2.5;
/// Runs shorter than this are start-up and noise, and prove nothing about growth.
const LEAST_SECONDS: f64 = 0.05;

/// An input: what it is, the name that its kind is known by, and how a text of about so many bytes is made.
type Input = (&'static str, &'static str, fn(usize) -> String);

const INPUTS: [Input; 26] = [
    ("one long line", ".env", |n| format!("A={}\n", "x".repeat(n))),
    ("one URI a line", ".env", |n| repeat("A{i}=amqp://u:p@mq{i}.example.com/v?heartbeat=0\n", n)),
    ("many keys", "application.properties", |n| repeat("some.key.{i}=value-{i}\n", n)),
    ("many unknown keys", "rabbitmq.conf", |n| repeat("no.such.key.{i} = {i}\n", n)),
    ("the same key", "rabbitmq.conf", |n| repeat("heartbeat = {i}\n", n)),
    ("many keys", "values.yaml", |n| repeat("key{i}: value\n", n)),
    ("deep nesting", "deep.yaml", |n| "[".repeat(n)),
    ("deep indentation", "deep.yaml", |n| (0..n.isqrt()).map(|i| format!("{}a:\n", " ".repeat(i))).collect()),
    ("aliases of aliases", "laughs.yaml", laughs),
    ("an anchor of itself", "circle.yaml", |n| format!("a: &a [*a]\n{}", repeat("b{i}: *a\n", n))),
    ("many services", "docker-compose.yml", |n| {
        format!("services:\n{}", repeat("  s{i}:\n    image: redis:7\n    depends_on: [s0]\n", n))
    }),
    ("many documents", "all.yaml", |n| {
        repeat("---\napiVersion: v1\nkind: Service\nmetadata: {name: s{i}}\nspec: {ports: [{port: 80}]}\n", n)
    }),
    ("deep nesting", "definitions.json", |n| "{\"a\":".repeat(n / 5)),
    ("many queues", "definitions.json", |n| {
        let queues = repeat("{\"name\":\"q{i}\",\"vhost\":\"/\",\"durable\":true,\"arguments\":{}},\n", n);
        format!("{{\"rabbit_version\":\"4.1.0\",\"queues\":[{}null]}}", queues)
    }),
    ("deep nesting", "advanced.config", |n| "[{a,".repeat(n / 4)),
    ("many tuples", "advanced.config", |n| {
        format!("[{{rabbit,[\n{}{{z,0}}]}}].", repeat("{key_{i}, {i}},\n", n))
    }),
    ("deep blocks", "nginx.conf", |n| "http {".repeat(n / 6)),
    ("many servers", "nginx.conf", |n| {
        format!("events {{}}\nhttp {{\n{}}}\n", repeat("server { listen {i}; server_name s{i}; }\n", n))
    }),
    ("a circle of includes", "nginx.conf", |n| repeat("include nginx.conf;\n", n)),
    ("many servers", "haproxy.cfg", |n| {
        format!("backend b\n{}", repeat("  server s{i} 10.0.0.1:5672 check\n", n))
    }),
    ("many rules", "rules.v4", |n| {
        let rules = repeat("-A INPUT -s 10.0.0.0/8 -p tcp --dport {i} -j ACCEPT\n", n);
        format!("*filter\n:INPUT DROP [0:0]\n{rules}COMMIT\n")
    }),
    ("open quotes", "setup.sh", |n| repeat("echo \"{i} $(echo '\n", n)),
    ("colons and slashes", "notes.txt", |n| "amqp://".repeat(n / 7)),
    ("one certificate many times", "chain.pem", |n| {
        let one = include_str!("../../fixtures/bench/server.pem");
        one.repeat(n / one.len() + 1)
    }),
    ("endless base64", "server.pem", |n| format!("-----BEGIN CERTIFICATE-----\n{}", "MIIB\n".repeat(n / 5))),
    ("nested calls", "worker.py", |n| format!("import pika\nx = {}", "f(".repeat(n / 2))),
];

/// A pattern again and again until there are about so many bytes; `{i}` counts.
fn repeat(pattern: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + pattern.len());
    let mut i = 0;
    while text.len() < bytes {
        text.push_str(&pattern.replace("{i}", &i.to_string()));
        i += 1;
    }
    text
}

/// "Billion laughs": each anchor is ten of the one before.
fn laughs(bytes: usize) -> String {
    let mut text = String::from("a0: &a0 [lol, lol]\n");
    let mut i = 0;
    while text.len() < bytes {
        let tens = format!("*a{i}, ").repeat(10);
        i += 1;
        text.push_str(&format!("a{i}: &a{i} [{tens}]\n"));
    }
    text
}

/// Prints the table; false if something grows faster than its input, or ends otherwise than it should.
pub(crate) fn table(connlint: &str, megabytes: usize, folder: &Path) -> io::Result<bool> {
    let mut fine = true;
    println!(
        "{:28} {:24} {:>7} {:>9} {:>9} {:>7} {:>9}",
        "input", "as", "MB", "seconds", "s/MB", "x2", "peak MB"
    );
    for (what, name, make) in INPUTS {
        let mut before: Option<f64> = None;
        for size in [megabytes * MB / 4, megabytes * MB / 2, megabytes * MB] {
            let place = folder.join("input");
            fs::create_dir_all(&place)?;
            let path = place.join(name);
            let text = make(size);
            let real = text.len() as f64 / MB as f64;
            fs::write(&path, text)?;
            let run = measure::once(&command(connlint, &path))?;
            fs::remove_dir_all(&place)?;
            let seconds = run.wall.as_secs_f64();
            let grown = before.filter(|b| *b >= LEAST_SECONDS).map(|b| seconds / b);
            let ended = matches!(run.status, Some(0 | 1));
            let linear = grown.is_none_or(|g| g <= LINEAR);
            fine &= ended && linear;
            println!(
                "{what:28} {name:24} {real:7.2} {seconds:9.3} {:9.3} {:>7} {:9.0}{}{}",
                seconds / real,
                grown.map_or("-".into(), |g| format!("{g:.1}")),
                run.memory as f64 / MB as f64,
                if ended { "" } else { "  ended wrongly" },
                if linear { "" } else { "  NOT LINEAR" },
            );
            before = Some(seconds);
        }
    }
    Ok(fine)
}

fn command(connlint: &str, path: &Path) -> Vec<String> {
    let path = path.to_string_lossy().into_owned();
    [connlint, "check", "--no-config", "--format", "concise", &path].map(str::to_owned).to_vec()
}
