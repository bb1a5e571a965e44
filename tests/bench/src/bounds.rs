//! Time and memory against the size of the input: for every syntax, on inputs made to hurt, and for many files.

use std::fs;
use std::io;
use std::path::Path;

use crate::measure;
use crate::trees;

const MB: usize = 1_000_000;

/// Twice the input may take this much more processor time; what is above twice is noise.
const LINEAR: f64 = 2.2;
/// What seems to grow faster is measured again so often, as other programs may have been in the way.
const AGAIN: usize = 3;
/// Runs shorter than this are start-up and noise, and prove nothing about growth.
const LEAST_SECONDS: f64 = 0.05;

/// An input: what it is, the name that its kind is known by, and how a text of about so many bytes is made.
type Input = (&'static str, &'static str, fn(usize) -> String);

const INPUTS: [Input; 35] = [
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
    ("nested blocks", "Worker.kt", |n| {
        format!("import com.rabbitmq.client.*\n{}", "x.apply { ".repeat(n / 10))
    }),
    ("open templates", "Worker.kt", |n| format!("import com.rabbitmq.client.*\n{}", "\"${".repeat(n / 3))),
    ("many functions", "Worker.kt", |n| {
        format!("import okhttp3.*\n{}", repeat("fun f{i}() { a.b{i} = g(x = \"${i}\") { it.c() } }\n", n))
    }),
    ("many alerts", "alerts.yml", |n| {
        let rules = repeat("  - alert: A{i}\n    expr: rate(rabbitmq_queue_messages[5m]) > {i}\n", n);
        format!("groups:\n- name: a\n  rules:\n{rules}")
    }),
    ("unknown metrics", "alerts.yml", |n| {
        let rules = repeat("  - alert: A{i}\n    expr: rabbitmq_queue_mesages_{i} > 1\n", n);
        format!("groups:\n- name: a\n  rules:\n{rules}")
    }),
    ("one long expression", "alerts.yml", |n| {
        format!(
            "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: {}1\n",
            "sum(rate(a[5m])) + ".repeat(n / 19)
        )
    }),
    ("deep blocks", "nats.conf", |n| "cluster { ".repeat(n / 10)),
    ("many listeners", "mosquitto.conf", |n| repeat("listener {i}\nallow_anonymous false\n", n)),
    ("many triggers", "template.yaml", |n| {
        let one =
            "    - key: k{i}\n      triggers:\n      - expression: min(/T/k{i},5m)>{i}\n        name: t{i}\n";
        format!("zabbix_export:\n  templates:\n  - template: T\n    items:\n{}", repeat(one, n))
    }),
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

/// Prints the tables; false if something grows faster than its input, or ends otherwise than it should.
pub(crate) fn tables(connlint: &str, megabytes: usize, files: usize, folder: &Path) -> io::Result<bool> {
    let heading = |what, of, unit| {
        println!(
            "{what:28} {of:24} {unit:>8} {:>9} {:>9} {:>7} {:>9} {:>8}",
            "seconds",
            format!("ms/{unit}"),
            "x2",
            "peak MB",
            "x input"
        );
    };
    heading("input", "as", "MB");
    let mut fine = true;
    for (what, name, make) in INPUTS {
        let mut before = None;
        for size in [megabytes * MB / 4, megabytes * MB / 2, megabytes * MB] {
            let place = folder.join("input");
            fs::create_dir_all(&place)?;
            let path = place.join(name);
            let text = make(size);
            let bytes = text.len();
            fs::write(&path, text)?;
            let line = Line { what, of: name, amount: bytes as f64 / MB as f64, bytes };
            fine &= line.measure(&command(connlint, &path), &mut before)?;
            fs::remove_dir_all(&place)?;
        }
    }
    println!();
    heading("folders", "of", "files");
    for kind in trees::KINDS {
        let mut before = None;
        for count in [files / 4, files / 2, files] {
            let place = folder.join("folders");
            let bytes = trees::write(&place, kind, count)?;
            let line = Line { what: kind.0, of: "one project each", amount: count as f64, bytes };
            fine &= line.measure(&command(connlint, &place), &mut before)?;
            fs::remove_dir_all(&place)?;
        }
    }
    Ok(fine)
}

/// A line of a table.
struct Line<'l> {
    what: &'l str,
    of: &'l str,
    /// Megabytes, or files.
    amount: f64,
    bytes: usize,
}

impl Line<'_> {
    /// Measures and prints it; `before` is the processor time that half the amount took.
    fn measure(&self, command: &[String], before: &mut Option<f64>) -> io::Result<bool> {
        let grown =
            |run: &measure::Run| before.filter(|b| *b >= LEAST_SECONDS).map(|b| run.cpu.as_secs_f64() / b);
        let mut run = measure::once(command)?;
        for _ in 0..AGAIN {
            if grown(&run).is_none_or(|g| g <= LINEAR) {
                break;
            }
            let again = measure::once(command)?;
            run = if again.cpu < run.cpu { again } else { run };
        }
        let grown = grown(&run);
        let ended = matches!(run.status, Some(0 | 1));
        let linear = grown.is_none_or(|g| g <= LINEAR);
        println!(
            "{:28} {:24} {:8.2} {:9.3} {:9.3} {:>7} {:9.0} {:8.1}{}{}",
            self.what,
            self.of,
            self.amount,
            run.wall.as_secs_f64(),
            run.cpu.as_secs_f64() * 1e3 / self.amount,
            grown.map_or("-".into(), |g| format!("{g:.1}")),
            run.memory as f64 / MB as f64,
            run.memory as f64 / self.bytes as f64,
            if ended { "" } else { "  ended wrongly" },
            if linear { "" } else { "  NOT LINEAR" },
        );
        *before = Some(run.cpu.as_secs_f64());
        Ok(ended && linear)
    }
}

fn command(connlint: &str, path: &Path) -> Vec<String> {
    let path = path.to_string_lossy().into_owned();
    [connlint, "check", "--no-config", "--format", "concise", &path].map(str::to_owned).to_vec()
}
