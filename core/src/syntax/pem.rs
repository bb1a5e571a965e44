//! PEM blocks (RFC 7468), as files hold them and as people paste them.
//!
//! Libraries lose a block, and sometimes its neighbour, over an indentation, a missing end line or a `\n` that stands
//! there as two characters. This reader finds every block, decodes what can be decoded, and names what other readers
//! stumble over.

use std::ops::Range;

/// What other readers stumble over in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The text or the next block comes before an end line.
    Truncated,
    /// The end line carries another label than the beginning.
    LabelMismatch,
    /// The next block begins on the end line.
    Glued,
    /// White space, `>` or quotes stand before the lines.
    Prefixed,
    /// Line ends stand there as the two characters `\n`, or as spaces.
    OneLine,
    /// What stands between the lines is not base64.
    NotBase64,
    /// The begin line has other dashes than five hyphens.
    Dashes,
}

impl Fault {
    /// The word that conditions compare with.
    pub fn as_str(self) -> &'static str {
        match self {
            Fault::Truncated => "truncated",
            Fault::LabelMismatch => "label_mismatch",
            Fault::Glued => "glued",
            Fault::Prefixed => "prefixed",
            Fault::OneLine => "one_line",
            Fault::NotBase64 => "not_base64",
            Fault::Dashes => "dashes",
        }
    }
}

/// A block.
#[derive(Clone, PartialEq, Eq)]
pub struct Block {
    /// What the begin line says: `CERTIFICATE`.
    pub label: String,
    /// From the begin line to the end line, in bytes of the text.
    pub range: Range<usize>,
    /// The begin line.
    pub begin: Range<usize>,
    /// Between the two lines.
    pub body: Range<usize>,
    /// What the base64 stands for; empty when it cannot be decoded, or is encrypted.
    pub bytes: Vec<u8>,
    /// True if headers say that the content is encrypted (RFC 1421).
    pub encrypted: bool,
    /// What other readers stumble over.
    pub faults: Vec<Fault>,
}

impl Block {
    /// True if it holds a private key.
    pub fn is_private(&self) -> bool {
        self.label.contains("PRIVATE KEY")
    }
}

impl std::fmt::Debug for Block {
    /// Without content: it may be a key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Block")
            .field("label", &self.label)
            .field("range", &self.range)
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// Longest label that is taken for one; the longest in use is `X9.42 DH PARAMETERS`.
const MAX_LABEL: usize = 40;

/// Blocks beyond this many are not read: the largest trust stores hold a few hundred.
pub const MAX_BLOCKS: usize = 10_000;

/// All blocks of a text, in their order.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = text.get(at..).and_then(|t| t.find(BEGIN)).map(|n| at + n) {
        if found.len() >= MAX_BLOCKS {
            break;
        }
        let label_start = start + BEGIN.len();
        let Some((label, after)) = label(text, label_start) else {
            at = label_start;
            continue;
        };
        let block = block(text, start, label, after);
        at = block.range.end.max(label_start);
        found.push(block);
    }
    found
}

/// The label that stands at `from` and the byte behind its dashes.
fn label(text: &str, from: usize) -> Option<(&str, usize)> {
    let rest = text.get(from..)?;
    let length = rest.find(DASHES)?;
    let label = rest.get(..length)?;
    let plain = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b' ' | b'.' | b'#');
    let fine = length <= MAX_LABEL && length > 0 && label.bytes().all(plain);
    fine.then_some((label, from + length + DASHES.len()))
}

fn block(text: &str, start: usize, label_text: &str, after: usize) -> Block {
    let mut faults = Vec::new();
    let rest = text.get(after..).unwrap_or_default();
    let limit = rest.find(BEGIN).unwrap_or(rest.len());
    let (body, end) = match rest.get(..limit).and_then(|r| r.find(END)) {
        Some(n) => {
            let end_at = after + n;
            match label(text, end_at + END.len()) {
                Some((end_label, end)) if end <= after + limit => {
                    if end_label != label_text {
                        faults.push(Fault::LabelMismatch);
                    }
                    if text.get(end..).is_some_and(|t| t.starts_with(DASHES)) {
                        faults.push(Fault::Glued);
                    }
                    (after..end_at, end)
                }
                _ => {
                    faults.push(Fault::Truncated);
                    let line =
                        text.get(end_at..).and_then(|t| t.find('\n')).map_or(text.len(), |n| end_at + n);
                    (after..end_at, line.min(after + limit))
                }
            }
        }
        None => {
            faults.push(Fault::Truncated);
            let end = after + base64_end(rest.get(..limit).unwrap_or_default());
            (after..end, end)
        }
    };
    let inner = text.get(body.clone()).unwrap_or_default();
    let line_start = text.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let before = text.get(line_start..start).unwrap_or_default();
    if !before.is_empty() && !before.ends_with(DASHES) && before != "\u{feff}" {
        faults.push(Fault::Prefixed);
    }
    let mut content = Content::default();
    content.read(inner);
    if content.one_line {
        faults.push(Fault::OneLine);
    }
    let bytes = if content.encrypted { Some(Vec::new()) } else { decode(&content.base64) };
    if bytes.is_none() && !content.base64.is_empty() && !faults.contains(&Fault::Truncated) {
        faults.push(Fault::NotBase64);
    }
    faults.sort();
    Block {
        label: label_text.to_owned(),
        range: start..end,
        begin: start..after,
        body,
        bytes: bytes.unwrap_or_default(),
        encrypted: content.encrypted,
        faults,
    }
}

/// Where lines of base64 stop in a text that has no end line.
fn base64_end(rest: &str) -> usize {
    let mut end = 0;
    for line in rest.split_inclusive('\n') {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=');
        if !line.trim().bytes().all(plain) {
            break;
        }
        end += line.len();
    }
    rest.get(..end).map_or(0, |r| r.trim_end().len())
}

#[derive(Default)]
struct Content {
    base64: String,
    encrypted: bool,
    one_line: bool,
}

impl Content {
    fn read(&mut self, inner: &str) {
        let escaped = inner.contains("\\n") || inner.contains("\\r");
        let line_ends = inner.trim().contains(['\n', '\r']);
        // 64 characters a line; a block of one line is no fault by itself, one whose line ends became spaces is.
        self.one_line = !line_ends && (escaped || inner.trim().contains(' '));
        let mut headers = false;
        for line in inner.split(['\n', '\r']).map(bare).flat_map(|line| line.split("\\n")) {
            let line = line.trim_end_matches("\\r");
            if line.contains(':') {
                headers = true;
                self.encrypted |= line.contains("ENCRYPTED");
            } else if headers && line.starts_with([' ', '\t']) {
                // A folded header.
            } else {
                self.base64.extend(line.chars().filter(|c| !c.is_whitespace()));
            }
        }
    }
}

/// A line without quotation marks, comment signs and what joins string literals in source code.
fn bare(line: &str) -> &str {
    let line = line.trim().trim_start_matches(['>', '#', '|', '*', ' ', '\t']);
    if let Some(open) = line.find(['"', '\'']) {
        let rest = line.get(open + 1..).unwrap_or_default();
        return match rest.rfind(['"', '\'']) {
            Some(close) => rest.get(..close).unwrap_or_default(),
            // Only one: it opens the text or closes it.
            None if open == 0 => rest.trim_end_matches('\\'),
            None => line.get(..open).unwrap_or_default(),
        };
    }
    line.trim_end_matches(['\\', ',', ';']).trim()
}

/// Decodes base64 with or without padding; `None` for anything else.
pub fn decode(base64: &str) -> Option<Vec<u8>> {
    let bare = base64.trim_end_matches('=');
    if bare.is_empty() {
        return None;
    }
    data_encoding::BASE64_NOPAD.decode(bare.as_bytes()).ok()
}

/// Text of a block: 64 characters a line.
pub fn encode(label: &str, bytes: &[u8]) -> String {
    const LINE: usize = 64;
    let base64 = data_encoding::BASE64.encode(bytes);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(LINE));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text.push_str(END);
    text.push_str(label);
    text.push_str(DASHES);
    text.push('\n');
    text
}

/// Begin lines that no reader takes for one, since their dashes are not five hyphens.
pub fn odd_dashes(text: &str) -> Vec<Range<usize>> {
    const WORDS: [&str; 2] = ["BEGIN CERTIFICATE", "BEGIN PRIVATE KEY"];
    const LOOKALIKES: [char; 6] = ['-', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}'];
    let mut found = Vec::new();
    for word in WORDS {
        for (at, _) in text.match_indices(word) {
            let before = text.get(..at).unwrap_or_default();
            let dashes = before.trim_end_matches(LOOKALIKES);
            let run = before.get(dashes.len()..).unwrap_or_default();
            let line = dashes.is_empty() || dashes.ends_with('\n');
            if line && !run.is_empty() && run != DASHES {
                found.push(dashes.len()..at + word.len());
            }
        }
    }
    found.sort_by_key(|r| r.start);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Base64 of the bytes 0 to 5.
    const SIX: &str = "AAECAwQF";

    fn told(text: &str) -> Vec<(String, usize, Vec<Fault>)> {
        blocks(text).into_iter().map(|b| (b.label, b.bytes.len(), b.faults)).collect()
    }

    #[test]
    fn every_way_of_pasting_is_read_and_named() {
        use Fault::*;
        let begin = "-----BEGIN CERTIFICATE-----";
        let end = "-----END CERTIFICATE-----";
        let cases: [(String, usize, &[Fault]); 14] = [
            (format!("{begin}\n{SIX}\n{end}\n"), 6, &[]),
            (format!("text\n{begin}\r\n{SIX}\r\n{end}\r\n"), 6, &[]),
            (format!("\u{feff}{begin}\n{SIX}\n{end}"), 6, &[]),
            (format!("{begin}\n  AAEC\n\n AwQF\n{end}"), 6, &[]),
            (format!("{begin}\nAAECAw==\n{end}"), 4, &[]),
            (format!("{begin}\nAAECAw\n{end}"), 4, &[]),
            (format!("{begin}\r{SIX}\r{end}\r"), 6, &[]),
            (format!("  {begin}\n  {SIX}\n  {end}"), 6, &[Prefixed]),
            (format!("> {begin}\n> {SIX}\n> {end}"), 6, &[Prefixed]),
            (format!("x=\"{begin}\\n{SIX}\\n{end}\\n\""), 6, &[Prefixed, OneLine]),
            (format!("{begin} AAEC AwQF {end}"), 6, &[OneLine]),
            (format!("{begin}\n{SIX}\n"), 6, &[Truncated]),
            (format!("{begin}\n{SIX}\n-----END CERT"), 6, &[Truncated]),
            (format!("{begin}\nAA!!\n{end}"), 0, &[NotBase64]),
        ];
        for (text, length, faults) in cases {
            assert_eq!(told(&text), [("CERTIFICATE".to_owned(), length, faults.to_vec())], "{text:?}");
        }
    }

    #[test]
    fn a_faulty_block_does_not_take_its_neighbour_along() {
        let good = encode("CERTIFICATE", &[1, 2, 3]);
        let cut = "-----BEGIN CERTIFICATE-----\nAAEC\n";
        let found = told(&format!("{cut}{good}"));
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].2.as_slice(), found[1].1), (&[Fault::Truncated][..], 3));
        let glued = format!("{}{good}", good.trim_end());
        let found = told(&glued);
        assert_eq!((found.len(), found[0].2.as_slice()), (2, &[Fault::Glued][..]));
        assert!(found[1].2.is_empty());
    }

    #[test]
    fn keys_and_labels() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAEC\n-----END RSA PRIVATE KEY-----";
        let found = blocks(key);
        assert!(found[0].is_private() && found[0].encrypted && found[0].bytes.is_empty());
        assert!(found[0].faults.is_empty());
        assert!(!format!("{found:?}").contains("AAEC"));
        let other = "-----BEGIN CERTIFICATE-----\nAAEC\n-----END X509 CRL-----";
        assert_eq!(told(other)[0].2, [Fault::LabelMismatch]);
        assert_eq!(
            odd_dashes("\u{2014}BEGIN CERTIFICATE\n----BEGIN CERTIFICATE----\n-----BEGIN CERTIFICATE-----")
                .len(),
            2
        );
        assert!(blocks("-----BEGIN lower-----\n-----BEGIN ").is_empty());
    }

    #[test]
    fn source_code_and_shell_lines_are_base64_all_the_same() {
        let code = "var pem = \"-----BEGIN CERTIFICATE-----\\n\" +\n  \"AAEC\\n\" +\n  \"AwQF\\n\" +\n  \"-----END CERTIFICATE-----\"";
        assert_eq!(told(code)[0].1, 6);
        let docker =
            "RUN echo '-----BEGIN CERTIFICATE-----\\n\\\nAAEC\\n\\\nAwQF\\n\\\n-----END CERTIFICATE-----'";
        assert_eq!(told(docker)[0].1, 6);
    }
}
