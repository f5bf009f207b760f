//! `digits-quickstart`: small convolutional networks and their recipe, for the digits that Nascent ships.

use super::ReadyMade;
use super::options::{between, image};
use crate::fault::Faults;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `digits-quickstart`.
pub struct DigitsQuickstart;

/// Options of `digits-quickstart`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub classes: usize,
    /// `[channels, height, width]` of an image.
    pub input: [usize; 3],
}

impl Default for Options {
    fn default() -> Self {
        Options { classes: 10, input: [1, 8, 8] }
    }
}

impl ReadyMade for DigitsQuickstart {
    const NAME: &'static str = "digits-quickstart";
    const SUMMARY: &'static str = "Small convolutional networks and their recipe, for 8×8 digits on a CPU";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("classes", options.classes, 2, 100_000, faults);
        image(options.input, 4, faults);
    }

    /// Two stages of one to three blocks; kind, kernel and width of each stage are free, as are optimiser, learning rate,
    /// weight decay, dropout, label smoothing and augmentation.
    fn document(options: &Options) -> Value {
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "defs": {
                "block": {"$oneof": [
                    {"op": "conv", "kernel": 1},
                    {"op": "conv", "kernel": 3},
                    {"op": "conv", "kernel": 5},
                    {"op": "sep_conv", "kernel": 3},
                    {"op": "sep_conv", "kernel": 5},
                    {"op": "dil_conv", "kernel": 3},
                ]},
                "repeat": {"$int": {"min": 1, "max": 3}},
            },
            "root": {
                "network": {
                    "input": options.input,
                    "classes": options.classes,
                    "layers": [
                        {"name": "stem", "op": "conv", "kernel": 3, "channels": {"$int": {"min": 8, "max": 24, "step": 8}}},
                        {"name": "stage1", "stage": {
                            "repeat": {"$ref": "repeat"}, "block": {"$ref": "block"},
                            "channels": {"$int": {"min": 8, "max": 40, "step": 8}},
                        }},
                        {"name": "pool", "op": {"$oneof": ["max_pool_2x2", "avg_pool_2x2"]}, "stride": 2},
                        {"name": "stage2", "stage": {
                            "repeat": {"$ref": "repeat"}, "block": {"$ref": "block"},
                            "channels": {"$int": {"min": 16, "max": 64, "step": 16}},
                        }},
                        {"name": "classifier", "op": "classifier"},
                    ],
                },
                "recipe": {
                    "optimizer": {"$oneof": ["sgd", "adamw"]},
                    "lr": {"$float": {"min": 0.001, "max": 0.1, "scale": "log", "grid": 9}},
                    "weight_decay": {"$float": {"min": 0.00001, "max": 0.01, "scale": "log", "grid": 4}},
                    "label_smoothing": {"$oneof": [0.0, 0.1]},
                    "dropout": {"$oneof": [0.0, 0.2]},
                    "crop_padding": {"$oneof": [0, 1]},
                    "batch_size": {"$oneof": [32, 64]},
                    "warmup_epochs": 1.0,
                    "clip_norm": 5.0,
                },
            },
        })
    }
}
