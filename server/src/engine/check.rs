//! What a study document may say beyond its form: every check adds its faults and goes on.

use search::fault::Faults;
use search::space::Space;
use search::strategy;
use search::study::StudyDocument;
use std::collections::BTreeSet;

/// Names of the free statistics that network spaces have.
pub const STATISTICS: [&str; 3] = ["params", "flops", "depth"];

/// What is wrong with a document, whatever its space is.
pub fn alone(document: &StudyDocument) -> Faults {
    let mut faults = Faults::default();
    objectives(document, &mut faults);
    budget(document, &mut faults);
    if strategy::find(&document.strategy.name).is_none() {
        let known: Vec<&str> = strategy::registry().iter().map(|kind| kind.name()).collect();
        faults.push("/strategy/name", format!("one of {}", known.join(", ")));
    }
    faults
}

/// What does not fit the space.
pub fn with_space(document: &StudyDocument, space: &Space, external: bool, faults: &mut Faults) {
    constraints(document, external, faults);
    data(document, space, external, faults);
}

fn objectives(document: &StudyDocument, faults: &mut Faults) {
    if document.name.trim().is_empty() || document.name.len() > 200 {
        faults.push("/name", "1 to 200 characters");
    }
    if document.objectives.is_empty() {
        faults.push("/objectives", "at least one objective");
    }
    let mut seen = BTreeSet::new();
    for (i, objective) in document.objectives.iter().enumerate() {
        if objective.metric.is_empty() || !seen.insert(objective.metric.as_str()) {
            faults.push(format!("/objectives/{i}/metric"), "the name of a metric that no other objective has");
        }
        if objective.goal.is_some() && document.objectives.len() > 1 {
            faults.push(format!("/objectives/{i}/goal"), "a goal needs a study with this one objective");
        }
    }
    for (i, constraint) in document.constraints.iter().enumerate() {
        if constraint.min.is_none() && constraint.max.is_none() {
            faults.push(format!("/constraints/{i}"), "`min`, `max` or both");
        }
    }
}

fn constraints(document: &StudyDocument, external: bool, faults: &mut Faults) {
    for (i, constraint) in document.constraints.iter().enumerate() {
        if external || !STATISTICS.contains(&constraint.metric.as_str()) {
            let detail = if external {
                "an external space has no free statistics to constrain".to_owned()
            } else {
                format!("a free statistic: {}", STATISTICS.join(", "))
            };
            faults.push(format!("/constraints/{i}/metric"), detail);
        }
    }
}

fn budget(document: &StudyDocument, faults: &mut Faults) {
    let budget = &document.budget;
    if budget.max_trials.is_none() && budget.max_epochs.is_none() && budget.timeout_seconds.is_none() {
        faults.push("/budget", "at least one of `max_trials`, `max_epochs`, `timeout_seconds`");
    }
    let counts = [
        ("/budget/max_trials", budget.max_trials),
        ("/budget/max_epochs", budget.max_epochs),
        ("/budget/parallel_trials", Some(budget.parallel_trials.into())),
        ("/budget/max_attempts", Some(budget.max_attempts.into())),
        ("/training/epochs", Some(document.training.epochs.into())),
        ("/final/candidates", document.final_training.as_ref().map(|f| f.candidates.into())),
        ("/final/epochs", document.final_training.as_ref().map(|f| f.epochs.into())),
    ];
    for (pointer, count) in counts {
        if count.is_some_and(|n| n == 0 || n > i32::MAX as u64) {
            faults.push(pointer, "a whole number from 1 to 2147483647");
        }
    }
    if budget.timeout_seconds.is_some_and(|seconds| !(seconds > 0.0 && seconds.is_finite())) {
        faults.push("/budget/timeout_seconds", "more than 0");
    }
    if let (Some(epochs), each) = (budget.max_epochs, u64::from(document.training.epochs))
        && epochs < each
    {
        faults.push("/budget/max_epochs", format!("at least the {each} epochs of one trial"));
    }
}

fn data(document: &StudyDocument, space: &Space, external: bool, faults: &mut Faults) {
    match (&document.dataset, external) {
        (None, false) => faults.push("/dataset", "the name of a data set to train on"),
        (Some(_), true) => {
            faults.push("/dataset", "leave it out: the trainer of an external space brings its own data");
        }
        _ => {}
    }
    let baseline = document.final_training.as_ref().and_then(|f| f.baseline.as_ref());
    if let Some(baseline) = baseline
        && let Err(found) = super::finals::baseline(space, baseline, external)
    {
        let detail = format!("a genotype of the space or a candidate document ({found})");
        faults.push("/final/baseline", detail);
    }
}
