//! `fbnetv3`: architecture and training recipe together (Dai et al., "FBNetV3", CVPR 2021, table 1 and section 3).

use super::super::options::{between, image};
use super::super::recognise::{Choices, genotype_of};
use super::super::{Notation, ReadyMade};
use super::blocks::{self, Row};
use crate::fault::Faults;
use crate::space::{Genotype, Space};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `fbnetv3`.
pub struct FbnetV3;

/// Options of `fbnetv3`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub classes: usize,
    /// `[channels, height, width]` of an image. By default the resolution is searched: 3 channels, sides 224 to 272.
    pub input: Option<[usize; 3]>,
    /// Channels of the pooled last layer.
    pub head: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { classes: 1000, input: None, head: 1984 }
    }
}

/// A searched stage: channels and repeats as `(least, most, step)`, stride, squeeze-and-excitation.
struct Stage {
    channels: [u64; 3],
    repeats: [u64; 2],
    stride: u64,
    se: bool,
    expansion: Expansion,
}

enum Expansion {
    Fixed(u64),
    /// 4 to 7 for the first block, 2 to 5 for the others.
    Searched,
}

const STAGES: [Stage; 7] = [
    Stage { channels: [16, 24, 2], repeats: [1, 4], stride: 1, se: false, expansion: Expansion::Fixed(1) },
    Stage { channels: [20, 32, 4], repeats: [4, 7], stride: 2, se: false, expansion: Expansion::Searched },
    Stage { channels: [24, 48, 4], repeats: [4, 7], stride: 2, se: true, expansion: Expansion::Searched },
    Stage { channels: [56, 84, 4], repeats: [4, 8], stride: 2, se: false, expansion: Expansion::Searched },
    Stage { channels: [96, 144, 4], repeats: [6, 10], stride: 1, se: true, expansion: Expansion::Searched },
    Stage { channels: [180, 224, 4], repeats: [5, 9], stride: 2, se: true, expansion: Expansion::Searched },
    Stage { channels: [180, 224, 4], repeats: [1, 1], stride: 1, se: true, expansion: Expansion::Fixed(6) },
];

fn range([min, max, step]: [u64; 3]) -> Value {
    json!({"$int": {"min": min, "max": max, "step": step}})
}

fn stage(stage: &Stage) -> Value {
    let expansion = match stage.expansion {
        Expansion::Fixed(expansion) => json!(expansion),
        Expansion::Searched => range([2, 5, 1]),
    };
    let [least, most] = stage.repeats;
    let mut block =
        json!({"op": "mbconv", "kernel": {"$oneof": [3, 5]}, "expansion": expansion, "activation": "hswish"});
    if stage.se {
        block["se"] = json!("hsigmoid");
        block["less_se"] = json!(true);
    }
    let mut described = json!({
        "repeat": if least == most { json!(least) } else { range([least, most, 1]) },
        "channels": range(stage.channels), "stride": stage.stride, "block": block,
    });
    if let Expansion::Searched = stage.expansion {
        described["first"] = json!({"expansion": range([4, 7, 1])});
    }
    json!({"stage": described})
}

impl ReadyMade for FbnetV3 {
    const NAME: &'static str = "fbnetv3";
    const SUMMARY: &'static str =
        "Architecture and training recipe of mobile networks together (Dai et al., CVPR 2021)";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("classes", options.classes, 2, 100_000, faults);
        between("head", options.head, 1, 65_536, faults);
        if let Some(input) = options.input {
            image(input, 1, faults);
        }
    }

    fn document(options: &Options) -> Value {
        let mut layers =
            vec![json!({"op": "conv", "kernel": 3, "channels": range([16, 24, 2]), "stride": 2, "bias": true,
            "activation": "hswish"})];
        layers.extend(STAGES.iter().map(stage));
        layers.push(json!({"op": "ir_pool", "channels": options.head, "activation": "hswish"}));
        layers.push(json!({"name": "classifier", "op": "classifier"}));
        let mut shared = json!({"lr_e3": range([20, 30, 1]), "optimizer": {"$oneof": ["rmsprop", "sgd"]}});
        let input = match options.input {
            Some(input) => json!(input),
            None => {
                shared["resolution"] = range([224, 272, 8]);
                json!([3, {"$var": "resolution"}, {"$var": "resolution"}])
            }
        };
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "shared": shared,
            "root": {
                "network": {"input": input, "classes": options.classes, "layers": layers},
                "recipe": recipe(),
            },
        })
    }

    fn notation() -> Option<&'static dyn Notation> {
        Some(&BlocksAndRecipe)
    }
}

/// The rate of SGD is four times that of RMSprop.
fn recipe() -> Value {
    let grid = |min: f64, max: f64, grid: usize| json!({"$float": {"min": min, "max": max, "grid": grid}});
    let factor = json!(["if", ["eq", {"$var": "optimizer"}, "sgd"], 0.004, 0.001]);
    json!({
        "optimizer": {"$var": "optimizer"},
        "lr": {"$eval": ["mul", {"$var": "lr_e3"}, factor]},
        "ema": {"$oneof": [false, true]},
        "dropout": grid(0.01, 0.31, 31),
        "drop_path": grid(0.1, 0.31, 22),
        "mixup": grid(0.0, 0.41, 42),
        "weight_decay": grid(7e-6, 21e-6, 15),
        "schedule": "cosine", "batch_size": 256, "flip": true,
    })
}

/// `{"resolution": 224, "blocks": [[op, channels, stride, repeats, {arguments}], …], "recipe": {…}}`. The recipe may be
/// left out (the first candidates), and the resolution where it is not searched.
struct BlocksAndRecipe;

impl Notation for BlocksAndRecipe {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let form = "must be {\"resolution\": 224, \"blocks\": [[op, channels, stride, repeats, {arguments}], …], \"recipe\": {…}}";
        let value: Value = serde_json::from_str(text).map_err(|error| Faults::one("", format!("{form}: {error}")))?;
        let list = if value.is_array() { &value } else { &value["blocks"] };
        let rows = blocks::rows(list).map_err(|inner| {
            let mut faults = Faults::default();
            faults.nest("/blocks", inner);
            faults
        })?;
        let mut candidate = space.materialise(&first(space)?)?;
        if let Some(recipe) = value.get("recipe") {
            candidate["recipe"] = recipe.clone();
        }
        if let Some(resolution) = value.get("resolution") {
            candidate["network"]["input"][1] = resolution.clone();
            candidate["network"]["input"][2] = resolution.clone();
        }
        set_stages(&mut candidate["network"]["layers"], &rows)?;
        let known = rate(&candidate["recipe"])?;
        genotype_of(space, &candidate, known)
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        let candidate = space.materialise(genotype)?;
        let layers = candidate["network"]["layers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut rows: Vec<Value> = Vec::new();
        for layer in layers.iter().filter(|layer| layer["op"] != "classifier") {
            let whole = |value: &Value| value.as_u64().unwrap_or(1);
            let Some(stage) = layer.get("stage") else {
                rows.push(blocks::written(layer, whole(&layer["channels"]), whole(&layer["stride"]), 1));
                continue;
            };
            let (channels, stride, repeats) =
                (whole(&stage["channels"]), whole(&stage["stride"]), whole(&stage["repeat"]));
            match stage.get("first") {
                None => rows.push(blocks::written(&stage["block"], channels, stride, repeats)),
                Some(changed) => {
                    let mut first = stage["block"].clone();
                    first["expansion"] = changed["expansion"].clone();
                    rows.push(blocks::written(&first, channels, stride, 1));
                    rows.push(blocks::written(&stage["block"], channels, 1, repeats - 1));
                }
            }
        }
        let written =
            json!({"resolution": candidate["network"]["input"][1], "blocks": rows, "recipe": candidate["recipe"]});
        Ok(written.to_string())
    }
}

fn first(space: &Space) -> Result<Genotype, Faults> {
    space.unrank(&0u32.into()).ok_or_else(|| Faults::one("", "the space is empty"))
}

/// Puts the blocks of the rows into the stages of the space's layers.
fn set_stages(layers: &mut Value, rows: &[Row]) -> Result<(), Faults> {
    let wrong = |detail: &str| Faults::one("/blocks", detail.to_owned());
    let [stem, middle @ .., pool] = rows else { return Err(wrong("needs a first convolution, stages and ir_pool")) };
    layers[0]["channels"] = json!(stem.channels);
    let mut stages = stages(middle);
    if stages.len() != STAGES.len() {
        let detail = format!("the blocks make {} stages, the space has {}", stages.len(), STAGES.len());
        return Err(wrong(&detail));
    }
    for (index, (blocks, stage)) in stages.iter_mut().zip(&STAGES).enumerate() {
        let described = &mut layers[index + 1]["stage"];
        let (first, last) = (&blocks[0], &blocks[blocks.len() - 1]);
        described["repeat"] = json!(blocks.len());
        described["channels"] = json!(last.channels);
        described["stride"] = json!(first.stride);
        let block = blocks::operator(last).map_err(|detail| wrong(&detail))?;
        let uniform = blocks.iter().all(|block| block.channels == last.channels && block.op == last.op);
        let tail = blocks.iter().skip(1).all(|block| block.arguments == last.arguments);
        if !uniform || !tail {
            return Err(wrong(&format!("the blocks of stage {} differ in more than the first expansion", index + 1)));
        }
        described["block"] = block;
        if let Expansion::Searched = stage.expansion {
            described["first"] = json!({"expansion": first.arguments.get("expansion")});
        }
    }
    let last = layers.as_array().map_or(0, Vec::len).saturating_sub(2);
    layers[last]["channels"] = json!(pool.channels);
    Ok(())
}

/// Single blocks, grouped: a stage begins with a stride or another kind of block; the last block is a stage of its own.
fn stages(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut blocks: Vec<Row> = Vec::new();
    for row in rows {
        let single = |index| Row { repeats: 1, stride: if index == 0 { row.stride } else { 1 }, ..row.clone() };
        blocks.extend((0..row.repeats).map(single));
    }
    let has_se = |row: &Row| row.op.contains("_se");
    let mut stages: Vec<Vec<Row>> = Vec::new();
    let count = blocks.len();
    for (index, block) in blocks.into_iter().enumerate() {
        let begins = match stages.last().and_then(|stage| stage.last()) {
            None => true,
            Some(before) => block.stride > 1 || has_se(before) != has_se(&block) || index + 1 == count,
        };
        match (begins, stages.last_mut()) {
            (false, Some(stage)) => stage.push(block),
            _ => stages.push(vec![block]),
        }
    }
    stages
}

/// The learning rate's decision, which the recipe shows only multiplied.
fn rate(recipe: &Value) -> Result<Choices, Faults> {
    let unit = if recipe["optimizer"] == "sgd" { 0.004 } else { 0.001 };
    let steps = (recipe["lr"].as_f64().unwrap_or_default() / unit).round();
    if !(20.0..=30.0).contains(&steps) || (steps * unit - recipe["lr"].as_f64().unwrap_or_default()).abs() > 1e-9 {
        let detail = format!("must be 20 to 30 times {unit} with this optimiser");
        return Err(Faults::one("/recipe/lr", detail));
    }
    Ok(Choices::from_iter([("$lr_e3".to_owned(), json!(steps as u64 - 20))]))
}
