//! Where the first values of weights come from: numbers addressed by (seed, name), the same on every device.

use rand::Rng as _;
use rand_distr::{Distribution as _, StandardNormal};
use search::randomness::{Purpose, Randomness};
use sha2::{Digest, Sha256};
use tch::{Device, Kind, TchError, Tensor};

/// Makes the tensors of one layer.
pub struct Init<'a> {
    pub seed: u64,
    /// The layer's name in the network.
    pub name: &'a str,
    pub kind: Kind,
    pub device: Device,
    /// Kernels keep their channels innermost in memory.
    pub channels_last: bool,
}

impl Init<'_> {
    /// Uniform between `-bound` and `bound`.
    pub fn uniform(&self, tensor: &str, shape: &[usize], bound: f64) -> Result<Tensor, TchError> {
        let mut rng = self.generator(tensor);
        self.parameter((0..count(shape)).map(|_| rng.random_range(-1.0f32..1.0) * bound as f32).collect(), shape)
    }

    /// PyTorch's default for convolutions and linear layers, weights and biases alike: uniform within
    /// `1 / sqrt(fan_in)` (`kaiming_uniform_` with a = sqrt 5).
    pub fn fan_in(&self, tensor: &str, shape: &[usize], fan_in: usize) -> Result<Tensor, TchError> {
        self.uniform(tensor, shape, 1.0 / (fan_in.max(1) as f64).sqrt())
    }

    /// Standard normal.
    pub fn normal(&self, tensor: &str, shape: &[usize]) -> Result<Tensor, TchError> {
        let mut rng = self.generator(tensor);
        self.parameter((0..count(shape)).map(|_| StandardNormal.sample(&mut rng)).collect(), shape)
    }

    pub fn constant(&self, shape: &[usize], value: f64) -> Result<Tensor, TchError> {
        self.parameter(vec![value as f32; count(shape)], shape)
    }

    /// A tensor that is not trained.
    pub fn buffer(&self, shape: &[usize], values: Vec<f32>) -> Result<Tensor, TchError> {
        let shape: Vec<i64> = shape.iter().map(|side| *side as i64).collect();
        Tensor::f_from_slice(&values)?.f_view(shape.as_slice())?.f_to_kind(self.kind)?.f_to_device(self.device)
    }

    /// Uniform numbers between 0 and 1, for buffers.
    pub fn unit_uniform(&self, tensor: &str, count: usize) -> Vec<f32> {
        let mut rng = self.generator(tensor);
        (0..count).map(|_| rng.random()).collect()
    }

    fn parameter(&self, values: Vec<f32>, shape: &[usize]) -> Result<Tensor, TchError> {
        let plain = self.buffer(shape, values)?;
        let arranged = if self.channels_last { super::channels_last(&plain)? } else { plain };
        Ok(arranged.set_requires_grad(true))
    }

    fn generator(&self, tensor: &str) -> search::randomness::Rng {
        let digest = Sha256::digest(format!("{}.{tensor}", self.name));
        let mut address = [0u8; 8];
        address.copy_from_slice(&digest[..8]);
        Randomness::new(self.seed).at(Purpose::Work, u64::from_be_bytes(address))
    }
}

fn count(shape: &[usize]) -> usize {
    shape.iter().product()
}
