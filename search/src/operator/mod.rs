//! Operators: parameters and a lowering to primitives, nothing else. One file each, one line in `registry.rs`.
//!
//! An operator is a struct of its parameters, read from JSON by serde (`{"op": "mbconv", "kernel": 5}`), and says what
//! it is made of. Shapes, parameters, FLOPs, drawing, training and export come from the primitives by themselves.

mod auxiliary_head;
mod classifier;
mod conv7x1_1x7;
mod convolution;
mod dilated;
mod factorized_reduce;
mod identity;
mod nor_conv;
mod normalisation;
mod pool;
mod reduction_block;
mod registry;
mod separable;
mod zero;

pub use auxiliary_head::AuxiliaryHead;
pub use classifier::Classifier;
pub use conv7x1_1x7::Conv7x1Conv1x7;
pub use convolution::{Convolution, Norm, Order};
pub use dilated::DilatedConv;
pub use factorized_reduce::FactorizedReduce;
pub use identity::{Skip, SkipConnect};
pub use nor_conv::NorConv;
pub use normalisation::Normalisation;
pub use pool::{AveragePool, MaxPool};
pub use reduction_block::ReductionBlock;
pub use registry::{Entry, find, read, registry};
pub use separable::SeparableConv;
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
