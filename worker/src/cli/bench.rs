//! `nascent-worker bench`: images per second of a whole training step. `bench/reference_step.py` is the same step in
//! plain PyTorch; the loss of the first step must agree.

use crate::device::DeviceChoice;
use crate::module::{Build, Module};
use crate::primitive::Pass;
use crate::probe::{Weights, code, fill, network_graph, read_space};
use crate::recipe::{FlatParameters, loss, optimizer};
use clap::{Args, ValueEnum};
use search::network::{Graph, Recipe};
use serde_json::{Map, Value, json};
use std::time::Instant;
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

/// Options of `bench`.
#[derive(Args, Debug)]
pub struct BenchArgs {
    #[arg(long, value_enum)]
    net: Net,
    #[arg(long, value_enum, default_value = "fp32")]
    precision: Precision,
    /// Images in a step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    batch: u32,
    /// Steps that are timed; the median counts.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Steps before that.
    #[arg(long, default_value_t = 2)]
    warm_up: u32,
    /// CPU threads; by default libtorch's choice.
    #[arg(long)]
    threads: Option<u32>,
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Net {
    /// DARTS_V2 with 16 channels and 8 cells.
    Darts,
    /// The best cell with 16 channels and 5 cells in a stage.
    Nasbench201,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Precision {
    Fp32,
    Bf16,
}

/// Prints one line of JSON.
pub fn run(args: &BenchArgs) -> anyhow::Result<()> {
    if let Some(threads) = args.threads {
        tch::set_num_threads(threads as i32);
    }
    let device = args.device.resolve()?;
    let mut bench = Bench::new(args, device)?;
    let first_loss = bench.step()?.double_value(&[]);
    let mut seconds = Vec::new();
    for step in 1..args.warm_up.max(1) + args.steps {
        let start = Instant::now();
        let _loss = bench.step()?;
        if let Device::Cuda(index) = device {
            tch::Cuda::synchronize(index as i64);
        }
        if step >= args.warm_up.max(1) {
            seconds.push(start.elapsed().as_secs_f64());
        }
    }
    seconds.sort_by(f64::total_cmp);
    let median = (seconds[(seconds.len() - 1) / 2] + seconds[seconds.len() / 2]) / 2.0;
    let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
    let report = json!({
        "net": name(args.net.to_possible_value()),
        "precision": name(args.precision.to_possible_value()),
        "first_loss": first_loss,
        "seconds_per_step": median,
        "images_per_second": f64::from(args.batch) / median,
    });
    println!("{report}");
    Ok(())
}

fn graph(net: Net) -> anyhow::Result<Graph> {
    let (space, options, genotype) = match net {
        Net::Darts => ("darts", json!({"channels": 16, "layers": 8, "auxiliary": false}), DARTS_V2),
        Net::Nasbench201 => ("nasbench201", json!({"channels": 16, "cells": 5}), BEST_CELL),
    };
    let options: Map<String, Value> = options.as_object().cloned().unwrap_or_default();
    Ok(network_graph(&read_space(space, &options)?, genotype)?)
}

/// A network in training.
struct Bench {
    module: Module,
    parameters: FlatParameters,
    optimizer: Box<dyn optimizer::Optimizer>,
    images: Tensor,
    labels: Tensor,
    bf16: bool,
}

impl Bench {
    fn new(args: &BenchArgs, device: Device) -> anyhow::Result<Bench> {
        let graph = graph(args.net)?;
        let module = Module::build(&graph, Build { device, kind: Kind::Float, seed: 0 })?;
        fill(&module, &graph, Weights::Code)?;
        let recipe = json!({"optimizer": "sgd", "momentum": 0.9, "nesterov": false, "lr": 0.01,
            "weight_decay": 3e-4, "decay_all": true});
        let recipe = Recipe::read(&recipe)?;
        let parameters = FlatParameters::adopt(module.parameters(), recipe.decay_all);
        let optimizer = optimizer::build(&recipe, &parameters);
        let batch = i64::from(args.batch);
        let values: Vec<f32> =
            code(args.batch as usize * 3 * 32 * 32, 0).iter().map(|u| (2.0 * (2.0 * u - 1.0)) as f32).collect();
        let images = Tensor::f_from_slice(&values)?.f_view([batch, 3, 32, 32])?.f_to_device(device)?;
        let labels: Vec<i64> = (0..batch).map(|i| 3 * i % 10).collect();
        let labels = Tensor::f_from_slice(&labels)?.f_to_device(device)?;
        Ok(Bench { module, parameters, optimizer, images, labels, bf16: args.precision == Precision::Bf16 })
    }

    /// One step; the loss stays on the device.
    fn step(&mut self) -> anyhow::Result<Tensor> {
        let mut pass = Pass { bf16: self.bf16, ..Pass::plain_train() };
        let outputs = self.module.forward(&self.images, &mut pass)?;
        let value = loss(&outputs.logits, &self.labels, 0.0, None);
        self.parameters.clear_gradients();
        value.f_backward()?;
        self.optimizer.step(&self.parameters, 0.01);
        Ok(value)
    }
}
