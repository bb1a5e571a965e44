//! Our readers held against the programs themselves: what `nft`, `iptables-restore`, `haproxy`, `nginx` and systemd take
//! is read without a notice and without a word about a refusal. They only check; nothing is started or loaded.
//!
//! The texts are those of this directory, and with `CONNLINT_CORPUS` those of a folder with real configurations.
//! A program that is not installed, or may not check here, says so and is left out.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "says what it left out, and what it measured")]
#![expect(clippy::unwrap_used, reason = "a test stops on it")]

use connlint_core::facts::kinds::firewall::refused;
use connlint_core::facts::kinds::host::unit_setting;
use connlint_core::{RuleSet, Settings, Severity, Source, Sources, lint};
use connlint_tests::{fitted, outside, read};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

struct Program {
    name: &'static str,
    /// The folder of the corpus.
    corpus: &'static str,
    /// The command line; `{}` is the file, `{dir}` its directory.
    command: &'static str,
    /// A text that it takes, wherever it may work at all.
    works: &'static str,
}

const PROGRAMS: &[Program] = &[
    Program {
        name: "nft",
        corpus: "nftables",
        command: "nft -c -f {}",
        works: "table inet t { chain c { type filter hook input priority 0; policy accept; }\n}\n",
    },
    Program {
        name: "iptables-restore",
        corpus: "iptables-save",
        command: "iptables-restore --test {}",
        works: "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    },
    Program {
        name: "haproxy",
        corpus: "haproxy",
        command: "haproxy -c -f {}",
        works: "defaults\n  mode tcp\n  timeout connect 5s\n  timeout client 5s\n  timeout server 5s\nlisten a\n  bind :1\n",
    },
    Program {
        name: "nginx",
        corpus: "nginx",
        command: "nginx -t -p {dir} -e stderr -c {}",
        works: "pid p;\nevents {}\n",
    },
];

/// Why a program refuses what is read without a word: part of what it says, and why nobody is told.
const EXPLAINED: &[(&str, &str)] = &[
    ("Interface does not exist", "an interface of the host that the rules are for"),
    ("File not found", "a file of that host"),
    ("unknown identifier", "a variable of a file that is not there"),
    ("Set friends doesn't exist", "a set that another program fills"),
    ("host/network", "a name of another network"),
    ("could not resolve address", "a name of another network"),
    ("unable to find required", "the other part stands in a file beside it"),
    ("host not found in resolver", "a name of another network"),
    ("invalid port in upstream \"127.0.0.1:REPLACE_ME", "a placeholder of the file's own"),
    ("host not found in \"<port>\"", "a placeholder of the file's own"),
    ("unknown \"goodbye_love\" variable", "a variable of a file that is not there"),
    ("invalid value \"must-revalidate\"", "about compression, which no reader judges"),
];

/// What a program takes and we remark on, with the reason: part of the text, why it may stay.
const REVIEWED: &[(&str, &str)] = &[(
    "a TCP reset answers TCP only",
    "the kernel refuses it on loading, and --test does not ask the kernel",
)];

struct Ground(PathBuf);

impl Ground {
    fn new(name: &str) -> Ground {
        let path = std::env::temp_dir().join(format!("connlint-{name}-{}", std::process::id()));
        fs::create_dir_all(path.join("logs")).unwrap();
        Ground(path)
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether the program takes a text, else the first line that it says; `None` if it cannot be run.
fn takes(program: &Program, ground: &Ground, text: &str) -> Option<Result<(), String>> {
    let file = ground.0.join("checked");
    fs::write(&file, text).unwrap();
    let fill = |word: &str| {
        word.replace("{}", &file.to_string_lossy()).replace("{dir}", &ground.0.to_string_lossy())
    };
    let words: Vec<String> = program.command.split(' ').map(fill).collect();
    // A name that resolves nowhere must not hold up the tests.
    let output = Command::new("timeout").arg("5").args(&words).stdin(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find(|l| ["emerg", "ALERT", "Error:"].iter().any(|w| l.contains(w)));
    let first = first.or(said.lines().next()).unwrap_or_default();
    Some(if output.status.success() { Ok(()) } else { Err(first.to_owned()) })
}

/// A certificate and its key, for configurations that name one.
fn certificate(ground: &Ground) {
    let names = [("-keyout", "c.key"), ("-out", "c.pem")];
    let files = names.map(|(option, name)| [option.into(), ground.0.join(name).into_os_string()]);
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test"])
        .args(files.into_iter().flatten())
        .stderr(Stdio::null())
        .status();
    let parts = ["c.pem", "c.key"].map(|name| fs::read_to_string(ground.0.join(name)).unwrap_or_default());
    fs::write(ground.0.join("both.pem"), parts.concat()).unwrap();
    if !made.is_ok_and(|s| s.success()) {
        eprintln!("openssl: not installed, so that files with certificates are not compared");
    }
}

/// A text as a program of the host of the tests can check it.
fn whole(program: &Program, ground: &Ground, text: &str) -> String {
    match program.name {
        "nginx" => fitted::nginx(text, &ground.0),
        "haproxy" => fitted::haproxy(text, &ground.0),
        _ => text.to_owned(),
    }
}

/// Words of nginx's modules that Debian's package does not have.
const ELSEWHERE: &[&str] =
    &["_by_lua", "brotli", "lua_", "modsecurity", "more_set_headers", "rtmp", "vhost_traffic_status"];

/// Why a text is compared nowhere, if so: what another program renders first, what needs a part of the program that
/// this host does not have.
fn left_out(program: &Program, text: &str) -> Option<&'static str> {
    let template = ["{{", "{%", "<%", "${"].iter().any(|mark| text.contains(mark));
    let lacks = |words: &[&str]| words.iter().any(|w| text.contains(w));
    match program.name {
        "nginx" | "haproxy" | "nft" if template => Some("a template"),
        "nginx" if lacks(&["http2 on", "quic", " resolve;", " resolve "]) => {
            Some("written for a later release")
        }
        "nginx" if lacks(ELSEWHERE) => Some("needs a module that is not here"),
        _ => None,
    }
}

/// The texts of this directory for a program, by name: our own cases, and those of the corpus.
fn texts(program: &Program) -> Vec<(String, String)> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let mut out = Vec::new();
    let cases = match program.name {
        "nft" => "firewall/nft.txt",
        "iptables-restore" => "firewall/iptables.txt",
        "haproxy" => "programs/haproxy.txt",
        _ => "programs/nginx.txt",
    };
    let all = fs::read_to_string(here.join(cases)).unwrap();
    for case in all.split("\n== ").map(|c| c.strip_prefix("== ").unwrap_or(c)) {
        let (head, rest) = case.split_once('\n').unwrap();
        let (_, name) = head.rsplit_once(' ').unwrap();
        let text = rest.lines().filter(|l| !l.starts_with("? ")).map(|l| format!("{l}\n")).collect();
        out.push((name.to_owned(), text));
    }
    if let Some(corpus) = outside::folder(outside::CORPUS) {
        for path in outside::files(&corpus.join(program.corpus)) {
            if let Ok(text) = fs::read_to_string(&path) {
                out.push((path.to_string_lossy().into_owned(), text));
            }
        }
    }
    out
}

/// Whether a rule tells of something in a text that its program refuses.
fn is_told(program: &Program, name: &str, text: &str) -> bool {
    let mut sources = Sources::new();
    sources.add(Source::new(name, text));
    let findings = lint(&sources, &Settings::default(), &RuleSet::built_in()).report.findings;
    let group = if matches!(program.name, "nginx" | "haproxy") { program.name } else { "firewall" };
    findings.iter().any(|f| f.rule.split('/').next() == Some(group) && f.severity > Severity::Info)
}

#[test]
fn what_programs_take_is_read_without_a_remark() {
    let mut wrong = Vec::new();
    for program in PROGRAMS {
        let ground = Ground::new(program.name);
        if takes(program, &ground, program.works) != Some(Ok(())) {
            eprintln!("{}: not installed, or it may not check here", program.name);
            continue;
        }
        if matches!(program.name, "nginx" | "haproxy") {
            certificate(&ground);
        }
        let (mut taken, mut all) = (0, 0);
        let mut apart: BTreeMap<&str, usize> = BTreeMap::new();
        let mut differences = Vec::new();
        let mut unexplained = 0;
        for (name, text) in texts(program) {
            // Files that other kinds of program read, and those for the other IP version.
            let script =
                name.ends_with(".sh") || text.starts_with("#!") && program.name == "iptables-restore";
            if script || name.ends_with(".v6") || text.contains("ip6tables-save") || text.contains("icmp6") {
                continue;
            }
            if let Some(why) = left_out(program, &text) {
                *apart.entry(why).or_default() += 1;
                continue;
            }
            all += 1;
            let checked = whole(program, &ground, &text);
            let reading = read(&name, &text);
            if let Some(Err(why)) = takes(program, &ground, &checked) {
                if reading.notices.is_empty() && !is_told(program, &name, &text) {
                    let reason =
                        EXPLAINED.iter().find(|(part, _)| why.contains(part)).map(|(_, reason)| *reason);
                    unexplained += usize::from(reason.is_none());
                    differences.push(format!("  {name}: {why} ({})", reason.unwrap_or("not explained")));
                }
                continue;
            }
            taken += 1;
            let remarks = reading.notices.iter().map(|n| n.message.clone());
            let refusals = reading.facts.of(&refused::KIND);
            let refusals = refusals.map(|(_, f)| f.text(refused::reason).unwrap_or_default().to_owned());
            for remark in remarks.chain(refusals) {
                if !REVIEWED.iter().any(|(part, _)| remark.contains(part)) {
                    wrong.push(format!("{} takes {name}: {remark}", program.name));
                }
            }
        }
        eprintln!("{}: takes {taken} of {all} texts; left out: {apart:?}", program.name);
        eprintln!("refused, and read without a word:\n{}", differences.join("\n"));
        assert_eq!(unexplained, 0, "{}", differences.join("\n"));
        assert!(taken > 0, "{} takes too little to tell anything", program.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Forms of a limit, each in a unit: systemd says that it passes over a line exactly where we do.
#[test]
fn systemd_reads_limits_as_we_do() {
    let ground = Ground::new("systemd");
    let unit = ground.0.join("connlint-test.service");
    let mut asked = 0;
    let mut wrong = Vec::new();
    for form in [
        "65536",
        "1024:65536",
        "infinity",
        "infinity:infinity",
        "1024:infinity",
        "0",
        "64K",
        "1M",
        "1024:",
        ":5",
        "2:1",
        "infinity:5",
        "-1",
        "abc",
        "10 20",
        "1e3",
        "0x10",
        "010",
        "09",
        "+5",
        "4294967296",
        "18446744073709551615",
        "18446744073709551616",
    ] {
        let text = format!("[Unit]\nDescription=t\n[Service]\nExecStart=/bin/true\nLimitNOFILE={form}\n");
        fs::write(&unit, &text).unwrap();
        let Ok(output) = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit).output()
        else {
            eprintln!("systemd-analyze: not installed");
            return;
        };
        let told = String::from_utf8_lossy(&output.stderr);
        if told.contains("Failed to initialize manager") {
            eprintln!("systemd-analyze may not check here");
            return;
        }
        asked += 1;
        let theirs = told.contains("connlint-test.service:5:");
        let reading = read("connlint-test.service", &text);
        let ours = reading.facts.of(&unit_setting::KIND).next().is_some();
        if ours != theirs {
            wrong.push(format!("{form}: systemd ignores it: {theirs}, we say {ours}\n{told}"));
        }
    }
    assert!(wrong.is_empty() && asked > 0, "{}", wrong.join("\n"));
}
