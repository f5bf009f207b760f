//! Deriving networks from probabilities, and the signs of collapse, against the golden file.

mod support;

use search::network::{Graph, Opening, catalogue, lower_open};
use search::space::{Space, Template};
use search::supernet::{Architectures, EigenvalueTracker, Rows, SupernetPlan, strongest};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/darts.json")?).expect("golden file");
    Some(serde_json::from_str(&text).expect("golden JSON"))
}

fn plan(zero_operator: bool, edge_normalisation: bool) -> SupernetPlan {
    let plan = json!({
        "opening": {}, "zero_operator": zero_operator, "edge_normalisation": edge_normalisation, "recipe": {},
        "weight_share": 0.5, "mixture": {"mixture": "softmax"}, "derivation": "strongest",
    });
    serde_json::from_value(plan).expect("a plan")
}

fn darts() -> Space {
    let options = json!({"channels": 4, "layers": 4, "auxiliary": false});
    catalogue::build("darts", options.as_object().expect("options")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn open(space: &Space) -> Graph {
    let Template::Object(members) = space.template() else { panic!("the root is not an object") };
    lower_open(&members["network"], Opening::default()).unwrap_or_else(|faults| panic!("{faults}"))
}

fn softmax(row: &[f64]) -> Vec<f64> {
    let most = row.iter().copied().fold(f64::MIN, f64::max);
    let exponents: Vec<f64> = row.iter().map(|x| (x - most).exp()).collect();
    let sum: f64 = exponents.iter().sum();
    exponents.iter().map(|x| x / sum).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("an array").iter().map(|x| x.as_f64().expect("a number")).collect()
}

/// Fourteen rows of logits as the golden file's formula gives them.
fn formula(phase: f64, amplitude: f64, columns: usize) -> Vec<Vec<f64>> {
    let value = |row: usize, column: usize| amplitude * (1.7 * (row * columns + column) as f64 + phase).sin();
    (0..14).map(|row| (0..columns).map(|column| value(row, column)).collect()).collect()
}

/// Fills in the probabilities of a kind of cell, edge by edge in the order of the nodes.
fn fill(architectures: &mut Architectures, cell: &str, rows: &[Vec<f64>]) {
    let mut rows = rows.iter();
    for node in 0..4 {
        for edge in 0..node + 2 {
            let id = format!("network.cells.{cell}.nodes[{node}][={edge}/{}].op", node + 2);
            architectures.insert(id, rows.next().expect("fourteen rows").clone());
        }
    }
}

/// Pairs of operation and state, node by node; the order inside a node means nothing.
fn pairs(value: &Value) -> Vec<BTreeSet<(String, u64)>> {
    let pair = |pair: &Value| (pair[0].as_str().expect("a name").to_owned(), pair[1].as_u64().expect("a state"));
    value.as_array().expect("pairs").chunks(2).map(|node| node.iter().map(pair).collect()).collect()
}

fn derived(space: &Space, rows: &Rows, architectures: &Architectures) -> Value {
    let genotype = space.close(&strongest(rows, architectures)).unwrap_or_else(|faults| panic!("{faults}"));
    let notation = (catalogue::find("darts").expect("listed").notation)().expect("a notation");
    serde_json::from_str(&notation.write(space, &genotype).expect("writes")).expect("JSON")
}

#[test]
fn cells_are_derived_from_logits_as_published() {
    let Some(golden) = golden() else { return };
    let space = darts();
    let rows = Rows::of(&open(&space), &plan(true, false));
    let cases = golden["genotype_derivation"]["cases"].as_array().expect("cases");
    for case in cases {
        let mut architectures = Architectures::new();
        for (cell, logits, phase) in
            [("normal", "alpha_normal", "phase_normal"), ("reduce", "alpha_reduce", "phase_reduce")]
        {
            let logits = match &case[logits] {
                Value::Array(rows) => rows.iter().map(numbers).collect(),
                _ => formula(case[phase].as_f64().expect("phase"), case["amp"].as_f64().expect("amplitude"), 8),
            };
            fill(&mut architectures, cell, &logits.iter().map(|row| softmax(row)).collect::<Vec<_>>());
        }
        let found = derived(&space, &rows, &architectures);
        for cell in ["normal", "reduce"] {
            assert_eq!(pairs(&found[cell]), pairs(&case["genotype"][cell]), "{cell} of {case}");
        }
    }
    assert_eq!(cases.len(), 26);
}

#[test]
fn edges_with_probabilities_of_their_own_weigh_in() {
    let Some(golden) = golden() else { return };
    let space = darts();
    let rows = Rows::of(&open(&space), &plan(true, true));
    let cases = golden["pc_darts"]["genotype_derivation"]["cases"].as_array().expect("cases");
    for case in cases {
        let mut architectures = Architectures::new();
        for (index, cell) in ["normal", "reduce"].into_iter().enumerate() {
            let number = |key: &str| case[key].as_f64().expect("a number");
            let phase = |key: &str| case[key][index].as_f64().expect("a phase");
            let logits = formula(phase("alpha_phases"), number("alpha_amp"), 8);
            fill(&mut architectures, cell, &logits.iter().map(|row| softmax(row)).collect::<Vec<_>>());
            let betas = formula(phase("beta_phases"), number("beta_amp"), 1).concat();
            let mut from = 0;
            for node in 0..4 {
                let group = &betas[from..from + node + 2];
                architectures.insert(format!("network.cells.{cell}.nodes[{node}]"), softmax(group));
                from += node + 2;
            }
        }
        let found = derived(&space, &rows, &architectures);
        for cell in ["normal", "reduce"] {
            assert_eq!(pairs(&found[cell]), pairs(&case[cell]), "{cell} of {case}");
        }
    }
    assert!(cases.len() >= 4);
}

#[test]
fn the_eigenvalue_tracker_stops_where_published() {
    let Some(golden) = golden() else { return };
    let cases = golden["robust_darts"]["cases"].as_array().expect("cases");
    for case in cases {
        let whole = |key: &str| u32::try_from(case[key].as_u64().expect("whole")).expect("small");
        let (every, epochs) = (whole("ev_freq"), whole("epochs"));
        let mut tracker = EigenvalueTracker::new(every, epochs, case["factor"].as_f64().expect("factor"));
        let values = case["eigenvalue_by_epoch"].as_object().expect("values");
        let mut stop = Value::Null;
        for epoch in (0..epochs).filter(|epoch| values.contains_key(&epoch.to_string())) {
            assert!(tracker.is_due(epoch));
            let value = values[&epoch.to_string()].as_f64().expect("a value");
            if let Some(trigger) = tracker.observe(epoch, value) {
                stop = json!({"decided_at_epoch": epoch, "stop_epoch": trigger.stop_epoch,
                    "stop_genotype": format!("g{}", trigger.stop_epoch)});
                break;
            }
        }
        assert_eq!(stop, case["stop"]);
        let averages = numbers(&case["local_averages"]);
        assert_eq!(tracker.averages().len(), averages.len());
        for (found, expected) in tracker.averages().iter().zip(averages) {
            assert!((found - expected).abs() < 1e-9, "{found} {expected}");
        }
    }
    assert!(cases.iter().any(|case| case["stop"].is_null()) && cases.len() >= 8);
}
