//! What zlint and x509-limbo expect of certificates, where our subjects meet. Skipped without `CONNLINT_REFEREES`.
#![expect(clippy::print_stdout, reason = "the agreement is read by the person who runs it")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use connlint_core::facts::kinds::tls::certificate;
use connlint_core::facts::parse_time;
use connlint_core::targets::Query;
use connlint_core::{Outcomes, RuleSet, Settings, Severity};
use connlint_tests::certificates::{fingerprints, judge_for, reaches, serves};
use connlint_tests::outside::{REFEREES, folder};

/// zlint's lints and the rules of ours that say the same, those with `!` where they are errors.
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
    ("e_eku_critical", &["usage-critical"]),
    ("e_ca_subject_field_empty", &["name-missing"]),
    ("e_issuer_field_empty", &["name-missing"]),
    ("e_dnsname_bad_character_in_label", &["name-malformed"]),
    ("e_dnsname_hyphen_in_sld", &["name-malformed"]),
    ("e_rfc_dnsname_hyphen_in_sld", &["name-malformed"]),
    ("w_dnsname_underscore_in_trd", &["name-underscore"]),
    ("w_rfc_dnsname_underscore_in_trd", &["name-underscore"]),
    ("e_underscore_present_with_too_long_validity", &["name-underscore"]),
    ("e_sub_ca_aia_marked_critical", &["extension-must-not-be-critical"]),
    ("e_sub_cert_not_is_ca", &["leaf-is-authority"]),
    ("e_ca_is_ca", &["leaf-may-sign-certificates"]),
    ("e_old_root_ca_rsa_mod_less_than_2048_bits", &["rsa-key-too-small"]),
    ("e_ext_key_usage_without_bits", &["usage-empty"]),
    ("e_client_auth_not_allowed", &["public-client-usage"]),
    ("n_ecdsa_ee_invalid_ku", &["ec-key-encipherment"]),
    ("e_subject_common_name_not_exactly_from_san", &["common-name-not-alternative"]),
    ("e_ext_authority_key_identifier_no_key_identifier", &["no-authority-key-id"]),
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
    ("e_rsa_public_exponent_not_odd", &["rsa-exponent-small!"]),
    ("w_rsa_public_exponent_not_in_range", &["rsa-exponent-small"]),
    ("e_rsa_public_exponent_too_small", &["rsa-exponent-small!"]),
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

/// Lint, certificate, and why we say otherwise.
const OTHERWISE: &[(&str, &str, &str)] = &[
    (
        "e_subject_common_name_not_exactly_from_san",
        "CNPresentButEmpty.pem",
        "an empty common name is no host that could be missing",
    ),
    (
        "e_subject_common_name_not_exactly_from_san",
        "SANIPv6AddressChoiceInAbbreviationInvalid.pem",
        "the same address written in another way: clients compare its bytes",
    ),
];

/// When the certificates were made that say no time of their own.
const MADE: &str = "2026-11-23T12:00:00Z";

/// The findings' rules without their group; errors once more with `!`.
fn words(outcomes: &Outcomes) -> Vec<String> {
    let mut words = Vec::new();
    for finding in &outcomes.report.findings {
        let name = finding.rule.trim_start_matches("tls/");
        words.push(name.to_owned());
        if finding.severity >= Severity::Error {
            words.push(format!("{name}!"));
        }
    }
    words
}

#[test]
fn zlint_certificates_are_read_and_shared_lints_agree() {
    /// Pairs of lint and certificate that both judge; fewer are a step back.
    const LEAST_PAIRS: usize = 110;
    let Some(root) = folder(REFEREES) else { return };
    let rules = RuleSet::built_in();
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
        let outcomes = judge_for(&text, &Settings { now: parse_time(MADE), ..Settings::default() }, &rules);
        let holds = text.contains("BEGIN CERTIFICATE");
        if holds && outcomes.facts.of(&certificate::KIND).next().is_none() {
            unread.push(name.clone());
        }
        found.insert(name, words(&outcomes));
    }
    let (mut agreed, mut otherwise, mut differ) = (0, 0, Vec::new());
    for row in table.lines() {
        let mut cells = row.split('\t');
        let (Some(lint), Some(file), Some(result)) = (cells.next(), cells.next(), cells.next()) else {
            continue;
        };
        let Some((_, rules)) = SHARED.iter().find(|(name, _)| *name == lint) else { continue };
        let Some(findings) = found.get(file) else { continue };
        let told = rules.iter().any(|r| findings.iter().any(|f| f == r));
        let expected = match result {
            "Error" | "Warn" | "Notice" => true,
            "Pass" => false,
            // Not applicable, or before the lint came into force: our rules know no such dates.
            _ => continue,
        };
        let explained = OTHERWISE.iter().any(|(l, f, _)| (*l, *f) == (lint, file));
        match (told == expected, explained) {
            (true, _) => agreed += 1,
            (false, true) => otherwise += 1,
            (false, false) => differ.push(format!("{lint} {file} {result}")),
        }
    }
    println!("zlint: {} files, unread {unread:?}", files.len());
    println!("zlint: agreed {agreed}, otherwise for a reason {otherwise}, differ {differ:#?}");
    // Its notAfter is in no form that a reader takes.
    assert!(unread.len() <= 1, "{unread:?}");
    assert!(agreed + otherwise >= LEAST_PAIRS, "{agreed}");
    assert_eq!(otherwise, OTHERWISE.len(), "a difference that is explained is none any more");
    assert!(differ.is_empty(), "{differ:#?}");
}

/// Cases that ask for something we do not judge: revocation lists, and limits of a client's own.
const OUT_OF_SCOPE: &[&str] = &["crl::", "rfc5280::pc::", "pathlen::max-chain-depth"];

/// Findings that do not stand for a refusal: agreeing by one of them would be agreeing for the wrong reason.
const HARMLESS: &[&str] = &[
    "tls/chain-root-included",
    "tls/chain-order",
    "tls/certificate-expires-soon",
    "tls/duplicate-certificate",
    "tls/unrelated-certificate",
];

/// True for a finding that says nothing of the case.
fn harmless(case: &str, rule: &str) -> bool {
    let of_names = rule == "tls/common-name-not-alternative" && !case.starts_with("webpki::cn::");
    of_names || HARMLESS.contains(&rule)
}

/// Case and why we do not refuse what it wants refused.
const ACCEPTED: &[(&str, &str)] = &[
    ("pathological::nc-dos-2", "valid; others refuse it for its size, 2,048 names against 2,048 constraints"),
    (
        "webpki::aki::root-with-aki-authoritycertserialnumber",
        "a rule for public roots, which clients do not check",
    ),
    ("webpki::aki::root-with-aki-all-fields", "a rule for public roots, which clients do not check"),
    ("webpki::eku::root-has-eku", "a rule for public roots; OpenSSL and Go go by the usages, which fit here"),
    ("webpki::eku::ee-anyeku", "serverAuth stands beside anyExtendedKeyUsage: every client takes it"),
    (
        "webpki::eku::ee-without-eku",
        "every client takes it but Apple's, and those from issue in July 2019 on",
    ),
    ("webpki::cn::ipv4-hex-mismatch", "clients do not look at a common name beside alternative names"),
    ("webpki::cn::ipv6-uppercase-mismatch", "the same address written in another way"),
    ("webpki::cn::ipv6-non-rfc5952-mismatch", "the same address written in another way"),
    ("webpki::cn::utf8-vs-punycode-mismatch", "the same host, as U-label and A-label"),
    ("webpki::cn::case-mismatch", "the same host: names are compared without case"),
];

#[test]
fn limbo_chains_and_names_agree() {
    /// Cases that both judge; fewer are a step back.
    const LEAST_CASES: usize = 119;
    let Some(root) = folder(REFEREES) else { return };
    let rules = RuleSet::built_in();
    let text = std::fs::read_to_string(root.join("limbo.json")).expect("the cases are there");
    let cases: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    let made = parse_time(MADE);
    // What only the public web forbids is told where its clients are among the targets.
    let web: Vec<Query> = ["ios 26", "rustls 0.23"].iter().filter_map(|c| Query::parse(c).ok()).collect();
    assert_eq!(web.len(), 2);
    let (mut agreed, mut accepted, mut differ) = (0, 0, Vec::new());
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
        let clients = if id.starts_with("webpki::") { web.clone() } else { Vec::new() };
        let outcomes = judge_for(&all, &Settings { now, clients, ..Settings::default() }, &rules);
        let (errors, weaker): (Vec<_>, Vec<_>) =
            outcomes.report.findings.iter().partition(|f| f.severity >= Severity::Error);
        let mut errors: Vec<String> = errors.into_iter().map(|f| f.rule.clone()).collect();
        let weaker: Vec<&str> =
            weaker.into_iter().map(|f| f.rule.as_str()).filter(|r| !harmless(id, r)).collect();
        let anchors: Vec<String> =
            trusted.iter().flat_map(|t| fingerprints(&judge_for(t, &Settings::default(), &rules))).collect();
        if !reaches(&outcomes, &anchors) {
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
        println!("limbo: {id} fails {should_fail}: {errors:?} {weaker:?}");
        let fine = if should_fail { !errors.is_empty() || !weaker.is_empty() } else { errors.is_empty() };
        match (fine, ACCEPTED.iter().any(|(case, _)| *case == id)) {
            (true, _) => agreed += 1,
            (false, true) => accepted += 1,
            (false, false) => differ.push(format!("{id}: fails {should_fail}, {errors:?}")),
        }
    }
    println!("limbo: agreed {agreed}, accepted for a reason {accepted}, differ {differ:#?}");
    assert!(agreed + accepted >= LEAST_CASES, "{agreed}");
    assert_eq!(accepted, ACCEPTED.len(), "a case that is explained agrees now");
    assert!(differ.is_empty(), "{differ:#?}");
}
