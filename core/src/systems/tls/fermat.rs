//! Fermat's factoring: finds two primes at once when they lie close together.

/// Steps that are tried; zlint's check for keys found in the wild (CVE-2022-26320) uses as many.
const STEPS: usize = 100;

/// Largest modulus that is looked at, in bytes: 4096 bits. The time grows with the cube of the length.
const MOST_BYTES: usize = 512;

/// True if a modulus (big-endian) splits within [`STEPS`] steps.
pub(super) fn splits(modulus: &[u8]) -> bool {
    use num::{add, is_square, mul, root, sub};
    if modulus.len() > MOST_BYTES || modulus.last().is_none_or(|b| b & 1 == 0) {
        return false;
    }
    let n = num::from_bytes(modulus);
    if n.len() < 2 {
        return false;
    }
    let mut a = root(&n);
    if mul(&a, &a) != n {
        a = add(&a, &vec![1]);
    }
    for _ in 0..STEPS {
        let difference = sub(&mul(&a, &a), &n);
        if is_square(&difference) {
            return true;
        }
        a = add(&a, &vec![1]);
    }
    false
}

/// Whole numbers as 32-bit digits, least first, without leading zeros.
mod num {
    pub(super) type Number = Vec<u32>;

    fn trim(mut n: Number) -> Number {
        while n.last() == Some(&0) {
            n.pop();
        }
        n
    }

    pub(super) fn from_bytes(bytes: &[u8]) -> Number {
        let digit = |chunk: &[u8]| chunk.iter().fold(0u32, |d, b| d << 8 | u32::from(*b));
        trim(bytes.rchunks(4).map(digit).collect())
    }

    pub(super) fn add(a: &Number, b: &Number) -> Number {
        let mut out = Vec::with_capacity(a.len().max(b.len()) + 1);
        let mut carry = 0u64;
        for i in 0..a.len().max(b.len()) {
            let sum =
                u64::from(a.get(i).copied().unwrap_or(0)) + u64::from(b.get(i).copied().unwrap_or(0)) + carry;
            out.push(sum as u32);
            carry = sum >> 32;
        }
        out.push(carry as u32);
        trim(out)
    }

    /// `a - b` for `a >= b`.
    pub(super) fn sub(a: &Number, b: &Number) -> Number {
        let mut out = Vec::with_capacity(a.len());
        let mut borrow = 0i64;
        for (i, digit) in a.iter().enumerate() {
            let mut rest = i64::from(*digit) - i64::from(b.get(i).copied().unwrap_or(0)) - borrow;
            borrow = i64::from(rest < 0);
            if rest < 0 {
                rest += 1 << 32;
            }
            out.push(rest as u32);
        }
        trim(out)
    }

    pub(super) fn mul(a: &Number, b: &Number) -> Number {
        let mut out = vec![0u32; a.len() + b.len()];
        for (i, x) in a.iter().enumerate() {
            let mut carry = 0u64;
            for (slot, y) in out.iter_mut().skip(i).zip(b.iter().chain(std::iter::once(&0))) {
                let sum = u64::from(*x) * u64::from(*y) + u64::from(*slot) + carry;
                *slot = sum as u32;
                carry = sum >> 32;
            }
        }
        trim(out)
    }

    fn less_or_equal(a: &Number, b: &Number) -> bool {
        a.len() < b.len() || a.len() == b.len() && a.iter().rev().le(b.iter().rev())
    }

    /// Largest number whose square is no more than `n`, bit by bit.
    pub(super) fn root(n: &Number) -> Number {
        let bits = n.len() * 32;
        let mut root = vec![0u32; n.len() / 2 + 1];
        for bit in (0..bits / 2 + 1).rev() {
            let set = |r: &mut Number, on: bool| {
                if let Some(digit) = r.get_mut(bit / 32) {
                    if on { *digit |= 1 << (bit % 32) } else { *digit &= !(1 << (bit % 32)) }
                }
            };
            set(&mut root, true);
            let candidate = trim(root.clone());
            if !less_or_equal(&mul(&candidate, &candidate), n) {
                set(&mut root, false);
            }
        }
        trim(root)
    }

    pub(super) fn is_square(n: &Number) -> bool {
        // Squares end in 0, 1, 4 or 9 modulo 16.
        let last = n.first().copied().unwrap_or(0) & 15;
        if !matches!(last, 0 | 1 | 4 | 9) {
            return false;
        }
        // Remainders that no square has tell the rest, save about one in a thousand.
        for modulus in [63u64, 65, 11, 17, 19, 23, 29, 31] {
            let rest = n.iter().rev().fold(0u64, |rest, digit| ((rest << 32) | u64::from(*digit)) % modulus);
            if !(0..modulus).any(|x| x * x % modulus == rest) {
                return false;
            }
        }
        let r = root(n);
        mul(&r, &r) == *n
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn close_primes_are_found() {
        // 4294967291 * 4294967279: the two largest primes of 32 bits.
        let close: u64 = 4_294_967_291 * 4_294_967_279;
        assert!(splits(&close.to_be_bytes()));
        // 4294967291 * 2147483647: far apart.
        let far: u64 = 4_294_967_291 * 2_147_483_647;
        assert!(!splits(&far.to_be_bytes()));
        assert!(!splits(&[]));
        assert!(!splits(&[0x10, 0]));
    }
}
