//! What a host's name or address alone says about where it is.

use std::net::{IpAddr, Ipv4Addr};

/// True for `localhost` and the loopback addresses.
pub(crate) fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host.eq_ignore_ascii_case("localhost")
        || host.to_ascii_lowercase().ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|a| match a {
            IpAddr::V4(a) => a.is_loopback(),
            IpAddr::V6(a) => a.is_loopback() || a.to_ipv4_mapped().is_some_and(|a| a.is_loopback()),
        })
}

/// True for an IP address.
pub(crate) fn is_ip(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

/// True for an address of the public Internet, or a name below a well-known public top-level domain.
pub(crate) fn is_public(host: &str) -> bool {
    /// Top-level domains without restriction to a country that hosts of brokers are met under.
    const TOP: &[&str] = &[
        "com", "net", "org", "info", "biz", "edu", "gov", "mil", "dev", "app", "cloud", "online", "site",
        "tech", "xyz",
    ];
    if let Ok(address) = host.parse::<IpAddr>() {
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
