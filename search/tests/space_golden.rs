//! Golden values of the space language: sizes, keys, forms, vectors, enumeration, mutation, recombination.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test may fail loudly and reads golden files")]

mod support;

use num_bigint::BigUint;
use search::objective::{Fitness, pareto};
use search::randomness::{Purpose, Randomness};
use search::space::{Genotype, Mutation, Scale, Size, Space, bisect, value_key};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use support::shared;

fn golden() -> Option<Value> {
    let text = std::fs::read_to_string(shared("golden/space.json")?).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

fn spaces(golden: &Value) -> BTreeMap<String, Space> {
    let parse = |entry: &Value| {
        let space = Space::parse(&entry["space"]).unwrap_or_else(|e| panic!("{}: {e}", entry["space"]["name"]));
        (space.name().to_owned(), space)
    };
    golden["spaces"].as_array().unwrap().iter().map(parse).collect()
}

#[test]
fn sizes_fingerprints_and_vector_lengths() {
    let Some(golden) = golden() else { return };
    for entry in golden["spaces"].as_array().unwrap() {
        let space = Space::parse(&entry["space"]).unwrap();
        assert_eq!(space.size().to_string(), entry["size"].as_str().unwrap(), "{}", space.name());
        assert_eq!(space.fingerprint(), entry["fingerprint"], "{}", space.name());
        assert_eq!(space.vector_length() as u64, entry["vector_length"].as_u64().unwrap(), "{}", space.name());
    }
}

#[test]
fn samples_in_every_form() {
    let Some(golden) = golden() else { return };
    for entry in golden["spaces"].as_array().unwrap() {
        let space = Space::parse(&entry["space"]).unwrap();
        for sample in entry["samples"].as_array().unwrap() {
            check_sample(&space, sample);
        }
    }
}

fn check_sample(space: &Space, sample: &Value) {
    let name = space.name();
    let genotype = space.read_genotype(&sample["dna"]).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(serde_json::to_value(&genotype).unwrap(), sample["dna"], "{name}");
    let value = space.materialise(&genotype).unwrap();
    assert_eq!(value, sample["value"], "{name}");
    assert_eq!(space.key(&genotype), sample["dna_key"], "{name}");
    assert_eq!(value_key(&value), sample["arch_key"], "{name}");
    let vector = space.vector(&genotype);
    if let Some(expected) = sample["vector"].as_array() {
        let close = expected.iter().zip(&vector).all(|(e, v)| (e.as_f64().unwrap() - v).abs() < 1e-9);
        assert!(close && expected.len() == vector.len(), "{name}: {vector:?}");
    }
    if let Some(summary) = sample.get("vector_summary") {
        let weighted: f64 = vector.iter().enumerate().map(|(k, v)| (k + 1) as f64 * v).sum();
        assert!((weighted - summary["weighted_sum"].as_f64().unwrap()).abs() < 1e-6, "{name}");
    }
    if let Some(index) = sample["index"].as_str() {
        let index: BigUint = index.parse().unwrap();
        assert_eq!(space.rank(&genotype).as_ref(), Some(&index), "{name}");
        assert_eq!(space.unrank(&index), Some(genotype.clone()), "{name}");
    }
    // Repeats and paths are compiled to other nodes for PyGlove, so their nested and dictionary forms differ by design.
    let text = space.document().to_string();
    if !text.contains("$repeat") && !text.contains("$path") {
        if let Some(compact) = sample.get("pyglove_compact") {
            assert_eq!(&space.nested(&genotype), compact, "{name}");
        }
        if let Some(dictionary) = sample.get("pyglove_dict") {
            assert_eq!(&space.dictionary(&genotype), dictionary, "{name}");
        }
    }
    assert_eq!(space.read_genotype(&space.nested(&genotype)).unwrap(), genotype, "{name}");
    assert_eq!(space.read_genotype(&space.dictionary(&genotype)).unwrap(), genotype, "{name}");
}

#[test]
fn decision_ids() {
    let Some(golden) = golden() else { return };
    for entry in golden["spaces"].as_array().unwrap() {
        let space = Space::parse(&entry["space"]).unwrap();
        let Some(expected) = entry["checked_against_pyglove"]["decision_point_ids"].as_array() else {
            continue;
        };
        if entry["space"].to_string().contains("$repeat") {
            continue;
        }
        let ids: Vec<Value> = space.decisions().into_iter().map(|point| json!(point.id)).collect();
        assert_eq!(&ids, expected, "{}", space.name());
    }
}

#[test]
fn whole_enumeration() {
    let Some(golden) = golden() else { return };
    for entry in golden["spaces"].as_array().unwrap() {
        let Some(all) = entry.get("all_dnas") else {
            continue;
        };
        let space = Space::parse(&entry["space"]).unwrap();
        let enumerated: Vec<Genotype> = space.enumerate().collect();
        assert_eq!(&serde_json::to_value(enumerated).unwrap(), all, "{}", space.name());
    }
}

#[test]
fn hytra_counts() {
    let Some(golden) = golden() else { return };
    let spaces = spaces(&golden);
    assert_eq!(spaces["hytra16"].size().to_string(), golden["hytra_reference_counts"]["16 layers"].to_string());
    assert_eq!(spaces["hytra4"].size().to_string(), golden["hytra_reference_counts"]["4 layers"].to_string());
}

#[test]
fn mutation_reaches_exactly_the_golden_support() {
    let Some(golden) = golden() else { return };
    let spaces = spaces(&golden);
    for case in golden["mutation"].as_array().unwrap() {
        let space = &spaces[case["space"].as_str().unwrap()];
        let parent = space.read_genotype(&case["dna"]).unwrap();
        assert_eq!(json!(space.mutable(&parent)), case["mutable_nodes"]);
        for (how, support) in
            [(Mutation::Uniform { filter: None }, "uniform_support"), (Mutation::Swap, "swap_support")]
        {
            let reached: BTreeSet<String> = (0..6000)
                .map(|i| space.mutate(&parent, &how, &mut Randomness::new(i).at(Purpose::Show, 0)))
                .map(|child| serde_json::to_string(&child).unwrap())
                .collect();
            let expected = case[support].as_array().unwrap();
            let expected: BTreeSet<String> = expected.iter().map(Value::to_string).collect();
            assert_eq!(reached, expected, "{support}");
        }
    }
}

#[test]
fn float_scales() {
    let Some(golden) = golden() else { return };
    for case in golden["float_scale"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let scale: Scale = serde_json::from_value(case["scale"].clone()).unwrap();
        let unit = scale.to_unit(number("x"), number("min"), number("max"));
        assert!((unit - number("u")).abs() < 1e-9, "{case}");
        assert!((scale.from_unit(unit, number("min"), number("max")) - number("back")).abs() < 1e-9, "{case}");
    }
}

#[test]
fn bisection() {
    let Some(golden) = golden() else { return };
    for (count, paths) in golden["bisection"].as_object().unwrap() {
        let count: usize = count.parse().unwrap();
        let ours: Vec<Vec<u8>> = (0..count).map(|index| bisect(index, count)).collect();
        assert_eq!(&json!(ours), paths);
    }
}

#[test]
fn invalid_genotypes_are_refused() {
    let Some(golden) = golden() else { return };
    let spaces = spaces(&golden);
    let space = &spaces[golden["invalid_dna"]["space"].as_str().unwrap()];
    for case in golden["invalid_dna"]["cases"].as_array().unwrap() {
        assert!(space.read_genotype(&case["dna"]).is_err(), "{case}");
    }
}

#[test]
fn sizes_of_an_inner_space() {
    let Some(golden) = golden() else { return };
    let partition = &golden["partition"];
    let size = |root: &Value| match Space::parse(&json!({"nas_space": 1, "name": "p", "root": root})).unwrap().size() {
        Size::Finite(size) => size.clone(),
        Size::Infinite => panic!("finite"),
    };
    let (outer, inner) = (size(&partition["root"]["hw"]), size(&partition["root"]["arch"]));
    assert_eq!(outer.to_string(), partition["outer_size"].to_string());
    assert_eq!((outer * inner).to_string(), partition["total_size"].to_string());
}

#[test]
fn pareto_fronts_and_crowding() {
    let Some(golden) = golden() else { return };
    let case = &golden["nsga2"];
    let values: Vec<Vec<f64>> = serde_json::from_value(case["fitness"].clone()).unwrap();
    let fitness: Vec<Fitness> = values.into_iter().map(Fitness::maximised).collect();
    let sorted = |fronts: &Value| {
        let mut fronts: Vec<Vec<usize>> = serde_json::from_value(fronts.clone()).unwrap();
        fronts.iter_mut().for_each(|front| front.sort_unstable());
        fronts
    };
    let fronts = pareto::fronts(&fitness);
    assert_eq!(fronts, sorted(&case["fronts"]));
    let given: Vec<Vec<usize>> = serde_json::from_value(case["fronts"].clone()).unwrap();
    let crowded: Vec<Vec<usize>> = given.iter().map(|front| pareto::by_crowding(front, &fitness)).collect();
    assert_eq!(json!(crowded), case["crowding_sorted"]);
}
