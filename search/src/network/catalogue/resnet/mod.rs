//! `resnet-widths`: how many channels each convolution and how many blocks each stage keeps (Dong and Yang, "Network
//! Pruning via Transformable Architecture Search", NeurIPS 2019; the size space of Dong et al., "NATS-Bench", TPAMI 2021).

mod candidates;
mod network;
mod notation;

use super::options::{between, image};
use super::{Notation, ReadyMade};
use crate::fault::Faults;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `resnet-widths`.
pub struct ResnetWidths;

/// The network around the blocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Skeleton {
    /// Three stages for small images; depth 6n + 2, or 9n + 2 with bottlenecks.
    #[default]
    Cifar,
    /// Four stages for large images; depth 18, 34, 50, 101 or 152.
    Imagenet,
    /// The size space of NATS-Bench: five widths of a fixed cell network.
    Size,
}

/// The kind of residual block.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    #[default]
    Basic,
    Bottleneck,
}

/// Options of `resnet-widths`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub skeleton: Skeleton,
    /// Convolutions and the linear layer of the unpruned network.
    pub depth: usize,
    /// Kind of residual block (CIFAR; large-image networks have bottlenecks from depth 50 on).
    pub block: Block,
    /// Channels of the first stage; they double with each. Default 16, for large images 64.
    pub channels: Option<usize>,
    /// Shares of its channels that a convolution may keep; `[1.0]` searches no widths.
    pub fractions: Vec<f64>,
    /// Whether the number of blocks is searched.
    pub search_depth: bool,
    /// Widths that the size space offers.
    pub widths: Vec<usize>,
    pub classes: usize,
    /// `[channels, height, width]` of an image; by default 3×32×32, for large images 3×224×224.
    pub input: Option<[usize; 3]>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            skeleton: Skeleton::Cifar,
            depth: 20,
            block: Block::Basic,
            channels: None,
            fractions: vec![0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0],
            search_depth: true,
            widths: vec![8, 16, 24, 32, 40, 48, 56, 64],
            classes: 10,
            input: None,
        }
    }
}

impl Options {
    fn input(&self) -> [usize; 3] {
        let side = if self.skeleton == Skeleton::Imagenet { 224 } else { 32 };
        self.input.unwrap_or([3, side, side])
    }

    fn base(&self) -> usize {
        self.channels.unwrap_or(if self.skeleton == Skeleton::Imagenet { 64 } else { 16 })
    }

    fn bottleneck(&self) -> bool {
        match self.skeleton {
            Skeleton::Imagenet => self.depth >= 50,
            Skeleton::Cifar | Skeleton::Size => self.block == Block::Bottleneck,
        }
    }

    /// Blocks of each stage of the unpruned network; `None` for a depth that there is not.
    fn stages(&self) -> Option<Vec<usize>> {
        match (self.skeleton, self.depth) {
            (Skeleton::Size, _) => Some(Vec::new()),
            (Skeleton::Imagenet, 18) => Some(vec![2, 2, 2, 2]),
            (Skeleton::Imagenet, 34 | 50) => Some(vec![3, 4, 6, 3]),
            (Skeleton::Imagenet, 101) => Some(vec![3, 4, 23, 3]),
            (Skeleton::Imagenet, 152) => Some(vec![3, 8, 36, 3]),
            (Skeleton::Imagenet, _) => None,
            (Skeleton::Cifar, depth) => {
                let layers = if self.bottleneck() { 9 } else { 6 };
                let blocks = depth.checked_sub(2)?;
                (blocks > 0 && blocks.is_multiple_of(layers) && blocks / layers <= 100)
                    .then(|| vec![blocks / layers; 3])
            }
        }
    }
}

impl ReadyMade for ResnetWidths {
    const NAME: &'static str = "resnet-widths";
    const SUMMARY: &'static str =
        "Widths and depths of ResNets (Dong and Yang, NeurIPS 2019), and NATS-Bench's size space";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("classes", options.classes, 2, 100_000, faults);
        image(options.input(), 4, faults);
        between("channels", options.base(), 1, 4096, faults);
        match options.stages() {
            None => faults
                .push("/depth", "must be 6n + 2, with bottlenecks 9n + 2; for large images 18, 34, 50, 101 or 152"),
            Some(stages) if options.search_depth && options.skeleton == Skeleton::Cifar && stages[0] == 1 => {
                faults.push("/search_depth", "a stage of one block has no depth to search; set it to false");
            }
            Some(_) => {}
        }
        let share = |fraction: &f64| *fraction > 0.0 && *fraction <= 1.0;
        if options.fractions.is_empty() || !options.fractions.iter().all(share) {
            faults.push("/fractions", "must be shares above 0 and at most 1");
        }
        if options.widths.is_empty() || options.widths.iter().any(|width| !(1..=8192).contains(width)) {
            faults.push("/widths", "must be numbers of channels, 1 to 8192");
        }
    }

    fn document(options: &Options) -> Value {
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "shared": network::shared(options),
            "root": {
                "network": {
                    "input": options.input(),
                    "classes": options.classes,
                    "layers": network::layers(options),
                },
                "recipe": recipe(options),
            },
        })
    }

    fn notation() -> Option<&'static dyn Notation> {
        Some(&notation::WidthList)
    }
}

/// How the derived networks are trained (section 4.1; NATS-Bench, section 3.2).
fn recipe(options: &Options) -> Value {
    let decay = if options.skeleton == Skeleton::Imagenet { 1e-4 } else { 5e-4 };
    let padding = if options.skeleton == Skeleton::Imagenet { 0 } else { options.input()[1] / 8 };
    json!({
        "optimizer": "sgd", "momentum": 0.9, "nesterov": true, "lr": 0.1, "schedule": "cosine", "weight_decay": decay,
        "decay_all": true, "batch_size": 256, "clip_norm": 0.0, "crop_padding": padding, "flip": true,
    })
}
