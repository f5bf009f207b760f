//! Optimisers over flat weights. Each follows PyTorch's arithmetic, step for step.

mod adamw;
mod rmsprop;
mod sgd;

use super::FlatParameters;
use search::network::Recipe;
use search::network::recipe::Optimizer as Settings;
use tch::{Tensor, no_grad};

/// An optimiser and its state.
pub trait Optimizer {
    /// Changes the weights by their gradients, which it may overwrite.
    fn step(&mut self, parameters: &FlatParameters, lr: f64);

    /// The state by name, for checkpoints; tensors share their data with the optimiser's.
    fn state(&self) -> Vec<(&'static str, Tensor)>;

    /// Steps taken.
    fn steps(&self) -> u64;

    /// Goes on from a saved count; the tensors of [`Self::state`] are restored by writing into them.
    fn set_steps(&mut self, steps: u64);
}

/// The optimiser that a recipe asks for.
pub fn build(recipe: &Recipe, parameters: &FlatParameters) -> Box<dyn Optimizer> {
    let decay = recipe.weight_decay;
    match recipe.optimizer {
        Settings::Sgd { momentum, nesterov } => Box::new(sgd::Sgd::new(parameters, momentum, nesterov, decay)),
        Settings::AdamW { beta1, beta2, eps } => Box::new(adamw::AdamW::new(parameters, [beta1, beta2], eps, decay)),
        Settings::RmsProp { momentum, alpha, eps, tensorflow_form } => {
            Box::new(rmsprop::RmsProp::new(parameters, [momentum, alpha], eps, tensorflow_form, decay))
        }
    }
}

/// Adds `decay * weights` to the gradients of the weights that decay.
fn add_decay(parameters: &FlatParameters, decay: f64) {
    if decay == 0.0 || parameters.decaying() == 0 {
        return;
    }
    no_grad(|| {
        let weights = parameters.weights().narrow(0, 0, parameters.decaying());
        let _ = parameters.gradients().narrow(0, 0, parameters.decaying()).g_add_(&(weights * decay));
    });
}
