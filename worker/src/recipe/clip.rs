//! Gradient clipping by the norm of the whole gradient, as `torch.nn.utils.clip_grad_norm_`, without asking the
//! device for the norm.

use super::FlatParameters;
use tch::no_grad;

/// Scales the gradients down where their Euclidean norm is above `limit`; 0 is no limit.
pub fn clip_norm(parameters: &FlatParameters, limit: f64) {
    if limit <= 0.0 {
        return;
    }
    no_grad(|| {
        let mut gradients = parameters.gradients();
        let scale = (limit / (gradients.norm() + 1e-6)).clamp_max(1.0);
        let _ = gradients.g_mul_(&scale);
    });
}
