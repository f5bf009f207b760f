//! Token embeddings and learned positions.

use super::{Init, Layer, Pass};
use tch::{TchError, Tensor};

/// `[batch, tokens]` of ids `-> [batch, tokens, channels]`
pub struct Embedding {
    weight: Tensor,
}

impl Embedding {
    pub fn new(vocabulary: usize, channels: usize, init: &Init<'_>) -> Result<Self, TchError> {
        Ok(Embedding { weight: init.normal("weight", &[vocabulary, channels])? })
    }
}

impl Layer for Embedding {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        Tensor::f_embedding(&self.weight, inputs[0], -1, false, false)
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        vec![("weight", &self.weight)]
    }
}

/// Adds a learned table `[tokens, channels]`, which starts small (standard deviation 0.02).
pub struct Position {
    weight: Tensor,
}

impl Position {
    pub fn new(tokens: usize, channels: usize, init: &Init<'_>) -> Result<Self, TchError> {
        let start = init.normal("weight", &[tokens, channels])?;
        Ok(Position { weight: start.detach().f_mul_scalar(0.02)?.set_requires_grad(true) })
    }
}

impl Layer for Position {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        inputs[0].f_add(&self.weight)
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        vec![("weight", &self.weight)]
    }
}
