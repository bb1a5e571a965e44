//! Which cipher suites of a server's list a client has, for TLS 1.2 and older.
//!
//! Clients are known by what they lack, and a word that is not understood may be a suite that they have: silence where
//! that cannot be told.

use super::Environment;

/// What a suite is made of, in the words of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suite {
    /// `ecdhe`, `dhe`, `rsa` or `ecdh`.
    exchange: &'static str,
    /// The type of key that signs: `rsa` or `ecdsa`.
    key: &'static str,
    /// `gcm`, `chacha`, `ccm`, `cbc`, `cbc2` or `other`.
    cipher: &'static str,
}

/// Longer lists are not read to their end.
const MOST_SUITES: usize = 500;

/// The suites for TLS 1.2 and older that a list names; nothing where a word of it stands for suites of several sorts.
pub fn suites(list: &str) -> Option<Vec<Suite>> {
    let words = list.split([':', ',', ' ', ';', '\t', '\n']).map(|w| w.trim_matches(['"', '\'']));
    // What takes suites out of a list makes it shorter; what they leave is judged as if they left all.
    let named = words.filter(|w| !w.is_empty() && !w.starts_with(['!', '-', '+', '@'])).take(MOST_SUITES);
    let older = named.filter(|w| !is_newer(w));
    let found: Option<Vec<Suite>> = older.map(suite).collect();
    found.filter(|f| !f.is_empty())
}

/// True for the suites of TLS 1.3, whose names tell no key exchange.
fn is_newer(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    upper.starts_with("TLS_") && !upper.contains("_WITH_")
}

/// Reads `ECDHE-RSA-AES128-GCM-SHA256`, `TLS_RSA_WITH_AES_128_CBC_SHA` or `EECDH+AESGCM`.
fn suite(word: &str) -> Option<Suite> {
    let upper = word.to_ascii_uppercase();
    let parts: Vec<&str> = upper.split(['-', '_', '+']).collect();
    let has = |part: &str| parts.contains(&part);
    if ["PSK", "SRP", "KRB5", "GOST", "NULL", "ANON", "ADH", "AECDH"].iter().any(|p| has(p)) {
        return Some(Suite { exchange: "other", key: "rsa", cipher: "other" });
    }
    let exchange = if ["ECDHE", "EECDH", "KECDHE", "KEECDH"].iter().any(|p| has(p)) {
        "ecdhe"
    } else if ["DHE", "EDH", "KDHE", "KEDH"].iter().any(|p| has(p)) {
        "dhe"
    } else if has("ECDH") {
        "ecdh"
    } else {
        "rsa"
    };
    let key = if has("ECDSA") || has("AECDSA") { "ecdsa" } else { "rsa" };
    let cipher = match parts.last().copied().unwrap_or_default() {
        _ if has("GCM") || has("AESGCM") => "gcm",
        _ if has("CHACHA20") => "chacha",
        _ if parts.iter().any(|p| p.starts_with("CCM") || p.starts_with("AESCCM")) => "ccm",
        _ if !parts.iter().any(|p| p.starts_with("AES")) => {
            // `HIGH`, `ECDHE+3DES`: one part is no suite.
            return (parts.len() > 2).then_some(Suite { exchange, key, cipher: "other" });
        }
        "SHA" => "cbc",
        "SHA256" | "SHA384" => "cbc2",
        _ => return None,
    };
    // `AESGCM` alone stands for every exchange.
    (parts.len() > 1).then_some(Suite { exchange, key, cipher })
}

/// What an environment does not have of a suite, in words; nothing if it may have it.
fn missing(of: &Environment, suite: &Suite) -> Option<&'static str> {
    /// Words of the table, with those of messages.
    const WORDS: [(&str, &str); 8] = [
        ("rsa", "RSA key exchange"),
        ("dhe", "DHE"),
        ("gcm", "AES-GCM"),
        ("chacha", "ChaCha20"),
        ("ccm", "AES-CCM"),
        ("cbc", "CBC with SHA-1"),
        ("cbc2", "CBC with SHA-2"),
        ("ecdhe-rsa-gcm", "ECDHE with RSA and AES-GCM"),
    ];
    let old = of.tls.1 < "1.2" && matches!(suite.cipher, "gcm" | "chacha" | "ccm" | "cbc2");
    let lacks = |word: &str| of.lacks.contains(&word) || old && word == suite.cipher;
    let both = suite.exchange == "ecdhe" && suite.key == "rsa" && suite.cipher == "gcm";
    let word = [suite.exchange, suite.cipher]
        .into_iter()
        .chain(both.then_some("ecdhe-rsa-gcm"))
        .find(|w| lacks(w))?;
    WORDS.iter().find(|(w, _)| *w == word).map(|(_, shown)| *shown)
}

/// What an environment lacks of every suite that goes with a type of key, in words; nothing if it may have one of them.
/// `key` is `rsa` or `ec`, where the server's certificate is known.
pub fn lacking(of: &Environment, suites: &[Suite], key: Option<&str>) -> Option<String> {
    let wanted = match key {
        Some("rsa") => Some("rsa"),
        Some("ec") => Some("ecdsa"),
        _ => None,
    };
    let mut words: Vec<&'static str> = Vec::new();
    for suite in suites.iter().filter(|s| wanted.is_none_or(|w| s.key == w)) {
        let word = missing(of, suite)?;
        if !words.contains(&word) {
            words.push(word);
        }
    }
    (!words.is_empty()).then(|| words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::super::Query;
    use super::{lacking, suites};

    /// Mozilla's intermediate list without its DHE suites, as of version 6.0.
    const MODERN: &str = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:\
                          ECDHE-RSA-CHACHA20-POLY1305";

    fn said(client: &str, list: &str, key: Option<&str>) -> Option<String> {
        let query = Query::parse(client).unwrap();
        let suites = suites(list)?;
        query.environments().find_map(|e| lacking(e, &suites, key))
    }

    #[test]
    fn clients_are_told_what_they_lack() {
        for (client, list, key, lacks) in [
            ("windows 8", MODERN, Some("rsa"), Some("ECDHE with RSA and AES-GCM, ChaCha20")),
            ("windows 8", MODERN, Some("ec"), None),
            ("windows 8", MODERN, None, None),
            ("windows 10", MODERN, Some("rsa"), None),
            ("java 8u202", MODERN, None, None),
            ("java 8u202", "ECDHE-RSA-CHACHA20-POLY1305", None, Some("ChaCha20")),
            ("android 4.4", MODERN, None, Some("AES-GCM, ChaCha20")),
            ("go 1.22", "AES128-GCM-SHA256:AES256-SHA", None, Some("RSA key exchange")),
            ("go 1.20", "TLS_RSA_WITH_AES_128_GCM_SHA256", None, None),
            ("chrome 80", "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-SHA", None, Some("DHE")),
            ("rustls", "ECDHE-RSA-AES128-SHA", None, Some("CBC with SHA-1")),
            ("python 3.11", "ECDHE-RSA-AES128-SHA:TLS_AES_128_GCM_SHA256", None, Some("CBC with SHA-1")),
            ("rustls", "EDH+AESGCM", None, Some("DHE")),
            // A word for suites of many sorts may hold one that the client has.
            ("rustls", "ECDHE-RSA-AES128-SHA:HIGH", None, None),
            ("rustls", "ECDHE+AES", None, None),
            ("android 4.4", "DES-CBC3-SHA", None, None),
        ] {
            assert_eq!(said(client, list, key).as_deref(), lacks, "{client} {list} {key:?}");
        }
        assert!(suites("TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256").is_none());
    }
}
