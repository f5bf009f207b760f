//! Stochastic gradient descent with momentum, as `torch.optim.SGD`: `v = momentum v + g`, then `w -= lr v`, or
//! `w -= lr (g + momentum v)` in Nesterov's form. The decay is part of `g`.

use super::{FlatParameters, Optimizer, add_decay};
use tch::{Tensor, no_grad};

pub struct Sgd {
    momentum: f64,
    nesterov: bool,
    decay: f64,
    steps: u64,
    velocity: Tensor,
}

impl Sgd {
    pub fn new(parameters: &FlatParameters, momentum: f64, nesterov: bool, decay: f64) -> Self {
        Sgd { momentum, nesterov, decay, steps: 0, velocity: parameters.weights().zeros_like() }
    }
}

impl Optimizer for Sgd {
    fn step(&mut self, parameters: &FlatParameters, lr: f64) {
        add_decay(parameters, self.decay);
        self.steps += 1;
        no_grad(|| {
            let gradients = parameters.gradients();
            let _ = self.velocity.g_mul_scalar_(self.momentum).g_add_(&gradients);
            let change = if self.nesterov { gradients + &self.velocity * self.momentum } else { self.velocity.copy() };
            let _ = parameters.weights().g_sub_(&(change * lr));
        });
    }

    fn state(&self) -> Vec<(&'static str, Tensor)> {
        vec![("velocity", self.velocity.shallow_clone())]
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
}
