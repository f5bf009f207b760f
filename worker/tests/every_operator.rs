//! Every registered operator runs forward and backward.

use search::network::{Builder, Graph, Shape, Site};
use search::operator::{self, Entry};
use serde_json::{Map, Value, json};
use tch::Kind;
use worker::probe::{Input, Layout, Setting, Stage, Weights, run};

/// The defaults; a kernel that has none is 3, a vocabulary is small enough for the inputs.
fn parameters(entry: &Entry) -> Map<String, Value> {
    let schema = (entry.schema)();
    let required = schema["required"].as_array().into_iter().flatten();
    required.filter_map(Value::as_str).map(|name| (name.to_owned(), json!(3))).collect()
}

fn places() -> Vec<(Shape, Site)> {
    let tokens = Shape::Tokens { tokens: 4, channels: 8 };
    vec![
        (Shape::image(8, 8, 8), Site::plain(8)),
        (Shape::image(8, 8, 8), Site::plain(16).with_stride(2)),
        (Shape::image(4, 8, 8), Site::plain(10).with_stride(3)),
        (tokens, Site::plain(8)),
        (Shape::Vector { channels: 8 }, Site::plain(4)),
        (Shape::Ids { tokens: 5 }, Site::plain(8)),
    ]
}

fn lowered(entry: &Entry, shape: Shape, site: &Site) -> Option<Graph> {
    let operator = operator::read(entry.name, parameters(entry)).unwrap_or_else(|fault| panic!("{fault}"));
    let (mut builder, x) = Builder::new(shape);
    let y = operator.lower(x, site, &mut builder).ok()?;
    Some(builder.finish(y, None))
}

#[test]
fn every_operator_runs_forward_and_backward() {
    for entry in operator::registry() {
        let mut ran = 0;
        for (shape, site) in places() {
            let Some(graph) = lowered(entry, shape, &site) else { continue };
            let (stage, weights) = (Stage::Train, Weights::Sine { amplitude: 0.5, frequency: 0.3 });
            let (kind, input, layout) = (Kind::Double, Input::Code { seed: 1 }, Layout::ChannelsFirst);
            let setting = Setting { batch: 3, stage, kind, weights, input, layout, backward: true };
            let report = run(&graph, &setting).unwrap_or_else(|error| panic!("{} at {shape}: {error}", entry.name));
            let dims: Vec<i64> = graph.node(graph.output).shape.dims().iter().map(|axis| *axis as i64).collect();
            assert_eq!(report.output.shape[1..], dims, "{} at {shape}: shape rule and layer differ", entry.name);
            assert!(report.output.abs_sum.is_finite(), "{} at {shape}", entry.name);
            let gradients = report.gradients.expect("asked for");
            assert!(gradients.sumsq.is_finite(), "{} at {shape}", entry.name);
            ran += 1;
        }
        assert!(ran > 0, "{} ran nowhere", entry.name);
    }
}
