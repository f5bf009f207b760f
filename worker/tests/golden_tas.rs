//! Plain and pruned ResNets of TAS' golden file as modules: their tensors count what the reference counts, and they run.

mod support;

use search::network::{Graph, lower};
use search::space::Genotype;
use serde_json::{Value, json};
use support::golden::golden;
use tch::{Device, Kind};
use worker::module::{Build, Module};
use worker::probe::{Input, Layout, Setting, Stage, Weights, network_graph, read_space, run};

fn trainable(graph: &Graph) -> u64 {
    let module = Module::build(graph, Build { device: Device::Cpu, kind: Kind::Float, seed: 0 }).expect("a module");
    module.parameters().iter().map(|(_, tensor)| tensor.numel() as u64).sum()
}

fn options(net: &Value) -> Value {
    let block = if net["module"] == "ResNetBottleneck" { "bottleneck" } else { "basic" };
    json!({"depth": net["depth"], "block": block, "classes": net["classes"]})
}

fn joined(numbers: &Value) -> String {
    let numbers: Vec<String> = numbers.as_array().expect("numbers").iter().map(ToString::to_string).collect();
    numbers.join(":")
}

#[test]
fn plain_networks_have_the_tensors_of_the_reference() {
    let Some(golden) = golden("tas.json") else { return };
    for net in golden["unpruned_nets"].as_array().expect("networks").iter().filter(|net| net["depth"].is_number()) {
        let mut options = options(net);
        options["fractions"] = json!([1.0]);
        options["search_depth"] = json!(false);
        let space = read_space("resnet-widths", options.as_object().expect("options")).expect("a space");
        let candidate = space.materialise(&Genotype(Vec::new())).expect("the only candidate");
        let graph = lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(Some(trainable(&graph)), net["params"].as_u64(), "{net}");
    }
}

#[test]
fn pruned_networks_have_the_tensors_of_the_reference_and_run() {
    let Some(golden) = golden("tas.json") else { return };
    for net in
        golden["published_pruned_nets"].as_array().expect("networks").iter().filter(|net| net["depth"].is_number())
    {
        let space = read_space("resnet-widths", options(net).as_object().expect("options")).expect("a space");
        let widths = joined(&net["xchannels"]);
        let notation = format!("{};{}", widths.trim_start_matches("3:"), joined(&net["xblocks"]));
        let graph = network_graph(&space, &notation).unwrap_or_else(|error| panic!("{net}: {error}"));
        assert_eq!(Some(trainable(&graph)), net["params"].as_u64(), "{net}");
        let (weights, input) = (Weights::Code, Input::Code { seed: 0 });
        let (kind, layout) = (Kind::Float, Layout::ChannelsFirst);
        let setting = Setting { batch: 1, stage: Stage::Eval, kind, weights, input, layout, backward: false };
        let report = run(&graph, &setting).unwrap_or_else(|error| panic!("{net}: {error}"));
        assert_eq!(report.output.shape, [1, net["classes"].as_i64().expect("classes")]);
        assert!(report.output.abs_sum.is_finite(), "{net}");
    }
}
