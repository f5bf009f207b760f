//! Fitness: a trial's objectives turned so that larger is better.

use super::{Direction, Objective};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// One value per objective, larger is better. `Fitness::worst` stands for failed and infeasible trials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fitness(Vec<f64>);

impl Fitness {
    /// The fitness of a trial's metrics; `None` when an objective is missing or not a number.
    pub fn of(objectives: &[Objective], metrics: &BTreeMap<String, f64>) -> Option<Fitness> {
        let value = |objective: &Objective| {
            let value = metrics.get(&objective.metric).copied().filter(|v| v.is_finite())?;
            Some(match objective.direction {
                Direction::Maximize => value,
                Direction::Minimize => -value,
            })
        };
        objectives.iter().map(value).collect::<Option<Vec<f64>>>().map(Fitness)
    }

    /// From values of which each is better the larger it is.
    pub fn maximised(values: Vec<f64>) -> Fitness {
        Fitness(values)
    }

    /// Worse than every trial that ran; JSON has no infinity, hence the largest finite number.
    pub fn worst(objectives: usize) -> Fitness {
        Fitness(vec![f64::MIN; objectives])
    }

    /// One value per objective, larger is better.
    pub fn values(&self) -> &[f64] {
        &self.0
    }

    /// Pareto dominance: at least as good everywhere and better somewhere.
    pub fn dominates(&self, other: &Fitness) -> bool {
        let pairs = || self.0.iter().zip(&other.0);
        pairs().all(|(a, b)| a >= b) && pairs().any(|(a, b)| a > b)
    }

    /// Order by dominance: `Equal` for trials that do not dominate each other.
    pub fn compare(&self, other: &Fitness) -> Ordering {
        if self.dominates(other) {
            Ordering::Greater
        } else if other.dominates(self) {
            Ordering::Less
        } else {
            Ordering::Equal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objective(metric: &str, direction: Direction) -> Objective {
        Objective { metric: metric.into(), direction, goal: None }
    }

    #[test]
    fn dominance_honours_directions() {
        let objectives = [objective("top1", Direction::Maximize), objective("flops", Direction::Minimize)];
        let fitness = |top1: f64, flops: f64| {
            Fitness::of(&objectives, &BTreeMap::from([("top1".into(), top1), ("flops".into(), flops)])).unwrap()
        };
        assert!(fitness(0.9, 10.0).dominates(&fitness(0.8, 10.0)));
        assert!(fitness(0.9, 9.0).dominates(&fitness(0.9, 10.0)));
        assert_eq!(fitness(0.9, 10.0).compare(&fitness(0.8, 5.0)), Ordering::Equal);
        assert_eq!(fitness(0.9, 10.0).compare(&fitness(0.9, 10.0)), Ordering::Equal);
        assert!(fitness(0.0, 1e9).dominates(&Fitness::worst(2)));
    }

    #[test]
    fn missing_and_nan_metrics_have_no_fitness() {
        let objectives = [objective("top1", Direction::Maximize)];
        assert_eq!(Fitness::of(&objectives, &BTreeMap::new()), None);
        assert_eq!(Fitness::of(&objectives, &BTreeMap::from([("top1".into(), f64::NAN)])), None);
    }
}
