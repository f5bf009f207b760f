//! `metaformer`: four stages of token mixers and MLPs (Yu et al., CVPR 2022 and TPAMI 2024).

use super::ReadyMade;
use super::options::{between, image, one_of, ordered};
use crate::fault::Faults;
use crate::network::Activation;
use crate::operator::{BlockNorm, HeadKind, Mixer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// The registry entry of `metaformer`.
pub struct Metaformer;

const STAGES: usize = 4;

/// The two generations of the family.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Version {
    /// PoolFormer (2022): biases, layer scale 1e-5, no norms between stages.
    First,
    /// The baselines (2024): no biases, norms between stages, scaled shortcuts in the last two stages.
    #[default]
    Second,
}

/// Options of `metaformer`; lists have one entry per stage.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub classes: usize,
    /// `[channels, height, width]` of an image.
    pub input: [usize; 3],
    /// Stride of the first convolution; each later stage halves once more.
    pub patch: usize,
    /// Widths that each of the four stages may have.
    pub channels: [Vec<usize>; STAGES],
    /// Numbers of blocks that each stage may have.
    pub layers: [Vec<usize>; STAGES],
    /// Mixers that each stage may have.
    pub mixers: [Vec<Mixer>; STAGES],
    pub norms: Vec<BlockNorm>,
    pub activations: Vec<Activation>,
    pub mlp_ratios: Vec<usize>,
    pub version: Version,
    pub head: HeadKind,
}

impl Default for Options {
    fn default() -> Self {
        use Mixer::{Attention, Identity, Pooling, Random, Sepconv};
        // Random mixing holds a matrix of tokens × tokens: only where the maps are small, as published.
        let early = vec![Identity, Pooling, Sepconv];
        let late = vec![Identity, Pooling, Random, Sepconv, Attention];
        Options {
            classes: 1000,
            input: [3, 224, 224],
            patch: 4,
            channels: [vec![32, 48, 64], vec![64, 96, 128], vec![160, 240, 320], vec![256, 384, 512]],
            layers: [vec![1, 2, 3], vec![1, 2, 3], vec![3, 6, 9], vec![1, 2, 3]],
            mixers: [early.clone(), early, late.clone(), late],
            norms: vec![BlockNorm::Group, BlockNorm::Layer],
            activations: vec![Activation::Gelu, Activation::Relu, Activation::StarRelu],
            mlp_ratios: vec![2, 4],
            version: Version::Second,
            head: HeadKind::Linear,
        }
    }
}

impl ReadyMade for Metaformer {
    const NAME: &'static str = "metaformer";
    const SUMMARY: &'static str =
        "Depth, width, mixer, norm, activation and MLP ratio per stage (Yu et al., TPAMI 2024)";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("classes", options.classes, 2, 100_000, faults);
        between("patch", options.patch, 1, 16, faults);
        image(options.input, options.patch.max(1) * 8, faults);
        for stage in 0..STAGES {
            let lists = [("channels", &options.channels[stage], 8192), ("layers", &options.layers[stage], 100)];
            for (name, list, most) in lists {
                between(&format!("{name}/{stage}"), list.len(), 1, 100, faults);
                list.iter().enumerate().for_each(|(i, n)| between(&format!("{name}/{stage}/{i}"), *n, 1, most, faults));
            }
            between(&format!("mixers/{stage}"), options.mixers[stage].len(), 1, 7, faults);
        }
        between("norms", options.norms.len(), 1, 3, faults);
        between("activations", options.activations.len(), 1, 10, faults);
        between("mlp_ratios", options.mlp_ratios.len(), 1, 20, faults);
        options.mlp_ratios.iter().for_each(|ratio| between("mlp_ratios", *ratio, 1, 32, faults));
    }

    fn document(options: &Options) -> Value {
        // Transition and blocks of a stage have one width.
        let shared: Map<String, Value> =
            (0..STAGES).map(|stage| (format!("width{stage}"), ordered(&options.channels[stage]))).collect();
        let mut layers: Vec<Value> = (0..STAGES).flat_map(|stage| stage_layers(stage, options)).collect();
        layers.push(json!({"name": "head", "op": "metaformer_head", "kind": options.head}));
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "shared": shared,
            "root": {
                "network": {"input": options.input, "classes": options.classes, "layers": layers},
                "recipe": recipe(),
            },
        })
    }
}

fn stage_layers(stage: usize, options: &Options) -> [Value; 2] {
    let width = json!({"$var": format!("width{stage}")});
    let norm = match (options.version, stage) {
        (Version::First, _) => "none",
        (Version::Second, 0) => "after",
        (Version::Second, _) => "before",
    };
    let mut transition = json!({
        "name": format!("downsample_layers.{stage}"), "op": "downsample", "norm": norm, "channels": width, "stride": 2,
    });
    if stage == 0 {
        // 7×7 with stride 4, padding 2; smaller strides have smaller kernels.
        let kernel = (2 * options.patch).saturating_sub(1).max(3);
        transition["kernel"] = json!(kernel);
        transition["stride"] = json!(options.patch);
        transition["padding"] = json!((kernel.saturating_sub(options.patch)).div_ceil(2));
    }
    let mut block = json!({
        "op": "metaformer_block",
        "mixer": one_of(&options.mixers[stage]),
        "norm": one_of(&options.norms),
        "activation": one_of(&options.activations),
        "mlp_ratio": ordered(&options.mlp_ratios),
    });
    match options.version {
        Version::First => {
            block["bias"] = json!(true);
            block["layer_scale"] = json!(1e-5);
        }
        Version::Second => block["residual_scale"] = json!(stage >= 2),
    }
    let blocks = json!({"repeat": ordered(&options.layers[stage]), "channels": width, "block": block});
    [transition, json!({"name": format!("stages.{stage}"), "stage": blocks})]
}

/// The published recipe (TPAMI 2024, section 4.1), for a batch of 256.
fn recipe() -> Value {
    json!({
        "optimizer": "adamw", "lr": 1e-3, "schedule": "cosine", "warmup_epochs": 5.0, "weight_decay": 0.05,
        "batch_size": 256, "label_smoothing": 0.1, "mixup": 0.8, "drop_path": 0.1, "flip": true,
    })
}
