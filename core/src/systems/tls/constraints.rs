//! Name constraints (RFC 5280 section 4.2.1.10).

use super::certificate::{Certificate, Subtree};

/// Name and tree comparisons of one pair of certificates; more than that is hostile, and left unjudged.
const MOST_COMPARISONS: usize = 250_000;

/// A name of `certificate` that the constraints of `issuer` do not allow.
pub(super) fn forbidden(issuer: &Certificate, certificate: &Certificate) -> Option<String> {
    let trees = issuer.permitted.len() + issuer.excluded.len();
    let names = certificate.dns.len() + certificate.ips.len() + 1;
    if trees == 0 || trees.saturating_mul(names) > MOST_COMPARISONS {
        return None;
    }
    // A self-issued CA below is exempt (RFC 5280 section 6.1.3 b).
    if certificate.is_ca() && certificate.self_issued() {
        return None;
    }
    let dns = certificate.dns.iter().find(|name| {
        let within = |t: &Subtree| matches!(t, Subtree::Dns(base) if covers(base, name));
        let any = issuer.permitted.iter().any(|t| matches!(t, Subtree::Dns(_)));
        any && !issuer.permitted.iter().any(within) || issuer.excluded.iter().any(within)
    });
    if let Some(name) = dns {
        return Some(name.clone());
    }
    let ip = certificate.ips.iter().find(|ip| {
        let bytes = match ip {
            std::net::IpAddr::V4(four) => four.octets().to_vec(),
            std::net::IpAddr::V6(six) => six.octets().to_vec(),
        };
        let within = |t: &Subtree| matches!(t, Subtree::Ip(range) if in_range(range, &bytes));
        let any = issuer.permitted.iter().any(|t| matches!(t, Subtree::Ip(_)));
        any && !issuer.permitted.iter().any(within) || issuer.excluded.iter().any(within)
    });
    if let Some(ip) = ip {
        return Some(ip.to_string());
    }
    let subject = &certificate.subject_key;
    if subject.is_empty() {
        return None;
    }
    let within = |t: &Subtree| matches!(t, Subtree::Directory(base) if subject.starts_with(base.as_str()));
    let any = issuer.permitted.iter().any(|t| matches!(t, Subtree::Directory(_)));
    (any && !issuer.permitted.iter().any(within) || issuer.excluded.iter().any(within))
        .then(|| certificate.subject.clone())
}

/// True if a DNS constraint covers a name: itself and all below; a wildcard stands for what it could match.
fn covers(base: &str, name: &str) -> bool {
    let base = base.trim_start_matches('.').to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    base.is_empty() || name == base || name.strip_suffix(&base).is_some_and(|rest| rest.ends_with('.'))
}

fn in_range(range: &[u8], address: &[u8]) -> bool {
    let Some((base, mask)) = range.split_at_checked(range.len() / 2) else { return false };
    base.len() == address.len()
        && base.iter().zip(mask).zip(address).all(|((base, mask), byte)| base & mask == byte & mask)
}

/// What is wrong with the form of a constraint.
pub(super) fn faults(certificate: &Certificate) -> Vec<String> {
    let mut found = Vec::new();
    for tree in certificate.permitted.iter().chain(&certificate.excluded) {
        match tree {
            Subtree::Dns(base) if base.contains('*') => found.push(format!("`{base}` has a wildcard")),
            Subtree::Dns(base) if base.starts_with('.') => found.push(format!("`{base}` begins with a dot")),
            Subtree::Ip(range) if !matches!(range.len(), 8 | 32) => {
                found.push(format!("an address range of {} bytes", range.len()));
            }
            Subtree::Ip(range) => {
                let mask = range.get(range.len() / 2..).unwrap_or_default();
                let ones: u32 = mask.iter().map(|b| b.count_ones()).sum();
                let prefix = mask.iter().fold((0u32, true), |(n, open), b| {
                    let leading = if open { b.leading_ones() } else { 0 };
                    (n + leading, open && *b == 0xff)
                });
                if ones != prefix.0 {
                    found.push("an address mask that is no prefix".to_owned());
                }
            }
            _ => {}
        }
    }
    found.truncate(8);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_cover_what_lies_below() {
        for (base, name, covered) in [
            ("example.com", "example.com", true),
            ("example.com", "a.b.Example.com", true),
            ("example.com", "*.example.com", true),
            ("example.com", "badexample.com", false),
            ("", "anything", true),
            ("a.example.com", "example.com", false),
        ] {
            assert_eq!(covers(base, name), covered, "{base} {name}");
        }
        assert!(in_range(&[10, 0, 0, 0, 255, 0, 0, 0], &[10, 9, 9, 9]));
        assert!(!in_range(&[10, 0, 0, 0, 255, 0, 0, 0], &[11, 9, 9, 9]));
        let bad = Certificate {
            permitted: vec![Subtree::Ip(vec![10, 0, 0, 0, 255, 0, 255, 0]), Subtree::Dns("*.a".into())],
            ..Certificate::default()
        };
        assert_eq!(faults(&bad).len(), 2);
    }
}
