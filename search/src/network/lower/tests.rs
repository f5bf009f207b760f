use super::*;
use crate::space::Space;
use serde_json::json;

/// The JSON examples of the README.
fn examples() -> Vec<Value> {
    let parts = include_str!("../README.md").split("```json").skip(1);
    let text = parts.filter_map(|part| part.split("```").next());
    text.map(|text| serde_json::from_str(text).expect("JSON in the README")).collect()
}

#[test]
fn the_examples_of_the_readme_are_spaces_of_networks() {
    let examples = examples();
    assert_eq!(examples.len(), 2);
    for example in examples {
        let document = match example.get("root") {
            Some(_) => example,
            None => json!({"nas_space": 1, "name": "example", "root": example}),
        };
        let space = Space::parse(&document).unwrap_or_else(|faults| panic!("{faults}"));
        let first = space.unrank(&0u32.into());
        let mut rng = crate::randomness::Randomness::new(1).at(crate::randomness::Purpose::Show, 0);
        let genotype = first.unwrap_or_else(|| space.sample(crate::space::Draw::ByDecision, &mut rng));
        let candidate = space.materialise(&genotype).unwrap_or_else(|faults| panic!("{faults}"));
        crate::network::statistics(&candidate).unwrap_or_else(|faults| panic!("{faults}"));
        let Template::Object(members) = document::spelled_out(&space.template()) else { panic!("no object") };
        lower_open(&members["network"], Opening::default()).unwrap_or_else(|faults| panic!("{faults}"));
    }
}

#[test]
fn depth_counts_the_longest_way() {
    let network = document::open_up(&json!([
        "conv", null, ["conv", "conv"], {"stage": {"repeat": 3, "block": "conv"}}, {"cell": "c"}, {"sequence": ["conv", "conv"]},
    ]));
    let Template::Array(layers) = &network else { panic!("no array") };
    assert_eq!(depth::layers(&layers.iter().collect::<Vec<_>>()), 1 + 2 + 3 + 1 + 2);
}
