//! ENAS' controller: a recurrent network that draws paths, trained by REINFORCE (section 6.6).

mod recurrent;

use super::adam::Adam;
use crate::recipe::{FlatParameters, clip_norm};
use recurrent::Recurrent;
use search::randomness::Rng;
use search::space::Selection;
use search::supernet::{Architecture, Controller as Settings, Row, RowKind, Rows};
use tch::{Kind, TchError, Tensor};

/// One drawn path with what its training needs.
pub struct Drawn {
    pub selection: Selection,
    /// Logarithm of the path's probability.
    pub log_probability: Tensor,
    /// Sum of the entropies of its decisions.
    pub entropy: Tensor,
}

/// The controller, its optimiser and the moving average of its rewards. It lives on the CPU: it is tiny, and every draw
/// is read back.
pub struct Controller {
    settings: Settings,
    network: Recurrent,
    parameters: FlatParameters,
    adam: Adam,
    baseline: Option<f64>,
}

impl Controller {
    pub fn new(
        settings: Settings,
        architecture: &Architecture,
        rows: &Rows,
        rng: &mut Rng,
    ) -> Result<Controller, TchError> {
        let mut lengths: Vec<usize> = rows.0.iter().map(Row::candidates).collect();
        lengths.sort_unstable();
        lengths.dedup();
        let network = Recurrent::new(&lengths, rng)?;
        let parameters = FlatParameters::adopt(network.parameters(), true);
        let Architecture { lr, betas, weight_decay, .. } = *architecture;
        let adam = Adam::new(lr, betas, weight_decay, &parameters.weights())?;
        Ok(Controller { settings, network, parameters, adam, baseline: None })
    }

    /// Draws a path: one candidate per decision, `k` different edges, in the order of the rows.
    pub fn draw(&self, rows: &Rows, rng: &mut Rng) -> Result<Drawn, TchError> {
        let mut session = self.network.begin(self.settings.temperature, self.settings.tanh_constant)?;
        let mut selection = Selection::default();
        for row in &rows.0 {
            let count = match row.kind {
                RowKind::Edges { pick } => pick.min(row.candidates()),
                RowKind::Operators { .. } | RowKind::Width { .. } => 1,
            };
            let mut chosen = Vec::with_capacity(count);
            for _ in 0..count {
                chosen.push(session.choose(row.candidates(), &chosen, rng)?);
            }
            chosen.sort_unstable();
            selection.0.insert(row.decision.clone(), chosen);
        }
        let (log_probability, entropy) = session.end();
        Ok(Drawn { selection, log_probability, entropy })
    }

    /// One update: the mean over `samples` paths of `-log p (reward - baseline)`, with the reward of a path plus its
    /// weighted entropy. Gives the mean of the rewards.
    pub fn update(
        &mut self,
        rows: &Rows,
        rng: &mut Rng,
        mut reward: impl FnMut(&Selection) -> Result<f64, TchError>,
    ) -> Result<f64, TchError> {
        let samples = self.settings.samples.max(1);
        self.parameters.clear_gradients();
        let mut sum = 0.0;
        for _ in 0..samples {
            let drawn = self.draw(rows, rng)?;
            let entropy = drawn.entropy.f_double_value(&[])?;
            let reward = reward(&drawn.selection)? + self.settings.entropy_weight * entropy;
            let baseline = self
                .baseline
                .map_or(reward, |before| before - (1.0 - self.settings.baseline_decay) * (before - reward));
            self.baseline = Some(baseline);
            let weight = -(reward - baseline) / f64::from(samples);
            drawn.log_probability.f_mul_scalar(weight)?.f_backward()?;
            sum += reward;
        }
        clip_norm(&self.parameters, self.settings.clip_norm);
        self.adam.step(&self.parameters.weights(), &self.parameters.gradients())?;
        Ok(sum / f64::from(samples))
    }

    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Trainable values.
    pub fn params(&self) -> usize {
        self.network.parameters().iter().map(|(_, tensor)| tensor.numel()).sum()
    }

    /// All tensors by name, for checkpoints; they share their data with the controller's.
    pub fn state(&self) -> Vec<(String, Tensor)> {
        let adam = self.adam.state().map(|(name, tensor)| (format!("controller.adam.{name}"), tensor));
        std::iter::once(("controller.weights".to_owned(), self.parameters.weights())).chain(adam).collect()
    }

    /// What a checkpoint keeps beside the tensors: steps and baseline.
    pub fn progress(&self) -> (u64, Option<f64>) {
        (self.adam.steps(), self.baseline)
    }

    pub fn resume(&mut self, (steps, baseline): (u64, Option<f64>)) {
        self.adam.set_steps(steps);
        self.baseline = baseline;
    }
}

/// Kind of the controller's numbers.
const KIND: Kind = Kind::Float;
