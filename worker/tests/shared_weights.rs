//! What is done with a supernet's weights: scoring networks, children that inherit, latencies of graphs.

mod support;

use search::network::{Opening, lower};
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Genotype, Space};
use search::work::{
    ArtifactRef, Directive, FailureReason, MeasureResult, MeasureWork, Outcome, ScoreResult, ScoreWork, TrainWork, Work,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{Recorder, resources};
use tch::{Device, Kind, Tensor, no_grad};
use worker::module::{Build, Module};
use worker::primitive::Pass;
use worker::supernet::inherit::inherited;
use worker::supernet::{Mixing, Supernet, open_graph};
use worker::trainer::{Inputs, run};

fn nasbench201() -> Space {
    support::supernet::space("nasbench201", &json!({"channels": 4, "cells": 1, "input": [1, 8, 8]}))
}

fn darts() -> Space {
    support::supernet::space("darts", &json!({"channels": 4, "layers": 3, "input": [1, 8, 8], "auxiliary": false}))
}

/// A chain with open widths, inside an operator too, and an open depth.
fn chain() -> Space {
    let document = json!({"nas_space": 1, "name": "chain", "root": {"network": {"input": [1, 8, 8], "classes": 10,
        "layers": [
            {"name": "stem", "op": "conv", "channels": {"$oneof": [4, 8]}},
            {"name": "wide", "op": "conv", "channels": 8},
            {"name": "a", "op": {"$oneof": ["sep_conv_3x3", "skip_connect", "max_pool_3x3"]}},
            {"name": "b", "stage": {"repeat": {"$oneof": [1, 2]}, "channels": 8, "block": "basic_block"}},
            {"name": "classifier", "op": "classifier"},
        ]}, "recipe": {}}});
    Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"))
}

fn genotypes(space: &Space, count: u64) -> Vec<Genotype> {
    let draw = |number| space.sample(Draw::ByDecision, &mut Randomness::new(3).at(Purpose::Show, number));
    (0..count).map(draw).collect()
}

fn images(seed: f64) -> Tensor {
    (Tensor::arange(5 * 64, (Kind::Double, Device::Cpu)) * seed).sin().view([5, 1, 8, 8])
}

/// A supernet whose running statistics are those of some batches.
fn supernet(space: &Space) -> Supernet {
    tch::set_num_threads(1);
    let plan = support::supernet::plan(false);
    let build = Build { device: Device::Cpu, kind: Kind::Double, seed: 4 };
    let net = Supernet::build(open_graph(space, &plan).unwrap(), &plan, build).unwrap();
    for (number, genotype) in genotypes(space, 12).iter().enumerate() {
        let mixing = Mixing::path(&net, &space.selection(genotype).unwrap());
        let _ = no_grad(|| net.forward(&images(0.1 + number as f64), &mixing, &mut Pass::plain_train())).unwrap();
    }
    net
}

/// The child of a genotype with the supernet's weights, and how many of its tensors it got.
fn child(space: &Space, net: &Supernet, genotype: &Genotype) -> (Module, usize) {
    let graph = lower(&space.materialise(genotype).unwrap()["network"]).unwrap();
    let module = Module::build(&graph, Build { device: Device::Cpu, kind: Kind::Double, seed: 99 }).unwrap();
    let own = module.tensors();
    let wanted = own.iter().map(|(name, tensor)| (name.clone(), tensor.size())).collect();
    let found = inherited(&graph, net.graph(), &net.tensors(), &wanted).expect("a network of the supernet").unwrap();
    for (name, source) in &found {
        no_grad(|| own[name].shallow_clone().copy_(source));
    }
    (module, found.len())
}

fn pooled(space: &Space, genotype: &Genotype) -> bool {
    space.materialise(genotype).unwrap().to_string().contains("pool")
}

#[test]
fn a_child_that_inherits_has_the_logits_of_the_supernets_path() {
    for (name, space) in [("nasbench201", nasbench201()), ("darts", darts()), ("chain", chain())] {
        let net = supernet(&space);
        let mut compared = 0;
        // In cells of two inputs the supernet has a norm behind its poolings that children do not have.
        let same_norms = |genotype: &Genotype| name != "darts" || !pooled(&space, genotype);
        let (same, other): (Vec<_>, Vec<_>) =
            genotypes(&space, if name == "darts" { 1000 } else { 24 }).into_iter().partition(same_norms);
        for genotype in other.iter().take(2) {
            assert!(child(&space, &net, genotype).1 > 0);
        }
        for genotype in same.into_iter().take(24) {
            let (module, _) = child(&space, &net, &genotype);
            let mixing = Mixing::path(&net, &space.selection(&genotype).unwrap());
            let x = images(0.37);
            for pass in [Pass::eval, Pass::batch_statistics] {
                let (ours, theirs) = no_grad(|| {
                    let ours = module.forward(&x, &mut pass()).unwrap().logits;
                    (ours, net.forward(&x, &mixing, &mut pass()).unwrap())
                });
                assert!(ours.allclose(&theirs, 1e-9, 1e-9, false), "{name}: {ours} {theirs}");
            }
            compared += 1;
        }
        assert!(compared > 0, "{name}");
    }
}

#[test]
fn equal_paths_compute_what_is_chosen_and_nothing_else() {
    let space = nasbench201();
    let net = supernet(&space);
    let all = genotypes(&space, 2);
    let x = images(0.37);
    let forward = |genotype: &Genotype| {
        let mixing = Mixing::path(&net, &space.selection(genotype).unwrap());
        net.forward(&x, &mixing, &mut Pass::batch_statistics()).unwrap()
    };
    let y = forward(&all[0]);
    y.square().sum(Kind::Double).backward();
    let touched = net.parameters().iter().filter(|(_, tensor)| tensor.grad().defined()).count();
    let (_, own) = child(&space, &net, &all[0]);
    assert!(touched < net.parameters().len() && touched <= own);
    assert_ne!(forward(&all[1]), y);
}

/// The artifact of a short search.
fn artifact(space: &Space) -> Vec<u8> {
    tch::set_num_threads(1);
    let work = json!({"kind": "supernet", "space": space.document(), "dataset": "digits", "epochs": 1, "seed": 5,
        "plan": {"opening": {}, "recipe": {"lr": 0.05, "batch_size": 64}, "weight_share": 1.0,
            "mixture": {"mixture": "uniform_path", "per_node": false}, "derivation": "finalists"}});
    let work: Work = serde_json::from_value(work).unwrap();
    let finished = run(&work, &Inputs::default(), &resources(), &Recorder::patient());
    match &finished.outcome {
        Outcome::Done { result: Some(result), .. } => assert_eq!(result["derived"], json!([])),
        other => panic!("{other:?}"),
    }
    finished.files.into_iter().find(|(name, _)| name == "supernet").expect("the weights").1
}

fn with(content: Vec<u8>) -> Inputs {
    Inputs { checkpoint: None, artifacts: BTreeMap::from([("weights".to_owned(), content)]) }
}

fn scores(outcome: &Outcome) -> Vec<BTreeMap<String, f64>> {
    match outcome {
        Outcome::Done { result: Some(result), .. } => {
            serde_json::from_value::<ScoreResult>(result.clone()).expect("scores").scores
        }
        other => panic!("not done: {other:?}"),
    }
}

#[test]
fn scores_come_in_the_order_of_the_genotypes_and_a_broken_run_goes_on() {
    let space = nasbench201();
    let mut inputs = with(artifact(&space));
    let work = ScoreWork {
        space: space.document().clone(),
        opening: Opening::default(),
        supernet: ArtifactRef("weights".into()),
        genotypes: genotypes(&space, 12),
        dataset: "digits".into(),
        batch: 128,
        seed: 1,
        batches: 0,
        recalibration_batches: 2,
    };
    let score = |work: &ScoreWork, inputs: &Inputs, recorder: &Recorder| {
        run(&Work::Score(work.clone()), inputs, &resources(), recorder).outcome
    };
    let whole = scores(&score(&work, &inputs, &Recorder::patient()));
    assert_eq!(whole.len(), 12);
    let distinct: std::collections::BTreeSet<_> = whole.iter().map(|s| s["loss"].to_bits()).collect();
    assert!(distinct.len() > 6, "{whole:?}");
    assert!(whole.iter().all(|score| (0.0..=1.0).contains(&score["top1"])));
    // Each score is its own: the order does not matter.
    let backwards = ScoreWork { genotypes: work.genotypes.iter().rev().cloned().collect(), ..work.clone() };
    let mut reversed = scores(&score(&backwards, &inputs, &Recorder::patient()));
    reversed.reverse();
    assert_eq!(whole, reversed);
    let first = Recorder::new(0.4, Directive::Release);
    assert_eq!(score(&work, &inputs, &first), Outcome::Released);
    inputs.checkpoint = first.checkpoints.lock().unwrap().pop();
    assert!(inputs.checkpoint.is_some());
    assert_eq!(scores(&score(&work, &inputs, &Recorder::patient())), whole);
    let by_batch = ScoreWork { recalibration_batches: 0, batches: 1, ..work.clone() };
    assert_ne!(scores(&score(&by_batch, &inputs, &Recorder::patient()))[11], whole[0]);
    let missing = score(&work, &Inputs::default(), &Recorder::patient());
    assert!(matches!(&missing, Outcome::Failed { detail, .. } if detail.contains("weights")), "{missing:?}");
}

#[test]
fn training_starts_from_a_supernets_weights() {
    let space = nasbench201();
    let inputs = with(artifact(&space));
    let genotype = &genotypes(&space, 1)[0];
    let mut candidate = space.materialise(genotype).unwrap();
    candidate["recipe"] = json!({"lr": 0.0, "batch_size": 64, "weight_decay": 0.0});
    let work = |inherit: bool, candidate: Value| -> TrainWork {
        let inherit = if inherit { json!("weights") } else { Value::Null };
        serde_json::from_value(json!({"candidate": candidate, "dataset": "digits", "epochs": 1, "split": "search",
            "seed": 1, "metrics": ["top1"], "export": true, "inherit": inherit}))
        .unwrap()
    };
    let train = |work: TrainWork| run(&Work::Train(work), &inputs, &resources(), &Recorder::patient());
    let weights = |work: TrainWork| train(work).files.into_iter().find(|(name, _)| name == "weights").unwrap().1;
    assert_ne!(weights(work(true, candidate.clone())), weights(work(false, candidate.clone())));
    let other = json!({"network": {"input": [1, 8, 8], "classes": 10,
        "layers": [{"op": "conv", "channels": 4}, {"op": "classifier"}]}, "recipe": {}});
    let refused = train(work(true, other)).outcome;
    let reason = FailureReason::InvalidInput;
    let told = |detail: &str| detail.contains("none of the supernet");
    assert!(matches!(&refused, Outcome::Failed { reason: r, detail } if *r == reason && told(detail)), "{refused:?}");
}

#[test]
fn graphs_are_measured_on_this_device() {
    let space = nasbench201();
    let graph = |genotype: &Genotype| lower(&space.materialise(genotype).unwrap()["network"]).unwrap();
    let graphs: BTreeMap<String, _> =
        genotypes(&space, 2).iter().enumerate().map(|(i, genotype)| (format!("g{i}"), graph(genotype))).collect();
    let work = MeasureWork { graphs, batch: 2, runs: 5 };
    let outcome = run(&Work::Measure(work.clone()), &Inputs::default(), &resources(), &Recorder::patient()).outcome;
    let Outcome::Done { result: Some(result), .. } = outcome else { panic!("{outcome:?}") };
    let result: MeasureResult = serde_json::from_value(result).unwrap();
    assert_eq!((result.device.as_str(), result.latencies.len()), ("cpu, 1 thread", 2));
    assert!(result.latencies.values().all(|l| l.median_us > 0.0 && l.mean_us > 0.0 && l.runs == 5));
    let plan = support::supernet::plan(false);
    let open = BTreeMap::from([("open".to_owned(), open_graph(&space, &plan).unwrap())]);
    let refused = Work::Measure(MeasureWork { graphs: open, ..work });
    let outcome = run(&refused, &Inputs::default(), &resources(), &Recorder::patient()).outcome;
    assert!(matches!(&outcome, Outcome::Infeasible { detail } if detail.contains("`open`")), "{outcome:?}");
}
