//! What a search with shared weights shows of itself.

use super::digest::Digest;
use super::labels::readable;
use crate::space::Genotype;
use crate::strategy::{Insight, Problem};
use std::collections::BTreeMap;

/// Factor by which the eigenvalue grows before a derived cell is suspicious (RobustDARTS).
const EIGENVALUE_GROWTH: f64 = 1.3;
/// Skip connections of a kind of cell that DARTS+ takes for a sign of collapse.
const MANY_SKIPS: f64 = 3.0;

/// Metrics that are drawn: title and unit of each chart, and its lines.
const CHARTS: [(&str, &str, &[&str]); 7] = [
    ("Loss of the supernet", "loss", &["train_loss", "loss"]),
    ("Accuracy of the supernet", "top1", &["top1"]),
    ("Entropy of the architecture", "nats per decision", &["entropy"]),
    ("Skip connections of the derived cell", "skip connections", &["skip_count"]),
    ("Largest eigenvalue of the validation loss in the architecture", "eigenvalue", &["lambda_max"]),
    ("Expected cost", "cost", &["expected_cost"]),
    ("Temperature", "temperature", &["temperature"]),
];

/// All insights of the supernets that have ended, by their number.
pub fn of(problem: &Problem, runs: &[(usize, &Digest)]) -> Vec<Insight> {
    let mut all: Vec<Insight> = runs.iter().filter_map(|(number, digest)| warning(*number, digest)).collect();
    all.extend(runs.iter().flat_map(|(number, digest)| heatmaps(*number, digest)));
    all.extend(CHARTS.iter().filter_map(|(title, y, metrics)| chart(title, y, metrics, runs)));
    all.extend(runs.iter().filter_map(|(number, digest)| genotypes(problem, *number, digest)));
    all
}

/// Signs of collapse in words.
fn warning(number: usize, digest: &Digest) -> Option<Insight> {
    let mut signs = Vec::new();
    if let Some((_, last)) = digest.ends("skip_count").filter(|(_, last)| *last >= MANY_SKIPS) {
        signs.push(format!("a kind of cell has {last} skip connections"));
    }
    if let Some((first, last)) = digest.ends("lambda_max").filter(|(first, last)| *last > EIGENVALUE_GROWTH * *first) {
        signs.push(format!("the largest eigenvalue grew from {first:.3} to {last:.3}"));
    }
    if let Some(stopped) = &digest.stopped {
        signs.push(format!("the search stopped after epoch {}: {stopped}", digest.epochs));
    }
    (!signs.is_empty()).then(|| Insight::Text {
        title: format!("Supernet {}: signs of collapse", number + 1),
        text: format!(
            "{}. The supernet's accuracy does not tell of it: compare the trained networks, and try `partial_channels`, \
             `skip_cap`, `eigenvalue_growth`, `beta_decay` or more `warmup_epochs`.",
            signs.join("; ")
        ),
    })
}

/// Decisions whose candidates are alike: the part of the network that they stand in, and the labels.
type Alike = (String, Vec<String>);

/// One heat map per group of decisions whose candidates are alike.
fn heatmaps(number: usize, digest: &Digest) -> Vec<Insight> {
    let mut groups: BTreeMap<Alike, Vec<(&str, &Vec<f64>)>> = BTreeMap::new();
    for (decision, probabilities) in &digest.last {
        let labels = digest.labels.get(decision).filter(|labels| labels.len() == probabilities.len());
        let Some(labels) = labels else { continue };
        let group = decision.split_once(".nodes[").map_or("", |(group, _)| group);
        groups.entry((group.to_owned(), readable(labels))).or_default().push((decision, probabilities));
    }
    let heatmap = |((group, columns), rows): (Alike, Vec<(&str, &Vec<f64>)>)| Insight::Heatmap {
        title: match short(&group) {
            "" => format!("Supernet {}: probabilities", number + 1),
            cell => format!("Supernet {}: probabilities of `{cell}`", number + 1),
        },
        rows: rows.iter().map(|(decision, _)| within(decision, &group)).collect(),
        columns,
        values: rows.into_iter().map(|(_, probabilities)| probabilities.clone()).collect(),
    };
    groups.into_iter().map(heatmap).collect()
}

/// `network.cells.normal` is `normal` for people.
fn short(group: &str) -> &str {
    group.rsplit('.').next().unwrap_or(group)
}

/// A decision inside its group; an edge of a cell is `node 1, edge 2 of 3`.
fn within(decision: &str, group: &str) -> String {
    let rest = decision.strip_prefix(group).unwrap_or(decision).trim_start_matches('.');
    let edge = rest.strip_prefix("nodes[").and_then(|rest| rest.split_once(']')).and_then(|(node, rest)| {
        let (edge, _) = rest.strip_prefix("[=")?.split_once('/')?;
        Some(format!("state {edge} to node {node}"))
    });
    edge.unwrap_or_else(|| rest.to_owned())
}

fn chart(title: &str, y: &str, metrics: &[&str], runs: &[(usize, &Digest)]) -> Option<Insight> {
    let mut lines = BTreeMap::new();
    for (number, digest) in runs {
        for metric in metrics {
            if let Some(points) = digest.metrics.get(*metric).filter(|points| !points.is_empty()) {
                let name =
                    if metrics.len() > 1 { format!("{} {metric}", number + 1) } else { (number + 1).to_string() };
                lines.insert(format!("supernet {name}"), points.clone());
            }
        }
    }
    let series = Insight::Series { title: title.into(), x: "epoch".into(), y: y.into(), lines };
    matches!(&series, Insight::Series { lines, .. } if !lines.is_empty()).then_some(series)
}

/// The network that would have been derived, from each epoch on in which it changed.
fn genotypes(problem: &Problem, number: usize, digest: &Digest) -> Option<Insight> {
    let mut columns: Vec<String> = Vec::new();
    let mut table: Vec<(u32, BTreeMap<String, String>)> = Vec::new();
    for (epoch, genotype) in &digest.genotypes {
        let parts = parts(problem, digest, genotype)?;
        for group in parts.keys().filter(|group| !columns.contains(group)).cloned().collect::<Vec<_>>() {
            columns.push(group);
        }
        table.push((*epoch, parts));
    }
    let row = |(epoch, parts): &(u32, BTreeMap<String, String>)| {
        let cells = columns.iter().map(|group| parts.get(group).cloned().unwrap_or_default());
        std::iter::once(epoch.to_string()).chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = table.iter().map(row).collect();
    let name = |group: &String| if group.is_empty() { "network".into() } else { short(group).to_owned() };
    (!rows.is_empty()).then(|| Insight::Table {
        title: format!("Supernet {}: derived network by epoch", number + 1),
        columns: std::iter::once("epoch".to_owned()).chain(columns.iter().map(name)).collect(),
        rows,
    })
}

/// The chosen candidates of a genotype in words, by group.
fn parts(problem: &Problem, digest: &Digest, genotype: &Genotype) -> Option<BTreeMap<String, String>> {
    let selection = problem.space.selection(genotype).ok()?;
    let mut parts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (decision, chosen) in &selection.0 {
        // Which edges are taken shows in the operators on them.
        let [index] = chosen.as_slice() else { continue };
        let Some(labels) = digest.labels.get(decision) else { continue };
        let leading = usize::from(digest.zero_operator && below(decision));
        let Some(label) = readable(labels).get(index + leading).cloned() else { continue };
        let group = decision.split_once(".nodes[").map_or("", |(group, _)| group);
        let place = if group.is_empty() { label } else { format!("{}: {label}", within(decision, group)) };
        parts.entry(group.to_owned()).or_default().push(place);
    }
    Some(parts.into_iter().map(|(group, parts)| (group, parts.join(", "))).collect())
}

/// Whether a decision stands below a chosen edge.
fn below(decision: &str) -> bool {
    decision.contains("[=")
}
