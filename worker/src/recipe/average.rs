//! Moving average of the weights and of the statistics that normalisation layers keep.

use tch::{Tensor, no_grad};

/// `average = d average + (1 - d) value`, with `d = min(decay, (1 + t) / (10 + t))` in step t.
pub struct Average {
    decay: f64,
    values: Vec<(Tensor, Tensor)>,
}

impl Average {
    /// Starts at the present values; follows them from then on.
    pub fn new(decay: f64, values: Vec<Tensor>) -> Average {
        Average { decay, values: values.into_iter().map(|value| (value.copy(), value)).collect() }
    }

    /// Takes in the values after step `t` (1 for the first).
    pub fn update(&mut self, t: u64) {
        let t = t as f64;
        let decay = self.decay.min((1.0 + t) / (10.0 + t));
        no_grad(|| {
            for (average, value) in &mut self.values {
                let _ = average.lerp_(value, 1.0 - decay);
            }
        });
    }

    /// Puts the averages in the place of the values while `judge` runs.
    pub fn during<T>(&mut self, judge: impl FnOnce() -> T) -> T {
        self.swap();
        let result = judge();
        self.swap();
        result
    }

    /// Exchanges averages and values.
    pub fn swap(&mut self) {
        no_grad(|| {
            for (average, value) in &mut self.values {
                let held = value.copy();
                value.copy_(average);
                average.copy_(&held);
            }
        });
    }

    /// The averages, for checkpoints; they share their data with these tensors.
    pub fn state(&self) -> Vec<Tensor> {
        self.values.iter().map(|(average, _)| average.shallow_clone()).collect()
    }
}
