//! Search quality on NAS-Bench-201's table: evaluations until the best cell of CIFAR-10 is found.

mod support;

use flate2::read::GzDecoder;
use search::randomness::Randomness;
use search::strategy::{Problem, find};
use serde_json::{Value, json};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;
use support::{done, play, problem, shared};

const OPERATIONS: [&str; 5] = ["none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3"];

/// Mean test accuracy after 200 epochs by the six operations of the cell.
fn table() -> Option<BTreeMap<Vec<String>, f64>> {
    let path = shared("data/nasbench201/nasbench201.csv.gz")?;
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let column = |name: &str| header.iter().position(|h| *h == name).unwrap();
    let edges = ["e01", "e02", "e12", "e03", "e13", "e23"].map(column);
    let accuracy = column("c10_test_200");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        (edges.iter().map(|e| cells[*e].to_owned()).collect(), cells[accuracy].parse().unwrap())
    };
    Some(lines.map(row).collect())
}

/// Six edges with five operations each.
fn cell_problem() -> Problem {
    problem(Value::Array(vec![json!({"$oneof": OPERATIONS}); 6]))
}

/// Mean number of evaluations until the best cell is found, over `seeds` runs.
fn mean_queries(name: &str, options: Value, seeds: u64) -> Option<f64> {
    let table = table()?;
    let best = table.values().copied().fold(f64::MIN, f64::max);
    let problem = cell_problem();
    let kind = find(name).unwrap();
    let total: u64 = (0..seeds)
        .map(|seed| {
            let (asked, found) = (Cell::new(0u64), Cell::new(None));
            let strategy = kind.create(problem.clone(), &options).unwrap();
            let answer = |genotype: &_| {
                let Value::Array(cell) = problem.space.materialise(genotype).unwrap() else { unreachable!() };
                let key: Vec<String> = cell.iter().map(|op| op.as_str().unwrap().to_owned()).collect();
                asked.set(asked.get() + 1);
                if table[&key] == best && found.get().is_none() {
                    found.set(Some(asked.get()));
                }
                done("score", table[&key])
            };
            play(strategy, &Randomness::new(seed), 1, 1500, answer, |s| s);
            found.get().unwrap_or(1500)
        })
        .sum();
    let mean = total as f64 / seeds as f64;
    println!("{name}: best cell after {mean:.1} evaluations (mean of {seeds} seeds)");
    Some(mean)
}

#[test]
fn evolution_finds_the_best_cell_some_fifty_times_sooner_than_chance() {
    if let Some(mean) = mean_queries("evolution", json!({"population": 30, "tournament": 10}), 40) {
        assert!(mean < 160.0, "published implementations need 107, this one {mean}");
    }
}

#[test]
fn local_search_finds_the_best_cell_sooner_than_evolution() {
    if let Some(mean) = mean_queries("local", json!({}), 40) {
        assert!(mean < 100.0, "published implementations need 64, this one {mean}");
    }
}
