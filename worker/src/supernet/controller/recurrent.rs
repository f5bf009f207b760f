//! The recurrent network: two LSTM layers, an embedding and a softmax per number of candidates.

use super::KIND;
use rand::Rng as _;
use search::randomness::Rng;
use std::collections::BTreeMap;
use tch::{Device, Kind, TchError, Tensor};

const HIDDEN: i64 = 32;
const LAYERS: usize = 2;
/// Weights start uniformly within this.
const BOUND: f64 = 0.1;

pub struct Recurrent {
    parameters: Vec<(String, Tensor)>,
    start: Tensor,
    /// Per layer: input and hidden weights and biases.
    layers: Vec<[Tensor; 4]>,
    /// By number of candidates: embedding, weight and bias of the softmax.
    heads: BTreeMap<usize, [Tensor; 3]>,
}

impl Recurrent {
    /// For decisions with these numbers of candidates.
    pub fn new(lengths: &[usize], rng: &mut Rng) -> Result<Recurrent, TchError> {
        let mut parameters = Vec::new();
        let mut make = |name: String, shape: &[i64]| -> Result<Tensor, TchError> {
            let count = shape.iter().product::<i64>();
            let values: Vec<f32> = (0..count).map(|_| rng.random_range(-BOUND..BOUND) as f32).collect();
            let tensor = Tensor::f_from_slice(&values)?.f_view(shape)?.set_requires_grad(true);
            parameters.push((name, tensor.shallow_clone()));
            Ok(tensor)
        };
        let start = make("start".into(), &[1, HIDDEN])?;
        let mut layers = Vec::new();
        for layer in 0..LAYERS {
            let gates = 4 * HIDDEN;
            layers.push([
                make(format!("lstm.{layer}.input_weight"), &[gates, HIDDEN])?,
                make(format!("lstm.{layer}.hidden_weight"), &[gates, HIDDEN])?,
                make(format!("lstm.{layer}.input_bias"), &[gates])?,
                make(format!("lstm.{layer}.hidden_bias"), &[gates])?,
            ]);
        }
        let mut heads = BTreeMap::new();
        for length in lengths {
            let count = *length as i64;
            let head = [
                make(format!("embedding.{length}"), &[count, HIDDEN])?,
                make(format!("softmax.{length}.weight"), &[count, HIDDEN])?,
                make(format!("softmax.{length}.bias"), &[count])?,
            ];
            heads.insert(*length, head);
        }
        Ok(Recurrent { parameters, start, layers, heads })
    }

    pub fn parameters(&self) -> Vec<(String, Tensor)> {
        self.parameters.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect()
    }

    /// Starts a path.
    pub fn begin(&self, temperature: f64, tanh_constant: f64) -> Result<Session<'_>, TchError> {
        let zeros = || Tensor::f_zeros([1, HIDDEN], (KIND, Device::Cpu));
        let state = (0..LAYERS).map(|_| Ok((zeros()?, zeros()?))).collect::<Result<_, TchError>>()?;
        let scalar = || Tensor::f_zeros([] as [i64; 0], (KIND, Device::Cpu));
        let input = self.start.shallow_clone();
        Ok(Session {
            of: self,
            temperature,
            tanh_constant,
            input,
            state,
            log_probability: scalar()?,
            entropy: scalar()?,
        })
    }
}

/// A path that is being drawn.
pub struct Session<'a> {
    of: &'a Recurrent,
    temperature: f64,
    tanh_constant: f64,
    input: Tensor,
    /// Hidden value and cell of every layer.
    state: Vec<(Tensor, Tensor)>,
    log_probability: Tensor,
    entropy: Tensor,
}

impl Session<'_> {
    /// Draws one of `count` candidates that are not `taken`.
    pub fn choose(&mut self, count: usize, taken: &[usize], rng: &mut Rng) -> Result<usize, TchError> {
        let [embedding, weight, bias] =
            self.of.heads.get(&count).ok_or_else(|| TchError::Kind("the controller lacks a head".into()))?;
        let mut value = self.input.shallow_clone();
        for (layer, state) in self.of.layers.iter().zip(&mut self.state) {
            *state = cell(layer, &value, state)?;
            value = state.0.shallow_clone();
        }
        let logits = value.f_linear(weight, Some(bias))?.f_div_scalar(self.temperature)?;
        let mut logits = logits.f_tanh()?.f_mul_scalar(self.tanh_constant)?.f_view([count as i64])?;
        if !taken.is_empty() {
            let blocked: Vec<f32> =
                (0..count).map(|i| if taken.contains(&i) { f32::NEG_INFINITY } else { 0.0 }).collect();
            logits = logits.f_add(&Tensor::f_from_slice(&blocked)?)?;
        }
        let log = logits.f_log_softmax(0, None::<Kind>)?;
        let probabilities = log.f_exp()?;
        let index = drawn(&Vec::<f32>::try_from(&probabilities.f_detach()?)?, rng);
        self.log_probability = self.log_probability.f_add(&log.f_select(0, index as i64)?)?;
        // Blocked candidates have the product 0 * -inf: they add nothing.
        let terms = probabilities.f_mul(&log.f_clamp_min(-1e30)?)?;
        self.entropy = self.entropy.f_sub(&terms.f_sum(KIND)?)?;
        self.input = embedding.f_narrow(0, index as i64, 1)?;
        Ok(index)
    }

    /// Logarithm of the path's probability, and the sum of the entropies.
    pub fn end(self) -> (Tensor, Tensor) {
        (self.log_probability, self.entropy)
    }
}

/// One LSTM cell, gates in PyTorch's order: input, forget, candidate, output.
fn cell(
    [input_weight, hidden_weight, input_bias, hidden_bias]: &[Tensor; 4],
    value: &Tensor,
    (hidden, cell): &(Tensor, Tensor),
) -> Result<(Tensor, Tensor), TchError> {
    let gates = value.f_linear(input_weight, Some(input_bias))?;
    let gates = gates.f_add(&hidden.f_linear(hidden_weight, Some(hidden_bias))?)?;
    let parts = gates.f_chunk(4, 1)?;
    let kept = parts[1].f_sigmoid()?.f_mul(cell)?;
    let cell = kept.f_add(&parts[0].f_sigmoid()?.f_mul(&parts[2].f_tanh()?)?)?;
    let hidden = parts[3].f_sigmoid()?.f_mul(&cell.f_tanh()?)?;
    Ok((hidden, cell))
}

fn drawn(probabilities: &[f32], rng: &mut Rng) -> usize {
    let mut left = rng.random::<f32>() * probabilities.iter().sum::<f32>();
    for (index, probability) in probabilities.iter().enumerate() {
        left -= probability;
        if left < 0.0 {
            return index;
        }
    }
    probabilities.iter().rposition(|probability| *probability > 0.0).unwrap_or_default()
}
