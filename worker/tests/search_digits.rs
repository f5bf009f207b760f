//! Whole searches on the digits that ship with the product: learning, resuming, every method's plan.

mod support;

use search::space::Space;
use search::supernet::SupernetResult;
use search::work::{Directive, FailureReason, Outcome, SupernetWork, Work};
use serde_json::{Value, json};
use support::{Recorder, resources};
use worker::trainer::{Finished, Inputs, run};

/// One stage of a NAS-Bench-201 cell on 8×8 digits.
fn nasbench201() -> Value {
    let options = json!({"channels": 4, "cells": 1, "input": [1, 8, 8]});
    support::supernet::space("nasbench201", &options).document().clone()
}

fn darts() -> Value {
    let options = json!({"channels": 4, "layers": 3, "input": [1, 8, 8], "auxiliary": false});
    support::supernet::space("darts", &options).document().clone()
}

/// Widths and depths and operators in a chain.
fn chain() -> Value {
    json!({"nas_space": 1, "name": "chain", "root": {"network": {"input": [1, 8, 8], "classes": 10, "layers": [
        {"name": "stem", "op": "conv", "channels": {"$oneof": [4, 8]}},
        {"name": "a", "op": {"$oneof": ["sep_conv_3x3", "skip_connect", "max_pool_3x3"]}},
        {"name": "down", "op": "conv", "channels": 8, "stride": 2},
        {"name": "classifier", "op": "classifier"},
    ]}, "recipe": {}}})
}

fn architecture(mixture: Value) -> Value {
    json!({"mixture": mixture, "lr": 0.01, "betas": [0.5, 0.999], "weight_decay": 1e-3, "order": "first",
        "warmup_epochs": 0, "alternation": "architecture_first", "deviation": 1e-3})
}

/// A plan that asks little: a tenth of the images train the weights.
fn plan(change: impl FnOnce(&mut Value)) -> Value {
    let mut plan = json!({
        "opening": {}, "recipe": {"lr": 0.05, "batch_size": 48, "nesterov": false, "weight_decay": 3e-4, "flip": false},
        "weight_share": 0.1, "mixture": {"mixture": "softmax"},
        "architecture": architecture(json!({"mixture": "softmax"})), "derivation": "strongest",
    });
    change(&mut plan);
    plan
}

fn work(space: Value, plan: Value, epochs: u32) -> SupernetWork {
    serde_json::from_value(json!({"space": space, "plan": plan, "dataset": "digits", "epochs": epochs, "seed": 5}))
        .expect("a description of work")
}

fn search(work: &SupernetWork, checkpoint: Option<Vec<u8>>, recorder: &Recorder) -> Finished {
    tch::set_num_threads(1);
    let inputs = Inputs { checkpoint, ..Inputs::default() };
    run(&Work::Supernet(Box::new(work.clone())), &inputs, &resources(), recorder)
}

fn result(finished: &Finished) -> SupernetResult {
    match &finished.outcome {
        Outcome::Done { result: Some(result), .. } => serde_json::from_value(result.clone()).expect("a result"),
        other => panic!("not done: {other:?}"),
    }
}

fn curve(recorder: &Recorder, metric: &str) -> Vec<f64> {
    let points = recorder.points.lock().unwrap();
    points.iter().filter(|point| point.metric == metric).map(|point| point.value).collect()
}

#[test]
fn a_supernet_learns_and_tells_what_it_finds() {
    let recorder = Recorder::patient();
    let work = work(nasbench201(), plan(|plan| plan["weight_share"] = json!(0.5)), 3);
    let finished = search(&work, None, &recorder);
    let result = result(&finished);
    let losses = curve(&recorder, "train_loss");
    assert_eq!(losses.len(), 3);
    assert!(losses[2] < 0.8 * losses[0], "{losses:?}");
    assert!(curve(&recorder, "top1")[2] > 0.3, "{:?}", curve(&recorder, "top1"));
    let space = Space::parse(&work.space).unwrap();
    assert_eq!((result.derived.len(), result.epochs.len(), result.labels.len()), (1, 3, 6));
    space.materialise(&result.derived[0]).unwrap();
    assert_eq!(result.epochs[2].genotype.as_ref(), Some(&result.derived[0]));
    for record in &result.epochs {
        assert_eq!(record.architectures.len(), 6);
        assert!(record.architectures.values().all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-6));
    }
    let (decision, labels) = result.labels.iter().next().unwrap();
    assert_eq!(curve(&recorder, &format!("p/{decision}/{}", labels[0])).len(), 3);
    assert_eq!(finished.files[0].0, "supernet");
    // The logits have moved.
    assert_ne!(result.epochs[0].architectures, result.epochs[2].architectures);
}

/// Every method's kind of plan, small.
fn methods() -> Vec<(&'static str, Value, Value)> {
    let linear = json!({"course": "linear", "start": 10.0, "end": 0.1});
    let hard = json!({"mixture": "hard_gumbel", "temperature": linear, "unsampled": true});
    let gumbel = json!({"mixture": "gumbel", "temperature": {"course": "exponential", "start": 5.0, "rate": 0.045}});
    let uniform = json!({"mixture": "uniform_path", "per_node": false});
    let finalists = |from: Value| json!({"count": 3, "from": from, "batches": 1});
    let second = plan(|plan| {
        plan["zero_operator"] = json!(true);
        plan["architecture"]["order"] = json!("second");
        plan["watch"] = json!({"eigenvalue_every": 1});
        plan["recipe"]["drop_path"] = json!(0.2);
    });
    let partial = plan(|plan| {
        plan["opening"] = json!({"partial_channels": 2});
        plan["zero_operator"] = json!(true);
        plan["edge_normalisation"] = json!(true);
        plan["architecture"]["warmup_epochs"] = json!(1);
        plan["architecture"]["beta_decay"] = json!(1.0);
    });
    let gdas = plan(|plan| {
        plan["mixture"] = hard.clone();
        plan["architecture"]["mixture"] = hard.clone();
        plan["architecture"]["alternation"] = json!("weights_first");
    });
    let fbnet = plan(|plan| {
        plan["mixture"] = gumbel.clone();
        plan["architecture"]["mixture"] = gumbel;
        plan["architecture"]["alternation"] = json!("epochs");
        plan["cost"] = json!({"form": "paper", "alpha": 0.2, "beta": 0.6, "source": {"of": "flops"}});
        plan["samples"] = json!(3);
    });
    let setn = plan(|plan| {
        plan["mixture"] = uniform.clone();
        plan["finalists"] = finalists(json!({"mixture": "sampled_path"}));
    });
    let rsps = plan(|plan| {
        plan["weight_share"] = json!(1.0);
        plan["mixture"] = json!({"mixture": "uniform_path", "per_node": true});
        plan["architecture"] = Value::Null;
        plan["derivation"] = json!("finalists");
        plan["finalists"] = finalists(uniform.clone());
    });
    let enas = plan(|plan| {
        plan["mixture"] = json!({"mixture": "controller"});
        plan["architecture"]["mixture"] = json!({"mixture": "controller"});
        plan["architecture"]["controller"] = json!({"updates": 2, "samples": 2, "baseline_decay": 0.99,
            "entropy_weight": 1e-4, "temperature": 5.0, "tanh_constant": 2.5, "clip_norm": 5.0});
        plan["derivation"] = json!("finalists");
        plan["finalists"] = finalists(json!({"mixture": "controller"}));
    });
    let max_w = plan(|plan| plan["mixture"] = json!({"mixture": "max_w", "detach_max": true}));
    vec![
        ("darts, second order", darts(), second),
        ("pc-darts", darts(), partial),
        ("gdas", nasbench201(), gdas),
        (
            "gdas on darts",
            darts(),
            plan(|plan| {
                plan["mixture"] = hard.clone();
                plan["architecture"]["mixture"] = hard.clone();
                plan["zero_operator"] = json!(true);
            }),
        ),
        ("fbnet", chain(), fbnet),
        ("setn", nasbench201(), setn),
        ("rsps", nasbench201(), rsps.clone()),
        ("paths on darts", darts(), rsps.clone()),
        ("paths of widths", chain(), rsps),
        ("enas", nasbench201(), enas.clone()),
        ("enas on darts", darts(), enas),
        ("sharpdarts", nasbench201(), max_w),
    ]
}

#[test]
fn every_method_ends_with_networks_of_its_space() {
    for (name, space, plan) in methods() {
        let recorder = Recorder::patient();
        let work = work(space, plan, 2);
        let result = result(&search(&work, None, &recorder));
        let space = Space::parse(&work.space).unwrap();
        assert!(!result.derived.is_empty(), "{name}");
        for genotype in &result.derived {
            let candidate = space.materialise(genotype).unwrap();
            search::network::statistics(&candidate).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        }
        let losses = curve(&recorder, "train_loss");
        assert!(losses.iter().all(|loss| loss.is_finite()) && losses.len() == 2, "{name}: {losses:?}");
        if work.plan.finalists.is_some() {
            assert!(result.finalists.windows(2).all(|pair| pair[0].top1 >= pair[1].top1), "{name}");
            assert_eq!(result.finalists.len(), result.derived.len(), "{name}");
        }
        if work.plan.watch.eigenvalue_every > 0 {
            assert_eq!(curve(&recorder, "lambda_max").len(), 2, "{name}");
        }
        if work.plan.cost.is_some() {
            assert!(curve(&recorder, "expected_cost").iter().all(|cost| *cost > 1000.0), "{name}");
        }
    }
}

#[test]
fn a_resumed_search_ends_with_the_same_bits() {
    for (name, space, plan) in methods() {
        if !["darts, second order", "gdas", "fbnet", "enas"].contains(&name) {
            continue;
        }
        let work = work(space, plan, 2);
        let whole = search(&work, None, &Recorder::patient());
        let expected = result(&whole);
        for share in [0.3, 0.8] {
            let first = Recorder::new(share, Directive::Release);
            assert_eq!(search(&work, None, &first).outcome, Outcome::Released, "{name}");
            let checkpoint = first.checkpoints.lock().unwrap().pop().expect("a checkpoint");
            let resumed = search(&work, Some(checkpoint), &Recorder::patient());
            assert!(resumed.files == whole.files, "{name}: weights differ after a break at {share}");
            let found = result(&resumed);
            assert_eq!(found.derived, expected.derived, "{name}, {share}");
            assert_eq!(found.finalists, expected.finalists, "{name}, {share}");
            for (one, other) in found.epochs.iter().zip(&expected.epochs) {
                assert_eq!(one.architectures, other.architectures, "{name}, {share}");
                assert_eq!(one.metrics["loss"], other.metrics["loss"], "{name}, {share}");
            }
        }
    }
}

#[test]
fn a_search_that_is_told_to_stop_derives_from_what_there_is() {
    let recorder = Recorder::new(0.4, Directive::Stop);
    let finished = search(&work(nasbench201(), plan(|_| {}), 4), None, &recorder);
    let result = result(&finished);
    assert_eq!((result.derived.len(), result.epochs.len()), (1, 1));
    assert!(result.stopped.unwrap().contains("told to stop after epoch 1"));
    assert_eq!(finished.files.len(), 1);
}

#[test]
fn too_many_skips_end_a_search_with_the_network_before() {
    // Zero epochs may pass: every derived network has more skips than none at all, sooner or later.
    let plan = plan(|plan| {
        plan["zero_operator"] = json!(true);
        plan["watch"] = json!({"skip_cap": 0});
    });
    let result = result(&search(&work(darts(), plan, 2), None, &Recorder::patient()));
    let skips = |epoch: usize| result.epochs[epoch].metrics["skip_count"];
    let last = result.epochs.len() - 1;
    match &result.stopped {
        Some(why) => {
            assert!(skips(last) > 0.0 && why.contains("skip connections"), "{why}");
            assert!(last == 0 || result.epochs[last - 1].genotype.as_ref() == Some(&result.derived[0]));
        }
        None => assert!((0..=last).all(|epoch| skips(epoch) == 0.0)),
    }
}

/// A watch that triggers as soon as it may: in epoch 17, with epoch 11 as the one to stop at.
fn watched(adapt: bool) -> SupernetWork {
    let plan = plan(|plan| {
        plan["watch"] = json!({"eigenvalue_every": 1, "eigenvalue_growth": -1e12, "adapt": adapt});
    });
    work(nasbench201(), plan, 18)
}

#[test]
fn a_growing_eigenvalue_ends_a_search_with_an_earlier_network() {
    let result = result(&search(&watched(false), None, &Recorder::patient()));
    assert_eq!(result.epochs.len(), 17);
    assert_eq!(result.epochs[10].genotype.as_ref(), Some(&result.derived[0]));
    assert!(result.stopped.unwrap().contains("eigenvalue"));
}

#[test]
fn an_adapting_search_goes_back_twice_and_ends_at_its_last_epoch() {
    let recorder = Recorder::patient();
    let work = watched(true);
    let whole = search(&work, None, &recorder);
    let result = result(&whole);
    assert_eq!((result.epochs.len(), result.stopped.as_deref()), (18, None));
    // The epochs after 11 three times: with weight decays of 0.0003, 0.003 and 0.03.
    assert_eq!(curve(&recorder, "loss").len(), 18 + 2 * 6);
    let first = Recorder::new(14.5 / 18.0, Directive::Release);
    assert_eq!(search(&work, None, &first).outcome, Outcome::Released);
    let checkpoint = first.checkpoints.lock().unwrap().pop();
    assert!(search(&work, checkpoint, &Recorder::patient()).files == whole.files);
}

#[test]
fn whatever_is_wrong_is_an_outcome_with_its_reason() {
    let outcome = |space: Value, plan: Value| search(&work(space, plan, 2), None, &Recorder::patient()).outcome;
    let failed = |outcome: Outcome, wanted: FailureReason, hint: &str| match outcome {
        Outcome::Failed { reason, detail } if reason == wanted => assert!(detail.contains(hint), "{detail}"),
        other => panic!("{hint}: {other:?}"),
    };
    let diverging = plan(|plan| {
        plan["recipe"]["lr"] = json!(100.0);
        plan["recipe"]["clip_norm"] = json!(0.0);
        plan["recipe"]["weight_decay"] = json!(10.0);
    });
    failed(outcome(nasbench201(), diverging), FailureReason::Diverged, "loss");
    let recipe = plan(|plan| plan["recipe"]["speed"] = json!(3));
    failed(outcome(nasbench201(), recipe), FailureReason::InvalidInput, "/speed");
    let adam = plan(|plan| {
        plan["recipe"] = json!({"optimizer": "adamw"});
        plan["architecture"]["order"] = json!("second");
    });
    failed(outcome(nasbench201(), adam), FailureReason::InvalidInput, "second order");
    let nothing_left = plan(|plan| plan["weight_share"] = json!(1.0));
    failed(outcome(nasbench201(), nothing_left), FailureReason::InvalidInput, "weight_share");
    let latency = plan(|plan| {
        plan["cost"] = json!({"form": "paper", "alpha": 0.2, "beta": 0.6, "source": {"of": "latency", "fixed": 10.0, "rows": {"x": [1.0]}}});
    });
    failed(outcome(nasbench201(), latency), FailureReason::InvalidInput, "`x`");
    let wrong_size = support::supernet::space("nasbench201", &json!({"channels": 4, "cells": 1}));
    let outcome = outcome(wrong_size.document().clone(), plan(|_| {}));
    assert!(matches!(&outcome, Outcome::Infeasible { detail } if detail.contains("images are 1×8×8")), "{outcome:?}");
}
