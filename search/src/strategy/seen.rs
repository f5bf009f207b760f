//! The genotypes that a strategy has proposed, kept small: 64 bits of each key, stored as one hexadecimal string in the
//! order of proposal, so that a stored state only grows at its end.

use crate::space::{Genotype, Space};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use std::collections::BTreeSet;

const DIGITS: usize = 16;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    keys: BTreeSet<u64>,
    text: String,
}

impl Seen {
    /// Adds a genotype; false when it was there.
    pub fn insert(&mut self, space: &Space, genotype: &Genotype) -> bool {
        self.add(short_key(space, genotype))
    }

    pub fn contains(&self, space: &Space, genotype: &Genotype) -> bool {
        self.keys.contains(&short_key(space, genotype))
    }

    fn add(&mut self, key: u64) -> bool {
        let new = self.keys.insert(key);
        if new {
            self.text.push_str(&format!("{key:016x}"));
        }
        new
    }

    pub fn len(&self) -> usize {
        self.keys.len()
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
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Seen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut seen = Seen::default();
        for digits in text.as_bytes().chunks(DIGITS) {
            let digits = std::str::from_utf8(digits).map_err(D::Error::custom)?;
            seen.add(u64::from_str_radix(digits, 16).map_err(D::Error::custom)?);
        }
        Ok(seen)
    }
}
