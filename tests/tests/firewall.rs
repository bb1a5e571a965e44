//! Firewalls of every dialect, asked who reaches what.

#![expect(clippy::print_stderr, reason = "runs over outside files are read by people")]
#![expect(clippy::unwrap_used, reason = "a test stops on it")]

use connlint_core::facts::kinds::firewall::refused;
use connlint_core::firewall::{Block, Family, Query, Sender, Transport, reach};
use connlint_core::systems::Reading;
use connlint_tests::{outside, read};
use std::path::{Path, PathBuf};

/// Answers `any tcp/5672`, `10.0.0.0/8 udp/53`, `lo tcp/22 v6`.
fn answer(reading: &Reading, question: &str) -> &'static str {
    let mut words = question.split_whitespace();
    let sender = words.next().unwrap();
    let (transport, port) = words.next().unwrap().split_once('/').unwrap();
    let family = if words.next() == Some("v6") { Family::V6 } else { Family::V4 };
    let sender = match sender {
        "any" => Sender::Anyone,
        "lo" => Sender::Loopback,
        net => Sender::Block(Block::parse(net).unwrap()),
    };
    let transport = if transport == "udp" { Transport::Udp } else { Transport::Tcp };
    let query =
        Query { sender, port: port.parse().unwrap(), transport, family, destination: None, interface: None };
    // A file that another one may run says for itself what it says alone.
    let alone = reading.alone.iter().flat_map(|alone| &alone.rulesets);
    reading.rulesets.iter().chain(alone).next().map_or("none", |r| reach(r, &query).as_str())
}

/// Cases in `tests/firewall/*.txt`: `== name file-name`, the text, then lines `? question = answer`.
#[test]
fn every_dialect_answers_who_reaches_what() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/firewall");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let mut asked = 0;
    let mut wrong = Vec::new();
    for path in paths {
        let all = std::fs::read_to_string(&path).unwrap();
        for case in all
            .split("\n== ")
            .flat_map(|c| c.strip_prefix("== ").or(Some(c)))
            .filter(|c| !c.trim().is_empty())
        {
            let (head, rest) = case.split_once('\n').unwrap();
            let (title, name) = head.rsplit_once(' ').unwrap();
            let text: String =
                rest.lines().filter(|l| !l.starts_with("? ")).map(|l| format!("{l}\n")).collect();
            let reading = read(name, &text);
            for line in rest.lines().filter_map(|l| l.strip_prefix("? ")) {
                let (question, expected) = line.split_once(" = ").unwrap();
                asked += 1;
                let got = answer(&reading, question);
                if got != expected {
                    wrong.push(format!("{title}: {question}: {got}, not {expected}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked > 60, "only {asked} questions were asked");
}

/// What iptables' own tests take and refuse. Set `CONNLINT_REFEREES` to a folder with `iptables/*.t`.
#[test]
fn iptables_own_tests_agree() {
    let Some(dir) = outside::folder(outside::REFEREES) else { return };
    let covered = [
        "iptables.t",
        "libxt_tcp.t",
        "libxt_udp.t",
        "libxt_multiport.t",
        "libxt_state.t",
        "libipt_REJECT.t",
        "libxt_limit.t",
        "libxt_connlimit.t",
        "libxt_addrtype.t",
        "libip6t_standard.t",
        "libip6t_REJECT.t",
    ];
    let mut paths: Vec<_> =
        std::fs::read_dir(Path::new(&dir).join("iptables")).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    let (mut ok, mut ok_wrong, mut fail, mut fail_missed) = (0, Vec::new(), 0, Vec::new());
    for path in paths {
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        if file.starts_with("libebt") || file.starts_with("libarpt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let mut chain = "INPUT".to_string();
        let mut table = "filter".to_string();
        for line in text.lines() {
            if let Some(chains) = line.strip_prefix(':') {
                chain = chains.split(',').next().unwrap().to_string();
                continue;
            }
            if let Some(name) = line.strip_prefix('*') {
                table = name.trim().to_string();
                continue;
            }
            let parts: Vec<_> = line.split(';').collect();
            let [rule, _, verdict] = parts.as_slice() else { continue };
            if line.starts_with('#') || rule.is_empty() {
                continue;
            }
            let header = if file.starts_with("libip6t") { "# by ip6tables-save icmp6-\n" } else { "" };
            let saved = format!("{header}*{table}\n:{chain} ACCEPT [0:0]\n-A {chain} {rule}\nCOMMIT\n");
            let reading = read("rules", &saved);
            let refused = reading.facts.of(&refused::KIND).next().is_some() || !reading.notices.is_empty();
            match (*verdict, refused) {
                ("OK", false) => ok += 1,
                ("OK", true) => ok_wrong.push(format!("{file}: {rule}")),
                ("FAIL", true) => fail += 1,
                ("FAIL", false) if covered.contains(&file.as_str()) => {
                    fail_missed.push(format!("{file}: {rule}"))
                }
                _ => {}
            }
        }
    }
    let taken = ok + ok_wrong.len();
    let seen = fail + fail_missed.len();
    eprintln!("iptables takes: {ok} of {taken} agreed; iptables refuses: {fail} of {seen} agreed");
    eprintln!("{}\n--\n{}", ok_wrong.join("\n"), fail_missed.join("\n"));
    assert!(ok_wrong.is_empty(), "refused what iptables takes");
    assert!(fail_missed.is_empty(), "took what iptables refuses");
}

/// Real files: nearly all of them are read without a notice. Set `CONNLINT_CORPUS`.
#[test]
fn real_files_are_read_whole() {
    let Some(corpus) = outside::folder(outside::CORPUS) else { return };
    let (mut all, mut lines, mut noticed) = (0, 0, 0);
    for kind in ["ufw", "iptables-save", "nftables", "firewalld"] {
        for path in outside::files(&corpus.join(kind)) {
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            let reading = read(&path.to_string_lossy(), &text);
            all += 1;
            lines += text.lines().count();
            noticed += reading.notices.len();
            if reading.rulesets.is_empty() {
                eprintln!("{}: no rules", path.display());
            }
            for (_, fact) in reading.facts.of(&refused::KIND) {
                eprintln!("{}: {}", path.display(), fact.text(refused::reason).unwrap_or_default());
            }
            for notice in &reading.notices {
                let at = text.get(notice.span.range()).unwrap_or_default();
                eprintln!("{}: {}: {at}", path.display(), notice.message);
            }
        }
    }
    eprintln!("{all} files, {lines} lines, {noticed} notices");
    assert!(noticed * 100 <= lines, "{noticed} notices in {lines} lines");
}

#[test]
fn hostile_files_end() {
    let jump = |n: usize| format!(":C{n} - [0:0]\n-A C{n} -j C{}\n-A C{n} -j C{}\n", n + 1, n + 1);
    let chains: String = (0..60).map(jump).collect();
    let texts = [
        format!("*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j C0\n{chains}COMMIT\n"),
        "*filter\n:INPUT DROP\n-A INPUT -j INPUT\nCOMMIT\n".to_string(),
        format!(
            "*filter\n:INPUT DROP\n{}COMMIT\n",
            "-A INPUT -s 1.2.3.4 -p tcp --dport 1 -j ACCEPT\n".repeat(5_000)
        ),
        "*filter\n:INPUT\n-A\n-A INPUT -p\n-A INPUT ! \n-A INPUT -m\n[0:0] -A INPUT -s ,,, -j\n".to_string(),
        format!("ufw allow {}\n", "1,".repeat(10_000)),
        "ufw insert 99999999999999999999 allow 22\nufw allow\nufw delete\nufw route\nufw allow in on\n"
            .to_string(),
        "Status: active\n--\n ALLOW\nALLOW é\n[ ] 22 ALLOW\n".to_string(),
        "### tuple ###\n### tuple ### allow\n### tuple ### allow tcp é x y z in_\n".to_string(),
        format!("table inet t {{ {} }}", "chain c { ".repeat(500)),
        format!(
            "table inet t {{ chain c {{ type filter hook input priority 0; {} }}\n}}",
            "tcp dport { 1-65535, 2 } ".repeat(500)
        ),
        "table\ntable ip\ntable ip t {\nset s { elements = { 1, \n define x = $x\nchain { jump }".to_string(),
        "<zone><rule><source address=\"x\"/><zone".to_string(),
    ];
    for text in texts {
        for name in ["rules.v4", "a.sh", "status.txt", "user.rules", "nftables.conf", "zones/public.xml"] {
            let reading = read(name, &text);
            for port in [1, 22, 5672] {
                answer(&reading, &format!("any tcp/{port}"));
                answer(&reading, &format!("1.0.0.0/8 tcp/{port}"));
                answer(&reading, &format!("lo tcp/{port} v6"));
            }
        }
    }
}
