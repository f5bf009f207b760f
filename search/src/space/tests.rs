//! Golden crossovers, which work on parts that are private to the room, and the faults of documents.

use super::crossover::{cx, ox, pmx};
use super::*;
use crate::fault::Faults;
use serde_json::{Value, json};

#[expect(clippy::disallowed_methods, reason = "a test reads golden files")]
fn golden() -> Option<Value> {
    let root =
        std::env::var("NASCENT_SHARED").unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared").into());
    match std::fs::read_to_string(format!("{root}/golden/space.json")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(error) => {
            println!("SKIPPED: {root}/golden/space.json: {error} (set NASCENT_SHARED)");
            None
        }
    }
}

fn indexes(value: &Value) -> Vec<usize> {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn permutation_crossovers_equal_the_golden_children() {
    let Some(golden) = golden() else { return };
    for case in golden["crossover"].as_array().unwrap() {
        let operator = case["op"].as_str().unwrap();
        let (a, b) = (indexes(&case["parents"][0]), indexes(&case["parents"][1]));
        let cut = |key: &str| case[key].as_u64().unwrap_or(0) as usize;
        let cross = |x: &[usize], y: &[usize], first: bool| match operator {
            "pmx" => Some(pmx(x, y, cut("start"), cut("end"))),
            "ox" => Some(ox(x, y, cut("start"), cut("end"))),
            "cx" if first => Some(cx(x, y)),
            _ => None,
        };
        for (child, (x, y)) in [(0, (&a, &b)), (1, (&b, &a))] {
            if let Some(ours) = cross(x, y, child == 0) {
                assert_eq!(ours, indexes(&case["children"][child]), "{operator}, child {child}");
            }
        }
    }
}

#[test]
fn segmented_crossover_equals_the_golden_children() {
    let Some(golden) = golden() else { return };
    let documents = golden["spaces"].as_array().unwrap();
    for case in golden["crossover"].as_array().unwrap().iter().filter(|case| case["op"] == "segmented") {
        let document = documents.iter().find(|entry| entry["space"]["name"] == case["space"]).unwrap();
        let space = Space::parse(&document["space"]).unwrap();
        let parents: Vec<_> = (0..2).map(|i| space.read_genotype(&case["parents"][i]).unwrap()).collect();
        let cuts = indexes(&case["cut"]);
        for (child, (x, y)) in [(0, (0, 1)), (1, (1, 0))] {
            let ours = space.segmented(&parents[x], &parents[y], &cuts);
            assert_eq!(serde_json::to_value(ours).unwrap(), case["children"][child], "cuts {cuts:?}");
        }
    }
}

fn faults(root: Value) -> Faults {
    Space::parse(&json!({"nas_space": 1, "name": "t", "root": root})).unwrap_err()
}

#[test]
fn every_fault_is_found_at_its_place() {
    let faults = faults(json!({
        "a": {"$oneof": []},
        "b": {"$int": {"min": 5, "max": 1}},
        "c": {"$manyof": {"k": 3, "of": [1, 2]}},
        "d": {"$float": {"min": 0.0, "max": 1.0, "scale": "log"}},
        "e": {"$ref": "nowhere"},
        "f": {"$var": "nobody"},
        "g": {"$eval": ["pow", 1, 2]},
        "h": {"$once": 1},
        "i": {"$repeat": {"times": -1, "body": 0}},
    }));
    let pointers: Vec<&str> = faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
    let expected = [
        "/root/a/$oneof",
        "/root/b/$int",
        "/root/c/$manyof/k",
        "/root/d/$float/min",
        "/root/e/$ref",
        "/root/f/$var",
        "/root/g/$eval",
        "/root/h/$once",
        "/root/i/$repeat/times",
    ];
    assert_eq!(pointers, expected);
}

#[test]
fn recursive_and_exponential_documents_are_refused() {
    let recursive = json!({"nas_space": 1, "name": "t", "defs": {"a": [{"$ref": "b"}], "b": [{"$ref": "a"}]},
        "root": {"$ref": "a"}});
    assert!(Space::parse(&recursive).unwrap_err().to_string().contains("recursive"));

    let mut defs = serde_json::Map::from_iter([("d0".to_owned(), json!({"$bool": true}))]);
    for i in 1..60 {
        let below = format!("d{}", i - 1);
        defs.insert(format!("d{i}"), json!([{"$ref": below}, {"$ref": below}]));
    }
    let exponential = json!({"nas_space": 1, "name": "t", "defs": defs, "root": {"$ref": "d59"}});
    assert!(Space::parse(&exponential).unwrap_err().to_string().contains("multiply too far"));

    let mut deep = json!(1);
    (0..100).for_each(|_| deep = json!([deep]));
    assert!(faults(deep).to_string().contains("deeper than"));
    let nested = json!({"$repeat": {"times": 4096, "body": {"$repeat": {"times": 4096, "body": {"$bool": true}}}}});
    assert!(faults(nested).to_string().contains("multiply too far"));
}

#[test]
fn constraints_reject_genotypes_and_name_themselves() {
    let space = Space::parse(&json!({"nas_space": 1, "name": "t", "root": {"a": {"$int": {"min": 0, "max": 9}}},
        "constraints": [["lt", ["get", "a"], 5]]}))
    .unwrap();
    assert!(space.materialise(&space.read_genotype(&json!([4])).unwrap()).is_ok());
    let faults = space.materialise(&space.read_genotype(&json!([5])).unwrap()).unwrap_err();
    assert_eq!(faults.0[0].pointer, "/constraints/0");
}

#[test]
fn yaml_and_json_are_the_same_space() {
    let yaml = "nas_space: 1\nname: t\nroot:\n  lr: {$float: {min: 0.001, max: 1.0, scale: log}}\n";
    let json =
        r#"{"nas_space": 1, "name": "t", "root": {"lr": {"$float": {"min": 0.001, "max": 1.0, "scale": "log"}}}}"#;
    assert_eq!(Space::from_text(yaml).unwrap().fingerprint(), Space::from_text(json).unwrap().fingerprint());
}

#[test]
fn a_whole_number_is_a_float_where_the_decision_is_one() {
    let space =
        Space::parse(&json!({"nas_space": 1, "name": "t", "root": {"$float": {"min": 0.0, "max": 1.0}}})).unwrap();
    let genotype = space.read_genotype(&json!([1])).unwrap();
    assert_eq!(serde_json::to_string(&genotype).unwrap(), "[1.0]");
}
