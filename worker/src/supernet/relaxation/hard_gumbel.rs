//! GDAS: `p = softmax((log_softmax(a) + g) / t)`, the largest is computed and weighs `onehot - stop(p) + p`: 1 in value,
//! with the gradient of `p` (section 6.6).

use super::{Relaxed, gumbel};
use tch::{Device, Kind, TchError, Tensor};

/// `logits` and `noise` are `[rows, labels]`. Waits for the device: which candidate is computed depends on the logits.
pub fn weights(logits: &Tensor, noise: &Tensor, temperature: f64, unsampled: bool) -> Result<Relaxed, TchError> {
    let soft = gumbel::weights(&logits.f_log_softmax(-1, None::<Kind>)?, noise, temperature)?;
    let index = soft.f_detach()?.f_argmax(-1, true)?;
    let hard = soft.f_zeros_like()?.f_scatter_value(-1, &index, 1.0)?;
    let weights = hard.f_sub(&soft.f_detach()?)?.f_add(&soft)?;
    let host = Vec::<i64>::try_from(&index.f_to_device(Device::Cpu)?.f_reshape(-1)?)?;
    Ok(Relaxed::Hard { weights, chosen: host.into_iter().map(|index| index as usize).collect(), unsampled })
}
