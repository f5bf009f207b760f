//! Studies that the tests submit.

use serde_json::{Value, json};

/// Ten thousand points, trained by nobody: an external space.
pub fn external(name: &str, trials: u64, strategy: &str) -> Value {
    json!({
        "name": name,
        "space": {"document": {"nas_space": 1, "name": "external", "root": {
            "x": {"$int": {"min": 0, "max": 99}}, "y": {"$int": {"min": 0, "max": 99}}}}},
        "objectives": [{"metric": "score", "direction": "maximize"}],
        "strategy": {"name": strategy},
        "budget": {"max_trials": trials, "parallel_trials": 4},
        "seed": 3,
    })
}

/// A short search on the shipped digits.
pub fn digits(name: &str, trials: u64, epochs: u32) -> Value {
    json!({
        "name": name,
        "space": {"builtin": {"name": "digits-quickstart"}},
        "dataset": "digits",
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "strategy": {"name": "evolution"},
        "budget": {"max_trials": trials, "parallel_trials": 2},
        "training": {"epochs": epochs},
        "final": {"candidates": 1, "epochs": epochs},
        "seed": 5,
    })
}
