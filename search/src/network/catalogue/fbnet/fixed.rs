//! `fbnet-blocks`: one fixed network given as a block list, or a published one by name.

use super::super::ReadyMade;
use super::super::options::{between, image};
use super::blocks;
use crate::fault::Faults;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `fbnet-blocks`.
pub struct FbnetBlocks;

/// Published architectures with the resolutions of their released weights.
const MODELS: &str = include_str!("models.json");

/// Options of `fbnet-blocks`: a model or its blocks.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// A published network: `fbnet_a` to `fbnet_c`, `fbnetv2_f1` to `_f4`, `_l1`, `_l2`, `fbnetv3_a0`, `fbnetv3_a` to `_g`,
    /// `mobilenetv2`, `mobilenetv3`.
    pub model: String,
    /// A block list in place of the published one: rows `[op, channels, stride, repeats, {arguments}]`.
    pub blocks: Option<Value>,
    pub classes: usize,
    /// `[channels, height, width]` of an image; by default of the published resolution, or 3×224×224.
    pub input: Option<[usize; 3]>,
}

impl Default for Options {
    fn default() -> Self {
        Options { model: "fbnet_c".into(), blocks: None, classes: 1000, input: None }
    }
}

/// The published model of a name.
fn published(name: &str) -> Option<Value> {
    let models: Value = serde_json::from_str(MODELS).unwrap_or_default();
    models.get(name).cloned()
}

impl Options {
    fn blocks(&self) -> Option<Value> {
        self.blocks.clone().or_else(|| Some(published(&self.model)?["blocks"].clone()))
    }

    fn input(&self) -> [usize; 3] {
        let published = || published(&self.model)?["resolution"].as_u64().map(|side| side as usize);
        let side = if self.blocks.is_some() { None } else { published() }.unwrap_or(224);
        self.input.unwrap_or([3, side, side])
    }
}

impl ReadyMade for FbnetBlocks {
    const NAME: &'static str = "fbnet-blocks";
    const SUMMARY: &'static str = "One fixed network of the FBNet or MobileNet family, by name or as a block list";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("classes", options.classes, 2, 100_000, faults);
        image(options.input(), 1, faults);
        match options.blocks() {
            None => faults.push("/model", format!("there is no published network `{}`", options.model)),
            Some(list) => {
                if let Err(inner) = blocks::rows(&list) {
                    faults.nest("/blocks", inner);
                }
            }
        }
    }

    fn document(options: &Options) -> Value {
        let rows = options.blocks().and_then(|list| blocks::rows(&list).ok()).unwrap_or_default();
        let mut layers = blocks::layers(&rows).unwrap_or_default();
        layers.push(json!({"name": "classifier", "op": "classifier"}));
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "root": {
                "network": {"input": options.input(), "classes": options.classes, "layers": layers},
                "recipe": super::chain::recipe(),
            },
        })
    }
}
