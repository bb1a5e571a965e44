//! Names in certificates: what is odd about one, and whether a host matches.

use std::net::IpAddr;

use super::certificate::Certificate;

/// Longest DNS name and label (RFC 1035 section 2.3.4).
const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// Last labels that the public Internet does not have: RFC 6761, 6762, 7686, 8375, ICANN's `internal`, and those in wide private use.
const PRIVATE_ENDINGS: &[&str] = &[
    "local",
    "localhost",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "test",
    "example",
    "invalid",
    "onion",
    "svc",
    "arpa",
    "host",
    "dev-local",
    "consul",
    "docker",
    "vagrant",
];

/// Second-level domains kept for examples (RFC 2606).
const EXAMPLE_DOMAINS: &[&str] = &["example.com", "example.net", "example.org"];

/// What is odd about a DNS name of a certificate.
pub fn oddity(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("name_empty");
    }
    if !name.is_ascii() {
        return Some("name_non_ascii");
    }
    if ip(name).is_some() {
        return Some("name_is_address");
    }
    if name.contains("://") || name.contains('/') {
        return Some("name_is_url");
    }
    let bare = name.strip_suffix('.').unwrap_or(name);
    let labels: Vec<&str> = bare.split('.').collect();
    let fits = |l: &&str| {
        !l.is_empty() && l.len() <= MAX_LABEL && l.bytes().all(|b| b.is_ascii_graphic() && b != b':')
    };
    if bare.len() > MAX_NAME || !labels.iter().all(fits) {
        return Some("name_syntax");
    }
    if let Some((first, rest)) = labels.split_first()
        && name.contains('*')
    {
        if rest.iter().any(|l| l.contains('*')) {
            return Some("wildcard_inner");
        }
        if *first != "*" {
            return Some("wildcard_partial");
        }
        if rest.len() < 2 {
            return Some("wildcard_broad");
        }
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*');
    if !labels.iter().all(|l| l.bytes().all(plain))
        || labels.iter().any(|l| l.starts_with('-') || l.ends_with('-'))
    {
        return Some("name_syntax");
    }
    if bare.len() != name.len() {
        return Some("name_trailing_dot");
    }
    name.contains('_').then_some("name_underscore")
}

/// An address, with or without brackets and zone.
pub fn ip(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let bare = bare.split('%').next().unwrap_or(bare);
    bare.parse::<IpAddr>().ok().map(|ip| match ip {
        // An IPv4-mapped address is the IPv4 address.
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    })
}

/// True for text with the form of a host name that has a dot, or of an address, or `localhost`.
pub fn looks_like_host(text: &str) -> bool {
    let label = |l: &str| {
        !l.is_empty() && l.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'))
    };
    ip(text).is_some()
        || text.eq_ignore_ascii_case("localhost")
        || text.contains('.') && text.len() <= MAX_NAME && text.split('.').all(label) && ends_in_letters(text)
}

fn ends_in_letters(name: &str) -> bool {
    name.rsplit('.').next().is_some_and(|l| l.len() >= 2 && l.starts_with(|c: char| c.is_ascii_alphabetic()))
}

/// True for a DNS name that the public Internet could have.
pub fn is_public(name: &str) -> bool {
    let lower = name.trim_end_matches('.').trim_start_matches("*.").to_ascii_lowercase();
    let last = lower.rsplit('.').next().unwrap_or_default();
    let example = |d: &&str| lower == **d || lower.ends_with(&format!(".{d}"));
    lower.contains('.')
        && ip(&lower).is_none()
        && ends_in_letters(&lower)
        && !PRIVATE_ENDINGS.contains(&last)
        && !EXAMPLE_DOMAINS.iter().any(example)
}

/// True for an address that the public Internet does not route.
pub fn is_private_address(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()
                // Shared address space (RFC 6598).
                || matches!(v4.octets(), [100, 64..=127, ..])
        }
        IpAddr::V6(v6) => {
            v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
    }
}

/// What a host finds in a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// This name matches for every client.
    Match(String),
    /// This name matches for the clients listed only.
    Partly {
        /// The name.
        name: String,
        /// Who takes it.
        clients: &'static str,
        /// Who does not.
        refused_by: &'static str,
    },
    /// No name matches; the nearest miss says why, where there is one.
    Mismatch(Miss),
}

/// Why the nearest name does not match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// Nothing is near.
    None,
    /// A wildcard stands for one label and the host has more.
    TooDeep,
    /// A wildcard does not cover its own base.
    Apex,
    /// The address is written as a DNS name.
    AddressAsDns,
    /// There are no alternative names at all.
    NoNames,
}

/// Who still compares the common name when no alternative name is a DNS name, as measured with current releases.
const COMMON_NAME_CLIENTS: &str =
    "OpenSSL, Python, Node, Java, GnuTLS, curl, and Erlang/OTP before 26.2.5.21, 27.3.4.12 and 28.5.0.1";
/// Who does not.
const COMMON_NAME_REFUSED: &str =
    "Go, rustls, Chrome, Apple systems since iOS 13 and macOS 10.15, and patched Erlang/OTP";

/// Whether a certificate serves a host, by the rules of RFC 9525: DNS names are compared without case, a wildcard is
/// the whole first label and stands for exactly one, addresses match addresses only, and the common name counts for
/// nothing, save for the clients that the verdict names.
pub fn matches(certificate: &Certificate, host: &str) -> Verdict {
    let dns: Vec<&str> = certificate.dns.iter().map(String::as_str).collect();
    verdict(&dns, &certificate.ips, certificate.common_name.as_deref(), host)
}

/// The same for names that are already taken out of a certificate.
pub fn verdict(dns: &[&str], addresses: &[IpAddr], common_name: Option<&str>, host: &str) -> Verdict {
    if let Some(wanted) = ip(host) {
        if let Some(found) = addresses.iter().find(|a| normal(**a) == wanted) {
            return Verdict::Match(found.to_string());
        }
        if let Some(name) = dns.iter().find(|n| ip(n) == Some(wanted)) {
            return Verdict::Partly {
                name: (*name).to_owned(),
                clients: "libpq and Erlang",
                refused_by: "OpenSSL, Python, Node, Java, Go, GnuTLS, rustls and curl",
            };
        }
        if common_name.and_then(ip) == Some(wanted) && addresses.is_empty() && dns.is_empty() {
            return Verdict::Partly {
                name: wanted.to_string(),
                clients: "curl",
                refused_by: "OpenSSL, Python, Node, Java, Go, GnuTLS, rustls and Erlang",
            };
        }
        return Verdict::Mismatch(if dns.is_empty() && addresses.is_empty() {
            Miss::NoNames
        } else {
            Miss::None
        });
    }
    let Some(wanted) = ascii(host) else { return Verdict::Mismatch(Miss::None) };
    let mut miss = Miss::None;
    for name in dns {
        match one(name, &wanted) {
            Ok(()) => return Verdict::Match((*name).to_owned()),
            Err(near) if near != Miss::None => miss = near,
            Err(_) => {}
        }
    }
    if let Some(name) = dns.iter().find(|n| n.ends_with('.') && one(n.trim_end_matches('.'), &wanted).is_ok())
    {
        return Verdict::Partly {
            name: (*name).to_owned(),
            clients: "Node, curl and Erlang",
            refused_by: "OpenSSL, Python, Java, Go, GnuTLS and rustls",
        };
    }
    if dns.is_empty()
        && let Some(common) = common_name
        && one(common, &wanted).is_ok()
    {
        if !addresses.is_empty() {
            return Verdict::Partly {
                name: common.to_owned(),
                clients: "OpenSSL, Python, Node and Java",
                refused_by: "Go, GnuTLS, rustls, curl and Erlang",
            };
        }
        return Verdict::Partly {
            name: common.to_owned(),
            clients: COMMON_NAME_CLIENTS,
            refused_by: COMMON_NAME_REFUSED,
        };
    }
    if dns.is_empty() && addresses.is_empty() {
        miss = Miss::NoNames;
    }
    Verdict::Mismatch(miss)
}

fn normal(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// The host in lower-case ASCII, one trailing dot left out, other scripts as A-labels.
fn ascii(host: &str) -> Option<String> {
    let bare = host.strip_suffix('.').unwrap_or(host).to_lowercase();
    let mut labels = Vec::new();
    for label in bare.split('.') {
        labels.push(if label.is_ascii() { label.to_owned() } else { format!("xn--{}", punycode(label)?) });
    }
    let joined = labels.join(".");
    (!joined.is_empty() && joined.len() <= MAX_NAME).then_some(joined)
}

/// Compares one name with a host in lower case.
fn one(name: &str, host: &str) -> Result<(), Miss> {
    if !name.is_ascii() || name.is_empty() {
        return Err(Miss::None);
    }
    let name = name.to_ascii_lowercase();
    let Some(base) = name.strip_prefix("*.") else {
        let same = name == host && !name.contains('*');
        return if same { Ok(()) } else { Err(Miss::None) };
    };
    // A wildcard directly below a top-level domain or a single label matches nothing.
    if base.contains('*') || !base.contains('.') {
        return Err(Miss::None);
    }
    if host == base {
        return Err(Miss::Apex);
    }
    match host.strip_suffix(base).and_then(|h| h.strip_suffix('.')) {
        Some(label) if label.contains('.') => Err(Miss::TooDeep),
        Some(label) if !label.is_empty() => Ok(()),
        _ => Err(Miss::None),
    }
}

/// Punycode of one label (RFC 3492).
fn punycode(label: &str) -> Option<String> {
    const BASE: u32 = 36;
    const T_MIN: u32 = 1;
    const T_MAX: u32 = 26;
    const SKEW: u32 = 38;
    const DAMP: u32 = 700;
    const INITIAL_BIAS: u32 = 72;
    const INITIAL_N: u32 = 128;
    let digit = |d: u32| {
        char::from_digit(d, 36)
            .map(|_| if d < 26 { (b'a' + d as u8) as char } else { (b'0' + (d - 26) as u8) as char })
    };
    let characters: Vec<u32> = label.chars().map(u32::from).collect();
    if characters.len() > MAX_LABEL {
        return None;
    }
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    let mut handled = basic;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias) = (INITIAL_N, 0u32, INITIAL_BIAS);
    while (handled as usize) < characters.len() {
        let next = characters.iter().copied().filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for &c in &characters {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c == n {
                let mut q = delta;
                let mut k = BASE;
                loop {
                    let t = if k <= bias {
                        T_MIN
                    } else if k >= bias + T_MAX {
                        T_MAX
                    } else {
                        k - bias
                    };
                    if q < t {
                        break;
                    }
                    out.push(digit(t + (q - t) % (BASE - t))?);
                    q = (q - t) / (BASE - t);
                    k += BASE;
                }
                out.push(digit(q)?);
                let mut spread = if handled == basic { delta / DAMP } else { delta / 2 };
                spread += spread / (handled + 1);
                let mut steps = 0;
                while spread > (BASE - T_MIN) * T_MAX / 2 {
                    spread /= BASE - T_MIN;
                    steps += BASE;
                }
                bias = steps + (BASE - T_MIN + 1) * spread / (spread + SKEW);
                delta = 0;
                handled += 1;
            }
        }
        delta += 1;
        n += 1;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(dns: &[&str], addresses: &[&str], common: Option<&str>, host: &str) -> &'static str {
        let addresses: Vec<IpAddr> = addresses.iter().map(|a| a.parse().unwrap()).collect();
        match verdict(dns, &addresses, common, host) {
            Verdict::Match(_) => "match",
            Verdict::Partly { .. } => "partly",
            Verdict::Mismatch(Miss::None) => "no",
            Verdict::Mismatch(Miss::TooDeep) => "too deep",
            Verdict::Mismatch(Miss::Apex) => "apex",
            Verdict::Mismatch(Miss::AddressAsDns) => "address as dns",
            Verdict::Mismatch(Miss::NoNames) => "no names",
        }
    }

    /// DNS names, addresses, common name, host, outcome.
    type Case =
        (&'static [&'static str], &'static [&'static str], Option<&'static str>, &'static str, &'static str);

    #[test]
    fn hosts_match_as_clients_match_them() {
        let wild: &'static [&'static str] = &["*.example.com"];
        let cases: &[Case] = &[
            (&["a.example.com"], &[], None, "A.Example.com", "match"),
            (&["a.example.com"], &[], None, "a.example.com.", "match"),
            (&["a.example.com"], &[], None, "b.example.com", "no"),
            (wild, &[], None, "a.example.com", "match"),
            (wild, &[], None, "a.b.example.com", "too deep"),
            (wild, &[], None, "example.com", "apex"),
            (wild, &[], None, ".example.com", "no"),
            (&["*.com"], &[], None, "example.com", "no"),
            (&["*"], &[], None, "example.com", "no"),
            (&["db*.example.com"], &[], None, "db1.example.com", "no"),
            (&["a.*.example.com"], &[], None, "a.b.example.com", "no"),
            (&[], &["10.0.0.1"], None, "10.0.0.1", "match"),
            (&[], &["10.0.0.1"], None, "::ffff:10.0.0.1", "match"),
            (&[], &["2001:db8::1"], None, "[2001:db8:0::1]", "match"),
            (&[], &["fe80::1"], None, "fe80::1%eth0", "match"),
            (&["10.0.0.1"], &[], None, "10.0.0.1", "partly"),
            (&["a.example.com"], &["10.0.0.1"], None, "10.0.0.2", "no"),
            (&[], &[], Some("a.example.com"), "a.example.com", "partly"),
            (&["b.example.com"], &[], Some("a.example.com"), "a.example.com", "no"),
            (&[], &["10.0.0.1"], Some("a.example.com"), "a.example.com", "partly"),
            (&[], &[], Some("b.example.com"), "a.example.com", "no names"),
            (&["a.example.com."], &[], None, "a.example.com", "partly"),
            (&["xn--bcher-kva.example"], &[], None, "bücher.example", "match"),
            (&["xn--mnchen-3ya.example"], &[], None, "MÜNCHEN.example", "match"),
            (&["bücher.example"], &[], None, "bücher.example", "no"),
        ];
        for (dns, addresses, common, host, expected) in cases {
            assert_eq!(
                word(dns, addresses, *common, host),
                *expected,
                "{dns:?} {addresses:?} {common:?} {host}"
            );
        }
    }

    #[test]
    fn odd_names_are_told_apart() {
        let cases = [
            ("a.example.com", None),
            ("*.example.com", None),
            ("localhost", None),
            ("", Some("name_empty")),
            ("a..b", Some("name_syntax")),
            (".a.b", Some("name_syntax")),
            ("a b.c", Some("name_syntax")),
            ("host:5671", Some("name_syntax")),
            ("-a.example.com", Some("name_syntax")),
            ("a.example.com.", Some("name_trailing_dot")),
            ("my_db.example.com", Some("name_underscore")),
            ("10.0.0.1", Some("name_is_address")),
            ("https://a.example.com", Some("name_is_url")),
            ("ü.example.com", Some("name_non_ascii")),
            ("*", Some("wildcard_broad")),
            ("*.local", Some("wildcard_broad")),
            ("db*.example.com", Some("wildcard_partial")),
            ("a.*.example.com", Some("wildcard_inner")),
        ];
        for (name, expected) in cases {
            assert_eq!(oddity(name), expected, "{name}");
        }
    }
}
