//! Every DARTS operation alone, and the outputs of cells, against the golden file.

mod support;

use search::network::{Builder, Convention, Graph, NodeId, Shape, Site, catalogue, count, lower};
use search::operator;
use serde_json::{Map, Value, json};

fn golden(section: &str) -> Option<Value> {
    let text = std::fs::read_to_string(support::shared("golden/darts.json")?).expect("golden file");
    let mut golden: Value = serde_json::from_str(&text).expect("golden JSON");
    Some(golden[section].take())
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap_or_else(|| panic!("not a count: {value}")) as usize
}

/// Our name, parameters and stride of a golden case.
fn ours(case: &Value) -> (&str, Value, usize) {
    match case["op"].as_str().expect("op") {
        "FactorizedReduce" => ("factorized_reduce", json!({}), 2),
        "ReLUConvBN_1x1" => ("conv", json!({"kernel": 1, "order": "pre"}), 1),
        // Alone, a pooling has no norm.
        name @ ("max_pool_3x3" | "avg_pool_3x3") => (name, json!({"search_norm": false}), whole(&case["stride"])),
        name => (name, json!({}), whole(&case["stride"])),
    }
}

#[test]
fn operations_have_the_shapes_and_counts_of_the_released_code() {
    let Some(golden) = golden("primitives") else { return };
    let cases = golden["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 68);
    for case in cases {
        let (name, parameters, stride) = ours(case);
        let channels = |key: &str| whole(case.get(key).unwrap_or(&case["C"]));
        let operator = operator::read(name, parameters.as_object().expect("object").clone()).expect("an operator");
        let site = Site { affine: case["affine"] == true, stride, ..Site::plain(channels("C_out")) };
        let (mut builder, x) = Builder::new(Shape::image(channels("C_in"), 8, 8));
        let y = operator.lower(x, &site, &mut builder).unwrap_or_else(|fault| panic!("{case}: {fault}"));
        assert_eq!(json!(y.shape.dims()), json!(case["y"]["shape"].as_array().expect("shape")[1..]), "{case}");
        let counts = count(&builder.finish(y, None), Convention::Plain);
        assert_eq!(counts.params, whole(&case["params"]) as u64, "{case}");
        if let Some(macs) = case.get("macs") {
            assert_eq!(counts.flops, whole(macs) as u64, "{case}");
        }
    }
}

/// Shapes of the cells' outputs: what other groups read of a cell.
fn cell_outputs(graph: &Graph) -> Vec<Value> {
    let group = |id: NodeId| graph.blocks[graph.node(id).block].group.as_deref().unwrap_or_default();
    let mut shapes: Vec<(usize, Shape)> = Vec::new();
    for (reader, node) in graph.nodes.iter().enumerate() {
        for input in node.inputs.iter().filter(|input| group(**input) != group(NodeId(reader))) {
            let number = group(*input).strip_prefix("cells.").and_then(|number| number.parse().ok());
            let Some(number) = number else { continue };
            let shape = graph.node(*input).shape;
            match shapes.iter().find(|(cell, _)| *cell == number) {
                Some((_, known)) => assert_eq!(*known, shape, "cell {number} has one output"),
                None => shapes.push((number, shape)),
            }
        }
    }
    shapes.sort_by_key(|(cell, _)| *cell);
    shapes.iter().map(|(_, shape)| json!(shape.dims())).collect()
}

#[test]
fn cells_have_the_outputs_of_the_released_code() {
    let Some(golden) = golden("networks") else { return };
    let mut checked = 0;
    for case in golden.as_array().expect("networks") {
        for net in case["nets"].as_array().expect("nets") {
            let Some(shapes) = net.get("cell_out_shapes_CHW") else { continue };
            let options = json!({"head": net["head"], "channels": net["C"], "layers": net["layers"],
                "classes": net["classes"]});
            let space = catalogue::build("darts", options.as_object().expect("options")).expect("darts builds");
            let any = space.enumerate().next().expect("a genotype");
            let mut network = space.materialise(&any).expect("materialises")["network"].take();
            for cell in ["normal", "reduce"] {
                let edge = |pair: &Value| json!({"op": pair[0], "from": pair[1]});
                let pairs = case["genotype"][cell].as_array().expect("pairs");
                let nodes: Vec<Value> = pairs.chunks(2).map(|pair| pair.iter().map(edge).collect()).collect();
                network["cells"][cell]["nodes"] = json!(nodes);
                network["cells"][cell]["concat"] = case["genotype"][format!("{cell}_concat")].clone();
            }
            let graph = lower(&network).unwrap_or_else(|faults| panic!("{faults}"));
            assert_eq!(json!(cell_outputs(&graph)), *shapes, "{} {net}", case["name"]);
            checked += 1;
        }
    }
    assert!(checked >= 6, "only {checked} networks with shapes");
}

#[test]
fn every_registered_operator_has_a_name_of_its_own_and_a_schema() {
    let mut names: Vec<&str> = operator::registry().iter().map(|entry| entry.name).collect();
    assert!(operator::registry().iter().all(|entry| (entry.schema)()["type"] == "object" && !entry.summary.is_empty()));
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn a_parameter_that_an_operator_does_not_have_is_refused() {
    let parameters = Map::from_iter([("kernle".to_owned(), json!(3))]);
    let Err(fault) = operator::read("conv", parameters) else { panic!("accepted") };
    assert!(fault.contains("kernle"), "{fault}");
}
