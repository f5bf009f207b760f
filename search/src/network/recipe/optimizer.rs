//! Which optimiser, with its own settings.

use super::reader::Reader;

/// The rule that turns gradients into steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    /// `momentum` (default 0.9), `nesterov` (default true).
    Sgd { momentum: f64, nesterov: bool },
    /// Loshchilov and Hutter 2019, algorithm 2. `beta1` (0.9), `beta2` (0.999), `eps` (1e-8).
    AdamW { beta1: f64, beta2: f64, eps: f64 },
    /// `momentum` (default 0.9), `alpha` (0.9), `eps` (0.001). With `tensorflow_form` (default true) eps is inside the
    /// root, the square average starts at 1 and the learning rate is inside the momentum buffer.
    RmsProp { momentum: f64, alpha: f64, eps: f64, tensorflow_form: bool },
}

impl Optimizer {
    pub(super) fn read(reader: &mut Reader<'_>) -> Optimizer {
        let name = reader.name("optimizer", &["sgd", "adamw", "rmsprop"]);
        // All settings are read whatever the optimiser is, so that a space may leave the optimiser open beside them.
        let momentum = reader.share("momentum", 0.9);
        let nesterov = reader.flag("nesterov", true);
        let (beta1, beta2) = (reader.share("beta1", 0.9), reader.share("beta2", 0.999));
        let alpha = reader.share("alpha", 0.9);
        let eps = reader.number("eps", if name == "rmsprop" { 1e-3 } else { 1e-8 }, 1e-16, 1.0);
        let tensorflow_form = reader.flag("tensorflow_form", true);
        match name {
            "adamw" => Optimizer::AdamW { beta1, beta2, eps },
            "rmsprop" => Optimizer::RmsProp { momentum, alpha, eps, tensorflow_form },
            // Nesterov's form needs a momentum.
            _ => Optimizer::Sgd { momentum, nesterov: nesterov && momentum > 0.0 },
        }
    }

    /// The learning rate when the recipe names none.
    pub(super) fn default_lr(&self) -> f64 {
        match self {
            Optimizer::Sgd { .. } => 0.05,
            Optimizer::AdamW { .. } => 0.001,
            Optimizer::RmsProp { .. } => 0.01,
        }
    }
}
