//! Addressed randomness: a generator is named by (study seed, purpose, count), never streamed through a study.
//!
//! A restart or another batching of proposals therefore changes nothing: whoever asks for the same address
//! gets the same numbers, and no generator state has to be stored.

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The generator used everywhere in Nascent.
pub type Rng = ChaCha8Rng;

/// What random numbers are for. Purposes never share numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The n-th proposal of a strategy.
    Propose,
    /// The n-th observation of a strategy.
    Observe,
    /// The seed of the n-th piece of work.
    Work,
    /// Fitting a predictor for the n-th time.
    Fit,
    /// Draws shown to a user (`space sample`).
    Show,
    /// The split of a data set.
    Split,
    /// The first weights of a network.
    Weights,
    /// The order of the images in epoch n.
    Order,
    /// The augmentation of epoch n.
    Augment,
    /// Dropout and drop-path in epoch n.
    Noise,
    /// Paths and gumbel noise of a supernet in step n.
    Architecture,
}

/// All the randomness of one study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Randomness {
    seed: u64,
}

impl Randomness {
    /// The randomness of the study with this seed.
    pub fn new(seed: u64) -> Self {
        Randomness { seed }
    }

    /// The generator at an address.
    pub fn at(&self, purpose: Purpose, count: u64) -> Rng {
        let mut hash = Sha256::new();
        hash.update(b"nascent-randomness-1");
        hash.update(self.seed.to_be_bytes());
        hash.update([purpose as u8]);
        hash.update(count.to_be_bytes());
        Rng::from_seed(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngCore;

    #[test]
    fn an_address_names_its_numbers() {
        let first = Randomness::new(7).at(Purpose::Propose, 3).next_u64();
        assert_eq!(first, Randomness::new(7).at(Purpose::Propose, 3).next_u64());
        assert_ne!(first, Randomness::new(8).at(Purpose::Propose, 3).next_u64());
        assert_ne!(first, Randomness::new(7).at(Purpose::Observe, 3).next_u64());
        assert_ne!(first, Randomness::new(7).at(Purpose::Propose, 4).next_u64());
    }
}
