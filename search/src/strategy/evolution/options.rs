//! Options of regularised evolution and their ranges.

use crate::fault::Faults;
use crate::strategy::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const POPULATION: usize = 30;
const SMALLEST_POPULATION: usize = 4;

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Individuals alive at once. By default 30, and a third of the study's trials when that is less.
    #[schemars(range(min = 2))]
    pub population: Option<u32>,
    /// Individuals drawn for a tournament; its best becomes the parent.
    #[schemars(range(min = 2))]
    pub tournament: u32,
    /// Probability that a child is recombined from two parents before it is mutated.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub recombination: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options { population: None, tournament: 10, recombination: 0.0 }
    }
}

impl Options {
    pub fn check(&self, faults: &mut Faults) {
        if self.population.is_some_and(|population| population < 2) {
            faults.push("/population", "must be at least 2");
        }
        if self.tournament < 2 {
            faults.push("/tournament", "must be at least 2, otherwise nothing is selected");
        }
        if self.population.is_some_and(|population| population < self.tournament) {
            faults.push("/tournament", "must not be larger than the population");
        }
        if !(0.0..=1.0).contains(&self.recombination) {
            faults.push("/recombination", "must be a probability between 0 and 1");
        }
    }

    /// The population in this study; a short study must not spend all its trials on the random beginning.
    pub fn population_for(&self, problem: &Problem) -> usize {
        match (self.population, problem.max_trials) {
            (Some(population), _) => population as usize,
            (None, Some(trials)) => {
                let third = usize::try_from(trials / 3).unwrap_or(POPULATION);
                third.clamp(SMALLEST_POPULATION, POPULATION)
            }
            (None, None) => POPULATION,
        }
    }
}
