//! The operations of a `darts` space: published sets, or a list.

use crate::fault::Faults;
use crate::operator;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// A published set of operations. `none` is not among them: strategies with shared weights add it where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Set {
    /// The seven of DARTS.
    Darts,
    /// Eight of sharpDARTS (Hundt et al. 2019).
    Sharp,
    /// Eleven of sharpDARTS.
    Sharper,
    /// Those of DARTS with sharpDARTS' separable convolutions.
    DartsSharp,
    /// Skip connection and separable convolution (RobustDARTS, S2).
    S2,
    /// `none`, skip connection and separable convolution; here `none` may be chosen (RobustDARTS, S3).
    S3,
    /// Noise and separable convolution (RobustDARTS, S4).
    S4,
}

/// Which operations the edges offer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Operators {
    Set(Set),
    /// Names of operators (`sep_conv_3x3`).
    List(Vec<String>),
}

impl Default for Operators {
    fn default() -> Self {
        Operators::Set(Set::Darts)
    }
}

impl Operators {
    /// What stands in the space, one value per operation.
    pub fn candidates(&self) -> Vec<Value> {
        let names: &[&str] = match self {
            Operators::List(names) => return names.iter().map(|name| json!(name)).collect(),
            Operators::Set(Set::Darts) => &[
                "max_pool_3x3",
                "avg_pool_3x3",
                "skip_connect",
                "sep_conv_3x3",
                "sep_conv_5x5",
                "dil_conv_3x3",
                "dil_conv_5x5",
            ],
            Operators::Set(Set::Sharp) => &[
                "max_pool_3x3",
                "skip_connect",
                "sharp_sep_conv_3x3",
                "sharp_dil_conv_3x3",
                "flood_conv_3x3",
                "dil_flood_conv_3x3",
                "choke_conv_3x3",
                "dil_choke_conv_3x3",
            ],
            Operators::Set(Set::Sharper) => &[
                "max_pool_3x3",
                PADDED,
                "skip_connect",
                "sharp_sep_conv_3x3",
                "sharp_sep_conv_5x5",
                "sharp_sep_conv_7x7",
                "sharp_dil_conv_3x3",
                "sharp_dil_conv_5x5",
                "flood_conv_3x3",
                "flood_conv_5x5",
                "dil_flood_conv_3x3",
            ],
            Operators::Set(Set::DartsSharp) => &[
                "max_pool_3x3",
                PADDED,
                "skip_connect",
                "sharp_sep_conv_3x3",
                "sharp_sep_conv_5x5",
                "sharp_dil_conv_3x3",
                "sharp_dil_conv_5x5",
            ],
            Operators::Set(Set::S2) => &["skip_connect", "sep_conv_3x3"],
            Operators::Set(Set::S3) => &["none", "skip_connect", "sep_conv_3x3"],
            Operators::Set(Set::S4) => &["noise", "sep_conv_3x3"],
        };
        names.iter().map(|name| candidate(name)).collect()
    }

    pub fn check(&self, faults: &mut Faults) {
        let Operators::List(names) = self else { return };
        if names.is_empty() {
            faults.push("/operators", "needs at least one operator");
        }
        for (index, name) in names.iter().enumerate() {
            if let Err(why) = operator::read(name, Map::new()) {
                faults.push(format!("/operators/{index}"), why);
            }
            if names[..index].contains(name) {
                faults.push(format!("/operators/{index}"), format!("`{name}` is listed twice"));
            }
        }
    }
}

/// sharpDARTS' average pooling, whose padding counts.
const PADDED: &str = "avg_pool_3x3, padding counted";

fn candidate(name: &str) -> Value {
    match name {
        PADDED => json!({"op": "avg_pool", "kernel": 3, "count_include_pad": true}),
        name => json!(name),
    }
}

/// The name of an operation in a published genotype: sharpDARTS calls its convolutions as DARTS does.
pub fn published_name(candidate: &Value) -> String {
    let name = match (candidate["op"].as_str(), candidate["kernel"].as_u64()) {
        (Some(op), Some(kernel)) => format!("{op}_{kernel}x{kernel}"),
        (Some(op), None) => op.to_owned(),
        _ => candidate.as_str().unwrap_or_default().to_owned(),
    };
    name.strip_prefix("sharp_").map(str::to_owned).unwrap_or(name)
}
