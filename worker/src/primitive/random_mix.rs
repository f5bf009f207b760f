//! Fixed random mixing of tokens (MetaFormer baselines, Yu et al. 2022, section 3).

use super::{Init, Layer, Pass, widened};
use tch::{Kind, TchError, Tensor};

/// `y = R x`; R is a softmax over uniform numbers and is never trained.
pub struct RandomMix {
    matrix: Tensor,
}

impl RandomMix {
    pub fn new(tokens: usize, init: &Init<'_>) -> Result<Self, TchError> {
        let uniform = init.buffer(&[tokens, tokens], init.unit_uniform("random_matrix", tokens * tokens))?;
        Ok(RandomMix { matrix: uniform.f_softmax(-1, None::<Kind>)? })
    }
}

impl Layer for RandomMix {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        self.matrix.f_matmul(&widened(inputs[0])?)
    }

    fn buffers(&self) -> Vec<(&'static str, &Tensor)> {
        vec![("random_matrix", &self.matrix)]
    }
}
