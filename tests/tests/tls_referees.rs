//! What zlint and x509-limbo expect of certificates, where our subjects meet. Skipped without `CONNLINT_REFEREES`.
#![expect(clippy::print_stdout, reason = "the agreement is read by the person who runs it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use connlint_core::facts::kinds::tls::{certificate, chain};
use connlint_core::facts::{Value, parse_time};
use connlint_core::source::{Source, Sources};
use connlint_core::systems::tls::names::{Verdict, verdict};
use connlint_core::{Outcomes, RuleSet, Settings, Severity, lint};

fn referees() -> Option<PathBuf> {
    std::env::var_os("CONNLINT_REFEREES").map(PathBuf::from)
}

fn judge(text: &str, now: Option<i64>) -> Outcomes {
    let mut sources = Sources::new();
    sources.add(Source::new("etc/server.pem", text));
    lint(&sources, &Settings { now, ..Settings::default() }, &RuleSet::built_in())
}

/// zlint's lints and the rules of ours that say the same.
const SHARED: &[(&str, &[&str])] = &[
    ("e_ecdsa_allowed_ku", &["ec-key-encipherment"]),
    ("e_ec_improper_curves", &["curve-unsupported"]),
    ("e_rsa_mod_less_than_2048_bits", &["rsa-key-too-small"]),
    ("e_rsa_fermat_factorization", &["rsa-primes-close"]),
    ("e_serial_number_longer_than_20_octets", &["serial-too-long"]),
    ("e_serial_number_not_positive", &["serial-not-positive"]),
    ("e_ext_duplicate_extension", &["extension-duplicate"]),
    ("e_ext_san_space_dns_name", &["alternative-name-empty", "name-malformed"]),
    ("e_ext_san_empty_name", &["alternative-name-empty", "alternative-name-unreadable"]),
    ("e_ext_san_no_entries", &["alternative-name-empty"]),
    ("e_ext_san_not_critical_without_subject", &["alternative-name-not-critical"]),
    ("e_ext_san_dns_not_ia5_string", &["name-not-ascii"]),
    ("e_rfc_dnsname_empty_label", &["name-malformed"]),
    ("e_dnsname_empty_label", &["name-malformed"]),
    ("e_dnsname_label_too_long", &["name-malformed"]),
    ("e_rfc_dnsname_label_too_long", &["name-malformed"]),
    ("e_san_dns_name_starts_with_period", &["name-malformed"]),
    ("e_san_dns_name_includes_null_char", &["name-malformed"]),
    ("e_san_wildcard_not_first", &["wildcard-partial"]),
    ("e_dnsname_wildcard_only_in_left_label", &["wildcard-partial"]),
    ("e_dnsname_left_label_wildcard_correct", &["wildcard-partial"]),
    ("e_san_bare_wildcard", &["wildcard-too-broad"]),
    ("w_eku_critical_improperly", &["usage-critical"]),
    ("e_wrong_time_format_pre2050", &["time-form"]),
    ("e_br_prohibit_dsa_usage", &["key-type-dsa"]),
    ("e_prohibit_dsa_usage", &["key-type-dsa"]),
    ("e_sub_cert_aia_marked_critical", &["extension-must-not-be-critical"]),
    ("e_ext_aia_marked_critical", &["extension-must-not-be-critical"]),
    ("e_ext_authority_key_identifier_critical", &["extension-must-not-be-critical"]),
    ("e_ext_subject_key_identifier_critical", &["extension-must-not-be-critical"]),
    ("e_basic_constraints_not_critical", &["extension-must-be-critical"]),
    ("e_ext_name_constraints_not_critical", &["extension-must-be-critical"]),
    ("w_sub_ca_name_constraints_not_critical", &["extension-must-be-critical"]),
    ("e_name_constraint_empty", &["name-constraints-malformed", "extension-unreadable"]),
    ("e_ext_name_constraints_not_in_ca", &["name-constraints-malformed"]),
    ("e_rsa_public_exponent_not_odd", &["rsa-exponent-small"]),
    ("w_rsa_public_exponent_not_in_range", &["rsa-exponent-small"]),
    ("e_rsa_public_exponent_too_small", &["rsa-exponent-small"]),
    ("e_mp_modulus_must_be_divisible_by_8", &["rsa-key-odd-size"]),
    ("e_path_len_constraint_improperly_included", &["path-length-without-authority"]),
    ("e_subject_common_name_not_from_san", &["common-name-not-alternative"]),
    ("e_validity_time_not_positive", &["lifetime-negative"]),
    ("e_cert_sig_alg_not_match_tbs_sig_alg", &["signature-algorithm-mismatch"]),
    ("e_invalid_certificate_version", &["version-old"]),
    ("e_ext_key_usage_cert_sign_without_ca", &["leaf-may-sign-certificates"]),
    ("e_sub_cert_or_sub_ca_using_sha1", &["weak-signature"]),
    ("e_ca_key_usage_missing", &["authority-refused-by-strict-clients"]),
    ("e_ext_subject_key_identifier_missing_ca", &["authority-refused-by-strict-clients"]),
    ("e_underscore_not_permissible_in_dnsname", &["name-underscore"]),
    ("e_tls_server_cert_valid_time_longer_than_398_days", &["lifetime-too-long"]),
    ("e_server_cert_valid_time_longer_than_200_days", &["lifetime-too-long"]),
    ("e_server_cert_valid_time_longer_than_100_days", &["lifetime-too-long"]),
    ("e_server_cert_valid_time_longer_than_47_days", &["lifetime-too-long"]),
];

#[test]
fn zlint_certificates_are_read_and_shared_lints_agree() {
    /// Agreements of this version in the part that is looked at; fewer are a step back.
    const LEAST_AGREEMENTS: usize = 75;
    let Some(root) = referees() else { return };
    let table = std::fs::read_to_string(root.join("zlint-expected.tsv")).expect("the table is there");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut unread = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(root.join("zlint"))
        .expect("the certificates are there")
        .filter_map(|e| e.ok().map(|e| e.path()))
        .collect();
    files.sort();
    for path in &files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = std::fs::read(path).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let outcomes = judge(&text, None);
        let holds = text.contains("BEGIN CERTIFICATE");
        if holds && outcomes.facts.of(&certificate::KIND).next().is_none() {
            unread.push(name.clone());
        }
        found.insert(name, outcomes.report.findings.iter().map(|f| f.rule.clone()).collect());
    }
    let (mut agreed, mut differ) = (0, Vec::new());
    for row in table.lines() {
        let mut cells = row.split('\t');
        let (Some(lint), Some(file), Some(result)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let Some((_, rules)) = SHARED.iter().find(|(name, _)| *name == lint) else { continue };
        let Some(findings) = found.get(file) else { continue };
        let told = rules.iter().any(|r| findings.iter().any(|f| f.strip_prefix("tls/") == Some(r)));
        let expected = match result {
            "Error" | "Warn" | "Notice" => true,
            "Pass" => false,
            // Not applicable, or before the lint came into force: our rules know no such dates.
            _ => continue,
        };
        if told == expected { agreed += 1 } else { differ.push(format!("{lint} {file} {result}")) }
    }
    println!("zlint: {} files, unread {unread:?}, agreed {agreed}, differ {differ:#?}", files.len());
    // Its notAfter is in no form that a reader takes.
    assert!(unread.len() <= 1, "{unread:?}");
    assert!(agreed >= LEAST_AGREEMENTS, "{agreed}: {differ:#?}");
}

/// Cases that ask for something we do not judge: revocation lists, and limits of a client's own.
const OUT_OF_SCOPE: &[&str] = &["crl::", "rfc5280::pc::", "pathlen::max-chain-depth"];

/// Findings that do not stand for a refusal: agreeing by one of them would be agreeing for the wrong reason.
const HARMLESS: &[&str] = &[
    "tls/chain-root-included",
    "tls/chain-order",
    "tls/certificate-expires-soon",
    "tls/duplicate-certificate",
    "tls/leaf-is-authority",
    "tls/unrelated-certificate",
];

#[test]
fn limbo_chains_and_names_agree() {
    /// Agreements of this version; fewer are a step back.
    const LEAST_AGREEMENTS: usize = 101;
    let Some(root) = referees() else { return };
    let text = std::fs::read_to_string(root.join("limbo.json")).expect("the cases are there");
    let cases: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let made = parse_time("2026-11-23T12:00:00Z");
    let (mut agreed, mut differ) = (0, Vec::new());
    for case in cases["testcases"].as_array().into_iter().flatten() {
        let id = case["id"].as_str().unwrap_or_default();
        if OUT_OF_SCOPE.iter().any(|s| id.starts_with(s)) {
            continue;
        }
        let list = |key: &str| -> Vec<String> {
            let items = case[key].as_array().into_iter().flatten();
            items.filter_map(|c| c.as_str()).map(|c| format!("{}\n", c.trim_end())).collect()
        };
        let peer = format!("{}\n", case["peer_certificate"].as_str().unwrap_or_default().trim_end());
        let (between, trusted) = (list("untrusted_intermediates"), list("trusted_certs"));
        let all = format!("{peer}{}{}", between.concat(), trusted.concat());
        let now = case["validation_time"].as_str().and_then(parse_time).or(made);
        let outcomes = judge(&all, now);
        let mut errors: Vec<String> = outcomes
            .report
            .findings
            .iter()
            .filter(|f| f.severity >= Severity::Error)
            .map(|f| f.rule.clone())
            .collect();
        let weaker: Vec<String> = outcomes
            .report
            .findings
            .iter()
            .filter(|f| f.severity < Severity::Error && !HARMLESS.contains(&f.rule.as_str()))
            .map(|f| f.rule.clone())
            .collect();
        if !closes(&outcomes, &trusted) {
            errors.push("no trusted authority".into());
        }
        if let (Some(kind), Some(name)) =
            (case["expected_peer_name"]["kind"].as_str(), case["expected_peer_name"]["value"].as_str())
            && matches!(kind, "DNS" | "IP")
            && !serves(&outcomes, name)
        {
            errors.push("no name matches".into());
        }
        let should_fail = case["expected_result"] == "FAILURE";
        let fine = if should_fail { !errors.is_empty() || !weaker.is_empty() } else { errors.is_empty() };
        if fine { agreed += 1 } else { differ.push(format!("{id}: fails {should_fail}, {errors:?}")) }
    }
    println!("limbo: agreed {agreed}, differ {differ:#?}");
    assert!(agreed >= LEAST_AGREEMENTS, "{agreed}: {differ:#?}");
}

/// True if the leaf's path ends at a certificate that is trusted.
fn closes(outcomes: &Outcomes, trusted: &[String]) -> bool {
    let prints: Vec<String> = trusted
        .iter()
        .flat_map(|t| {
            let own = judge(t, None);
            own.facts
                .of(&certificate::KIND)
                .filter_map(|(_, c)| c.text(certificate::fingerprint).map(str::to_owned))
                .collect::<Vec<_>>()
        })
        .collect();
    let Some((_, whole)) = outcomes.facts.of(&chain::KIND).next() else { return false };
    let root = match whole.get(chain::root).or(whole.get(chain::leaf)).map(|s| &s.value) {
        Some(Value::Record(id)) => outcomes.facts.get(*id).text(certificate::fingerprint).map(str::to_owned),
        _ => None,
    };
    // A trusted intermediate ends the path too.
    let on_path = outcomes.facts.of(&certificate::KIND).any(|(_, c)| {
        let trusted = c.text(certificate::fingerprint).is_some_and(|f| prints.iter().any(|p| p == f));
        trusted && c.bool(certificate::unrelated) != Some(true)
    });
    root.is_some_and(|r| prints.contains(&r)) || on_path
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
