//! The latency table of a search.

use super::*;
use crate::network::catalogue;
use crate::strategy::find;
use serde_json::{Value, json};

fn check(space: &str, space_options: Value, options: &Value) -> Result<(), Faults> {
    let space = catalogue::build(space, space_options.as_object().unwrap()).unwrap();
    let problem = Problem {
        space: std::sync::Arc::new(space),
        objectives: Vec::new(),
        constraints: Vec::new(),
        statistics: std::sync::Arc::new(|_| Ok(BTreeMap::new())),
        dataset: Some("digits".into()),
        recipe: serde_json::Map::new(),
        epochs: 1,
        max_trials: None,
    };
    find("fbnet").unwrap().check(&problem, options)
}

fn chain() -> Value {
    json!({"input": [3, 16, 16], "classes": 10, "stem": 8, "stem_stride": 1, "channels": [8], "layers": [2],
        "strides": [1], "head": 16})
}

#[test]
fn what_a_table_lacks_is_named_when_the_study_is_submitted() {
    let row: Vec<f64> = (1..=9).map(f64::from).collect();
    let whole = json!({"latency_table": {"device": "phone", "batch": 1,
        "rows": {"network.layers[1]": row, "network.layers[2]": row}, "fixed": 20.0}});
    check("fbnet", chain(), &whole).unwrap();
    let mut wrong = whole.clone();
    wrong["latency_table"]["rows"]["network.layers[2]"] = json!([1.0, 2.0]);
    let faults = check("fbnet", chain(), &wrong).unwrap_err();
    assert_eq!(faults.0[0].pointer, "/latency_table/rows/network.layers[2]", "{faults}");
    let missing = json!({"latency_table": {"rows": {"network.layers[1]": row}}});
    let faults = check("fbnet", chain(), &missing).unwrap_err();
    assert!(faults.0.len() == 9 && faults.0[0].pointer.starts_with("/latency_table/entries/"), "{faults}");
    assert!(faults.0[0].detail.contains("`network.layers[2]`") && faults.0[0].detail.contains("mbconv"), "{faults}");
}

#[test]
fn widths_cannot_be_timed_one_by_one() {
    let widths = json!({"depth": 14, "input": [3, 16, 16]});
    check("resnet-widths", widths.clone(), &json!({})).unwrap();
    let faults = check("resnet-widths", widths, &json!({"cost": "latency"})).unwrap_err();
    assert_eq!(faults.0[0].pointer, "/cost");
    assert!(faults.0[0].detail.contains("flops"), "{faults}");
}

#[test]
fn fewer_than_fifty_runs_are_no_measurement() {
    let faults = check("fbnet", chain(), &json!({"measure_runs": 5})).unwrap_err();
    assert_eq!(faults.0[0].pointer, "/measure_runs");
}
