//! Operators: parameters and a lowering to primitives, nothing else. One file each, one line in `registry.rs`.
//!
//! An operator is a struct of its parameters, read from JSON by serde (`{"op": "mbconv", "kernel": 5}`), and says what
//! it is made of. Shapes, parameters, FLOPs, drawing, training and export come from the primitives by themselves.

mod attention_mixer;
mod auxiliary_head;
mod basic_block;
mod bottleneck;
mod classifier;
mod conv7x1_1x7;
mod convolution;
mod dilated;
mod downsample;
mod factorized_reduce;
mod feed_forward;
mod identity;
mod inverted_residual;
mod ir_pool;
mod linear;
mod metaformer_block;
mod metaformer_head;
mod mixer_block;
mod noise;
mod nor_conv;
mod normalisation;
mod pool;
mod pool_mixer;
mod raft;
mod random_mixer;
mod reduction_block;
mod registry;
mod residual;
mod rounding;
mod self_attention;
mod separable;
mod sepconv_mixer;
mod sharp_sep_conv;
mod spectral_mixer;
mod squeeze_excite;
mod token_embedding;
mod zero;

pub use attention_mixer::AttentionMixer;
pub use auxiliary_head::AuxiliaryHead;
pub use basic_block::BasicBlock;
pub use bottleneck::Bottleneck;
pub use classifier::Classifier;
pub use conv7x1_1x7::Conv7x1Conv1x7;
pub use convolution::{Convolution, Norm, Order};
pub use dilated::DilatedConv;
pub use downsample::Downsample;
pub use factorized_reduce::FactorizedReduce;
pub use feed_forward::FeedForward;
pub use identity::{Skip, SkipConnect};
pub use inverted_residual::InvertedResidual;
pub use ir_pool::IrPool;
pub use linear::Linear;
pub use metaformer_block::{BlockNorm, MetaformerBlock, Mixer};
pub use metaformer_head::{HeadKind, MetaformerHead};
pub use mixer_block::MixerBlock;
pub use noise::Noise;
pub use nor_conv::NorConv;
pub use normalisation::Normalisation;
pub use pool::{AveragePool, MaxPool, ResizablePool};
pub use pool_mixer::PoolMixer;
pub use raft::RaftLevel;
pub use random_mixer::RandomMixer;
pub use reduction_block::ReductionBlock;
pub use registry::{Entry, find, read, registry};
pub use rounding::round_channels;
pub use self_attention::SelfAttention;
pub use separable::SeparableConv;
pub use sepconv_mixer::SepConvMixer;
pub use sharp_sep_conv::{ChokeConv, DilChokeConv, DilFloodConv, FloodConv, SharpDilConv, SharpSepConv};
pub use spectral_mixer::SpectralMixer;
pub use token_embedding::TokenEmbedding;
pub use zero::Zero;

use crate::network::{Builder, Port, ShapeFault, Site};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An operator: serde parameters (unknown fields refused) and a lowering.
pub trait Operator: Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Its name in documents.
    const NAME: &'static str;
    /// One sentence for people.
    const SUMMARY: &'static str;
    /// Parameters that are numbers of channels inside the operator. Where such a decision stays open the operator is
    /// built with the widest option and calls [`Builder::open_width`] on what has those channels.
    const WIDTHS: &'static [&'static str] = &[];

    /// What is wrong with the parameters, if anything: a sentence with the right range.
    fn check(&self) -> Result<(), String> {
        Ok(())
    }

    /// Adds the operator's primitives to the graph. The output should have `site.channels` channels and
    /// `ceil(size / site.stride)` rows and columns; an operator that cannot do so refuses.
    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault>;
}

/// An operator with its type forgotten: what the registry hands out.
pub trait AnyOperator: Send + Sync {
    fn name(&self) -> &'static str;

    /// See [`Operator::lower`].
    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault>;
}

impl<T: Operator> AnyOperator for T {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        Operator::lower(self, x, site, g)
    }
}
