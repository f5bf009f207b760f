//! `fbnet`: a chain of 22 searched layers with nine candidates each (Wu et al., "FBNet", CVPR 2019, table 1 and 2).

use super::super::options::{between, image};
use super::super::recognise::{Choices, genotype_of};
use super::super::{Notation, ReadyMade};
use crate::fault::Faults;
use crate::space::{Genotype, Space};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `fbnet`.
pub struct Fbnet;

/// The candidates in the order of their codes: kernel, expansion, groups; code 8 is the skip.
const CANDIDATES: [(&str, usize, usize, usize); 8] = [
    ("k3_e1", 3, 1, 1),
    ("k3_e1_g2", 3, 1, 2),
    ("k3_e3", 3, 3, 1),
    ("k3_e6", 3, 6, 1),
    ("k5_e1", 5, 1, 1),
    ("k5_e1_g2", 5, 1, 2),
    ("k5_e3", 5, 3, 1),
    ("k5_e6", 5, 6, 1),
];
const SKIP: &str = "skip";

/// Options of `fbnet`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    pub classes: usize,
    /// `[channels, height, width]` of an image.
    pub input: [usize; 3],
    /// Channels of the stages. The list's length is the number of stages.
    pub channels: Vec<usize>,
    /// Searched layers of each stage.
    pub layers: Vec<usize>,
    /// Stride of each stage's first layer.
    pub strides: Vec<usize>,
    /// Channels of the first convolution, and its stride.
    pub stem: usize,
    pub stem_stride: usize,
    /// Channels of the last 1×1 convolution.
    pub head: usize,
    /// Whether candidates of expansion 1 keep their first 1×1 convolution (the paper's block; the released networks
    /// leave it out).
    pub always_pw: bool,
    /// Whether a skip is offered where the shape changes too, as a projection.
    pub projecting_skips: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            classes: 1000,
            input: [3, 224, 224],
            channels: vec![16, 24, 32, 64, 112, 184, 352],
            layers: vec![1, 4, 4, 4, 4, 4, 1],
            strides: vec![1, 2, 2, 2, 1, 2, 1],
            stem: 16,
            stem_stride: 2,
            head: 1984,
            always_pw: true,
            projecting_skips: false,
        }
    }
}

/// Where a searched layer stands.
struct Place {
    input: usize,
    channels: usize,
    stride: usize,
}

impl Options {
    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        let mut input = self.stem;
        for ((&channels, &layers), &stride) in self.channels.iter().zip(&self.layers).zip(&self.strides) {
            for layer in 0..layers {
                places.push(Place { input, channels, stride: if layer == 0 { stride } else { 1 } });
                input = channels;
            }
        }
        places
    }
}

impl ReadyMade for Fbnet {
    const NAME: &'static str = "fbnet";
    const SUMMARY: &'static str = "Chain of inverted residuals, nine candidates per layer (Wu et al., CVPR 2019)";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("classes", options.classes, 2, 100_000, faults);
        between("stem", options.stem, 1, 4096, faults);
        between("stem_stride", options.stem_stride, 1, 4, faults);
        between("head", options.head, 1, 65_536, faults);
        image(options.input, 1, faults);
        between("channels", options.channels.len(), 1, 20, faults);
        for (name, list, most) in
            [("channels", &options.channels, 8192), ("layers", &options.layers, 50), ("strides", &options.strides, 4)]
        {
            if list.len() != options.channels.len() {
                faults.push(format!("/{name}"), "channels, layers and strides need one number per stage each");
            }
            list.iter().enumerate().for_each(|(i, value)| between(&format!("{name}/{i}"), *value, 1, most, faults));
        }
        let odd = |width: &usize| !width.is_multiple_of(2);
        if options.channels.iter().chain([&options.stem]).any(odd) {
            faults.push("/channels", "channels must be even: some candidates have two groups");
        }
    }

    fn document(options: &Options) -> Value {
        let mut layers =
            vec![json!({"name": "stem", "op": "conv", "channels": options.stem, "stride": options.stem_stride})];
        layers.extend(options.places().iter().map(|place| searched(place, options)));
        layers.push(json!({"name": "last", "op": "conv", "kernel": 1, "channels": options.head}));
        layers.push(json!({"name": "classifier", "op": "classifier"}));
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "root": {
                "network": {"input": options.input, "classes": options.classes, "layers": layers},
                "recipe": recipe(),
            },
        })
    }

    fn notation() -> Option<&'static dyn Notation> {
        Some(&OpCodes)
    }
}

fn searched(place: &Place, options: &Options) -> Value {
    let candidate = |&(_, kernel, expansion, groups): &(&str, usize, usize, usize)| {
        json!({"op": "mbconv", "kernel": kernel, "expansion": expansion, "groups": groups, "width_divisor": 1,
            "always_pw": options.always_pw, "channels": place.channels, "stride": place.stride})
    };
    let mut candidates: Vec<Value> = CANDIDATES.iter().map(candidate).collect();
    let usable = place.stride == 1 && place.input == place.channels;
    if usable {
        candidates.push(json!({"op": "skip", "strict": true}));
    } else if options.projecting_skips {
        candidates.push(json!({"op": "skip", "channels": place.channels, "stride": place.stride}));
    }
    json!({"$oneof": candidates})
}

/// How the released networks are trained (section 4.1), for a batch of 256.
pub(super) fn recipe() -> Value {
    json!({
        "optimizer": "sgd", "momentum": 0.9, "lr": 0.1, "schedule": "cosine", "weight_decay": 4e-5, "batch_size": 256,
        "label_smoothing": 0.1, "dropout": 0.2, "flip": true,
    })
}

/// Codes `0-3-8-…` or names `k3_e1,skip,…`, one per searched layer.
struct OpCodes;

impl Notation for OpCodes {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let codes: Vec<&str> = text.split([',', '-', ' ']).map(str::trim).filter(|code| !code.is_empty()).collect();
        let mut candidate = space.document()["root"].clone();
        let layers = candidate["network"]["layers"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        let mut open: Vec<&mut Value> = layers.iter_mut().filter(|layer| layer.get("$oneof").is_some()).collect();
        if open.len() != codes.len() {
            let detail = format!("needs {} codes joined by -, one per searched layer, not {}", open.len(), codes.len());
            return Err(Faults::one("", detail));
        }
        let mut faults = Faults::default();
        for (index, (layer, code)) in open.iter_mut().zip(&codes).enumerate() {
            let chosen = number(code).and_then(|number| layer["$oneof"].get(number).cloned());
            match chosen {
                Some(chosen) => **layer = chosen,
                None => faults.push(format!("/{index}"), format!("`{code}` is no candidate of this layer: 0 to 7 or k3_e1 to k5_e6, 8 or skip where the shape stays")),
            }
        }
        faults.or(())?;
        genotype_of(space, &candidate, Choices::new())
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        space.validate(genotype)?;
        let code = |choice: &crate::space::Choice| match choice {
            crate::space::Choice::Index(index) => index.to_string(),
            crate::space::Choice::Float(value) => value.to_string(),
        };
        Ok(genotype.0.iter().map(code).collect::<Vec<_>>().join("-"))
    }
}

fn number(code: &str) -> Option<usize> {
    let named = CANDIDATES.iter().position(|(name, ..)| *name == code);
    named.or_else(|| (code == SKIP).then_some(CANDIDATES.len())).or_else(|| code.parse().ok())
}
