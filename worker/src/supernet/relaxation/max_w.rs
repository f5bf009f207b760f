//! sharpDARTS: `w = 1 - max(softmax(a)) + softmax(a)`, the largest candidate weighs 1 (section 5.2).

use super::softmax;
use tch::{TchError, Tensor};

/// `logits` and the result are `[rows, labels]`. Gradient flows through the maximum unless `detach_max`.
pub fn weights(logits: &Tensor, detach_max: bool) -> Result<Tensor, TchError> {
    let weights = softmax::weights(logits)?;
    let largest = weights.f_amax([-1i64].as_slice(), true)?;
    let largest = if detach_max { largest.f_detach()? } else { largest };
    weights.f_sub(&largest)?.f_add_scalar(1.0)
}
