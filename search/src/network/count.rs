//! Parameters and multiply-adds of every primitive, in the conventions that published tables use.

use super::{Activation, Affine, Primitive, Shape};
use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convention {
    /// All trainable parameters; multiply-adds of convolutions, linear layers and products over tokens, without
    /// biases, norms, activations and pooling.
    #[default]
    Plain,
    /// NAS-Bench-201: as `Plain`, and one operation per bias of a linear layer.
    LinearBias,
    /// The released FBNet tables: weights of convolutions and linear layers alone; their multiply-adds and one
    /// operation per input value of every global average pool.
    Lut,
}

/// Totals of one convention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Trainable parameters.
    pub params: u64,
    /// Parameters that are never trained (fixed random mixing).
    pub frozen: u64,
    /// Multiply-adds for one sample.
    pub flops: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.params = self.params.saturating_add(other.params);
        self.frozen = self.frozen.saturating_add(other.frozen);
        self.flops = self.flops.saturating_add(other.flops);
    }
}

/// Product that stays at the largest number instead of wrapping.
fn product(factors: &[usize]) -> u64 {
    factors.iter().fold(1u64, |all, &f| all.saturating_mul(f as u64))
}

impl Primitive {
    /// Counts of one layer with inputs and output of these shapes (one sample).
    pub fn counts(&self, inputs: &[Shape], output: Shape, convention: Convention) -> Counts {
        let weights = self.weights();
        let extra = match convention {
            Convention::Lut => 0,
            Convention::Plain | Convention::LinearBias => self.other_params(),
        };
        let frozen = match self {
            Primitive::RandomMix { tokens } => product(&[*tokens, *tokens]),
            _ => 0,
        };
        Counts { params: weights + extra, frozen, flops: self.flops(inputs, output, convention) }
    }

    /// All trainable parameters.
    pub fn params(&self) -> u64 {
        self.weights().saturating_add(self.other_params())
    }

    /// Weights of convolutions and linear layers.
    fn weights(&self) -> u64 {
        match self {
            Primitive::Conv2d { in_channels, out_channels, kernel, groups, .. } => {
                product(&[*out_channels, in_channels / groups, kernel[0], kernel[1]])
            }
            Primitive::Linear { in_features, out_features, .. } => product(&[*in_features, *out_features]),
            _ => 0,
        }
    }

    /// Trainable parameters besides the weights of convolutions and linear layers.
    fn other_params(&self) -> u64 {
        let count = match self {
            Primitive::Conv2d { out_channels, bias, .. } => out_channels * usize::from(*bias),
            Primitive::Linear { out_features, bias, .. } => out_features * usize::from(*bias),
            Primitive::BatchNorm { channels, affine, .. } => 2 * channels * usize::from(*affine),
            Primitive::GroupNorm { channels, affine, .. } | Primitive::LayerNorm { channels, affine, .. } => {
                channels
                    * match affine {
                        Affine::None => 0,
                        Affine::Weight => 1,
                        Affine::WeightBias => 2,
                    }
            }
            Primitive::Activation { function: Activation::StarRelu } => 2,
            Primitive::Embedding { vocabulary, channels } => return product(&[*vocabulary, *channels]),
            Primitive::Position { tokens, channels } => return product(&[*tokens, *channels]),
            Primitive::Scale { channels, .. } => *channels,
            Primitive::Activation { .. }
            | Primitive::Pool { .. }
            | Primitive::GlobalAveragePool
            | Primitive::Rearrange { .. }
            | Primitive::AttentionCore { .. }
            | Primitive::RandomMix { .. }
            | Primitive::Spectral { .. }
            | Primitive::Add
            | Primitive::Subtract
            | Primitive::Multiply
            | Primitive::Concat
            | Primitive::Slice { .. }
            | Primitive::Shift
            | Primitive::Pad { .. }
            | Primitive::ChannelShuffle { .. }
            | Primitive::Zero { .. }
            | Primitive::Identity
            | Primitive::Dropout { .. }
            | Primitive::DropPath { .. }
            | Primitive::Noise { .. }
            | Primitive::Upsample { .. } => 0,
        };
        count as u64
    }

    fn flops(&self, inputs: &[Shape], output: Shape, convention: Convention) -> u64 {
        match self {
            Primitive::Conv2d { .. } => match output {
                Shape::Image { height, width, .. } => self.weights().saturating_mul(product(&[height, width])),
                _ => 0,
            },
            Primitive::Linear { out_features, bias, .. } => {
                let positions = match output {
                    Shape::Tokens { tokens, .. } => tokens as u64,
                    _ => 1,
                };
                let bias = match convention {
                    Convention::LinearBias if *bias => *out_features as u64,
                    _ => 0,
                };
                (self.weights() + bias).saturating_mul(positions)
            }
            // q k^T and the product with v, every query with every key.
            Primitive::AttentionCore { heads, head_channels, .. } => match inputs {
                [Shape::Tokens { tokens: queries, .. }, Shape::Tokens { tokens: keys, .. }, ..] => {
                    product(&[2, *heads, *head_channels, *queries, *keys])
                }
                _ => 0,
            },
            Primitive::RandomMix { tokens } => product(&[*tokens, *tokens, output.channels()]),
            Primitive::GlobalAveragePool if convention == Convention::Lut => {
                inputs.first().map_or(0, |x| x.numel() as u64)
            }
            _ => 0,
        }
    }
}
