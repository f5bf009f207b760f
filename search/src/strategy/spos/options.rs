//! Options of SPOS and their ranges.

use crate::fault::Faults;
use crate::strategy::shared_weights::Common;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    #[serde(flatten)]
    pub common: Common,
    /// Whether places of one decision draw each their own candidate in a training step.
    pub per_node: bool,
    /// Networks of a generation.
    #[schemars(range(min = 2))]
    pub population: u32,
    /// Generations of the evolutionary search, the random one included.
    #[schemars(range(min = 1))]
    pub generations: u32,
    /// Best networks so far from which children are made.
    #[schemars(range(min = 2))]
    pub parents: u32,
    /// Probability with which a mutation draws a decision again.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub mutation: f64,
    /// Images in one forward pass of scoring.
    #[schemars(range(min = 1))]
    pub score_batch: u32,
    /// Batches of validation images for each network; 0 for all.
    pub score_batches: u32,
    /// Batches of training images for the norms' statistics of each network; 0 for the statistics of each batch.
    pub recalibration_batches: u32,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            common: Common { epochs: 120, ..Common::default() },
            per_node: false,
            population: 50,
            generations: 20,
            parents: 10,
            mutation: 0.1,
            score_batch: 256,
            score_batches: 0,
            recalibration_batches: 20,
        }
    }
}

impl Options {
    pub fn check(&self, faults: &mut Faults) {
        for (name, value, least) in [
            ("population", self.population, 2),
            ("generations", self.generations, 1),
            ("parents", self.parents, 2),
            ("score_batch", self.score_batch, 1),
        ] {
            if value < least {
                faults.push(format!("/{name}"), format!("must be at least {least}"));
            }
        }
        if !(0.0..=1.0).contains(&self.mutation) {
            faults.push("/mutation", "must be a probability between 0 and 1");
        }
        let scored = u64::from(self.population) * u64::from(self.generations);
        if scored < u64::from(self.common.candidates) {
            faults.push("/candidates", format!("must not be more than the {scored} networks that are scored"));
        }
    }
}
