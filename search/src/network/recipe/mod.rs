//! The training recipe of a candidate: typed, with defaults and ranges; the worker's `recipe/` carries it out.
//!
//! A recipe is one flat object, so that a study can replace single fields (`{"batch_size": 64}`) and a space can
//! leave any of them open. Every field may be left out.

mod optimizer;
mod reader;
mod schedule;

#[cfg(test)]
mod tests;

pub use optimizer::Optimizer;
pub use schedule::{Curve, Schedule};

use crate::fault::Faults;
use reader::Reader;
use serde_json::{Map, Value};

/// The arithmetic of forward and backward pass. Weights, optimiser and losses are always 32 bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// bf16 where the device is faster with it, else 32 bit.
    Auto,
    Fp32,
    Bf16,
}

/// How a network is trained. The field names are the names in the document.
#[derive(Clone, Debug, PartialEq)]
pub struct Recipe {
    /// Images in one step. Default 64.
    pub batch_size: usize,
    pub optimizer: Optimizer,
    /// Learning rate and its course over the epochs.
    pub schedule: Schedule,
    /// L2 term added to the gradient (SGD, RMSprop), or decoupled (AdamW). Default 0.0003.
    pub weight_decay: f64,
    /// Whether biases and normalisation weights decay too. Default false.
    pub decay_all: bool,
    /// Share of the target spread over all classes. Default 0.
    pub label_smoothing: f64,
    /// Mixup: the weight of the first image is drawn from Beta(mixup, mixup); 0 for none (Zhang et al. 2018, §2).
    pub mixup: f64,
    /// Side of the square that is blanked in every image, pixels; 0 for none (DeVries and Taylor 2017).
    pub cutout: usize,
    /// Zero pixels around the image before a random crop of the old size; 0 for none.
    pub crop_padding: usize,
    /// Mirror every other image, drawn at random. Default false.
    pub flip: bool,
    /// Decay of the moving average of the weights that is judged in place of the weights; 0 for none. `true` means
    /// 0.999. After step t the decay is at most (1 + t) / (10 + t), so that short runs profit too.
    pub ema: f64,
    /// Rate of every dropout layer of the network. Default 0.
    pub dropout: f64,
    /// Greatest rate at which a residual branch is dropped. Default 0.
    pub drop_path: f64,
    /// Whether the drop-path rate grows linearly with the epoch, `drop_path * epoch / epochs` (DARTS), or is there
    /// from the start. Default true.
    pub drop_path_ramp: bool,
    /// Greatest Euclidean norm of the whole gradient; 0 for no limit. Default 5.
    pub clip_norm: f64,
    /// Weight of the auxiliary head's loss, if the network has one. Default 0.4.
    pub auxiliary_weight: f64,
    pub precision: Precision,
}

impl Recipe {
    /// Reads a recipe document; `null` stands for the defaults. Reports all faults at once, pointers relative to
    /// the document.
    pub fn read(document: &Value) -> Result<Recipe, Faults> {
        let empty = Map::new();
        let fields = match document {
            Value::Null => &empty,
            Value::Object(fields) => fields,
            _ => return Err(Faults::one("", "a recipe is an object, such as {\"lr\": 0.1, \"batch_size\": 64}")),
        };
        let mut reader = Reader::new(fields);
        let optimizer = Optimizer::read(&mut reader);
        let recipe = Recipe {
            batch_size: reader.whole("batch_size", 64, 1, 65_536),
            schedule: Schedule::read(&mut reader, optimizer.default_lr()),
            optimizer,
            weight_decay: reader.number("weight_decay", 3e-4, 0.0, 10.0),
            decay_all: reader.flag("decay_all", false),
            label_smoothing: reader.share("label_smoothing", 0.0),
            mixup: reader.number("mixup", 0.0, 0.0, 100.0),
            cutout: reader.whole("cutout", 0, 0, 4096),
            crop_padding: reader.whole("crop_padding", 0, 0, 256),
            flip: reader.flag("flip", false),
            ema: reader.switched("ema", 0.0, 0.999),
            dropout: reader.share("dropout", 0.0),
            drop_path: reader.share("drop_path", 0.0),
            drop_path_ramp: reader.flag("drop_path_ramp", true),
            clip_norm: reader.number("clip_norm", 5.0, 0.0, 1e6),
            auxiliary_weight: reader.number("auxiliary_weight", 0.4, 0.0, 10.0),
            precision: match reader.name("precision", &["auto", "fp32", "bf16"]) {
                "fp32" => Precision::Fp32,
                "bf16" => Precision::Bf16,
                _ => Precision::Auto,
            },
        };
        reader.finish(recipe)
    }

    /// Drop-path rate in an epoch counted from 0 (DARTS, `drop_path_prob * epoch / epochs`).
    pub fn drop_path_at(&self, epoch: u32, epochs: u32) -> f64 {
        if self.drop_path_ramp { self.drop_path * f64::from(epoch) / f64::from(epochs.max(1)) } else { self.drop_path }
    }
}
