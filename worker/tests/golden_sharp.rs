//! sharpDARTS' operations against the golden file: forward values in batch statistics; noise layers.

mod support;

use search::network::{Shape, Site};
use serde_json::{Value, json};
use support::golden::{assert_digest, golden};
use tch::{Device, Kind, Tensor};
use worker::module::{Build, Module};
use worker::primitive::Pass;
use worker::probe::{Input, Layout, Setting, Stage, Weights, operator_graph, run};
use worker::recipe::Noise;

/// Our operator for sharpDARTS' name of it.
fn operator(name: &str) -> Value {
    match name {
        "max_pool_3x3" => json!({"op": name, "project": true}),
        "avg_pool_3x3" => json!({"op": name, "project": true, "count_include_pad": true}),
        "conv_7x1_1x7" => json!({"op": name, "eps": 1e-3}),
        _ if name.starts_with("sep_conv") || name.starts_with("dil_conv") => json!({"op": format!("sharp_{name}")}),
        _ => json!({"op": name}),
    }
}

#[test]
fn operations_compute_what_the_released_code_computes() {
    let Some(golden) = golden("darts.json") else { return };
    let cases = golden["sharp"]["ops"]["cases"].as_array().unwrap();
    for case in cases {
        let count = |key: &str| case[key].as_u64().unwrap() as usize;
        let site = Site { stride: count("stride"), ..Site::plain(count("C_out")) };
        let graph = operator_graph(&operator(case["op"].as_str().unwrap()), Shape::image(count("C_in"), 8, 8), &site);
        let (weights, input) = (Weights::Code, Input::Code { seed: 0 });
        let (stage, kind, layout) = (Stage::Train, Kind::Double, Layout::ChannelsFirst);
        let setting = Setting { batch: 2, stage, kind, weights, input, layout, backward: false };
        let report = run(&graph.unwrap(), &setting).unwrap();
        assert_digest(&report.output, &case["y"], &format!("{case}"));
    }
    assert_eq!(cases.len(), 54);
}

#[test]
fn noise_takes_the_place_of_the_values_in_training_alone() {
    let site = Site { stride: 2, ..Site::plain(4) };
    let graph = operator_graph(&json!({"op": "noise", "deviation": 2.0}), Shape::image(4, 64, 64), &site).unwrap();
    let module = Module::build(&graph, Build { device: Device::Cpu, kind: Kind::Float, seed: 0 }).unwrap();
    let x = Tensor::ones([4, 4, 64, 64], (Kind::Float, Device::Cpu));
    let forward = |noise: Option<&Noise>| {
        let mut pass = match noise {
            Some(noise) => Pass { noise: Some(noise), ..Pass::plain_train() },
            None => Pass::eval(),
        };
        module.forward(&x, &mut pass).unwrap().logits
    };
    let judged = forward(None);
    assert_eq!(judged.size(), [4, 4, 32, 32]);
    assert_eq!(judged.abs().max().double_value(&[]), 0.0);
    let trained = forward(Some(&Noise::new(1, 0, 0)));
    assert!(trained.mean(Kind::Float).double_value(&[]).abs() < 0.1);
    assert!((trained.std(true).double_value(&[]) - 2.0).abs() < 0.1);
    // The same address gives the same noise, another one other noise.
    assert!(trained.equal(&forward(Some(&Noise::new(1, 0, 0)))));
    assert!(!trained.equal(&forward(Some(&Noise::new(1, 0, 1)))));
}
