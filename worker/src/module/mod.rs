//! A graph of primitives as a libtorch module.
//!
//! A module evaluates by pulling from its outputs: only what they depend on is computed, each value once, and a value
//! is dropped after its last use. A graph with open decisions is not a child; the error says which decision is open.
//! The supernet (`crate::supernet`) runs the same layers and gives the values of open choices itself.

mod child;
mod layers;
mod plan;
mod rewrite;
mod route;
pub(crate) mod term;
#[cfg(test)]
mod tests;

pub(crate) use child::fits;
pub use child::{Child, build};
pub(crate) use layers::{Layers, Mix};
pub(crate) use plan::{Plan, Step};
pub(crate) use route::{Route, Taken};

use crate::primitive::Pass;
use search::network::{Graph, Layer as GraphLayer};
use std::collections::BTreeMap;
use tch::{Device, Kind, TchError, Tensor};
use term::Term;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ModuleError {
    #[error("decision `{0}` is open: choose it before the network is built")]
    OpenDecision(String),
    #[error("the saved tensors do not fit the network: {0}")]
    Misfit(String),
    #[error(transparent)]
    Torch(#[from] TchError),
}

/// Where and how a module is built.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    pub device: Device,
    pub kind: Kind,
    /// Seeds the weights; equal seeds give equal weights on every device.
    pub seed: u64,
}

impl Build {
    /// Whether images and kernels keep their channels innermost in memory, which is faster in 32 bit and below.
    pub fn channels_last(&self) -> bool {
        self.kind != Kind::Double
    }
}

/// What a forward pass gives.
pub struct Outputs {
    /// `[batch, classes]`
    pub logits: Tensor,
    /// Of the auxiliary head; in training passes of networks that have one.
    pub auxiliary: Option<Tensor>,
}

/// A child network: every decision closed.
pub struct Module {
    layers: Layers,
    train_plan: Plan,
    eval_plan: Plan,
}

impl Module {
    pub fn build(graph: &Graph, build: Build) -> Result<Module, ModuleError> {
        let open = graph.nodes.iter().find_map(|node| match &node.layer {
            GraphLayer::Choice { decision, .. } | GraphLayer::WidthChoice { decision, .. } => Some(decision),
            GraphLayer::Input | GraphLayer::Primitive { .. } => None,
        });
        if let Some(decision) = open {
            return Err(ModuleError::OpenDecision(decision.clone()));
        }
        let route = Route::default();
        let layers = Layers::build(graph, build, &vec![true; graph.nodes.len()])?;
        Ok(Module {
            train_plan: layers.plan(graph, true, &route),
            eval_plan: layers.plan(graph, false, &route),
            layers,
        })
    }

    /// `input` has a batch axis in front of the network's input shape.
    pub fn forward(&self, input: &Tensor, pass: &mut Pass<'_>) -> Result<Outputs, TchError> {
        let plan = if pass.train { &self.train_plan } else { &self.eval_plan };
        self.layers.run(plan, input, pass, &Closed)
    }

    /// Trainable tensors by PyTorch-style name, in the graph's order.
    pub fn parameters(&self) -> Vec<(String, Tensor)> {
        self.layers.parameters()
    }

    /// Tensors that are kept but not trained, by name.
    pub fn buffers(&self) -> Vec<(String, Tensor)> {
        self.layers.buffers()
    }

    /// Parameters and buffers: what a checkpoint or an export holds.
    pub fn tensors(&self) -> BTreeMap<String, Tensor> {
        self.layers.tensors()
    }

    /// Copies saved tensors into the module. Every tensor of the module must be there with its shape.
    pub fn load(&self, saved: &BTreeMap<String, Tensor>) -> Result<(), ModuleError> {
        self.layers.load(saved)
    }
}

/// A child has nothing to mix.
struct Closed;

impl Mix for Closed {
    fn mix(&self, _: &Step, _: &[Term<'_>], _: i64, _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        Err(TchError::Kind("a child network has no open choices".into()))
    }
}
