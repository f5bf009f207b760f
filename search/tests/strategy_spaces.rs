//! Every strategy on every ready-made space: it searches it, or refuses it with a sentence that names the decision. The table
//! in `docs/strategies.md` is what this test found.

#![expect(clippy::disallowed_methods, reason = "tests read files")]

mod support;

use search::network::catalogue;
use search::strategy::{Problem, StrategyKind, registry};
use serde_json::json;
use support::ready_made;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/strategies.md");
const BEGIN: &str = "<!-- written by search/tests/strategy_spaces.rs -->\n";
const END: &str = "<!-- end -->\n";

/// Why a strategy refuses a space: the first fault and how many there are.
fn refusal(kind: &dyn StrategyKind, problem: &Problem) -> Option<(String, usize)> {
    let faults = kind.check(problem, &json!({})).err()?;
    assert!(faults.0.iter().all(|fault| fault.pointer == "/space"), "{}: {faults}", kind.name());
    Some((faults.0[0].detail.clone(), faults.0.len()))
}

/// Whether a sentence names a decision of the space, or says that there is none.
fn names_a_decision(sentence: &str, problem: &Problem) -> bool {
    let quoted = sentence.split('`').skip(1).step_by(2);
    let decisions = problem.space.decisions();
    // Below a multi-choice the template leaves out the position of the pick.
    let begins = |id: &str| decisions.iter().any(|decision| decision.id.starts_with(id));
    decisions.is_empty() && sentence.contains("nothing to search") || quoted.into_iter().any(begins)
}

fn table() -> String {
    let spaces = catalogue::catalogue();
    let problems: Vec<Problem> = spaces.iter().map(|space| ready_made(space.name, &json!({}))).collect();
    let mut table = String::from("| strategy |");
    spaces.iter().for_each(|space| table += &format!(" `{}` |", space.name));
    table += "\n| --- |";
    spaces.iter().for_each(|_| table += " :-: |");
    table.push('\n');
    let mut notes: Vec<String> = Vec::new();
    for kind in registry() {
        table += &format!("| `{}` |", kind.name());
        for problem in &problems {
            match refusal(*kind, problem) {
                None => table += " yes |",
                Some((why, count)) => {
                    assert!(names_a_decision(&why, problem), "{} on {}: {why}", kind.name(), problem.space.name());
                    let more = if count > 1 { format!(" (and {} more)", count - 1) } else { String::new() };
                    // Strategies of a kind refuse in the same words.
                    let note = format!("{}{more}", why.replacen(kind.name(), "The strategy", 1));
                    let number = notes.iter().position(|known| *known == note).unwrap_or(notes.len());
                    if number == notes.len() {
                        notes.push(note);
                    }
                    table += &format!(" – {} |", number + 1);
                }
            }
        }
        table.push('\n');
    }
    table.push('\n');
    notes.iter().enumerate().for_each(|(number, note)| table += &format!("{}. {note}\n", number + 1));
    table
}

#[test]
fn the_page_shows_which_strategy_searches_which_space() {
    let page = std::fs::read_to_string(PAGE).expect("docs/strategies.md");
    let (before, rest) = page.split_once(BEGIN).expect("the beginning of the table");
    let (written, after) = rest.split_once(END).expect("the end of the table");
    let table = table();
    if std::env::var_os("NASCENT_WRITE_DOCS").is_some() {
        std::fs::write(PAGE, format!("{before}{BEGIN}{table}{END}{after}")).expect("writes the page");
        return;
    }
    assert_eq!(
        written, table,
        "write the page anew: NASCENT_WRITE_DOCS=1 cargo test -p nascent-search --test strategy_spaces"
    );
}

#[test]
fn the_page_tells_of_every_strategy_and_option() {
    let page = std::fs::read_to_string(PAGE).expect("docs/strategies.md");
    for kind in registry() {
        let heading = format!("\n### {}\n", kind.name());
        let section = page.split_once(&heading).unwrap_or_else(|| panic!("no section on {}", kind.name())).1;
        let section = section.split("\n### ").next().unwrap_or_default();
        let common = page.split_once("\n### Common options\n").map(|(_, rest)| rest.split("\n### ").next());
        let common = common.flatten().unwrap_or_default();
        for option in kind.options_schema()["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
            let quoted = format!("`{option}`");
            assert!(section.contains(&quoted) || common.contains(&quoted), "{}: nothing on `{option}`", kind.name());
        }
    }
}
