//! A tensor summed up in a few numbers.

use serde::{Deserialize, Serialize};
use tch::{Device, Kind, TchError, Tensor};

/// Values shown at the start of a digest.
const SHOWN: i64 = 16;

/// A tensor summed up over its values in row-major order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    pub shape: Vec<i64>,
    pub sum: f64,
    pub abs_sum: f64,
    pub sumsq: f64,
    /// `Σ y_k cos(0.05 k)`
    pub weighted: f64,
    /// The first values.
    pub first: Vec<f64>,
}

impl Digest {
    pub fn of(tensor: &Tensor) -> Result<Digest, TchError> {
        let flat = tensor.detach().f_to_kind(Kind::Double)?.f_to_device(Device::Cpu)?.f_reshape(-1)?;
        let scalar = |value: Tensor| value.f_double_value(&[]);
        let count = SHOWN.min(flat.numel() as i64);
        Ok(Digest {
            shape: tensor.size(),
            sum: scalar(flat.f_sum(Kind::Double)?)?,
            abs_sum: scalar(flat.f_abs()?.f_sum(Kind::Double)?)?,
            sumsq: scalar(flat.f_square()?.f_sum(Kind::Double)?)?,
            weighted: scalar(weighted(&flat)?)?,
            first: Vec::try_from(&flat.f_narrow(0, 0, count)?)?,
        })
    }
}

/// `Σ y_k cos(0.05 k)` as a scalar tensor: the loss of the backward pass.
pub(super) fn weighted(tensor: &Tensor) -> Result<Tensor, TchError> {
    let flat = tensor.f_reshape(-1)?;
    let k = Tensor::f_arange(flat.numel() as i64, (Kind::Double, tensor.device()))?;
    (k * 0.05).f_cos()?.f_to_kind(tensor.kind())?.f_mul(&flat)?.f_sum(tensor.kind())
}
