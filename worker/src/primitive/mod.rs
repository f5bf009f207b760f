//! The libtorch side of the primitives: one file per kind. All initialisations are set here and nowhere else, because
//! tch's own layers start from other distributions than PyTorch's.

mod activation;
mod attention;
mod combine;
mod convolution;
mod embedding;
mod init;
mod linear;
mod norm;
mod pool;
mod random_mix;
mod rearrange;
mod regularise;
mod scale;
mod space;
mod spectral;

pub use init::Init;

use crate::bridge::Norm;
use crate::recipe::Noise;
use search::network::{Primitive, Shape};
use tch::{Kind, TchError, Tensor};

/// What a forward pass is for.
pub struct Pass<'a> {
    /// Batch statistics, dropout and drop-path are for training alone.
    pub train: bool,
    /// Whether batch statistics are noted in the running ones.
    pub track: bool,
    /// Weight of a batch in the running statistics, in place of the layers' own.
    pub momentum: Option<f64>,
    /// Rate of the recipe's dropout; layers with a rate of their own keep it.
    pub dropout: f64,
    /// Rate of the recipe's drop-path at this epoch.
    pub drop_path: f64,
    /// Where masks come from; needed in training when a rate is above 0.
    pub noise: Option<&'a Noise>,
    /// Convolutions and matrix products in bf16; weights and sums over them stay in 32 bit.
    pub bf16: bool,
}

impl Pass<'_> {
    /// A pass that judges.
    pub fn eval() -> Pass<'static> {
        Pass { train: false, track: false, momentum: None, dropout: 0.0, drop_path: 0.0, noise: None, bf16: false }
    }

    /// A pass that judges by the statistics of its batch.
    pub fn batch_statistics() -> Pass<'static> {
        Pass { track: false, ..Pass::plain_train() }
    }

    /// A training pass without dropout.
    pub fn plain_train() -> Pass<'static> {
        Pass { train: true, track: true, momentum: None, dropout: 0.0, drop_path: 0.0, noise: None, bf16: false }
    }
}

/// A primitive as a layer with tensors. Shapes are checked on the description, before any layer exists.
pub trait Layer: Send {
    /// `inputs` have a batch axis in front of the primitive's shapes.
    fn forward(&self, inputs: &[&Tensor], pass: &mut Pass<'_>) -> Result<Tensor, TchError>;

    /// The same for a layer of one input that nobody else needs; the layer may write its result into it.
    fn overwrite(&self, input: Tensor, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        self.forward(&[&input], pass)
    }

    /// The value for `relu(input)`.
    fn rectified(&self, input: &Tensor, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        self.forward(&[&input.f_relu()?], pass)
    }

    /// A batch norm's tensors, in passes that use the statistics of the batch: whoever adds its value to others may
    /// compute it.
    fn norm(&self, _: &Pass<'_>) -> Option<Norm<'_>> {
        None
    }

    /// Trainable tensors by their PyTorch name (`weight`, `bias`).
    fn parameters(&self) -> Vec<(&'static str, &Tensor)> {
        Vec::new()
    }

    /// Tensors that are kept but not trained (`running_mean`).
    fn buffers(&self) -> Vec<(&'static str, &Tensor)> {
        Vec::new()
    }
}

/// `x` in the number format of products: bf16 in passes that ask for it.
fn for_product(x: &Tensor, pass: &Pass<'_>) -> Result<Tensor, TchError> {
    if pass.bf16 { x.f_to_kind(Kind::BFloat16) } else { Ok(x.shallow_clone()) }
}

/// `x` in 32 bit where it came from a product in bf16.
pub(crate) fn widened(x: &Tensor) -> Result<Tensor, TchError> {
    if x.kind() == Kind::BFloat16 { x.f_to_kind(Kind::Float) } else { Ok(x.shallow_clone()) }
}

/// An image or kernel with its channels innermost in memory; the shape stays. Other tensors stay as they are.
pub fn channels_last(x: &Tensor) -> Result<Tensor, TchError> {
    match x.dim() {
        4 => x.f_permute([0, 2, 3, 1])?.f_contiguous()?.f_permute([0, 3, 1, 2]),
        _ => Ok(x.shallow_clone()),
    }
}

/// Makes the layer of a primitive whose inputs have these shapes.
pub fn build(primitive: &Primitive, inputs: &[Shape], init: &mut Init<'_>) -> Result<Box<dyn Layer>, TchError> {
    use Primitive as P;
    Ok(match primitive {
        P::Conv2d { .. } => Box::new(convolution::Conv2d::new(primitive, init)?),
        P::Linear { in_features, out_features, bias } => {
            Box::new(linear::Linear::new(*in_features, *out_features, *bias, init)?)
        }
        P::BatchNorm { channels, eps, momentum, affine } => {
            Box::new(norm::BatchNorm::new(*channels, *eps, *momentum, *affine, init)?)
        }
        P::GroupNorm { groups, channels, eps, affine } => {
            Box::new(norm::GroupNorm::new(*groups, *channels, *eps, *affine, init)?)
        }
        P::LayerNorm { channels, eps, affine } => Box::new(norm::LayerNorm::new(*channels, *eps, *affine, init)?),
        P::Activation { function } => activation::build(*function, init)?,
        P::Pool { kind, kernel, stride, padding, count_include_pad } => {
            Box::new(pool::Pool::new(*kind, *kernel, *stride, *padding, *count_include_pad))
        }
        P::GlobalAveragePool => Box::new(pool::GlobalAverage),
        P::Rearrange { to } => Box::new(rearrange::Rearrange(*to)),
        P::Embedding { vocabulary, channels } => Box::new(embedding::Embedding::new(*vocabulary, *channels, init)?),
        P::Position { tokens, channels } => Box::new(embedding::Position::new(*tokens, *channels, init)?),
        P::AttentionCore { heads, head_channels, scale } => {
            Box::new(attention::Attention::new(*heads, *head_channels, *scale))
        }
        P::RandomMix { tokens } => Box::new(random_mix::RandomMix::new(*tokens, init)?),
        P::Spectral { transform } => Box::new(spectral::Spectral::new(*transform, inputs, init)?),
        P::Scale { channels, init: start } => Box::new(scale::Scale::new(*channels, *start, inputs, init)?),
        P::Add => Box::new(combine::Add),
        P::Subtract => Box::new(combine::Subtract),
        P::Multiply => Box::new(combine::Multiply),
        P::Concat => Box::new(combine::Concat::of(inputs)),
        P::Slice { start, end } => Box::new(combine::Slice::new(*start, *end, inputs)),
        P::Shift => Box::new(space::Shift),
        P::Pad { bottom, right } => Box::new(space::Pad { bottom: *bottom as i64, right: *right as i64 }),
        P::ChannelShuffle { groups } => Box::new(space::ChannelShuffle(*groups as i64)),
        P::Zero { stride } => Box::new(space::Zero(*stride as i64)),
        P::Upsample { factor } => Box::new(space::Upsample(*factor as i64)),
        P::Identity => Box::new(space::Identity),
        P::Dropout { rate } => Box::new(regularise::Dropout(*rate)),
        P::DropPath { share } => Box::new(regularise::DropPath(*share)),
        P::Noise { deviation } => Box::new(regularise::Noise(*deviation)),
    })
}
