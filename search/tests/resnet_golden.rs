//! TAS' networks against their golden file: unpruned, published and made-up sizes; the choices of widths and depths.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

mod support;

use search::network::{Convention, Graph, catalogue, count, lower};
use search::space::{Genotype, Space};
use serde_json::{Value, json};

fn golden(section: &str) -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/tas.json")?).expect("golden file");
    Some(serde_json::from_str::<Value>(&text).expect("golden JSON")[section].take())
}

fn space(options: &Value) -> Space {
    let options = options.as_object().expect("options");
    catalogue::build("resnet-widths", options).unwrap_or_else(|faults| panic!("{options:?}: {faults}"))
}

fn network(space: &Space, genotype: &Genotype) -> Graph {
    let candidate = space.materialise(genotype).unwrap_or_else(|faults| panic!("{faults}"));
    lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"))
}

fn read(space: &Space, text: &str) -> Genotype {
    let notation = (catalogue::find("resnet-widths").expect("listed").notation)().expect("a notation");
    let genotype = notation.read(space, text).unwrap_or_else(|faults| panic!("{faults}"));
    let written = notation.write(space, &genotype).expect("writes");
    assert_eq!(notation.read(space, &written).expect("reads its own"), genotype, "{written}");
    genotype
}

/// Options of a golden network.
fn options(net: &Value) -> Value {
    let bottleneck = net["module"] == "ResNetBottleneck" || net["module"] == "Bottleneck";
    let mut options = json!({"block": if bottleneck { "bottleneck" } else { "basic" }});
    match net.get("imagenet_layers").or_else(|| net.get("layers")) {
        Some(_) => {
            options["skeleton"] = json!("imagenet");
            options["depth"] = json!(if bottleneck { 50 } else { 18 });
            options["classes"] = json!(1000);
        }
        None => {
            options["depth"] = net["depth"].clone();
            options["classes"] = net["classes"].clone();
        }
    }
    options
}

fn check(net: &Value, graph: &Graph) {
    let counts = count(graph, Convention::LinearBias);
    assert_eq!(Some(counts.params), net["params"].as_u64(), "{net}");
    let macs = (net["macs_incl_bias_M"].as_f64().expect("macs") * 1e6).round() as u64;
    assert_eq!(counts.flops, macs, "{net}");
}

#[test]
fn unpruned_networks() {
    let Some(golden) = golden("unpruned_nets") else { return };
    for net in golden.as_array().expect("networks") {
        let mut options = options(net);
        options["fractions"] = json!([1.0]);
        options["search_depth"] = json!(false);
        let space = space(&options);
        assert_eq!(space.size().to_string(), "1");
        check(net, &network(&space, &Genotype(Vec::new())));
    }
}

fn joined(numbers: &Value) -> String {
    let numbers: Vec<String> = numbers.as_array().expect("numbers").iter().map(ToString::to_string).collect();
    numbers.join(":")
}

/// The golden lists begin with the image's three channels.
fn notation(net: &Value) -> String {
    format!("{};{}", joined(&net["xchannels"]).trim_start_matches("3:"), joined(&net["xblocks"]))
}

#[test]
fn pruned_networks() {
    for section in ["published_pruned_nets", "custom_width_nets"] {
        let Some(golden) = golden(section) else { return };
        for net in golden.as_array().expect("networks") {
            let space = space(&options(net));
            check(net, &network(&space, &read(&space, &notation(net))));
        }
    }
}

/// Values that a decision offers.
fn offered(space: &Space, id: &str) -> Value {
    let decisions = serde_json::to_value(space.decisions()).expect("JSON");
    let found = decisions.as_array().expect("decisions").iter().find(|decision| decision["id"] == id).cloned();
    found.unwrap_or_else(|| panic!("no decision {id} in {decisions}"))["candidates"].clone()
}

#[test]
fn choices_of_widths_and_depths() {
    let (Some(widths), Some(depths)) = (golden("width_choices"), golden("depth_choices_cifar")) else { return };
    for (channels, choices) in widths.as_object().expect("choices") {
        let channels: usize = channels.parse().expect("a number");
        let space = space(&json!({"channels": channels}));
        assert_eq!(offered(&space, "network.layers[0].channels"), *choices, "{channels}");
    }
    for (blocks, choices) in depths.as_object().expect("choices") {
        let blocks: usize = blocks.parse().expect("a number");
        let space = space(&json!({"depth": 6 * blocks + 2}));
        let kept: Vec<u64> = choices.as_array().expect("depths").iter().filter_map(Value::as_u64).collect();
        // The first block of a stage always stays.
        let further: Vec<u64> = kept.iter().map(|depth| depth - 1).collect();
        assert_eq!(offered(&space, "network.layers[2]"), json!(further), "{blocks}");
    }
    let imagenet = space(&json!({"skeleton": "imagenet", "depth": 50}));
    assert_eq!(offered(&imagenet, "network.layers[7]"), json!([1, 3, 5]));
}

#[test]
fn the_size_space_has_eight_widths_in_five_places() {
    let space = space(&json!({"skeleton": "size"}));
    assert_eq!(space.size().to_string(), "32768");
    let genotype = read(&space, "8:16:24:32:64");
    let graph = network(&space, &genotype);
    let notation = (catalogue::find("resnet-widths").expect("listed").notation)().expect("a notation");
    assert_eq!(notation.write(&space, &genotype).expect("writes"), "8:16:24:32:64");
    // Stem, 3 + 1 convolutions of a cell, 3 of a reduction, the classifier; norms with each but the shortcut's.
    let conv = |i: u64, o: u64, k: u64| i * o * k * k + 2 * o;
    let cell = |i: u64, o: u64| 2 * conv(i, o, 3) + 3 * conv(o, o, 3) + if i == o { 0 } else { conv(i, o, 1) };
    let reduction = |i: u64, o: u64| conv(i, o, 3) + conv(o, o, 3) + i * o;
    let expected = conv(3, 8, 3)
        + cell(8, 8)
        + reduction(8, 16)
        + cell(16, 24)
        + reduction(24, 32)
        + cell(32, 64)
        + 2 * 64
        + 65 * 10;
    assert_eq!(count(&graph, Convention::Plain).params, expected);
}

#[test]
fn a_list_of_the_wrong_length_is_refused_with_the_right_one() {
    let space = space(&json!({}));
    let notation = (catalogue::find("resnet-widths").expect("listed").notation)().expect("a notation");
    let Err(faults) = notation.read(&space, "16:16:16;3:3:3") else { panic!("accepted") };
    assert!(faults.to_string().contains("19"), "{faults}");
}
