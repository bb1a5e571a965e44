//! The forms in which OpenSSL, keytool and Kubernetes hand certificates over, made on the spot and read. Skipped where
//! `openssl` is not installed.
#![allow(clippy::print_stdout)]

use std::process::Command;

use connlint_core::facts::kinds::tls::{certificate, pem_block, private_key};
use connlint_core::source::{Source, Sources};
use connlint_core::syntax::pem;
use connlint_core::systems::tls::{der_to_pem, is_binary};
use connlint_core::{Outcomes, RuleSet, Settings, lint};
use connlint_tests::authority::{AUTHORITY, Authority, Made, Place, SERVER, present};

/// Within the lives of all certificates made here: 2026-04-01.
const NOW: i64 = 1_775_001_600;

fn judge(name: &str, bytes: &[u8]) -> Outcomes {
    let text = match der_to_pem(bytes).filter(|_| is_binary(bytes)) {
        Some(text) => text,
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    let mut sources = Sources::new();
    sources.add(Source::new(name, text));
    lint(&sources, &Settings { now: Some(NOW), ..Settings::default() }, &RuleSet::built_in())
}

/// What a form is expected to give: certificates, keys, and a rule that must or must not speak.
struct Expected {
    certificates: usize,
    keys: usize,
    told: &'static [&'static str],
    silent: &'static [&'static str],
}

const PLAIN: Expected = Expected { certificates: 1, keys: 0, told: &[], silent: &["tls/"] };

fn check(name: &str, bytes: &[u8], expected: &Expected) {
    let outcomes = judge(name, bytes);
    let rules: Vec<&str> = outcomes.report.findings.iter().map(|f| f.rule.as_str()).collect();
    assert_eq!(outcomes.facts.of(&certificate::KIND).count(), expected.certificates, "{name} {rules:?}");
    assert_eq!(outcomes.facts.of(&private_key::KIND).count(), expected.keys, "{name} {rules:?}");
    for rule in expected.told {
        assert!(rules.contains(rule), "{name}: {rule} is not among {rules:?}");
    }
    for start in expected.silent {
        assert!(!rules.iter().any(|r| r.starts_with(start)), "{name}: {rules:?}");
    }
}

fn base64(bytes: &[u8]) -> String {
    pem::encode("X", bytes).lines().filter(|l| !l.starts_with('-')).collect()
}

#[test]
fn every_form_of_certificates_and_keys_is_read() {
    if !present("openssl", "version") {
        println!("openssl is not installed: nothing compared");
        return;
    }
    let place = Place::new("inputs");
    let mut authority = Authority::new(&place.0);
    authority.make(&[
        Made::new("ca", "ca", AUTHORITY),
        Made::new("server", "ca", SERVER),
        Made::new("other", "ca", SERVER),
    ]);
    let run = |arguments: &[&str]| {
        let output = authority.openssl(arguments).filter(|o| o.status.success());
        output.unwrap_or_else(|| panic!("openssl {arguments:?}")).stdout
    };
    let (text, key, other) =
        (authority.read("server.pem"), authority.read("server.key"), authority.read("other.key"));
    let der = run(&["x509", "-in", "server.pem", "-outform", "DER"]);
    let printed = run(&["x509", "-in", "server.pem", "-text"]);
    let dump = run(&["x509", "-in", "server.pem", "-text", "-noout"]);
    let short = run(&["x509", "-in", "server.pem", "-text", "-noout", "-certopt", "no_sigdump,no_pubkey"]);

    for (name, bytes) in [
        ("server.pem", text.clone().into_bytes()),
        ("crlf.pem", text.replace('\n', "\r\n").into_bytes()),
        ("latin1.pem", [b"Schl\xfcssel f\xfcr mq\n".as_slice(), text.as_bytes()].concat()),
        ("server.der", der.clone()),
        ("pasted.txt", base64(&der).into_bytes()),
        ("printed.txt", printed.clone()),
        ("printed.pem", printed),
        ("dump.txt", dump),
        ("short.txt", short),
        (
            "bag.txt",
            [b"Bag Attributes\n    friendlyName: mq\nsubject=CN = mq\n".as_slice(), text.as_bytes()].concat(),
        ),
    ] {
        check(name, &bytes, &PLAIN);
    }

    let pair = |key: &str| format!("{text}{key}").into_bytes();
    let secret = |key: &str| {
        let (crt, key) = (base64(text.as_bytes()), base64(key.as_bytes()));
        format!("apiVersion: v1\nkind: Secret\nmetadata: {{name: mq}}\ntype: kubernetes.io/tls\ndata:\n  tls.crt: {crt}\n  tls.key: {key}\n").into_bytes()
    };
    let mismatch: &[&str] = &["tls/private-key-mismatch"];
    let lies: &[&str] = &["tls/private-key-in-files"];
    for (name, bytes, told, silent) in [
        ("pair.pem", pair(&key), lies, mismatch),
        ("mismatch.pem", pair(&other), mismatch, &[][..]),
        ("secret.yaml", secret(&key), lies, mismatch),
        ("mismatch.yaml", secret(&other), mismatch, &[][..]),
    ] {
        check(name, &bytes, &Expected { certificates: 1, keys: 1, told, silent });
    }
    // On the machine that uses it the file is where it belongs.
    check(
        "/etc/ssl/private/mq.key",
        key.as_bytes(),
        &Expected { certificates: 0, keys: 1, told: &[], silent: lies },
    );
    authority.write("encrypted.key", "");
    let encrypted = run(&["pkcs8", "-topk8", "-in", "server.key", "-passout", "pass:GEHEIM"]);
    check("mq.key", &encrypted, &Expected { certificates: 0, keys: 1, told: &[], silent: lies });

    let v1 =
        ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=mq.example.com", "-keyout", "v1.key"];
    run(&[&v1[..], &["-out", "v3.pem", "-config", "server.cnf"]].concat());
    run(&["x509", "-in", "v3.pem", "-signkey", "v1.key", "-clrext", "-out", "v1.pem"]);
    let told: &[&str] = if authority.read("v1.pem").is_empty() { &[] } else { &["tls/version-old"] };
    let bytes = run(&["x509", "-in", "v1.pem", "-text", "-noout"]);
    if String::from_utf8_lossy(&bytes).contains("Version: 1 ") {
        let expected = Expected { certificates: 1, keys: 0, told, silent: &[] };
        check("v1.pem", authority.read("v1.pem").as_bytes(), &expected);
    }

    stores(&authority, &place);
}

/// Stores are recognised, and the command that the finding names shows the certificate that is in them.
fn stores(authority: &Authority<'_>, place: &Place) {
    let export =
        ["pkcs12", "-export", "-in", "server.pem", "-inkey", "server.key", "-passout", "pass:GEHEIM"];
    let bag = ["crl2pkcs7", "-nocrl", "-certfile", "server.pem"];
    for (name, arguments) in [
        ("server.p12", [&export[..], &["-out", "server.p12"]].concat()),
        ("chain.p7b", [&bag[..], &["-out", "chain.p7b"]].concat()),
        ("binary.p7b", [&bag[..], &["-outform", "DER", "-out", "binary.p7b"]].concat()),
    ] {
        assert!(authority.accepts(&arguments), "{name}");
        store(name, place);
    }
    if !present("keytool", "-help") {
        println!("keytool is not installed: no Java store read");
        return;
    }
    for (name, form) in [("a.jks", "JKS"), ("b.jceks", "JCEKS"), ("c.p12", "PKCS12")] {
        let mut command = Command::new("keytool");
        command.args(["-importcert", "-noprompt", "-alias", "ca", "-file", "ca.pem", "-storepass", "GEHEIM"]);
        command.args(["-keystore", name, "-storetype", form]).current_dir(&place.0);
        assert!(command.output().is_ok_and(|o| o.status.success()), "{name}");
        store(name, place);
    }
}

fn store(name: &str, place: &Place) {
    let bytes = std::fs::read(place.0.join(name)).expect("it was made");
    let outcomes = judge(name, &bytes);
    let finding = outcomes.report.findings.iter().find(|f| f.rule == "tls/key-store");
    assert!(finding.is_some(), "{name}");
    let (_, block) = outcomes.facts.of(&pem_block::KIND).next().expect("it is recognised");
    let command = block.text(pem_block::conversion).expect("a command converts it");
    let form = if is_binary(&bytes) { "-inform DER" } else { "" };
    let line = command.replace("FILE", name).replace("[-inform DER]", form);
    let line = match line.split_once(" > ") {
        Some((keytool, out)) => format!("{keytool} -storepass GEHEIM > {out}"),
        None if line.contains("pkcs12") => format!("{line} -passin pass:GEHEIM"),
        None => line,
    };
    let done = Command::new("sh").args(["-c", &line]).current_dir(&place.0).output().expect("sh is there");
    assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    let shown = std::fs::read(place.0.join("certificates.pem")).expect("the command wrote it");
    assert_eq!(judge("certificates.pem", &shown).facts.of(&certificate::KIND).count(), 1, "{name}");
}
