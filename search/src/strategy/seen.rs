//! The genotypes that a strategy has proposed, kept small: 64 bits of each key, stored as one hexadecimal string.

use crate::space::{Genotype, Space};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::collections::BTreeSet;

const DIGITS: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen(BTreeSet<u64>);

impl Seen {
    /// Adds a genotype; false when it was there.
    pub fn insert(&mut self, space: &Space, genotype: &Genotype) -> bool {
        self.0.insert(short_key(space, genotype))
    }

    pub fn contains(&self, space: &Space, genotype: &Genotype) -> bool {
        self.0.contains(&short_key(space, genotype))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// The first 64 bits of the genotype's key; two of a million genotypes share them with probability 3e-8.
fn short_key(space: &Space, genotype: &Genotype) -> u64 {
    let key = space.key(genotype);
    let head = key.get(..DIGITS).unwrap_or(&key);
    u64::from_str_radix(head, 16).unwrap_or_default()
}

impl Serialize for Seen {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text: String = self.0.iter().map(|key| format!("{key:016x}")).collect();
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut keys = BTreeSet::new();
        for digits in text.as_bytes().chunks(DIGITS) {
            let digits = std::str::from_utf8(digits).map_err(D::Error::custom)?;
            keys.insert(u64::from_str_radix(digits, 16).map_err(D::Error::custom)?);
        }
        Ok(Seen(keys))
    }
}
