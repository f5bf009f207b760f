use super::read;
use crate::fault::Faults;
use crate::study::StudyDocument;
use crate::work::{LeaseRequest, Outcome, Report};
use serde_json::{Value, json};

fn study(change: impl FnOnce(&mut Value)) -> Result<StudyDocument, Faults> {
    let mut document = json!({
        "name": "digits",
        "space": {"builtin": {"name": "darts"}},
        "dataset": "digits",
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "budget": {"max_trials": 5},
    });
    change(&mut document);
    read(&document)
}

fn faults<T: std::fmt::Debug>(result: Result<T, Faults>) -> Vec<String> {
    result.unwrap_err().0.iter().map(ToString::to_string).collect()
}

#[test]
fn a_right_document_is_read() {
    assert_eq!(study(|_| {}).unwrap().budget.parallel_trials, 4);
}

#[test]
fn every_fault_is_reported_at_its_place() {
    let result = study(|document| {
        document["name"] = json!(5);
        document["nam"] = json!("digits");
        document["objectives"] = json!([{"metric": "top1", "direction": "up"}, {"direction": "minimize"}]);
        document["budget"]["max_trials"] = json!(-1);
        document["budget"]["parallel_trials"] = json!(5_000_000_000u64);
        document["training"] = json!({"epochs": 1.5, "checkpoints": "no"});
        document["seed"] = json!(null);
    });
    let known = "budget, constraints, dataset, final, name, objectives, seed, space, strategy, training";
    let mut found = faults(result);
    found.sort();
    assert_eq!(
        found,
        [
            "/budget/max_trials: at least 0",
            "/budget/parallel_trials: at most 4294967295",
            &format!("/nam: is not known here; known are {known}"),
            "/name: text, not 5",
            "/objectives/0/direction: one of minimize, maximize",
            "/objectives/1/metric: is missing",
            "/seed: a whole number, not null",
            "/training/checkpoints: true or false, not \"no\"",
            "/training/epochs: a whole number, not 1.5",
        ]
    );
}

#[test]
fn what_is_missing_is_named() {
    let result = study(|document| *document = json!({"name": "empty"}));
    assert_eq!(faults(result), ["/space: is missing", "/objectives: is missing", "/budget: is missing"]);
    assert_eq!(faults(read::<StudyDocument>(&json!([]))), ["document: an object, not a list"]);
}

#[test]
fn of_alternatives_the_one_that_is_named_is_explained() {
    let result = study(|document| document["space"] = json!({"builtin": {"nam": "darts"}}));
    let known = "/space/builtin/nam: is not known here; known are name, options";
    assert_eq!(faults(result), ["/space/builtin/name: is missing", known]);
    let result = study(|document| document["space"] = json!({"ready_made": "darts"}));
    assert_eq!(faults(result), ["/space: one of {\"builtin\": …}, {\"document\": …}, {\"id\": …}"]);
    let result = study(|document| document["space"] = json!("darts"));
    assert_eq!(faults(result), ["/space: one of {\"builtin\": …}, {\"document\": …}, {\"id\": …}"]);
}

#[test]
fn tags_tell_outcomes_apart() {
    let done = json!({"state": "done", "metrics": {"top1": "high"}, "artifacts": [{"name": "log"}]});
    let found = faults(read::<Outcome>(&done));
    assert_eq!(found, ["/artifacts/0/id: is missing", "/metrics/top1: a number, not \"high\""]);
    let states = "/state: one of done, stopped, infeasible, failed, released";
    assert_eq!(faults(read::<Outcome>(&json!({"state": "finished"}))), [states]);
    assert_eq!(faults(read::<Outcome>(&json!({}))), [states]);
    let reasons = faults(read::<Outcome>(&json!({"state": "failed", "detail": "?", "reason": "bad luck"})));
    assert!(reasons[0].starts_with("/reason: one of ") && reasons[0].contains("diverged"), "{reasons:?}");
}

#[test]
fn requests_of_workers_are_explained_too() {
    let found = faults(read::<LeaseRequest>(&json!({"worker": "a", "kinds": ["train", "think"]})));
    assert_eq!(found, ["/kinds/1: one of train, supernet, score, measure"]);
    let point = json!({"metric": "loss", "step": -1, "value": 0.5});
    assert_eq!(faults(read::<Report>(&json!({"token": "t", "points": [point]}))), ["/points/0/step: at least 0"]);
}
