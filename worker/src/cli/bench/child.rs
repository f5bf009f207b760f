//! A training step of a child network: forward, loss, backward, SGD.

use super::{Timed, batch, options};
use crate::module::{Build, Module};
use crate::primitive::Pass;
use crate::probe::{Weights, fill, network_graph, read_space};
use crate::recipe::{FlatParameters, loss, optimizer};
use search::network::{Graph, Recipe};
use serde_json::json;
use tch::{Device, Kind, Tensor};

/// The cells of DARTS, second order (Liu et al., ICLR 2019, figures 4 and 5).
const DARTS_V2: &str = r#"{"normal": [["sep_conv_3x3", 0], ["sep_conv_3x3", 1], ["sep_conv_3x3", 0],
    ["sep_conv_3x3", 1], ["sep_conv_3x3", 1], ["skip_connect", 0], ["skip_connect", 0], ["dil_conv_3x3", 2]],
    "normal_concat": [2, 3, 4, 5], "reduce": [["max_pool_3x3", 0], ["max_pool_3x3", 1], ["skip_connect", 2],
    ["max_pool_3x3", 1], ["max_pool_3x3", 0], ["skip_connect", 2], ["skip_connect", 2], ["max_pool_3x3", 1]],
    "reduce_concat": [2, 3, 4, 5]}"#;

/// The most accurate cell of NAS-Bench-201 on CIFAR-10.
const BEST_CELL: &str = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+\
                         |skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|";

#[derive(Clone, Copy)]
pub enum ChildNet {
    Darts,
    Nasbench201,
}

fn graph(net: ChildNet) -> anyhow::Result<Graph> {
    let (space, settings, genotype) = match net {
        ChildNet::Darts => ("darts", json!({"channels": 16, "layers": 8, "auxiliary": false}), DARTS_V2),
        ChildNet::Nasbench201 => ("nasbench201", json!({"channels": 16, "cells": 5}), BEST_CELL),
    };
    Ok(network_graph(&read_space(space, &options(settings))?, genotype)?)
}

/// A network in training.
pub struct ChildBench {
    module: Module,
    parameters: FlatParameters,
    optimizer: Box<dyn optimizer::Optimizer>,
    images: Tensor,
    labels: Tensor,
    bf16: bool,
}

impl ChildBench {
    pub fn new(net: ChildNet, images: i64, bf16: bool, device: Device) -> anyhow::Result<ChildBench> {
        let graph = graph(net)?;
        let module = Module::build(&graph, Build { device, kind: Kind::Float, seed: 0 })?;
        fill(&module, &graph, Weights::Code)?;
        let recipe = json!({"optimizer": "sgd", "momentum": 0.9, "nesterov": false, "lr": 0.01,
            "weight_decay": 3e-4, "decay_all": true});
        let recipe = Recipe::read(&recipe)?;
        let parameters = FlatParameters::adopt(module.parameters(), recipe.decay_all);
        let optimizer = optimizer::build(&recipe, &parameters);
        let (images, labels) = batch(images, 0, [3, 0], device)?;
        Ok(ChildBench { module, parameters, optimizer, images, labels, bf16 })
    }
}

impl Timed for ChildBench {
    fn step(&mut self) -> anyhow::Result<Vec<(&'static str, Tensor)>> {
        let mut pass = Pass { bf16: self.bf16, ..Pass::plain_train() };
        let outputs = self.module.forward(&self.images, &mut pass)?;
        let value = loss(&outputs.logits, &self.labels, 0.0, None);
        self.parameters.clear_gradients();
        value.f_backward()?;
        self.optimizer.step(&self.parameters, 0.01);
        Ok(vec![("training", value.detach())])
    }
}
