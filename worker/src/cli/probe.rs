//! `nascent-worker probe`: what a network or an operator computes on made-up weights and inputs, as JSON.

use crate::probe::{self, Input, Layout, Setting, Stage, Weights};
use anyhow::{Context as _, bail};
use clap::{Args, ValueEnum};
use search::network::{Convention, Graph, Shape, Site, count};
use serde_json::{Map, Value, json};
use tch::Kind;

/// Options of `probe`.
#[derive(Args, Debug)]
pub struct ProbeArgs {
    /// Ready-made space or file of a space (JSON or YAML).
    #[arg(long, required_unless_present = "operator", conflicts_with = "operator", requires = "genotype")]
    space: Option<String>,
    /// Option of the ready-made space, e.g. `channels=4` (repeat for several).
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    /// JSON in any form of the space, or the space's own notation.
    #[arg(long, value_name = "GENOTYPE")]
    genotype: Option<String>,
    /// A single operator, e.g. `{"op": "sep_conv", "kernel": 5}`.
    #[arg(long, value_name = "JSON", requires = "shape")]
    operator: Option<String>,
    /// Shape of the operator's input with its batch axis, in the given layout, e.g. `2,4,8,8`.
    #[arg(long, value_delimiter = ',', value_name = "SIZES")]
    shape: Vec<usize>,
    /// Channels that the operator should have; by default those of its input.
    #[arg(long, value_name = "CHANNELS")]
    channels: Option<usize>,
    /// Step of the operator along height and width.
    #[arg(long, default_value_t = 1)]
    stride: usize,
    /// Batch norms of the operator without weights, as in search networks.
    #[arg(long)]
    no_affine: bool,
    /// Images in the batch of a network.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=4096))]
    batch: u32,
    /// Also compute gradients of the sum of `y_k cos(0.05 k)`.
    #[arg(long)]
    backward: bool,
    #[arg(long, value_enum, default_value = "eval")]
    mode: Mode,
    #[arg(long, value_enum, default_value = "f64")]
    dtype: Dtype,
    /// Order of an image's axes, in and out; `bnc` is for tokens.
    #[arg(long, value_enum, default_value = "bchw")]
    layout: LayoutName,
    /// Formula of the weights.
    #[arg(long, value_enum, default_value = "code")]
    weights: WeightsName,
    /// Factor of the sine weights.
    #[arg(long, default_value_t = 0.5)]
    amplitude: f64,
    /// Frequency of the sine weights.
    #[arg(long, default_value_t = 0.1)]
    frequency: f64,
    /// Formula of the input.
    #[arg(long, value_enum, default_value = "code")]
    input: InputName,
    /// Seed of the input's `code` formula.
    #[arg(long, default_value_t = 0)]
    input_seed: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// Running statistics in batch norms.
    Eval,
    /// Statistics of the batch.
    Train,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Dtype {
    F64,
    F32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LayoutName {
    Bchw,
    Bhwc,
    Bnc,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WeightsName {
    /// By kind of layer, from quadratic residues.
    Code,
    /// `amplitude * sin(frequency * i)` over all parameters.
    Sine,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InputName {
    /// From quadratic residues and the input seed.
    Code,
    /// `cos(0.1 j)`
    Cosine,
}

/// Prints the report of a probe.
pub fn run(args: &ProbeArgs) -> anyhow::Result<()> {
    let (graph, batch) = graph(args)?;
    let report = probe::run(&graph, &setting(args, batch))?;
    let counts = count(&graph, Convention::Plain);
    let mut document = serde_json::to_value(report)?;
    document["params"] = json!(counts.params);
    document["flops"] = json!(counts.flops);
    println!("{}", serde_json::to_string_pretty(&document)?);
    Ok(())
}

fn setting(args: &ProbeArgs, batch: usize) -> Setting {
    Setting {
        batch,
        stage: match args.mode {
            Mode::Eval => Stage::Eval,
            Mode::Train => Stage::Train,
        },
        kind: match args.dtype {
            Dtype::F64 => Kind::Double,
            Dtype::F32 => Kind::Float,
        },
        weights: match args.weights {
            WeightsName::Code => Weights::Code,
            WeightsName::Sine => Weights::Sine { amplitude: args.amplitude, frequency: args.frequency },
        },
        input: match args.input {
            InputName::Code => Input::Code { seed: args.input_seed },
            InputName::Cosine => Input::Cosine { frequency: 0.1 },
        },
        layout: match args.layout {
            LayoutName::Bhwc => Layout::ChannelsLast,
            LayoutName::Bchw | LayoutName::Bnc => Layout::ChannelsFirst,
        },
        backward: args.backward,
    }
}

/// What is probed, and the batch size.
fn graph(args: &ProbeArgs) -> anyhow::Result<(Graph, usize)> {
    if let (Some(space), Some(genotype)) = (&args.space, &args.genotype) {
        let space = probe::read_space(space, &options(&args.set)?)?;
        return Ok((probe::network_graph(&space, genotype)?, args.batch as usize));
    }
    let operator = args.operator.as_deref().unwrap_or_default();
    let operator: Value = serde_json::from_str(operator).context("--operator is no JSON")?;
    let (batch, shape) = match (args.layout, args.shape.as_slice()) {
        (LayoutName::Bchw, &[batch, channels, height, width]) => (batch, Shape::image(channels, height, width)),
        (LayoutName::Bhwc, &[batch, height, width, channels]) => (batch, Shape::image(channels, height, width)),
        (LayoutName::Bnc, &[batch, tokens, channels]) => (batch, Shape::Tokens { tokens, channels }),
        (LayoutName::Bnc, &[batch, tokens]) => (batch, Shape::Ids { tokens }),
        (layout, shape) => bail!("--shape has {} sizes, which does not fit --layout {layout:?}", shape.len()),
    };
    let channels = args.channels.unwrap_or_else(|| shape.channels());
    let site = Site { stride: args.stride, affine: !args.no_affine, ..Site::plain(channels) };
    Ok((probe::operator_graph(&operator, shape, &site)?, batch))
}

/// `key=value` pairs; a value that is no JSON is a string.
fn options(pairs: &[String]) -> anyhow::Result<Map<String, Value>> {
    let read = |pair: &String| {
        let (key, value) = pair.split_once('=').with_context(|| format!("--set {pair}: there is no `=`"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned()));
        Ok((key.to_owned(), value))
    };
    pairs.iter().map(read).collect()
}
