//! Documents made to hurt: each is refused with a fault, or done with quickly, in a thread with an ordinary stack.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use num_bigint::BigUint;
use search::randomness::{Purpose, Randomness};
use search::space::{Draw, Mutation, Recombination, Space};
use serde_json::{Map, Value, json};

fn parse(extra: Value) -> Result<Space, String> {
    let mut document = json!({"nas_space": 1, "name": "t"});
    for (key, value) in extra.as_object().unwrap() {
        document[key] = value.clone();
    }
    Space::parse(&document).map_err(|faults| faults.to_string())
}

/// Runs everything that a service would do with a space.
fn exercise(space: &Space) {
    let mut rng = Randomness::new(1).at(Purpose::Show, 0);
    let genotype = space.sample(Draw::ByDecision, &mut rng);
    assert!(space.validate(&genotype).is_ok());
    let _ = space.materialise(&genotype);
    let other = space.sample(Draw::ByPoint, &mut rng);
    space.recombine(&genotype, &other, &Recombination::Uniform, &mut rng);
    space.mutate(&genotype, &Mutation::Uniform { filter: Some("*a*a*a*a*a*a*a*a*b".into()) }, &mut rng);
    if let Some(rank) = space.rank(&genotype) {
        assert_eq!(space.unrank(&rank), Some(genotype.clone()));
    }
    space.vector(&genotype);
    space.nested(&genotype);
    space.dictionary(&genotype);
    space.decisions();
    space.template();
}

#[test]
fn shared_values_cannot_multiply_without_bound() {
    let mut shared = Map::from_iter([("s00".to_owned(), json!([0, 1]))]);
    for i in 1..50 {
        let below = json!({"$var": format!("s{:02}", i - 1)});
        shared.insert(format!("s{i:02}"), json!([below, below]));
    }
    let faults = parse(json!({"shared": shared, "root": {"$var": "s49"}})).unwrap_err();
    assert!(faults.contains("multiply too far"), "{faults}");

    let mut shared = Map::from_iter([("s00".to_owned(), json!([0, 1]))]);
    for i in 1..50 {
        let below = json!({"$var": format!("s{:02}", i - 1)});
        shared.insert(format!("s{i:02}"), json!({"$eval": ["list", below, below]}));
    }
    let faults = parse(json!({"shared": shared, "root": {"$var": "s49"}})).unwrap_err();
    assert!(faults.contains("multiply too far"), "{faults}");
}

#[test]
fn definitions_nest_only_so_deep() {
    let deep = |reference: Value| (0..50).fold(reference, |inner, _| json!([inner, {"$bool": true}]));
    let mut defs = Map::from_iter([("d00".to_owned(), deep(json!({"$bool": true})))]);
    for i in 1..60 {
        defs.insert(format!("d{i:02}"), deep(json!({"$ref": format!("d{:02}", i - 1)})));
    }
    let mut reversed = Map::new();
    for (name, node) in &defs {
        let text = node.to_string();
        let renamed = (0..60).fold(text, |text, i| text.replace(&format!("d{i:02}"), &format!("e{:02}", 59 - i)));
        let number: usize = name[1..].parse().unwrap();
        reversed.insert(format!("e{:02}", 59 - number), serde_json::from_str(&renamed).unwrap());
    }
    for (defs, root) in [(defs, "d59"), (reversed, "e00")] {
        let faults = parse(json!({"defs": defs, "root": {"$ref": root}})).unwrap_err();
        assert!(faults.contains("levels"), "{faults}");
    }
}

#[test]
fn large_permutations_are_counted_and_ranked_quickly() {
    let space = parse(json!({"root": {"$perm": (0..120).collect::<Vec<_>>()}})).unwrap();
    let factorial: BigUint = (1u32..=120).map(BigUint::from).product();
    assert_eq!(space.size().finite(), Some(&factorial));
    exercise(&space);
    let space =
        parse(json!({"root": {"$manyof": {"k": 30, "of": (0..60).collect::<Vec<_>>(), "sorted": true}}})).unwrap();
    assert_eq!(space.size().to_string(), "118264581564861424");
    exercise(&space);
}

#[test]
fn many_large_choices_do_not_add_up() {
    let permutation: Vec<u32> = (0..900).collect();
    let many = json!({"$manyof": {"k": 450, "of": permutation, "distinct": false, "sorted": true}});
    let root: Vec<Value> = (0..200).map(|_| many.clone()).collect();
    assert!(parse(json!({"root": root})).unwrap_err().contains("multiply too far"));
}

#[test]
fn long_paths_through_many_states_are_bounded() {
    let path = |length: usize, count: usize, degree: usize| {
        let name = |i: usize| format!("s{i}");
        let next = |i: usize| (0..degree).map(|k| name((i + k) % count)).collect::<Vec<_>>();
        let states = (0..count).map(|i| (name(i), json!({"emit": {"$oneof": [1, 2]}, "next": next(i)})));
        let states: Map<String, Value> = states.collect();
        parse(json!({"root": {"$path": {"length": length, "start": ["s0"], "states": states}}}))
    };
    exercise(&path(1000, 4, 2).unwrap());
    exercise(&path(4096, 3, 2).unwrap());
    assert!(path(4096, 80, 80).unwrap_err().contains("too large"));
    assert!(path(4097, 2, 1).is_err());
    assert!(path(4000, 30_000, 2).is_err());
}

#[test]
fn numbers_at_the_edge_of_their_types_are_no_panic() {
    for float in [json!({"min": -1e308, "max": 1e308}), json!({"min": 1e-308, "max": 1e308, "scale": "log"})] {
        assert!(parse(json!({"root": {"$float": float}})).unwrap_err().contains("far"));
    }
    let largest = json!({"$oneof": [i64::MAX, i64::MIN]});
    for expression in [
        json!(["round_to", {"$var": "s"}, 8]),
        json!(["round_to", 8, {"$var": "s"}]),
        json!(["idiv", {"$var": "s"}, -1]),
        json!(["add", {"$var": "s"}, {"$var": "s"}]),
    ] {
        let space = parse(json!({"shared": {"s": largest}, "root": {"$eval": expression}})).unwrap();
        for genotype in space.enumerate() {
            let _ = space.materialise(&genotype);
        }
    }
}

#[test]
fn decision_ids_tell_keys_with_dots_apart() {
    let space =
        parse(json!({"root": {"a": {"b": {"$bool": true}}, "a.b": {"$bool": true}, "[0]": {"$bool": true}}})).unwrap();
    let ids: Vec<String> = space.decisions().into_iter().map(|decision| decision.id).collect();
    assert_eq!(ids, ["[[0\\]]", "a.b", "[a.b]"]);
    let genotype = space.read_genotype(&json!([0, 1, 0])).unwrap();
    assert_eq!(space.read_genotype(&space.dictionary(&genotype)).unwrap(), genotype);
}

#[test]
fn a_state_is_offered_once() {
    let path = json!({"$path": {"length": 2, "start": ["p", "p"], "states": {"p": {"emit": 1, "next": ["p", "p"]}}}});
    let faults = parse(json!({"root": path})).unwrap_err();
    assert!(faults.contains("/root/$path/start") && faults.contains("/root/$path/states/p/next"), "{faults}");
}
