//! Element-wise functions.

use super::{Init, Layer, Pass};
use search::network::Activation;
use tch::{TchError, Tensor};

struct Plain(Activation);

/// `scale * relu(x)^2 + bias` (MetaFormer baselines, Yu et al. 2022, section 4).
struct StarRelu {
    scale: Tensor,
    bias: Tensor,
}

pub fn build(function: Activation, init: &Init<'_>) -> Result<Box<dyn Layer>, TchError> {
    Ok(match function {
        Activation::StarRelu => {
            Box::new(StarRelu { scale: init.constant(&[1], 1.0)?, bias: init.constant(&[1], 0.0)? })
        }
        plain => Box::new(Plain(plain)),
    })
}

impl Layer for Plain {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let x = inputs[0];
        match self.0 {
            Activation::Relu => x.f_relu(),
            Activation::Relu6 => x.f_relu6(),
            Activation::Hswish => x.f_hardswish(),
            Activation::Hsigmoid => x.f_hardsigmoid(),
            Activation::Sigmoid => x.f_sigmoid(),
            Activation::Silu => x.f_silu(),
            Activation::Gelu => x.f_gelu("none"),
            Activation::Tanh => x.f_tanh(),
            Activation::SquaredRelu | Activation::StarRelu => x.f_relu()?.f_square(),
        }
    }

    fn overwrite(&self, mut input: Tensor, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        match self.0 {
            Activation::Relu => input.f_relu_(),
            _ => self.forward(&[&input], pass),
        }
    }
}

impl Layer for StarRelu {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        inputs[0].f_relu()?.f_square()?.f_mul(&self.scale)?.f_add(&self.bias)
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        vec![("scale", &self.scale), ("bias", &self.bias)]
    }
}
