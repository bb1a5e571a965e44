//! Name constraints (RFC 5280 section 4.2.1.10).

use super::certificate::{Certificate, Subtree};
use super::names;

/// Name and tree comparisons of one pair of certificates; more than that is hostile, and left unjudged.
const MOST_COMPARISONS: usize = 250_000;

/// A name of `certificate` that the constraints of `issuer` do not allow.
pub(super) fn forbidden(issuer: &Certificate, certificate: &Certificate) -> Option<String> {
    let trees = issuer.permitted.len() + issuer.excluded.len();
    let names = certificate.dns.len() + certificate.ips.len() + certificate.other_names.len() + 1;
    if trees == 0 || trees.saturating_mul(names) > MOST_COMPARISONS {
        return None;
    }
    // A self-issued CA below is exempt (RFC 5280 section 6.1.3 b).
    if certificate.is_ca() && certificate.self_issued() {
        return None;
    }
    // Names of a form are held against the trees of that form only (RFC 5280 section 4.2.1.10).
    let refused = |of: &dyn Fn(&Subtree) -> Option<bool>| {
        let mut permitted = issuer.permitted.iter().filter_map(of).peekable();
        permitted.peek().is_some() && !permitted.any(|within| within)
            || issuer.excluded.iter().filter_map(of).any(|within| within)
    };
    let dns = |name: &str| {
        refused(&|t| match t {
            Subtree::Dns(base) => Some(covers(base, name)),
            _ => None,
        })
    };
    if let Some(name) = certificate.dns.iter().find(|name| dns(name)) {
        return Some(name.clone());
    }
    // OpenSSL takes the common name for a DNS name where no alternative name is one.
    let common = certificate.common_name.as_deref().filter(|c| {
        certificate.dns.is_empty()
            && !certificate.is_ca()
            && names::looks_like_host(c)
            && names::ip(c).is_none()
    });
    if let Some(common) = common.filter(|c| dns(c)) {
        return Some(common.to_owned());
    }
    let ip = certificate.ips.iter().find(|ip| {
        let bytes = match ip {
            std::net::IpAddr::V4(four) => four.octets().to_vec(),
            std::net::IpAddr::V6(six) => six.octets().to_vec(),
        };
        refused(&|t| match t {
            Subtree::Ip(range) => Some(in_range(range, &bytes)),
            _ => None,
        })
    });
    if let Some(ip) = ip {
        return Some(ip.to_string());
    }
    let other = certificate.other_names.iter().find(|name| match name.split_once(':') {
        Some(("email", mail)) => refused(&|t| match t {
            Subtree::Mail(base) => Some(holds_mail(base, mail)),
            _ => None,
        }),
        Some(("uri", uri)) => refused(&|t| match t {
            Subtree::Uri(base) => Some(host_of(uri).is_some_and(|host| holds_host(base, host))),
            _ => None,
        }),
        _ => false,
    });
    if let Some(name) = other {
        return Some(name.clone());
    }
    // Who cannot judge a constraint that concerns a name must refuse it.
    let unread = certificate.unread_names.iter().find(|form| {
        issuer.permitted.iter().chain(&issuer.excluded).any(|t| matches!(t, Subtree::Other(f) if f == *form))
    });
    if let Some(form) = unread {
        return Some(format!("a name of the form {form}"));
    }
    let subject = &certificate.subject_key;
    let directory = refused(&|t| match t {
        Subtree::Directory(base) => Some(subject.starts_with(base.as_str())),
        _ => None,
    });
    (!subject.is_empty() && directory).then(|| certificate.subject.clone())
}

/// True if a mail constraint covers an address: the address itself, any at that host, or any at a host below.
fn holds_mail(base: &str, mail: &str) -> bool {
    let Some((local, host)) = mail.split_once('@').filter(|(_, host)| !host.contains('@')) else {
        return false;
    };
    match base.rsplit_once('@') {
        Some((wanted, at)) => wanted == local && at.eq_ignore_ascii_case(host),
        None => holds_host(base, host),
    }
}

/// True if a constraint of hosts covers one: exactly that host, or with a dot in front any below it.
fn holds_host(base: &str, host: &str) -> bool {
    let (base, host) = (base.to_ascii_lowercase(), host.to_ascii_lowercase());
    if base.starts_with('.') { host.len() > base.len() && host.ends_with(&base) } else { host == base }
}

/// The host of a URI with an authority part.
fn host_of(uri: &str) -> Option<&str> {
    let rest = uri.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    Some(host.split_once(':').map_or(host, |(host, _)| host))
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
        for (base, mail, covered) in [
            ("a@example.com", "a@Example.com", true),
            ("a@example.com", "b@example.com", false),
            ("example.com", "b@example.com", true),
            ("example.com", "b@mail.example.com", false),
            (".example.com", "b@mail.example.com", true),
            (".example.com", "b@example.com", false),
            ("example.com", "b@c@example.com", false),
            ("example.com", "example.com", false),
        ] {
            assert_eq!(holds_mail(base, mail), covered, "{base} {mail}");
        }
        assert_eq!(host_of("amqps://u@mq.example.com:5671/v"), Some("mq.example.com"));
        assert_eq!(host_of("urn:x"), None);
        assert!(in_range(&[10, 0, 0, 0, 255, 0, 0, 0], &[10, 9, 9, 9]));
        assert!(!in_range(&[10, 0, 0, 0, 255, 0, 0, 0], &[11, 9, 9, 9]));
        let bad = Certificate {
            permitted: vec![Subtree::Ip(vec![10, 0, 0, 0, 255, 0, 255, 0]), Subtree::Dns("*.a".into())],
            ..Certificate::default()
        };
        assert_eq!(faults(&bad).len(), 2);
    }
}
