//! What lists of cipher suites say: which suites are broken, and which stand in the list of another version.

/// What a list of suites comes to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Judged {
    /// The first broken suite, and why it is.
    pub(super) weak: Option<(String, &'static str)>,
    /// That suite encrypts nothing or authenticates nobody.
    pub(super) no_security: bool,
    /// The first suite of TLS 1.3.
    pub(super) newer: Option<String>,
    /// There is nothing but suites of TLS 1.3.
    pub(super) only_newer: bool,
    /// The first suite that TLS 1.3 does not have.
    pub(super) older: Option<String>,
    /// The type of key that every suite needs.
    pub(super) needs: Option<&'static str>,
}

/// The suites of TLS 1.3 (RFC 8446 appendix B.4).
const NEWER: [&str; 5] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_CCM_SHA256",
    "TLS_AES_128_CCM_8_SHA256",
];

/// Parts of a suite's name that break it, why, and whether nothing is left of its security; the worst first.
const WEAK: [(&[&str], &str, bool); 7] = [
    (&["NULL", "ENULL"], "encrypts nothing", true),
    (&["ADH", "AECDH", "ANON", "ANULL"], "authenticates nobody", true),
    (
        &["EXP", "EXPORT", "EXPORT40", "EXP1024", "LOW"],
        "has keys that are broken in minutes (RFC 7457)",
        false,
    ),
    (&["RC4", "ARCFOUR"], "is forbidden (RFC 7465)", false),
    (&["RC2", "IDEA", "DES"], "is broken (RFC 5469)", false),
    (&["3DES", "CBC3"], "has blocks of 64 bits (Sweet32, CVE-2016-2183)", false),
    (&["MD5"], "rests on MD5", false),
];

/// Longer lists are not read to their end.
const MOST_SUITES: usize = 500;

fn parts(suite: &str) -> Vec<String> {
    suite.split(['-', '_', '+']).map(str::to_ascii_uppercase).collect()
}

/// Judges a list as OpenSSL, GnuTLS' callers and Java write them: names between colons, commas or blanks.
pub(super) fn judge(list: &str) -> Judged {
    let words = || {
        let words = list.split([':', ',', ' ', ';', '\t', '\n']).map(|w| w.trim_matches(['"', '\'']));
        words.filter(|w| !w.is_empty()).take(MOST_SUITES)
    };
    let removed: Vec<String> =
        words().filter_map(|w| w.strip_prefix(['!', '-'])).map(str::to_ascii_uppercase).collect();
    let named = || words().filter(|w| !w.starts_with(['!', '-', '@', '+']));
    let mut judged = Judged::default();
    let is_newer = |word: &str| NEWER.iter().any(|n| n.eq_ignore_ascii_case(word));
    judged.newer = named().find(|w| is_newer(w)).map(str::to_owned);
    judged.only_newer = judged.newer.is_some() && named().all(is_newer);
    judged.older = named().find(|w| !is_newer(w) && !w.contains(['$', '{'])).map(str::to_owned);
    for (marks, why, nothing) in WEAK {
        let found = named().find(|word| {
            let parts = parts(word);
            let marked = parts.iter().any(|p| marks.contains(&p.as_str()));
            // Single DES is written `DES-CBC-SHA`, and `DES-CBC3-SHA` is triple DES.
            let triple = marks.contains(&"DES") && parts.iter().any(|p| p == "CBC3");
            marked && !triple && !is_removed(word, &parts, &removed)
        });
        if let Some(word) = found {
            judged.weak = Some((word.to_owned(), why));
            judged.no_security = nothing;
            break;
        }
    }
    judged.needs = needs(named().filter(|w| !is_newer(w)));
    judged
}

/// True if another word of the list takes a suite out again.
fn is_removed(word: &str, parts: &[String], removed: &[String]) -> bool {
    let has = |part: &str| parts.iter().any(|p| p == part);
    removed.iter().any(|gone| match gone.as_str() {
        "ANULL" => has("ADH") || has("AECDH") || has("ANON") || has("ANULL"),
        "ENULL" | "NULL" => has("NULL") || has("ENULL"),
        "EXPORT" | "EXP" => has("EXP") || has("EXPORT") || has("EXPORT40") || has("EXP1024"),
        "3DES" => has("3DES") || has("CBC3"),
        "LOW" | "MEDIUM" => ["RC4", "DES", "3DES", "CBC3", "SEED", "IDEA", "RC2"].iter().any(|p| has(p)),
        gone => has(gone) || word.eq_ignore_ascii_case(gone),
    })
}

fn needs<'w>(words: impl Iterator<Item = &'w str>) -> Option<&'static str> {
    let mut needed = None;
    for word in words {
        let parts = parts(word);
        let has = |part: &str| parts.iter().any(|p| p == part);
        let exchange = has("ECDHE") || has("DHE") || has("EDH") || word.starts_with("TLS_");
        let one = match (exchange, has("ECDSA"), has("RSA")) {
            (true, true, false) => "ecdsa",
            (true, false, true) => "rsa",
            // `HIGH` and its like stand for suites of every sort.
            _ => return None,
        };
        if needed.is_some_and(|n| n != one) {
            return None;
        }
        needed = Some(one);
    }
    needed
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn broken_suites_are_found_unless_they_are_taken_out() {
        for (list, weak) in [
            ("ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA", Some("RC4-SHA")),
            ("ECDHE-RSA-AES128-GCM-SHA256:DES-CBC3-SHA", Some("DES-CBC3-SHA")),
            ("ECDHE-RSA-DES-CBC3-SHA:!DSS", Some("ECDHE-RSA-DES-CBC3-SHA")),
            ("DES-CBC3-SHA:!3DES", None),
            ("HIGH:!aNULL:!MD5", None),
            ("ALL:!ADH:!EXPORT56:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP:+eNULL", Some("RC4+RSA")),
            ("RC4:HIGH:!aNULL:!MD5", Some("RC4")),
            ("HIGH:!RC4:RC4-SHA", None),
            ("NULL-SHA256:RC4-SHA", Some("NULL-SHA256")),
            ("eNULL", Some("eNULL")),
            ("TLS_RSA_WITH_3DES_EDE_CBC_SHA", Some("TLS_RSA_WITH_3DES_EDE_CBC_SHA")),
            ("TLS_DH_anon_WITH_AES_128_CBC_SHA", Some("TLS_DH_anon_WITH_AES_128_CBC_SHA")),
            ("AECDH-AES128-SHA", Some("AECDH-AES128-SHA")),
            ("DEFAULT@SECLEVEL=1", None),
            ("ECDHE+AESGCM:DHE+CHACHA20", None),
        ] {
            assert_eq!(judge(list).weak.map(|w| w.0).as_deref(), weak, "{list}");
        }
        assert!(judge("aNULL").no_security && !judge("RC4-MD5").no_security);
    }

    #[test]
    fn lists_of_each_version_are_told_apart() {
        let mixed = judge("TLS_AES_256_GCM_SHA384:ECDHE-RSA-AES256-GCM-SHA384");
        assert_eq!(mixed.newer.as_deref(), Some("TLS_AES_256_GCM_SHA384"));
        assert!(!mixed.only_newer);
        assert_eq!(mixed.older.as_deref(), Some("ECDHE-RSA-AES256-GCM-SHA384"));
        assert!(judge("TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256").only_newer);
    }

    #[test]
    fn suites_tell_the_key_they_need() {
        for (list, needs) in [
            ("ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305", Some("ecdsa")),
            ("ECDHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES128-GCM-SHA256", Some("rsa")),
            ("ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256", None),
            ("ECDHE-ECDSA-AES128-GCM-SHA256:HIGH", None),
            ("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Some("ecdsa")),
            ("ECDHE+AESGCM", None),
        ] {
            assert_eq!(judge(list).needs, needs, "{list}");
        }
    }
}
