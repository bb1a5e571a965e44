//! Certificates in every form they come in, changed at random: read and judged without a panic, each within a second.
//! `CONNLINT_MUTATIONS` sets how many of each form are tried.
#![allow(clippy::print_stdout)]

use std::time::{Duration, Instant};

use connlint_core::source::{Source, Sources};
use connlint_core::syntax::pem;
use connlint_core::{RuleSet, Settings, lint};

/// Inputs of each form, unless more are asked for.
const MUTATIONS: u64 = 200;

/// Longest time that one input may take (the bound of the fuzzer's inputs, too).
const LONGEST: Duration = Duration::from_secs(1);

/// A generator of numbers that gives the same ones in every run (xorshift64, Marsaglia 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(end.max(1)).expect("it fits")).expect("it is smaller")
    }
}

/// Changes a few bytes: flips, cuts, copies and lengths at their bounds.
fn changed(seed: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for _ in 0..=numbers.below(6) {
        if bytes.is_empty() {
            break;
        }
        let at = numbers.below(bytes.len());
        let length = numbers.below(64).min(bytes.len() - at);
        match numbers.below(6) {
            0 => bytes[at] ^= 1 << numbers.below(8),
            1 => bytes[at] = [0, 0x7f, 0x80, 0x81, 0x84, 0xff][numbers.below(6)],
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let piece = bytes[at..at + length].to_vec();
                let to = numbers.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            4 => bytes.truncate(at),
            _ => bytes.insert(at, [b'\n', b' ', b':', b'-', 0x30, 0x82][numbers.below(6)]),
        }
    }
    bytes
}

/// The texts of the rules' examples that have a mark.
fn seeds(rules: &RuleSet, mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    for examples in rules.iter().filter_map(|r| r.examples()) {
        let files = examples.bad.iter().chain(&examples.good).flat_map(|e| e.files.values());
        found.extend(files.filter(|text| text.contains(mark)).cloned());
    }
    found
}

fn base64(bytes: &[u8]) -> String {
    pem::encode("X", bytes).lines().filter(|l| !l.starts_with('-')).collect()
}

#[test]
fn nothing_panics_or_hangs_on_changed_certificates() {
    let rules = RuleSet::built_in();
    let wanted = std::env::var("CONNLINT_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(MUTATIONS);
    let blocks: Vec<Vec<u8>> = seeds(&rules, "-----BEGIN CERTIFICATE-----")
        .iter()
        .flat_map(|text| pem::blocks(text).into_iter().map(|b| b.bytes.clone()).collect::<Vec<_>>())
        .filter(|bytes| !bytes.is_empty())
        .collect();
    let texts = |mark| seeds(&rules, mark).into_iter().map(String::into_bytes).collect::<Vec<_>>();
    type Form = fn(&[u8]) -> (&'static str, String);
    let forms: [(&str, Vec<Vec<u8>>, Form); 5] = [
        ("DER", blocks.clone(), |b| ("a.pem", pem::encode("CERTIFICATE", b))),
        ("PEM", texts("-----BEGIN CERTIFICATE"), |b| ("a.pem", String::from_utf8_lossy(b).into_owned())),
        ("s_client", texts("CONNECTED("), |b| {
            (
                "s_client.txt",
                format!("{}\nCONNECTED(00000003)\nVerify return code: 0 (ok)\n", String::from_utf8_lossy(b)),
            )
        }),
        ("x509 -text", texts("Subject Public Key Info"), |b| {
            ("dump.txt", String::from_utf8_lossy(b).into_owned())
        }),
        ("Secret", blocks, |b| {
            let data = base64(b);
            let crt = base64(pem::encode("CERTIFICATE", b).as_bytes());
            let head = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata:\n";
            ("secret.yaml", format!("{head}  tls.crt: {crt}\n  ca.crt: {data}\n  tls.key: {data}\n"))
        }),
    ];
    let settings = Settings { now: Some(1_775_001_600), ..Settings::default() };
    for (name, seeds, form) in forms {
        assert!(!seeds.is_empty(), "{name}");
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let mut slowest = Duration::ZERO;
        for _ in 0..wanted {
            let bytes = changed(&seeds[numbers.below(seeds.len())], &mut numbers);
            let (file, input) = form(&bytes);
            let mut sources = Sources::new();
            sources.add(Source::new(file, input));
            let begun = Instant::now();
            let outcomes = lint(&sources, &settings, &rules);
            slowest = slowest.max(begun.elapsed());
            for (_, fact) in outcomes.facts.iter().filter(|(_, f)| f.kind.name != "run.settings") {
                let text = &sources.get(fact.span.file).text;
                assert!(text.get(fact.span.range()).is_some(), "{name}: {:?}", fact.span);
            }
        }
        println!("{name}: {wanted} inputs, the slowest {slowest:?}");
        assert!(slowest < LONGEST * if cfg!(debug_assertions) { 10 } else { 1 }, "{name}: {slowest:?}");
    }
}
