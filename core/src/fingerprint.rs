//! What makes two findings of different runs the same one.

use std::fmt;

/// Identifies a finding within its file: made of the rule, the fields it looks at and their values, never of lines,
/// so that it survives lines that move and messages that are reworded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

/// The name of this way of making fingerprints. It changes when the same finding would get another one.
pub const SCHEME: &str = "connlint/v1";

// FNV-1a with 64 bits, http://www.isthe.com/chongo/tech/comp/fnv/: short, and the same on every machine and in every
// release, which the standard library does not promise of its hashers.
const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0000_0100_0000_01b3;

impl Fingerprint {
    /// The fingerprint of nothing but a rule.
    pub fn of_rule(rule: &str) -> Fingerprint {
        Fingerprint(OFFSET).and(rule)
    }

    /// Takes in one more part.
    pub fn and(self, part: &str) -> Fingerprint {
        // The byte that ends a part never stands in UTF-8, so that ("ab", "c") differs from ("a", "bc").
        let bytes = part.bytes().chain([0xff]);
        Fingerprint(bytes.fold(self.0, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME)))
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Fingerprint> {
        let plain = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        plain.then(|| u64::from_str_radix(text, 16).ok()).flatten().map(Fingerprint)
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one_and_parts_stay_apart() {
        // The published test vector for "a" is af63dc4c8601ec8c; the end of the part is hashed after it.
        let a = Fingerprint::of_rule("a");
        assert_eq!(a.0, (0xaf63_dc4c_8601_ec8c_u64 ^ 0xff).wrapping_mul(PRIME));
        assert_ne!(Fingerprint::of_rule("ab").and("c"), Fingerprint::of_rule("a").and("bc"));
        assert_eq!(Fingerprint::parse(&a.to_string()), Some(a));
        for wrong in ["", "af63", "zf63dc4c8601ec8c", "+f63dc4c8601ec8c"] {
            assert_eq!(Fingerprint::parse(wrong), None, "{wrong}");
        }
    }
}
