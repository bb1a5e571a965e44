//! Fermat's factoring: finds two primes at once when they lie close together.

/// Steps that are tried; zlint's check for keys found in the wild (CVE-2022-26320) uses as many.
const STEPS: usize = 100;

/// Largest modulus that is looked at, in bytes: 4096 bits. The time grows with the square of the length.
const MOST_BYTES: usize = 512;

/// Moduli whose remainders tell most numbers that are no squares, with the remainders that squares have, as bits.
const SIEVE: [(u64, u128); 9] =
    [sieve(16), sieve(63), sieve(65), sieve(11), sieve(17), sieve(19), sieve(23), sieve(29), sieve(31)];

const fn sieve(modulus: u64) -> (u64, u128) {
    let (mut squares, mut x) = (0, 0);
    while x < modulus {
        squares |= 1 << (x * x % modulus);
        x += 1;
    }
    (modulus, squares)
}

/// True if a modulus (big-endian) splits within [`STEPS`] steps.
pub(super) fn splits(modulus: &[u8]) -> bool {
    use num::{add, mul, remainder, root, sub};
    if modulus.len() > MOST_BYTES || modulus.last().is_none_or(|b| b & 1 == 0) {
        return false;
    }
    let n = num::from_bytes(modulus);
    if n.len() < 2 {
        return false;
    }
    let mut a = root(&n);
    if mul(&a, &a) != n {
        a = add(&a, &[1]);
    }
    // Whether a^2 - n is a square, for this and the next values of a: their remainders follow from those of the first.
    let first = sub(&mul(&a, &a), &n);
    let mut rests = SIEVE
        .map(|(modulus, squares)| (modulus, squares, remainder(&a, modulus), remainder(&first, modulus)));
    for step in 0..STEPS {
        if rests.iter().all(|(_, squares, _, rest)| squares >> rest & 1 == 1) {
            let a = add(&a, &[step as u32]);
            let difference = sub(&mul(&a, &a), &n);
            let b = root(&difference);
            if mul(&b, &b) == difference {
                return true;
            }
        }
        for (modulus, _, a, rest) in &mut rests {
            *rest = (*rest + 2 * *a + 1) % *modulus;
            *a = (*a + 1) % *modulus;
        }
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

    pub(super) fn add(a: &[u32], b: &[u32]) -> Number {
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
    pub(super) fn sub(a: &[u32], b: &[u32]) -> Number {
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

    pub(super) fn mul(a: &[u32], b: &[u32]) -> Number {
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

    pub(super) fn less_or_equal(a: &[u32], b: &[u32]) -> bool {
        a.len() < b.len() || a.len() == b.len() && a.iter().rev().le(b.iter().rev())
    }

    pub(super) fn remainder(n: &[u32], modulus: u64) -> u64 {
        n.iter().rev().fold(0, |rest, digit| ((rest << 32) | u64::from(*digit)) % modulus)
    }

    /// `n` times two to the power of `bits`, fewer than 32.
    fn shift(n: &[u32], bits: u32) -> Number {
        mul(n, &[1 << bits])
    }

    /// Largest number whose square is no more than `n`, digit by digit as on paper: with the root `r` so far and the
    /// rest `d`, the next digit is the largest `q` for which `(2r * 2^32 + q) * q` is no more than `d`.
    pub(super) fn root(n: &[u32]) -> Number {
        // Digits go in pairs, and the highest pair has one of its two highest bits set, so that a guess from the
        // highest digits is off by little.
        let Some(highest) = n.last() else { return Vec::new() };
        let odd = n.len() % 2 == 1;
        let up = highest.leading_zeros() & !1;
        let mut scaled = shift(n, up);
        if odd {
            scaled.insert(0, 0);
        }
        // The root came out so many bits too long: half of what `n` was moved by.
        let down = up / 2 + if odd { 16 } else { 0 };
        let (mut root, mut rest): (Number, Number) = (Vec::new(), Vec::new());
        for pair in scaled.rchunks(2) {
            rest.splice(0..0, pair.iter().copied());
            rest = trim(rest);
            let mut double = shift(&root, 1);
            double.insert(0, 0);
            let mut q = guess(&rest, &double);
            // At most a few times: see `guess`.
            let taken = loop {
                double[0] = q;
                let product = mul(&double, &[q]);
                if less_or_equal(&product, &rest) {
                    break product;
                }
                q -= 1;
            };
            rest = sub(&rest, &taken);
            root.insert(0, q);
            root = trim(root);
        }
        // Down by fewer than 32 bits: up by the others, and the lowest digit falls away.
        match down {
            0 => root,
            _ => {
                let mut moved = shift(&root, 32 - down);
                moved.remove(0);
                moved
            }
        }
    }

    /// The next digit of a root, never too small: the rest by twice the root, of each the highest digits.
    fn guess(rest: &[u32], double: &[u32]) -> u32 {
        let above = |n: &[u32], from: usize| {
            n.iter().skip(from).rev().fold(0u128, |high, digit| (high << 32) | u128::from(*digit))
        };
        if double.len() < 2 {
            return above(rest, 0).isqrt() as u32;
        }
        let from = double.len() - 2;
        let by = above(double, from).max(1);
        (above(rest, from) / by).min(u128::from(u32::MAX)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn power_of_two(bits: usize) -> Vec<u32> {
        let mut n = vec![0; bits / 32];
        n.push(1 << (bits % 32));
        n
    }

    fn bytes(n: &[u32]) -> Vec<u8> {
        n.iter().rev().flat_map(|digit| digit.to_be_bytes()).collect()
    }

    #[test]
    fn a_root_is_the_largest_that_fits() {
        for bits in 1..400 {
            for offset in [0u32, 1, 2, 77] {
                // Near powers of two, where carries and guesses are at their worst, and squares and their neighbours.
                let high = power_of_two(bits);
                let low = num::sub(&high, &[1]);
                let square = num::add(&num::mul(&low, &low), &[offset]);
                for n in [num::add(&high, &[offset]), low.clone(), square] {
                    let r = num::root(&n);
                    let next = num::add(&r, &[1]);
                    let fits = |r: &[u32]| num::less_or_equal(&num::mul(r, r), &n);
                    assert!(fits(&r) && !fits(&next), "{bits} {offset}");
                }
            }
        }
        assert_eq!(num::root(&[]), Vec::<u32>::new());
    }

    #[test]
    fn close_primes_are_found() {
        // 4294967291 * 4294967279: the two largest primes of 32 bits.
        let close: u64 = 4_294_967_291 * 4_294_967_279;
        assert!(splits(&close.to_be_bytes()));
        // 4294967291 * 2147483647: far apart.
        let far: u64 = 4_294_967_291 * 2_147_483_647;
        assert!(!splits(&far.to_be_bytes()));
        // 2^521 - 1, a prime, times itself and times another: as long as keys are.
        let mersenne = |bits: usize| num::sub(&power_of_two(bits), &[1]);
        assert!(splits(&bytes(&num::mul(&mersenne(521), &mersenne(521)))));
        assert!(!splits(&bytes(&num::mul(&mersenne(521), &mersenne(607)))));
        assert!(!splits(&[]));
        assert!(!splits(&[0x10, 0]));
    }
}
