//! A made-up world of workers: answers orders as a worker would, without training anything.

use search::network::{Graph, Opening, lower_open};
use search::randomness::{Purpose, Randomness};
use search::space::{Space, Template};
use search::strategy::ObservedResult;
use search::supernet::{
    Architectures, EpochRecord, Finalist, RowKind, Rows, SupernetResult, sample, skip_count, strongest, uniform,
};
use search::work::{
    ArtifactRef, Latency, MeasureResult, MeasureWork, NamedArtifact, ScoreResult, ScoreWork, SupernetWork,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// A supernet that has "learned" probabilities that depend on its seed alone.
pub fn supernet(work: &SupernetWork) -> ObservedResult {
    let space = Space::parse(&work.space).expect("the space of the work");
    let graph = open(&space, work.plan.opening);
    let rows = Rows::of(&graph, &work.plan);
    let mut rng = Randomness::new(work.seed).at(Purpose::Fit, 0);
    let close = |selection| space.close(&selection).unwrap_or_else(|faults| panic!("{faults}"));
    let mut result = SupernetResult {
        derived: Vec::new(),
        epochs: Vec::new(),
        labels: rows.0.iter().map(|row| (row.decision.clone(), row.labels.clone())).collect(),
        finalists: Vec::new(),
        stopped: None,
    };
    for epoch in 1..=work.epochs.min(3) {
        let architectures = architectures(&rows, f64::from(epoch) + (work.seed % 1000) as f64);
        let selection = strongest(&rows, &architectures);
        let metrics = [
            ("loss", 2.0 / f64::from(epoch)),
            ("top1", 0.1 * f64::from(epoch)),
            ("skip_count", skip_count(&rows, &selection) as f64),
            ("lambda_max", 0.1 * f64::from(epoch)),
        ];
        let metrics = metrics.map(|(name, value)| (name.to_owned(), value)).into();
        let genotype = Some(close(selection));
        result.epochs.push(EpochRecord { epoch, architectures, genotype, metrics });
    }
    let last = result.epochs.last().map(|epoch| epoch.architectures.clone()).unwrap_or_default();
    match work.plan.finalists {
        None => {
            result.derived.push(close(strongest(&rows, &last)));
            result.derived.extend((0..work.plan.samples).map(|_| close(sample(&rows, &last, &mut rng))));
        }
        Some(finalists) => {
            result.derived = (0..finalists.count).map(|_| close(uniform(&rows, &mut rng))).collect();
            let finalist = |(i, genotype): (usize, &_)| {
                let quality = 1.0 / (1.0 + i as f64);
                Finalist { genotype: Clone::clone(genotype), top1: quality, loss: 1.0 - quality }
            };
            result.finalists = result.derived.iter().enumerate().map(finalist).collect();
        }
    }
    let weights = NamedArtifact { name: "supernet".into(), id: ArtifactRef(format!("weights-{}", work.seed)) };
    done(vec![weights], &result)
}

/// Scores that prefer small choices.
pub fn score(work: &ScoreWork) -> ObservedResult {
    let space = Space::parse(&work.space).expect("the space of the work");
    let one = |genotype: &_| {
        let top1 = 1.0 / (1.0 + space.vector(genotype).iter().map(|x| x.abs()).sum::<f64>());
        BTreeMap::from([("top1".to_owned(), top1), ("loss".to_owned(), 1.0 - top1)])
    };
    done(Vec::new(), &ScoreResult { scores: work.genotypes.iter().map(one).collect() })
}

/// Latencies by the number of layers.
pub fn measure(work: &MeasureWork) -> ObservedResult {
    let latency = |graph: &Graph| {
        let microseconds = 3.0 + 10.0 * graph.nodes.len() as f64;
        Latency { median_us: microseconds, mean_us: microseconds, runs: work.runs }
    };
    let latencies = work.graphs.iter().map(|(signature, graph)| (signature.clone(), latency(graph))).collect();
    done(Vec::new(), &MeasureResult { device: "made up".into(), latencies })
}

pub fn open(space: &Space, opening: Opening) -> Graph {
    let Template::Object(members) = space.template() else { panic!("the root is no object") };
    lower_open(&members["network"], opening).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Probabilities that wave along the candidates of every row that has logits.
fn architectures(rows: &Rows, phase: f64) -> Architectures {
    let weighs = |kind: &RowKind| !matches!(kind, RowKind::Edges { .. });
    let row = |(i, row): (usize, &search::supernet::Row)| {
        let weight = |k: usize| (1.5 * (1.7 * (8 * i + k) as f64 + phase).sin()).exp();
        let sum: f64 = (0..row.labels.len()).map(weight).sum();
        (row.decision.clone(), (0..row.labels.len()).map(|k| weight(k) / sum).collect())
    };
    rows.0.iter().enumerate().filter(|(_, row)| weighs(&row.kind)).map(row).collect()
}

fn done(artifacts: Vec<NamedArtifact>, result: &impl Serialize) -> ObservedResult {
    let result = serde_json::to_value(result).expect("serialises");
    ObservedResult::Done { metrics: BTreeMap::new(), artifacts, result: Some(result) }
}
