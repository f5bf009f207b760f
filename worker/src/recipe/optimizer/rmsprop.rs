//! RMSprop with momentum, in PyTorch's form or in TensorFlow's: eps inside the root, the square average starts at 1,
//! the learning rate inside the momentum buffer (as EfficientNet and its kin were trained).

use super::{FlatParameters, Optimizer, add_decay};
use tch::{Tensor, no_grad};

pub struct RmsProp {
    momentum: f64,
    alpha: f64,
    eps: f64,
    tensorflow_form: bool,
    decay: f64,
    steps: u64,
    square: Tensor,
    velocity: Tensor,
}

impl RmsProp {
    pub fn new(
        parameters: &FlatParameters,
        [momentum, alpha]: [f64; 2],
        eps: f64,
        tensorflow_form: bool,
        decay: f64,
    ) -> Self {
        let zeros = parameters.weights().zeros_like();
        let square = if tensorflow_form { zeros.ones_like() } else { zeros.zeros_like() };
        RmsProp { momentum, alpha, eps, tensorflow_form, decay, steps: 0, square, velocity: zeros }
    }
}

impl Optimizer for RmsProp {
    fn step(&mut self, parameters: &FlatParameters, lr: f64) {
        add_decay(parameters, self.decay);
        self.steps += 1;
        no_grad(|| {
            let gradients = parameters.gradients();
            let _ = self.square.lerp_(&(&gradients * &gradients), 1.0 - self.alpha);
            let _ = self.velocity.g_mul_scalar_(self.momentum);
            if self.tensorflow_form {
                let _ = self.velocity.g_add_(&(gradients / (&self.square + self.eps).sqrt() * lr));
                let _ = parameters.weights().g_sub_(&self.velocity);
            } else {
                let _ = self.velocity.g_add_(&(gradients / (self.square.sqrt() + self.eps)));
                let _ = parameters.weights().g_sub_(&(&self.velocity * lr));
            }
        });
    }

    fn state(&self) -> Vec<(&'static str, Tensor)> {
        vec![("square", self.square.shallow_clone()), ("velocity", self.velocity.shallow_clone())]
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
}
