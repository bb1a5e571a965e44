//! The command lines that modules run.

use super::values::Params;
use crate::source::Span;
use crate::systems::firewall::commands::Word;

/// The firewall modules, each under its short name and its full one.
const MODULES: &[(&[&str], Module)] = &[
    (&["ufw", "community.general.ufw"], ufw),
    (&["iptables", "ansible.builtin.iptables", "ansible.legacy.iptables"], iptables),
    (&["firewalld", "ansible.posix.firewalld"], firewalld),
];

/// Turns parameters into commands. The span is where the module is named.
type Module = fn(&Params, Span) -> Vec<Vec<Word>>;

/// The translator of a module's name.
pub(super) fn find(name: &str) -> Option<Module> {
    MODULES.iter().find(|(names, _)| names.contains(&name)).map(|(_, module)| *module)
}

/// A command in the making.
struct Line {
    words: Vec<Word>,
    at: Span,
}

impl Line {
    fn new(program: &str, at: Span) -> Line {
        Line { words: vec![Word::new(program, at)], at }
    }

    /// Adds a word that the module always writes.
    fn put(&mut self, text: &str) -> &mut Line {
        self.words.push(Word::new(text, self.at));
        self
    }

    /// Adds an option with its value, if there is one.
    fn option(&mut self, option: &str, value: Option<&Word>) -> &mut Line {
        if let Some(value) = value {
            self.words.push(Word::new(option, value.span));
            self.words.push(value.clone());
        }
        self
    }

    fn word(&mut self, word: &Word) -> &mut Line {
        self.words.push(word.clone());
        self
    }
}

/// `community.general.ufw`: the state, then the default, then the rule.
fn ufw(p: &Params, at: Span) -> Vec<Vec<Word>> {
    let mut out = Vec::new();
    if let Some(state) = p.one(&["state"]) {
        let verb = match state.text.as_str() {
            "disabled" => "disable",
            "reset" => "reset",
            "reloaded" => "reload",
            _ => "enable",
        };
        out.push(vec![Word::new("ufw", at), Word { text: verb.into(), ..state.clone() }]);
    }
    let direction = p.one(&["direction"]);
    if let Some(policy) = p.one(&["default", "policy"]) {
        let mut line = Line::new("ufw", at);
        line.put("default").word(policy);
        direction.map(|d| line.word(d));
        out.push(line.words);
    }
    if let Some(rule) = p.one(&["rule"]) {
        let mut line = Line::new("ufw", at);
        if p.is_on("route") {
            line.put("route");
        }
        match (p.is_on("delete"), p.one(&["insert"]), p.text("insert_relative_to")) {
            (true, _, _) => drop(line.put("delete")),
            (_, Some(number), "" | "zero") => drop(line.option("insert", Some(number))),
            (_, Some(_), relative) if relative.starts_with("first") => drop(line.put("prepend")),
            _ => {}
        }
        line.word(rule);
        direction.map(|d| line.word(d));
        line.option("on", p.one(&["interface", "if"]));
        for (way, names) in [("in", ["interface_in", "if_in"]), ("out", ["interface_out", "if_out"])] {
            if let Some(interface) = p.one(&names) {
                line.put(way).option("on", Some(interface));
            }
        }
        for (side, address, port) in [
            ("from", &["from_ip", "from", "src"][..], &["from_port"][..]),
            ("to", &["to_ip", "to", "dest"][..], &["to_port", "port"][..]),
        ] {
            match p.one(address) {
                Some(address) => line.option(side, Some(address)),
                None => line.put(side).put("any"),
            };
            line.option("port", p.one(port));
        }
        line.option("proto", p.one(&["proto", "protocol"]));
        line.option("app", p.one(&["name", "app"]));
        line.option("comment", p.one(&["comment"]));
        out.push(line.words);
    }
    out
}

/// Parameters of `ansible.builtin.iptables` that become one option each, in the order of the command line.
#[rustfmt::skip]
const OPTIONS: &[(&str, &str)] = &[
    ("protocol", "-p"), ("source", "-s"), ("destination", "-d"), ("match", "-m"), ("jump", "-j"), ("goto", "-g"),
    ("gateway", "--gateway"), ("log_prefix", "--log-prefix"), ("log_level", "--log-level"),
    ("to_destination", "--to-destination"), ("to_source", "--to-source"), ("in_interface", "-i"),
    ("out_interface", "-o"), ("source_port", "--source-port"), ("destination_port", "--destination-port"),
    ("to_ports", "--to-ports"), ("set_dscp_mark", "--set-dscp"), ("set_dscp_mark_class", "--set-dscp-class"),
    ("icmp_type", "--icmp-type"), ("reject_with", "--reject-with"),
];

/// Parameters that need a match module, which the task need not name: the module, the option, whether it takes a list.
#[rustfmt::skip]
const MATCHES: &[(&str, &str, &str, bool)] = &[
    ("ctstate", "conntrack", "--ctstate", true), ("destination_ports", "multiport", "--dports", true),
    ("src_range", "iprange", "--src-range", false), ("dst_range", "iprange", "--dst-range", false),
    ("limit", "limit", "--limit", false), ("limit_burst", "limit", "--limit-burst", false),
    ("uid_owner", "owner", "--uid-owner", false), ("gid_owner", "owner", "--gid-owner", false),
    ("match_set", "set", "--match-set", false), ("comment", "comment", "--comment", false),
];

/// `ansible.builtin.iptables`.
fn iptables(p: &Params, at: Span) -> Vec<Vec<Word>> {
    let programs: &[&str] = match p.text("ip_version") {
        "ipv6" => &["ip6tables"],
        "both" => &["iptables", "ip6tables"],
        _ => &["iptables"],
    };
    programs.iter().map(|program| iptables_line(program, p, at)).collect()
}

fn iptables_line(program: &str, p: &Params, at: Span) -> Vec<Word> {
    let mut line = Line::new(program, at);
    line.option("-t", p.one(&["table"]));
    let chain = p.one(&["chain"]);
    if p.is_on("flush") {
        line.put("-F");
        chain.map(|c| line.word(c));
        return line.words;
    }
    let Some(chain) = chain else { return line.words };
    if let Some(policy) = p.one(&["policy"]) {
        line.option("-P", Some(chain)).word(policy);
        return line.words;
    }
    let absent = p.text("state") == "absent";
    if p.is_on("chain_management") && p.one(&["jump", "goto"]).is_none() {
        line.option(if absent { "-X" } else { "-N" }, Some(chain));
        return line.words;
    }
    match (absent, p.text("action")) {
        (true, _) => drop(line.option("-D", Some(chain))),
        (_, "insert") => {
            line.option("-I", Some(chain));
            p.one(&["rule_num"]).map(|n| line.word(n));
        }
        _ => drop(line.option("-A", Some(chain))),
    }
    for (name, option) in OPTIONS {
        if *name == "reject_with" && p.one(&["jump"]).is_none() && p.one(&["reject_with"]).is_some() {
            line.put("-j").put("REJECT");
        }
        for value in p.all(&[name]) {
            negatable(&mut line, option, value);
        }
    }
    match p.text("syn") {
        "match" => drop(line.put("--syn")),
        "negate" => drop(line.put("!").put("--syn")),
        _ => {}
    }
    let mut loaded: Vec<&str> = p.all(&["match"]).iter().map(|w| w.text.as_str()).collect();
    for (name, module, option, list) in MATCHES {
        let values = p.all(&[name]);
        let Some(first) = values.first() else { continue };
        let option = if *name == "ctstate" && loaded.contains(&"state") { "--state" } else { option };
        if !loaded.contains(module) && option != "--state" {
            line.put("-m").put(module);
            loaded.push(module);
        }
        if *list {
            let text = values.iter().map(|w| w.text.as_str()).collect::<Vec<_>>().join(",");
            let span = values.iter().fold(first.span, |span, w| span.to(w.span));
            let open = values.iter().any(|w| w.open);
            line.option(option, Some(&Word { text, span, open }));
        } else {
            negatable(&mut line, option, first);
            if *name == "match_set" {
                line.put(if p.text("match_set_flags").is_empty() {
                    "src"
                } else {
                    p.text("match_set_flags")
                });
            }
        }
    }
    line.words
}

/// `!10.0.0.0/8` turns the option round.
fn negatable(line: &mut Line, option: &str, value: &Word) {
    match value.text.strip_prefix('!') {
        Some(rest) => {
            let rest = Word { text: rest.trim_start().to_owned(), ..value.clone() };
            line.put("!").option(option, Some(&rest));
        }
        None => drop(line.option(option, Some(value))),
    }
}

/// Parameters of `ansible.posix.firewalld` that something is added or removed by.
const ADDS: &[(&str, &str)] = &[
    ("service", "service"),
    ("port", "port"),
    ("protocol", "protocol"),
    ("rich_rule", "rich-rule"),
    ("source", "source"),
    ("interface", "interface"),
];

/// `ansible.posix.firewalld`. What is not permanent is set at once; what is permanent is set at once only if asked to.
fn firewalld(p: &Params, at: Span) -> Vec<Vec<Word>> {
    let permanent = p.is_on("permanent");
    let offline = p.is_on("offline");
    let verb = if matches!(p.text("state"), "disabled" | "absent") { "remove" } else { "add" };
    let mut out = Vec::new();
    for runtime in [true, false] {
        if runtime && permanent && !p.is_on("immediate") || !runtime && !permanent {
            continue;
        }
        let mut line =
            Line::new(if offline && permanent { "firewall-offline-cmd" } else { "firewall-cmd" }, at);
        if !runtime {
            line.put("--permanent");
        }
        line.option("--zone", p.one(&["zone"]));
        for (name, what) in ADDS {
            for value in p.all(&[name]) {
                line.option(&format!("--{verb}-{what}"), Some(value));
            }
        }
        line.option("--set-target", p.one(&["target"]));
        out.push(line.words);
    }
    out
}
