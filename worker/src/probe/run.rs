//! One pass of a probed graph, forward and, if asked, backward.

use super::digest::weighted;
use super::formula::{code, cosine};
use super::{Digest, ProbeError, Weights, fill};
use crate::module::{Build, Module};
use crate::primitive::Pass;
use search::network::{Graph, Shape};
use serde::Serialize;
use std::collections::BTreeMap;
use tch::{Device, Kind, Tensor};

/// How batch norms behave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Statistics of the batch; an auxiliary head is computed too.
    Train,
    /// Running statistics.
    Eval,
}

/// Where the input's numbers come from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Input {
    /// `2 (2u - 1)` with `u` of [`code`].
    Code { seed: u64 },
    /// `cos(frequency j)`
    Cosine { frequency: f64 },
}

/// The order of axes in which an image's numbers are laid out, in and out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// `[batch, channels, height, width]`; tokens `[batch, tokens, channels]`.
    ChannelsFirst,
    /// `[batch, height, width, channels]`
    ChannelsLast,
}

/// What is run on the graph.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    pub batch: usize,
    pub stage: Stage,
    pub kind: Kind,
    pub weights: Weights,
    pub input: Input,
    pub layout: Layout,
    /// Also the gradients of `Σ y_k cos(0.05 k)` with respect to the input and the parameters.
    pub backward: bool,
}

/// What came out.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub output: Digest,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auxiliary: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradients: Option<Gradients>,
}

/// Gradients of `Σ y_k cos(0.05 k)`, `y` the main output.
#[derive(Clone, Debug, Serialize)]
pub struct Gradients {
    /// With respect to the input, in its layout; absent for ids and where the output does not depend on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Digest>,
    /// Sum of the squares of all parameters' gradients.
    pub sumsq: f64,
    /// The same per parameter.
    pub parameters: BTreeMap<String, f64>,
}

/// Builds the graph's module, fills it and runs it once.
pub fn run(graph: &Graph, setting: &Setting) -> Result<Report, ProbeError> {
    let module = Module::build(graph, Build { device: Device::Cpu, kind: setting.kind, seed: 0 })?;
    fill(&module, graph, setting.weights)?;
    // Ids have no gradient.
    let differentiable = setting.backward && !matches!(graph.input, Shape::Ids { .. });
    let input = input(graph.input, setting)?.set_requires_grad(differentiable);
    let mut pass = match setting.stage {
        Stage::Train => Pass::plain_train(),
        Stage::Eval => Pass::eval(),
    };
    let arranged = if images_last(&input, setting) { input.f_permute([0, 3, 1, 2])? } else { input.shallow_clone() };
    let outputs = module.forward(&arranged, &mut pass)?;
    let output = match images_last(&outputs.logits, setting) {
        true => outputs.logits.f_permute([0, 2, 3, 1])?,
        false => outputs.logits,
    };
    let gradients = setting.backward.then(|| gradients(&module, &input, &output)).transpose()?;
    Ok(Report {
        output: Digest::of(&output)?,
        auxiliary: outputs.auxiliary.as_ref().map(Digest::of).transpose()?,
        gradients,
    })
}

fn images_last(tensor: &Tensor, setting: &Setting) -> bool {
    setting.layout == Layout::ChannelsLast && tensor.dim() == 4
}

/// The input by its formula, in the layout of the setting.
fn input(shape: Shape, setting: &Setting) -> Result<Tensor, ProbeError> {
    let mut dims: Vec<i64> = shape.dims().into_iter().map(|side| side as i64).collect();
    if setting.layout == Layout::ChannelsLast && dims.len() == 3 {
        dims.rotate_left(1);
    }
    dims.insert(0, setting.batch as i64);
    let count = dims.iter().product::<i64>() as usize;
    if let Shape::Ids { .. } = shape {
        let ids: Vec<i64> = (0..count as i64).collect();
        return Ok(Tensor::f_from_slice(&ids)?.f_view(dims.as_slice())?);
    }
    let values = match setting.input {
        Input::Code { seed } => code(count, seed).into_iter().map(|u| 2.0 * (2.0 * u - 1.0)).collect(),
        Input::Cosine { frequency } => cosine(count, frequency),
    };
    Ok(Tensor::f_from_slice(&values)?.f_view(dims.as_slice())?.f_to_kind(setting.kind)?)
}

fn gradients(module: &Module, input: &Tensor, output: &Tensor) -> Result<Gradients, ProbeError> {
    let loss = weighted(output)?;
    if loss.requires_grad() {
        loss.f_backward()?;
    }
    let mut parameters = BTreeMap::new();
    for (name, tensor) in module.parameters() {
        let gradient = tensor.f_grad()?;
        let sumsq = if gradient.defined() { Digest::of(&gradient)?.sumsq } else { 0.0 };
        parameters.insert(name, sumsq);
    }
    let to_input = input.f_grad()?;
    let input = to_input.defined().then(|| Digest::of(&to_input)).transpose()?;
    Ok(Gradients { input, sumsq: parameters.values().sum(), parameters })
}
