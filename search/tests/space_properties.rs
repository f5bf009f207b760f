//! What holds for every space: properties over randomly written documents.

use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;
use search::randomness::{Purpose, Randomness, Rng};
use search::space::{Draw, Genotype, Mutation, PermutationCrossover, Recombination, Size, Space};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Enumerations are walked whole up to this size.
const WALKED: u32 = 400;

fn rng(seed: u64) -> Rng {
    Randomness::new(seed).at(Purpose::Show, 0)
}

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(Value::from),
        (-9i64..9).prop_map(Value::from),
        Just(json!(0.5)),
        "[a-c]{1,2}".prop_map(Value::from),
        Just(json!({"constant": [1, "two"]})),
    ]
}

fn number_decision() -> impl Strategy<Value = Value> {
    let float = |grid: Option<u32>, scale: &'static str| {
        let mut float = json!({"min": 0.5, "max": 8.0, "scale": scale});
        if let Some(points) = grid {
            float["grid"] = json!(points);
        }
        json!({"$float": float})
    };
    let scale = prop::sample::select(vec!["linear", "log", "rlog"]);
    prop_oneof![
        3 => (-3i64..3, 0i64..5, 1i64..3)
            .prop_map(|(min, more, step)| json!({"$int": {"min": min, "max": min + more, "step": step}})),
        2 => (1u32..4, scale.clone()).prop_map(move |(points, scale)| float(Some(points), scale)),
        1 => scale.prop_map(move |scale| float(None, scale)),
    ]
}

/// A node that may refer to the definitions `d0`, `d1` and the shared variables `s0`, `s1`.
fn node(references: bool) -> impl Strategy<Value = Value> {
    let fixed = prop_oneof![3 => scalar(), 2 => number_decision(), 1 => Just(json!({"$bool": true}))].boxed();
    let leaf = if references {
        let known = prop::sample::select(vec![
            json!({"$ref": "d0"}),
            json!({"$ref": "d1"}),
            json!({"$var": "s0"}),
            json!({"$var": "s1"}),
            json!({"$eval": ["list", {"$var": "s0"}, ["add", 1, {"$var": "s1"}]]}),
        ]);
        prop_oneof![3 => fixed, 1 => known].boxed()
    } else {
        fixed
    };
    leaf.prop_recursive(3, 12, 3, |inner| {
        let many = vec(inner.clone(), 1..4).boxed();
        prop_oneof![
            2 => many.clone().prop_map(Value::from),
            2 => prop::collection::btree_map("[a-c.]{1,2}", inner.clone(), 0..4).prop_map(|members| json!(members)),
            2 => many.clone().prop_map(|of| json!({"$oneof": of})),
            1 => (many.clone(), any::<bool>()).prop_map(|(of, ordered)| json!({"$oneof": {"of": of, "ordered": ordered}})),
            2 => (many.clone(), 0usize..4, any::<bool>(), any::<bool>()).prop_map(|(of, k, distinct, sorted)| {
                let k = if distinct { k.min(of.len()) } else { k };
                json!({"$manyof": {"k": k, "of": of, "distinct": distinct, "sorted": sorted}})
            }),
            1 => many.prop_map(|of| json!({"$perm": of})),
            1 => inner.clone().prop_map(|node| json!({"$optional": node})),
            1 => (inner.clone(), times(), any::<bool>())
                .prop_map(|(body, times, tie)| json!({"$repeat": {"times": times, "body": body, "tie": tie}})),
            1 => (inner.clone(), inner, 1usize..4).prop_map(|(p, q, length)| json!({"$path": {
                "length": length, "start": ["q", "p"], "end": ["p"],
                "states": {"p": {"emit": p, "next": ["p"]}, "q": {"emit": q, "next": ["p", "q"]}}}})),
        ]
    })
}

fn times() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u32..3).prop_map(Value::from),
        Just(json!({"$int": {"min": 0, "max": 2}})),
        Just(json!({"$oneof": [2, 1, 1]})),
    ]
}

fn space() -> impl Strategy<Value = Space> {
    let number = prop_oneof![Just(json!(3)), Just(json!({"$int": {"min": 1, "max": 3}}))];
    (node(false), node(false), node(false), number, node(true)).prop_map(|(d0, d1, s0, s1, root)| {
        let document = json!({"nas_space": 1, "name": "random", "defs": {"d0": d0, "d1": [d1, {"$ref": "d0"}]},
            "shared": {"s0": s0, "s1": s1}, "root": root});
        Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}\n{document}"))
    })
}

fn assert_valid(space: &Space, genotype: &Genotype) {
    let verdict = space.validate(genotype);
    assert!(verdict.is_ok(), "{verdict:?}: {genotype:?} of {}", space.document());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_drawn_genotype_is_valid_and_survives_every_form(space in space(), seed: u64, by_point: bool) {
        let how = if by_point { Draw::ByPoint } else { Draw::ByDecision };
        let genotype = space.sample(how, &mut rng(seed));
        assert_valid(&space, &genotype);
        prop_assert!(space.materialise(&genotype).is_ok());
        let text = serde_json::to_string(&genotype).unwrap();
        for form in [serde_json::from_str(&text).unwrap(), space.nested(&genotype), space.dictionary(&genotype)] {
            let read = space.read_genotype(&form).unwrap_or_else(|faults| panic!("{faults}: {form} of {}", space.document()));
            prop_assert_eq!(&read, &genotype, "{}", form);
            prop_assert_eq!(space.key(&read), space.key(&genotype));
        }
        prop_assert_eq!(space.vector(&genotype).len(), space.vector_length());
        let known: BTreeSet<String> = space.decisions().into_iter().map(|decision| decision.id).collect();
        let active = space.active(&genotype).unwrap();
        prop_assert_eq!(active.iter().map(|(_, choice)| *choice).collect::<Vec<_>>(), genotype.0);
        let ids: BTreeSet<&String> = active.iter().map(|(id, _)| id).collect();
        prop_assert_eq!(ids.len(), active.len(), "decision ids are unique");
        prop_assert!(ids.into_iter().all(|id| known.contains(id)));
    }

    #[test]
    fn a_selection_leads_back_to_its_genotype(space in space(), seed: u64) {
        let genotype = space.sample(Draw::ByDecision, &mut rng(seed));
        match space.selection(&genotype) {
            Ok(selection) => prop_assert_eq!(space.close(&selection), Ok(genotype)),
            // A continuous decision, or a candidate picked twice with different choices below it.
            Err(faults) => {
                let why = faults.to_string();
                prop_assert!(why.contains("continuous") || why.contains("chosen twice"), "{}", why);
            }
        }
    }

    #[test]
    fn rank_and_unrank_are_inverse(space in space(), seed: u64) {
        let genotype = space.sample(Draw::ByDecision, &mut rng(seed));
        match space.rank(&genotype) {
            None => prop_assert_eq!(space.size(), &Size::Infinite),
            Some(rank) => {
                prop_assert!(Some(&rank) < space.size().finite());
                prop_assert_eq!(space.unrank(&rank), Some(genotype));
            }
        }
    }

    #[test]
    fn an_enumeration_is_complete_and_in_order(space in space()) {
        let Some(size) = space.size().finite() else {
            prop_assert!(space.enumerate().next().is_none());
            return Ok(());
        };
        prop_assert_eq!(space.unrank(size), None);
        if *size <= BigUint::from(WALKED) {
            let all: Vec<Genotype> = space.enumerate().collect();
            prop_assert_eq!(BigUint::from(all.len()), size.clone());
            let keys: BTreeSet<String> = all.iter().map(|genotype| space.key(genotype)).collect();
            prop_assert_eq!(keys.len(), all.len());
            all.iter().for_each(|genotype| assert_valid(&space, genotype));
            for pair in all.windows(2) {
                prop_assert_eq!(space.next_after(&pair[0]), Some(pair[1].clone()));
                let order = |genotype: &Genotype| genotype.0.iter().map(|choice| format!("{choice:?}")).collect::<Vec<_>>();
                prop_assert!(order(&pair[0]) < order(&pair[1]), "{:?}", pair);
            }
            prop_assert_eq!(all.last().and_then(|last| space.next_after(last)), None);
        }
    }

    #[test]
    fn variations_are_valid(space in space(), seed: u64) {
        let mut rng = rng(seed);
        let (a, b) = (space.sample(Draw::ByDecision, &mut rng), space.sample(Draw::ByPoint, &mut rng));
        let filter = Some("*a*".to_owned());
        for how in [
            Mutation::Uniform { filter: None },
            Mutation::Uniform { filter },
            Mutation::Swap,
            Mutation::Gaussian { sigma: 0.3 },
        ] {
            assert_valid(&space, &space.mutate(&a, &how, &mut rng));
        }
        let permutations = [PermutationCrossover::Pmx, PermutationCrossover::Ox, PermutationCrossover::Cx];
        for how in [Recombination::Uniform, Recombination::KPoint(2), Recombination::Average]
            .into_iter()
            .chain(permutations.map(Recombination::Permutation))
        {
            assert_valid(&space, &space.recombine(&a, &b, &how, &mut rng));
            prop_assert_eq!(space.recombine(&a, &a, &how, &mut rng).0.len(), a.0.len(), "a child of twins is their twin");
        }
        for neighbour in space.neighbours(&a) {
            assert_valid(&space, &neighbour);
            prop_assert_ne!(&neighbour, &a);
        }
    }

    #[test]
    fn a_foreign_genotype_is_refused_or_read_but_never_a_panic(space in space(), numbers in vec(0u64..4, 0..9)) {
        if let Ok(genotype) = space.read_genotype(&json!(numbers)) {
            assert_valid(&space, &genotype);
        }
    }

    #[test]
    fn any_json_is_a_space_or_has_faults(document in wild()) {
        for document in [document.clone(), json!({"nas_space": 1, "name": "wild", "root": document, "defs": {"d": document},
            "shared": {"s": document}, "constraints": [document]})] {
            match Space::parse(&document) {
                Err(faults) => prop_assert!(!faults.is_empty()),
                Ok(space) => assert_valid(&space, &space.sample(Draw::ByPoint, &mut rng(1))),
            }
        }
    }

    #[test]
    fn any_text_is_a_space_or_has_faults(text in ".{0,60}") {
        let _ = Space::from_text(&text).map(|space| space.sample(Draw::ByDecision, &mut rng(1)));
    }
}

/// Documents with the language's words in the wrong places.
fn wild() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "$oneof",
        "$manyof",
        "$perm",
        "$bool",
        "$optional",
        "$int",
        "$float",
        "$repeat",
        "$path",
        "$ref",
        "$var",
        "$eval",
        "of",
        "k",
        "min",
        "max",
        "step",
        "grid",
        "times",
        "body",
        "length",
        "start",
        "states",
        "next",
        "emit",
        "d",
        "s",
        "add",
        "mul",
        "idiv",
        "round_to",
        "list",
        "at",
        "if",
        "get",
        "lt",
    ]);
    let leaf = prop_oneof![
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec![i64::MIN, -1, 0, 1, i64::MAX]).prop_map(Value::from),
        (0u64..9).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![-1e308, 1e-308, 1e308]).prop_map(Value::from),
        word.clone().prop_map(Value::from),
        Just(json!(true)),
        Just(json!(null)),
    ];
    leaf.prop_recursive(6, 40, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            (word.clone(), vec(inner.clone(), 0..4)).prop_map(|(operation, mut arguments)| {
                arguments.insert(0, operation.into());
                Value::from(arguments)
            }),
            (word.clone(), inner.clone()).prop_map(|(key, value)| json!({key: value})),
            (inner.clone(), inner.clone())
                .prop_map(|(min, max)| json!({"$float": {"min": min, "max": max, "grid": 3}})),
            (inner.clone(), inner.clone()).prop_map(|(min, max)| json!({"$int": {"min": min, "max": max}})),
            (inner.clone(), inner.clone()).prop_map(|(of, k)| json!({"$manyof": {"of": of, "k": k}})),
            (inner.clone(), inner.clone()).prop_map(|(times, body)| json!({"$repeat": {"times": times, "body": body}})),
            prop::collection::btree_map(word.clone().prop_map(str::to_owned), inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}
