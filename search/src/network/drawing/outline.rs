//! What is to be drawn: blocks in groups, neighbouring groups of one make folded into one.

use crate::network::{Graph, Layer, LayerCost, Shape, cost};
use indexmap::IndexMap;
use std::collections::{BTreeMap, BTreeSet};

/// An item's place: group, then item of the group.
pub(super) type Place = (usize, usize);

/// A box.
pub(super) struct Item {
    pub operator: String,
    pub shape: Shape,
    pub tooltip: String,
    /// Where its values come from.
    pub inputs: BTreeSet<Place>,
}

/// Boxes of one cell, stage or layer.
pub(super) struct Group {
    pub name: String,
    /// Name of the last of several alike that are drawn as one.
    pub last: String,
    /// How many are drawn as one.
    pub alike: usize,
    pub items: Vec<Item>,
}

/// A block as the graph has it.
struct Raw {
    block: usize,
    shape: Shape,
    sources: BTreeSet<usize>,
    open: Option<usize>,
}

pub(super) fn outline(graph: &Graph) -> Vec<Group> {
    let tooltips = tooltips(graph);
    let mut places: BTreeMap<usize, Place> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    let mut before: Option<(String, Vec<Mark>)> = None;
    for (name, members) in raw_groups(graph) {
        let marks = (series(&name).to_owned(), signature(graph, &members));
        if before.as_ref() == Some(&marks)
            && let Some(index) = groups.len().checked_sub(1)
        {
            groups[index].alike += 1;
            groups[index].last = name;
            places.extend(members.iter().enumerate().map(|(item, raw)| (raw.block, (index, item))));
            continue;
        }
        places.extend(members.iter().enumerate().map(|(item, raw)| (raw.block, (groups.len(), item))));
        let items = members
            .iter()
            .map(|raw| Item {
                operator: title(graph, raw),
                shape: raw.shape,
                tooltip: tooltips.get(&raw.block).cloned().unwrap_or_else(|| {
                    let block = &graph.blocks[raw.block];
                    format!("{}\n{}: {}", block.name, block.operator, raw.shape)
                }),
                inputs: raw.sources.iter().filter_map(|source| places.get(source).copied()).collect(),
            })
            .collect();
        groups.push(Group { last: name.clone(), name, alike: 1, items });
        before = Some(marks);
    }
    groups
}

/// What a name counts: `cells.3` belongs to the series `cells`.
fn series(name: &str) -> &str {
    name.trim_end_matches(|letter: char| letter.is_ascii_digit())
}

fn title(graph: &Graph, raw: &Raw) -> String {
    match raw.open {
        Some(candidates) => format!("{} of {candidates}", graph.blocks[raw.block].operator),
        None => graph.blocks[raw.block].operator.clone(),
    }
}

/// Blocks by group, both in the order of the graph.
fn raw_groups(graph: &Graph) -> IndexMap<String, Vec<Raw>> {
    let mut blocks: IndexMap<usize, Raw> = IndexMap::new();
    for node in &graph.nodes {
        let raw = blocks.entry(node.block).or_insert_with(|| Raw {
            block: node.block,
            shape: node.shape,
            sources: BTreeSet::new(),
            open: None,
        });
        raw.shape = node.shape;
        let outside = node.inputs.iter().map(|input| graph.nodes[input.0].block).filter(|block| *block != node.block);
        raw.sources.extend(outside);
        if let Layer::Choice { labels, .. } = &node.layer {
            raw.open = Some(labels.len());
        }
    }
    let mut groups: IndexMap<String, Vec<Raw>> = IndexMap::new();
    for (block, raw) in blocks {
        let block = &graph.blocks[block];
        groups.entry(block.group.clone().unwrap_or_else(|| block.name.clone())).or_default().push(raw);
    }
    groups
}

/// What makes two groups look alike: per item its operator, its shape, and which items of the group it reads (`None`
/// for values from outside).
type Mark = (String, Shape, Vec<Option<usize>>);

fn signature(graph: &Graph, members: &[Raw]) -> Vec<Mark> {
    let inside: BTreeMap<usize, usize> = members.iter().enumerate().map(|(item, raw)| (raw.block, item)).collect();
    let mark = |raw: &Raw| {
        let sources = raw.sources.iter().map(|source| inside.get(source).copied()).collect();
        (title(graph, raw), raw.shape, sources)
    };
    members.iter().map(mark).collect()
}

fn tooltips(graph: &Graph) -> BTreeMap<usize, String> {
    let numbers: BTreeMap<&str, usize> =
        graph.blocks.iter().enumerate().map(|(index, block)| (block.name.as_str(), index)).collect();
    let line = |row: LayerCost| {
        let text = format!(
            "{}\n{}: {} to {}\n{} parameters, {} multiply-adds",
            row.name, row.operator, row.input, row.output, row.params, row.flops
        );
        numbers.get(row.name.as_str()).map(|block| (*block, text))
    };
    cost(graph).rows.into_iter().filter_map(line).collect()
}
