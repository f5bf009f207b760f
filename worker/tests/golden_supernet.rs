//! Supernets against the golden file: sizes, values and gradients under every relaxation (float64).

mod support;

use search::network::{Builder, Conv, Opening, PoolKind, Port, Primitive, Shape, Site, catalogue};
use search::supernet::{RowKind, SupernetPlan, strongest};
use serde_json::{Map, Value, json};
use support::golden::{assert_close, assert_digest, golden, numbers};
use support::supernet::{assert_all, images, logits, of_graph, plan, rows_of, set_alpha, space, supernet, values};
use tch::{Kind, Reduction, Tensor};
use worker::primitive::Pass;
use worker::probe::Digest;
use worker::supernet::relaxation::{Relaxed, gumbel, hard_gumbel, max_w, softmax};
use worker::supernet::{Logits, Mixing, Supernet};

const PRIMITIVES: [&str; 8] = [
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
];

type Relax<'a> = dyn FnMut(&Tensor) -> Result<Relaxed, tch::TchError> + 'a;

/// sharpDARTS' release has operators of its own under two of the names: dilated convolutions are followed by a plain
/// separable half, and average pooling counts the padding (section 5.1).
fn sharp(name: &str, x: Port, site: &Site, g: &mut Builder) -> Option<Port> {
    let channels = x.channels();
    match name {
        "avg_pool_3x3" => {
            let (kind, side) = (PoolKind::Average, [3, 3]);
            let stride = [site.stride; 2];
            let pool = Primitive::Pool { kind, kernel: side, stride, padding: [1, 1], count_include_pad: true };
            let pooled = g.add(pool, &[x]).expect("a pooling");
            Some(g.batch_norm(pooled, false).expect("a norm"))
        }
        "dil_conv_3x3" | "dil_conv_5x5" => {
            let kernel = if name == "dil_conv_3x3" { 3 } else { 5 };
            let mut half = |x: Port, conv: Conv| {
                let x = g.relu(x).expect("a layer");
                let x = g.conv(x, conv).expect("a layer");
                let x = g.conv(x, Conv::square(channels, 1)).expect("a layer");
                g.batch_norm(x, false).expect("a layer")
            };
            let middle = half(x, Conv::depthwise(channels, kernel).dilation(2).stride(site.stride));
            Some(half(middle, Conv::depthwise(channels, kernel)))
        }
        _ => None,
    }
}

/// One edge with all its operators.
fn edge(channels: usize, stride: usize, released_sharp: bool) -> Supernet {
    let (mut g, x) = Builder::new(Shape::image(channels, 8, 8));
    let site = Site { affine: false, pool_norm: true, stride, ..Site::plain(channels) };
    let candidate = |g: &mut Builder, index: usize| {
        let operator = search::operator::read(PRIMITIVES[index], Map::new()).expect("an operator");
        g.scope(&index.to_string(), |g| match sharp(PRIMITIVES[index], x, &site, g).filter(|_| released_sharp) {
            Some(port) => port,
            None => g.scope("plain", |g| operator.lower(x, &site, g)).expect("a candidate"),
        })
    };
    let ports: Vec<_> = (0..PRIMITIVES.len()).map(|index| candidate(&mut g, index)).collect();
    let labels = PRIMITIVES.iter().map(ToString::to_string).collect();
    let y = g.choice("edge", 1, labels, &ports).expect("a choice");
    of_graph(g.finish(y, None), &plan(false))
}

/// Checks the value of an edge and the gradient of `Σ y_k cos(0.05 k)` in its logits.
fn check_edge(case: &Value, stride: usize, released_sharp: bool, relax: &mut Relax<'_>) {
    let channels = 4;
    let net = edge(channels, stride, released_sharp);
    let logits = logits(&net, false);
    logits.set(0, &numbers(&case["alpha"])).unwrap();
    let mixing = Mixing::relaxed(&net, &logits, relax).unwrap();
    let x = images(&[2, channels as i64, 8, 8], 0);
    let y = net.forward(&x, &mixing, &mut Pass::batch_statistics()).unwrap();
    assert_digest(&Digest::of(&y).unwrap(), &case["y"], "mixed value");
    let k = Tensor::arange(y.numel() as i64, (Kind::Double, tch::Device::Cpu));
    (y.reshape(-1) * (k * 0.05).cos()).sum(Kind::Double).backward();
    assert_all(&values(&logits.flat().grad()), &numbers(&case["dL_dalpha"]), 1e-9, "gradient of the logits");
}

#[test]
fn mixed_operations_are_sums_weighted_by_the_softmax() {
    let Some(golden) = golden("darts.json") else { return };
    for case in golden["mixed_op"].as_array().unwrap() {
        let stride = case["stride"].as_u64().unwrap() as usize;
        check_edge(case, stride, false, &mut |a| Ok(Relaxed::All(softmax::weights(a)?)));
        let weights = softmax::weights(&Tensor::from_slice(&numbers(&case["alpha"]))).unwrap();
        assert_all(&values(&weights), &numbers(&case["weights"]), 1e-9, "weights");
    }
}

#[test]
fn under_max_w_the_largest_candidate_weighs_one_and_gradient_flows_through_the_maximum() {
    let Some(golden) = golden("darts.json") else { return };
    for case in golden["sharp"]["max_w_mixed_op"]["cases"].as_array().unwrap() {
        if case["weighting"] == "scalar" {
            check_edge(case, 1, true, &mut |a| Ok(Relaxed::All(softmax::weights(a)?)));
        } else {
            check_edge(case, 1, true, &mut |a| Ok(Relaxed::All(max_w::weights(a, false)?)));
        }
    }
    let a = Tensor::from_slice(&[0.3, -0.2, 1.1]);
    assert_eq!(max_w::weights(&a, false).unwrap().max().double_value(&[]), 1.0);
}

#[test]
fn supernets_have_the_published_sizes() {
    let Some(golden) = golden("darts.json") else { return };
    let count = |net: &Supernet| net.parameters().iter().map(|(_, tensor)| tensor.numel()).sum::<usize>();
    for case in golden["supernet_params"].as_array().unwrap().iter().filter(|case| case["steps"] == 4) {
        let options = json!({"channels": case["C"], "layers": case["layers"], "classes": case["classes"]});
        let net = supernet(&space("darts", &options), &plan(true));
        assert_eq!(json!(count(&net)), case["weight_params"], "{case}");
        let shape = |group: &str| support::supernet::operator_rows(&net, group).len();
        assert_eq!((shape("normal"), shape("reduce")), (14, 14));
    }
    for case in golden["nas_bench_201"]["supernet_params"].as_array().unwrap().iter().filter(|c| c["affine"] == false) {
        let options = json!({"channels": case["C"], "cells": case["N"], "classes": case["classes"]});
        let net = supernet(&space("nasbench201", &options), &plan(false));
        assert_eq!(json!(count(&net)), case["weight_params"], "{case}");
    }
    for case in golden["pc_darts"]["supernet_params"].as_array().unwrap() {
        let options = json!({"channels": case["C"], "layers": case["layers"]});
        let net = supernet(&space("darts", &options), &partial());
        assert_eq!(json!(count(&net)), case["weight_params"], "{case}");
    }
}

fn partial() -> SupernetPlan {
    let opening = Opening { partial_channels: 4 };
    SupernetPlan { opening, edge_normalisation: true, ..plan(true) }
}

fn entropy(logits: &Tensor, targets: &Value) -> Tensor {
    let targets = Tensor::from_slice(&numbers(targets)).to_kind(Kind::Int64);
    logits.cross_entropy_loss::<Tensor>(&targets, None, Reduction::Mean, -100, 0.0)
}

fn forward(net: &Supernet, logits: &Logits, x: &Tensor, relax: &mut Relax<'_>) -> Tensor {
    let mixing = Mixing::relaxed(net, logits, relax).unwrap();
    net.forward(x, &mixing, &mut Pass::batch_statistics()).unwrap()
}

#[test]
fn partial_channels_with_normalised_edges_compute_what_the_released_code_computes() {
    let Some(golden) = golden("darts.json") else { return };
    let case = &golden["pc_darts"]["supernet_numeric"];
    let options = json!({"channels": case["C"], "layers": case["layers"], "classes": case["classes"],
        "input": case["shape"].as_array().unwrap()[1..], "auxiliary": false});
    let net = supernet(&space("darts", &options), &partial());
    let logits = logits(&net, true);
    let groups = ["normal", "reduce"];
    let edges = |group: &str| -> Vec<usize> {
        let of = |row: &search::supernet::Row| matches!(row.kind, RowKind::Edges { .. }) && row.group.contains(group);
        (0..net.rows().0.len()).filter(|index| of(&net.rows().0[*index])).collect()
    };
    for (group, (alpha, beta)) in
        groups.iter().zip(numbers(&case["alpha_phases"]).into_iter().zip(numbers(&case["beta_phases"])))
    {
        set_alpha(&net, &logits, group, alpha, 0.5);
        let mut k = 0;
        for row in edges(group) {
            let values: Vec<f64> =
                (k..k + net.rows().0[row].labels.len()).map(|k| (1.7 * k as f64 + beta).sin()).collect();
            k += values.len();
            logits.set(row, &values).unwrap();
        }
    }
    let shape: Vec<i64> = numbers(&case["shape"]).iter().map(|side| *side as i64).collect();
    let x = images(&shape, case["input_seed"].as_u64().unwrap());
    let y = forward(&net, &logits, &x, &mut |a| Ok(Relaxed::All(softmax::weights(a)?)));
    assert_all(&values(&y), &numbers(&case["logits"]), 1e-9, "logits");
    let loss = entropy(&y, &case["targets"]);
    assert_close(loss.double_value(&[]), case["loss"].as_f64().unwrap(), "loss");
    loss.backward();
    let gradient = logits.flat().grad();
    let normal = rows_of(&net, &logits, &gradient, "normal");
    assert_all(&normal[..8], &numbers(&case["d_alpha_normal_row0"]), 1e-9, "first row");
    let by_row: std::collections::BTreeMap<_, _> = logits.by_row(&gradient).unwrap().into_iter().collect();
    for group in groups {
        let computed: Vec<f64> = edges(group).iter().flat_map(|row| by_row[row].clone()).collect();
        assert_all(&computed, &numbers(&case[format!("d_beta_{group}")]), 1e-9, "edges");
    }
}

fn nasbench201(case: &Value) -> (Supernet, Logits, Tensor) {
    let options = json!({"channels": case["C"], "cells": case["N"], "input": [3, 16, 16]});
    let net = supernet(&space("nasbench201", &options), &plan(false));
    let logits = logits(&net, false);
    set_alpha(&net, &logits, "", case["alpha_phase"].as_f64().unwrap(), case["alpha_amp"].as_f64().unwrap());
    (net, logits, images(&[3, 3, 16, 16], 2))
}

#[test]
fn the_nasbench201_supernet_computes_what_the_released_code_computes() {
    let Some(golden) = golden("darts.json") else { return };
    let case = &golden["nas_bench_201"]["darts_supernet_numeric"];
    let (net, logits, x) = nasbench201(case);
    let y = forward(&net, &logits, &x, &mut |a| Ok(Relaxed::All(softmax::weights(a)?)));
    assert_all(&values(&y.get(0)), &numbers(&case["logits_row0"]), 1e-9, "logits");
    let loss = entropy(&y, &case["targets"]);
    assert_close(loss.double_value(&[]), case["loss"].as_f64().unwrap(), "loss");
    loss.backward();
    assert_all(&rows_of(&net, &logits, &logits.flat().grad(), ""), &numbers(&case["d_alpha"]), 1e-9, "gradient");
    let space = catalogue::build("nasbench201", &Map::new()).unwrap();
    let selection = strongest(net.rows(), &logits.probabilities().unwrap());
    let notation = (catalogue::find("nasbench201").unwrap().notation)().unwrap();
    assert_eq!(json!(notation.write(&space, &space.close(&selection).unwrap()).unwrap()), case["genotype"]);
}

#[test]
fn gdas_computes_one_candidate_and_gives_gradient_to_all() {
    let Some(golden) = golden("darts.json") else { return };
    let whole = &golden["nas_bench_201"]["gdas_numeric"];
    for (index, case) in whole["cases"].as_array().unwrap().iter().enumerate() {
        let (net, logits, x) = nasbench201(whole);
        // "1.1*sin(2.3*k+0.2)+0.3", the phase differs between the cases.
        let text = case["gumbel"].as_str().unwrap();
        let phase: f64 = text.split_once("k+").unwrap().1.split_once(')').unwrap().0.parse().unwrap();
        let noise: Vec<f64> = (0..30).map(|k| 1.1 * (2.3 * f64::from(k) + phase).sin() + 0.3).collect();
        let noise = Tensor::from_slice(&noise).view([6, 5]);
        let tau = case["tau"].as_f64().unwrap();
        let mut chosen = Vec::new();
        let y = forward(&net, &logits, &x, &mut |a| {
            let soft = gumbel::weights(&a.log_softmax(-1, Kind::Double), &noise, tau)?;
            assert_all(&values(&soft.get(0)), &numbers(&case["probs_row0"]), 1e-9, "probabilities");
            let relaxed = hard_gumbel::weights(a, &noise, tau, true)?;
            if let Relaxed::Hard { chosen: taken, .. } = &relaxed {
                chosen.clone_from(taken);
            }
            Ok(relaxed)
        });
        assert_eq!(json!(chosen), case["index"]);
        assert_all(&values(&y.get(0)), &numbers(&case["logits_row0"]), 1e-9, &format!("logits of case {index}"));
        let loss = entropy(&y, &whole["targets"]);
        assert_close(loss.double_value(&[]), case["loss"].as_f64().unwrap(), "loss");
        loss.backward();
        assert_all(&rows_of(&net, &logits, &logits.flat().grad(), ""), &numbers(&case["d_alpha"]), 1e-9, "gradient");
    }
}
