//! The clients that a deployment has to serve, and what their TLS can do.
//!
//! `targets.clients = ["android >= 7", "java 8u202", "openssl 1.0.2"]` in `connlint.toml` names them; the table
//! `data/tls-clients.tsv` says what each does by default, with its source.

mod roots;
pub mod suites;

use std::sync::OnceLock;

use crate::facts::Version;
use crate::nearest::nearest;

/// What clients of one name and a range of versions do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Name: `android`.
    pub client: &'static str,
    /// First version it holds for.
    pub from: Version,
    /// First version it no longer holds for; none for the newest.
    pub below: Option<Version>,
    /// Lowest and highest TLS version on by default.
    pub tls: (&'static str, &'static str),
    /// Key types and curves that it does not take.
    pub refuses: Vec<&'static str>,
    /// Smallest RSA key that it takes.
    pub least_rsa: i64,
    /// True if it takes certificates signed with SHA-1.
    pub sha1: bool,
    /// True if it falls back to the common name.
    pub common_name: bool,
    /// True if it holds certificates to RFC 5280's form.
    pub strict: bool,
    /// Longest lifetime in days.
    pub longest_days: Option<i64>,
    /// True if a server certificate must have the usage serverAuth.
    pub asks_usage: bool,
    /// True if it refuses a CA as server certificate.
    pub refuses_ca: bool,
    /// True if it refuses a self-signed server certificate even when it is trusted.
    pub refuses_self_signed: bool,
    /// What its suites for TLS 1.2 and older do not have, in the words of the table.
    pub lacks: Vec<&'static str>,
    /// The roots that its store does not have, in the words of the table.
    pub roots_missing: Vec<&'static str>,
    /// True if it follows a chain to an expired root and tries no other.
    pub follows_expired: bool,
    /// Where that is written down, or how it was found.
    pub source: &'static str,
}

/// All that is known, in the order of the table.
pub fn environments() -> &'static [Environment] {
    static ALL: OnceLock<Vec<Environment>> = OnceLock::new();
    ALL.get_or_init(|| {
        let lines = include_str!("../data/tls-clients.tsv").lines();
        lines.filter(|l| !l.is_empty() && !l.starts_with('#')).filter_map(row).collect()
    })
}

fn row(line: &'static str) -> Option<Environment> {
    /// Apple's limit for certificates issued from July 2019 on.
    const APPLE_DAYS: i64 = 825;
    let cells: Vec<&'static str> = line.split('\t').collect();
    let [client, from, below, least, most, refuses, rsa, sha1, common, strict, lacks, other, source] =
        cells[..]
    else {
        return None;
    };
    let words = |cell: &'static str| cell.split(',').filter(|w| !w.is_empty()).collect::<Vec<_>>();
    let has = |word: &str| other.split(',').any(|o| o == word);
    Some(Environment {
        client,
        from: Version::parse(from)?,
        below: Version::parse(below),
        tls: (least, most),
        refuses: words(refuses),
        least_rsa: rsa.parse().ok()?,
        sha1: sha1 == "yes",
        common_name: common == "yes",
        strict: strict == "yes",
        longest_days: has("max825").then_some(APPLE_DAYS),
        asks_usage: has("usage"),
        refuses_ca: has("noca"),
        refuses_self_signed: has("noself"),
        lacks: words(lacks),
        roots_missing: words(other).into_iter().filter(|w| roots::WORDS.contains(w)).collect(),
        follows_expired: has("dst"),
        source,
    })
}

/// Clients that are to be served: a name, and a version or a bound.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// As it is written.
    pub text: String,
    client: &'static str,
    at_least: bool,
    version: Option<Version>,
}

/// Other names of the clients in the table.
const ALIASES: &[(&str, &str)] = &[
    ("otp", "erlang"),
    ("erlang/otp", "erlang"),
    ("jdk", "java"),
    ("openjdk", "java"),
    ("golang", "go"),
    ("nodejs", "node"),
    ("node.js", "node"),
    (".net", "dotnet"),
    ("safari", "macos"),
    ("cpython", "python"),
];

impl Query {
    /// Reads `android >= 7`, `java 8u202` or `go`, which means every version; what is wrong is told in words.
    pub fn parse(text: &str) -> Result<Query, String> {
        let lower = text.trim().to_ascii_lowercase();
        let split =
            lower.find(|c: char| c.is_ascii_whitespace() || matches!(c, '>' | '=')).unwrap_or(lower.len());
        let (name, rest) = lower.split_at(split);
        let name = ALIASES.iter().find(|(a, _)| *a == name).map_or(name, |(_, n)| n);
        let known = || environments().iter().map(|e| e.client);
        let Some(client) = known().find(|c| *c == name) else {
            let hint = match nearest(name, known()) {
                Some(close) => format!("did you mean `{close}`?"),
                None => {
                    let mut names: Vec<&str> = known().collect();
                    names.dedup();
                    format!("known are {}", names.join(", "))
                }
            };
            return Err(format!("no client `{name}` is known; {hint}"));
        };
        let rest = rest.trim();
        let (at_least, number) = match rest.strip_prefix(">=") {
            Some(number) => (true, number.trim()),
            None => (rest.is_empty(), rest),
        };
        let version = version(client, number);
        if version.is_none() && !number.is_empty() {
            return Err(format!("`{number}` is no version; write it like `{client} >= 7` or `java 8u202`"));
        }
        Ok(Query { text: text.trim().to_owned(), client, at_least, version })
    }

    /// What is known of the clients meant.
    pub fn environments(&self) -> impl Iterator<Item = &'static Environment> {
        environments().iter().filter(|e| e.client == self.client && self.means(e))
    }

    fn means(&self, environment: &Environment) -> bool {
        // `8` and `8.0` are the same bound.
        let Some(version) = self.version.map(|v| v.parts) else { return true };
        let ends_after = environment.below.is_none_or(|below| version < below.parts);
        ends_after && (self.at_least || environment.from.parts <= version)
    }
}

/// A version; Java's `8u202` is 8.0.202.
fn version(client: &str, text: &str) -> Option<Version> {
    match text.split_once('u') {
        Some((major, update)) if client == "java" => Version::parse(&format!("{major}.0.{update}")),
        _ => Version::parse(text),
    }
}

/// What a server certificate says that decides who takes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// `rsa`, `ec`, `ed25519`, ….
    pub key_type: String,
    /// Curve of an EC key.
    pub curve: Option<String>,
    /// Bits of an RSA key.
    pub rsa_bits: Option<i64>,
    /// Hash of the signature, unless it signed itself.
    pub signature_hash: Option<String>,
    /// True if there are alternative names.
    pub has_san: bool,
    /// Lifetime in days, a started one counted.
    pub days: i64,
    /// Moment of issue, in seconds since 1970.
    pub not_before: i64,
    /// True if it has the usage serverAuth.
    pub server_usage: bool,
    /// True if it is a CA.
    pub is_ca: bool,
    /// True if it is signed by its own key.
    pub self_signed: bool,
    /// What strict clients miss, if anything.
    pub strict_fault: Option<String>,
    /// The common names of the issuers on its chain, its own first, as far as the file has them.
    pub issuers: Vec<String>,
    /// True if Let's Encrypt issued it, all of whose chains lead to ISRG Root X1 or X2.
    pub lets_encrypt: bool,
}

/// Why a client does not take a certificate: a word and a sentence.
pub type Refusal = (&'static str, String);

/// Why clients of an environment refuse a server certificate.
pub fn refusals(of: &Environment, shown: &Shown) -> Vec<Refusal> {
    /// 2019-07-01, from when on Apple's rules hold.
    const APPLE_RULES: i64 = 1_561_939_200;
    let mut found: Vec<Refusal> = Vec::new();
    let kinds = [Some(shown.key_type.as_str()), shown.curve.as_deref()];
    if let Some(kind) = kinds.into_iter().flatten().find(|k| of.refuses.contains(k)) {
        found.push(("key_type", format!("it does not take {kind} keys")));
    }
    if let Some(bits) = shown.rsa_bits.filter(|b| *b < of.least_rsa) {
        found.push(("key_size", format!("it takes RSA keys from {} bits on, this has {bits}", of.least_rsa)));
    }
    if let Some(hash) = shown.signature_hash.as_deref().filter(|h| *h == "sha1" && !of.sha1) {
        found.push(("signature_hash", format!("it does not take signatures with {hash}")));
    }
    if !shown.has_san && !of.common_name {
        found.push(("no_san", "it looks at alternative names only, and there are none".to_owned()));
    }
    if let Some(most) = of.longest_days.filter(|most| shown.not_before >= APPLE_RULES && shown.days > *most) {
        found.push(("lifetime", format!("it takes {most} days at most, this is valid for {}", shown.days)));
    }
    if of.asks_usage && !shown.server_usage && shown.not_before >= APPLE_RULES {
        found.push(("no_usage", "it asks for the extended key usage serverAuth".to_owned()));
    }
    if of.refuses_ca && shown.is_ca {
        found.push(("leaf_is_ca", "it takes no CA as server certificate".to_owned()));
    }
    if of.refuses_self_signed && shown.self_signed {
        found.push(("self_signed", "it refuses a self-signed server even when it is trusted".to_owned()));
    }
    if let Some(detail) = roots::unreachable(of, &shown.issuers) {
        found.push(("root", detail));
    } else if of.roots_missing.contains(&"nox1") && shown.lets_encrypt {
        let detail = "its store does not have ISRG Root X1, at which the chains of Let's Encrypt end";
        found.push(("root", detail.to_owned()));
    }
    if let Some(fault) = shown.strict_fault.as_ref().filter(|_| of.strict) {
        found.push(("strict", format!("it holds certificates to RFC 5280: {fault}")));
    }
    found
}

/// True if an environment and a server that offers these versions (`1.2`, `1.3`) have one in common.
pub fn shares_version(of: &Environment, offered: &[&str]) -> bool {
    offered.iter().any(|v| of.tls.0 <= *v && *v <= of.tls.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn highest(query: &str) -> Vec<&'static str> {
        Query::parse(query).unwrap().environments().map(|e| e.tls.1).collect()
    }

    #[test]
    fn queries_mean_the_versions_they_name() {
        let cases: [(&str, &[&str]); 12] = [
            ("java 8u202", &["1.2"]),
            ("java 8u261", &["1.2"]),
            ("java 8u341", &["1.3"]),
            ("java 8", &["1.2"]),
            ("ios 12.1", &["1.2"]),
            ("ios 12.2", &["1.3"]),
            ("ios 12", &["1.2"]),
            ("openssl 1.0.2", &["1.2"]),
            ("OTP 25", &["1.3"]),
            ("android >= 8", &["1.2", "1.3", "1.3", "1.3"]),
            ("android>=14", &["1.3"]),
            ("rustls", &["1.3", "1.3"]),
        ];
        for (query, tls) in cases {
            assert_eq!(highest(query), tls, "{query}");
        }
        assert_eq!(highest("go").len(), 6);
        assert_eq!(
            Query::parse("andriod 7").unwrap_err(),
            "no client `andriod` is known; did you mean `android`?"
        );
        assert!(Query::parse("java new").unwrap_err().contains("`new` is no version"));
    }

    #[test]
    fn every_row_is_read_and_ranges_follow_each_other() {
        let rows =
            include_str!("../data/tls-clients.tsv").lines().filter(|l| !l.is_empty() && !l.starts_with('#'));
        assert_eq!(environments().len(), rows.count());
        for pair in environments().windows(2).filter(|p| p[0].client == p[1].client) {
            assert_eq!(pair[0].below, Some(pair[1].from), "{}", pair[0].client);
        }
        assert!(environments().iter().all(|e| !e.source.is_empty() && e.tls.0 <= e.tls.1));
    }

    #[test]
    fn refusals_follow_the_table() {
        let good = Shown {
            key_type: "ec".into(),
            curve: Some("P-256".into()),
            has_san: true,
            days: 90,
            not_before: 1_780_000_000,
            server_usage: true,
            ..Shown::default()
        };
        assert!(environments().iter().all(|e| refusals(e, &good).is_empty()));
        let words = |query: &str, shown: &Shown| -> Vec<&str> {
            Query::parse(query)
                .unwrap()
                .environments()
                .flat_map(|e| refusals(e, shown))
                .map(|r| r.0)
                .collect()
        };
        assert_eq!(
            words("android 7.0", &Shown { curve: Some("P-384".into()), ..good.clone() }),
            ["key_type"]
        );
        assert_eq!(
            words("ios 17", &Shown { days: 900, server_usage: false, ..good.clone() }),
            ["lifetime", "no_usage"]
        );
        let public = Shown { lets_encrypt: true, ..good.clone() };
        for (query, refused) in [
            ("android 7.0", true),
            ("android 7.1.0", true),
            ("android 7.1.1", false),
            ("ios 9.3", true),
            ("ios 10", false),
            ("java 8u131", true),
            ("java 8u141", false),
            ("java 7u151", false),
        ] {
            assert_eq!(words(query, &public), if refused { vec!["root"] } else { vec![] }, "{query}");
        }
        let chain = |issuers: &[&str]| Shown {
            issuers: issuers.iter().map(|i| (*i).to_owned()).collect(),
            ..good.clone()
        };
        for (query, issuers, refused) in [
            ("android 13", &["E7", "ISRG Root X2"][..], true),
            ("android 14", &["E7", "ISRG Root X2"], false),
            ("android 13", &["E7", "ISRG Root X2", "ISRG Root X1"], false),
            ("ios 15", &["E7", "ISRG Root X2"], true),
            ("java 17.0.10", &["E7", "ISRG Root X2"], false),
            ("java 8u202", &["R11", "ISRG Root X1"], false),
            ("java 8u131", &["R11", "ISRG Root X1"], true),
            ("java 8u202", &["WR1", "GTS Root R1"], true),
            ("java 8u202", &["WR1", "GTS Root R1", "GlobalSign Root CA"], false),
            ("java 17.0.8", &["WR1", "GTS Root R1"], false),
            ("openssl 1.0.2", &["R3", "ISRG Root X1", "DST Root CA X3"], true),
            ("openssl 1.1.1", &["R3", "ISRG Root X1", "DST Root CA X3"], false),
            ("openssl 1.0.2", &["R3", "ISRG Root X1"], false),
            ("android 7.0", &["Example CA"], false),
        ] {
            let expected = if refused { vec!["root"] } else { vec![] };
            assert_eq!(words(query, &chain(issuers)), expected, "{query} {issuers:?}");
        }
        assert_eq!(words("go 1.20", &Shown { has_san: false, ..good.clone() }), ["no_san"]);
        assert_eq!(words("erlang 25", &Shown { self_signed: true, ..good.clone() }), ["self_signed"]);
        assert!(!shares_version(
            Query::parse("java 8u202").unwrap().environments().next().unwrap(),
            &["1.3"]
        ));
    }
}
