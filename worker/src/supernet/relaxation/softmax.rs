//! DARTS: `w = softmax(a)` (section 1.2).

use tch::{Kind, TchError, Tensor};

/// `logits` and the result are `[rows, labels]`.
pub fn weights(logits: &Tensor) -> Result<Tensor, TchError> {
    logits.f_softmax(-1, None::<Kind>)
}
