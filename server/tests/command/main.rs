//! Commands that need no service, as a user types them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics")]

use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    #[track_caller]
    fn json(&self) -> Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).unwrap()
    }

    /// The complaint of a command that must fail with status 1.
    #[track_caller]
    fn failure(&self) -> &str {
        assert_eq!(self.code, 1, "{}{}", self.out, self.err);
        assert!(self.err.starts_with("nascent: "), "{}", self.err);
        &self.err
    }
}

fn nascent(arguments: &[&str]) -> Ran {
    nascent_in(Path::new(env!("CARGO_MANIFEST_DIR")), arguments, "")
}

fn nascent_in(folder: &Path, arguments: &[&str], input: &str) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_nascent"));
    command.args(arguments).current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn folder_with(name: &str, text: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(name), text).unwrap();
    folder
}

#[test]
fn wrong_usage_is_status_2_and_failure_is_status_1() {
    assert_eq!(nascent(&["spase"]).code, 2);
    assert_eq!(nascent(&["inspect"]).code, 2);
    assert_eq!(nascent(&["--help"]).code, 0);
    assert!(nascent(&["space", "count", "nowhere"]).failure().contains("nascent space list"));
    let away = nascent(&["--url", "http://127.0.0.1:1", "study", "list"]);
    assert!(away.failure().contains("nascent up"), "{}", away.err);
}

#[test]
fn ready_made_spaces_are_listed_and_counted() {
    let listed = nascent(&["space", "list", "--format", "json"]).json();
    let names: Vec<&str> = listed.as_array().unwrap().iter().map(|space| space["name"].as_str().unwrap()).collect();
    for name in ["nasbench201", "darts", "fbnet", "fbnetv3", "resnet-widths", "metaformer", "digits-quickstart"] {
        assert!(names.contains(&name), "{name} is not in {names:?}");
    }
    assert_eq!(nascent(&["space", "count", "nasbench201", "--format", "json"]).json()["size"], "15625");
    assert!(nascent(&["space", "count", "nasbench201"]).out.contains("15625"));
}

#[test]
fn faults_of_a_space_are_told_all_at_once() {
    let text = "nas_space: 1\nname: mine\nroot: {a: {$int: {min: 5, max: 1}}, b: {$oneof: []}}\n";
    let folder = folder_with("space.yaml", text);
    let ran = nascent_in(folder.path(), &["space", "check", "space.yaml"], "");
    assert!(ran.failure().contains("/root/a") && ran.err.contains("/root/b"), "{}", ran.err);
    std::fs::write(folder.path().join("space.yaml"), "nas_space: 1\nname: mine\nroot: {a: {$int: {min: 1, max: 5}}}\n")
        .unwrap();
    assert_eq!(nascent_in(folder.path(), &["space", "check", "space.yaml"], "").code, 0);
    let drawn = ["space", "sample", "space.yaml", "-n", "4", "--seed", "2", "--format", "json"];
    let first = nascent_in(folder.path(), &drawn, "").json();
    assert_eq!(first.as_array().unwrap().len(), 4);
    assert_eq!(nascent_in(folder.path(), &drawn, "").json(), first);
}

#[test]
fn a_network_is_inspected_in_any_notation_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let cell = "|nor_conv_3x3~0|+|skip_connect~0|none~1|+|avg_pool_3x3~0|nor_conv_1x1~1|skip_connect~2|";
    let set = ["--set", "channels=16", "--set", "cells=5", "--set", "classes=10"];
    let inspect = |genotype: &str, more: &[&str], input: &str| {
        let mut arguments = vec!["inspect", "--space", "nasbench201", "--genotype", genotype];
        arguments.extend(set.iter().chain(more));
        nascent_in(folder.path(), &arguments, input)
    };
    let seen = inspect(cell, &["--format", "json", "--graph", "net.svg"], "").json();
    let sum: u64 = seen["layers"].as_array().unwrap().iter().map(|layer| layer["params"].as_u64().unwrap()).sum();
    assert!(sum > 0 && seen["params"] == sum && seen["flops"].as_u64().unwrap() > sum, "{seen}");
    assert!(std::fs::read_to_string(folder.path().join("net.svg")).unwrap().starts_with("<svg"));
    assert_eq!(inspect("-", &["--format", "json"], cell).json(), seen);
    let table = inspect(cell, &[], "");
    assert!(table.out.contains("FLOPs") && table.out.contains("total"), "{}", table.out);
    assert!(!inspect("|what~0|", &[], "").failure().is_empty());
    assert!(!inspect("[0, 1]", &[], "").failure().is_empty());
}

#[test]
fn a_data_set_is_copied_verified_and_described() {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/digits");
    let from = source.to_str().unwrap();
    let get = ["data", "get", "digits", "--from", from];
    assert_eq!(nascent_in(folder.path(), &get, "").code, 0);
    let manifest = std::fs::read_to_string(folder.path().join("data/digits/manifest.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&manifest).unwrap()["name"], "digits");
    assert!(nascent_in(folder.path(), &get, "").out.contains("is there"));
    assert!(nascent_in(folder.path(), &["data", "get", "nothing"], "").failure().contains("known are"));
    let empty = tempfile::tempdir().unwrap();
    let from = empty.path().to_str().unwrap();
    let ran = nascent_in(folder.path(), &["data", "get", "cifar-10", "--from", from], "");
    assert!(ran.failure().contains("copying"), "{}", ran.err);
    let listed = nascent(&["data", "list", "--format", "json"]).json();
    assert!(listed.as_array().unwrap().iter().any(|dataset| dataset["name"] == json!("fashion-mnist")));
}

#[test]
fn the_program_links_no_libtorch() {
    let program = std::fs::read(env!("CARGO_BIN_EXE_nascent")).unwrap();
    for library in [&b"libtorch"[..], b"libc10.so"] {
        assert!(!program.windows(library.len()).any(|window| window == library));
    }
}
