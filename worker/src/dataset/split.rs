//! Which images train, validate and test. Stratified by class, drawn from the manifest's seed, never overlapping.

use rand::seq::SliceRandom;
use search::dataset::Splits;
use search::randomness::{Purpose, Randomness};

/// Indices into the images of a data set (training files first, then test files), each sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partition {
    pub train: Vec<i64>,
    pub validation: Vec<i64>,
    pub test: Vec<i64>,
}

impl Partition {
    /// Splits `labels` (of the training files) into the three parts. With `test_files` further images behind them
    /// these are the test part; without, `test_share` of each class is held out.
    pub fn new(splits: &Splits, labels: &[u8], test_files: usize) -> Partition {
        let mut rng = Randomness::new(splits.seed).at(Purpose::Split, 0);
        let mut partition = Partition { train: vec![], validation: vec![], test: vec![] };
        for class in 0..=u8::MAX {
            let mut members: Vec<i64> = (0i64..).zip(labels).filter(|(_, l)| **l == class).map(|(i, _)| i).collect();
            members.shuffle(&mut rng);
            let test_share = if test_files > 0 { 0.0 } else { splits.test_share };
            let test = held_out(members.len(), test_share);
            let validation = held_out(members.len() - test, splits.validation_share);
            partition.test.extend(members.drain(..test));
            partition.validation.extend(members.drain(..validation));
            partition.train.extend(members);
        }
        let first = labels.len() as i64;
        partition.test.extend(first..first + test_files as i64);
        partition.train.sort_unstable();
        partition.validation.sort_unstable();
        partition.test.sort_unstable();
        partition
    }
}

fn held_out(count: usize, share: f64) -> usize {
    ((count as f64 * share).round() as usize).min(count)
}
