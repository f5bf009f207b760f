//! The commands of `docs/spaces.md` are carried out, and the page tells of every space and option.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

use search::network::{catalogue, lower};
use search::space::Space;
use serde_json::{Map, Value};

fn page() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/spaces.md");
    std::fs::read_to_string(path).expect("the page")
}

/// Words of a shell command: blanks part them, single quotes hold them together.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for letter in command.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("a word").push(other),
        }
    }
    words
}

/// Values behind every occurrence of an option.
fn options<'a>(words: &'a [String], name: &str) -> Vec<&'a str> {
    words.windows(2).filter(|pair| pair[0] == name).map(|pair| pair[1].as_str()).collect()
}

fn space(words: &[String]) -> (String, Space) {
    let name = options(words, "--space")[0];
    let set = options(words, "--set").into_iter().map(|assignment| {
        let (key, value) = assignment.split_once('=').expect("key=value");
        (key.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::String(value.to_owned())))
    });
    let built = catalogue::build(name, &set.collect::<Map<_, _>>());
    (name.to_owned(), built.unwrap_or_else(|faults| panic!("{words:?}: {faults}")))
}

#[test]
fn every_inspect_command_works() {
    let page = page();
    let commands: Vec<&str> = page.lines().filter(|line| line.starts_with("nascent inspect ")).collect();
    assert!(commands.len() >= 10, "{}", commands.len());
    for command in commands {
        let words = words(command);
        let (name, space) = space(&words);
        let text = options(&words, "--genotype")[0];
        let genotype = match (catalogue::find(&name).expect("listed").notation)() {
            Some(notation) => notation.read(&space, text),
            None => space.read_genotype(&serde_json::from_str(text).expect("JSON")),
        };
        let genotype = genotype.unwrap_or_else(|faults| panic!("{command}: {faults}"));
        let candidate = space.materialise(&genotype).unwrap_or_else(|faults| panic!("{command}: {faults}"));
        lower(&candidate["network"]).unwrap_or_else(|faults| panic!("{command}: {faults}"));
    }
}

#[test]
fn the_sizes_are_true() {
    let page = page();
    for (name, size) in [("digits-quickstart", "44,789,760"), ("nasbench201", "15,625"), ("fbnet-blocks", "1")] {
        let space = catalogue::build(name, &Map::new()).unwrap_or_else(|faults| panic!("{faults}"));
        assert_eq!(space.size().to_string(), size.replace(',', ""), "{name}");
        assert!(page.lines().any(|line| line.starts_with(&format!("| `{name}` |")) && line.contains(size)), "{name}");
    }
    for (name, size) in [("darts", 1.077e18), ("fbnet", 4.857e20), ("fbnetv3", 1.490e27), ("metaformer", 3.061e10)] {
        let space = catalogue::build(name, &Map::new()).unwrap_or_else(|faults| panic!("{faults}"));
        let found: f64 = space.size().to_string().parse().expect("a number");
        assert!((found / size - 1.0).abs() < 1e-3, "{name}: {found}");
    }
}

#[test]
fn every_space_and_option_is_told() {
    let page = page();
    for entry in catalogue::catalogue() {
        let heading = format!("\n## {}\n", entry.name);
        let section = page.split_once(&heading).unwrap_or_else(|| panic!("no section on {}", entry.name)).1;
        let section = section.split("\n## ").next().unwrap_or_default();
        for option in (entry.schema)()["properties"].as_object().expect("options").keys() {
            assert!(section.contains(&format!("`{option}`")), "{}: nothing on `{option}`", entry.name);
        }
    }
}
