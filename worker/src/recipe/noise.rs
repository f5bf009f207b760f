//! The random numbers of dropout, drop-path and noise layers.

use rand::Rng as _;
use rand_distr::StandardNormal;
use search::randomness::{Purpose, Randomness, Rng};
use std::cell::RefCell;
use tch::{Device, Tensor};

/// Masks of one training step, addressed by (seed, epoch, step) and drawn in the order of the layers. libtorch's own
/// generator is one for the whole process: slots would draw from it by turns, and no run could be repeated.
pub struct Noise {
    rng: RefCell<Rng>,
}

impl Noise {
    pub fn new(seed: u64, epoch: u32, step: usize) -> Noise {
        let address = (u64::from(epoch) << 32) | step as u64;
        Noise { rng: RefCell::new(Randomness::new(seed).at(Purpose::Noise, address)) }
    }

    /// A tensor of `shape` with 0 at the given rate (0 to below 1) and `1 / (1 - rate)` elsewhere, so that the mean is 1.
    pub fn mask(&self, shape: &[i64], rate: f64, device: Device) -> Tensor {
        let kept = (1.0 / (1.0 - rate)) as f32;
        let mut rng = self.rng.borrow_mut();
        let count = shape.iter().product::<i64>();
        let values: Vec<f32> = (0..count).map(|_| if rng.random::<f32>() < rate as f32 { 0.0 } else { kept }).collect();
        Tensor::from_slice(&values).view(shape).to_device(device)
    }

    /// A tensor of `shape` with normal values of mean 0 and this standard deviation.
    pub fn normal(&self, shape: &[i64], deviation: f64, device: Device) -> Tensor {
        let mut rng = self.rng.borrow_mut();
        let count = shape.iter().product::<i64>();
        let values: Vec<f32> = (0..count).map(|_| rng.sample::<f32, _>(StandardNormal) * deviation as f32).collect();
        Tensor::from_slice(&values).view(shape).to_device(device)
    }
}
