//! The rows of a supernet: one per decision that stands in its graph.

use super::SupernetPlan;
use crate::network::{Graph, Layer, Node, NodeId, Primitive};
use std::collections::BTreeMap;

/// Label of the candidate that computes nothing.
pub const NONE: &str = "none";

/// What a row decides, as its nodes say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowKind {
    /// One operator of several; with `zero` the first label is `none`, which has no candidate in the graph.
    Operators { zero: bool },
    /// `pick` of a node's edges.
    Edges { pick: usize },
    /// One number of channels.
    Width { options: Vec<usize> },
}

/// One decision: a logit per label, shared by all its nodes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Id in the space's template.
    pub decision: String,
    pub labels: Vec<String>,
    pub kind: RowKind,
    pub nodes: Vec<NodeId>,
    /// Part of the network whose rows belong together: a kind of cell (`network.cells.normal`), or nothing.
    pub group: String,
    /// Which candidates hand their input on unchanged, in cells that keep the size; those that a skip count counts.
    pub skips: Vec<bool>,
}

impl Row {
    /// Labels in front of the graph's candidates: 1 where `none` was added.
    pub fn leading(&self) -> usize {
        usize::from(self.kind == RowKind::Operators { zero: true })
    }

    /// Candidates in the graph.
    pub fn candidates(&self) -> usize {
        self.labels.len() - self.leading()
    }
}

/// All rows of a graph, in the order in which their decisions first stand in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows(pub Vec<Row>);

impl Rows {
    /// The rows of a graph under a plan.
    pub fn of(graph: &Graph, plan: &SupernetPlan) -> Rows {
        Rows::read(graph, plan.zero_operator)
    }

    /// The rows of a graph that was lowered with its decisions open; `zero_operator` as in a plan.
    pub fn read(graph: &Graph, zero_operator: bool) -> Rows {
        let mut rows: Vec<Row> = Vec::new();
        let mut places = BTreeMap::new();
        for (index, node) in graph.nodes.iter().enumerate() {
            let Some((decision, labels, kind)) = decided(node) else { continue };
            let at = *places.entry(decision).or_insert(rows.len());
            if at == rows.len() {
                let group = group(decision).to_owned();
                let skips = vec![true; labels.len()];
                rows.push(Row { decision: decision.into(), labels, kind, nodes: Vec::new(), group, skips });
            }
            rows[at].nodes.push(NodeId(index));
            mark_skips(graph, node, &mut rows[at].skips);
        }
        clear_skips_of_reducing_cells(graph, &mut rows);
        if zero_operator {
            add_zero(&mut rows);
        }
        Rows(rows)
    }

    pub fn find(&self, decision: &str) -> Option<&Row> {
        self.0.iter().find(|row| row.decision == decision)
    }

    /// The rows of operators that stand directly below a candidate of a choice of edges.
    pub fn below<'a>(&'a self, edges: &Row, candidate: usize) -> impl Iterator<Item = &'a Row> {
        let prefix = format!("{}[={candidate}/{}]", edges.decision, edges.labels.len());
        let below = move |row: &&Row| row.decision.strip_prefix(&prefix).is_some_and(|rest| !rest.contains("[="));
        self.0.iter().filter(below)
    }
}

fn decided(node: &Node) -> Option<(&str, Vec<String>, RowKind)> {
    match &node.layer {
        Layer::Choice { decision, pick: 1, labels } => {
            Some((decision, labels.clone(), RowKind::Operators { zero: false }))
        }
        Layer::Choice { decision, pick, labels } => Some((decision, labels.clone(), RowKind::Edges { pick: *pick })),
        Layer::WidthChoice { decision, options } => {
            let labels = options.iter().map(ToString::to_string).collect();
            Some((decision, labels, RowKind::Width { options: options.clone() }))
        }
        Layer::Input | Layer::Primitive { .. } => None,
    }
}

/// The kind of cell that a decision belongs to, by its id.
fn group(decision: &str) -> &str {
    decision.split_once(".nodes[").map_or("", |(cell, _)| cell)
}

/// A candidate skips when it is the identity at every node of the row.
fn mark_skips(graph: &Graph, node: &Node, skips: &mut [bool]) {
    let identity = |id: &NodeId| matches!(graph.node(*id).layer, Layer::Primitive { primitive: Primitive::Identity });
    match &node.layer {
        Layer::Choice { pick: 1, .. } => {
            skips.iter_mut().zip(&node.inputs).for_each(|(skip, input)| *skip &= identity(input));
        }
        _ => skips.fill(false),
    }
}

/// Skips of a cell that halves the image are no sign of collapse (DARTS+ counts those of the normal cell).
fn clear_skips_of_reducing_cells(graph: &Graph, rows: &mut [Row]) {
    let reduces = |row: &Row| row.nodes.iter().any(|id| halves(graph, *id));
    let reducing: Vec<String> = rows.iter().filter(|row| reduces(row)).map(|row| row.group.clone()).collect();
    for row in rows.iter_mut().filter(|row| !row.group.is_empty() && reducing.contains(&row.group)) {
        row.skips.fill(false);
    }
}

/// Whether the candidates of a choice between operators give a smaller image than they take.
fn halves(graph: &Graph, choice: NodeId) -> bool {
    let node = graph.node(choice);
    if !matches!(node.layer, Layer::Choice { pick: 1, .. }) {
        return false;
    }
    let inputs = node.inputs.iter().filter_map(|candidate| graph.node(*candidate).inputs.first());
    let area = |size: Option<[usize; 2]>| size.map_or(0, |[height, width]| height * width);
    inputs.into_iter().any(|input| area(graph.node(*input).shape.size()) > area(node.shape.size()))
}

/// Puts `none` in front of the operators of every edge that can be chosen.
fn add_zero(rows: &mut [Row]) {
    let edges: Vec<String> = rows
        .iter()
        .filter(|row| matches!(row.kind, RowKind::Edges { .. }))
        .map(|row| format!("{}[=", row.decision))
        .collect();
    for row in rows.iter_mut() {
        let chosen = edges.iter().filter_map(|prefix| row.decision.strip_prefix(prefix.as_str()));
        if row.kind == (RowKind::Operators { zero: false }) && chosen.into_iter().any(|rest| !rest.contains("[=")) {
            row.kind = RowKind::Operators { zero: true };
            row.labels.insert(0, NONE.into());
            row.skips.insert(0, false);
        }
    }
}
