//! Adam on one flat tensor, its L2 term added to the gradient, as `torch.optim.Adam` (section 3).

use tch::{TchError, Tensor, no_grad};

const EPS: f64 = 1e-8;

pub struct Adam {
    lr: f64,
    betas: [f64; 2],
    decay: f64,
    steps: u64,
    mean: Tensor,
    square: Tensor,
}

impl Adam {
    /// For parameters of the shape of `like`.
    pub fn new(lr: f64, betas: [f64; 2], decay: f64, like: &Tensor) -> Result<Adam, TchError> {
        let zeros = || no_grad(|| like.f_zeros_like());
        Ok(Adam { lr, betas, decay, steps: 0, mean: zeros()?, square: zeros()? })
    }

    /// One step of `weights` along `gradient`.
    pub fn step(&mut self, weights: &Tensor, gradient: &Tensor) -> Result<(), TchError> {
        self.steps += 1;
        let [beta1, beta2] = self.betas;
        let corrected = |beta: f64| 1.0 - beta.powf(self.steps as f64);
        let (rate, root) = (self.lr / corrected(beta1), corrected(beta2).sqrt());
        no_grad(|| {
            let gradient = gradient.f_add(&weights.f_mul_scalar(self.decay)?)?;
            let _ = self.mean.f_lerp_(&gradient, 1.0 - beta1)?;
            let square = gradient.f_square()?.f_mul_scalar(1.0 - beta2)?;
            let _ = self.square.f_mul_scalar_(beta2)?.f_add_(&square)?;
            let denominator = self.square.f_sqrt()?.f_div_scalar(root)?.f_add_scalar(EPS)?;
            let change = self.mean.f_div(&denominator)?.f_mul_scalar(rate)?;
            weights.shallow_clone().f_sub_(&change).map(drop)
        })
    }

    /// The state by name, for checkpoints; the tensors share their data with the optimiser's.
    pub fn state(&self) -> [(&'static str, Tensor); 2] {
        [("mean", self.mean.shallow_clone()), ("square", self.square.shallow_clone())]
    }

    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Goes on from a saved count; the tensors of [`Self::state`] are restored by writing into them.
    pub fn set_steps(&mut self, steps: u64) {
        self.steps = steps;
    }
}
