//! Costs in the loss, gumbel weights and channel masks against the golden file of FBNet (float64).

mod support;

use search::network::{Builder, Primitive, Shape};
use search::supernet::{CostForm, CostTerm, Source, Temperature};
use serde_json::Value;
use std::collections::BTreeMap;
use support::golden::{assert_close, golden, numbers};
use support::supernet::{assert_all, logits, of_graph, plan, values};
use tch::{Kind, Tensor};
use worker::primitive::Pass;
use worker::supernet::cost::{ExpectedCost, combine};
use worker::supernet::relaxation::{Relaxed, gumbel};
use worker::supernet::{Mixing, Supernet};

/// A chain of choices between identities: only the rows matter.
fn chain(rows: usize, candidates: usize) -> Supernet {
    let (mut g, mut x) = Builder::new(Shape::Vector { channels: 4 });
    for row in 0..rows {
        let ports: Vec<_> = (0..candidates).map(|_| g.add(Primitive::Identity, &[x]).expect("a layer")).collect();
        let labels = (0..candidates).map(|index| index.to_string()).collect();
        x = g.choice(&format!("layer{row:02}"), 1, labels, &ports).expect("a choice");
    }
    of_graph(g.finish(x, None), &plan(false))
}

fn table(golden: &Value, layers: std::ops::Range<usize>) -> BTreeMap<String, Vec<f64>> {
    let rows = golden["example_lut"]["table"].as_array().expect("a table");
    layers.enumerate().map(|(row, layer)| (format!("layer{row:02}"), numbers(&rows[layer]))).collect()
}

fn latency(rows: BTreeMap<String, Vec<f64>>, form: CostForm) -> CostTerm {
    CostTerm { form, alpha: 1.0, beta: 1.0, source: Source::Latency { rows, fixed: 0.0 } }
}

#[test]
fn the_loss_with_latency_has_the_golden_values_and_gradients() {
    let Some(golden) = golden("fbnet.json") else { return };
    let cases = golden["gumbel_latency_loss"]["cases"].as_array().unwrap();
    for case in cases {
        for (name, form) in
            [("paper", CostForm::Paper), ("log_of_power", CostForm::LogOfPower), ("additive", CostForm::Additive)]
        {
            let net = chain(3, 9);
            let logits = logits(&net, false);
            for (row, theta) in case["theta"].as_array().unwrap().iter().enumerate() {
                logits.set(row, &numbers(theta)).unwrap();
            }
            let noise = Tensor::from_slice(&numbers(&case["gumbel"])).view([3, 9]);
            let tau = case["tau"].as_f64().unwrap();
            let mixing =
                Mixing::relaxed(&net, &logits, &mut |a| Ok(Relaxed::All(gumbel::weights(a, &noise, tau)?))).unwrap();
            let m = mixing.flat().unwrap();
            assert_all(&values(m), &numbers(&case["m"]), 1e-9, "m");
            let cost = ExpectedCost::new(&latency(table(&golden, 3..6), form), &net, &logits).unwrap();
            let lat = cost.of(m).unwrap();
            assert_close(lat.double_value(&[]), case["LAT"].as_f64().unwrap(), "LAT");
            let ce = (m * Tensor::from_slice(&numbers(&case["c"]))).sum(Kind::Double) / 3.0;
            assert_close(ce.double_value(&[]), case["ce"].as_f64().unwrap(), "ce");
            let (alpha, beta) = (case["alpha"].as_f64().unwrap(), case["beta"].as_f64().unwrap());
            let loss = combine(form, alpha, beta, &ce, &lat, 1.0).unwrap();
            assert_close(loss.double_value(&[]), case[name]["loss"].as_f64().unwrap(), name);
            loss.backward();
            assert_all(&values(&logits.flat().grad()), &numbers(&case[name]["d_theta"]), 1e-9, name);
        }
    }
}

#[test]
fn a_path_costs_the_sum_of_its_entries() {
    let Some(golden) = golden("fbnet.json") else { return };
    let net = chain(22, 9);
    let logits = logits(&net, false);
    let cost = ExpectedCost::new(&latency(table(&golden, 0..22), CostForm::Additive), &net, &logits).unwrap();
    for case in golden["lut_latency"]["cases"].as_array().unwrap() {
        let onehot = |chosen: f64| (0..9).map(move |index| f64::from(u8::from(index == chosen as usize)));
        let weights: Vec<f64> = numbers(&case["arch"]).into_iter().flat_map(onehot).collect();
        let value = cost.value(&Tensor::from_slice(&weights)).unwrap();
        assert_close(value, case["latency_us"].as_f64().unwrap(), "latency");
    }
}

#[test]
fn temperatures_follow_their_course() {
    let Some(golden) = golden("fbnet.json") else { return };
    let course = Temperature::Exponential { start: 5.0, rate: 0.045 };
    for (epoch, wanted) in golden["temperature"]["at"].as_object().unwrap() {
        assert_close(course.at(epoch.parse().unwrap(), 90), wanted.as_f64().unwrap(), epoch);
    }
    let Some(golden) = support::golden::golden("darts.json") else { return };
    let tau = &golden["nas_bench_201"]["gdas_tau"];
    let course = Temperature::Linear { start: tau["tau_max"].as_f64().unwrap(), end: tau["tau_min"].as_f64().unwrap() };
    for (epoch, wanted) in tau["at"].as_object().unwrap() {
        assert_close(course.at(epoch.parse().unwrap(), 250), wanted.as_f64().unwrap(), epoch);
    }
}

#[test]
fn channels_are_masked_by_the_sum_of_the_options_masks() {
    let Some(golden) = golden("fbnet.json") else { return };
    for case in golden["channel_mask"].as_array().unwrap() {
        let widest = case["C_max"].as_u64().unwrap() as usize;
        let options: Vec<usize> = numbers(&case["options"]).into_iter().map(|option| option as usize).collect();
        let (mut g, x) = Builder::new(Shape::image(widest, 1, 1));
        let y = g.width_choice(x, "width", &options).unwrap();
        let net = of_graph(g.finish(y, None), &plan(false));
        let logits = logits(&net, false);
        logits.set(0, &numbers(&case["theta"])).unwrap();
        let noise = Tensor::from_slice(&numbers(&case["gumbel"])).view([1, -1]);
        let tau = case["tau"].as_f64().unwrap();
        let mixing =
            Mixing::relaxed(&net, &logits, &mut |a| Ok(Relaxed::All(gumbel::weights(a, &noise, tau)?))).unwrap();
        assert_all(&values(mixing.flat().unwrap()), &numbers(&case["m"]), 1e-9, "m");
        let ones = Tensor::ones([1, widest as i64, 1, 1], (Kind::Double, tch::Device::Cpu));
        let mask = net.forward(&ones, &mixing, &mut Pass::eval()).unwrap().reshape(-1);
        assert_all(&values(&mask), &numbers(&case["channel_mask"]), 1e-9, "mask");
        let channels = Tensor::from_slice(&numbers(&case["options"]));
        let effective = (mixing.flat().unwrap() * channels).sum(Kind::Double);
        assert_close(effective.double_value(&[]), case["effective_channels"].as_f64().unwrap(), "channels");
        let c = Tensor::arange(widest as i64, (Kind::Double, tch::Device::Cpu));
        ((mask * (c * 0.3).cos()).sum(Kind::Double) + effective * 0.01).backward();
        assert_all(&values(&logits.flat().grad()), &numbers(&case["d_theta"]), 1e-9, "gradient");
    }
}

/// Counts of chosen paths: the expected cost is exact where every weight is 0 or 1.
#[test]
fn the_expected_count_of_a_path_is_that_of_its_child() {
    use search::network::{cost, lower};
    use search::space::{Draw, Space};
    use serde_json::json;
    let document = json!({"nas_space": 1, "name": "chain", "root": {"network": {"input": [3, 16, 16], "classes": 10,
        "layers": [
            {"name": "stem", "op": "conv", "channels": {"$oneof": [4, 8, 16]}},
            {"name": "a", "op": "conv", "channels": {"$oneof": [8, 16]}, "stride": 2},
            {"name": "b", "op": "conv", "channels": 8},
            {"name": "c", "op": {"$oneof": ["sep_conv_3x3", "skip_connect"]}},
            {"name": "classifier", "op": "classifier"},
        ]}, "recipe": {}}});
    let space = Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"));
    for (space, widths) in
        [(support::supernet::space("nasbench201", &json!({"channels": 4, "cells": 1})), false), (space, true)]
    {
        let net = support::supernet::supernet(&space, &plan(false));
        let logits = logits(&net, false);
        for source in [Source::Flops, Source::Params] {
            let term = CostTerm { form: CostForm::Additive, alpha: 1.0, beta: 1.0, source: source.clone() };
            let expected = ExpectedCost::new(&term, &net, &logits).unwrap();
            for number in 0..6 {
                let mut rng = search::randomness::Randomness::new(1).at(search::randomness::Purpose::Show, number);
                let genotype = space.sample(Draw::ByDecision, &mut rng);
                let selection = space.selection(&genotype).unwrap();
                let weights = Tensor::zeros_like(logits.flat());
                for (index, row) in net.rows().0.iter().enumerate() {
                    let chosen = selection.0.get(&row.decision).map_or(0, |chosen| chosen[0]);
                    let _ = weights.narrow(0, (logits.offset(index).unwrap() + chosen) as i64, 1).fill_(1.0);
                }
                let child = cost(&lower(&space.materialise(&genotype).unwrap()["network"]).unwrap());
                let value = tch::no_grad(|| expected.value(&weights)).unwrap();
                match source {
                    Source::Flops => assert!((value - child.flops as f64).abs() < 0.5, "{value}, {}", child.flops),
                    // In cells the norms of a search network have no parameters.
                    _ if widths => assert!((value - child.params as f64).abs() < 0.5, "{value}, {}", child.params),
                    _ => assert!(value > 0.0),
                }
            }
        }
    }
}
