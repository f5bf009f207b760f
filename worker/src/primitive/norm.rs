//! Normalisations.

use super::{Init, Layer, Pass, widened};
use crate::bridge;
use search::network::Affine;
use tch::{TchError, Tensor};

/// Learnable factor (1 at the start) and offset (0) of a norm.
struct Parts {
    weight: Option<Tensor>,
    bias: Option<Tensor>,
}

impl Parts {
    fn new(channels: usize, affine: Affine, init: &Init<'_>) -> Result<Self, TchError> {
        let weight = (affine != Affine::None).then(|| init.constant(&[channels], 1.0)).transpose()?;
        let bias = (affine == Affine::WeightBias).then(|| init.constant(&[channels], 0.0)).transpose()?;
        Ok(Parts { weight, bias })
    }

    fn named(&self) -> Vec<(&'static str, &Tensor)> {
        let weight = self.weight.iter().map(|tensor| ("weight", tensor));
        weight.chain(self.bias.iter().map(|tensor| ("bias", tensor))).collect()
    }
}

/// Statistics over batch and positions in training, running ones in evaluation.
pub struct BatchNorm {
    parts: Parts,
    running_mean: Tensor,
    running_var: Tensor,
    eps: f64,
    momentum: f64,
}

impl BatchNorm {
    pub fn new(channels: usize, eps: f64, momentum: f64, affine: bool, init: &Init<'_>) -> Result<Self, TchError> {
        let affine = if affine { Affine::WeightBias } else { Affine::None };
        Ok(BatchNorm {
            parts: Parts::new(channels, affine, init)?,
            running_mean: init.buffer(&[channels], vec![0.0; channels])?,
            running_var: init.buffer(&[channels], vec![1.0; channels])?,
            eps,
            momentum,
        })
    }

    fn described(&self, pass: &Pass<'_>) -> bridge::Norm<'_> {
        let running = !pass.train || pass.track;
        bridge::Norm {
            weight: self.parts.weight.as_ref(),
            bias: self.parts.bias.as_ref(),
            running_mean: running.then_some(&self.running_mean),
            running_var: running.then_some(&self.running_var),
            momentum: pass.momentum.unwrap_or(self.momentum),
            eps: self.eps,
        }
    }

    /// The channels are the second axis.
    fn normed(&self, x: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
        let norm = self.described(pass);
        if let Some(y) = if pass.train { bridge::batch_norm(x, &norm, false)? } else { None } {
            return Ok(y);
        }
        x.f_batch_norm(
            norm.weight,
            norm.bias,
            norm.running_mean,
            norm.running_var,
            pass.train,
            norm.momentum,
            norm.eps,
            true,
        )
    }
}

impl Layer for BatchNorm {
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        if inputs[0].dim() != 3 {
            return self.normed(inputs[0], pass);
        }
        // Tokens keep their channels last.
        self.normed(&inputs[0].f_transpose(1, 2)?, pass)?.f_transpose(1, 2)
    }

    fn norm(&self, pass: &Pass<'_>) -> Option<bridge::Norm<'_>> {
        pass.train.then(|| self.described(pass))
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        self.parts.named()
    }

    fn buffers(&self) -> Vec<(&'static str, &Tensor)> {
        vec![("running_mean", &self.running_mean), ("running_var", &self.running_var)]
    }
}

/// Statistics of a sample over groups of channels and all positions.
pub struct GroupNorm {
    parts: Parts,
    groups: i64,
    eps: f64,
}

impl GroupNorm {
    pub fn new(groups: usize, channels: usize, eps: f64, affine: Affine, init: &Init<'_>) -> Result<Self, TchError> {
        Ok(GroupNorm { parts: Parts::new(channels, affine, init)?, groups: groups as i64, eps })
    }
}

impl Layer for GroupNorm {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let (weight, bias) = (self.parts.weight.as_ref(), self.parts.bias.as_ref());
        let x = widened(inputs[0])?;
        if x.dim() != 3 {
            return x.f_group_norm(self.groups, weight, bias, self.eps, true);
        }
        // Tokens keep their channels last.
        let channels_first = x.f_transpose(1, 2)?;
        channels_first.f_group_norm(self.groups, weight, bias, self.eps, true)?.f_transpose(1, 2)
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        self.parts.named()
    }
}

/// Statistics of a position over its channels.
pub struct LayerNorm {
    parts: Parts,
    channels: i64,
    eps: f64,
}

impl LayerNorm {
    pub fn new(channels: usize, eps: f64, affine: Affine, init: &Init<'_>) -> Result<Self, TchError> {
        Ok(LayerNorm { parts: Parts::new(channels, affine, init)?, channels: channels as i64, eps })
    }
}

impl Layer for LayerNorm {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let (weight, bias) = (self.parts.weight.as_ref(), self.parts.bias.as_ref());
        let norm = |x: &Tensor| x.f_layer_norm(self.channels, weight, bias, self.eps, true);
        let x = widened(inputs[0])?;
        match x.dim() {
            4 => norm(&x.f_permute([0, 2, 3, 1])?)?.f_permute([0, 3, 1, 2]),
            _ => norm(&x),
        }
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        self.parts.named()
    }
}
