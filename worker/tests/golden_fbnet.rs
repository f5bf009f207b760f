//! Blocks and whole networks of the FBNet family against their golden file: forward values.

mod support;

use search::network::{Graph, Shape, Site};
use serde_json::{Map, Value, json};
use support::golden::{assert_close, assert_digest, golden, numbers};
use tch::Kind;
use worker::probe::{Input, Layout, Setting, Stage, Weights, network_graph, operator_graph, read_space, run};

/// Sizes and seed of `inp([2,16,7,7],seed=0)`.
fn input(case: &Value) -> (Vec<usize>, u64) {
    let text = case["input"].as_str().expect("an input");
    let (sizes, rest) = text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).expect("sizes");
    let sizes = sizes.split(',').map(|size| size.trim().parse().expect("a size")).collect();
    let seed = rest.split_once("seed=").and_then(|(_, seed)| seed.trim_end_matches(')').parse().ok());
    (sizes, seed.expect("a seed"))
}

fn setting(case: &Value, stage: Stage) -> Setting {
    let (sizes, seed) = input(case);
    let (weights, input) = (Weights::Code, Input::Code { seed });
    Setting {
        batch: sizes[0],
        stage,
        kind: Kind::Double,
        weights,
        input,
        layout: Layout::ChannelsFirst,
        backward: false,
    }
}

fn block(operator: &Value, case: &Value) -> Graph {
    let (sizes, _) = input(case);
    let number = |key: &str| case[key].as_u64().map_or(1, |number| number as usize);
    let site = Site { stride: number("stride"), ..Site::plain(number("out")) };
    operator_graph(operator, Shape::image(sizes[1], sizes[2], sizes[3]), &site).expect("an operator")
}

#[test]
fn inverted_residuals_compute_what_the_released_code_computes() {
    let Some(golden) = golden("fbnet.json") else { return };
    for case in golden["ir_blocks"]["cases"].as_array().expect("cases") {
        let gate = match case["se"].as_str() {
            Some("se_hsig") => json!("hsigmoid"),
            Some(_) => json!("sigmoid"),
            None => Value::Null,
        };
        let operator = json!({
            "op": "mbconv", "kernel": case["kernel"], "expansion": case["expansion"], "activation": case["act"],
            "se": gate, "less_se": case["less_se"], "groups": case["groups"], "bias": case["bias"],
            "always_pw": case["always_pw"], "dw_skip_bnrelu": case["dw_skip_bnrelu"],
        });
        let graph = block(&operator, case);
        for (stage, key) in [(Stage::Eval, "y_eval"), (Stage::Train, "y_train_bn")] {
            let report = run(&graph, &setting(case, stage)).expect("a pass");
            assert_digest(&report.output, &case[key], &format!("{key} of {operator}"));
        }
    }
}

#[test]
fn pooled_blocks_compute_what_the_released_code_computes() {
    let Some(golden) = golden("fbnet.json") else { return };
    for case in golden["ir_pool_blocks"].as_array().expect("cases") {
        let operator = json!({"op": "ir_pool", "expansion": case["expansion"], "activation": "hswish"});
        let report = run(&block(&operator, case), &setting(case, Stage::Eval)).expect("a pass");
        assert_digest(&report.output, &case["y_eval"], &format!("{operator}"));
    }
}

#[test]
fn published_networks_compute_what_the_released_code_computes() {
    let Some(golden) = golden("fbnet.json") else { return };
    for case in golden["network_numeric"].as_array().expect("cases") {
        let name = case["model"].as_str().expect("a model").to_lowercase();
        let (sizes, _) = input(case);
        let options = json!({"model": name, "classes": case["classes"], "input": sizes[1..]});
        let options: Map<String, Value> = options.as_object().expect("options").clone();
        let space = read_space("fbnet-blocks", &options).expect("a space");
        let graph = network_graph(&space, "[]").expect("a network");
        let report = run(&graph, &setting(case, Stage::Eval)).expect("a pass");
        for (computed, wanted) in report.output.first.iter().zip(numbers(&case["logits"])) {
            assert_close(*computed, wanted, &name);
        }
    }
}
