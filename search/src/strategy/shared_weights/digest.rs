//! What a search keeps of a supernet's result: enough to show it, little enough to be stored with every step.

use crate::space::Genotype;
use crate::supernet::{Architectures, SupernetResult};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Digest {
    pub labels: BTreeMap<String, Vec<String>>,
    /// Whether the labels of edges' operators begin with an added `none`.
    pub zero_operator: bool,
    /// Probabilities after the last epoch.
    pub last: Architectures,
    /// `[epoch, value]` by metric.
    pub metrics: BTreeMap<String, Vec<[f64; 2]>>,
    /// The network that would have been derived, from the epoch on in which it came up.
    pub genotypes: Vec<(u32, Genotype)>,
    /// Epochs that were trained.
    pub epochs: u32,
    pub stopped: Option<String>,
}

impl Digest {
    pub fn of(result: &SupernetResult, zero_operator: bool) -> Digest {
        let mut digest = Digest {
            labels: result.labels.clone(),
            zero_operator,
            last: result.epochs.last().map(|epoch| epoch.architectures.clone()).unwrap_or_default(),
            epochs: result.epochs.last().map_or(0, |epoch| epoch.epoch),
            stopped: result.stopped.clone(),
            ..Digest::default()
        };
        for record in &result.epochs {
            for (metric, value) in record.metrics.iter().filter(|(_, value)| value.is_finite()) {
                digest.metrics.entry(metric.clone()).or_default().push([f64::from(record.epoch), *value]);
            }
            if let Some(genotype) = &record.genotype
                && digest.genotypes.last().is_none_or(|(_, last)| last != genotype)
            {
                digest.genotypes.push((record.epoch, genotype.clone()));
            }
        }
        digest
    }

    /// First and last value of a metric.
    pub fn ends(&self, metric: &str) -> Option<(f64, f64)> {
        let points = self.metrics.get(metric)?;
        Some((points.first()?[1], points.last()?[1]))
    }
}
