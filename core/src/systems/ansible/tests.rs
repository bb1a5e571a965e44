use super::ANSIBLE;
use crate::facts::kinds::firewall::{firewall, rule};
use crate::source::{FileId, Source, View};
use crate::systems::{Match, Reading};

fn read(text: &str) -> Reading {
    let source = Source::new("play.yml", text);
    let mut out = Reading::default();
    (ANSIBLE.read)(&View::whole(FileId(0), &source), &mut out);
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
    let of = |f: &crate::facts::Fact, field| f.get(field).map_or("-".to_owned(), |s| s.value.to_string());
    let shown = |f: &crate::facts::Fact| {
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
