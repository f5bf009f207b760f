//! Weights by formula.

use super::formula::code;
use crate::module::Module;
use search::network::{Graph, Layer, Primitive};
use std::collections::BTreeMap;
use tch::{TchError, Tensor};

/// How weights are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Weights {
    /// By kind of layer. Weights of convolutions and linear layers: `sqrt(6 / fan_in) (2u - 1)` with `u` of
    /// [`code`] with seed 0; their biases `0.1 cos(0.9 k)`. Batch norms: weight `1 + 0.2 sin(1.1 k + 0.5)`, bias
    /// `0.1 cos(1.3 k + 0.2)`, running mean `0.1 sin(0.5 k)`, running variance `1 + 0.3 cos(0.4 k)`. Other
    /// parameters keep their first values. k counts from 0 in every tensor.
    Code,
    /// `amplitude * sin(frequency * i)`, where i counts over all parameters in their order, frozen random matrices among
    /// them.
    Sine { amplitude: f64, frequency: f64 },
}

/// Overwrites the module's tensors.
pub fn fill(module: &Module, graph: &Graph, weights: Weights) -> Result<(), TchError> {
    match weights {
        Weights::Code => fill_by_code(&module.tensors(), graph),
        Weights::Sine { amplitude, frequency } => {
            let mut position = 0;
            for tensor in in_order(module, graph) {
                let count = tensor.numel();
                write(&tensor, (position..position + count).map(|i| amplitude * (frequency * i as f64).sin()))?;
                position += count;
            }
            Ok(())
        }
    }
}

/// All parameters in the order of the graph; a random matrix stands where its node does.
fn in_order(module: &Module, graph: &Graph) -> Vec<Tensor> {
    let tensors = module.tensors();
    let mut parameters = module.parameters().into_iter().peekable();
    let mut ordered = Vec::new();
    for node in &graph.nodes {
        let random = tensors.get(&format!("{}.random_matrix", node.name));
        ordered.extend(random.map(Tensor::shallow_clone));
        let of_node = |name: &str| name.rsplit_once('.').is_some_and(|(owner, _)| owner == node.name);
        while let Some((_, tensor)) = parameters.next_if(|(name, _)| of_node(name)) {
            ordered.push(tensor);
        }
    }
    ordered.extend(parameters.map(|(_, tensor)| tensor));
    ordered
}

/// [`Weights::Code`] for the tensors of a graph's network, by name.
pub fn fill_by_code(tensors: &BTreeMap<String, Tensor>, graph: &Graph) -> Result<(), TchError> {
    for node in &graph.nodes {
        let Layer::Primitive { primitive } = &node.layer else { continue };
        let each = |part: &str, value: &dyn Fn(f64) -> f64| match tensors.get(&format!("{}.{part}", node.name)) {
            Some(tensor) => write(tensor, (0..tensor.numel()).map(|k| value(k as f64))),
            None => Ok(()),
        };
        match primitive {
            Primitive::Conv2d { .. } | Primitive::Linear { .. } => {
                if let Some(weight) = tensors.get(&format!("{}.weight", node.name)) {
                    let fan_in = weight.numel() as f64 / weight.size()[0] as f64;
                    let bound = (6.0 / fan_in).sqrt();
                    write(weight, code(weight.numel(), 0).into_iter().map(|u| bound * (2.0 * u - 1.0)))?;
                }
                each("bias", &|k| 0.1 * (0.9 * k).cos())?;
            }
            Primitive::BatchNorm { .. } => {
                each("weight", &|k| 1.0 + 0.2 * (1.1 * k + 0.5).sin())?;
                each("bias", &|k| 0.1 * (1.3 * k + 0.2).cos())?;
                each("running_mean", &|k| 0.1 * (0.5 * k).sin())?;
                each("running_var", &|k| 1.0 + 0.3 * (0.4 * k).cos())?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn write(tensor: &Tensor, values: impl Iterator<Item = f64>) -> Result<(), TchError> {
    let source = Tensor::f_from_slice(&values.collect::<Vec<f64>>())?.f_view(tensor.size().as_slice())?;
    tch::no_grad(|| tensor.shallow_clone().f_copy_(&source))
}
