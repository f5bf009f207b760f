//! FBNet: `w = softmax((a + g) / t)` with one sample `g` for a batch and all nodes of a decision (section 2.2).

use rand::Rng as _;
use search::randomness::Rng;
use tch::{Kind, TchError, Tensor};

/// Standard Gumbel numbers `-ln(-ln u)` in the shape of `logits`, drawn on the host.
pub fn noise(logits: &Tensor, rng: &mut Rng) -> Result<Tensor, TchError> {
    let mut number = || {
        let u: f64 = rng.random_range(f64::MIN_POSITIVE..1.0);
        -(-u.ln()).ln()
    };
    let numbers: Vec<f64> = (0..logits.numel()).map(|_| number()).collect();
    let shape = logits.size();
    Tensor::f_from_slice(&numbers)?.f_view(shape.as_slice())?.f_to_kind(logits.kind())?.f_to_device(logits.device())
}

/// `logits`, `noise` and the result are `[rows, labels]`.
pub fn weights(logits: &Tensor, noise: &Tensor, temperature: f64) -> Result<Tensor, TchError> {
    logits.f_add(noise)?.f_div_scalar(temperature)?.f_softmax(-1, None::<Kind>)
}
