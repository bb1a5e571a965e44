use super::ANSIBLE;
use crate::facts::kinds::firewall::{firewall, rule};
use crate::facts::kinds::host;
use crate::facts::{Fact, Facts};
use crate::rules::RuleSet;
use crate::settings::Settings;
use crate::source::{FileId, Source, Sources, View};
use crate::systems::{Match, Reading};

fn read(text: &str) -> Reading {
    let source = Source::new("play.yml", text);
    let mut out = Reading::default();
    (ANSIBLE.read)(&View::whole(FileId(0), &source), &mut out);
    if let Some(alone) = out.alone.take() {
        out.facts.append(alone.facts);
    }
    out
}

#[test]
fn playbooks_and_task_files_are_told_from_other_lists() {
    for (name, text, expected) in [
        ("site.yml", "# x\n---\n- name: a\n  hosts: all\n  tasks: []\n", Match::Sure),
        ("site.yml", "- import_playbook: web.yml\n", Match::Sure),
        ("tasks/main.yml", "- name: a\n  ufw:\n    rule: allow\n", Match::Likely),
        ("main.yml", "- ansible.builtin.copy:\n    dest: /x\n", Match::Likely),
        ("main.yaml", "- name: a\n  shell: x\n  become: true\n", Match::Likely),
        ("rules.yml", "- name: a\n  rules:\n  - alert: x\n    hosts: y\n", Match::No),
        ("list.yml", "- a\n- b\n", Match::No),
        ("hosts.yml", "all:\n  hosts: x\n", Match::No),
        ("site.json", "- hosts: all\n", Match::No),
    ] {
        assert_eq!((ANSIBLE.recognise)(&Source::new(name, text)), expected, "{name}: {text}");
    }
}

/// The rules of all firewalls: action, source, ports, protocol, and what the ports' place says.
fn rules(text: &str) -> Vec<String> {
    let out = read(text);
    let of = |f: &Fact, field| f.get(field).map_or("-".to_owned(), |s| s.value.to_string());
    let shown = |f: &Fact| {
        let at = f.get(rule::ports).and_then(|s| s.span()).map_or("", |s| &text[s.range()]);
        let words = [rule::action, rule::from, rule::ports, rule::protocol].map(|field| of(f, field));
        format!("{} {} @{at}", of(f, rule::tool), words.join(" "))
    };
    out.facts.of(&rule::KIND).map(|(_, f)| shown(f)).collect()
}

#[test]
fn tasks_become_the_rules_that_their_commands_make() {
    let cases: &[(&str, &[&str])] = &[
        ("ufw: {rule: allow, port: '5672', proto: tcp}", &["ufw accept - 5672 tcp @5672"]),
        ("ufw: rule=allow port=22 proto=tcp from_ip=10.0.0.0/8", &["ufw accept 10.0.0.0/8 22 tcp @port=22"]),
        (
            "community.general.ufw: {rule: allow, port: '{{ item }}', proto: tcp}\n  loop: [22, 5671]",
            &["ufw accept - 22 tcp @22", "ufw accept - 5671 tcp @5671"],
        ),
        (
            "ufw: {rule: '{{ item.rule | default(\"allow\") }}', port: '{{ item.port }}', src: '{{ item.from | default(omit) }}', proto: tcp}\n  with_items:\n    - {port: 22}\n    - {rule: deny, port: 5672, from: 10.0.0.1}",
            &["ufw accept - 22 tcp @22", "ufw drop 10.0.0.1 5672 tcp @5672"],
        ),
        (
            "ufw: {rule: allow, port: '{{ p }}', proto: tcp}\n  loop: [80]\n  loop_control: {loop_var: p}",
            &["ufw accept - 80 tcp @80"],
        ),
        ("ufw: {rule: allow, port: '{{ item }}'}\n  loop: '{{ ports }}'", &["ufw accept - - any @"]),
        ("command: ufw allow 5672/tcp", &["ufw accept - 5672 tcp @5672/tcp"]),
        ("command: {argv: [ufw, allow, 5672/tcp]}", &["ufw accept - 5672 tcp @5672/tcp"]),
        (
            "ansible.builtin.shell: |\n    ufw allow 22/tcp\n    ufw deny 5672",
            &["ufw accept - 22 tcp @22/tcp", "ufw drop - 5672 tcp+udp @5672"],
        ),
        (
            "shell: ufw allow {{ item }}/tcp\n  with_items: ['22', '80']",
            &["ufw accept - 22 tcp @{{ item }}/tcp", "ufw accept - 80 tcp @{{ item }}/tcp"],
        ),
        (
            "iptables: {chain: INPUT, protocol: tcp, destination_ports: ['5672', '15672'], source: '!10.0.0.0/8', ctstate: NEW, jump: DROP}",
            &["iptables drop all but 10.0.0.0/8 5672,15672 tcp @5672', '15672"],
        ),
        (
            "ansible.builtin.iptables: {chain: INPUT, protocol: tcp, destination_port: 5672, jump: ACCEPT, ip_version: both}",
            &["iptables accept - 5672 tcp @5672"],
        ),
        (
            "ansible.posix.firewalld: {port: 5672/tcp, permanent: true, immediate: yes, state: enabled}",
            &["firewalld accept - 5672 tcp @5672/tcp"],
        ),
        ("ufw: {rule: allow, port: '22'}\n  when: false", &[]),
        ("ufw: {rule: allow, port: '22'}\n  delegate_to: other", &[]),
        ("debug: {msg: ufw allow 22}", &[]),
        ("ufw: {rule: allow, port: '{{ p }}'}\n  vars: {p: [{a: 1}]}", &["ufw accept - - any @"]),
        (
            "ansible.builtin.iptables: {chain: INPUT, protocol: tcp, destination_ports: '{{ p }}', jump: ACCEPT}\n  vars: {p: ['80', '443']}",
            &["iptables accept - 80,443 tcp @80', '443"],
        ),
    ];
    for (task, expected) in cases {
        let text = format!("- name: t\n  {task}\n");
        assert_eq!(rules(&text), *expected, "{text}");
    }
}

#[test]
fn a_play_is_one_firewall_and_says_what_it_leaves_out() {
    let of = |text: &str, field| {
        let out = read(text);
        let each = out.facts.of(&firewall::KIND).map(|(_, f)| f.get(field).map(|s| s.value.to_string()));
        each.map(|v| v.unwrap_or("-".into())).collect::<Vec<_>>().join("|")
    };
    let play = |more: &str| {
        format!(
            "- hosts: mq\n{more}  pre_tasks:\n    - ufw: {{rule: allow, port: 22}}\n  tasks:\n    - block:\n        - ufw: {{policy: deny, state: enabled}}\n      when: a\n"
        )
    };
    assert_eq!(of(&play(""), firewall::rules), "1");
    assert_eq!(of(&play(""), firewall::enabled), "true");
    // Only a part of the tasks asks for `a`, so nobody knows whether the default is set.
    assert_eq!(of(&play(""), firewall::unlisted), "unknown");
    assert_eq!(of(&play("  roles: [hardening]\n"), firewall::partial), "true");
    assert_eq!(of(&play(""), firewall::partial), "false");
    let two = "- hosts: a\n  tasks:\n    - ufw: {rule: allow, port: 22}\n- hosts: b\n  tasks:\n    - ufw: {rule: allow, port: 5672}\n";
    assert_eq!(of(two, firewall::rules), "1|1");
}

/// What all files of a project come to.
fn project(files: &[(&str, &str)]) -> Facts {
    let mut sources = Sources::new();
    for (name, text) in files {
        sources.add(Source::new(*name, *text));
    }
    crate::engine::lint(&sources, &Settings::default(), &RuleSet::empty()).facts
}

/// The rules of a project's firewalls: action, source and ports; with `?` for a firewall of which something is missing.
fn walls(files: &[(&str, &str)]) -> Vec<String> {
    let facts = project(files);
    let shown = |f: &Fact, field| f.get(field).map_or("-".to_owned(), |s| s.value.to_string());
    let line = |f: &Fact| [rule::action, rule::from, rule::ports].map(|field| shown(f, field)).join(" ");
    let partial = facts.of(&firewall::KIND).any(|(_, f)| f.bool(firewall::partial) == Some(true));
    let walls = facts.of(&firewall::KIND).count();
    let mut out: Vec<String> = facts.of(&rule::KIND).map(|(_, f)| line(f)).collect();
    out.push(format!("{walls}{}", if partial { "?" } else { "" }));
    out
}

const PLAY: &str =
    "- hosts: mq\n  roles: [base, {role: mq, when: true}]\n  tasks:\n    - ufw: {rule: allow, port: 443}\n";
const BASE: &str = "- ufw: {default: deny, direction: incoming}\n- include_tasks: open.yml\n";
const OPEN: &str = "- ufw: {rule: allow, port: '{{ item }}'}\n  loop: '{{ base_ports }}'\n";

#[test]
fn roles_and_their_files_are_one_firewall() {
    let base = [("site.yml", PLAY), ("roles/base/tasks/main.yml", BASE), ("roles/base/tasks/open.yml", OPEN)];
    let mq = ("roles/mq/tasks/main.yaml", "- ufw: {rule: allow, port: '{{ mq_port }}', src: '{{ net }}'}\n");
    let defaults = ("roles/base/defaults/main.yml", "base_ports: [22]\n");
    let with = |more: &[(&'static str, &'static str)]| {
        let all: Vec<_> = base.iter().chain([&mq, &defaults]).chain(more).copied().collect();
        walls(&all)
    };
    let port = ("roles/mq/defaults/main.yml", "mq_port: 5672\nnet: 10.0.0.0/8\n");
    assert_eq!(
        with(&[port]),
        ["accept - 22", "accept 10.0.0.0/8 5672", "accept - 443", "1"],
        "defaults of roles"
    );
    let group = ("group_vars/mq.yml", "mq_port: 5671\n");
    assert_eq!(with(&[port, group])[1], "accept 10.0.0.0/8 5671", "variables of the play's group go first");
    let host = ("host_vars/mq1.yml", "mq_port: 5673\n");
    assert_eq!(with(&[port, group, host])[1], "accept 10.0.0.0/8 -", "one host has another port");
    let other = ("group_vars/web.yml", "mq_port: 80\n");
    assert_eq!(with(&[port, other])[1], "accept 10.0.0.0/8 -", "nobody says who is in that group");
    let vars = ("roles/mq/vars/main.yml", "mq_port: '{{ tls_port }}'\ntls_port: 5674\n");
    assert_eq!(with(&[port, group, vars])[1], "accept 10.0.0.0/8 5674", "variables of the role are stronger");
    assert_eq!(with(&[])[1], "accept - -", "nothing says which port");
    assert_eq!(walls(&base[..1]), ["accept - 443", "1?"], "roles that are not at hand");
    assert_eq!(walls(&base[1..]).last().unwrap(), "1?", "a role alone is a part of something");
}

#[test]
fn what_brings_in_what_is_followed_to_its_end() {
    let tasks = "- set_fact: {p: 1}\n- ufw: {rule: allow, port: '{{ p }}'}\n- shell: x\n  register: p\n- ufw: {rule: allow, port: '{{ p }}'}\n";
    assert_eq!(
        walls(&[("site.yml", &format!("- hosts: a\n  vars: {{p: 7}}\n  tasks:\n{}", indented(tasks)))]),
        ["accept - 1", "accept - -", "1"]
    );
    let ports = "- import_tasks: port.yml\n  vars: {p: 22}\n- include_tasks: {file: port.yml}\n  vars: {p: 80}\n  when: web\n- include_role: {name: mq, tasks_from: open}\n  loop: [5671, 5672]\n";
    let files = [
        ("playbooks/site.yml", &*format!("- hosts: a\n  tasks:\n{}", indented(ports))),
        ("playbooks/tasks/port.yml", "- ufw: {rule: allow, port: '{{ p }}'}\n"),
        ("roles/mq/tasks/open.yml", "- ufw: {rule: allow, port: '{{ item }}'}\n"),
    ];
    assert_eq!(walls(&files), ["accept - 22", "accept - 80", "accept - 5671", "accept - 5672", "1"]);
    let circle = [
        ("site.yml", "- hosts: a\n  roles: [x]\n"),
        (
            "roles/x/tasks/main.yml",
            "- ufw: {rule: allow, port: 1}\n- include_tasks: main.yml\n- import_role: {name: x}\n",
        ),
        ("roles/x/meta/main.yml", "dependencies: [y]\n"),
        ("roles/y/tasks/main.yml", "- ufw: {rule: allow, port: 2}\n"),
    ];
    assert_eq!(walls(&circle), ["accept - 2", "accept - 1", "1"]);
    let plays = "- hosts: mq\n  tasks: [{ufw: {rule: allow, port: 1}}]\n- hosts: web\n  tasks: []\n- hosts: mq\n  tasks: [{ufw: {rule: allow, port: 2}}]\n";
    assert_eq!(walls(&[("site.yml", plays)]), ["accept - 1", "accept - 2", "1"]);
    let all = format!("{plays}- hosts: all\n  tasks: [{{ufw: {{rule: allow, port: 3}}}}]\n");
    assert_eq!(walls(&[("site.yml", &all)]).last().unwrap(), "2?");
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}

#[test]
fn files_are_read_as_what_they_become_on_the_host() {
    let files = [
        (
            "roles/mq/tasks/main.yml",
            "- template: {src: limits.j2, dest: /etc/systemd/system/rabbitmq-server.service.d/limits.conf}\n- sysctl: {name: net.core.somaxconn, value: '{{ backlog }}'}\n- sysctl: name=net.ipv4.tcp_keepalive_time value=600 state=present\n- community.general.pam_limits: {domain: rabbitmq, limit_type: soft, limit_item: nofile, value: 65536}\n",
        ),
        ("roles/mq/templates/limits.j2", "[Service]\nLimitNOFILE={{ mq_nofile }}\n"),
        ("roles/mq/defaults/main.yml", "mq_nofile: 1024\nbacklog: 4096\n"),
    ];
    let facts = project(&files);
    let (_, unit) = facts.of(&host::unit::KIND).next().unwrap();
    assert_eq!(unit.text(host::unit::name), Some("rabbitmq-server.service"));
    assert_eq!(unit.int(host::unit::nofile), Some(1024));
    assert_eq!(facts.of(&host::unit::KIND).count(), 1);
    let (_, kernel) = facts.of(&host::sysctl::KIND).next().unwrap();
    assert_eq!(kernel.setting("net.core.somaxconn").map(|s| s.value.to_string()), Some("4096".to_owned()));
    let (_, limit) = facts.of(&host::limit::KIND).next().unwrap();
    let place = limit.get(host::limit::value).and_then(|s| s.span()).unwrap();
    assert_eq!(&files[0].1[place.range()], "65536");
}
