//! Connection URIs, read so that every part can be pointed at and every mistake is named.
//!
//! Clients disagree about what a broken URI means, and many take it without a word: a raw `@` in a password makes one
//! client dial a wrong host and another one `localhost`. So the reader never fails. It finds the reading that the
//! writer most likely meant and lists as [`Fault`]s what stands in its way.
//!
//! The grammar is RFC 3986 with the additions of `schemes`; what templates will fill in (`placeholders`) is opaque.

mod authority;
mod placeholders;
pub mod schemes;

use std::borrow::Cow;
use std::ops::Range;

pub use placeholders::length_at as placeholder_length;
use placeholders::{HOLE, mask};
use schemes::{Parameters, Path, Scheme};

use crate::source::{Span, View};

/// More faults of one URI are not worth telling.
const MAX_FAULTS: usize = 64;

/// A part of a URI.
#[derive(Clone, Debug)]
pub struct Part<'v> {
    /// As written.
    pub raw: &'v str,
    /// Percent-decoded; triplets that are none stay as they are.
    pub text: Cow<'v, str>,
    /// Where it stands in the view.
    pub range: Range<usize>,
    /// Where it stands in the file.
    pub span: Span,
    /// A template fills in at least some of it.
    pub placeholder: bool,
}

/// A host of a URI.
#[derive(Clone, Debug)]
pub struct Host<'v> {
    /// Its name or address, without brackets and zone; may be empty.
    pub name: Part<'v>,
    /// True if brackets stand around it.
    pub bracketed: bool,
    /// The zone of an IPv6 address, behind `%25` or `%`.
    pub zone: Option<Part<'v>>,
    /// The port as written, which may be empty or no number.
    pub port_text: Option<Part<'v>>,
    /// The port, if it is a number from 1 to 65535.
    pub port: Option<u16>,
}

/// Whether a path is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathState {
    /// No `/` behind the host.
    Absent,
    /// A `/` and nothing behind it: for AMQP a virtual host without name, or the default one, as the client likes.
    Empty,
    /// A name.
    Named,
}

impl PathState {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            PathState::Absent => "absent",
            PathState::Empty => "empty",
            PathState::Named => "named",
        }
    }
}

/// A parameter of the query.
#[derive(Clone, Debug)]
pub struct Parameter<'v> {
    /// Its name.
    pub name: Part<'v>,
    /// What stands behind `=`, if there is one.
    pub value: Option<Part<'v>>,
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FaultKind {
    /// No `//` behind the scheme.
    MissingDoubleSlash,
    /// White space.
    Whitespace,
    /// A character that ends or parts the userinfo, raw within it: `@`, `/`, `?`, `#`, `[` or `]`.
    ReservedInUserinfo,
    /// A character that no URI may hold raw: `"<>\^|{}` and the backtick.
    IllegalCharacter,
    /// A second raw `:` in the userinfo.
    ColonInPassword,
    /// A `%` without two hexadecimal digits.
    BadPercent,
    /// A character outside ASCII in user or password, raw or encoded.
    NonAsciiCredential,
    /// A raw `+` in user, password or virtual host.
    PlusInCredential,
    /// An IPv6 address without brackets.
    Ipv6Unbracketed,
    /// A `[` without `]`, or something other than a port behind `]`.
    BracketMismatch,
    /// A port that is no number.
    PortNotANumber,
    /// A port above 65535.
    PortOutOfRange,
    /// Port 0.
    PortZero,
    /// A `:` without port.
    PortEmpty,
    /// Several hosts where one is read.
    MultipleHosts,
    /// A virtual host that begins with a raw `/`.
    DoubleSlashPath,
    /// A raw `/` inside a virtual host.
    MultiSegmentPath,
    /// A raw `/` at the end of a virtual host.
    TrailingSlashPath,
    /// Encoded twice, as in `%252F`.
    DoubleEncoded,
    /// A `#` and what is behind it.
    Fragment,
}

impl FaultKind {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            FaultKind::MissingDoubleSlash => "missing_double_slash",
            FaultKind::Whitespace => "whitespace",
            FaultKind::ReservedInUserinfo => "reserved_in_userinfo",
            FaultKind::IllegalCharacter => "illegal_character",
            FaultKind::ColonInPassword => "colon_in_password",
            FaultKind::BadPercent => "bad_percent",
            FaultKind::NonAsciiCredential => "non_ascii_credential",
            FaultKind::PlusInCredential => "plus_in_credential",
            FaultKind::Ipv6Unbracketed => "ipv6_unbracketed",
            FaultKind::BracketMismatch => "bracket_mismatch",
            FaultKind::PortNotANumber => "port_not_a_number",
            FaultKind::PortOutOfRange => "port_out_of_range",
            FaultKind::PortZero => "port_zero",
            FaultKind::PortEmpty => "port_empty",
            FaultKind::MultipleHosts => "multiple_hosts",
            FaultKind::DoubleSlashPath => "double_slash_path",
            FaultKind::MultiSegmentPath => "multi_segment_path",
            FaultKind::TrailingSlashPath => "trailing_slash_path",
            FaultKind::DoubleEncoded => "double_encoded",
            FaultKind::Fragment => "fragment",
        }
    }
}

/// Which part of the URI a fault lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Component {
    /// The scheme and what parts it from the rest.
    Scheme,
    /// The user.
    User,
    /// The password.
    Password,
    /// A host.
    Host,
    /// A port.
    Port,
    /// The path.
    Path,
    /// The query.
    Query,
    /// The fragment.
    Fragment,
}

impl Component {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Component::Scheme => "scheme",
            Component::User => "user",
            Component::Password => "password",
            Component::Host => "host",
            Component::Port => "port",
            Component::Path => "path",
            Component::Query => "query",
            Component::Fragment => "fragment",
        }
    }
}

/// Something wrong, and where.
#[derive(Clone, Debug)]
pub struct Fault {
    /// What.
    pub kind: FaultKind,
    /// In which part.
    pub component: Component,
    /// Where in the view.
    pub range: Range<usize>,
    /// Where in the file.
    pub span: Span,
    /// What to write there instead, when that is certain and shows nothing secret.
    pub replacement: Option<String>,
}

/// A connection URI.
#[derive(Clone, Debug)]
pub struct Uri<'v> {
    /// Where it stands, white space around it left out.
    pub span: Span,
    /// The scheme as written; absent in a bare `host:port`.
    pub scheme: Option<Part<'v>>,
    /// The scheme, if it is a known one.
    pub known: Option<&'static Scheme>,
    /// Everything before the `@`; absent if there is none.
    pub userinfo: Option<Part<'v>>,
    /// The user; may be empty.
    pub user: Option<Part<'v>>,
    /// The password; absent without `:`, and may be empty.
    pub password: Option<Part<'v>>,
    /// The hosts, at least one, whose name may be empty.
    pub hosts: Vec<Host<'v>>,
    /// See [`PathState`].
    pub path_state: PathState,
    /// What stands behind the `/`, up to query and fragment; absent if there is no `/`.
    pub path: Option<Part<'v>>,
    /// The path's segments.
    pub segments: Vec<Part<'v>>,
    /// The query's parameters.
    pub parameters: Vec<Parameter<'v>>,
    /// The query, its `?` left out.
    pub query: Option<Part<'v>>,
    /// The fragment, its `#` left out.
    pub fragment: Option<Part<'v>>,
    /// What is wrong, in the order of the places.
    pub faults: Vec<Fault>,
}

/// Reads a view that holds one URI and nothing else.
pub fn read<'v>(view: &'v View<'_>) -> Uri<'v> {
    let text: &'v str = &view.text;
    Reader { view, text, shape: mask(text), faults: Vec::new() }.uri()
}

struct Reader<'v, 'a> {
    view: &'v View<'a>,
    text: &'v str,
    /// The text's bytes, with what templates fill in replaced by [`HOLE`]. Structure is read from it alone.
    shape: Vec<u8>,
    faults: Vec<Fault>,
}

impl<'v> Reader<'v, '_> {
    fn uri(mut self) -> Uri<'v> {
        let whole = self.view.trim_range(0..self.text.len());
        for outside in [0..whole.start, whole.end..self.text.len()] {
            if !outside.is_empty() {
                self.fault_as(FaultKind::Whitespace, Component::Scheme, outside, Some(String::new()));
            }
        }
        let (scheme, known, rest) = self.scheme(whole.clone());
        let authority = authority::Bounds::find(&self.shape, rest..whole.end, known);
        let userinfo = authority.userinfo.clone().map(|r| self.part(r));
        let (user, password) = self.credentials(authority.userinfo.clone());
        let hosts = self.hosts(authority.hosts.clone(), known);

        let fragment_at = self.find(authority.hosts.end..whole.end, b"#").unwrap_or(whole.end);
        let mark: &[u8] = match known.map(|k| k.parameters) {
            Some(Parameters::Semicolons) => b";",
            _ => b"?",
        };
        let query_at = self.find(authority.hosts.end..fragment_at, mark).unwrap_or(fragment_at);
        let (path_state, path, segments) = self.path(authority.hosts.end..query_at, known);
        let query = (query_at < fragment_at).then(|| self.part(query_at + 1..fragment_at));
        let parameters = query.as_ref().map(|q| self.parameters(q.range.clone(), mark)).unwrap_or_default();
        let fragment = (fragment_at < whole.end).then(|| self.part(fragment_at + 1..whole.end));
        if fragment.is_some() && known.is_none_or(|k| k.path != Path::Resource) {
            self.fault(FaultKind::Fragment, Component::Fragment, fragment_at..whole.end);
        }
        self.whitespace(whole.clone(), &authority);
        self.faults.sort_by_key(|f| (f.range.start, f.kind));
        Uri {
            span: self.view.span(whole),
            scheme,
            known,
            userinfo,
            user,
            password,
            hosts,
            path_state,
            path,
            segments,
            parameters,
            query,
            fragment,
            faults: self.faults,
        }
    }

    /// The scheme and where the authority begins.
    fn scheme(&mut self, whole: Range<usize>) -> (Option<Part<'v>>, Option<&'static Scheme>, usize) {
        let text = &self.text[whole.clone()];
        let (length, slashes) = match scheme_length(text) {
            Some(length) => (length, 2),
            // A known scheme without `//`, perhaps with one slash.
            None => match text.find(':').filter(|at| schemes::find(&text[..*at]).is_some()) {
                Some(at) => (at, usize::from(text[at + 1..].starts_with('/'))),
                None => return (None, None, whole.start),
            },
        };
        let end = whole.start + length;
        let rest = end + 1 + slashes;
        if slashes < 2 {
            self.fault_as(FaultKind::MissingDoubleSlash, Component::Scheme, end..rest, Some("://".into()));
        }
        let part = self.part(whole.start..end);
        let known = schemes::find(part.raw);
        (Some(part), known, rest)
    }

    fn path(
        &mut self,
        range: Range<usize>,
        known: Option<&'static Scheme>,
    ) -> (PathState, Option<Part<'v>>, Vec<Part<'v>>) {
        // Only a `/` begins a path; anything else here ended the authority as query or fragment.
        if range.is_empty() || self.shape[range.start] != b'/' {
            return (PathState::Absent, None, Vec::new());
        }
        let inner = range.start + 1..range.end;
        let part = self.part(inner.clone());
        let segments = self.split(inner.clone(), b'/');
        if known.is_some_and(|k| k.path == Path::VirtualHost) {
            self.virtual_host(&inner);
        }
        self.percents(inner.clone(), Component::Path);
        let state = if inner.is_empty() { PathState::Empty } else { PathState::Named };
        (state, Some(part), segments.into_iter().map(|r| self.part(r)).collect())
    }

    /// What a single name may not look like.
    fn virtual_host(&mut self, inner: &Range<usize>) {
        let shape = &self.shape[inner.clone()];
        let slashes: Vec<usize> =
            shape.iter().enumerate().filter(|(_, b)| **b == b'/').map(|(i, _)| inner.start + i).collect();
        let encoded = || Some("%2F".to_owned());
        let (first, last) = (inner.start, inner.end.saturating_sub(1));
        for at in slashes.into_iter().take(MAX_FAULTS) {
            if at == first {
                self.fault_as(FaultKind::DoubleSlashPath, Component::Path, at..at + 1, encoded());
            } else if at == last {
                self.fault_as(FaultKind::TrailingSlashPath, Component::Path, at..at + 1, Some(String::new()));
            } else {
                self.fault_as(FaultKind::MultiSegmentPath, Component::Path, at..at + 1, encoded());
            }
        }
        self.twice_encoded(inner.clone(), Component::Path, &[*b"2F"]);
        self.each(inner.clone(), |b| b == b'+', FaultKind::PlusInCredential, Component::Path);
    }

    fn parameters(&mut self, range: Range<usize>, mark: &[u8]) -> Vec<Parameter<'v>> {
        self.percents(range.clone(), Component::Query);
        let separator = if mark == b";" { b';' } else { b'&' };
        let pieces = self.split(range, separator);
        pieces
            .into_iter()
            .filter(|piece| !piece.is_empty())
            .map(|piece| {
                let equals = self.find(piece.clone(), b"=");
                let name = self.part(piece.start..equals.unwrap_or(piece.end));
                Parameter { name, value: equals.map(|at| self.part(at + 1..piece.end)) }
            })
            .collect()
    }

    /// White space within the URI.
    fn whitespace(&mut self, whole: Range<usize>, authority: &authority::Bounds) {
        let mut at = whole.start;
        while at < whole.end && self.faults.len() < MAX_FAULTS {
            let length: usize =
                self.text[at..whole.end].chars().take_while(|c| c.is_whitespace()).map(char::len_utf8).sum();
            if length > 0 && self.shape[at] != HOLE {
                let component = authority.component(at);
                let replacement = (&self.text[at..at + length] == " ").then(|| "%20".to_owned());
                self.fault_as(FaultKind::Whitespace, component, at..at + length, replacement);
            }
            at += length;
            at += self.text[at..whole.end].find(char::is_whitespace).unwrap_or(whole.end - at);
        }
    }

    fn part(&self, range: Range<usize>) -> Part<'v> {
        let raw = &self.text[range.clone()];
        let shape = &self.shape[range.clone()];
        Part {
            raw,
            text: decode(raw, shape),
            span: self.view.span(range.clone()),
            placeholder: shape.contains(&HOLE),
            range,
        }
    }

    fn split(&self, range: Range<usize>, separator: u8) -> Vec<Range<usize>> {
        let mut start = range.start;
        let mut pieces = Vec::new();
        while let Some(at) = self.find(start..range.end, &[separator]) {
            pieces.push(start..at);
            start = at + 1;
        }
        pieces.push(start..range.end);
        pieces
    }

    /// First place of any of some bytes outside holes.
    fn find(&self, range: Range<usize>, any: &[u8]) -> Option<usize> {
        self.shape[range.clone()].iter().position(|b| any.contains(b)).map(|i| range.start + i)
    }

    fn fault(&mut self, kind: FaultKind, component: Component, range: Range<usize>) {
        self.fault_as(kind, component, range, None);
    }

    fn fault_as(
        &mut self,
        kind: FaultKind,
        component: Component,
        range: Range<usize>,
        replacement: Option<String>,
    ) {
        if self.faults.len() < MAX_FAULTS {
            let span = self.view.span(range.clone());
            self.faults.push(Fault { kind, component, range, span, replacement });
        }
    }

    /// A fault for each byte of a sort, to be percent-encoded.
    fn each(&mut self, range: Range<usize>, wrong: fn(u8) -> bool, kind: FaultKind, component: Component) {
        for at in range {
            let byte = self.shape[at];
            if byte != HOLE && wrong(byte) {
                self.fault_as(kind, component, at..at + 1, Some(format!("%{byte:02X}")));
            }
        }
    }

    /// Every `%` outside holes must be followed by two hexadecimal digits.
    fn percents(&mut self, range: Range<usize>, component: Component) {
        for at in range.clone() {
            if self.shape[at] == b'%' && triplet(&self.shape[at..range.end]).is_none() {
                self.fault_as(FaultKind::BadPercent, component, at..at + 1, Some("%25".into()));
            }
        }
    }

    /// `%25` before what is a triplet again, for the characters that have to be encoded in this component.
    fn twice_encoded(&mut self, range: Range<usize>, component: Component, encoded: &[[u8; 2]]) {
        for at in range.clone() {
            let shape = &self.shape[at..range.end];
            let [b'%', b'2', b'5', a, b, ..] = shape else { continue };
            if encoded.contains(&[a.to_ascii_uppercase(), b.to_ascii_uppercase()]) {
                let once = format!("%{}{}", char::from(*a), char::from(*b));
                self.fault_as(FaultKind::DoubleEncoded, component, at..at + 5, Some(once));
            }
        }
    }
}

/// Length of a scheme that `://` follows. JDBC puts its own before the driver's: `jdbc:mysql://`.
pub fn scheme_length(text: &str) -> Option<usize> {
    /// No scheme in use is nearly as long.
    const MAX_SCHEME: usize = 64;
    let head = crate::source::floor_boundary(text, MAX_SCHEME);
    let end = text[..head].find("://")?;
    let name = text[..end].strip_prefix("jdbc:").unwrap_or(&text[..end]);
    let jdbc = name.len() < end;
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-') || (jdbc && c == ':');
    (name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits)).then_some(end)
}

/// The byte of a triplet at the beginning.
fn triplet(bytes: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = bytes else { return None };
    let digit = |b: u8| char::from(b).to_digit(16);
    Some((digit(*high)? * 16 + digit(*low)?) as u8)
}

/// Percent-decodes outside holes; bytes that are no UTF-8 become U+FFFD.
fn decode<'v>(raw: &'v str, shape: &[u8]) -> Cow<'v, str> {
    if !shape.contains(&b'%') {
        return Cow::Borrowed(raw);
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        match triplet(&shape[at..]) {
            Some(byte) => {
                bytes.push(byte);
                at += 3;
            }
            None => {
                bytes.push(raw.as_bytes()[at]);
                at += 1;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests;
