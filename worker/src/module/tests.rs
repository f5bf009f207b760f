//! Behaviour of built networks: seeds, gradients, export.

use super::*;
use crate::export;
use crate::primitive::Pass;
use search::network::{catalogue, cost, lower};
use search::randomness::{Purpose, Randomness};
use search::space::Draw;
use serde_json::{Map, json};
use tch::CModule;

const BUILD: Build = Build { device: Device::Cpu, kind: Kind::Float, seed: 3 };

fn graphs() -> Vec<Graph> {
    let spaces = [
        ("darts", json!({"channels": 4, "layers": 3})),
        ("nasbench201", json!({"channels": 4, "cells": 1})),
        ("digits-quickstart", json!({})),
    ];
    let one = |(name, options): (&str, serde_json::Value)| {
        let space = catalogue::build(name, options.as_object().unwrap_or(&Map::new())).unwrap();
        let genotype = space.sample(Draw::ByDecision, &mut Randomness::new(1).at(Purpose::Show, 0));
        lower(&space.materialise(&genotype).unwrap()["network"]).unwrap()
    };
    spaces.into_iter().map(one).collect()
}

fn input(graph: &Graph, batch: i64) -> Tensor {
    let mut shape = export::example_shape(graph.input);
    shape[0] = batch;
    let count: i64 = shape.iter().product();
    Tensor::arange(count, (Kind::Float, Device::Cpu)).sin().view(shape.as_slice())
}

#[test]
fn the_module_has_the_parameters_that_the_graph_counts() {
    for graph in graphs() {
        let module = Module::build(&graph, BUILD).unwrap();
        let main: u64 = module
            .parameters()
            .iter()
            .filter(|(name, _)| !name.starts_with("auxiliary_head"))
            .map(|(_, tensor)| tensor.numel() as u64)
            .sum();
        assert_eq!(main, cost(&graph).params);
    }
}

#[test]
fn names_are_unique_and_equal_seeds_give_equal_weights() {
    for graph in graphs() {
        let (one, two) = (Module::build(&graph, BUILD).unwrap(), Module::build(&graph, BUILD).unwrap());
        let other = Module::build(&graph, Build { seed: 4, ..BUILD }).unwrap();
        assert_eq!(one.tensors().len(), one.parameters().len() + one.buffers().len());
        let x = input(&graph, 2);
        let logits = |module: &Module| module.forward(&x, &mut Pass::eval()).unwrap().logits;
        assert_eq!(logits(&one), logits(&two));
        assert_ne!(logits(&one), logits(&other));
    }
}

#[test]
fn saved_tensors_make_another_module_the_same_and_misfits_are_refused() {
    let graph = graphs().remove(2);
    let (one, two) =
        (Module::build(&graph, BUILD).unwrap(), Module::build(&graph, Build { seed: 9, ..BUILD }).unwrap());
    two.load(&one.tensors()).unwrap();
    let x = input(&graph, 2);
    let logits = |module: &Module| module.forward(&x, &mut Pass::eval()).unwrap().logits;
    assert_eq!(logits(&one), logits(&two));
    let mut partial = one.tensors();
    let name = partial.keys().next().unwrap().clone();
    partial.remove(&name);
    assert!(two.load(&partial).unwrap_err().to_string().contains(&name));
}

#[test]
fn every_parameter_that_the_output_needs_gets_a_gradient() {
    for graph in graphs() {
        let module = Module::build(&graph, BUILD).unwrap();
        let outputs = module.forward(&input(&graph, 4), &mut Pass::plain_train()).unwrap();
        let auxiliary = outputs.auxiliary.map_or_else(|| Tensor::from(0.0), |a| a.square().sum(Kind::Float));
        (outputs.logits.square().sum(Kind::Float) + auxiliary).backward();
        for (name, tensor) in module.parameters() {
            assert!(tensor.grad().defined(), "{name} has no gradient");
        }
    }
}

#[test]
fn an_open_decision_is_named() {
    let space = catalogue::build("nasbench201", &Map::new()).unwrap();
    let search::space::Template::Object(mut members) = space.template() else { panic!() };
    let graph =
        search::network::lower_open(&members.remove("network").unwrap(), search::network::Opening::default()).unwrap();
    let error = Module::build(&graph, BUILD).err().unwrap();
    assert!(matches!(error, ModuleError::OpenDecision(_)), "{error}");
}

#[test]
fn the_torchscript_file_gives_the_same_outputs() {
    for graph in graphs() {
        let module = Module::build(&graph, BUILD).unwrap();
        let bytes = export::torchscript(&module, &input(&graph, 1)).unwrap();
        let loaded = CModule::load_data(&mut bytes.as_slice()).unwrap();
        let x = input(&graph, 3);
        let ours = module.forward(&x, &mut Pass::eval()).unwrap().logits;
        let theirs = loaded.forward_ts(&[x]).unwrap();
        assert!(ours.allclose(&theirs, 1e-5, 1e-6, false));
    }
}

#[test]
fn products_in_bf16_come_close_and_outputs_stay_in_32_bit() {
    for graph in graphs() {
        let module = Module::build(&graph, BUILD).unwrap();
        let x = input(&graph, 2);
        let exact = module.forward(&x, &mut Pass::eval()).unwrap().logits;
        let half = module.forward(&x, &mut Pass { bf16: true, ..Pass::eval() }).unwrap().logits;
        assert_eq!(half.kind(), Kind::Float);
        let difference = (&half - &exact).abs().max().double_value(&[]) / exact.abs().max().double_value(&[]);
        assert!(difference > 0.0 && difference < 0.05, "{difference}");
        let trained = module.forward(&x, &mut Pass { bf16: true, ..Pass::plain_train() }).unwrap().logits;
        trained.square().sum(Kind::Float).backward();
        assert!(
            module
                .parameters()
                .iter()
                .all(|(_, weight)| !weight.grad().defined() || weight.grad().kind() == Kind::Float)
        );
    }
}
