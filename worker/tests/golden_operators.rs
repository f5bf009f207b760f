//! Mixers, norms and blocks of the operator catalogue against their golden file: forward values.

mod support;

use search::network::{Graph, Shape, Site};
use serde_json::{Value, json};
use support::golden::{assert_digest, golden, numbers};
use tch::{Device, Kind, Tensor};
use worker::module::{Build, Module};
use worker::primitive::Pass;
use worker::probe::{Digest, Input, Layout, Setting, Stage, Weights, cosine, operator_graph, run};

const WEIGHTS: Weights = Weights::Sine { amplitude: 0.5, frequency: 0.1 };

fn image() -> Shape {
    Shape::image(4, 4, 4)
}

fn graph(operator: &Value, input: Shape, site: Site) -> Graph {
    operator_graph(operator, input, &site).unwrap_or_else(|error| panic!("{operator}: {error}"))
}

fn check(golden: &Value, section: &str, graph: &Graph, batch: usize, layout: Layout, frequency: f64) {
    let input = Input::Cosine { frequency };
    let (stage, kind, weights) = (Stage::Eval, Kind::Double, WEIGHTS);
    let setting = Setting { batch, stage, kind, weights, input, layout, backward: false };
    let report = run(graph, &setting).unwrap_or_else(|error| panic!("{section}: {error}"));
    assert_digest(&report.output, &golden[section]["output"], section);
}

#[test]
fn mixers_and_blocks_on_images_compute_what_the_references_compute() {
    let Some(golden) = golden("operators.json") else { return };
    let (first, last) = (Layout::ChannelsFirst, Layout::ChannelsLast);
    let attention = json!({"op": "metaformer_block", "mixer": "attention", "norm": "layer", "residual_scale": true,
        "head_channels": 2});
    let cases = [
        ("pool_mixer", json!({"op": "pool_mixer"}), first),
        ("sepconv_mixer", json!({"op": "sepconv_mixer"}), last),
        ("metaformer_attention", json!({"op": "attention_mixer", "head_channels": 2}), last),
        ("random_mixing", json!({"op": "random_mixer"}), last),
        ("layernorm_modified_nobias", json!({"op": "norm", "norm": "group", "bias": false, "eps": 1e-6}), last),
        ("layernorm_nobias", json!({"op": "norm", "norm": "layer", "bias": false, "eps": 1e-6}), last),
        ("metaformer_block_attention", attention, last),
    ];
    for (section, operator, layout) in cases {
        check(&golden, section, &graph(&operator, image(), Site::plain(4)), 2, layout, 0.1);
    }
    let raft = graph(&json!({"op": "raft_level"}), Shape::image(3, 8, 8), Site::plain(8).with_stride(2));
    check(&golden, "raft_level", &raft, 1, first, 0.1);
}

#[test]
fn mixers_of_tokens_compute_what_the_references_compute() {
    let Some(golden) = golden("operators.json") else { return };
    let first = Layout::ChannelsFirst;
    let block = json!({"op": "mixer_block", "token_hidden": 3});
    let block = graph(&block, Shape::Tokens { tokens: 5, channels: 6 }, Site::plain(6));
    check(&golden, "mixer_block", &block, 2, first, 0.1);
    for (section, transform) in [("dft_mixer", "dft"), ("dct_mixer", "dct")] {
        let operator = json!({"op": "spectral_mixer", "transform": transform});
        let graph = graph(&operator, Shape::Tokens { tokens: 4, channels: 6 }, Site::plain(6));
        let module =
            Module::build(&graph, Build { device: Device::Cpu, kind: Kind::Double, seed: 0 }).expect("a module");
        let input = Tensor::from_slice(&cosine(24, 0.3)).view([1, 4, 6]);
        let output = module.forward(&input, &mut Pass::eval()).expect("a pass").logits;
        let values: Vec<f64> = Vec::try_from(output.reshape(-1)).expect("numbers");
        let wanted = numbers(&golden[section]["output"]["all"]);
        assert_eq!(values.len(), wanted.len());
        // The reference ran in single precision.
        let largest = wanted.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
        for (value, wanted) in values.iter().zip(&wanted) {
            assert!((value - wanted).abs() < 1e-6 * largest, "{section}: {value}, golden {wanted}");
        }
    }
}

/// The reference lists the layer scales before the layers that they scale, so the weights go in by name.
#[test]
fn the_poolformer_block_computes_what_the_reference_computes() {
    let Some(golden) = golden("operators.json") else { return };
    let golden = &golden["poolformer_block"];
    let operator = json!({"op": "metaformer_block", "mixer": "pooling", "norm": "group", "activation": "gelu",
        "mlp_ratio": 2, "bias": true, "layer_scale": 1e-5});
    let graph = graph(&operator, image(), Site::plain(4));
    let module = Module::build(&graph, Build { device: Device::Cpu, kind: Kind::Double, seed: 0 }).expect("a module");
    let tensors = module.tensors();
    let mut position = 0;
    for parameter in golden["parameters"].as_array().expect("parameters") {
        let name = parameter[0].as_str().expect("a name");
        let name = if name.starts_with("layer_scale") { format!("{name}.weight") } else { name.to_owned() };
        let tensor = tensors.get(&name).unwrap_or_else(|| panic!("no {name}"));
        let count = tensor.numel();
        let values: Vec<f64> = (position..position + count).map(|i| 0.5 * (0.1 * i as f64).sin()).collect();
        let values = Tensor::from_slice(&values).view(tensor.size().as_slice());
        tch::no_grad(|| tensor.shallow_clone().copy_(&values));
        position += count;
    }
    let input = Tensor::from_slice(&cosine(128, 0.1)).view([2, 4, 4, 4]);
    let output = module.forward(&input, &mut Pass::eval()).expect("a pass").logits;
    assert_digest(&Digest::of(&output).expect("a digest"), &golden["output"], "poolformer_block");
}
