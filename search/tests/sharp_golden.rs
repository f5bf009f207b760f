//! sharpDARTS' operations, networks, supernets, schedule and genotypes against the golden file.

mod support;

use search::network::{Builder, Convention, Opening, Recipe, Shape, Site, catalogue, count, lower};
use search::operator;
use search::space::Space;
use search::supernet::{Architectures, Rows, strongest};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use support::world;

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/darts.json")?).expect("golden file");
    let mut golden: Value = serde_json::from_str(&text).expect("golden JSON");
    Some(golden["sharp"].take())
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap_or_else(|| panic!("not a count: {value}")) as usize
}

/// Our operator for sharpDARTS' name of it.
fn ours(name: &str) -> (String, Map<String, Value>) {
    let (name, parameters) = match name {
        "max_pool_3x3" => (name.to_owned(), json!({"project": true})),
        "avg_pool_3x3" => (name.to_owned(), json!({"project": true, "count_include_pad": true})),
        "conv_7x1_1x7" => (name.to_owned(), json!({"eps": 1e-3})),
        _ if name.starts_with("sep_conv") || name.starts_with("dil_conv") => (format!("sharp_{name}"), json!({})),
        _ => (name.to_owned(), json!({})),
    };
    (name, parameters.as_object().expect("an object").clone())
}

#[test]
fn operations_have_the_shapes_and_counts_of_the_released_code() {
    let Some(golden) = golden() else { return };
    let cases = golden["ops"]["cases"].as_array().expect("cases");
    for case in cases {
        let (name, parameters) = ours(case["op"].as_str().expect("a name"));
        let operator = operator::read(&name, parameters).unwrap_or_else(|why| panic!("{why}"));
        let site = Site { stride: whole(&case["stride"]), ..Site::plain(whole(&case["C_out"])) };
        let (mut builder, x) = Builder::new(Shape::image(whole(&case["C_in"]), 8, 8));
        let y = operator.lower(x, &site, &mut builder).unwrap_or_else(|fault| panic!("{case}: {fault}"));
        assert_eq!(json!(y.shape.dims()), json!(case["y"]["shape"].as_array().expect("shape")[1..]), "{case}");
        let counts = count(&builder.finish(y, None), Convention::Plain);
        assert_eq!(counts.params, whole(&case["params"]) as u64, "{case}");
    }
    assert_eq!(cases.len(), 54);
}

#[test]
fn published_networks_have_the_published_sizes() {
    let Some(golden) = golden() else { return };
    let mut checked = 0;
    for case in golden["networks"].as_array().expect("networks") {
        for net in case["nets"].as_array().expect("nets") {
            let options = json!({"head": net["head"], "channels": net["C"], "layers": net["layers"],
                "classes": net["classes"]});
            let space = catalogue::build("darts", options.as_object().expect("options")).expect("darts builds");
            let any = space.enumerate().next().expect("a genotype");
            let mut network = space.materialise(&any).expect("materialises")["network"].take();
            for cell in ["normal", "reduce"] {
                let edge = |pair: &Value| {
                    let (name, mut operator) = ours(pair[0].as_str().expect("a name"));
                    if name.contains("choke") {
                        operator.insert("middle".into(), net["C_mid"].clone());
                    }
                    operator.insert("op".into(), json!(name));
                    json!({"op": operator, "from": pair[1]})
                };
                let pairs = case["genotype"][cell].as_array().expect("pairs");
                let nodes: Vec<Value> = pairs.chunks(2).map(|pair| pair.iter().map(edge).collect()).collect();
                network["cells"][cell]["nodes"] = json!(nodes);
            }
            let graph = lower(&network).unwrap_or_else(|faults| panic!("{faults}"));
            let counts = count(&graph, Convention::Plain);
            assert_eq!(
                json!([counts.params, counts.flops]),
                json!([net["params"], net["macs"]]),
                "{} {net}",
                case["name"]
            );
            checked += 1;
        }
    }
    assert_eq!(checked, 21);
}

fn darts(options: Value) -> Space {
    catalogue::build("darts", options.as_object().expect("options")).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn search_networks_have_the_published_sizes() {
    let Some(golden) = golden() else { return };
    let sets = [("PRIMITIVES", "sharp"), ("SHARPER_PRIMITIVES", "sharper"), ("DARTS_PRIMITIVES", "darts_sharp")];
    for (published, set) in sets {
        let find = |case: &&Value| case["set"] == published;
        let case = golden["supernets"].as_array().expect("supernets").iter().find(find).expect("listed");
        let space =
            darts(json!({"channels": case["C"], "layers": case["layers"], "operators": set, "auxiliary": false}));
        let graph = world::open(&space, Opening::default());
        assert_eq!(json!(count(&graph, Convention::Plain).params), case["weight_params"], "{set}");
        let rows = Rows::read(&graph, true);
        let operators = rows.0.iter().filter(|row| row.leading() == 1).collect::<Vec<_>>();
        assert_eq!(operators.len(), 2 * 14);
        assert!(operators.iter().all(|row| json!([14, row.labels.len()]) == case["alpha_shape"]), "{set}");
    }
}

/// Pairs of operation and state, node by node; the order inside a node means nothing.
fn pairs(value: &Value) -> Vec<BTreeSet<(String, u64)>> {
    let pair = |pair: &Value| (pair[0].as_str().expect("a name").to_owned(), pair[1].as_u64().expect("a state"));
    value.as_array().expect("pairs").chunks(2).map(|node| node.iter().map(pair).collect()).collect()
}

#[test]
fn genotypes_are_read_off_published_weights_with_and_without_none() {
    let Some(golden) = golden() else { return };
    let sharper = darts(json!({"channels": 4, "layers": 3, "operators": "sharper"}));
    // The same space with `none` as an operation that may be chosen.
    let mut document = sharper.document().clone();
    document["defs"]["op"]["$oneof"].as_array_mut().expect("operations").insert(0, json!("none"));
    let with_none = Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"));
    let mut kept = 0;
    for case in golden["genotype_extraction"]["cases"].as_array().expect("cases") {
        let skips = case["skip_primitive"] == "none";
        let space = if skips { &sharper } else { &with_none };
        let rows = Rows::read(&world::open(space, Opening::default()), skips);
        let mut architectures = Architectures::new();
        for (cell, weights) in [("normal", "weights_normal"), ("reduce", "weights_reduce")] {
            let mut given = case[weights].as_array().expect("weights").iter();
            for node in 0..4 {
                for edge in 0..node + 2 {
                    let id = format!("network.cells.{cell}.nodes[{node}][={edge}/{}].op", node + 2);
                    let row = given.next().expect("fourteen rows").as_array().expect("a row");
                    architectures.insert(id, row.iter().map(|x| x.as_f64().expect("a number")).collect());
                }
            }
        }
        let genotype = space.close(&strongest(&rows, &architectures)).unwrap_or_else(|faults| panic!("{faults}"));
        let notation = (catalogue::find("darts").expect("listed").notation)().expect("a notation");
        let text = notation.write(space, &genotype).expect("writes");
        let written: Value = serde_json::from_str(&text).expect("JSON");
        for cell in ["normal", "reduce"] {
            assert_eq!(pairs(&written[cell]), pairs(&case[cell]), "{} {cell}", case["weights_name"]);
        }
        assert_eq!(notation.read(space, &text).unwrap_or_else(|faults| panic!("{faults}")), genotype);
        kept += usize::from(text.contains("\"none\""));
    }
    assert!(kept > 0, "some published genotype keeps `none`");
}

#[test]
fn published_paths_of_channels_have_the_published_sizes() {
    let Some(golden) = golden() else { return };
    let space = catalogue::build("multi-channel", &Map::new()).unwrap_or_else(|faults| panic!("{faults}"));
    let notation = (catalogue::find("multi-channel").expect("listed").notation)().expect("a notation");
    let paths = golden["multi_channel_published_paths"].as_object().expect("paths");
    for (name, case) in paths {
        let text = case["path"].to_string();
        let genotype = notation.read(&space, &text).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        let candidate = space.materialise(&genotype).expect("materialises");
        let graph = lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(json!(count(&graph, Convention::Plain).params), case["params_classes10"], "{name}");
        assert_eq!(notation.write(&space, &genotype).expect("writes"), text, "{name}");
        let broken = text.replacen("layer_1_stride_1", "layer_1_stride_2", 1);
        assert!(notation.read(&space, &broken).is_err());
    }
    assert_eq!(paths.len(), 3);
}

#[test]
fn the_learning_rate_is_annealed_by_a_power_of_the_cosine() {
    let Some(golden) = golden() else { return };
    let cases = golden["cosine_power_annealing"]["cases"].as_array().expect("cases");
    for case in cases {
        let recipe = json!({"schedule": "cosine_power", "lr": case["max_lr"], "min_lr": case["min_lr"],
            "power": case["exponent_order"], "warmup_epochs": case.get("warmup_epochs").unwrap_or(&json!(0))});
        let schedule = Recipe::read(&recipe).unwrap_or_else(|faults| panic!("{faults}")).schedule;
        for (index, expected) in case["lr_at_index"].as_object().expect("rates") {
            let (epoch, epochs) = (index.parse().expect("an epoch"), whole(&case["epochs"]) as u32);
            let found = schedule.lr_at(epoch, 0.5, epochs);
            let expected = expected.as_f64().expect("a rate");
            assert!((found - expected).abs() <= 1e-9 * expected.max(1e-4), "{index} of {case}: {found}");
        }
    }
    assert_eq!(cases.len(), 7);
}

#[test]
fn operations_of_a_space_may_be_listed_and_wrong_ones_are_refused() {
    let space = darts(json!({"operators": ["skip_connect", "flood_conv_5x5", "noise"], "nodes": 2}));
    assert_eq!(space.size().to_string(), ((9 * 3 * 9) * (9 * 3 * 9)).to_string());
    let notation = (catalogue::find("darts").expect("listed").notation)().expect("a notation");
    let cell = json!([["noise", 0], ["flood_conv_5x5", 1], ["skip_connect", 2], ["noise", 0]]);
    let text = json!({"normal": cell, "reduce": cell, "normal_concat": [2, 3]}).to_string();
    let genotype = notation.read(&space, &text).unwrap_or_else(|faults| panic!("{faults}"));
    let candidate = space.materialise(&genotype).expect("materialises");
    lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"));
    for (options, pointer) in [
        (json!({"operators": ["sep_conv_3x3", "septic_conv"]}), "/operators/1"),
        (json!({"operators": ["noise", "noise"]}), "/operators/1"),
        (json!({"operators": []}), "/operators"),
        (json!({"operators": "blunt"}), "/operators"),
        (json!({"nodes": 0}), "/nodes"),
    ] {
        let faults = catalogue::build("darts", options.as_object().expect("options")).expect_err("is refused");
        assert!(faults.0.iter().any(|fault| fault.pointer == pointer), "{options}: {faults}");
    }
}
