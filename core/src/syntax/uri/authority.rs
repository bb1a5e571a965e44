//! Userinfo and hosts: where people's passwords break URIs.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::schemes::{Hosts, Parameters, Path, Scheme};
use super::{Component, FaultKind, HOLE, Host, MAX_FAULTS, Part, Reader};

/// More hosts in one URI are not read.
const MAX_HOSTS: usize = 64;

/// Where userinfo and hosts stand.
pub(super) struct Bounds {
    /// Before the `@`.
    pub(super) userinfo: Option<Range<usize>>,
    /// Hosts and ports.
    pub(super) hosts: Range<usize>,
}

impl Bounds {
    /// Finds them in what follows `scheme://`.
    ///
    /// A raw `/`, `?` or `#` in a password ends the authority by the grammar. It is taken as part of the password if
    /// an `@` follows and what the grammar takes for the host cannot be one.
    pub(super) fn find(shape: &[u8], rest: Range<usize>, known: Option<&Scheme>) -> Bounds {
        let ends: &[u8] = match known.map(|k| k.parameters) {
            Some(Parameters::Semicolons) => b"/?#;",
            _ => b"/?#",
        };
        let next = |from: usize, any: &[u8]| {
            shape[from..rest.end].iter().position(|b| any.contains(b)).map(|i| from + i)
        };
        let last_at = shape[rest.clone()].iter().rposition(|b| *b == b'@').map(|i| rest.start + i);
        let mut end = next(rest.start, ends).unwrap_or(rest.end);
        while let Some(later) = last_at.filter(|at| *at > end).and_then(|_| next(end, b"@")) {
            let host = shape[rest.start..end]
                .iter()
                .rposition(|b| *b == b'@')
                .map_or(rest.start, |i| rest.start + i + 1);
            let path_is_name = known.is_some_and(|k| k.path != Path::Resource);
            let belongs = match shape[end] {
                b'#' => path_is_name,
                _ => {
                    broken_port(&shape[host..end])
                        || (host > rest.start && path_is_name && dials(&shape[later + 1..rest.end]))
                }
            };
            if !belongs {
                break;
            }
            end = next(later + 1, ends).unwrap_or(rest.end);
        }
        let at = shape[rest.start..end].iter().rposition(|b| *b == b'@').map(|i| rest.start + i);
        Bounds { userinfo: at.map(|at| rest.start..at), hosts: at.map_or(rest.start, |at| at + 1)..end }
    }

    /// The part that a place behind the scheme belongs to.
    pub(super) fn component(&self, at: usize) -> Component {
        if self.userinfo.as_ref().is_some_and(|u| at < u.end) {
            Component::Password
        } else if at < self.hosts.end {
            Component::Host
        } else {
            Component::Path
        }
    }
}

/// True if what follows the last `:` can be no port.
fn broken_port(host: &[u8]) -> bool {
    let Some(colon) = host.iter().rposition(|b| *b == b':') else { return false };
    let port = &host[colon + 1..];
    !port.is_empty() && !host.contains(&b'[') && port.iter().any(|b| !b.is_ascii_digit() && *b != HOLE)
}

/// True if a host with a port or a path begins here, as in `mq:5672/v`.
fn dials(rest: &[u8]) -> bool {
    /// The longest host name there can be.
    const MAX_NAME: usize = 255;
    let rest = &rest[..rest.len().min(MAX_NAME)];
    let name = rest
        .iter()
        .take_while(|b| b.is_ascii_alphanumeric() || matches!(**b, b'.' | b'-' | b'_' | HOLE))
        .count();
    name > 0 && matches!(rest.get(name), Some(b':' | b'/'))
}

/// What RFC 3986 wants encoded in a user or password, apart from the delimiters.
fn illegal(byte: u8) -> bool {
    byte.is_ascii_control() && !byte.is_ascii_whitespace()
        || matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}')
}

impl<'v> Reader<'v, '_> {
    /// User and password.
    pub(super) fn credentials(
        &mut self,
        userinfo: Option<Range<usize>>,
    ) -> (Option<Part<'v>>, Option<Part<'v>>) {
        let Some(range) = userinfo else { return (None, None) };
        let colon = self.find(range.clone(), b":");
        let user = range.start..colon.unwrap_or(range.end);
        self.credential(user.clone(), Component::User);
        let password = colon.map(|at| at + 1..range.end);
        if let Some(password) = &password {
            self.credential(password.clone(), Component::Password);
            self.each(password.clone(), |b| b == b':', FaultKind::ColonInPassword, Component::Password);
        }
        (Some(self.part(user)), password.map(|r| self.part(r)))
    }

    fn credential(&mut self, range: Range<usize>, component: Component) {
        /// Characters that one meets encoded twice, because two tools each encoded them once.
        const ENCODED: [[u8; 2]; 5] = [*b"2F", *b"3A", *b"40", *b"23", *b"3F"];
        let reserved = |b: u8| matches!(b, b'@' | b'/' | b'?' | b'#' | b'[' | b']');
        self.each(range.clone(), reserved, FaultKind::ReservedInUserinfo, component);
        self.each(range.clone(), illegal, FaultKind::IllegalCharacter, component);
        self.each(range.clone(), |b| b == b'+', FaultKind::PlusInCredential, component);
        self.percents(range.clone(), component);
        self.twice_encoded(range.clone(), component, &ENCODED);
        let part = self.part(range.clone());
        let raw = self.shape[range.clone()].iter().any(|b| !b.is_ascii());
        let encoded = !part.placeholder && !part.text.is_ascii();
        if raw || encoded {
            self.fault(FaultKind::NonAsciiCredential, component, range);
        }
    }

    /// The hosts.
    pub(super) fn hosts(&mut self, range: Range<usize>, known: Option<&'static Scheme>) -> Vec<Host<'v>> {
        let lists = known.is_some_and(|k| k.hosts == Hosts::Commas);
        let separators: &[u8] = if lists { b"," } else { b",;" };
        let mut hosts = Vec::new();
        let mut start = range.start;
        while hosts.len() < MAX_HOSTS {
            let end = self.find(start..range.end, separators);
            hosts.push(self.host(start..end.unwrap_or(range.end), known));
            let Some(end) = end else { break };
            start = end + 1;
        }
        if hosts.len() > 1 && !lists {
            self.fault(FaultKind::MultipleHosts, Component::Host, range);
        }
        hosts
    }

    fn host(&mut self, range: Range<usize>, known: Option<&'static Scheme>) -> Host<'v> {
        if self.shape.get(range.start) == Some(&b'[') && !range.is_empty() {
            return self.bracketed(range);
        }
        let colon = self.find(range.clone(), b":");
        let (name, port) = match colon {
            Some(first) if self.find(first + 1..range.end, b":").is_some() => {
                self.many_colons(range.clone(), first, known)
            }
            Some(first) => (range.start..first, Some(first + 1..range.end)),
            None => (range.clone(), None),
        };
        self.percents(name.clone(), Component::Host);
        let (port_text, port) = self.port(port);
        Host { name: self.part(name), bracketed: false, zone: None, port_text, port }
    }

    /// An IPv6 address without brackets, or a list of ports, or nonsense.
    fn many_colons(
        &mut self,
        range: Range<usize>,
        first: usize,
        known: Option<&'static Scheme>,
    ) -> (Range<usize>, Option<Range<usize>>) {
        let last =
            self.shape[range.clone()].iter().rposition(|b| *b == b':').map_or(first, |i| range.start + i);
        let is_address = |r: Range<usize>| self.text[r].parse::<Ipv6Addr>().is_ok();
        let group = &self.text[last + 1..range.end];
        let usual = known.and_then(|k| k.port).is_some_and(|p| group == p.to_string());
        let splits = is_address(range.start..last) && (usual || !is_address(range.clone()));
        if splits || is_address(range.clone()) {
            let (name, port) =
                if splits { (range.start..last, Some(last + 1..range.end)) } else { (range, None) };
            let replacement = format!("[{}]", &self.text[name.clone()]);
            self.fault_as(FaultKind::Ipv6Unbracketed, Component::Host, name.clone(), Some(replacement));
            (name, port)
        } else {
            (range.start..first, Some(first + 1..range.end))
        }
    }

    fn bracketed(&mut self, range: Range<usize>) -> Host<'v> {
        let close = self.find(range.clone(), b"]");
        let inner = range.start + 1..close.unwrap_or(range.end);
        let zone_at = self.find(inner.clone(), b"%");
        let zone = zone_at.map(|at| {
            let mark = if self.text[at..inner.end].starts_with("%25") { 3 } else { 1 };
            self.part(at + mark..inner.end)
        });
        let name = self.part(inner.start..zone_at.unwrap_or(inner.end));
        let behind = close.map_or(range.end, |at| at + 1)..range.end;
        let is_port = behind.is_empty() || self.shape[behind.start] == b':';
        if close.is_none() || !is_port {
            let wrong = if close.is_none() { range.clone() } else { behind.clone() };
            self.fault(FaultKind::BracketMismatch, Component::Host, wrong);
        }
        let port = (is_port && !behind.is_empty()).then(|| behind.start + 1..behind.end);
        let (port_text, port) = self.port(port);
        Host { name, bracketed: true, zone, port_text, port }
    }

    fn port(&mut self, range: Option<Range<usize>>) -> (Option<Part<'v>>, Option<u16>) {
        let Some(range) = range else { return (None, None) };
        let part = self.part(range.clone());
        if part.placeholder || self.faults.len() >= MAX_FAULTS {
            return (Some(part), None);
        }
        let digits = part.raw.bytes().all(|b| b.is_ascii_digit());
        let number = part.raw.parse::<u16>().ok().filter(|n| *n > 0 && digits);
        let kind = match number {
            Some(_) => None,
            None if part.raw.trim().is_empty() => Some(FaultKind::PortEmpty),
            None if !digits => Some(FaultKind::PortNotANumber),
            None if part.raw.bytes().all(|b| b == b'0') => Some(FaultKind::PortZero),
            None => Some(FaultKind::PortOutOfRange),
        };
        match kind {
            Some(FaultKind::PortEmpty) => {
                let colon = range.start - 1..range.end;
                self.fault_as(FaultKind::PortEmpty, Component::Port, colon, Some(String::new()));
            }
            Some(kind) => self.fault(kind, Component::Port, range),
            None => {}
        }
        (Some(part), number)
    }
}
