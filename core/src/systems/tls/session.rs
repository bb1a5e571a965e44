//! What `openssl s_client` printed of a connection.

use std::sync::OnceLock;

use super::certificate::Certificate;
use super::facts::{Placed, add};
use crate::facts::kinds::tls::{certificate as cert, session, verify_error};
use crate::facts::{Fact, FactId, Value};
use crate::source::{Source, Span, View};
use crate::syntax::pem;
use crate::systems::{FileKind, Match, Reading};

/// The output of `openssl s_client`.
pub static S_CLIENT: FileKind = FileKind {
    name: "openssl-s-client",
    doc: "Output of `openssl s_client`, as a whole or in part",
    recognise,
    read,
};

/// Lines that nothing else prints, one of which is enough.
const SIGNS: &[&str] = &["Verify return code: ", "SSL handshake has read ", "Cipher is (NONE)"];

fn recognise(source: &Source) -> Match {
    let text = &source.text;
    let signs = SIGNS.iter().filter(|s| text.contains(**s)).count();
    let name = source.base_name();
    let prose = [".md", ".markdown", ".rst", ".html", ".adoc"].iter().any(|e| name.ends_with(e));
    match signs {
        0 => Match::No,
        _ if prose => Match::No,
        1 => Match::Likely,
        _ => Match::Sure,
    }
}

/// Sessions in one text: each begins with its connection and ends with its return code.
const MOST_SESSIONS: usize = 200;

/// An OpenSSL verify return code.
pub struct VerifyCode {
    /// Its number.
    pub code: i64,
    /// What OpenSSL prints.
    pub text: &'static str,
    /// The usual cause.
    pub cause: &'static str,
    /// What mends it.
    pub mend: &'static str,
}

/// A TLS alert.
pub struct Alert {
    /// Its number.
    pub number: i64,
    /// Its name in RFC 8446.
    pub name: &'static str,
    /// What it usually means.
    pub cause: &'static str,
}

/// Lines of tab-separated columns, comments left out.
fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(|l| l.split('\t').collect())
}

/// Every verify return code, by number; codes whose meaning moved stand there once for each.
pub fn verify_codes() -> &'static [VerifyCode] {
    static CODES: OnceLock<Vec<VerifyCode>> = OnceLock::new();
    CODES.get_or_init(|| {
        rows(include_str!("../../../data/openssl-verify-codes.tsv"))
            .filter_map(|row| match row[..] {
                [code, text, cause, mend] => Some(VerifyCode { code: code.parse().ok()?, text, cause, mend }),
                _ => None,
            })
            .collect()
    })
}

/// Every alert that ends a handshake.
pub fn alerts() -> &'static [Alert] {
    static ALERTS: OnceLock<Vec<Alert>> = OnceLock::new();
    ALERTS.get_or_init(|| {
        rows(include_str!("../../../data/tls-alerts.tsv"))
            .filter_map(|row| match row[..] {
                [number, name, cause] => Some(Alert { number: number.parse().ok()?, name, cause }),
                _ => None,
            })
            .collect()
    })
}

/// The meaning of a code: by number and text together, since 24 changed its meaning in OpenSSL 3.0.
pub fn verify_code(code: i64, text: &str) -> Option<&'static VerifyCode> {
    let plain = |t: &str| t.to_ascii_lowercase().replace('-', " ");
    let of = |c: &&VerifyCode| c.code == code;
    let mut same = verify_codes().iter().filter(of);
    let exact = verify_codes().iter().filter(of).find(|c| plain(c.text) == plain(text));
    exact.or_else(|| same.next())
}

/// A line `verify error`.
struct VerifyError {
    code: i64,
    text: String,
    depth: Option<i64>,
    subject: String,
    span: Span,
}

/// Lines `verify error` of one run that are kept; each certificate of a chain has a few.
const MOST_ERRORS: usize = 50;

/// Errors that one missing authority causes, one after the other (X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT and its kin).
const MISSING_ISSUER: [i64; 4] = [2, 20, 21, 27];

/// One run of the program, as far as it is there.
#[derive(Default)]
struct Run {
    start: usize,
    connected: bool,
    code: Option<(i64, String, Span)>,
    claims_ok: Option<Span>,
    protocol: Option<(String, Span)>,
    attempted: Option<(String, Span)>,
    cipher: Option<(String, Span)>,
    no_cipher: bool,
    no_certificate: bool,
    alert: Option<(i64, Span)>,
    error: Option<(String, Span)>,
    depth: Option<(i64, String)>,
    verify_errors: Vec<VerifyError>,
    time: Option<(i64, Span)>,
    name_checked: bool,
    no_server_name: Option<Span>,
    client_asked: bool,
    key_bits: Option<i64>,
    temporary: Option<String>,
    digest: Option<String>,
    secrets: Vec<Span>,
    chain: i64,
    host: Option<(String, Span)>,
    ends: bool,
}

fn read(view: &View<'_>, out: &mut Reading) {
    let text: &str = &view.text;
    let blocks = pem::blocks(text);
    for block in blocks.iter().filter(|b| b.is_private()) {
        out.secrets.push(view.span(block.body.clone()));
    }
    let mut runs = vec![Run::default()];
    let mut at = 0;
    let mut ticket = false;
    for raw in text.split_inclusive('\n') {
        let start = at;
        at += raw.len();
        let line = raw.trim_end();
        // A block of base64 has nothing to say here.
        if blocks.iter().any(|b| b.range.start < start && start < b.range.end) {
            continue;
        }
        let begins = line.starts_with("CONNECTED(") || line.contains("openssl s_client");
        let over = runs.last().is_some_and(|r| r.ends || r.connected && line.starts_with("CONNECTED("));
        if begins && over && runs.len() < MOST_SESSIONS {
            runs.push(Run { start, ..Run::default() });
        }
        if let Some(run) = runs.last_mut() {
            run.line(view, start, line, &mut ticket);
        }
    }
    for (i, run) in runs.iter().enumerate() {
        let end = runs.get(i + 1).map_or(text.len(), |next| next.start);
        out.secrets.extend(run.secrets.iter().copied());
        let mut seen = Vec::new();
        let mut certificates = Vec::new();
        for block in
            blocks.iter().filter(|b| b.label == "CERTIFICATE" && (run.start..end).contains(&b.begin.start))
        {
            let span = view.span(block.begin.clone());
            // The leaf is printed in the chain and again by itself.
            match Certificate::parse(&block.bytes) {
                Some((certificate, trailing)) if !seen.contains(&certificate.fingerprint) => {
                    seen.push(certificate.fingerprint.clone());
                    certificates.push(Placed { certificate, span, trailing });
                }
                Some(_) => {}
                None => out.notice(span, "this certificate is cut off or changed and cannot be read"),
            }
        }
        let ids = add(certificates, Vec::new(), true, out);
        if let Some((time, span)) = run.time {
            for id in &ids {
                out.facts.get_mut(*id).write(cert::seen, Value::Time(time), span);
            }
        }
        if let Some(mut fact) = run.fact() {
            if let Some(first) = ids.first() {
                let span = out.facts.get(*first).span;
                fact.write(session::certificate, Value::Record(*first), span);
                fact.derive(session::certificate_shown, Value::Bool(true));
            }
            let id = out.facts.add(fact);
            for error in run.errors(id) {
                out.facts.add(error);
            }
        }
    }
}

/// What follows a label in a line.
fn after<'l>(line: &'l str, label: &str) -> Option<&'l str> {
    line.trim_start().strip_prefix(label)
}

/// `20 (unable to get local issuer certificate)`.
fn code_of(text: &str) -> Option<(i64, &str)> {
    let (number, rest) = text.trim().split_once(' ')?;
    Some((number.parse().ok()?, rest.trim().strip_prefix('(')?.strip_suffix(')')?))
}

impl Run {
    fn line(&mut self, view: &View<'_>, start: usize, line: &str, ticket: &mut bool) {
        let place = |part: &str| {
            let offset = line.find(part).unwrap_or_default();
            view.span(start + offset..start + offset + part.len())
        };
        // The dump of a session ticket: `0000 - 12 38 …`.
        if *ticket && line.trim_start().get(4..7) == Some(" - ") {
            self.secrets.push(view.span(start..start + line.len()));
            return;
        }
        *ticket = line.contains("TLS session ticket:");
        for label in ["Master-Key:", "Resumption PSK:"] {
            if let Some(rest) = after(line, label).map(str::trim).filter(|r| r.len() >= 16) {
                self.secrets.push(place(rest));
            }
        }
        if let Some(at) = line.find("openssl s_client") {
            self.command(view, start, line, at);
        } else if let Some(rest) = after(line, "Verify return code: ") {
            if let Some((code, text)) = code_of(rest) {
                self.code = Some((code, text.to_owned(), place(rest.trim())));
            }
            self.ends = true;
        } else if line.trim() == "Verification: OK" {
            self.claims_ok = Some(place("Verification: OK"));
        } else if let Some((protocol, cipher)) = line
            .split_once(", Cipher is ")
            .filter(|(l, _)| l.starts_with("New, ") || l.starts_with("Reused, "))
        {
            let protocol = protocol.split_once(", ").map_or("", |p| p.1);
            if cipher == "(NONE)" {
                self.no_cipher = true;
            } else {
                self.protocol = Some((protocol.to_owned(), place(protocol)));
                self.cipher = Some((cipher.to_owned(), place(cipher)));
            }
        } else if let Some(rest) = after(line, "Protocol  : ").or_else(|| after(line, "Protocol: ")) {
            self.attempted = Some((rest.to_owned(), place(rest)));
        } else if let Some(rest) = after(line, "Cipher    : ") {
            if rest.bytes().all(|b| b == b'0') {
                self.no_cipher = true;
            } else if self.cipher.is_none() {
                self.cipher = Some((rest.to_owned(), place(rest)));
            }
        } else {
            self.other(line, start, view);
        }
    }

    fn other(&mut self, line: &str, start: usize, view: &View<'_>) {
        let whole = || view.span(start..start + line.len());
        let bare = line.trim();
        if bare.starts_with("CONNECTED(") {
            self.connected = true;
        } else if bare == "no peer certificate available" {
            self.no_certificate = true;
        } else if let Some(rest) = bare.strip_prefix("depth=") {
            let (depth, subject) = rest.split_once(' ').unwrap_or((rest, ""));
            self.depth = depth.parse().ok().map(|d| (d, subject.to_owned()));
        } else if let Some(rest) = bare.strip_prefix("verify error:num=") {
            let (code, text) = rest.split_once(':').unwrap_or((rest, ""));
            if let (Ok(code), true) = (code.parse(), self.verify_errors.len() < MOST_ERRORS) {
                let (depth, subject) = self.depth.clone().unzip();
                let subject = subject.unwrap_or_default();
                self.verify_errors.push(VerifyError {
                    code,
                    text: text.to_owned(),
                    depth,
                    subject,
                    span: whole(),
                });
            }
        } else if let Some(rest) = bare.strip_prefix("Start Time: ") {
            let time = rest.parse().ok().filter(|t| *t > 0);
            self.time = self.time.or_else(|| Some((time?, whole())));
        } else if bare.starts_with("Verified peername:") {
            self.name_checked = true;
        } else if bare.contains("Can't use SSL_get_servername") {
            self.no_server_name = Some(whole());
        } else if bare == "Acceptable client certificate CA names" {
            self.client_asked = true;
        } else if let Some(rest) = bare.strip_prefix("Server public key is ") {
            self.key_bits = rest.split(' ').next().and_then(|n| n.parse().ok());
        } else if let Some(rest) = ["Server Temp Key: ", "Peer Temp Key: ", "Negotiated TLS1.3 group: "]
            .iter()
            .find_map(|l| bare.strip_prefix(l))
        {
            self.temporary = Some(rest.to_owned());
        } else if let Some(rest) = bare.strip_prefix("Peer signing digest: ") {
            self.digest = Some(rest.to_owned());
        } else if let Some((_, rest)) = bare.split_once("SSL alert number ") {
            let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
            self.alert = number.parse().ok().map(|n| (n, whole()));
        } else if bare.contains(":SSL routines:") && self.error.is_none() {
            // `…:error:1408F10B:SSL routines:ssl3_get_record:wrong version number:…`
            let reason = bare.split(':').skip_while(|p| *p != "SSL routines").nth(2).unwrap_or_default();
            self.error = Some((reason.to_owned(), whole()));
        } else if bare
            .strip_prefix(|c: char| c.is_ascii_digit())
            .is_some_and(|r| r.trim_start().starts_with("s:"))
        {
            self.chain += 1;
        }
    }

    fn command(&mut self, view: &View<'_>, start: usize, line: &str, at: usize) {
        let command = line.get(at..).unwrap_or_default();
        self.name_checked |= command.contains("-verify_hostname") || command.contains("-verify_ip");
        let mut words = command.split_whitespace();
        while let Some(word) = words.next() {
            let value = if word == "-connect" { words.next() } else { None };
            let Some(value) = value.map(|v| v.trim_matches(['"', '\''])) else { continue };
            let host = value.rsplit_once(':').map_or(value, |(h, _)| h);
            let offset = line.find(value).unwrap_or_default();
            self.host = Some((host.to_owned(), view.span(start + offset..start + offset + host.len())));
        }
    }

    /// Facts of the errors that were passed over on the way, each once.
    fn errors(&self, of: FactId) -> Vec<Fact> {
        let cause = |code: i64| if MISSING_ISSUER.contains(&code) { MISSING_ISSUER[0] } else { code };
        let outcome = self.code.as_ref().map(|c| cause(c.0));
        let mut told: Vec<(i64, Option<i64>)> = Vec::new();
        let mut found = Vec::new();
        for error in &self.verify_errors {
            let key = (cause(error.code), error.depth);
            if told.contains(&key) {
                continue;
            }
            told.push(key);
            let mut fact = Fact::new(&verify_error::KIND, error.span);
            fact.derive(verify_error::session, Value::Record(of));
            fact.write(verify_error::code, Value::Int(error.code), error.span);
            fact.write(verify_error::text, Value::text(&error.text), error.span);
            if let Some(known) = verify_code(error.code, &error.text) {
                fact.derive(verify_error::cause, Value::text(known.cause));
                fact.derive(verify_error::mend, Value::text(known.mend));
            }
            if let Some(depth) = error.depth {
                fact.derive(verify_error::depth, Value::Int(depth));
            }
            fact.derive(verify_error::subject, Value::text(&error.subject));
            if let Some(outcome) = outcome {
                fact.derive(verify_error::decides, Value::Bool(outcome == key.0));
            }
            found.push(fact);
        }
        found
    }

    /// The fact, if any of it is there.
    fn fact(&self) -> Option<Fact> {
        let said = [
            self.code.as_ref().map(|c| c.2),
            self.claims_ok,
            self.protocol.as_ref().map(|p| p.1),
            self.attempted.as_ref().map(|p| p.1),
            self.cipher.as_ref().map(|c| c.1),
            self.error.as_ref().map(|e| e.1),
            self.alert.map(|a| a.1),
        ];
        let span = said.into_iter().flatten().next()?;
        let mut fact = Fact::new(&session::KIND, span);
        fact.derive(session::connected, Value::Bool(self.connected));
        if let Some((code, text, span)) = &self.code {
            fact.write(session::verify_code, Value::Int(*code), *span);
            fact.write(session::verify_text, Value::text(text), *span);
            if let Some(known) = verify_code(*code, text) {
                fact.derive(session::verify_cause, Value::text(known.cause));
                fact.derive(session::verify_mend, Value::text(known.mend));
            }
        }
        let decides = |e: &&VerifyError| self.code.as_ref().is_none_or(|c| c.0 == e.code);
        if let Some(error) = self.verify_errors.iter().find(decides) {
            if let Some(depth) = error.depth {
                fact.derive(session::verify_depth, Value::Int(depth));
            }
            fact.derive(session::verify_subject, Value::text(&error.subject));
        }
        if let Some((time, span)) = self.time {
            fact.write(session::time, Value::Time(time), span);
        }
        let claims = self.claims_ok.is_some() || self.code.as_ref().is_some_and(|c| c.0 == 0);
        fact.derive(session::claims_ok, Value::Bool(claims));
        let done = self.cipher.is_some();
        if done || self.no_cipher {
            fact.derive(session::handshake, Value::Bool(done));
        }
        if self.no_certificate || self.no_cipher && !done {
            fact.derive(session::certificate_shown, Value::Bool(false));
        }
        if let Some((protocol, span)) = self.protocol.as_ref().or(self.attempted.as_ref()) {
            fact.write(session::protocol, Value::text(protocol), *span);
        }
        if let Some((cipher, span)) = &self.cipher {
            fact.write(session::cipher, Value::text(cipher), *span);
        }
        if let Some((number, span)) = self.alert {
            fact.write(session::alert, Value::Int(number), span);
            if let Some(known) = alerts().iter().find(|a| a.number == number) {
                fact.derive(session::alert_text, Value::text(known.name));
                fact.derive(session::alert_cause, Value::text(known.cause));
            }
        }
        if let Some((error, span)) = &self.error {
            fact.write(session::error, Value::text(error), *span);
        }
        if let Some(span) = self.no_server_name {
            fact.write(session::server_name_sent, Value::Bool(false), span);
        }
        if let Some((host, span)) = &self.host {
            fact.write(session::host, Value::text(host), *span);
        }
        let shows = self.secrets.first().copied();
        if let Some(span) = shows {
            fact.write(session::shows_secrets, Value::Bool(true), span);
        }
        fact.derive(session::name_checked, Value::Bool(self.name_checked));
        fact.derive(session::client_certificate_asked, Value::Bool(self.client_asked));
        if self.chain > 0 {
            fact.derive(session::chain_length, Value::Int(self.chain));
        }
        if let Some(bits) = self.key_bits {
            fact.derive(session::server_key_bits, Value::Int(bits));
        }
        if let Some(key) = &self.temporary {
            fact.derive(session::temporary_key, Value::text(key));
        }
        if let Some(digest) = &self.digest {
            fact.derive(session::signing_digest, Value::text(digest));
        }
        Some(fact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_explained() {
        let codes: Vec<i64> = verify_codes().iter().map(|c| c.code).collect();
        // 8, 17, 33, 35 to 38, 40, 44 to 46 and so on have a meaning too: none is left out.
        for code in 0..=104 {
            assert!(codes.contains(&code), "{code}");
        }
        assert!(verify_codes().iter().all(|c| !c.cause.is_empty() && !c.mend.is_empty()));
        assert_eq!(verify_code(24, "invalid CA certificate").map(|c| c.text), Some("invalid CA certificate"));
        assert_eq!(
            verify_code(18, "self signed certificate").map(|c| c.text),
            Some("self-signed certificate")
        );
        assert!(verify_code(999, "").is_none());
        assert!(alerts().iter().any(|a| a.number == 116 && a.name == "certificate_required"));
    }
}
