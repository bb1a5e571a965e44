//! Facts about firewalls.

use crate::facts::declare_kinds;

declare_kinds! {
    /// A firewall, as one file or script sets it up.
    firewall "firewall" {
        /// The program: `ufw`, `iptables`, `nft`, `firewalld` or `kubernetes`.
        tool: Text,
        /// Commands of a script set it up, rather than a file that is loaded.
        script: Bool,
        /// Rules that are written for the next start only, since nothing loads them after that.
        not_loaded: Int,
        /// Rules of the running firewall alone, which a reload after them takes away.
        lost: Int,
        /// Those commands run while an image is built, where no firewall is in force.
        image_build: Bool,
        /// A part of it is known to stand elsewhere: an include, a template, other tasks.
        partial: Bool,
        /// Whether it is switched on, where the file says so.
        enabled: Bool,
        /// What happens to incoming traffic that no rule names: `accept`, `drop` or `reject`.
        default_incoming: Text,
        /// What happens to outgoing traffic that no rule names.
        default_outgoing: Text,
        /// Number of rules written.
        rules: Int,
        /// Whether a stranger reaches a TCP port that no rule names over IPv4: `yes`, `no`, `limited` or `unknown`.
        unlisted: Text,
        /// The same over IPv6.
        unlisted_ipv6: Text,
        /// Whether a stranger reaches SSH over IPv4: `yes`, `no`, `limited` or `unknown`.
        ssh: Text,
        /// Whether anything lets someone in to SSH, strangers or not.
        ssh_rule: Bool,
        /// Whether this host reaches its own ports over loopback: `yes`, `no`, `limited` or `unknown`.
        loopback: Text,
        /// Whether packets of established connections are let in.
        established: Bool,
        /// Rules on the way in that accept a port by name.
        opens: Int,
        /// Rules on the way in that refuse a port or a source by name.
        closes: Int,
        /// Whether loading the file first removes what was there.
        flushes: Bool,
        /// Number of `limit` rules, which in ufw share one counter.
        limits: Int,
    }
    /// A rule of a firewall.
    rule "firewall.rule" {
        /// The firewall it belongs to.
        firewall: Record("firewall"),
        /// The program.
        tool: Text,
        /// What it does: `accept`, `drop`, `reject`, `limit`, `jump`, `return`, `continue`, `nat`.
        action: Text,
        /// The sources it asks for, as text; absent for any.
        from: Text,
        /// The ports it asks for, as text; absent for any.
        ports: Text,
        /// The ports of the sender it asks for, as text.
        source_ports: Text,
        /// `tcp`, `udp`, `tcp+udp`, `any` or `other`.
        protocol: Text,
        /// `ipv4`, `ipv6` or `both`.
        family: Text,
        /// The incoming interface, as text.
        interface: Text,
        /// The outgoing interface, as text.
        out_interface: Text,
        /// `in`, `out` or `forward`; absent in a chain that others jump to.
        direction: Text,
        /// The chain.
        chain: Text,
        /// It accepts connections from any stranger.
        open_to_world: Bool,
        /// It matches everything.
        everything: Bool,
        /// The rate it counts, as written.
        limit: Text,
        /// It counts each source by itself, rather than all together.
        limit_per_source: Bool,
        /// Its comment.
        comment: Text,
        /// The broker, database or cluster service on its port.
        service: Text,
        /// What the service is: `broker`, `broker-tls`, `cluster`, `management`, `metrics`, `database`, `login`.
        service_class: Text,
        /// An earlier rule takes every packet it asks for.
        never_matches: Bool,
        /// That earlier rule.
        shadowed_by: Record("firewall.rule"),
        /// That earlier rule does the same.
        shadowed_same: Bool,
        /// How it refuses, as the program names it.
        reject_with: Text,
        /// An address as written, with bits behind its prefix.
        cut_from: Text,
        /// The network that address is cut to.
        cut_to: Text,
    }
    /// What becomes of a stranger who connects to a well-known TCP port that a rule names.
    port "firewall.port" {
        /// The firewall.
        firewall: Record("firewall"),
        /// The program.
        tool: Text,
        /// The port.
        port: Int,
        /// What answers there.
        service: Text,
        /// What that is: `broker`, `broker-tls`, `cluster`, `management`, `metrics`, `database`, `login`.
        class: Text,
        /// Over IPv4: `yes`, `no`, `limited` or `unknown`.
        reach: Text,
        /// Over IPv6.
        reach_ipv6: Text,
        /// When it is stopped: `drop` or `reject`.
        refusal: Text,
        /// The rate, when it is limited.
        limit: Text,
        /// The rule that decides.
        rule: Record("firewall.rule"),
    }
    /// Something in a firewall file that the program refuses.
    refused "firewall.refused" {
        /// The program.
        tool: Text,
        /// A short name of the mistake: `comma-list`, `port`, `missing-commit`.
        code: Text,
        /// What is wrong, one line.
        reason: Text,
        /// What is lost: `rule` or `file`.
        loses: Text,
    }
}
