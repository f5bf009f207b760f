//! What a network costs: totals and a row per block. The auxiliary head is not counted.

use super::{Convention, Counts, Graph, Layer, NodeId, Shape};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Blocks that join values and cost nothing; the table of layers leaves them out.
const GLUE: [&str; 3] = ["sum", "concat", "choice"];

/// A row of the per-layer table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LayerCost {
    pub name: String,
    pub operator: String,
    /// Shape of the first value that the block reads from outside.
    pub input: Shape,
    pub output: Shape,
    pub params: u64,
    /// Multiply-adds for one sample.
    pub flops: u64,
}

/// Totals and rows in the plain convention. For a graph with open decisions all candidates are counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    pub params: u64,
    /// Multiply-adds for one sample.
    pub flops: u64,
    pub rows: Vec<LayerCost>,
}

/// Counts parameters and multiply-adds of everything but the auxiliary head.
pub fn cost(graph: &Graph) -> Cost {
    let main = graph.main();
    let mut rows: Vec<Option<LayerCost>> = vec![None; graph.blocks.len()];
    let mut total = Counts::default();
    for (index, node) in graph.nodes.iter().enumerate().filter(|(index, _)| main[*index]) {
        let counts = graph.counts(NodeId(index), Convention::Plain);
        total += counts;
        if matches!(node.layer, Layer::Input) || GLUE.contains(&graph.blocks[node.block].operator.as_str()) {
            continue;
        }
        let outside = || node.inputs.first().map_or(graph.input, |id| graph.nodes[id.0].shape);
        let row = rows[node.block].get_or_insert_with(|| LayerCost {
            name: graph.blocks[node.block].name.clone(),
            operator: graph.blocks[node.block].operator.clone(),
            input: outside(),
            output: node.shape,
            params: 0,
            flops: 0,
        });
        row.output = node.shape;
        row.params = row.params.saturating_add(counts.params);
        row.flops = row.flops.saturating_add(counts.flops);
    }
    Cost { params: total.params, flops: total.flops, rows: rows.into_iter().flatten().collect() }
}

/// Totals in one convention, without the auxiliary head.
pub fn count(graph: &Graph, convention: Convention) -> Counts {
    let main = graph.main();
    let mut total = Counts::default();
    for index in (0..graph.nodes.len()).filter(|index| main[*index]) {
        total += graph.counts(NodeId(index), convention);
    }
    total
}

/// Trainable parameters of the whole graph, the auxiliary head among them.
pub fn params_with_auxiliary(graph: &Graph) -> u64 {
    (0..graph.nodes.len()).map(|index| graph.counts(NodeId(index), Convention::Plain).params).sum()
}
