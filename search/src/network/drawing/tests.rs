use super::*;
use crate::network::lower;
use serde_json::json;

fn graph() -> Graph {
    let edge = |from: usize, op: &str| json!({"from": from, "op": op});
    let mut layers = vec![json!({"name": "stem", "op": "conv", "channels": 8})];
    for index in 0..4 {
        layers.push(json!({"name": format!("cells.{index}"), "cell": "cell"}));
    }
    layers.push(json!("classifier"));
    let nodes = json!([[edge(0, "nor_conv_3x3")], [edge(0, "skip_connect"), edge(1, "avg_pool_3x3")]]);
    lower(
        &json!({"input": [3, 8, 8], "classes": 10, "cells": {"cell": {"inputs": 1, "nodes": nodes}}, "layers": layers}),
    )
    .expect("a network")
}

#[test]
fn cells_of_one_make_are_drawn_once() {
    let svg = draw_svg(&graph(), "four cells");
    assert!(svg.contains("cells.0 to cells.3 (4 alike)"), "{svg}");
    assert_eq!(svg.matches(">nor_conv_3x3<").count(), 1);
}

#[test]
fn boxes_tell_shapes_and_costs() {
    let svg = draw_svg(&graph(), "four cells");
    assert!(
        svg.contains("cells.0.nodes.0.0\nnor_conv_3x3: [8×8×8] to [8×8×8]\n592 parameters, 36864 multiply-adds"),
        "{svg}"
    );
}

#[test]
fn every_box_lies_inside_the_drawing_and_none_covers_another() {
    let groups = outline::outline(&graph());
    let layout = layout::lay_out(&groups, "title");
    let boxes: Vec<layout::Rect> = layout.groups.iter().flat_map(|rows| &rows.boxes).copied().collect();
    for (index, a) in boxes.iter().enumerate() {
        assert!(a.x >= 0.0 && a.y >= 0.0 && a.x + a.width <= layout.width && a.bottom() <= layout.height, "{a:?}");
        for b in &boxes[index + 1..] {
            let apart = a.x + a.width <= b.x || b.x + b.width <= a.x || a.bottom() <= b.y || b.bottom() <= a.y;
            assert!(apart, "{a:?} covers {b:?}");
        }
    }
}

#[test]
fn titles_cannot_break_out_of_the_drawing() {
    let svg = draw_svg(&graph(), "<script>&\"");
    assert!(svg.contains("&lt;script&gt;&amp;&quot;") && !svg.contains("<script>"));
}

#[test]
fn sums_and_auxiliary_heads_have_a_tooltip_too() {
    let svg = draw_svg(&graph(), "four cells");
    assert!(svg.contains("<title>cells.0.nodes.1\nsum: [8×8×8]</title>"), "{svg}");
    assert!(!svg.contains("<title></title>"));
}
