//! Operators taken out of a supernet, latency tables over them, and predictions, against the golden file.

mod support;

use search::network::{Convention, Opening, catalogue, count, lower};
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Selection, Space};
use search::strategy::{Observed, Order, Proposal, find};
use search::supernet::{LatencyTable, Operators, Rows, Source, rank_correlation};
use search::work::{Latency, MeasureResult};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use support::world;

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/fbnet.json")?).expect("golden file");
    Some(serde_json::from_str(&text).expect("golden JSON"))
}

fn fbnet(options: Value) -> (Space, Rows, Operators) {
    let space = catalogue::build("fbnet", options.as_object().expect("options")).unwrap_or_else(|e| panic!("{e}"));
    let graph = world::open(&space, Opening::default());
    let rows = Rows::read(&graph, false);
    let operators = Operators::of(&graph, &rows).unwrap_or_else(|why| panic!("{why}"));
    (space, rows, operators)
}

const NAMES: [&str; 8] = ["k3_e1", "k3_e1_g2", "k3_e3", "k3_e6", "k5_e1", "k5_e1_g2", "k5_e3", "k5_e6"];

#[test]
fn operators_are_taken_out_at_their_real_shapes() {
    let Some(golden) = golden() else { return };
    let (_, rows, operators) = fbnet(json!({}));
    let layers = golden["v1_candidates"]["layers"].as_array().expect("layers");
    assert_eq!(rows.0.len(), layers.len());
    for (row, layer) in rows.0.iter().zip(layers) {
        let [signatures] = operators.places[&row.decision].as_slice() else { panic!("one place") };
        assert_eq!(signatures.len() == 9, layer["skip_is_identity"] == true);
        for (name, signature) in NAMES.iter().zip(signatures) {
            let graph = &operators.graphs[signature.as_ref().expect("an operator")];
            let counts = count(graph, Convention::Plain);
            assert_eq!(json!([counts.params, counts.flops]), layer["candidates"][name], "{layer} {name}");
            assert_eq!(json!(graph.input.channels()), layer["in"]);
        }
    }
    // Layers of one stage after the first are alike; so are those of two stages with equal shapes.
    let used: BTreeSet<&String> = operators.places.values().flatten().flatten().flatten().collect();
    assert_eq!(used.len(), operators.graphs.len());
    assert!(operators.graphs.len() < 22 * 9 * 2 / 3, "{}", operators.graphs.len());
}

#[test]
fn a_network_is_predicted_from_the_published_table() {
    let Some(golden) = golden() else { return };
    let (space, rows, operators) = fbnet(json!({"projecting_skips": true}));
    let lut = golden["example_lut"]["table"].as_array().expect("a table");
    let entries = rows.0.iter().zip(lut).map(|(row, times)| (row.decision.clone(), times.clone()));
    let table = json!({"device": "cpu", "batch": 1, "unit": "us", "rows": entries.collect::<serde_json::Map<_, _>>()});
    let table: LatencyTable = serde_json::from_value(table).expect("a table");
    let cost = table.cost(&rows, &operators).unwrap_or_else(|faults| panic!("{faults}"));
    for case in golden["lut_latency"]["cases"].as_array().expect("cases") {
        let genotype = space.read_genotype(&case["arch"]).unwrap_or_else(|faults| panic!("{faults}"));
        let predicted = cost.of(&space.selection(&genotype).expect("selects"));
        assert!((predicted - case["latency_us"].as_f64().expect("a time")).abs() < 1e-3, "{predicted} {case}");
    }
    let Source::Latency { rows: source, fixed } = cost.source() else { panic!("no latency") };
    assert_eq!((source.len(), fixed), (22, 0.0));
}

fn measured(operators: &Operators, of: impl Fn(usize) -> f64) -> LatencyTable {
    let latency = |nodes: usize| Latency { median_us: of(nodes), mean_us: of(nodes), runs: 60 };
    let latencies = operators.graphs.iter().map(|(sign, graph)| (sign.clone(), latency(graph.nodes.len()))).collect();
    LatencyTable::measured(&MeasureResult { device: "made up".into(), latencies }, 1)
}

#[test]
fn a_measured_network_anchors_what_the_operators_do_not_explain() {
    let (space, rows, operators) = fbnet(json!({"input": [3, 32, 32], "classes": 10}));
    let time = |nodes: usize| 2.0 * nodes as f64;
    let mut cost = measured(&operators, time).cost(&rows, &operators).unwrap_or_else(|faults| panic!("{faults}"));
    let first = Selection(rows.0.iter().map(|row| (row.decision.clone(), vec![0])).collect());
    let without = cost.of(&first);
    cost.anchor(&first, without + 77.0);
    assert_eq!(cost.fixed, 77.0);
    cost.anchor(&first, without - 1.0);
    assert_eq!(cost.fixed, 0.0);
    let mut rng = Randomness::new(1).at(Purpose::Show, 0);
    let pairs = (0..20).map(|_| {
        let genotype = space.sample(Draw::ByDecision, &mut rng);
        let candidate = space.materialise(&genotype).expect("materialises");
        let nodes = lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}")).nodes.len();
        (cost.of(&space.selection(&genotype).expect("selects")), nodes as f64)
    });
    let (predicted, true_size): (Vec<f64>, Vec<f64>) = pairs.unzip();
    assert!(rank_correlation(&predicted, &true_size).expect("defined") > 0.95);
}

#[test]
fn every_missing_entry_is_named() {
    let (_, rows, operators) = fbnet(json!({"input": [3, 32, 32], "classes": 10}));
    let mut table = measured(&operators, |nodes| nodes as f64);
    let lost = operators.places["network.layers[3]"][0][2].clone().expect("an operator");
    table.entries.remove(&lost);
    let faults = table.cost(&rows, &operators).expect_err("incomplete");
    let place = format!("/entries/{lost}");
    assert!(faults.0.iter().all(|fault| fault.pointer == place && fault.detail.contains("is missing")), "{faults}");
    assert!(faults.0.iter().any(|fault| fault.detail.contains("`network.layers[3]`")), "{faults}");
}

#[test]
fn equal_values_share_their_rank() {
    let rho = |a: &[f64], b: &[f64]| rank_correlation(a, b);
    assert!(
        (rho(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]).expect("defined") - 0.948_683_298_050_513_8).abs() < 1e-12
    );
    assert_eq!(rho(&[1.0, 2.0, 3.0], &[30.0, 20.0, 10.0]), Some(-1.0));
    assert_eq!(rho(&[1.0, 1.0], &[1.0, 2.0]), None);
    assert_eq!(rho(&[1.0], &[1.0]), None);
}

/// The whole way of a search that measures first and checks its table at the end.
#[test]
fn a_search_measures_operators_then_trains_then_checks_its_table() {
    let chain = json!({"input": [3, 16, 16], "classes": 10, "stem": 8, "stem_stride": 1, "channels": [8, 16],
        "layers": [2, 2], "strides": [1, 2], "head": 16});
    let problem = support::ready_made("fbnet", &chain);
    let kind = find("fbnet").expect("registered");
    let options = json!({"epochs": 4, "candidates": 2, "measured_networks": 5});
    kind.check(&problem, &options).unwrap_or_else(|faults| panic!("{faults}"));
    let mut strategy = kind.create(problem, &options).unwrap_or_else(|faults| panic!("{faults}"));
    let (mut kinds, randomness) = (Vec::new(), Randomness::new(2));
    let mut sources = BTreeMap::new();
    loop {
        let orders = match strategy.propose(4, &randomness) {
            Proposal::Orders(orders) => orders,
            Proposal::Finished(why) => break assert!(why.contains("networks"), "{why}"),
            Proposal::Wait => panic!("waits with nothing in flight"),
        };
        for order in orders {
            let (tag, name, result) = match order {
                Order::Measure { tag, work } => (tag, "measure", world::measure(&work)),
                Order::Supernet { tag, work } => {
                    if let Some(Source::Latency { rows, fixed }) = &work.plan.cost.as_ref().map(|cost| &cost.source) {
                        sources = rows.clone();
                        assert!(*fixed > 0.0);
                    }
                    (tag, "supernet", world::supernet(&work))
                }
                Order::Trial { tag, .. } => (tag, "trial", support::done("score", 0.5)),
                Order::Score { .. } => panic!("fbnet scores nothing"),
            };
            kinds.push(name);
            strategy.observe(&Observed { tag, genotype: None, result });
        }
    }
    assert_eq!(kinds, ["measure", "supernet", "trial", "trial", "measure"]);
    assert_eq!(sources.len(), 4);
    let shown = serde_json::to_string(&strategy.insights()).expect("serialises");
    assert!(shown.contains("rank correlation of"), "{shown}");
}
