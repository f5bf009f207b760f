//! The layers of a graph with their tensors, and a pass over them along a plan. Children and supernets are made of them.

use super::plan::{Plan, Step};
use super::term::{self, Term};
use super::{Build, ModuleError, Outputs, Route};
use crate::primitive::{self, Init, Layer, Pass};
use search::network::{Graph, Layer as GraphLayer};
use std::collections::BTreeMap;
use tch::{Device, Kind, TchError, Tensor};

/// What stands at a node.
enum Place {
    Input,
    Layer(Box<dyn Layer>),
    /// An open choice: whoever runs the pass mixes it.
    Open,
    /// A node that this network does without.
    Absent,
}

pub(crate) struct Layers {
    places: Vec<Place>,
    names: Vec<String>,
    channels_last: bool,
    /// Whether training passes join layers into one: where the bridge has kernels for them.
    joins: bool,
}

/// Gives the values of open choices.
pub(crate) trait Mix {
    /// `terms` are the values of the step's candidates; `batch` the images of the pass.
    fn mix(&self, step: &Step, terms: &[Term<'_>], batch: i64, pass: &mut Pass<'_>) -> Result<Tensor, TchError>;
}

impl Layers {
    /// Makes the layers of the nodes that are `wanted`.
    pub fn build(graph: &Graph, build: Build, wanted: &[bool]) -> Result<Layers, TchError> {
        let channels_last = build.channels_last();
        let mut places = Vec::with_capacity(graph.nodes.len());
        for (node, wanted) in graph.nodes.iter().zip(wanted) {
            places.push(match &node.layer {
                _ if !wanted => Place::Absent,
                GraphLayer::Input => Place::Input,
                GraphLayer::Choice { .. } | GraphLayer::WidthChoice { .. } => Place::Open,
                GraphLayer::Primitive { primitive } => {
                    let inputs: Vec<_> = node.inputs.iter().map(|input| graph.nodes[input.0].shape).collect();
                    let Build { device, kind, seed } = build;
                    let mut init = Init { seed, name: &node.name, kind, device, channels_last };
                    Place::Layer(primitive::build(primitive, &inputs, &mut init)?)
                }
            });
        }
        let names = graph.nodes.iter().map(|node| node.name.clone()).collect();
        let joins = build.device == Device::Cpu && build.kind == Kind::Float;
        Ok(Layers { places, names, channels_last, joins })
    }

    /// The plan of a pass along a route over the graph of these layers.
    pub fn plan(&self, graph: &Graph, train: bool, route: &Route) -> Plan {
        Plan::new(graph, train, route, train && self.joins)
    }

    /// `input` has a batch axis in front of the network's input shape.
    pub fn run(&self, plan: &Plan, input: &Tensor, pass: &mut Pass<'_>, mix: &dyn Mix) -> Result<Outputs, TchError> {
        let arranged = if self.channels_last { primitive::channels_last(input)? } else { input.shallow_clone() };
        let batch = input.size().first().copied().unwrap_or(1);
        let mut values: Vec<Option<Tensor>> = Vec::new();
        values.resize_with(self.places.len(), || None);
        for step in &plan.steps {
            for input in step.partial.iter().filter(|_| pass.train && self.channels_last && !self.joins) {
                // Multiplied by 1 its gradient becomes a dense tensor: batch norm is several times slower on others.
                values[*input] = values[*input].take().map(|value| value.f_mul_scalar(1.0)).transpose()?;
            }
            let value = match &self.places[step.node] {
                Place::Input => arranged.shallow_clone(),
                Place::Layer(layer) if step.in_place => {
                    let own = values[step.inputs[0]].take();
                    let own = own.ok_or_else(|| TchError::Kind("an input was not computed".into()))?;
                    layer.overwrite(own, pass)?
                }
                Place::Layer(_) if step.postponed => read(&values, step)[0].shallow_clone(),
                Place::Layer(layer) if step.rectified => layer.rectified(read(&values, step)[0], pass)?,
                Place::Layer(_) if step.normed.contains(&true) => {
                    let sum = term::sum(&self.terms(&values, step), None, pass)?;
                    sum.ok_or_else(|| TchError::Kind("a sum of nothing".into()))?
                }
                Place::Layer(layer) => layer.forward(&read(&values, step), pass)?,
                Place::Open => mix.mix(step, &self.terms(&values, step), batch, pass)?,
                Place::Absent => {
                    return Err(TchError::Kind(format!("layer `{}` was not built", self.names[step.node])));
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

    fn terms<'a>(&'a self, values: &'a [Option<Tensor>], step: &Step) -> Vec<Term<'a>> {
        let norm = |input: usize| match &self.places[input] {
            Place::Layer(layer) => Some(layer.as_ref()),
            Place::Input | Place::Open | Place::Absent => None,
        };
        let normed = step.inputs.iter().zip(&step.normed);
        let term = |(input, normed): (&usize, &bool)| {
            Some(Term { value: values[*input].as_ref()?, norm: if *normed { norm(*input) } else { None } })
        };
        normed.filter_map(term).collect()
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

    /// Copies saved tensors into the layers. Every tensor of the network must be there with its shape.
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
        for (place, name) in self.places.iter().zip(&self.names) {
            let Place::Layer(layer) = place else { continue };
            all.extend(of(layer.as_ref()).into_iter().map(|(part, t)| (format!("{name}.{part}"), t.shallow_clone())));
        }
        all
    }
}

fn read<'a>(values: &'a [Option<Tensor>], step: &Step) -> Vec<&'a Tensor> {
    step.inputs.iter().filter_map(|input| values[*input].as_ref()).collect()
}
