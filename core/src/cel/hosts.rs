//! What a host's name or address tells about where it is.

use std::net::IpAddr;

/// The address that a text is: without the brackets of a URI and the zone of a link-local address, and IPv4 where it
/// is IPv4 mapped into IPv6.
fn address(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    let host = host.split('%').next()?;
    host.parse::<IpAddr>().ok().map(|ip| ip.to_canonical())
}

/// True if the text is an IP address.
pub(super) fn ip(host: &str) -> bool {
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
pub(super) fn loopback(host: &str) -> bool {
    match address(host) {
        Some(ip) => ip.is_loopback(),
        None => below(host, "localhost"),
    }
}

/// True for hosts that the public internet does not reach.
pub(super) fn private(host: &str) -> bool {
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
                && (!name.contains('.') || loopback(name) || SUFFIXES.iter().any(|s| below(name, s)))
        }
    }
}
