//! What every registered operator must do, checked over the registry.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

use search::network::{Builder, Graph, Layer, Shape, Site, cost};
use search::operator::{self, Entry};
use serde_json::{Map, json};
use std::collections::BTreeSet;

/// Operators that have no parameters of their own, whatever their input.
const WITHOUT_PARAMETERS: [&str; 8] =
    ["avg_pool", "max_pool", "pool_mixer", "random_mixer", "resizable_pool", "skip", "skip_connect", "spectral_mixer"];

/// Inputs and sites of different kinds; an operator must fit at least one.
fn places() -> Vec<(Shape, Site)> {
    let image = |channels, side| Shape::image(channels, side, side);
    let tokens = |tokens, channels| Shape::Tokens { tokens, channels };
    vec![
        (image(16, 8), Site::plain(16)),
        (image(16, 8), Site::plain(32).with_stride(2)),
        (image(32, 7), Site::plain(32)),
        (image(12, 16), Site::plain(24)),
        (image(8, 8), Site::plain(10).with_stride(3)),
        (tokens(9, 16), Site::plain(16)),
        (tokens(4, 24), Site::plain(24)),
        (Shape::Vector { channels: 16 }, Site::plain(10)),
        (Shape::Ids { tokens: 12 }, Site::plain(16)),
    ]
}

/// The defaults; a kernel that has none is 3.
fn parameters(entry: &Entry) -> Map<String, serde_json::Value> {
    let schema = (entry.schema)();
    let required = schema["required"].as_array().into_iter().flatten();
    required.filter_map(|name| name.as_str()).map(|name| (name.to_owned(), json!(3))).collect()
}

fn lowered(entry: &Entry, shape: Shape, site: &Site) -> Option<Graph> {
    let operator = operator::read(entry.name, parameters(entry)).unwrap_or_else(|e| panic!("{}: {e}", entry.name));
    assert_eq!(operator.name(), entry.name);
    let (mut builder, x) = Builder::new(shape);
    let y = operator.lower(x, site, &mut builder).ok()?;
    Some(builder.finish(y, None))
}

#[test]
fn every_operator_lowers_with_its_defaults_somewhere() {
    for entry in operator::registry() {
        let fitting = places().iter().filter(|(shape, site)| lowered(entry, *shape, site).is_some()).count();
        assert!(fitting > 0, "{} fits nowhere", entry.name);
    }
}

#[test]
fn names_of_nodes_with_parameters_are_unique_and_nodes_stand_in_order() {
    for entry in operator::registry() {
        for (shape, site) in places() {
            let Some(graph) = lowered(entry, shape, &site) else { continue };
            let mut names = BTreeSet::new();
            for (index, node) in graph.nodes.iter().enumerate() {
                assert!(node.inputs.iter().all(|input| input.0 < index), "{}: {}", entry.name, node.name);
                if let Layer::Primitive { primitive } = &node.layer
                    && primitive.params() > 0
                {
                    assert!(names.insert(node.name.clone()), "{}: {} twice", entry.name, node.name);
                }
            }
        }
    }
}

#[test]
fn parameters_and_flops_are_there_where_there_are_weights() {
    for entry in operator::registry() {
        for (shape, site) in places() {
            let Some(graph) = lowered(entry, shape, &site) else { continue };
            let keeps = site.stride == 1 && site.channels == shape.channels();
            let bare = ["none", "noise"].contains(&entry.name) || keeps && WITHOUT_PARAMETERS.contains(&entry.name);
            let cost = cost(&graph);
            if bare {
                assert_eq!(cost.params, 0, "{} at {shape}", entry.name);
            } else if !WITHOUT_PARAMETERS.contains(&entry.name) && !["none", "noise"].contains(&entry.name) {
                assert!(cost.params > 0, "{} at {shape}", entry.name);
                assert!(
                    cost.flops > 0 || ["norm", "token_embedding"].contains(&entry.name),
                    "{} at {shape}",
                    entry.name
                );
            }
        }
    }
}

#[test]
fn an_image_comes_out_at_the_size_that_the_site_asks_for() {
    for entry in operator::registry() {
        for (shape, site) in places() {
            let Some(graph) = lowered(entry, shape, &site) else { continue };
            let output = graph.node(graph.output).shape;
            if let (Some([h, w]), Some([y, x])) = (shape.size(), output.size()) {
                let asked = [h.div_ceil(site.stride), w.div_ceil(site.stride)];
                let floor = [h / site.stride, w / site.stride];
                assert!([asked, floor, [1, 1]].contains(&[y, x]), "{} at {shape}: {output}", entry.name);
                assert_eq!(output.channels(), site.channels, "{} at {shape}", entry.name);
            }
        }
    }
}

#[test]
fn schemas_describe_objects_whose_defaults_they_name() {
    for entry in operator::registry() {
        let schema = (entry.schema)();
        assert_eq!(schema["type"], "object", "{}", entry.name);
        assert_eq!(schema["additionalProperties"], json!(false), "{} accepts unknown parameters", entry.name);
        let properties = schema["properties"].as_object().cloned().unwrap_or_default();
        for width in entry.widths {
            assert!(properties.contains_key(*width), "{} has no parameter `{width}`", entry.name);
        }
        assert!(!entry.summary.is_empty());
        let unknown = Map::from_iter([("no_such_parameter".to_owned(), json!(1))]);
        assert!(operator::read(entry.name, unknown).is_err(), "{} accepts unknown parameters", entry.name);
    }
}

#[test]
fn every_file_of_an_operator_is_registered() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/operator");
    let mut implemented = 0;
    for file in std::fs::read_dir(folder).expect("folder of operators") {
        let text = std::fs::read_to_string(file.expect("file").path()).expect("source");
        for line in text.lines().filter(|line| line.trim_start().starts_with("const NAME: &'static str = \"")) {
            let name = line.split('"').nth(1).expect("a name in quotes");
            assert!(operator::registry().iter().any(|entry| entry.name == name), "`{name}` is not registered");
            implemented += 1;
        }
    }
    assert_eq!(implemented, operator::registry().len());
}
