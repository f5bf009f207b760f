//! The FBNet family against its golden file: rounding, blocks, every published model, the searched chain, the joint space.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

mod support;

use search::network::{Builder, Convention, Graph, Layer, Primitive, Shape, Site, catalogue, count, lower};
use search::operator::{self, round_channels};
use search::space::{Genotype, Space};
use serde_json::{Map, Value, json};

fn golden(section: &str) -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/fbnet.json")?).expect("golden file");
    Some(serde_json::from_str::<Value>(&text).expect("golden JSON")[section].take())
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("not an array: {value}"))
}

fn whole(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("not a count: {value}"))
}

fn millions(value: &Value) -> u64 {
    (value.as_f64().expect("millions") * 1e6).round() as u64
}

fn build(name: &str, options: Value) -> Space {
    catalogue::build(name, options.as_object().expect("options")).unwrap_or_else(|faults| panic!("{faults}"))
}

fn network(space: &Space, genotype: &Genotype) -> Graph {
    let candidate = space.materialise(genotype).unwrap_or_else(|faults| panic!("{faults}"));
    lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn channels_are_rounded_as_in_the_released_code() {
    let Some(golden) = golden("round_channels") else { return };
    for case in array(&golden["cases"]) {
        let wanted = case[0].as_f64().expect("channels");
        assert_eq!(round_channels(wanted, whole(&case[1]) as usize), whole(&case[2]) as usize, "{case}");
    }
}

fn lowered(name: &str, parameters: Value, input: Shape, site: Site) -> Graph {
    let parameters = parameters.as_object().expect("object").clone();
    let operator = operator::read(name, parameters).unwrap_or_else(|fault| panic!("{fault}"));
    let (mut builder, x) = Builder::new(input);
    let y = operator.lower(x, &site, &mut builder).unwrap_or_else(|fault| panic!("{fault}"));
    builder.finish(y, None)
}

/// `[channels, height, width]` out of `inp([2,16,7,7],seed=0)`.
fn input(case: &Value) -> Shape {
    let text = case["input"].as_str().expect("input");
    let inside = text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).expect("a shape").0;
    let sizes: Vec<usize> = inside.split(',').map(|size| size.trim().parse().expect("a size")).collect();
    Shape::image(sizes[1], sizes[2], sizes[3])
}

#[test]
fn inverted_residuals_have_the_counts_of_the_reference() {
    let Some(golden) = golden("ir_blocks") else { return };
    for case in array(&golden["cases"]) {
        let gate = match case["se"].as_str() {
            Some("se_hsig") => json!("hsigmoid"),
            Some(_) => json!("sigmoid"),
            None => Value::Null,
        };
        let parameters = json!({
            "kernel": case["kernel"], "expansion": case["expansion"], "activation": case["act"], "se": gate,
            "less_se": case["less_se"], "groups": case["groups"], "bias": case["bias"], "always_pw": case["always_pw"],
            "dw_skip_bnrelu": case["dw_skip_bnrelu"], "width_divisor": golden["width_divisor"],
        });
        let site = Site::plain(whole(&case["out"]) as usize).with_stride(whole(&case["stride"]) as usize);
        let graph = lowered("mbconv", parameters, input(case), site);
        assert_eq!(count(&graph, Convention::Plain).params, whole(&case["params"]), "{case}");
        assert_eq!(count(&graph, Convention::Plain).flops, whole(&case["macs_per_sample"]), "{case}");
        let shape = json!(graph.node(graph.output).shape.dims());
        assert_eq!(shape, json!(array(&case["y_eval"]["shape"])[1..]), "{case}");
        let residual = graph.nodes.iter().any(|node| node.layer == Layer::Primitive { primitive: Primitive::Add });
        assert_eq!(residual, case["residual"] == true, "{case}");
    }
}

#[test]
fn pooled_blocks_have_the_counts_of_the_reference() {
    let Some(golden) = golden("ir_pool_blocks") else { return };
    for case in array(&golden) {
        let parameters = json!({"expansion": case["expansion"]});
        let graph = lowered("ir_pool", parameters, input(case), Site::plain(whole(&case["out"]) as usize));
        assert_eq!(count(&graph, Convention::Plain).params, whole(&case["params"]), "{case}");
    }
}

/// A block list made of a model's golden rows.
fn block_list(rows: &[Value]) -> Vec<Value> {
    let hs = |act: &Value| if act == "hswish" { "_hs" } else { "" };
    let row = |row: &Value| match row[1].as_str().expect("kind") {
        "conv" => json!([format!("conv_k{}{}", row[4], hs(&row[7])), row[3], row[5], 1]),
        "skip" if row.as_array().is_some_and(|fields| fields.len() == 3) => json!(["skip", row[2][0], 1, 1]),
        "skip" => json!(["skip", row[3], row[5], 1]),
        "ir_pool" => json!([format!("ir_pool{}", hs(&row[5])), row[4], 1, 1, {"hidden": row[3]}]),
        _ => {
            let mut arguments = json!({"hidden": row[3], "padding": row[7], "bias": row[12], "always_pw": row[11][0] != 0,
                "groups": whole(&row[11][2]).max(1)});
            let mut gate = "";
            if !row[8].is_null() {
                arguments["squeeze"] = row[8].clone();
                gate = "_sehsig";
            }
            json!([format!("ir_k{}{gate}{}", row[5], hs(&row[9])), row[4], row[6], 1, arguments])
        }
    };
    rows.iter().map(row).collect()
}

/// Shapes behind every layer of a network, the classifier left out.
fn shapes(graph: &Graph, layers: usize) -> Vec<Value> {
    let behind = |layer: usize| {
        let name = format!("layers.{layer}");
        let of = |group: &Option<String>| group.as_deref() == Some(name.as_str());
        let last = graph.nodes.iter().rfind(|node| of(&graph.blocks[node.block].group));
        json!(last.unwrap_or_else(|| panic!("no {name}")).shape.dims())
    };
    (0..layers).map(behind).collect()
}

#[test]
fn every_published_model_has_its_counts_and_shapes() {
    let Some(golden) = golden("models") else { return };
    let rows = array(&golden["rows"]);
    assert_eq!(rows.len(), 29);
    for model in rows {
        let side = whole(&model["input_size"]);
        let blocks = array(&model["blocks"]);
        let mut list = block_list(blocks);
        if model["name"] == "mnv3_small" {
            // The golden rows do not show the squeeze-and-excitation before its last pooling.
            list.last_mut().expect("rows")[0] = json!("ir_pool_sehsig_hs");
        }
        let options = json!({"blocks": list, "classes": model["classes"], "input": [3, side, side]});
        let space = build("fbnet-blocks", options);
        let graph = network(&space, &Genotype(Vec::new()));
        let name = &model["name"];
        assert_eq!(count(&graph, Convention::Plain).params, whole(&model["params"]), "{name}");
        let lut = count(&graph, Convention::Lut);
        assert_eq!(lut.params, millions(&model["lut_params_M"]), "{name}");
        assert_eq!(lut.flops, millions(&model["lut_flops_M"]), "{name}");
        let statistics = |node: &search::network::Node| match &node.layer {
            Layer::Primitive { primitive: Primitive::BatchNorm { channels, .. } } => 2 * *channels as u64,
            _ => 0,
        };
        assert_eq!(graph.nodes.iter().map(statistics).sum::<u64>(), whole(&model["bn_buffers"]), "{name}");
        let expected: Vec<&Value> = blocks.iter().map(|row| array(row).last().expect("a shape")).collect();
        let found = shapes(&graph, blocks.len());
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{name}");
    }
}

#[test]
fn the_models_that_ship_are_the_published_ones() {
    let Some(golden) = golden("models") else { return };
    let mut checked = 0;
    for model in array(&golden["rows"]) {
        let golden_name = model["name"].as_str().expect("name");
        let name = match golden_name {
            "mnv2" => "mobilenetv2".to_owned(),
            "mnv3" => "mobilenetv3".to_owned(),
            other => other.to_lowercase(),
        };
        let Ok(space) = catalogue::build("fbnet-blocks", &Map::from_iter([("model".to_owned(), json!(name))])) else {
            continue;
        };
        let graph = network(&space, &Genotype(Vec::new()));
        assert_eq!(count(&graph, Convention::Plain).params, whole(&model["params"]), "{name}");
        assert_eq!(count(&graph, Convention::Lut).flops, millions(&model["lut_flops_M"]), "{name}");
        checked += 1;
    }
    assert_eq!(checked, 19);
}

#[test]
fn candidates_of_the_searched_chain_have_their_counts() {
    let Some(golden) = golden("v1_candidates") else { return };
    let names = ["k3_e1", "k3_e1_g2", "k3_e3", "k3_e6", "k5_e1", "k5_e1_g2", "k5_e3", "k5_e6"];
    let space = build("fbnet", json!({}));
    let layers = array(&space.document()["root"]["network"]["layers"]);
    for row in array(&golden["layers"]) {
        let candidates = array(&layers[1 + whole(&row["layer"]) as usize]["$oneof"]);
        assert_eq!(candidates.len() == 9, row["skip_is_identity"] == true, "{row}");
        for (name, candidate) in names.iter().zip(candidates) {
            let mut parameters = candidate.clone();
            let members = parameters.as_object_mut().expect("object");
            let channels = whole(&members.remove("channels").expect("channels")) as usize;
            let stride = whole(&members.remove("stride").expect("stride")) as usize;
            members.remove("op");
            let side = whole(&row["in_hw"]) as usize;
            let input = Shape::image(whole(&row["in"]) as usize, side, side);
            let graph = lowered("mbconv", parameters, input, Site::plain(channels).with_stride(stride));
            let counts = count(&graph, Convention::Plain);
            assert_eq!(json!([counts.params, counts.flops]), row["candidates"][*name], "{name} at {row}");
        }
    }
}

#[test]
fn the_chain_reads_and_writes_op_codes() {
    let space = build("fbnet", json!({}));
    let notation = (catalogue::find("fbnet").expect("fbnet").notation)().expect("a notation");
    let codes = "8-3-0-8-1-2-8-4-5-6-7-0-1-2-3-4-5-6-7-8-0-3";
    let genotype = notation.read(&space, codes).unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(notation.write(&space, &genotype).expect("writes"), codes);
    let names = codes.replace('-', ",").replace("0,3", "k3_e1,k3_e6").replacen('8', "skip", 1);
    assert_eq!(notation.read(&space, &names).expect("reads names"), genotype);
    // The second layer changes the shape: nothing can be skipped there.
    let Err(faults) = notation.read(&space, &codes.replacen("8-3", "8-8", 1)) else { panic!("a skip was accepted") };
    assert!(faults.to_string().contains("/1"), "{faults}");
}

#[test]
fn parameters_of_five_thousand_networks_are_those_of_the_latency_data() {
    let Some(path) = support::shared("data/fbnet_space/fbnet_latency.csv.gz") else { return };
    let mut text = String::new();
    let file = std::fs::File::open(path).expect("data");
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(file), &mut text).expect("text");
    // The source counts a variant for 32×32 images: no stride in stem and second stage, projecting skips.
    let space = build(
        "fbnet",
        json!({"classes": 100, "input": [3, 32, 32], "stem_stride": 1, "strides": [1, 1, 2, 2, 1, 2, 1], "head": 1504,
            "projecting_skips": true}),
    );
    let notation = (catalogue::find("fbnet").expect("fbnet").notation)().expect("a notation");
    let mut checked = 0;
    for line in text.lines().skip(1).step_by(50) {
        let fields: Vec<&str> = line.split(',').collect();
        let genotype = notation.read(&space, fields[1]).unwrap_or_else(|faults| panic!("{faults}"));
        let params: f64 = fields[2].parse().expect("params");
        assert_eq!(count(&network(&space, &genotype), Convention::Plain).params, params as u64, "{}", fields[1]);
        assert_eq!(notation.write(&space, &genotype).expect("writes"), fields[1]);
        checked += 1;
    }
    assert_eq!(checked, 100);
}

/// The candidate of a golden row in the space's block-list notation.
fn joint_notation(candidate: &Value) -> Value {
    let field = |stage: usize, name: &str| candidate.get(format!("s{stage}.{name}")).cloned().unwrap_or(json!(1));
    let mut blocks = vec![json!(["conv_k3_hs", field(0, "c"), 2, 1])];
    for stage in 1..=7 {
        let gate = if [3, 5, 6, 7].contains(&stage) { "_sehsig" } else { "" };
        let op = format!("ir_k{}{gate}_hs", field(stage, "k"));
        let stride = if [2, 3, 4, 6].contains(&stage) { 2 } else { 1 };
        let arguments = |expansion: Value| match gate {
            "" => json!({"expansion": expansion}),
            _ => json!({"expansion": expansion, "less_se": true}),
        };
        if [1, 7].contains(&stage) {
            let expansion = if stage == 1 { 1 } else { 6 };
            blocks.push(json!([op, field(stage, "c"), stride, field(stage, "n"), arguments(json!(expansion))]));
        } else {
            blocks.push(json!([op, field(stage, "c"), stride, 1, arguments(field(stage, "e1"))]));
            blocks.push(json!([
                op,
                field(stage, "c"),
                1,
                whole(&field(stage, "n")) - 1,
                arguments(field(stage, "e2"))
            ]));
        }
    }
    blocks.push(json!(["ir_pool_hs", 1984, 1, 1]));
    let rate = candidate["lr_e3"].as_f64().expect("rate") * if candidate["opt"] == "sgd" { 0.004 } else { 0.001 };
    let part = |name: &str, unit: f64| candidate[name].as_f64().expect("number") * unit;
    json!({"resolution": candidate["res"], "blocks": blocks, "recipe": {
        "optimizer": candidate["opt"], "lr": rate, "ema": candidate["ema"], "dropout": part("dropout_pct", 0.01),
        "drop_path": part("stoch_depth_pct", 0.01), "mixup": part("mixup_pct", 0.01),
        "weight_decay": part("wd_e6", 1e-6), "schedule": "cosine", "batch_size": 256, "flip": true,
    }})
}

#[test]
fn the_joint_space_has_the_published_size_and_counts() {
    let Some(golden) = golden("nars") else { return };
    let space = build("fbnetv3", json!({}));
    let size: f64 = space.size().to_string().parse().expect("a number");
    let product =
        golden["cardinality_arch"].as_f64().expect("size") * golden["cardinality_recipe"].as_f64().expect("size");
    assert!((size / product - 1.0).abs() < 1e-9, "{size} against {product}");
    let notation = (catalogue::find("fbnetv3").expect("fbnetv3").notation)().expect("a notation");
    for case in array(&golden["cases"]) {
        let text = joint_notation(&case["candidate"]).to_string();
        let genotype = notation.read(&space, &text).unwrap_or_else(|faults| panic!("{faults}"));
        let graph = network(&space, &genotype);
        assert_eq!(count(&graph, Convention::Plain).params, whole(&case["params"]), "{text}");
        assert_eq!(count(&graph, Convention::Lut).params, millions(&case["lut_params_M"]), "{text}");
        assert_eq!(count(&graph, Convention::Lut).flops, millions(&case["lut_flops_M"]), "{text}");
        let candidate = space.materialise(&genotype).expect("materialises");
        assert_eq!(candidate["recipe"]["optimizer"], case["candidate"]["opt"]);
        let written = notation.write(&space, &genotype).expect("writes");
        assert_eq!(notation.read(&space, &written).expect("reads its own"), genotype);
    }
}
