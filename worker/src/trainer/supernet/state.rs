//! Everything that a search carries from step to step, and its checkpoints.

use super::watch::Snapshot;
use crate::supernet::Search;
use crate::trainer::{Checkpoint, TrainError};
use search::supernet::{EigenvalueTracker, EpochRecord};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, no_grad};

/// Where a search stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs that are over.
    pub epoch: u32,
    /// Steps of the present epoch that are over, over all its stages.
    pub step: usize,
    pub optimizer_steps: u64,
    pub adam_steps: u64,
    /// Steps and baseline of the controller.
    pub controller: (u64, Option<f64>),
    /// Parts that batches are cut into.
    pub parts: usize,
    pub weight_decay: f64,
    pub train_seconds: f64,
    pub epoch_seconds: f64,
    pub records: Vec<EpochRecord>,
    pub tracker: Option<EigenvalueTracker>,
    /// Epochs of the snapshots that are kept.
    pub snapshots: Vec<Position>,
}

pub struct State {
    pub search: Search,
    pub position: Position,
    /// Sum of the losses of this epoch's images so far, on the device.
    pub loss_sum: Tensor,
    /// States of earlier epochs that the search may go back to.
    pub snapshots: Vec<Snapshot>,
}

impl State {
    pub fn new(search: Search, tracker: Option<EigenvalueTracker>, device: Device) -> State {
        let weight_decay = search.course().recipe.weight_decay;
        let position = Position { parts: 1, weight_decay, tracker, ..Position::default() };
        let loss_sum = Tensor::zeros([1], (Kind::Double, device));
        State { search, position, loss_sum, snapshots: Vec::new() }
    }

    /// All tensors of the search by name. They share their data with the search's.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let search = &self.search;
        let mut tensors = vec![
            ("weights".to_owned(), search.parameters.weights()),
            ("logits".to_owned(), search.logits.flat().shallow_clone()),
            ("loss_sum".to_owned(), self.loss_sum.shallow_clone()),
        ];
        tensors.extend(search.optimizer.state().into_iter().map(|(name, t)| (format!("optimizer.{name}"), t)));
        tensors.extend(search.net.buffers().into_iter().map(|(name, t)| (format!("buffers.{name}"), t)));
        let adam = search.adam.iter().flat_map(|adam| adam.state());
        tensors.extend(adam.map(|(name, tensor)| (format!("adam.{name}"), tensor)));
        tensors.extend(search.controller.iter().flat_map(|controller| controller.state()));
        tensors
    }

    /// The position with the counts that the optimisers keep.
    pub fn noted(&self) -> Position {
        let search = &self.search;
        Position {
            optimizer_steps: search.optimizer.steps(),
            adam_steps: search.adam.as_ref().map_or(0, |adam| adam.steps()),
            controller: search.controller.as_ref().map_or((0, None), |controller| controller.progress()),
            parts: search.parts.get(),
            snapshots: self.snapshots.iter().map(|snapshot| snapshot.position.clone()).collect(),
            ..self.position.clone()
        }
    }

    pub fn save(&self) -> Result<Vec<u8>, TrainError> {
        let mut tensors = self.tensors();
        for (number, snapshot) in self.snapshots.iter().enumerate() {
            let named =
                snapshot.tensors.iter().map(|(name, t)| (format!("snapshot.{number}.{name}"), t.shallow_clone()));
            tensors.extend(named);
        }
        Checkpoint::write(&tensors, &self.noted(), self.search.parameters.layout())
    }

    /// Goes on from a checkpoint of the same work.
    pub fn restore(&mut self, content: &[u8]) -> Result<(), TrainError> {
        let checkpoint = Checkpoint::<Position>::read(content)?;
        if checkpoint.layout != self.search.parameters.layout() {
            return Err(TrainError::Checkpoint("it belongs to a supernet with other parameters".into()));
        }
        let own = |prefix: &str| -> Vec<(String, Tensor)> {
            let named = checkpoint
                .tensors
                .iter()
                .filter_map(|(name, tensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor.shallow_clone())));
            named.collect()
        };
        let snapshots = checkpoint.position.snapshots.iter().enumerate().map(|(number, position)| Snapshot {
            position: position.clone(),
            tensors: own(&format!("snapshot.{number}.")),
        });
        let whole = Snapshot { position: checkpoint.position.clone(), tensors: own("") };
        let snapshots: Vec<Snapshot> = snapshots.collect();
        self.go_back(&whole)?;
        self.snapshots = snapshots;
        Ok(())
    }

    /// Puts a saved state in the place of the present one.
    pub fn go_back(&mut self, saved: &Snapshot) -> Result<(), TrainError> {
        let decay = saved.position.weight_decay;
        if decay != self.search.course().recipe.weight_decay {
            self.search.set_weight_decay(decay);
        }
        for (name, mut tensor) in self.tensors() {
            let found = saved.tensors.iter().find(|(known, _)| *known == name).map(|(_, tensor)| tensor);
            let source = found
                .filter(|source| source.size() == tensor.size())
                .ok_or_else(|| TrainError::Checkpoint(format!("`{name}` is missing or of another shape")))?;
            no_grad(|| tensor.f_copy_(source))?;
        }
        let position = &saved.position;
        self.search.optimizer.set_steps(position.optimizer_steps);
        self.search.adam.iter_mut().for_each(|adam| adam.set_steps(position.adam_steps));
        self.search.controller.iter_mut().for_each(|controller| controller.resume(position.controller));
        self.search.parts.set(position.parts.max(1));
        self.position = Position { snapshots: vec![], ..position.clone() };
        Ok(())
    }
}
