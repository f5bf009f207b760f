//! Differentiable search under a cost: FBNet and FBNetV2's masks. See `README.md`.

mod options;
#[cfg(test)]
mod tests;
mod timing;

pub use options::Options;

use super::shared_weights::{Common, Next, SharedWeights, State, Supernet, sgd, supernet};
use super::{Insight, Observed, Order, Problem};
use crate::fault::Faults;
use crate::network::Opening;
use crate::randomness::{Purpose, Randomness};
use crate::space::Draw;
use crate::supernet::{
    Alternation, Architecture, CostTerm, Mixture, Operators, Source, SupernetPlan, Temperature, signature,
};
use crate::work::MeasureWork;
use options::Cost;
use std::collections::BTreeMap;
use timing::Timing;

pub struct Fbnet;

impl SharedWeights for Fbnet {
    const NAME: &'static str = "fbnet";
    const SUMMARY: &'static str =
        "Gradient search whose loss holds the expected latency or size of the network; channels by masks (FBNet, V2).";

    type Options = Options;
    type Own = Timing;

    fn common(options: &Options) -> &Common {
        &options.common
    }

    fn check(problem: &Problem, options: &Options, faults: &mut Faults) {
        options.check(faults);
        // A space that cannot be a supernet is refused by the common check.
        let Ok(supernet) = supernet(problem, Opening::default()) else { return };
        if let Some(table) = &options.latency_table {
            if let Err(inner) = timing::given(table, &supernet) {
                faults.nest("/latency_table", inner);
            }
        } else if options.cost == Some(Cost::Latency)
            && let Err(why) = Operators::of(&supernet.graph, &supernet.rows)
        {
            faults.push("/cost", format!("{why}: set `cost` to `flops`, or give a `latency_table` with `rows`"));
        }
    }

    fn plan(problem: &Problem, options: &Options, own: &Timing, supernet: &Supernet) -> SupernetPlan {
        let temperature = Temperature::Exponential { start: options.temperature_start, rate: options.temperature_rate };
        let mixture = Mixture::Gumbel { temperature };
        let warmup = 10.min(options.common.epochs / 4);
        let architecture = options.logits.architecture(mixture, 0.01, warmup, Alternation::Epochs);
        let cost = CostTerm {
            form: options.loss,
            alpha: options.alpha,
            beta: options.beta,
            source: source(options, own, supernet),
        };
        SupernetPlan {
            weight_share: 0.8,
            architecture: Some(Architecture { betas: [0.9, 0.999], deviation: 0.0, ..architecture }),
            cost: Some(cost),
            ..options.common.plan(problem, sgd(0.1, 0.0, 1e-4, false, 192), mixture)
        }
    }

    fn before(problem: &Problem, options: &Options, own: &mut Timing, tag: u64) -> Next<()> {
        if own.cost.is_some() || matches!(options.cost, Some(Cost::Flops | Cost::Params)) {
            return Next::Ready(());
        }
        if let Some(why) = &own.failure {
            return Next::Failed(why.clone());
        }
        if own.pending.is_some() {
            return Next::Wait;
        }
        let supernet = match supernet(problem, Opening::default()) {
            Ok(supernet) => supernet,
            Err(faults) => return Next::Failed(format!("the supernet cannot be built: {faults}")),
        };
        if let Some(table) = &options.latency_table {
            return match timing::given(table, &supernet) {
                Ok(cost) => {
                    own.cost = Some(cost);
                    own.device = table.device.clone();
                    Next::Ready(())
                }
                Err(faults) => Next::Failed(format!("the latency table cannot be used: {faults}")),
            };
        }
        if timing::cost_of(options, &supernet) != Cost::Latency {
            return Next::Ready(());
        }
        match timing::operators(problem, options, &supernet) {
            Ok(work) => {
                own.pending = Some(tag);
                Next::Order(Order::Measure { tag, work })
            }
            Err(why) => Next::Failed(why),
        }
    }

    fn after(
        problem: &Problem,
        options: &Options,
        state: &mut State<Timing>,
        randomness: &Randomness,
        tag: u64,
    ) -> Next<()> {
        // A given table may be of a device that no worker has.
        let wanted = options.measured_networks > 0 && options.latency_table.is_none();
        if !wanted || state.own.networks.asked || state.trials == 0 {
            return Next::Ready(());
        }
        let Some(work) = networks(problem, options, state, randomness) else { return Next::Ready(()) };
        state.own.networks.pending = Some(tag);
        Next::Order(Order::Measure { tag, work })
    }

    fn observe(problem: &Problem, options: &Options, own: &mut Timing, observed: &Observed) {
        if own.networks.pending == Some(observed.tag) {
            own.take_networks(&observed.result);
        } else if own.pending == Some(observed.tag) {
            match supernet(problem, Opening::default()) {
                Ok(supernet) => own.take_operators(problem, options, &supernet, &observed.result),
                Err(faults) => own.failure = Some(faults.to_string()),
            }
        }
    }

    fn insights(_: &Problem, state: &State<Timing>) -> Vec<Insight> {
        let own = &state.own;
        let mut all = Vec::new();
        if let Some(rho) = own.correlation() {
            all.push(Insight::Text {
                title: "Latency table".into(),
                text: format!(
                    "On {} the predicted and the measured latencies of {} whole networks have a rank correlation of \
                     {rho:.3} (1 is perfect).",
                    own.device,
                    own.networks.pairs.len()
                ),
            });
        }
        let row = |(predicted, measured): &(f64, f64)| [predicted, measured].map(|us| format!("{us:.0}")).to_vec();
        if !own.networks.pairs.is_empty() {
            all.push(Insight::Table {
                title: "Latency of whole networks, µs".into(),
                columns: vec!["predicted".into(), "measured".into()],
                rows: own.networks.pairs.iter().map(row).collect(),
            });
        }
        all
    }
}

/// Where the plan's cost comes from; multiply-adds until the latencies are measured.
fn source(options: &Options, own: &Timing, supernet: &Supernet) -> Source {
    match (&own.cost, timing::cost_of(options, supernet)) {
        (Some(cost), Cost::Latency) => cost.source(),
        (_, Cost::Params) => Source::Params,
        (_, Cost::Flops | Cost::Latency) => Source::Flops,
    }
}

/// Whole networks to measure: those that the supernets ended with, and random ones. `None` without a table.
fn networks(
    problem: &Problem,
    options: &Options,
    state: &mut State<Timing>,
    randomness: &Randomness,
) -> Option<MeasureWork> {
    let cost = state.own.cost.clone()?;
    let derived = state.runs.iter().filter_map(|run| run.digest.as_ref()?.genotypes.last());
    let derived: Vec<_> = derived.map(|(_, genotype)| genotype.clone()).collect();
    let mut rng = randomness.at(Purpose::Fit, 0);
    let random = std::iter::repeat_with(|| problem.space.sample(Draw::ByDecision, &mut rng));
    let (mut graphs, mut predicted) = (BTreeMap::new(), BTreeMap::new());
    for genotype in derived.into_iter().chain(random).take(options.measured_networks as usize) {
        let (Ok(graph), Ok(selection)) = (timing::whole(problem, &genotype), problem.space.selection(&genotype)) else {
            continue;
        };
        let signature = signature(&graph);
        predicted.insert(signature.clone(), cost.of(&selection));
        graphs.insert(signature, graph);
    }
    state.own.networks.asked = true;
    state.own.networks.predicted = predicted;
    (!graphs.is_empty()).then_some(MeasureWork { graphs, batch: options.measure_batch, runs: options.measure_runs })
}
