//! Our verdict on generated chains, held against `openssl verify`. Skipped where `openssl` is not installed.
#![expect(clippy::print_stdout, reason = "the agreement is read by the person who runs it")]

use std::path::{Path, PathBuf};
use std::process::Command;

use connlint_core::facts::kinds::tls::certificate;
use connlint_core::facts::{Value, parse_time};
use connlint_core::source::{Source, Sources};
use connlint_core::systems::tls::names::{Verdict, verdict};
use connlint_core::{Outcomes, RuleSet, Settings, Severity, lint};

/// The moment that both judge at: 2026-06-01.
const NOW: &str = "2026-06-01T00:00:00Z";
const NOW_SECONDS: &str = "1780272000";

/// Files of one run, removed at its end.
struct Place(PathBuf);

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn openssl(place: &Path, arguments: &[&str]) -> bool {
    let done = Command::new("openssl").args(arguments).current_dir(place).output();
    done.is_ok_and(|o| o.status.success())
}

/// One certificate: its extensions, and the days from now that it begins and ends at.
#[derive(Clone, Copy)]
struct Made {
    extensions: &'static str,
    from: &'static str,
    to: &'static str,
}

const LONG: (&str, &str) = ("20260101000000Z", "20260701000000Z");

const fn made(extensions: &'static str) -> Made {
    Made { extensions, from: LONG.0, to: LONG.1 }
}

const ROOT: &str =
    "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n";
const BETWEEN: &str = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
const LEAF: &str = "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=DNS:mq.example.com,DNS:*.w.example.com,IP:10.0.0.5\nauthorityKeyIdentifier=keyid\n";

/// Makes root, intermediate and leaf in `place`: `r.pem`, `i.pem`, `l.pem`.
fn make(place: &Path, root: Made, between: Made, leaf: Made) {
    let all = [("r", root, "r"), ("i", between, "r"), ("l", leaf, "i")];
    for (name, it, issuer) in all {
        let (config, key, request) = (format!("{name}.cnf"), format!("{name}.key"), format!("{name}.csr"));
        let text = format!(
            "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nnew_certs_dir=.\nserial=serial\ndefault_md=sha256\n\
             policy=p\nunique_subject=no\nx509_extensions=e\n[p]\ncommonName=supplied\n[e]\n{}",
            it.extensions
        );
        std::fs::write(place.join(&config), text).expect("the place can be written to");
        std::fs::write(place.join("index.txt"), "").expect("the place can be written to");
        let (subject, out) = (format!("/CN=Generated {name}"), format!("{name}.pem"));
        let new = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let request_made =
            openssl(place, &[&new[..], &["-keyout", &key, "-out", &request, "-subj", &subject]].concat());
        assert!(request_made, "{name}: request");
        let (issuer_key, issuer_file) = (format!("{issuer}.key"), format!("{issuer}.pem"));
        let common = ["ca", "-batch", "-notext", "-config", &config, "-in", &request, "-out", &out];
        let times = ["-startdate", it.from, "-enddate", it.to, "-rand_serial", "-keyfile", &issuer_key];
        let signer: &[&str] = if name == issuer { &["-selfsign"] } else { &["-cert", &issuer_file] };
        assert!(openssl(place, &[&common[..], &times[..], signer].concat()), "{name}: certificate");
    }
}

fn file(place: &Path, name: &str) -> String {
    std::fs::read_to_string(place.join(name)).unwrap_or_default()
}

fn judge(text: &str) -> Outcomes {
    let mut sources = Sources::new();
    sources.add(Source::new("etc/server.pem", text));
    lint(&sources, &Settings { now: parse_time(NOW), ..Settings::default() }, &RuleSet::built_in())
}

/// The rules by which a chain fails: errors, and what OpenSSL holds for one.
fn failing(outcomes: &Outcomes) -> Vec<String> {
    /// Weaker findings that OpenSSL refuses and other clients take: Java and rustls do not look at a root's age.
    const REFUSED: [&str; 2] = ["tls/usage-any-only", "tls/issuer-expired"];
    let findings = outcomes.report.findings.iter();
    let refused =
        |f: &&connlint_core::Finding| f.severity >= Severity::Error || REFUSED.contains(&f.rule.as_str());
    findings.filter(refused).map(|f| f.rule.clone()).collect()
}

fn serves(outcomes: &Outcomes, host: &str) -> bool {
    let Some((_, leaf)) = outcomes.facts.of(&certificate::KIND).next() else { return false };
    let texts = |field| -> Vec<String> {
        match leaf.get(field).map(|s| &s.value) {
            Some(Value::List(items)) => items.iter().map(|i| i.value.to_string()).collect(),
            _ => Vec::new(),
        }
    };
    let dns = texts(certificate::dns_names);
    let dns: Vec<&str> = dns.iter().map(String::as_str).collect();
    let addresses: Vec<std::net::IpAddr> =
        texts(certificate::addresses).iter().filter_map(|a| a.parse().ok()).collect();
    matches!(verdict(&dns, &addresses, leaf.text(certificate::common_name), host), Verdict::Match(_))
}

#[test]
fn chains_and_names_agree_with_openssl() {
    /// Chains and names that are compared.
    const CASES: usize = 34;
    if Command::new("openssl").arg("version").output().is_err() {
        return;
    }
    let place = Place(std::env::temp_dir().join(format!("connlint-chains-{}", std::process::id())));
    std::fs::create_dir_all(&place.0).expect("there is a place for files");
    let at = place.0.as_path();
    let with = |base: &'static str, more: &'static str| -> &'static str {
        Box::leak(format!("{base}{more}").into_boxed_str())
    };
    let swap = |base: &'static str, from: &str, to: &str| -> &'static str {
        Box::leak(base.replace(from, to).into_boxed_str())
    };
    let timed = |extensions, from, to| Made { extensions, from, to };
    let (old, soon) = ("20260401000000Z", "20260615000000Z");
    let (root, between, leaf) = (made(ROOT), made(BETWEEN), made(LEAF));
    let only = |tree| made(with(BETWEEN, tree));
    #[rustfmt::skip]
    let chains: Vec<(&str, Made, Made, Made)> = vec![
        ("all is right", root, between, leaf),
        ("leaf over", root, between, timed(LEAF, LONG.0, old)),
        ("leaf ends soon", root, between, timed(LEAF, LONG.0, soon)),
        ("leaf begins later", root, between, timed(LEAF, soon, LONG.1)),
        ("intermediate over", root, timed(BETWEEN, LONG.0, old), leaf),
        ("intermediate begins later", root, timed(BETWEEN, soon, LONG.1), leaf),
        ("root over", timed(ROOT, LONG.0, old), between, leaf),
        ("intermediate is no CA", root, made(swap(BETWEEN, "CA:TRUE", "CA:FALSE")), leaf),
        ("intermediate may not sign", root, made(swap(BETWEEN, "keyCertSign,", "")), leaf),
        ("path length 0 at the root", made(swap(ROOT, "CA:TRUE", "CA:TRUE,pathlen:0")), between, leaf),
        ("path length 1 at the root", made(swap(ROOT, "CA:TRUE", "CA:TRUE,pathlen:1")), between, leaf),
        ("path length 0 below", root, made(swap(BETWEEN, "CA:TRUE", "CA:TRUE,pathlen:0")), leaf),
        ("names within", root, only("nameConstraints=critical,permitted;DNS:example.com\n"), leaf),
        ("names outside", root, only("nameConstraints=critical,permitted;DNS:example.org\n"), leaf),
        ("names excluded", root, only("nameConstraints=critical,excluded;DNS:mq.example.com\n"), leaf),
        ("addresses outside", root, only("nameConstraints=critical,permitted;IP:192.168.0.0/255.255.0.0\n"), leaf),
        ("addresses within", root, only("nameConstraints=critical,permitted;IP:10.0.0.0/255.0.0.0\n"), leaf),
        ("usage client below a server's leaf", root, only("extendedKeyUsage=clientAuth\n"), leaf),
        ("usage server below a server's leaf", root, only("extendedKeyUsage=serverAuth\n"), leaf),
        ("any usage only", root, between, made(swap(LEAF, "serverAuth", "anyExtendedKeyUsage"))),
        ("no usage", root, between, made(swap(LEAF, "extendedKeyUsage=serverAuth\n", ""))),
        ("both usages", root, between, made(swap(LEAF, "serverAuth", "serverAuth,clientAuth"))),
    ];
    let (mut compared, mut differ) = (0, Vec::new());
    for (what, root, between, leaf) in chains {
        make(at, root, between, leaf);
        let verify = ["verify", "-attime", NOW_SECONDS, "-purpose", "sslserver", "-CAfile", "r.pem"];
        let theirs = openssl(at, &[&verify[..], &["-untrusted", "i.pem", "l.pem"]].concat());
        let outcomes = judge(&format!("{}{}{}", file(at, "l.pem"), file(at, "i.pem"), file(at, "r.pem")));
        let ours = failing(&outcomes);
        compared += 1;
        if theirs != ours.is_empty() {
            differ.push(format!("{what}: openssl accepts {theirs}, ours {ours:?}"));
        }
    }
    make(at, root, between, leaf);
    let outcomes = judge(&file(at, "l.pem"));
    let hosts = [
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
        "*.w.example.com",
        "mq.example.com.evil.test",
    ];
    for host in hosts {
        let option = if host.parse::<std::net::IpAddr>().is_ok() { "-verify_ip" } else { "-verify_hostname" };
        let verify = ["verify", "-attime", NOW_SECONDS, "-CAfile", "r.pem", "-untrusted", "i.pem"];
        let theirs = openssl(at, &[&verify[..], &[option, host, "l.pem"]].concat());
        compared += 1;
        if theirs != serves(&outcomes, host) {
            differ.push(format!("{host}: openssl accepts {theirs}"));
        }
    }
    println!("openssl: {compared} compared, differ {differ:#?}");
    assert_eq!(compared, CASES);
    assert!(differ.is_empty(), "{differ:#?}");
}
