//! Candidates of the quick start, from their description to their exported files, on the digits.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use search::network::catalogue;
use search::randomness::{Purpose, Randomness};
use search::space::Draw;
use search::work::{Directive, Outcome, Split, TrainWork, Work};
use serde_json::{Map, Value, json};
use support::{Recorder, resources};
use worker::trainer::{Finished, Inputs, run};

/// The `number`th random candidate of the quick start.
fn candidate(number: u64) -> Value {
    let space = catalogue::build("digits-quickstart", &Map::new()).unwrap();
    let genotype = space.sample(Draw::ByDecision, &mut Randomness::new(2).at(Purpose::Show, number));
    space.materialise(&genotype).unwrap()
}

fn work(candidate: Value, epochs: u32, split: Split) -> TrainWork {
    serde_json::from_value(json!({
        "candidate": candidate, "dataset": "digits", "epochs": epochs, "split": split, "seed": 5,
        "metrics": ["top1", "latency_ms"], "checkpoints": true, "export": true,
    }))
    .unwrap()
}

fn train(work: &TrainWork, checkpoint: Option<&[u8]>, recorder: &Recorder) -> Finished {
    tch::set_num_threads(1);
    let inputs = Inputs { checkpoint: checkpoint.map(<[u8]>::to_vec), ..Inputs::default() };
    run(&Work::Train(work.clone()), &inputs, &resources(), recorder)
}

fn metric(finished: &Finished, name: &str) -> f64 {
    match &finished.outcome {
        Outcome::Done { metrics, .. } => metrics[name],
        other => panic!("not done: {other:?}"),
    }
}

#[test]
fn random_candidates_train_and_the_good_ones_read_digits() {
    let mut best: f64 = 0.0;
    for number in 0..6 {
        let start = std::time::Instant::now();
        let finished = train(&work(candidate(number), 4, Split::Search), None, &Recorder::patient());
        let (top1, loss) = (metric(&finished, "top1"), metric(&finished, "loss"));
        println!("candidate {number}: top1 {top1:.3}, loss {loss:.3}, {:.2} s", start.elapsed().as_secs_f64());
        assert!(top1 > 0.05 && loss.is_finite() && metric(&finished, "latency_ms") > 0.0);
        let names: Vec<&str> = finished.files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["weights", "description", "torchscript"]);
        best = best.max(top1);
    }
    assert!(best > 0.9, "the best of six candidates reads {best} of the digits");
}

#[test]
fn a_run_broken_in_mid_epoch_ends_with_the_same_weights() {
    let mut candidate = candidate(1);
    for (field, value) in [("dropout", json!(0.2)), ("crop_padding", json!(1)), ("ema", json!(0.9))] {
        candidate["recipe"][field] = value;
    }
    let work = work(candidate, 3, Split::Final);
    let expected = train(&work, None, &Recorder::patient());
    let first = Recorder::new(0.5, Directive::Release);
    assert_eq!(train(&work, None, &first).outcome, Outcome::Released);
    let checkpoint = first.checkpoints.lock().unwrap().pop().unwrap();
    let resumed = train(&work, Some(&checkpoint), &Recorder::patient());
    assert!(resumed.files[0] == expected.files[0], "the weights differ");
    assert_eq!(metric(&resumed, "test_top1"), metric(&expected, "test_top1"));
}

#[test]
fn a_network_that_does_not_fit_the_data_is_infeasible() {
    let mut other = candidate(0);
    other["network"]["classes"] = json!(7);
    let finished = train(&work(other, 1, Split::Search), None, &Recorder::patient());
    let Outcome::Infeasible { detail } = &finished.outcome else { panic!("{finished:?}") };
    assert!(detail.contains("7 classes"), "{detail}");
}
