//! The closed set of elementary layers that every operator is made of.
//!
//! Each knows its shape rule, parameters and FLOPs (here, in `search`), and its libtorch layer, initialisation and
//! width mask (in `worker/primitive`). `match`es over this enum are exhaustive on purpose: a new primitive is a
//! new member, and the compiler names what it needs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which learnable parts a normalisation has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Affine {
    None,
    Weight,
    WeightBias,
}

/// Element-wise functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    Relu,
    Relu6,
    Hswish,
    Hsigmoid,
    Sigmoid,
    Silu,
    /// Exact (erf) form.
    Gelu,
    Tanh,
    /// `s * relu(x)^2 + b` with learnable scalars `s` (1 at the start) and `b` (0).
    StarRelu,
    /// `relu(x)^2`
    SquaredRelu,
}

/// Changes of layout. No values are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rearrangement {
    /// `[c, h, w] -> [h*w, c]`
    ImageToTokens,
    /// `[h*w, c] -> [c, h, w]`
    TokensToImage { height: usize, width: usize },
    /// `[n, c] -> [c, n]`
    Transpose,
    /// `[c, h, w] -> [h/p*w/p, p*p*c]`, pixels of a patch in the order row, column, channel.
    Patches { size: usize },
    /// RaftMLP (operators.md §2): tokens `[h*w, r*co]` to `[co*w, r*h]` (last axis chw*h + y).
    RaftVertical { height: usize, width: usize, raft: usize },
    /// Back from [`Rearrangement::RaftVertical`].
    RaftVerticalBack { height: usize, width: usize, raft: usize },
    /// RaftMLP: tokens `[h*w, r*co]` to `[co*h, r*w]` (last axis chw*w + x).
    RaftHorizontal { height: usize, width: usize, raft: usize },
    /// Back from [`Rearrangement::RaftHorizontal`].
    RaftHorizontalBack { height: usize, width: usize, raft: usize },
    /// `[c, 1, 1] -> [c]`, `[c, h, w] -> [c*h*w]`
    Flatten,
}

/// What a pooling window gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PoolKind {
    Max,
    Average,
}

/// A fixed spectral transform over tokens and channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// Real part of the two-dimensional DFT, not normalised.
    Dft,
    /// DCT-II over both axes, `X_k = 2 sum_n x_n cos(pi k (2n+1) / (2N))`.
    Dct,
}

/// An elementary layer. Pairs are `[height, width]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Primitive {
    Conv2d {
        in_channels: usize,
        out_channels: usize,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
        groups: usize,
        bias: bool,
    },
    /// Over the last axis of tokens or a vector.
    Linear {
        in_features: usize,
        out_features: usize,
        bias: bool,
    },
    /// Over the channel axis, statistics over batch and space. Running statistics are buffers.
    BatchNorm {
        channels: usize,
        eps: f64,
        momentum: f64,
        affine: bool,
    },
    /// Statistics per sample over groups of channels and space.
    GroupNorm {
        groups: usize,
        channels: usize,
        eps: f64,
        affine: Affine,
    },
    /// Statistics per position over the channels (images: per pixel).
    LayerNorm {
        channels: usize,
        eps: f64,
        affine: Affine,
    },
    Activation {
        function: Activation,
    },
    Pool {
        kind: PoolKind,
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        count_include_pad: bool,
    },
    /// Image `[c, h, w] -> [c, 1, 1]`; tokens `[n, c] -> [c]`.
    GlobalAveragePool,
    Rearrange {
        to: Rearrangement,
    },
    /// Ids `[n] -> [n, channels]`.
    Embedding {
        vocabulary: usize,
        channels: usize,
    },
    /// Adds a learnable table `[tokens, channels]`.
    Position {
        tokens: usize,
        channels: usize,
    },
    /// `softmax(q k^T * scale) v` per head; inputs q, k, v, each `[n, heads*head_channels]`.
    AttentionCore {
        heads: usize,
        head_channels: usize,
        scale: f64,
    },
    /// `y = R x` over tokens, R a frozen row-softmax of uniform numbers `[tokens, tokens]`.
    RandomMix {
        tokens: usize,
    },
    Spectral {
        transform: Transform,
    },
    /// Learnable factor per channel.
    Scale {
        channels: usize,
        init: f64,
    },
    /// Sum of its inputs.
    Add,
    /// `a - b`
    Subtract,
    /// `a * b`, b broadcast over space when it is `[c, 1, 1]`.
    Multiply,
    /// Along the channel axis.
    Concat,
    /// Channels `start..end`.
    Slice {
        start: usize,
        end: usize,
    },
    /// Drops the first row and column: `x[:, :, 1:, 1:]`.
    Shift,
    /// Zero rows and columns at the bottom and right.
    Pad {
        bottom: usize,
        right: usize,
    },
    ChannelShuffle {
        groups: usize,
    },
    /// `x * 0`, every `stride`-th pixel.
    Zero {
        stride: usize,
    },
    Identity,
    Dropout {
        rate: f64,
    },
    /// Drops the branch of a whole sample with the recipe's drop-path rate times `share` (schedules with depth).
    DropPath {
        share: f64,
    },
    /// Adds normal noise of this standard deviation in training; nothing otherwise.
    Noise {
        deviation: f64,
    },
    /// Nearest-neighbour enlargement.
    Upsample {
        factor: usize,
    },
}
