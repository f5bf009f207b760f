use super::*;
use serde_json::json;

#[test]
fn nothing_given_means_the_defaults() {
    let recipe = Recipe::read(&json!({})).unwrap();
    assert_eq!(recipe, Recipe::read(&Value::Null).unwrap());
    assert_eq!(recipe.optimizer, Optimizer::Sgd { momentum: 0.9, nesterov: true });
    assert_eq!((recipe.batch_size, recipe.schedule.lr, recipe.clip_norm), (64, 0.05, 5.0));
}

#[test]
fn all_faults_come_at_once_with_their_places() {
    let faults = Recipe::read(&json!({
        "lr": "fast", "batch_size": 0, "optimizer": "lion", "dropout": 1.0, "flip": 1, "learning_rate": 0.1, "ema": 2
    }))
    .unwrap_err();
    let places: Vec<&str> = faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
    assert_eq!(places, ["/optimizer", "/batch_size", "/lr", "/flip", "/ema", "/dropout", "/learning_rate"]);
    assert!(faults.0[6].detail.contains("label_smoothing"));
}

#[test]
fn settings_of_another_optimiser_may_stand_beside_an_open_one() {
    let recipe = Recipe::read(&json!({"optimizer": "rmsprop", "nesterov": false, "ema": true})).unwrap();
    let expected = Optimizer::RmsProp { momentum: 0.9, alpha: 0.9, eps: 1e-3, tensorflow_form: true };
    assert_eq!((recipe.optimizer, recipe.ema), (expected, 0.999));
}

#[test]
fn curves_follow_their_formulas_after_the_warm_up() {
    let read = |value| Recipe::read(&value).unwrap().schedule;
    let step = read(json!({"lr": 1.0, "schedule": "step", "gamma": 0.5, "step_epochs": 3}));
    assert_eq!([step.lr_at(2, 0.9, 9), step.lr_at(3, 0.0, 9), step.lr_at(8, 0.0, 9)], [1.0, 0.5, 0.25]);
    let exponential = read(json!({"lr": 2.0, "schedule": "exponential", "gamma": 0.5}));
    assert_eq!(exponential.lr_at(3, 0.7, 9), 0.25);
    let warm = read(json!({"lr": 1.0, "warmup_epochs": 4, "warmup_lr": 0.2}));
    assert!((warm.lr_at(2, 0.5, 12) - 0.7).abs() < 1e-12);
    assert_eq!(warm.lr_at(4, 0.0, 12), 1.0);
    assert!((warm.lr_at(8, 0.0, 12) - 0.5).abs() < 1e-12);
    assert_eq!(Recipe::read(&json!({"drop_path": 0.2})).unwrap().drop_path_at(300, 600), 0.1);
}
