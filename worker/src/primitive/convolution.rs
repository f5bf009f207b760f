//! Two-dimensional convolution.

use super::{Init, Layer, Pass, for_product};
use crate::bridge;
use search::network::Primitive;
use tch::{TchError, Tensor};

/// `[batch, in, height, width] -> [batch, out, height', width']`
pub struct Conv2d {
    weight: Tensor,
    bias: Option<Tensor>,
    stride: [i64; 2],
    padding: [i64; 2],
    dilation: [i64; 2],
    groups: i64,
}

impl Conv2d {
    /// `primitive` must be a `Conv2d`; anything else makes an empty convolution that the shape rules exclude.
    pub fn new(primitive: &Primitive, init: &Init<'_>) -> Result<Self, TchError> {
        let Primitive::Conv2d { in_channels, out_channels, kernel, stride, padding, dilation, groups, bias } =
            primitive
        else {
            return Err(TchError::Kind(format!("{} is no convolution", init.name)));
        };
        let per_group = in_channels / groups;
        let fan_in = per_group * kernel[0] * kernel[1];
        let weight = init.fan_in("weight", &[*out_channels, per_group, kernel[0], kernel[1]], fan_in)?;
        let bias = bias.then(|| init.fan_in("bias", &[*out_channels], fan_in)).transpose()?;
        let pair = |pair: &[usize; 2]| pair.map(|side| side as i64);
        Ok(Conv2d {
            weight,
            bias,
            stride: pair(stride),
            padding: pair(padding),
            dilation: pair(dilation),
            groups: *groups as i64,
        })
    }

    /// The convolutions that libtorch is slow at on the CPU.
    fn bridged(&self, x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Result<Option<Tensor>, TchError> {
        if self.is_depthwise()? {
            return bridge::depthwise(x, weight, self.stride, self.padding, self.dilation, false);
        }
        let (_, _, rows, columns) = weight.size4()?;
        let one_pixel = [rows, columns] == [1, 1] && self.stride == [1, 1] && self.padding == [0, 0];
        if self.groups == 1 && one_pixel { bridge::pointwise(x, weight, bias) } else { Ok(None) }
    }

    fn is_depthwise(&self) -> Result<bool, TchError> {
        let (outputs, per_group, _, _) = self.weight.size4()?;
        Ok(self.groups > 1 && self.groups == outputs && per_group == 1 && self.bias.is_none())
    }
}

impl Layer for Conv2d {
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let (x, weight) = (for_product(inputs[0], pass)?, for_product(&self.weight, pass)?);
        let bias = self.bias.as_ref().map(|bias| for_product(bias, pass)).transpose()?;
        if let Some(y) = self.bridged(&x, &weight, bias.as_ref())? {
            return Ok(y);
        }
        x.f_conv2d(&weight, bias.as_ref(), self.stride, self.padding, self.dilation, self.groups)
    }

    fn rectified(&self, input: &Tensor, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let known = !pass.bf16 && self.is_depthwise()?;
        let bridged = match known {
            true => bridge::depthwise(input, &self.weight, self.stride, self.padding, self.dilation, true)?,
            false => None,
        };
        bridged.map_or_else(|| self.forward(&[&input.f_relu()?], pass), Ok)
    }

    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        std::iter::once(("weight", &self.weight)).chain(self.bias.iter().map(|bias| ("bias", bias))).collect()
    }
}
