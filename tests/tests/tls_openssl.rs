//! Our verdict on generated chains and names, held against OpenSSL's. Skipped where `openssl` is not installed.
#![expect(clippy::print_stdout, reason = "the agreement is read by the person who runs it")]

use connlint_core::facts::parse_time;
use connlint_core::{RuleSet, Settings};
use connlint_tests::authority::{AUTHORITY, Authority, Made, Place, SERVER, present};
use connlint_tests::certificates::{fingerprints, judge_for, reaches, refusals, serves_openssl};

/// The moment that both judge at: 2026-06-01.
const NOW: &str = "2026-06-01T00:00:00Z";
const NOW_SECONDS: &str = "1780272000";

/// A certificate that is over, and one that begins later.
const OVER: (&str, &str) = ("20260101000000Z", "20260401000000Z");
const LATER: (&str, &str) = ("20260615000000Z", "20260701000000Z");

/// A chain: what is made, what is trusted, and what is shown, the leaf first.
struct Case {
    what: &'static str,
    made: Vec<Made>,
    trusted: &'static [&'static str],
    shown: &'static [&'static str],
}

fn root() -> Made {
    Made::new("r", "r", AUTHORITY)
}

fn between() -> Made {
    Made::new("i", "r", AUTHORITY)
}

fn leaf() -> Made {
    Made::new("l", "i", SERVER)
}

/// Root, intermediate and leaf, shown in their order.
fn three(what: &'static str, root: Made, between: Made, leaf: Made) -> Case {
    Case { what, made: vec![root, between, leaf], trusted: &["r"], shown: &["l", "i"] }
}

/// The three of them unchanged, and others.
fn shown(
    what: &'static str,
    more: Vec<Made>,
    trusted: &'static [&'static str],
    shown: &'static [&'static str],
) -> Case {
    Case { what, made: [vec![root(), between(), leaf()], more].concat(), trusted, shown }
}

fn of_leaf(what: &'static str, leaf: Made) -> Case {
    three(what, root(), between(), leaf)
}

fn of_between(what: &'static str, between: Made) -> Case {
    three(what, root(), between, leaf())
}

fn of_root(what: &'static str, root: Made) -> Case {
    three(what, root, between(), leaf())
}

fn dates() -> Vec<Case> {
    vec![
        of_leaf("all is right", leaf()),
        of_leaf("leaf over", leaf().times(OVER.0, OVER.1)),
        of_leaf("leaf ends soon", leaf().times(OVER.0, LATER.0)),
        of_leaf("leaf begins later", leaf().times(LATER.0, LATER.1)),
        of_leaf("leaf ends this second", leaf().times(OVER.0, "20260601000000Z")),
        of_leaf("leaf ended a second ago", leaf().times(OVER.0, "20260531235959Z")),
        of_leaf("leaf begins this second", leaf().times("20260601000000Z", LATER.1)),
        of_between("intermediate over", between().times(OVER.0, OVER.1)),
        of_between("intermediate begins later", between().times(LATER.0, LATER.1)),
        of_root("root over", root().times(OVER.0, OVER.1)),
        of_root("root begins later", root().times(LATER.0, LATER.1)),
    ]
}

fn authorities() -> Vec<Case> {
    let zero = "CA:TRUE,pathlen:0";
    let second = || Made::new("j", "i", AUTHORITY);
    let below = |what, between: Made, second: Made| Case {
        what,
        made: vec![root(), between, second, Made { issuer: "j", ..leaf() }],
        trusted: &["r"],
        shown: &["l", "j", "i"],
    };
    vec![
        of_between("intermediate is no CA", between().swap("CA:TRUE", "CA:FALSE")),
        of_between(
            "intermediate without basic constraints",
            between().swap("basicConstraints=critical,CA:TRUE\n", ""),
        ),
        of_between("intermediate may not sign", between().swap("keyCertSign,", "")),
        of_between(
            "intermediate without key usage",
            between().swap("keyUsage=critical,keyCertSign,cRLSign\n", ""),
        ),
        of_root("root may not sign", root().swap("keyCertSign,", "")),
        of_root("root without key usage", root().swap("keyUsage=critical,keyCertSign,cRLSign\n", "")),
        of_root("root's constraints are not critical", root().swap("critical,CA:TRUE", "CA:TRUE")),
        of_root("path length 0 at the root", root().swap("CA:TRUE", zero)),
        of_root("path length 1 at the root", root().swap("CA:TRUE", "CA:TRUE,pathlen:1")),
        of_between("path length 0 below", between().swap("CA:TRUE", zero)),
        of_between(
            "path length without keyCertSign",
            between().swap("CA:TRUE", zero).swap("keyCertSign,", ""),
        ),
        below("two intermediates", between(), second()),
        below("path length 0 above another intermediate", between().swap("CA:TRUE", zero), second()),
        below("path length 0 at the lower one", between(), second().swap("CA:TRUE", zero)),
        below(
            "usage for clients at the upper one",
            between().with("extendedKeyUsage=clientAuth\n"),
            second(),
        ),
        below(
            "names outside at the upper one",
            between().with("nameConstraints=critical,permitted;DNS:example.org\n"),
            second(),
        ),
    ]
}

fn constraints() -> Vec<Case> {
    let only =
        |what, tree: &str| of_between(what, between().with(&format!("nameConstraints=critical,{tree}\n")));
    let mail = || leaf().swap("IP:10.0.0.5", "email:ops@mail.example.com");
    let uri = || leaf().swap("IP:10.0.0.5", "URI:amqps://mq.example.com/v");
    let of = |what, tree: &str, leaf: Made| {
        three(what, root(), between().with(&format!("nameConstraints=critical,{tree}\n")), leaf)
    };
    let named = || Made { subject: "/CN=mq.example.com".into(), ..leaf() };
    vec![
        only("names within", "permitted;DNS:example.com"),
        only("names outside", "permitted;DNS:example.org"),
        only("names excluded", "excluded;DNS:mq.example.com"),
        only("a sibling excluded", "excluded;DNS:other.example.com"),
        only("a wildcard's parent excluded", "excluded;DNS:w.example.com"),
        only(
            "a name within, excluded and permitted",
            "permitted;DNS:example.com,excluded;DNS:mq.example.com",
        ),
        only("addresses outside", "permitted;IP:192.168.0.0/255.255.0.0"),
        only("addresses within", "permitted;IP:10.0.0.0/255.0.0.0"),
        only("addresses excluded", "excluded;IP:10.0.0.5/255.255.255.255"),
        only("addresses of the other version", "permitted;IP:2001:db8::/ffff:ffff::"),
        of("mail within", "permitted;email:.example.com", mail()),
        of("mail at another host", "permitted;email:example.com", mail()),
        of("mail excluded", "excluded;email:ops@mail.example.com", mail()),
        of("the host of a URI within", "permitted;URI:mq.example.com", uri()),
        of("the host of a URI outside", "permitted;URI:.example.org", uri()),
        of("a common name outside, no alternative name", "permitted;DNS:example.org", {
            named().swap("subjectAltName=DNS:mq.example.com,DNS:*.w.example.com,IP:10.0.0.5\n", "")
        }),
        of_root(
            "names outside of the root's",
            root().with("nameConstraints=critical,permitted;DNS:example.org\n"),
        ),
    ]
}

fn usages() -> Vec<Case> {
    let swap = |to: &str| leaf().swap("extendedKeyUsage=serverAuth\n", to);
    let key_usage = |to: &str| leaf().swap("keyUsage=critical,digitalSignature\n", to);
    vec![
        of_between(
            "usage for clients below a server's leaf",
            between().with("extendedKeyUsage=clientAuth\n"),
        ),
        of_between(
            "usage for servers below a server's leaf",
            between().with("extendedKeyUsage=serverAuth\n"),
        ),
        of_root("usage for clients at the root", root().with("extendedKeyUsage=clientAuth\n")),
        three(
            "usage for clients above a leaf without usages",
            root(),
            between().with("extendedKeyUsage=clientAuth\n"),
            swap(""),
        ),
        of_leaf("any usage only", swap("extendedKeyUsage=anyExtendedKeyUsage\n")),
        of_leaf("no usage", swap("")),
        of_leaf("both usages", swap("extendedKeyUsage=serverAuth,clientAuth\n")),
        of_leaf("usages that list nothing", swap("extendedKeyUsage=DER:3000\n")),
        of_leaf("no key usage", key_usage("")),
        of_leaf("key usages that list nothing", key_usage("keyUsage=critical,DER:03020700\n")),
        of_leaf("an unknown critical extension", leaf().with("1.2.3.4=critical,DER:0500\n")),
        of_leaf("an unknown extension", leaf().with("1.2.3.4=DER:0500\n")),
        of_leaf(
            "leaf is a CA",
            leaf().swap("CA:FALSE", "CA:TRUE").swap("digitalSignature", "digitalSignature,keyCertSign"),
        ),
    ]
}

fn keys() -> Vec<Case> {
    let weak = |made: Made| Made { digest: "sha1", ..made };
    vec![
        three("RSA", root().key("rsa:2048"), between().key("rsa:2048"), leaf().key("rsa:2048")),
        three("Ed25519", root().key("ed25519"), between().key("ed25519"), leaf().key("ed25519")),
        three("P-384", root().key("ec:P-384"), between().key("ec:P-384"), leaf().key("ec:P-384")),
        of_leaf("RSA of 1024 bits", leaf().key("rsa:1024")),
        of_between("RSA of 1024 bits in between", between().key("rsa:1024")),
        of_leaf("SHA-1", weak(leaf())),
        of_between("SHA-1 in between", weak(between())),
        of_root("SHA-1 at the root", weak(root())),
    ]
}

fn orders() -> Vec<Case> {
    let other = || Made::new("q", "q", AUTHORITY);
    let renewed = || Made { subject: "/CN=Generated r".into(), ..Made::new("n", "n", AUTHORITY) };
    let crossed =
        || Made { subject: "/CN=Generated i".into(), key_of: "i", ..Made::new("x", "q", AUTHORITY) };
    let renamed = || Made { subject: "/CN=Generated i".into(), ..Made::new("y", "r", AUTHORITY) };
    let over = |made: Made| made.times(OVER.0, OVER.1);
    vec![
        shown("root included", vec![], &["r"], &["l", "i", "r"]),
        shown("wrong order", vec![other()], &["r"], &["l", "r", "i"]),
        shown("twice", vec![], &["r"], &["l", "i", "i", "l"]),
        shown("a stranger", vec![other()], &["r"], &["l", "q", "i"]),
        shown("missing intermediate", vec![], &["r"], &["l"]),
        shown("another root", vec![other()], &["q"], &["l", "i", "r"]),
        shown("a root made anew under its name", vec![renewed()], &["n"], &["l", "i"]),
        shown("both roots of that name", vec![renewed()], &["n", "r"], &["l", "i"]),
        shown("cross-signed, by the other root", vec![other(), crossed()], &["q"], &["l", "i", "x"]),
        shown("cross-signed, by both roots", vec![other(), crossed()], &["q", "r"], &["l", "x", "i"]),
        shown("cross-signed, one over", vec![other(), over(crossed())], &["q", "r"], &["l", "x", "i"]),
        shown("an intermediate of another key under its name", vec![renamed()], &["r"], &["l", "y"]),
        shown("both intermediates of that name", vec![renamed()], &["r"], &["l", "y", "i"]),
        Case {
            what: "self-signed and trusted",
            made: vec![Made { issuer: "l", ..leaf() }],
            trusted: &["l"],
            shown: &["l"],
        },
        Case {
            what: "self-signed and not trusted",
            made: vec![root(), Made { issuer: "l", ..leaf() }],
            trusted: &["r"],
            shown: &["l"],
        },
        Case {
            what: "issued by the root",
            made: vec![root(), Made { issuer: "r", ..leaf() }],
            trusted: &["r"],
            shown: &["l"],
        },
    ]
}

/// Chains that we judge otherwise, and why.
const OTHERWISE: &[(&str, &str)] = &[
    ("leaf ends this second", "the last second counts (RFC 5280 section 4.1.2.5); OpenSSL stops before it"),
    (
        "cross-signed, by the other root",
        "there is a path; OpenSSL takes the first issuer that fits and does not go back, other clients do",
    ),
];

#[test]
fn chains_agree_with_openssl() {
    /// Chains that are compared.
    const LEAST: usize = 75;
    if !present("openssl", "version") {
        return;
    }
    let rules = RuleSet::built_in();
    let place = Place::new("chains");
    let mut authority = Authority::new(&place.0);
    let settings = Settings { now: parse_time(NOW), ..Settings::default() };
    let cases: Vec<Case> =
        [dates(), authorities(), constraints(), usages(), keys(), orders()].into_iter().flatten().collect();
    let (mut otherwise, mut differ) = (0, Vec::new());
    for case in &cases {
        authority.make(&case.made);
        authority.write("trusted", &authority.join(case.trusted));
        authority.write("between", &authority.join(case.shown));
        let said = authority.openssl(&[
            "verify",
            "-attime",
            NOW_SECONDS,
            "-purpose",
            "sslserver",
            "-auth_level",
            "2",
            "-no-CAstore",
            "-no-CApath",
            "-CAfile",
            "trusted",
            "-untrusted",
            "between",
            "l.pem",
        ]);
        let theirs = said.as_ref().is_some_and(|o| o.status.success());
        let missing: Vec<&str> = case.trusted.iter().copied().filter(|t| !case.shown.contains(t)).collect();
        let text = format!("{}{}", authority.join(case.shown), authority.join(&missing));
        let outcomes = judge_for(&text, &settings, &rules);
        let mut ours = refusals(&outcomes);
        let anchors: Vec<String> = case
            .trusted
            .iter()
            .flat_map(|t| fingerprints(&judge_for(&authority.join(&[t]), &settings, &rules)))
            .collect();
        if !reaches(&outcomes, &anchors) {
            ours.push("no trusted authority".into());
        }
        if theirs == ours.is_empty() {
            continue;
        }
        if OTHERWISE.iter().any(|(what, _)| *what == case.what) {
            otherwise += 1;
        } else {
            let reason = said.map(|o| String::from_utf8_lossy(&o.stderr).into_owned()).unwrap_or_default();
            differ.push(format!("{}: openssl accepts {theirs} {reason}, ours {ours:?}", case.what));
        }
    }
    println!(
        "openssl: {} chains compared, {otherwise} otherwise for a reason, differ {differ:#?}",
        cases.len()
    );
    assert!(cases.len() >= LEAST, "{}", cases.len());
    assert_eq!(otherwise, OTHERWISE.len(), "a difference that is explained is none any more");
    assert!(differ.is_empty(), "{differ:#?}");
}

/// Subject, alternative names, and hosts that are asked for.
const NAMES: &[(&str, &str, &[&str])] = &[
    (
        "/CN=Generated",
        WITH_WILDCARD,
        &[
            "mq.example.com",
            "MQ.Example.Com",
            "example.com",
            "a.w.example.com",
            "a.b.w.example.com",
            "w.example.com",
            "xmq.example.com",
            "mq.example.org",
            "10.0.0.5",
            "10.0.0.6",
            "mq.example.com.evil.test",
            ".w.example.com",
            "xn--bcher-kva.w.example.com",
            "mq",
            "2001:db8::1",
            "mq.example.com.",
        ],
    ),
    ("/CN=Generated", "DNS:*.com,DNS:*.example", &["example.com", "a.example", "com"]),
    ("/CN=Generated", "DNS:a.*.example.com", &["a.b.example.com", "a.*.example.com"]),
    ("/CN=Generated", "DNS:db*.example.com", &["db1.example.com", "db.example.com", "xdb1.example.com"]),
    ("/CN=Generated", "DNS:*", &["localhost", "example.com"]),
    ("/CN=Generated", "DNS:localhost", &["localhost", "LOCALHOST", "127.0.0.1", "::1"]),
    ("/CN=Generated", "IP:2001:db8::1", &["2001:db8::1", "2001:db8:0:0::1", "2001:db8::2", "mq.example.com"]),
    ("/CN=Generated", "IP:10.0.0.5", &["10.0.0.5", "10.0.0.50", "::ffff:10.0.0.5"]),
    ("/CN=Generated", "DNS:10.0.0.5", &["10.0.0.5"]),
    (
        "/CN=Generated",
        "DNS:xn--bcher-kva.example",
        &["bücher.example", "xn--bcher-kva.example", "bucher.example"],
    ),
    ("/CN=Generated", "DNS:*.xn--bcher-kva.example", &["mq.bücher.example", "bücher.example"]),
    ("/CN=Generated", "DNS:mq.example.com.", &["mq.example.com", "mq.example.com."]),
    ("/CN=Generated", "DNS:my_mq.example.com", &["my_mq.example.com"]),
    ("/CN=mq.example.com", "", &["mq.example.com", "MQ.example.com", "other.example.com", "10.0.0.5"]),
    ("/CN=*.example.com", "", &["mq.example.com", "example.com"]),
    ("/CN=mq.example.com", "IP:10.0.0.5", &["mq.example.com", "10.0.0.5"]),
    ("/CN=mq.example.com", "DNS:other.example.com", &["mq.example.com", "other.example.com"]),
    ("/CN=mq.example.com", "email:a@example.com", &["mq.example.com"]),
    ("/CN=10.0.0.5", "", &["10.0.0.5"]),
];

/// Names where we go by the clients and not by the command, and why.
const NAMED_OTHERWISE: &[(&str, &str, &str)] = &[
    (WITH_WILDCARD, ".w.example.com", "a leading dot asks OpenSSL for any name below; no host is written so"),
    (WITH_WILDCARD, "mq.example.com.", "clients take the dot off before they ask"),
    ("DNS:mq.example.com.", "mq.example.com.", "the same: without the dot OpenSSL refuses it too"),
    ("DNS:a.*.example.com", "a.*.example.com", "no host has an asterisk"),
    ("DNS:db*.example.com", "db1.example.com", "Python, curl, Go, Java and browsers take no part of a label"),
    ("DNS:db*.example.com", "db.example.com", "Python, curl, Go, Java and browsers take no part of a label"),
    ("IP:10.0.0.5", "::ffff:10.0.0.5", "the same address; sockets show it so, and Go compares it so"),
];

/// Names of the usual server.
const WITH_WILDCARD: &str = "DNS:mq.example.com,DNS:*.w.example.com,IP:10.0.0.5";

/// The host as OpenSSL wants it: it does not know other scripts.
fn as_ascii(host: &str) -> String {
    host.replace("bücher", "xn--bcher-kva")
}

#[test]
fn names_agree_with_openssl() {
    /// Names that are compared.
    const LEAST: usize = 55;
    if !present("openssl", "version") {
        return;
    }
    let rules = RuleSet::built_in();
    let place = Place::new("names");
    let mut authority = Authority::new(&place.0);
    let settings = Settings { now: parse_time(NOW), ..Settings::default() };
    let (mut compared, mut otherwise, mut differ) = (0, 0, Vec::new());
    for (subject, names, hosts) in NAMES {
        let names_line = if names.is_empty() { String::new() } else { format!("subjectAltName={names}\n") };
        let extensions =
            format!("basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n{names_line}");
        authority.make(&[Made { subject: (*subject).to_owned(), ..Made::new("l", "l", &extensions) }]);
        let outcomes = judge_for(&authority.read("l.pem"), &settings, &rules);
        for host in *hosts {
            let option = if host.parse::<std::net::IpAddr>().is_ok() { "-checkip" } else { "-checkhost" };
            let said = authority
                .openssl(&["x509", "-noout", "-in", "l.pem", option, &as_ascii(host)])
                .map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
                .unwrap_or_default();
            assert!(said.contains("does"), "{host}: {said}");
            let theirs = said.contains("does match");
            compared += 1;
            if theirs == serves_openssl(&outcomes, host) {
                continue;
            }
            if NAMED_OTHERWISE.iter().any(|(n, h, _)| n == names && h == host) {
                otherwise += 1;
            } else {
                differ.push(format!("{subject} {names} {host}: openssl accepts {theirs}"));
            }
        }
    }
    println!("openssl: {compared} names compared, {otherwise} otherwise for a reason, differ {differ:#?}");
    assert!(compared >= LEAST, "{compared}");
    assert_eq!(otherwise, NAMED_OTHERWISE.len(), "a difference that is explained is none any more");
    assert!(differ.is_empty(), "{differ:#?}");
}
