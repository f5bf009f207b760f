//! Latency tables: measured once per device, they cost every network of a space without running it (FBNet, section 2.3).

use super::{Operators, RowKind, Rows, Source};
use crate::fault::Faults;
use crate::space::Selection;
use crate::work::MeasureResult;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Unit of all numbers of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Unit {
    /// Microseconds.
    #[default]
    #[serde(rename = "us")]
    Microseconds,
}

/// Latencies of a space's operators on one device. A worker's measurements come by signature; a table made by hand may give
/// rows by decision instead.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LatencyTable {
    /// For people: "cpu, 2 threads".
    pub device: String,
    /// Images in one forward pass.
    pub batch: u32,
    pub unit: Unit,
    /// When and how it was measured, in the words of whoever did.
    pub measured_at: String,
    /// By signature of the operator.
    pub entries: BTreeMap<String, f64>,
    /// By decision, in the order of its candidates; goes before the entries.
    pub rows: BTreeMap<String, Vec<f64>>,
    /// Of the layers around the choices.
    pub fixed: f64,
}

impl LatencyTable {
    /// The table of a worker's measurement; the median of the runs, which outliers do not move.
    pub fn measured(result: &MeasureResult, batch: u32) -> LatencyTable {
        let runs = result.latencies.values().map(|latency| latency.runs).min().unwrap_or(0);
        LatencyTable {
            device: result.device.clone(),
            batch,
            measured_at: format!("by the study, median of {runs} runs"),
            entries: result
                .latencies
                .iter()
                .map(|(signature, latency)| (signature.clone(), latency.median_us))
                .collect(),
            ..LatencyTable::default()
        }
    }

    /// The latency of every candidate of every decision. A fault for each number that is missing or unusable.
    pub fn cost(&self, rows: &Rows, operators: &Operators) -> Result<LatencyCost, Faults> {
        let mut faults = Faults::default();
        let mut cost = LatencyCost { rows: BTreeMap::new(), fixed: self.fixed };
        if !is_time(self.fixed) {
            faults.push("/fixed", "must be a number of microseconds, not negative");
        }
        for row in rows.0.iter().filter(|row| !matches!(row.kind, RowKind::Edges { .. })) {
            let latencies = match self.rows.get(&row.decision) {
                Some(given) => self.given(&row.decision, given, row.candidates(), &mut faults),
                None => self.looked_up(&row.decision, &row.labels[row.leading()..], operators, &mut faults),
            };
            cost.rows.insert(row.decision.clone(), latencies);
        }
        for decision in self.rows.keys().filter(|decision| rows.find(decision).is_none()) {
            faults.push(format!("/rows/{decision}"), "there is no such decision in the supernet");
        }
        faults.or(cost)
    }

    fn given(&self, decision: &str, given: &[f64], candidates: usize, faults: &mut Faults) -> Vec<f64> {
        let pointer = format!("/rows/{decision}");
        if given.len() != candidates {
            faults
                .push(pointer, format!("has {} latencies, but the decision has {candidates} candidates", given.len()));
        } else if given.iter().any(|latency| !is_time(*latency)) {
            faults.push(pointer, "latencies are microseconds, not negative");
        }
        given.to_vec()
    }

    /// Sums over the places of a decision.
    fn looked_up(&self, decision: &str, labels: &[String], operators: &Operators, faults: &mut Faults) -> Vec<f64> {
        let mut sums = vec![0.0; labels.len()];
        let Some(places) = operators.places.get(decision) else {
            faults
                .push(format!("/rows/{decision}"), "is missing: the candidates of this decision cannot be timed alone");
            return sums;
        };
        for place in places {
            for ((sum, label), signature) in sums.iter_mut().zip(labels).zip(place) {
                let Some(signature) = signature else { continue };
                match self.entries.get(signature) {
                    Some(latency) if is_time(*latency) => *sum += latency,
                    Some(latency) => {
                        faults.push(format!("/entries/{signature}"), format!("{latency} is no number of microseconds"));
                    }
                    None => {
                        let detail = format!("is missing: candidate `{label}` of decision `{decision}`");
                        faults.push(format!("/entries/{signature}"), detail);
                    }
                }
            }
        }
        sums
    }
}

fn is_time(latency: f64) -> bool {
    latency.is_finite() && latency >= 0.0
}

/// Microseconds by decision and candidate, and of the rest of the network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LatencyCost {
    pub rows: BTreeMap<String, Vec<f64>>,
    pub fixed: f64,
}

impl LatencyCost {
    /// The predicted latency of a closed network: the sum over its decisions.
    pub fn of(&self, selection: &Selection) -> f64 {
        let chosen = |(decision, latencies): (&String, &Vec<f64>)| -> f64 {
            let indices = selection.0.get(decision).into_iter().flatten();
            indices.filter_map(|index| latencies.get(*index)).sum()
        };
        self.fixed + self.rows.iter().map(chosen).sum::<f64>()
    }

    /// The rest of the network, from the measured latency of one whole network: what its operators do not explain.
    pub fn anchor(&mut self, selection: &Selection, measured: f64) {
        self.fixed = 0.0;
        self.fixed = (measured - self.of(selection)).max(0.0);
    }

    /// As a plan's cost.
    pub fn source(&self) -> Source {
        Source::Latency { rows: self.rows.clone(), fixed: self.fixed }
    }
}

/// Spearman's rank correlation, equal values at their average rank; `None` where one side is constant or there are fewer
/// than two pairs.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let count = a.len().min(b.len());
    let mean = |ranks: &[f64]| ranks.iter().take(count).sum::<f64>() / count as f64;
    let (mean_a, mean_b) = (mean(&a), mean(&b));
    let pairs = || a.iter().zip(&b).map(|(a, b)| (a - mean_a, b - mean_b));
    let product: f64 = pairs().map(|(a, b)| a * b).sum();
    let (of_a, of_b): (f64, f64) = pairs().fold((0.0, 0.0), |(x, y), (a, b)| (x + a * a, y + b * b));
    let scale = (of_a * of_b).sqrt();
    (count > 1 && scale > 0.0).then_some(product / scale)
}

/// Ranks from 1, equal values at the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let equal = order[from..].iter().take_while(|index| values[**index] == values[order[from]]).count().max(1);
        let mean = from as f64 + (equal as f64 + 1.0) / 2.0;
        order[from..from + equal].iter().for_each(|index| ranks[*index] = mean);
        from += equal;
    }
    ranks
}
