//! What the reader says of a ruleset, held against the kernel: each case is loaded with the real tool in a network
//! namespace of its own, and real connections are tried from another one.
//!
//! It needs root and `ip`, `iptables-restore`, `ip6tables-restore`, `nft` and `python3`; without them it says so and
//! does nothing. No packet leaves the namespaces, which are removed at the end, also after a failure.

#![cfg(target_os = "linux")]
#![expect(clippy::print_stderr, reason = "says why it did nothing, and what it measured")]

use connlint_core::firewall::{Block, Family, Query, Reach, Sender, Transport, reach};
use connlint_core::settings::Settings;
use connlint_core::source::{Source, Sources, View};
use connlint_core::systems::{self, Reading};
use connlint_tests::namespaces::{self, Namespaces, finish, run};
use std::process::Stdio;

/// Why nothing can be tried here, if so.
fn missing() -> Option<String> {
    for (program, argument) in
        [("iptables-restore", "--version"), ("nft", "--version"), ("python3", "--version")]
    {
        if run(program, &[argument], None).is_err() {
            return Some(format!("{program} is not installed"));
        }
    }
    namespaces::missing()
}

/// Listens on every port that is asked, on both IP versions, and says so.
const SERVER: &str = "
import socket, select, sys
all = []
for port in map(int, sys.argv[1:]):
    s = socket.socket(socket.AF_INET6, socket.SOCK_STREAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(('::', port)); s.listen(64); all.append(s)
print('ready', flush=True)
while True:
    for s in select.select(all, [], [])[0]:
        s.accept()[0].close()
";

/// Tries connections `source target port count`; prints how each ended.
const CLIENT: &str = "
import socket, sys
for line in sys.stdin:
    source, target, port, count = line.split()
    ends = []
    for _ in range(int(count)):
        s = socket.socket(socket.AF_INET6 if ':' in target else socket.AF_INET, socket.SOCK_STREAM)
        s.settimeout(0.4)
        try:
            s.bind((source, 0)); s.connect((target, int(port))); ends.append('yes')
        except TimeoutError: ends.append('drop')
        except OSError: ends.append('reject')
        s.close()
        if ends[-1] != ends[0]: break
    print(','.join(ends), flush=True)
";

struct Case {
    tool: &'static str,
    rules: &'static str,
    /// Who (`near`, `far`, `v6`, `lo`), and the port.
    asks: &'static [(&'static str, u16)],
}

#[rustfmt::skip]
const CASES: &[Case] = &[
    Case { tool: "iptables", rules: "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", asks: &[("near", 5672), ("lo", 5672)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\nCOMMIT\n", asks: &[("near", 5672), ("lo", 5672)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n-A INPUT -p tcp --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379), ("lo", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 5672 -j REJECT --reject-with tcp-reset\n-A INPUT -p tcp --dport 6379 -j REJECT\n-A INPUT -p tcp --dport 1883 -j DROP\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379), ("near", 1883), ("near", 8883)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -s 10.99.1.0/24 -p tcp --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("far", 5672)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT ! -s 10.99.0.0/16 -p tcp -j REJECT\nCOMMIT\n", asks: &[("near", 5672), ("far", 5672)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n-A INPUT -p tcp -j A\n-A INPUT -p tcp --dport 5672 -j ACCEPT\n-A A -p tcp --dport 5672 -j RETURN\n-A A -p tcp --dport 6379 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379), ("near", 1883)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n-A INPUT -p tcp -g A\n-A INPUT -p tcp --dport 5672 -j ACCEPT\n-A A -p tcp --dport 6379 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n:A - [0:0]\n:B - [0:0]\n-A INPUT -p tcp -j A\n-A INPUT -p tcp --dport 6379 -j ACCEPT\n-A A -g B\n-A A -j DROP\n-A B -p tcp --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m multiport --dports 5672,6000:7000 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379), ("near", 8883)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 5672 -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A INPUT -p tcp --dport 6379 -m conntrack --ctstate NEW,ESTABLISHED -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp ! --syn -j ACCEPT\n-A INPUT -p tcp --syn --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --sport 5672 -j ACCEPT\n-A INPUT -p udp --dport 6379 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\n-A INPUT -p tcp --dport 5672 -m conntrack --ctstate NEW -m limit --limit 1/min --limit-burst 3 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 5672 -m conntrack --ctstate NEW -m recent --set\n-A INPUT -p tcp --dport 5672 -m conntrack --ctstate NEW -m recent --update --seconds 30 --hitcount 6 -j REJECT\nCOMMIT\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j LOG\n-A INPUT -p tcp -j DROP\n-A INPUT -p tcp --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672)] },
    Case { tool: "iptables", rules: "*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -s 198.18.0.0/15 -j DROP\nCOMMIT\n*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", asks: &[("near", 5672), ("far", 5672)] },
    Case { tool: "iptables", rules: "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p tcp --dport 1883 -j REDIRECT --to-ports 5672\nCOMMIT\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("near", 1883), ("near", 5672), ("near", 6379)] },
    Case { tool: "iptables", rules: "*filter\n:INPUT DROP [0:0]\n-A INPUT -m iprange --src-range 10.99.1.1-10.99.1.9 -j ACCEPT\nCOMMIT\n", asks: &[("near", 5672), ("far", 5672)] },
    Case { tool: "ip6tables", rules: "# by ip6tables-save\n*filter\n:INPUT DROP [0:0]\n-A INPUT -p ipv6-icmp -j ACCEPT\n-A INPUT -s fd99::/64 -p tcp --dport 5672 -j ACCEPT\nCOMMIT\n", asks: &[("v6", 5672), ("v6", 6379)] },
    Case { tool: "nft", rules: "flush ruleset\ntable ip f {\n chain input {\n type filter hook input priority 0; policy drop;\n }\n}\n", asks: &[("near", 5672), ("v6", 5672)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n meta l4proto ipv6-icmp accept\n tcp dport { 5672, 6000-7000 } accept\n }\n}\n", asks: &[("near", 5672), ("v6", 5672), ("near", 6379), ("near", 1883), ("lo", 1883)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet f {\n set apps { type ipv4_addr; flags interval; elements = { 10.99.1.0/24 } }\n chain input {\n type filter hook input priority 0; policy drop;\n iifname \"lo\" accept\n ip saddr @apps tcp dport 5672 accept\n }\n}\n", asks: &[("near", 5672), ("far", 5672), ("lo", 5672)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet a {\n chain input {\n type filter hook input priority -10; policy accept;\n tcp dport { 5672, 6379 } accept\n }\n}\ntable inet b {\n chain input {\n type filter hook input priority 0; policy drop;\n tcp dport 5672 accept\n }\n}\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet f {\n chain input {\n type filter hook input priority 0; policy accept;\n tcp dport vmap { 5672 : accept, 6379 : drop, 1883 : jump no }\n }\n chain no {\n reject with tcp reset\n }\n}\n", asks: &[("near", 5672), ("near", 6379), ("near", 8883)] },
    Case { tool: "nft", rules: "flush ruleset\ndefine NEAR = { 10.99.1.0/24 }\ntable inet f {\n chain no {\n reject with tcp reset\n }\n chain input {\n type filter hook input priority 0; policy accept;\n ip saddr $NEAR tcp dport vmap { 5672 : accept, 6379 : drop, 1883 : jump no }\n ip saddr != $NEAR tcp dport 5672 drop\n }\n}\n", asks: &[("near", 5672), ("near", 6379), ("near", 1883), ("far", 5672), ("far", 6379)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n ip saddr . tcp dport { 10.99.1.2 . 5672, 198.18.0.2 . 6379 } accept\n }\n}\n", asks: &[("near", 5672), ("near", 6379), ("far", 5672), ("far", 6379)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n ct state established accept\n tcp dport 5672 limit rate 1/minute burst 3 packets accept\n tcp dport 6379 ct state new limit rate over 1/minute burst 3 packets reject with tcp reset\n tcp dport 6379 accept\n }\n}\n", asks: &[("near", 5672), ("near", 6379)] },
    Case { tool: "nft", rules: "flush ruleset\ntable inet f {\n chain late {\n tcp dport 6379 accept\n }\n chain input {\n type filter hook input priority 0; policy drop;\n iifname \"eth1\" accept\n iifname \"eth0\" tcp dport 5672 accept\n tcp dport 6379 goto late\n tcp dport 1883 goto late\n tcp dport 1883 accept\n }\n}\n", asks: &[("near", 5672), ("near", 6379), ("near", 1883), ("near", 8883)] },
];

/// The kernel's answer as the model words it.
fn worded(ends: &str) -> String {
    let all: Vec<&str> = ends.trim().split(',').collect();
    match (all.first(), all.iter().any(|e| *e != "yes")) {
        (Some(&"yes"), true) => "limited".into(),
        (Some(end), _) => (*end).into(),
        _ => "nothing".into(),
    }
}

fn expected(reading: &Reading, who: &str, port: u16) -> String {
    let address = |text| Sender::Block(Block::parse(text).expect("an address"));
    let (sender, family) = match who {
        "near" => (address("10.99.1.2"), Family::V4),
        "far" => (address("198.18.0.2"), Family::V4),
        "v6" => (address("fd99::2"), Family::V6),
        _ => (Sender::Loopback, Family::V4),
    };
    let interface = (who != "lo").then_some("eth0");
    let query = Query { sender, port, transport: Transport::Tcp, family, destination: None, interface };
    match reading.rulesets.first().map(|r| reach(r, &query)) {
        Some(Reach::No { refusal: connlint_core::firewall::Refusal::Drop, .. }) => "drop".into(),
        Some(Reach::No { .. }) => "reject".into(),
        Some(answer) => answer.as_str().into(),
        None => "no ruleset".into(),
    }
}

fn read(case: &Case) -> Reading {
    let name = if case.tool == "nft" { "nftables.conf" } else { "rules" };
    let mut sources = Sources::new();
    let id = sources.add(Source::new(name, case.rules));
    let mut reading = Reading::default();
    if let Some(kind) = systems::detect(sources.get(id), &Settings::default()) {
        (kind.read)(&View::whole(id, sources.get(id)), &mut reading);
    }
    reading
}

#[test]
fn the_kernel_agrees() {
    if let Some(why) = missing() {
        eprintln!("not tried: {why}");
        return;
    }
    let names = match Namespaces::set_up("", &[]) {
        Ok(names) => names,
        Err(why) => {
            eprintln!("not tried: {why}");
            return;
        }
    };
    let inside = |name: &str, program: &str, arguments: &[&str], input: &str| {
        finish(namespaces::inside(name, program).args(arguments), Some(input)).expect("ip runs")
    };
    let mut server = namespaces::inside(&names.server, "python3")
        .args(["-c", SERVER, "5672", "6379", "1883", "8883"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    let mut ready = [0u8; 6];
    let stdout = server.stdout.as_mut().expect("its output");
    let started = std::io::Read::read_exact(stdout, &mut ready);
    let mut wrong = Vec::new();
    let mut asked = 0;
    for case in CASES.iter().filter(|_| started.is_ok()) {
        inside(&names.server, "nft", &["flush", "ruleset"], "");
        let loaded = match case.tool {
            "nft" => inside(&names.server, "nft", &["-f", "-"], case.rules),
            "ip6tables" => inside(&names.server, "ip6tables-restore", &[], case.rules),
            _ => inside(&names.server, "iptables-restore", &[], case.rules),
        };
        if !loaded.status.success() {
            wrong.push(format!("not loaded: {}\n{}", case.rules, String::from_utf8_lossy(&loaded.stderr)));
            continue;
        }
        let reading = read(case);
        let question = |who: &str, port: u16| {
            let (source, target) = match who {
                "near" => ("10.99.1.2", "10.99.0.1"),
                "far" => ("198.18.0.2", "10.99.0.1"),
                "v6" => ("fd99::2", "fd99::1"),
                _ => ("127.0.0.1", "127.0.0.1"),
            };
            // Eight tries trip every limit here; without one, one try tells.
            let count = if expected(&reading, who, port) == "limited" { 8 } else { 1 };
            format!("{source} {target} {port} {count}\n")
        };
        for (local, name) in [(false, &names.client), (true, &names.server)] {
            let asks: Vec<_> = case.asks.iter().filter(|a| (a.0 == "lo") == local).collect();
            if asks.is_empty() {
                continue;
            }
            let input: String = asks.iter().map(|a| question(a.0, a.1)).collect();
            let output = inside(name, "python3", &["-c", CLIENT], &input);
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            for (ask, ends) in asks.iter().zip(text.lines().chain(std::iter::repeat(""))) {
                asked += 1;
                let (real, ours) = (worded(ends), expected(&reading, ask.0, ask.1));
                if real != ours {
                    wrong.push(format!(
                        "{} to {}: the kernel {real}, we {ours}\n{}",
                        ask.0, ask.1, case.rules
                    ));
                }
            }
        }
    }
    let _ = server.kill();
    let _ = server.wait();
    drop(names);
    eprintln!("{} rulesets, {asked} connections, {} disagree", CASES.len(), wrong.len());
    assert!(started.is_ok(), "the server did not start");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(asked >= 30, "only {asked} connections were tried");
}
