//! `multi-channel`: a chain whose channels and operators are free at every layer (sharpDARTS' channel search, Hundt et al.
//! 2019, section 3.4).

use super::options::{between, image};
use super::recognise::{Choices, genotype_of};
use super::{Notation, ReadyMade};
use crate::fault::Faults;
use crate::space::{Genotype, Space};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The registry entry of `multi-channel`.
pub struct MultiChannel;

/// The operators of a layer: names in the space and in published paths.
const OPERATORS: [(&str, &str); 2] = [("resizable_pool_3x3", "ResizablePool"), ("sharp_sep_conv_3x3", "SharpSepConv")];

/// Options of `multi-channel`.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Options {
    /// Fewest channels; the sizes to choose from double from here.
    pub channels: usize,
    /// Numbers of channels to choose from.
    pub sizes: usize,
    /// Stages: a layer of stride 1 and one of stride 2 each.
    pub stages: usize,
    /// Channels behind the last stage.
    pub last: usize,
    pub classes: usize,
    /// `[channels, height, width]` of an image.
    pub input: [usize; 3],
}

impl Default for Options {
    fn default() -> Self {
        Options { channels: 32, sizes: 4, stages: 4, last: 768, classes: 10, input: [3, 32, 32] }
    }
}

impl Options {
    fn widths(&self) -> Vec<usize> {
        (0..self.sizes).map(|doubling| self.channels << doubling).collect()
    }
}

impl ReadyMade for MultiChannel {
    const NAME: &'static str = "multi-channel";
    const SUMMARY: &'static str =
        "Chain with free channels and operators at every layer (sharpDARTS, Hundt et al. 2019)";
    type Options = Options;

    fn check(options: &Options, faults: &mut Faults) {
        between("channels", options.channels, 1, 1024, faults);
        between("sizes", options.sizes, 2, 8, faults);
        between("stages", options.stages, 1, 8, faults);
        between("last", options.last, 1, 65_536, faults);
        between("classes", options.classes, 2, 100_000, faults);
        image(options.input, 1, faults);
    }

    fn document(options: &Options) -> Value {
        let width = json!({"$oneof": {"of": options.widths(), "ordered": true}});
        let operator = json!({"$oneof": OPERATORS.map(|(name, _)| name)});
        let mut layers = vec![json!({"name": "stem", "op": "conv", "channels": width, "activation": null})];
        for stage in 0..options.stages {
            for stride in [1, 2] {
                let name = format!("stages.{stage}.{}", stride - 1);
                layers.push(json!({"name": name, "op": operator, "channels": width, "stride": stride}));
            }
        }
        layers.push(json!({"name": "last", "op": "sharp_sep_conv_3x3", "channels": options.last}));
        layers.push(json!({"name": "classifier", "op": "classifier"}));
        json!({
            "nas_space": 1,
            "name": Self::NAME,
            "root": {
                "network": {"input": options.input, "classes": options.classes, "layers": layers},
                "recipe": {
                    "optimizer": "sgd", "momentum": 0.9, "lr": 0.025, "min_lr": 1e-4, "schedule": "cosine_power",
                    "power": 2.0, "weight_decay": 3e-4, "decay_all": true, "batch_size": 64, "clip_norm": 5.0,
                    "crop_padding": options.input[1] / 8, "flip": true,
                },
            },
        })
    }

    fn notation() -> Option<&'static dyn Notation> {
        Some(&Path)
    }
}

/// The released code's path: a JSON array of the names of its layers, of which those of the stem and of the searched layers
/// tell everything.
struct Path;

impl Notation for Path {
    fn read(&self, space: &Space, text: &str) -> Result<Genotype, Faults> {
        let wrong = |what: &str| Faults::one("", format!("must be a path of sharpDARTS in JSON: {what}"));
        let names: Vec<String> = serde_json::from_str(text).map_err(|error| wrong(&error.to_string()))?;
        let mut candidate = space.document()["root"].clone();
        let widths = widths(space);
        let stem = names.iter().find_map(|name| name.strip_prefix("Conv3x3_")?.parse::<usize>().ok());
        let stem = stem.and_then(|index| widths.get(index)).ok_or_else(|| wrong("`Conv3x3_0`, … gives the stem"))?;
        let layers = candidate["network"]["layers"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        let searched = layers.len().saturating_sub(3);
        let given: Vec<Step<'_>> = names.iter().filter_map(|name| Step::read(name)).collect();
        if given.len() != searched {
            return Err(wrong(&format!("needs {searched} searched layers `layer_…_op_type_…`, not {}", given.len())));
        }
        layers[0]["channels"] = json!(stem);
        let mut before = *stem;
        for (index, step) in given.iter().enumerate() {
            let operator = OPERATORS.iter().find(|(_, published)| *published == step.operator);
            let (name, _) = operator.ok_or_else(|| wrong(&format!("there is no operator `{}`", step.operator)))?;
            if (step.layer, step.stride) != (index / 2, index % 2 + 1) || step.input != before {
                return Err(wrong(&format!("layer {} does not follow on the one before it", names_of(step))));
            }
            layers[index + 1]["op"] = json!(name);
            layers[index + 1]["channels"] = json!(step.output);
            before = step.output;
        }
        genotype_of(space, &candidate, Choices::new())
    }

    fn write(&self, space: &Space, genotype: &Genotype) -> Result<String, Faults> {
        let candidate = space.materialise(genotype)?;
        let layers = candidate["network"]["layers"].as_array().map(Vec::as_slice).unwrap_or_default();
        let channels = |layer: &Value| layer["channels"].as_u64().and_then(|c| usize::try_from(c).ok()).unwrap_or(0);
        let mut before = layers.first().map_or(0, channels);
        let stem = widths(space).iter().position(|width| *width == before).unwrap_or(0);
        let mut path = vec!["Source".to_owned(), format!("Conv3x3_{stem}"), format!("BatchNorm_{stem}")];
        for (index, layer) in layers.iter().skip(1).take(layers.len().saturating_sub(3)).enumerate() {
            let operator =
                OPERATORS.iter().find(|(name, _)| layer["op"] == *name).map_or("", |(_, published)| published);
            let (input, output) = (before, channels(layer));
            let step = Step { layer: index / 2, stride: index % 2 + 1, input, output, operator };
            path.push(names_of(&step));
            path.push(format!("layer_{}_add_c_out_{}_stride_{}", step.layer, step.output, step.stride));
            before = output;
        }
        path.push(format!("SharpSepConv{before}"));
        path.extend(["add-SharpSep", "global_pooling", "Linear"].map(str::to_owned));
        Ok(json!(path).to_string())
    }
}

/// A searched layer of a path.
struct Step<'a> {
    layer: usize,
    stride: usize,
    input: usize,
    output: usize,
    operator: &'a str,
}

impl<'a> Step<'a> {
    /// `layer_0_stride_1_c_in_32_c_out_64_op_type_SharpSepConv`, perhaps with `_opid_1` behind it.
    fn read(name: &'a str) -> Option<Step<'a>> {
        let (numbers, operator) = name.split_once("_op_type_")?;
        let operator = operator.split_once("_opid_").map_or(operator, |(operator, _)| operator);
        let rest = numbers.strip_prefix("layer_")?;
        let (layer, rest) = rest.split_once("_stride_")?;
        let (stride, rest) = rest.split_once("_c_in_")?;
        let (input, output) = rest.split_once("_c_out_")?;
        let number = |text: &str| text.parse::<usize>().ok();
        let (layer, stride) = (number(layer)?, number(stride)?);
        Some(Step { layer, stride, input: number(input)?, output: number(output)?, operator })
    }
}

fn names_of(step: &Step<'_>) -> String {
    let Step { layer, stride, input, output, operator } = step;
    format!("layer_{layer}_stride_{stride}_c_in_{input}_c_out_{output}_op_type_{operator}")
}

/// Numbers of channels to choose from.
fn widths(space: &Space) -> Vec<usize> {
    let stem = &space.document()["root"]["network"]["layers"][0]["channels"]["$oneof"]["of"];
    let width = |value: &Value| value.as_u64().and_then(|width| usize::try_from(width).ok());
    stem.as_array().into_iter().flatten().filter_map(width).collect()
}
