//! What a host's name or address tells about where it is.

use std::net::{IpAddr, Ipv4Addr};

/// The address that a text is: without the brackets of a URI and the zone of a link-local address, and IPv4 where it
/// is IPv4 mapped into IPv6.
fn address(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let host = host.split('%').next()?;
    host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// True if the text is an IP address.
pub(crate) fn is_ip(host: &str) -> bool {
    address(host).is_some()
}

/// True if the name is `suffix` or ends in it after a dot; a final dot and case count for nothing.
fn below(host: &str, suffix: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
    let Some(start) = host.len().checked_sub(suffix.len()) else { return false };
    let (before, end) = host.split_at(start);
    end.eq_ignore_ascii_case(suffix.as_bytes()) && (before.is_empty() || before.ends_with(b"."))
}

/// True for `localhost` and the names below it (RFC 6761, 6.3), 127.0.0.0/8 and ::1.
pub(crate) fn is_loopback(host: &str) -> bool {
    match address(host) {
        Some(ip) => ip.is_loopback(),
        // `localhost.dev` and `localhost.localdomain` are names for one's own machine.
        None => below(host, "localhost") || host.to_ascii_lowercase().starts_with("localhost."),
    }
}

/// True for hosts that the public internet does not reach.
pub(crate) fn is_private(host: &str) -> bool {
    /// `local` is RFC 6762, `home.arpa` RFC 8375, `internal` reserved by ICANN in 2024; `home` and `corp` are never
    /// delegated because of their wide private use; `lan` and `svc` (Kubernetes) are none either.
    const SUFFIXES: [&str; 7] = ["local", "internal", "svc", "lan", "home", "corp", "home.arpa"];
    match address(host) {
        Some(IpAddr::V4(ip)) => {
            let [a, b, ..] = ip.octets();
            // RFC 1918, loopback, RFC 3927, and the shared address space of RFC 6598.
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || (a == 100 && b & 0xc0 == 64)
        }
        Some(IpAddr::V6(ip)) => {
            let [first, ..] = ip.segments();
            // RFC 4193 and the link-local addresses of RFC 4291.
            ip.is_loopback() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80
        }
        None => {
            let name = host.strip_suffix('.').unwrap_or(host);
            !name.is_empty()
                && (!name.contains('.') || is_loopback(name) || SUFFIXES.iter().any(|s| below(name, s)))
        }
    }
}

/// True for an address of the public Internet, or a name below a well-known public top-level domain.
pub(crate) fn is_public(host: &str) -> bool {
    /// Top-level domains without restriction to a country that hosts of brokers are met under.
    const TOP: &[&str] = &[
        "com", "net", "org", "info", "biz", "edu", "gov", "mil", "dev", "app", "cloud", "online", "site",
        "tech", "xyz",
    ];
    if let Some(address) = address(host) {
        return match address {
            IpAddr::V4(a) => is_public_v4(a),
            IpAddr::V6(a) => match a.to_ipv4_mapped() {
                Some(a) => is_public_v4(a),
                // Global unicast, the only public range handed out (RFC 4291, section 2.4).
                None => a.segments()[0] & 0xe000 == 0x2000,
            },
        };
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let Some((rest, top)) = host.rsplit_once('.') else { return false };
    // Two letters are countries (ISO 3166); names of brokers inside a site rarely end in one.
    let country = top.len() == 2 && top.bytes().all(|b| b.is_ascii_alphabetic());
    !rest.is_empty() && (country || TOP.contains(&top))
}

fn is_public_v4(a: Ipv4Addr) -> bool {
    let [first, second, ..] = a.octets();
    // 100.64.0.0/10 is shared by carriers and overlay networks (RFC 6598).
    let shared = first == 100 && (64..128).contains(&second);
    !(a.is_private()
        || a.is_loopback()
        || a.is_link_local()
        || a.is_multicast()
        || shared
        || first == 0
        || first >= 240)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_from_names() {
        for host in
            ["localhost", "127.0.0.1", "127.9.9.9", "::1", "LOCALHOST.", "::ffff:127.0.0.1", "mq.localhost"]
        {
            assert!(is_loopback(host) && !is_public(host), "{host}");
        }
        for host in [
            "203.0.113.9",
            "2001:db8::1",
            "mq.example.com",
            "b-1.mq.eu-west-1.amazonaws.com",
            "rat.rmq2.cloudamqp.com",
            "mq.example.de",
        ] {
            assert!(is_public(host) && !is_loopback(host), "{host}");
        }
        for host in [
            "mq",
            "10.0.0.5",
            "192.168.1.1",
            "100.64.1.1",
            "fd00::7",
            "fe80::1",
            "mq.internal",
            "mq.svc.cluster.local",
            "mq.prod",
            ".com",
            "",
        ] {
            assert!(!is_public(host) && !is_loopback(host), "{host}");
        }
    }
}
