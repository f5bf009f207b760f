//! Reading golden files and comparing with them.

use serde_json::Value;
use worker::probe::Digest;

/// A golden file, or nothing after saying so loudly.
pub fn golden(file: &str) -> Option<Value> {
    let text = std::fs::read_to_string(super::shared(&format!("golden/{file}"))?).expect("a readable golden file");
    Some(serde_json::from_str(&text).expect("a golden file is JSON"))
}

/// Equal within what the golden files' digits and summation order allow in fp64.
pub fn close(computed: f64, wanted: f64) -> bool {
    (computed - wanted).abs() <= 2e-8 * (1.0 + wanted.abs())
}

pub fn assert_close(computed: f64, wanted: f64, what: &str) {
    assert!(close(computed, wanted), "{what}: {computed}, golden {wanted}");
}

/// All numbers of nested lists, in order.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().expect("a number")],
    }
}

/// Compares what the golden entry has of a digest: shape, sums, first values (`first`, `first8`, `all`).
pub fn assert_digest(computed: &Digest, wanted: &Value, what: &str) {
    if let Some(shape) = wanted.get("shape") {
        assert_eq!(serde_json::json!(computed.shape), *shape, "{what}");
    }
    let sums = [
        ("sum", computed.sum),
        ("abs_sum", computed.abs_sum),
        ("sumsq", computed.sumsq),
        ("weighted", computed.weighted),
    ];
    let mut checked = 0;
    for (key, value) in sums {
        if let Some(golden) = wanted.get(key).and_then(Value::as_f64) {
            // Sums lose digits where their terms cancel.
            let scale = 1.0 + computed.abs_sum;
            assert!((value - golden).abs() <= 1e-8 * scale, "{what}: {key} is {value}, golden {golden}");
            checked += 1;
        }
    }
    for key in ["first", "first8", "all"] {
        let Some(golden) = wanted.get(key) else { continue };
        for (index, (value, golden)) in computed.first.iter().zip(numbers(golden)).enumerate() {
            assert!(close(*value, golden), "{what}: value {index} is {value}, golden {golden}");
        }
        checked += 1;
    }
    assert!(checked >= 3, "{what}: the golden entry has too little to compare");
}
