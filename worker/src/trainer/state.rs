//! Everything that a training run carries from step to step.

use super::{Checkpoint, Network, TrainError, checkpoint::Position};
use crate::recipe::{Average, FlatParameters, optimizer, optimizer::Optimizer};
use search::network::Recipe;
use tch::{Device, Kind, Tensor, no_grad};

pub struct State {
    pub network: Box<dyn Network>,
    pub parameters: FlatParameters,
    pub optimizer: Box<dyn Optimizer>,
    pub average: Option<Average>,
    pub position: Position,
    /// Sum of the losses of this epoch's images so far, on the device.
    pub loss_sum: Tensor,
}

impl State {
    pub fn new(network: Box<dyn Network>, recipe: &Recipe, device: Device) -> State {
        let parameters = FlatParameters::adopt(network.parameters(), recipe.decay_all);
        let optimizer = optimizer::build(recipe, &parameters);
        let statistics = network.buffers().into_iter().map(|(_, buffer)| buffer);
        let followed = std::iter::once(parameters.weights()).chain(statistics.filter(|b| b.kind() == Kind::Float));
        let average = (recipe.ema > 0.0).then(|| Average::new(recipe.ema, followed.collect()));
        let loss_sum = Tensor::zeros([1], (Kind::Double, device));
        State { network, parameters, optimizer, average, position: Position::default(), loss_sum }
    }

    /// All tensors of the state by name. They share their data with the run's.
    fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut tensors = vec![("weights".to_string(), self.parameters.weights())];
        tensors.push(("loss_sum".into(), self.loss_sum.shallow_clone()));
        tensors.extend(self.optimizer.state().into_iter().map(|(name, t)| (format!("optimizer.{name}"), t)));
        tensors.extend(self.network.buffers().into_iter().map(|(name, t)| (format!("buffers.{name}"), t)));
        let average = self.average.as_ref().map(Average::state).unwrap_or_default();
        tensors.extend(average.into_iter().enumerate().map(|(i, t)| (format!("average.{i}"), t)));
        tensors
    }

    pub fn save(&mut self) -> Result<Vec<u8>, TrainError> {
        self.position.optimizer_steps = self.optimizer.steps();
        Checkpoint::write(&self.tensors(), &self.position, self.parameters.layout())
    }

    /// Goes on from a checkpoint of the same network and recipe.
    pub fn restore(&mut self, content: &[u8]) -> Result<(), TrainError> {
        let checkpoint = Checkpoint::<Position>::read(content)?;
        if checkpoint.layout != self.parameters.layout() {
            return Err(TrainError::Checkpoint("it belongs to a network with other parameters".into()));
        }
        for (name, mut tensor) in self.tensors() {
            let saved = checkpoint
                .tensors
                .get(&name)
                .filter(|saved| saved.size() == tensor.size())
                .ok_or_else(|| TrainError::Checkpoint(format!("`{name}` is missing or of another shape")))?;
            no_grad(|| tensor.copy_(saved));
        }
        self.optimizer.set_steps(checkpoint.position.optimizer_steps);
        self.position = checkpoint.position;
        Ok(())
    }
}
