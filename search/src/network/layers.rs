//! Short forms for the primitives that operators use most.

use super::{Activation, Builder, PoolKind, Port, Primitive, ShapeFault};

/// BatchNorm's usual constants (PyTorch's defaults).
pub const BATCH_NORM_EPS: f64 = 1e-5;
/// Share of a batch's statistics in the running ones, PyTorch's default.
pub const BATCH_NORM_MOMENTUM: f64 = 0.1;

/// A convolution in the making. Starts with stride 1, padding that keeps the size, one group and no bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv {
    out_channels: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    padding: Option<[usize; 2]>,
    dilation: usize,
    groups: usize,
    bias: bool,
}

impl Conv {
    /// A `kernel`×`kernel` convolution to `out_channels`.
    pub fn square(out_channels: usize, kernel: usize) -> Self {
        Conv::window(out_channels, [kernel, kernel])
    }

    /// A convolution whose kernel is `[height, width]`.
    pub fn window(out_channels: usize, kernel: [usize; 2]) -> Self {
        Conv { out_channels, kernel, stride: [1, 1], padding: None, dilation: 1, groups: 1, bias: false }
    }

    /// One filter per channel.
    pub fn depthwise(channels: usize, kernel: usize) -> Self {
        Conv::square(channels, kernel).groups(channels)
    }

    /// With the same stride in both directions.
    pub fn stride(self, stride: usize) -> Self {
        self.strides([stride, stride])
    }

    /// With strides `[vertical, horizontal]`.
    pub fn strides(self, stride: [usize; 2]) -> Self {
        Conv { stride, ..self }
    }

    /// Padding on every side; without a call half of the kernel's reach, which keeps the size at stride 1.
    pub fn padding(self, padding: usize) -> Self {
        Conv { padding: Some([padding, padding]), ..self }
    }

    /// With gaps between the taps of the kernel.
    pub fn dilation(self, dilation: usize) -> Self {
        Conv { dilation, ..self }
    }

    /// With channels in groups that do not see each other.
    pub fn groups(self, groups: usize) -> Self {
        Conv { groups, ..self }
    }

    /// With or without a bias.
    pub fn bias(self, bias: bool) -> Self {
        Conv { bias, ..self }
    }

    /// The primitive for an input of `in_channels`.
    pub fn primitive(self, in_channels: usize) -> Primitive {
        let half = |k: usize| k.saturating_sub(1).saturating_mul(self.dilation) / 2;
        Primitive::Conv2d {
            in_channels,
            out_channels: self.out_channels,
            kernel: self.kernel,
            stride: self.stride,
            padding: self.padding.unwrap_or(self.kernel.map(half)),
            dilation: [self.dilation, self.dilation],
            groups: self.groups,
            bias: self.bias,
        }
    }
}

type Added = Result<Port, ShapeFault>;

impl Builder {
    /// Adds a convolution.
    pub fn conv(&mut self, x: Port, conv: Conv) -> Added {
        self.add(conv.primitive(x.channels()), &[x])
    }

    /// Adds a linear layer over the last axis.
    pub fn linear(&mut self, x: Port, out_features: usize, bias: bool) -> Added {
        self.add(Primitive::Linear { in_features: x.channels(), out_features, bias }, &[x])
    }

    /// Batch norm with the usual constants.
    pub fn batch_norm(&mut self, x: Port, affine: bool) -> Added {
        let (eps, momentum) = (BATCH_NORM_EPS, BATCH_NORM_MOMENTUM);
        self.add(Primitive::BatchNorm { channels: x.channels(), eps, momentum, affine }, &[x])
    }

    /// Adds an element-wise function.
    pub fn activation(&mut self, x: Port, function: Activation) -> Added {
        self.add(Primitive::Activation { function }, &[x])
    }

    /// Adds a ReLU.
    pub fn relu(&mut self, x: Port) -> Added {
        self.activation(x, Activation::Relu)
    }

    /// Square pooling; padding is never counted in an average.
    pub fn pool(&mut self, x: Port, kind: PoolKind, kernel: usize, stride: usize, padding: usize) -> Added {
        let pair = |n| [n, n];
        let (kernel, stride, padding) = (pair(kernel), pair(stride), pair(padding));
        self.add(Primitive::Pool { kind, kernel, stride, padding, count_include_pad: false }, &[x])
    }

    /// Sum; one port is returned as it is.
    pub fn sum(&mut self, ports: &[Port]) -> Added {
        match ports {
            [one] => Ok(*one),
            _ => self.add(Primitive::Add, ports),
        }
    }

    /// Concatenation along the channels; one port is returned as it is.
    pub fn concat(&mut self, ports: &[Port]) -> Added {
        match ports {
            [one] => Ok(*one),
            _ => self.add(Primitive::Concat, ports),
        }
    }

    /// Image to one vector per sample: the mean over all positions.
    pub fn global_average(&mut self, x: Port) -> Added {
        let pooled = self.add(Primitive::GlobalAveragePool, &[x])?;
        match pooled.size() {
            Some(_) => self.add(Primitive::Rearrange { to: super::Rearrangement::Flatten }, &[pooled]),
            None => Ok(pooled),
        }
    }

    /// A branch that may be dropped in training, with `share` of the recipe's rate.
    pub fn drop_path(&mut self, x: Port, share: f64) -> Added {
        self.add(Primitive::DropPath { share }, &[x])
    }
}
