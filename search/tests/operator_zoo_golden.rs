//! Operators and named models of the catalogue against the golden file of operators: counts, and the order and shapes
//! of parameters.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

mod support;

use search::network::{Builder, Convention, Graph, Layer, Primitive, Shape, Site, count};
use search::operator;
use serde_json::{Value, json};

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/operators.json")?).expect("golden file");
    Some(serde_json::from_str(&text).expect("golden JSON"))
}

fn graph(name: &str, parameters: &Value, shape: Shape, site: &Site) -> Graph {
    let parameters = parameters.as_object().expect("object").clone();
    let operator = operator::read(name, parameters).unwrap_or_else(|fault| panic!("{fault}"));
    let (mut builder, x) = Builder::new(shape);
    let y = operator.lower(x, site, &mut builder).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    builder.finish(y, None)
}

/// Sizes of the parameters in the order in which the graph holds them.
fn sizes(graph: &Graph) -> Vec<u64> {
    let mut sizes = Vec::new();
    for node in &graph.nodes {
        let Layer::Primitive { primitive } = &node.layer else { continue };
        let total = primitive.params();
        match primitive {
            Primitive::RandomMix { tokens } => sizes.push((tokens * tokens) as u64),
            Primitive::Conv2d { bias: true, out_channels: part, .. }
            | Primitive::Linear { bias: true, out_features: part, .. } => {
                sizes.extend([total - *part as u64, *part as u64]);
            }
            _ if total == 0 => {}
            Primitive::GroupNorm { channels, .. } | Primitive::LayerNorm { channels, .. } => {
                sizes.extend(std::iter::repeat_n(*channels as u64, total as usize / channels));
            }
            Primitive::Activation { .. } => sizes.extend([1, 1]),
            _ => sizes.push(total),
        }
    }
    sizes
}

/// Golden section, operator, parameters, input, channels out, stride.
fn cases() -> Vec<(&'static str, &'static str, Value, Shape, usize, usize)> {
    let image = Shape::image(4, 4, 4);
    let tokens = |tokens, channels| Shape::Tokens { tokens, channels };
    vec![
        ("pool_mixer", "pool_mixer", json!({}), image, 4, 1),
        ("sepconv_mixer", "sepconv_mixer", json!({}), image, 4, 1),
        ("metaformer_attention", "attention_mixer", json!({"head_channels": 2}), image, 4, 1),
        ("random_mixing", "random_mixer", json!({}), image, 4, 1),
        ("layernorm_modified_nobias", "norm", json!({"norm": "group", "bias": false}), image, 4, 1),
        ("layernorm_nobias", "norm", json!({"norm": "layer", "bias": false}), image, 4, 1),
        (
            "metaformer_block_attention",
            "metaformer_block",
            json!({"mixer": "attention", "norm": "layer", "residual_scale": true, "head_channels": 2}),
            image,
            4,
            1,
        ),
        ("mixer_block", "mixer_block", json!({"token_hidden": 3}), tokens(5, 6), 6, 1),
        ("raft_level", "raft_level", json!({}), Shape::image(3, 8, 8), 8, 2),
        ("dft_mixer", "spectral_mixer", json!({"transform": "dft"}), tokens(4, 6), 6, 1),
        ("dct_mixer", "spectral_mixer", json!({"transform": "dct"}), tokens(4, 6), 6, 1),
    ]
}

#[test]
fn operators_have_the_parameters_of_the_references_in_their_order() {
    let Some(golden) = golden() else { return };
    for (section, name, parameters, shape, channels, stride) in cases() {
        let graph = graph(name, &parameters, shape, &Site::plain(channels).with_stride(stride));
        let counts = count(&graph, Convention::Plain);
        let expected = golden[section]["num_parameters"].as_u64().unwrap_or(0);
        assert_eq!(counts.params + counts.frozen, expected, "{section}");
        let listed = golden[section]["parameters"].as_array().into_iter().flatten();
        let numel = |entry: &Value| entry[1].as_array().expect("shape").iter().filter_map(Value::as_u64).product();
        let listed: Vec<u64> = listed.map(numel).collect();
        assert_eq!(sizes(&graph), listed, "{section}");
    }
}

#[test]
fn the_poolformer_block_has_the_parameters_of_the_reference() {
    let Some(golden) = golden() else { return };
    let parameters = json!({"mixer": "pooling", "norm": "group", "activation": "gelu", "mlp_ratio": 2, "bias": true,
        "layer_scale": 1e-5});
    let graph = graph("metaformer_block", &parameters, Shape::image(4, 4, 4), &Site::plain(4));
    assert_eq!(count(&graph, Convention::Plain).params, golden["poolformer_block"]["num_parameters"].as_u64().unwrap());
    // Layer scales come first in the reference's list; in the graph they follow what they scale.
    let named = |name: &str| graph.nodes.iter().any(|node| node.name == name);
    assert!(["layer_scale_1", "norm1", "mlp.fc1", "mlp.fc2", "layer_scale_2"].into_iter().all(named));
}

/// Parameters (trainable and frozen) of the only network of a `metaformer` space with these options.
fn metaformer(options: Value) -> (u64, u64) {
    let options = options.as_object().expect("options").clone();
    let space = search::network::catalogue::build("metaformer", &options).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(space.size().to_string(), "1", "{options:?}");
    let candidate = space.materialise(&search::space::Genotype(Vec::new())).expect("the only candidate");
    let graph = search::network::lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"));
    let counts = count(&graph, Convention::Plain);
    (counts.params, counts.params + counts.frozen)
}

#[test]
fn published_metaformers_have_their_parameters() {
    let Some(golden) = golden() else { return };
    let s12 = |mixers: [&str; 4]| {
        json!({"channels": [[64], [128], [320], [512]], "layers": [[2], [2], [6], [2]], "mixers": mixers.map(|m| [m]),
            "norms": ["group"], "activations": ["star_relu"], "mlp_ratios": [4]})
    };
    let s18 = |mixers: [&str; 4]| {
        let mut options = s12(mixers);
        options["layers"] = json!([[3], [3], [9], [3]]);
        options["norms"] = json!(["layer"]);
        options["head"] = json!("mlp");
        options
    };
    let (identity, pooling, conv) = (["identity"; 4], ["pooling"; 4], ["sepconv"; 4]);
    let mut poolformer = s12(pooling);
    poolformer["version"] = json!("first");
    poolformer["activations"] = json!(["gelu"]);
    poolformer["head"] = json!("norm_first");
    let mut s24 = s12(identity);
    s24["layers"] = json!([[4], [4], [12], [4]]);
    let mixed = ["sepconv", "sepconv", "attention", "attention"];
    let cases = [
        ("metaformer/identityformer_s12", s12(identity)),
        ("metaformer/randformer_s12", s12(["identity", "identity", "random", "random"])),
        ("metaformer/poolformerv2_s12", s12(pooling)),
        ("metaformer/identityformer_s24", s24),
        ("metaformer/convformer_s18", s18(conv)),
        ("metaformer/caformer_s18", s18(mixed)),
        ("timm/poolformer_s12", poolformer),
    ];
    for (name, options) in cases {
        let expected = &golden["named_model_parameter_counts"][name];
        let (trainable, all) = metaformer(options);
        assert_eq!(Some(all), expected["all"].as_u64(), "{name}");
        if let Some(count) = expected.get("trainable") {
            assert_eq!(Some(trainable), count.as_u64(), "{name}");
        }
    }
}

#[test]
fn raft_levels_make_the_published_networks() {
    let Some(golden) = golden() else { return };
    for name in ["raft-mlp/s", "raft-mlp/m", "raft-mlp/l"] {
        let expected = &golden["named_model_parameter_counts"][name];
        let level = |level: &Value| {
            json!({"op": "raft_level", "stride": level["patch_size"], "channels": level["dim"], "depth": level["depth"],
                "raft": level["raft_size"], "kernels": level["embedding_kernels"]})
        };
        let mut layers: Vec<Value> = expected["layers"].as_array().expect("levels").iter().map(level).collect();
        layers.push(json!({"op": "norm", "norm": "layer"}));
        layers.push(json!({"op": "classifier"}));
        let network = json!({"input": [3, 224, 224], "classes": 1000, "layers": layers});
        let graph = search::network::lower(&network).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        assert_eq!(Some(count(&graph, Convention::Plain).params), expected["all"].as_u64(), "{name}");
    }
}

#[test]
fn mixer_blocks_make_the_published_networks() {
    let Some(golden) = golden() else { return };
    for (name, patch, channels, depth, token, channel) in
        [("timm/mixer_b16_224", 16, 768, 12, 384, 3072), ("timm/mixer_s32_224", 32, 512, 8, 256, 2048)]
    {
        let network = json!({"input": [3, 224, 224], "classes": 1000, "layers": [
            {"op": "downsample", "kernel": patch, "padding": 0, "channels": channels, "stride": patch},
            {"stage": {"repeat": depth, "block": {"op": "mixer_block", "token_hidden": token, "channel_hidden": channel}}},
            {"op": "norm", "norm": "layer", "eps": 1e-6},
            {"op": "classifier"},
        ]});
        let graph = search::network::lower(&network).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        let expected = golden["named_model_parameter_counts"][name]["all"].as_u64();
        assert_eq!(Some(count(&graph, Convention::Plain).params), expected, "{name}");
    }
}
