//! What a study has evaluated, in memory: a genotype is evaluated once per fidelity, and every further order for it is
//! answered from here.

use crate::app::Values;
use crate::store::EvaluatedRow;
use search::strategy::ObservedResult;
use search::work::FailureReason;
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Known {
    /// By epochs, then by key; `None` while the trial is under way.
    trials: BTreeMap<u32, BTreeMap<String, Option<ObservedResult>>>,
}

impl Known {
    pub fn load(rows: Vec<EvaluatedRow>) -> Known {
        let mut known = Known::default();
        for row in rows.into_iter().filter(|row| row.repeat == 0) {
            // A result counts from the advance that takes it in, here as in the state of the strategy.
            let result = if row.consumed { result(&row) } else { None };
            known.at(u32::try_from(row.epochs).unwrap_or(0)).insert(row.key, result);
        }
        known
    }

    /// `None`: never asked for; `Some(None)`: under way.
    pub fn get(&self, key: &str, epochs: u32) -> Option<Option<&ObservedResult>> {
        self.trials.get(&epochs)?.get(key).map(Option::as_ref)
    }

    pub fn begin(&mut self, key: &str, epochs: u32) {
        self.at(epochs).insert(key.to_owned(), None);
    }

    pub fn settle(&mut self, key: &str, epochs: u32, result: ObservedResult) {
        self.at(epochs).insert(key.to_owned(), Some(result));
    }

    /// Number of genotypes tried at this fidelity.
    pub fn count(&self, epochs: u32) -> usize {
        self.trials.get(&epochs).map_or(0, BTreeMap::len)
    }

    fn at(&mut self, epochs: u32) -> &mut BTreeMap<String, Option<ObservedResult>> {
        self.trials.entry(epochs).or_default()
    }
}

fn result(row: &EvaluatedRow) -> Option<ObservedResult> {
    let metrics = || merged(&row.metrics, &row.statistics);
    match row.state.as_str() {
        "completed" => Some(ObservedResult::Done { metrics: metrics(), artifacts: Vec::new(), result: None }),
        "pruned" => {
            let epoch = u32::try_from(row.epochs_done).unwrap_or(0);
            Some(ObservedResult::Stopped { epoch, metrics: metrics() })
        }
        "infeasible" => Some(ObservedResult::Infeasible),
        "failed" | "cancelled" => Some(ObservedResult::Failed { reason: FailureReason::Other }),
        _ => None,
    }
}

/// Metrics with the free statistics among them.
pub(super) fn merged(metrics: &Values, statistics: &Values) -> Values {
    let mut all = statistics.clone();
    all.extend(metrics.clone());
    all
}
