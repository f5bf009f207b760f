//! Linear layer over the last axis.

use super::{Init, Layer, Pass, for_product};
use tch::{TchError, Tensor};

/// `[batch, …, in] -> [batch, …, out]`
pub struct Linear {
    weight: Tensor,
    bias: Option<Tensor>,
}

impl Linear {
    pub fn new(in_features: usize, out_features: usize, bias: bool, init: &Init<'_>) -> Result<Self, TchError> {
        let weight = init.fan_in("weight", &[out_features, in_features], in_features)?;
        let bias = bias.then(|| init.fan_in("bias", &[out_features], in_features)).transpose()?;
        Ok(Linear { weight, bias })
    }
}

impl Layer for Linear {
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let (x, weight) = (for_product(inputs[0], pass)?, for_product(&self.weight, pass)?);
        let bias = self.bias.as_ref().map(|bias| for_product(bias, pass)).transpose()?;
        x.f_linear(&weight, bias.as_ref())
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        std::iter::once(("weight", &self.weight)).chain(self.bias.iter().map(|bias| ("bias", bias))).collect()
    }
}
