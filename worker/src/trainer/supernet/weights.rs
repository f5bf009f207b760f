//! The artifact `supernet`: shared weights by name, with the space and the opening that they belong to.

use crate::module::Build;
use crate::supernet::{Supernet, open_graph};
use crate::trainer::{Checkpoint, TrainError};
use search::network::Opening;
use search::space::Space;
use search::supernet::SupernetPlan;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use tch::Tensor;

/// What weights belong to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    pub space: Value,
    pub opening: Opening,
}

/// Weights that were read.
pub struct SharedWeights {
    pub origin: Origin,
    pub tensors: BTreeMap<String, Tensor>,
}

impl SharedWeights {
    pub fn write(net: &Supernet, origin: &Origin) -> Result<Vec<u8>, TrainError> {
        let tensors: Vec<(String, Tensor)> = net.tensors().into_iter().collect();
        Checkpoint::write(&tensors, origin, &[])
    }

    pub fn read(content: &[u8]) -> Result<SharedWeights, TrainError> {
        let file = Checkpoint::<Origin>::read(content)
            .map_err(|error| TrainError::Invalid(format!("the artifact holds no weights of a supernet: {error}")))?;
        Ok(SharedWeights { origin: file.position, tensors: file.tensors })
    }

    /// The supernet of a space with these weights.
    pub fn supernet(&self, space: &Space, plan: &SupernetPlan, build: Build) -> Result<Supernet, TrainError> {
        let graph = open_graph(space, plan).map_err(TrainError::Infeasible)?;
        let net = Supernet::build(graph, plan, build)?;
        net.load(&self.tensors).map_err(|error| TrainError::Invalid(error.to_string()))?;
        Ok(net)
    }
}
