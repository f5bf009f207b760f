//! A graph of primitives as a libtorch module.
//!
//! A module evaluates by pulling from its outputs: only what they depend on is computed, each value once, and a value
//! is dropped after its last use. A graph with open decisions is not a child; the error says which decision is open.

mod child;
mod plan;
mod rewrite;
#[cfg(test)]
mod tests;

pub use child::{Child, build};

use crate::primitive::{self, Init, Layer, Pass};
use plan::Plan;
use search::network::{Graph, Layer as GraphLayer};
use std::collections::BTreeMap;
use tch::{Device, Kind, TchError, Tensor};
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
    layers: Vec<Option<Box<dyn Layer>>>,
    names: Vec<String>,
    train_plan: Plan,
    eval_plan: Plan,
    channels_last: bool,
}

impl Module {
    pub fn build(graph: &Graph, build: Build) -> Result<Module, ModuleError> {
        let mut layers = Vec::with_capacity(graph.nodes.len());
        for node in &graph.nodes {
            layers.push(match &node.layer {
                GraphLayer::Input => None,
                GraphLayer::Choice { decision, .. } | GraphLayer::WidthChoice { decision, .. } => {
                    return Err(ModuleError::OpenDecision(decision.clone()));
                }
                GraphLayer::Primitive { primitive } => {
                    let inputs: Vec<_> = node.inputs.iter().map(|input| graph.nodes[input.0].shape).collect();
                    let Build { device, kind, seed } = build;
                    let channels_last = build.channels_last();
                    let mut init = Init { seed, name: &node.name, kind, device, channels_last };
                    Some(primitive::build(primitive, &inputs, &mut init)?)
                }
            });
        }
        Ok(Module {
            layers,
            names: graph.nodes.iter().map(|node| node.name.clone()).collect(),
            train_plan: Plan::new(graph, true),
            eval_plan: Plan::new(graph, false),
            channels_last: build.channels_last(),
        })
    }

    /// `input` has a batch axis in front of the network's input shape.
    pub fn forward(&self, input: &Tensor, pass: &mut Pass<'_>) -> Result<Outputs, TchError> {
        let arranged = if self.channels_last { primitive::channels_last(input)? } else { input.shallow_clone() };
        let plan = if pass.train { &self.train_plan } else { &self.eval_plan };
        let mut values: Vec<Option<Tensor>> = Vec::new();
        values.resize_with(self.layers.len(), || None);
        for step in &plan.steps {
            for input in step.partial.iter().filter(|_| pass.train && self.channels_last) {
                // Multiplied by 1 its gradient becomes a dense tensor: batch norm is several times slower on others.
                values[*input] = values[*input].take().map(|value| value.f_mul_scalar(1.0)).transpose()?;
            }
            let value = match &self.layers[step.node] {
                None => arranged.shallow_clone(),
                Some(layer) if step.in_place => {
                    let own = values[step.inputs[0]].take();
                    let own = own.ok_or_else(|| TchError::Kind("an input was not computed".into()))?;
                    layer.overwrite(own, pass)?
                }
                Some(layer) => {
                    let inputs: Vec<&Tensor> = step.inputs.iter().filter_map(|input| values[*input].as_ref()).collect();
                    layer.forward(&inputs, pass)?
                }
            };
            values[step.node] = Some(value);
            for dead in &step.dead {
                values[*dead] = None;
            }
        }
        let take = |node: usize| match &values[node] {
            Some(value) => primitive::widened(value),
            None => Err(TchError::Kind("an output was not computed".into())),
        };
        let auxiliary = plan.auxiliary.map(take).transpose()?;
        Ok(Outputs { logits: take(plan.output)?, auxiliary })
    }

    /// Trainable tensors by PyTorch-style name, in the graph's order.
    pub fn parameters(&self) -> Vec<(String, Tensor)> {
        self.collect(|layer| layer.parameters())
    }

    /// Tensors that are kept but not trained, by name.
    pub fn buffers(&self) -> Vec<(String, Tensor)> {
        self.collect(|layer| layer.buffers())
    }

    /// Parameters and buffers: what a checkpoint or an export holds.
    pub fn tensors(&self) -> BTreeMap<String, Tensor> {
        self.parameters().into_iter().chain(self.buffers()).collect()
    }

    /// Copies saved tensors into the module. Every tensor of the module must be there with its shape.
    pub fn load(&self, saved: &BTreeMap<String, Tensor>) -> Result<(), ModuleError> {
        for (name, mut tensor) in self.tensors() {
            let source = saved.get(&name).ok_or_else(|| ModuleError::Misfit(format!("`{name}` is missing")))?;
            if source.size() != tensor.size() {
                let detail = format!("`{name}` is {:?}, the network has {:?}", source.size(), tensor.size());
                return Err(ModuleError::Misfit(detail));
            }
            tch::no_grad(|| tensor.f_copy_(source))?;
        }
        Ok(())
    }

    fn collect<'a>(&'a self, of: impl Fn(&'a dyn Layer) -> Vec<(&'static str, &'a Tensor)>) -> Vec<(String, Tensor)> {
        let mut all = Vec::new();
        for (layer, name) in self.layers.iter().zip(&self.names) {
            let Some(layer) = layer else { continue };
            all.extend(of(layer.as_ref()).into_iter().map(|(part, t)| (format!("{name}.{part}"), t.shallow_clone())));
        }
        all
    }
}
