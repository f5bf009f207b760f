//! Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as `torch.optim.AdamW`.

use super::{FlatParameters, Optimizer};
use tch::{Tensor, no_grad};

pub struct AdamW {
    betas: [f64; 2],
    eps: f64,
    decay: f64,
    steps: u64,
    mean: Tensor,
    square: Tensor,
}

impl AdamW {
    pub fn new(parameters: &FlatParameters, betas: [f64; 2], eps: f64, decay: f64) -> Self {
        let zeros = || parameters.weights().zeros_like();
        AdamW { betas, eps, decay, steps: 0, mean: zeros(), square: zeros() }
    }
}

impl Optimizer for AdamW {
    fn step(&mut self, parameters: &FlatParameters, lr: f64) {
        self.steps += 1;
        let [beta1, beta2] = self.betas;
        let corrected = |beta: f64| 1.0 - beta.powf(self.steps as f64);
        let (rate, root) = (lr / corrected(beta1), corrected(beta2).sqrt());
        no_grad(|| {
            let (mut weights, gradients) = (parameters.weights(), parameters.gradients());
            let _ = weights.narrow(0, 0, parameters.decaying()).g_mul_scalar_(1.0 - lr * self.decay);
            let _ = self.mean.lerp_(&gradients, 1.0 - beta1);
            let _ = self.square.g_mul_scalar_(beta2).g_add_(&(&gradients * &gradients * (1.0 - beta2)));
            let denominator = self.square.sqrt() / root + self.eps;
            let _ = weights.g_sub_(&(&self.mean / denominator * rate));
        });
    }

    fn state(&self) -> Vec<(&'static str, Tensor)> {
        vec![("mean", self.mean.shallow_clone()), ("square", self.square.shallow_clone())]
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
}
