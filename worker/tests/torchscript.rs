//! Exported TorchScript files give our outputs in Python, at another batch size than the one they were traced with.

use search::network::{Graph, catalogue, lower};
use search::randomness::{Purpose, Randomness};
use search::space::Draw;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tch::{Device, Kind, Tensor};
use worker::export;
use worker::module::{Build, Module};
use worker::primitive::Pass;

const BATCH: i64 = 3;

/// Arguments: folders with `network.pt`, `shape.json` and raw 32-bit `input` and `output`. Prints the largest
/// difference of each network, as a share of its largest output.
const CHECK: &str = "
import json, pathlib, sys, torch
torch.set_num_threads(1)
for folder in map(pathlib.Path, sys.argv[1:]):
    numbers = lambda name: torch.frombuffer(bytearray((folder / name).read_bytes()), dtype=torch.float32)
    network = torch.jit.load(str(folder / 'network.pt'))
    with torch.no_grad():
        output = network(numbers('input').view(json.loads((folder / 'shape.json').read_text()))).flatten()
    wanted = numbers('output')
    print(float((output - wanted).abs().max() / wanted.abs().max()))
";

/// A Python that imports torch: `NASCENT_PYTHON`, the one that `make setup-test` makes, or the system's.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.venv/bin/python");
    let named = std::env::var_os("NASCENT_PYTHON").map(PathBuf::from);
    let mut candidates = named.into_iter().chain([own, PathBuf::from("python3")]);
    let imports = |python: &PathBuf| {
        Command::new(python).args(["-c", "import torch"]).output().is_ok_and(|output| output.status.success())
    };
    let found = candidates.find(imports);
    if found.is_none() {
        println!("SKIPPED: no Python imports torch; run scripts/torch-python.sh or set NASCENT_PYTHON");
    }
    found
}

/// A random network of a ready-made space.
fn graph(space: &str, options: &Value) -> Graph {
    let space = catalogue::build(space, options.as_object().expect("options")).expect("a space");
    let genotype = space.sample(Draw::ByDecision, &mut Randomness::new(5).at(Purpose::Show, 0));
    let candidate = space.materialise(&genotype).expect("a candidate");
    lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Writes a network and one of its answers.
fn write(graph: &Graph, folder: &Path) {
    let module = Module::build(graph, Build { device: Device::Cpu, kind: Kind::Float, seed: 1 }).expect("a module");
    let mut shape = export::example_shape(graph.input);
    let example = Tensor::zeros(shape.as_slice(), (Kind::Float, Device::Cpu));
    shape[0] = BATCH;
    let count: i64 = shape.iter().product();
    let input = (Tensor::arange(count, (Kind::Float, Device::Cpu)) * 0.37).sin().view(shape.as_slice());
    // Running statistics other than the first ones.
    tch::no_grad(|| module.forward(&input, &mut Pass::plain_train()).expect("a training pass"));
    let output = tch::no_grad(|| module.forward(&input, &mut Pass::eval()).expect("a pass").logits);
    let raw = |tensor: &Tensor| -> Vec<u8> {
        let values = Vec::<f32>::try_from(&tensor.contiguous().view(-1)).expect("numbers");
        values.iter().flat_map(|value| value.to_le_bytes()).collect()
    };
    let put = |name: &str, content: Vec<u8>| std::fs::write(folder.join(name), content).expect("a writable folder");
    put("network.pt", export::torchscript(&module, &example).expect("an export"));
    put("shape.json", json!(shape).to_string().into_bytes());
    put("input", raw(&input));
    put("output", raw(&output));
}

#[test]
fn python_computes_what_we_compute() {
    let Some(python) = python() else { return };
    let spaces = [
        ("darts", json!({"channels": 4, "layers": 4})),
        ("nasbench201", json!({"channels": 4, "cells": 1})),
        ("digits-quickstart", json!({})),
        ("fbnet", json!({"input": [3, 64, 64]})),
        ("resnet-widths", json!({})),
        ("metaformer", json!({"input": [3, 64, 64]})),
    ];
    let root = tempfile::tempdir().unwrap();
    let mut folders = Vec::new();
    for (name, options) in &spaces {
        let folder = root.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        write(&graph(name, options), &folder);
        folders.push(folder);
    }
    let output = Command::new(python).args(["-c", CHECK]).args(&folders).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let differences: Vec<f64> = text.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(differences.len(), spaces.len());
    for ((name, _), difference) in spaces.iter().zip(differences) {
        assert!(difference < 1e-4, "{name}: {difference}");
        println!("{name}: largest difference {difference:e}");
    }
}
