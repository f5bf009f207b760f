//! A seeded permutation of `0..size` for sizes of any magnitude, in constant memory.
//!
//! A balanced Feistel network over the smallest even number of bits that holds `size`, walked until it lands inside
//! (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002, section 3). Drawing without replacement then
//! needs no memory of what was drawn.

use num_bigint::BigUint;
use num_traits::{One, Zero};
use sha2::{Digest, Sha256};

const ROUNDS: u8 = 8;

pub struct Permutation {
    size: BigUint,
    half_bits: u64,
    key: [u8; 32],
}

impl Permutation {
    /// `size` must not be zero.
    pub fn new(size: BigUint, key: [u8; 32]) -> Self {
        let bits = (&size - BigUint::one()).bits().max(2);
        Permutation { size, half_bits: bits.div_ceil(2), key }
    }

    /// The image of `index`, which must be below `size`.
    pub fn at(&self, index: &BigUint) -> BigUint {
        let mut value = self.encrypt(index);
        while value >= self.size {
            value = self.encrypt(&value);
        }
        value
    }

    fn encrypt(&self, value: &BigUint) -> BigUint {
        let mask = (BigUint::one() << self.half_bits) - BigUint::one();
        let mut left = value >> self.half_bits;
        let mut right = value & &mask;
        for round in 0..ROUNDS {
            let mixed = left ^ (self.round_function(round, &right) & &mask);
            left = std::mem::replace(&mut right, mixed);
        }
        (left << self.half_bits) | right
    }

    /// As many pseudo-random bits as half of the block, from SHA-256 in counter mode.
    fn round_function(&self, round: u8, half: &BigUint) -> BigUint {
        let mut bits = BigUint::zero();
        for counter in 0..self.half_bits.div_ceil(256) {
            let mut hash = Sha256::new();
            hash.update(self.key);
            hash.update([round]);
            hash.update(counter.to_be_bytes());
            hash.update(half.to_bytes_be());
            bits = (bits << 256u32) | BigUint::from_bytes_be(&hash.finalize());
        }
        bits
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn images(size: u32, key: u8) -> Vec<BigUint> {
        let permutation = Permutation::new(size.into(), [key; 32]);
        (0..size).map(|i| permutation.at(&i.into())).collect()
    }

    #[test]
    fn it_is_a_permutation_for_every_small_size() {
        for size in 1..70u32 {
            let set: BTreeSet<_> = images(size, 1).into_iter().collect();
            assert_eq!(set.len(), size as usize);
            assert!(set.iter().all(|image| *image < size.into()));
        }
    }

    #[test]
    fn another_key_gives_another_order() {
        assert_ne!(images(1000, 1), images(1000, 2));
    }

    #[test]
    fn huge_sizes_stay_inside() {
        let size: BigUint = BigUint::from(10u32).pow(700);
        let image = Permutation::new(size.clone(), [3; 32]).at(&BigUint::from(5u32));
        assert!(image < size && image > BigUint::from(10u32).pow(600));
    }
}
