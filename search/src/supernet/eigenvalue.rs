//! RobustDARTS' early stop: the growth of the largest eigenvalue of the validation loss' Hessian in the logits (Zela et al.
//! 2020; section 8).

use serde::{Deserialize, Serialize};

/// Values in an average.
const WINDOW: usize = 5;
/// Averages between the two that are compared.
const DELTA: usize = 4;
/// Earliest epoch that a search may stop at.
const FIRST_STOP: i64 = 10;

/// The averages of the eigenvalues so far and whether they grow too fast. Epochs are counted from 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EigenvalueTracker {
    /// Epochs between two values.
    every: u32,
    /// Epochs of the whole search.
    epochs: u32,
    /// Factor between two averages from which on the search stops.
    growth: f64,
    values: Vec<f64>,
    averages: Vec<f64>,
}

/// The eigenvalue has grown too fast: the search should have stopped at `stop_epoch`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trigger {
    /// Counted from 0; the genotype recorded there is the result.
    pub stop_epoch: u32,
    /// Factor by which the average has grown since.
    pub growth: f64,
}

impl EigenvalueTracker {
    /// A tracker of a search over `epochs`, with a value every `every` epochs (at least 1). The paper's `growth` is 1.3.
    pub fn new(every: u32, epochs: u32, growth: f64) -> Self {
        EigenvalueTracker { every: every.max(1), epochs, growth, values: Vec::new(), averages: Vec::new() }
    }

    /// Whether an epoch has a value: every so many, and the last.
    pub fn is_due(&self, epoch: u32) -> bool {
        epoch.is_multiple_of(self.every) || self.is_last(epoch)
    }

    /// Takes the value of an epoch in; a trigger when the search should stop.
    pub fn observe(&mut self, epoch: u32, value: f64) -> Option<Trigger> {
        self.values.push(value);
        let half = WINDOW.div_ceil(2);
        if self.values.len() < half {
            return None;
        }
        self.averages.push(self.mean_of_last(WINDOW));
        if self.is_last(epoch) {
            // No values will come that the last windows could move on to.
            let shorter: Vec<f64> = (half..WINDOW).rev().map(|count| self.mean_of_last(count)).collect();
            self.averages.extend(shorter);
            return None;
        }
        self.trigger(epoch)
    }

    /// Averages over the sliding window, one per value from the third on.
    pub fn averages(&self) -> &[f64] {
        &self.averages
    }

    fn trigger(&self, epoch: u32) -> Option<Trigger> {
        if self.values.len() < WINDOW {
            return None;
        }
        let every = i64::from(self.every);
        let middle = i64::from(epoch) - every * (WINDOW as i64 / 2);
        let stop = middle - every * DELTA as i64;
        let before = self.averages.len().checked_sub(1 + DELTA).map(|at| self.averages[at])?;
        let growth = self.averages.last()? / before;
        let stop_epoch = u32::try_from(stop).ok().filter(|_| stop >= FIRST_STOP)?;
        (growth > self.growth).then_some(Trigger { stop_epoch, growth })
    }

    fn mean_of_last(&self, count: usize) -> f64 {
        let last = &self.values[self.values.len().saturating_sub(count)..];
        last.iter().sum::<f64>() / last.len() as f64
    }

    fn is_last(&self, epoch: u32) -> bool {
        epoch + 1 >= self.epochs
    }
}
