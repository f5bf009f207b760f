//! The latency table of a search: measured by a worker, or given, and checked at the end against whole networks.

use super::options::{Cost, Options};
use crate::fault::Faults;
use crate::network::{Graph, lower, network_of};
use crate::space::{Genotype, Selection};
use crate::strategy::shared_weights::Supernet;
use crate::strategy::{ObservedResult, Problem};
use crate::supernet::{LatencyCost, LatencyTable, Operators, rank_correlation, signature};
use crate::work::{MeasureResult, MeasureWork};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What the search knows of latencies.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Timing {
    /// The order for the operators in flight.
    pub pending: Option<u64>,
    pub cost: Option<LatencyCost>,
    /// The device that was measured.
    pub device: String,
    /// Why there is no table.
    pub failure: Option<String>,
    pub networks: Networks,
}

/// Whole networks beside what the table predicts.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Networks {
    pub pending: Option<u64>,
    pub asked: bool,
    /// Predictions in microseconds by signature.
    pub predicted: BTreeMap<String, f64>,
    /// `(predicted, measured)`, microseconds.
    pub pairs: Vec<(f64, f64)>,
}

/// What counts as the cost on this space.
pub fn cost_of(options: &Options, supernet: &Supernet) -> Cost {
    let timed = || Operators::of(&supernet.graph, &supernet.rows).is_ok();
    options.cost.unwrap_or_else(|| if options.latency_table.is_some() || timed() { Cost::Latency } else { Cost::Flops })
}

/// The cost of a table given in the options. A table of rows alone needs no operators that can be timed.
pub fn given(table: &LatencyTable, supernet: &Supernet) -> Result<LatencyCost, Faults> {
    let operators = Operators::of(&supernet.graph, &supernet.rows).unwrap_or_default();
    table.cost(&supernet.rows, &operators)
}

/// The operators of the supernet and one whole network, for a worker.
pub fn operators(problem: &Problem, options: &Options, supernet: &Supernet) -> Result<MeasureWork, String> {
    let mut graphs = Operators::of(&supernet.graph, &supernet.rows)?.graphs;
    let (_, whole) = anchor(problem, supernet)?;
    graphs.insert(signature(&whole), whole);
    Ok(MeasureWork { graphs, batch: options.measure_batch, runs: options.measure_runs })
}

/// The network whose latency tells that of the layers around the choices: the first candidate of every decision.
fn anchor(problem: &Problem, supernet: &Supernet) -> Result<(Selection, Graph), String> {
    let first = supernet.rows.0.iter().map(|row| (row.decision.clone(), vec![0]));
    let selection = Selection(first.collect());
    let genotype = problem.space.close(&selection).map_err(|faults| faults.to_string())?;
    Ok((selection, whole(problem, &genotype)?))
}

/// A genotype's network.
pub fn whole(problem: &Problem, genotype: &Genotype) -> Result<Graph, String> {
    let candidate = problem.space.materialise(genotype).map_err(|faults| faults.to_string())?;
    let network = network_of(&candidate).ok_or("the candidate has no network")?;
    lower(network).map_err(|faults| faults.to_string())
}

impl Timing {
    /// Takes in the measured operators.
    pub fn take_operators(
        &mut self,
        problem: &Problem,
        options: &Options,
        supernet: &Supernet,
        result: &ObservedResult,
    ) {
        self.pending = None;
        match read(result).and_then(|result| self.table(problem, options, supernet, &result)) {
            Ok(cost) => self.cost = Some(cost),
            Err(why) => self.failure = Some(format!("the operators could not be measured: {why}")),
        }
    }

    fn table(
        &mut self,
        problem: &Problem,
        options: &Options,
        supernet: &Supernet,
        result: &MeasureResult,
    ) -> Result<LatencyCost, String> {
        let table = LatencyTable::measured(result, options.measure_batch);
        let operators = Operators::of(&supernet.graph, &supernet.rows)?;
        let mut cost = table.cost(&supernet.rows, &operators).map_err(|faults| faults.to_string())?;
        let (selection, whole) = anchor(problem, supernet)?;
        let measured = table.entries.get(&signature(&whole)).ok_or("the whole network was not measured")?;
        cost.anchor(&selection, *measured);
        self.device = table.device;
        Ok(cost)
    }

    /// Takes in the measured whole networks.
    pub fn take_networks(&mut self, result: &ObservedResult) {
        self.networks.pending = None;
        if let Ok(result) = read(result) {
            let measured = |(signature, predicted): (&String, &f64)| {
                Some((*predicted, result.latencies.get(signature)?.median_us))
            };
            self.networks.pairs = self.networks.predicted.iter().filter_map(measured).collect();
        }
    }

    /// Rank correlation of prediction and measurement.
    pub fn correlation(&self) -> Option<f64> {
        let (predicted, measured): (Vec<f64>, Vec<f64>) = self.networks.pairs.iter().copied().unzip();
        rank_correlation(&predicted, &measured)
    }
}

fn read(result: &ObservedResult) -> Result<MeasureResult, String> {
    match result {
        ObservedResult::Done { result: Some(value), .. } => serde_json::from_value(value.clone())
            .map_err(|error| format!("the worker's result cannot be read: {error}")),
        ObservedResult::Done { result: None, .. } => Err("the worker has sent no result".into()),
        ObservedResult::Stopped { .. } => Err("the measurement was stopped".into()),
        ObservedResult::Infeasible => Err("the graphs cannot be built".into()),
        ObservedResult::Failed { reason } => Err(crate::strategy::shared_weights::phrase(*reason).into()),
    }
}
