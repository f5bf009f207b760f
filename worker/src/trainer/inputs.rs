//! What a piece of work gets besides its own description.

use super::TrainError;
use search::work::ArtifactRef;
use std::collections::BTreeMap;

/// Files that were fetched before the work begins.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// The newest checkpoint of an earlier attempt.
    pub checkpoint: Option<Vec<u8>>,
    /// By id: everything in [`search::work::Work::inputs`].
    pub artifacts: BTreeMap<String, Vec<u8>>,
}

impl Inputs {
    /// Nothing but a checkpoint.
    pub fn resume(checkpoint: Vec<u8>) -> Inputs {
        Inputs { checkpoint: Some(checkpoint), ..Inputs::default() }
    }

    pub fn checkpoint(&self) -> Option<&[u8]> {
        self.checkpoint.as_deref()
    }

    pub fn artifact(&self, id: &ArtifactRef) -> Result<&[u8], TrainError> {
        let found = self.artifacts.get(&id.0).map(Vec::as_slice);
        found.ok_or_else(|| TrainError::Other(anyhow::anyhow!("artifact `{}` was not fetched", id.0)))
    }
}
