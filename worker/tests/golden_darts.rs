//! DARTS operations and whole networks of the darts and nasbench201 spaces against the golden file: forward values,
//! gradients, in batch and running statistics.

mod support;

use search::network::{Graph, Layer, Node, NodeId, Shape, Site, catalogue, lower};
use serde_json::{Value, json};
use support::golden::{assert_close, assert_digest, close, golden, numbers};
use tch::{Kind, Reduction, Tensor};
use worker::module::{Build, Module};
use worker::primitive::Pass;
use worker::probe::{
    Input, Layout, Setting, Stage, Weights, code, fill, network_graph, operator_graph, read_space, run,
};

fn setting(stage: Stage, seed: u64, batch: usize, backward: bool) -> Setting {
    let (weights, input) = (Weights::Code, Input::Code { seed });
    Setting { batch, stage, kind: Kind::Double, weights, input, layout: Layout::ChannelsFirst, backward }
}

fn stage(case: &Value) -> Stage {
    if case["bn_mode"] == "train" { Stage::Train } else { Stage::Eval }
}

/// Our operator and its stride for a golden case.
fn operator(case: &Value) -> (Value, usize) {
    let stride = case["stride"].as_u64().unwrap_or(1) as usize;
    match case["op"].as_str().expect("a name") {
        "FactorizedReduce" => (json!({"op": "factorized_reduce"}), 2),
        "ReLUConvBN_1x1" => (json!({"op": "conv", "kernel": 1, "order": "pre"}), 1),
        // Alone, a pooling has no norm.
        name @ ("max_pool_3x3" | "avg_pool_3x3") => (json!({"op": name, "search_norm": false}), stride),
        name => (json!({"op": name}), stride),
    }
}

#[test]
fn operations_compute_what_the_released_code_computes() {
    let Some(golden) = golden("darts.json") else { return };
    let mut gradients = 0;
    for case in golden["primitives"]["cases"].as_array().unwrap() {
        let (operator, stride) = operator(case);
        let channels = |key: &str| case.get(key).unwrap_or(&case["C"]).as_u64().unwrap() as usize;
        let site = Site { affine: case["affine"] == true, stride, ..Site::plain(channels("C_out")) };
        let graph = operator_graph(&operator, Shape::image(channels("C_in"), 8, 8), &site).unwrap();
        let backward = case.get("dx").is_some();
        let report = run(&graph, &setting(stage(case), 0, 2, backward)).unwrap();
        assert_digest(&report.output, &case["y"], &format!("{case}"));
        if let Some(computed) = report.gradients {
            assert_digest(&computed.input.expect("an input gradient"), &case["dx"], &format!("dx of {case}"));
            assert_close(computed.sumsq, case["param_grad_sq"].as_f64().unwrap(), &format!("gradients of {case}"));
            gradients += 1;
        }
    }
    assert_eq!(gradients, 60);
}

/// A network of the `darts` space with its cells replaced: published genotypes use operations outside the space.
fn darts_graph(genotype: &Value, case: &Value) -> Graph {
    let options = json!({"head": case["head"], "channels": case["C"], "layers": case["layers"],
        "classes": case["classes"]});
    let space =
        catalogue::build("darts", options.as_object().expect("golden data that fits")).expect("golden data that fits");
    let any = space.enumerate().next().expect("golden data that fits");
    let mut network = space.materialise(&any).expect("golden data that fits")["network"].take();
    for cell in ["normal", "reduce"] {
        let edge = |pair: &Value| json!({"op": pair[0], "from": pair[1]});
        let pairs = genotype[cell].as_array().expect("golden data that fits");
        let nodes: Vec<Value> = pairs.chunks(2).map(|pair| pair.iter().map(edge).collect()).collect();
        network["cells"][cell]["nodes"] = json!(nodes);
        network["cells"][cell]["concat"] = genotype[format!("{cell}_concat")].clone();
    }
    lower(&network).unwrap_or_else(|faults| panic!("{faults}"))
}

struct Network {
    module: Module,
    input: Tensor,
}

impl Network {
    fn new(graph: &Graph, batch: i64, seed: u64) -> Network {
        let module = Module::build(graph, Build { device: tch::Device::Cpu, kind: Kind::Double, seed: 0 })
            .expect("golden data that fits");
        fill(&module, graph, Weights::Code).expect("golden data that fits");
        let mut shape: Vec<i64> = graph.input.dims().iter().map(|side| *side as i64).collect();
        shape.insert(0, batch);
        let values: Vec<f64> =
            code(shape.iter().product::<i64>() as usize, seed).iter().map(|u| 2.0 * (2.0 * u - 1.0)).collect();
        Network { module, input: Tensor::from_slice(&values).view(shape.as_slice()) }
    }

    fn logits(&self, mut pass: Pass<'_>) -> Tensor {
        self.module.forward(&self.input, &mut pass).expect("golden data that fits").logits
    }
}

#[test]
fn whole_darts_networks_compute_what_the_released_code_computes() {
    let Some(golden) = golden("darts.json") else { return };
    for case in golden["network_numeric"].as_array().unwrap() {
        let named = |entry: &&Value| entry["name"] == case["genotype"];
        let genotype = &golden["networks"].as_array().unwrap().iter().find(named).unwrap()["genotype"];
        let graph = darts_graph(genotype, case);
        let what = case["genotype"].as_str().unwrap();
        let (batch, seed) = (case["batch"].as_i64().unwrap(), case["input_seed"].as_u64().unwrap());
        let network = Network::new(&graph, batch, seed);
        assert_close_all(&network.logits(Pass::eval()), &case["eval_logits"], &format!("{what}, eval"));
        let auxiliary = Graph { output: graph.auxiliary.expect("a head"), auxiliary: None, ..graph.clone() };
        let first = Network::new(&auxiliary, batch, seed).logits(Pass::eval()).get(0);
        assert_close_all(&first, &case["eval_aux_logits_first_row"], &format!("{what}, auxiliary"));

        // The golden run kept the auxiliary head in evaluation mode while the cells trained.
        let (body, head) = split(&graph);
        let (body, head) = (Network::new(&body, batch, seed), Network::new(&head, 1, 0));
        let outputs = body.module.forward(&body.input, &mut Pass::plain_train()).unwrap();
        assert_close_all(&outputs.logits, &case["train_bn_logits"], &format!("{what}, train"));
        let targets = Tensor::from_slice(&numbers(&case["targets"])).to_kind(Kind::Int64);
        let entropy = |logits: &Tensor| logits.cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0);
        let main = entropy(&outputs.logits);
        assert_close(main.double_value(&[]), case["train_bn_ce"].as_f64().unwrap(), what);
        let second = head.module.forward(&outputs.auxiliary.unwrap(), &mut Pass::eval()).unwrap().logits;
        let loss = main + entropy(&second) * 0.4;
        assert_close(loss.double_value(&[]), case["train_loss_with_0.4_aux"].as_f64().unwrap(), what);
        loss.backward();
        let norm = (squares(&body.module) + squares(&head.module)).sqrt();
        assert_close(norm, case["grad_norm_all_params"].as_f64().unwrap(), &format!("{what}, gradients"));
    }
}

/// The network whose second output is what the auxiliary head reads, and the head as a network of its own.
fn split(graph: &Graph) -> (Graph, Graph) {
    let main = graph.main();
    let own: Vec<usize> = (0..graph.nodes.len()).filter(|index| !main[*index]).collect();
    let read = graph.nodes[own[0]].inputs[0];
    let place = |id: &NodeId| NodeId(own.iter().position(|index| *index == id.0).map_or(0, |position| position + 1));
    let shape = graph.node(read).shape;
    let mut nodes = vec![Node { layer: Layer::Input, inputs: vec![], shape, ..graph.node(read).clone() }];
    nodes.extend(own.iter().map(|index| {
        let node = graph.nodes[*index].clone();
        Node { inputs: node.inputs.iter().map(place).collect(), ..node }
    }));
    let output = place(&graph.auxiliary.expect("golden data that fits"));
    let head = Graph { input: shape, nodes, blocks: graph.blocks.clone(), output, auxiliary: None };
    let mut body = Graph { auxiliary: Some(read), ..graph.clone() };
    // The released head overwrites its input by the ReLU that it starts with. Cells start with a ReLU too, so only a
    // classifier right behind (networks of three cells) notices.
    let overwritten = NodeId(own[0]);
    for (_, node) in body.nodes.iter_mut().enumerate().filter(|(index, _)| main[*index] && *index > own[0]) {
        node.inputs.iter_mut().filter(|input| **input == read).for_each(|input| *input = overwritten);
    }
    (body, head)
}

fn squares(module: &Module) -> f64 {
    let gradients = module.parameters().into_iter().map(|(_, tensor)| tensor.grad());
    gradients.filter(Tensor::defined).map(|gradient| gradient.square().sum(Kind::Double).double_value(&[])).sum()
}

fn assert_close_all(tensor: &Tensor, wanted: &Value, what: &str) {
    let computed = Vec::<f64>::try_from(&tensor.detach().reshape(-1)).expect("golden data that fits");
    let wanted = numbers(wanted);
    assert_eq!(computed.len(), wanted.len(), "{what}");
    for (index, (a, b)) in computed.iter().zip(&wanted).enumerate() {
        assert!(close(*a, *b), "{what}: value {index} is {a}, golden {b}");
    }
}

#[test]
fn whole_nasbench201_networks_compute_what_the_released_code_computes() {
    let Some(golden) = golden("darts.json") else { return };
    let cases = golden["nas_bench_201"]["network_numeric"].as_array().unwrap();
    assert!(cases.len() >= 4);
    for case in cases {
        let options = json!({"channels": case["C"], "cells": case["N"], "input": [3, 16, 16]});
        let space = read_space("nasbench201", options.as_object().unwrap()).unwrap();
        let arch = case["arch"].as_str().unwrap();
        let graph = network_graph(&space, arch).unwrap();
        let network = Network::new(&graph, 3, 0);
        assert_close_all(&network.logits(Pass::eval()).get(0), &case["eval_logits_row0"], arch);
        let report = run(&graph, &setting(Stage::Train, 0, 3, false)).unwrap();
        assert_digest(&report.output, &case["train_bn_logits"], arch);
    }
}

#[test]
fn the_program_gives_the_golden_digest() {
    let Some(golden) = golden("darts.json") else { return };
    let wanted = |case: &&Value| case["op"] == "sep_conv_5x5" && case["stride"] == 2 && case["bn_mode"] == "train";
    let case = golden["primitives"]["cases"].as_array().unwrap().iter().find(wanted).unwrap();
    let shape = format!("2,{},8,8", case["C"]);
    let mut arguments = vec!["probe", "--operator", r#"{"op": "sep_conv_5x5"}"#, "--shape", &shape, "--stride", "2"];
    arguments.extend(["--mode", "train", "--backward"]);
    if case["affine"] == false {
        arguments.push("--no-affine");
    }
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_nascent-worker")).args(arguments).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_digest(&serde_json::from_value(report["output"].clone()).unwrap(), &case["y"], "output");
    let gradient = serde_json::from_value(report["gradients"]["input"].clone()).unwrap();
    assert_digest(&gradient, &case["dx"], "dx");
    assert_eq!(report["params"], case["params"]);
}
