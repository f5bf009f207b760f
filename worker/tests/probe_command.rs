//! `nascent-worker probe` as people run it.

use serde_json::Value;
use std::process::{Command, Output};

fn probe(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_nascent-worker")).arg("probe").args(arguments).output().expect("the program runs")
}

fn report(arguments: &[&str]) -> Value {
    let output = probe(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("the program runs")
}

#[test]
fn a_network_of_a_ready_made_space() {
    let arch = "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|skip_connect~2|";
    let arguments = ["--space", "nasbench201", "--set", "channels=4", "--set", "cells=1", "--genotype", arch];
    let report = report(&[&arguments[..], &["--batch", "3", "--backward", "--mode", "train"]].concat());
    assert_eq!(report["output"]["shape"], serde_json::json!([3, 10]));
    assert!(report["params"].as_u64().unwrap() > 1000);
    assert!(report["gradients"]["sumsq"].as_f64().unwrap() > 0.0);
    assert_eq!(report["gradients"]["input"]["shape"], serde_json::json!([3, 3, 32, 32]));
}

#[test]
fn single_precision_comes_close_to_double_precision() {
    let arguments = ["--operator", r#"{"op": "sep_conv_3x3"}"#, "--shape", "2,6,8,8"];
    let exact = report(&arguments)["output"]["sumsq"].as_f64().unwrap();
    let single = report(&[&arguments[..], &["--dtype", "f32"]].concat())["output"]["sumsq"].as_f64().unwrap();
    assert!(exact != single && (exact - single).abs() < 1e-4 * exact, "{exact} {single}");
}

#[test]
fn mistakes_are_told_in_words() {
    let output = probe(&["--operator", r#"{"op": "convolute"}"#, "--shape", "2,6,8,8"]);
    assert!(!output.status.success());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("there is no operator `convolute`"), "{text}");
    let output = probe(&["--operator", r#"{"op": "conv"}"#, "--shape", "2,6,8"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("--shape has 3 sizes"));
}
