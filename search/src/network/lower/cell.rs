//! Cells: small directed acyclic graphs of operators that read the previous one or two layers.

use super::document::{cannot_stay_open, closed, text, whole};
use super::operator::widths;
use super::sequence::label;
use super::{Lowered, Lowering, at};
use crate::fault::Fault;
use crate::network::{Port, Site};
use crate::operator::{Convolution, FactorizedReduce, Norm, Operator, Order};
use crate::space::Template;
use serde_json::Value;
use std::collections::BTreeMap;

/// What all edges of a cell share.
#[derive(Clone, Copy)]
struct Cell {
    channels: usize,
    /// Edges from the cell's inputs have this stride.
    stride: usize,
    inputs: usize,
}

impl Lowering<'_> {
    /// `{"cell": name or template, "channels": …, "stride": …}`
    pub(super) fn cell(&mut self, cell: &Template, place: &BTreeMap<String, Template>, pointer: &str) -> Lowered {
        if let Some(Template::OneOf { decision, candidates, .. }) = place.get("channels") {
            // The widest cell; its output is masked.
            let options = widths(decision, candidates, &format!("{pointer}/channels"))?;
            let mut copy = place.clone();
            let widest = options.iter().copied().max().unwrap_or_default();
            copy.insert("channels".into(), Template::Constant(widest.into()));
            let port = self.cell(cell, &copy, pointer)?;
            return self.g.width_choice(port, decision, &options).map_err(at(pointer));
        }
        let template = match text(cell) {
            None => cell,
            Some(name) => self.document.cells.get(name).copied().ok_or_else(|| {
                let known: Vec<&str> = self.document.cells.keys().copied().collect();
                Fault::new(
                    format!("{pointer}/cell"),
                    format!("there is no cell `{name}` in `cells` ({})", known.join(", ")),
                )
            })?,
        };
        let Template::Object(members) = template else {
            return Err(Fault::new(format!("{pointer}/cell"), "a cell is an object with inputs, nodes and concat"));
        };
        let number = |from: &BTreeMap<String, Template>, key: &str, default: usize| match from.get(key) {
            None => Ok(default),
            some => whole(some, &format!("{pointer}/{key}")).and_then(|n| match n {
                0 => Err(Fault::new(format!("{pointer}/{key}"), "must be above 0")),
                n => Ok(n),
            }),
        };
        let last = self.values[self.values.len() - 1];
        let cell = Cell {
            channels: number(place, "channels", last.channels())?,
            stride: number(place, "stride", 1)?,
            inputs: number(members, "inputs", 1)?,
        };
        let mut states = self.cell_inputs(cell, pointer)?;
        let Some(Template::Array(nodes)) = members.get("nodes") else {
            return Err(Fault::new(
                format!("{pointer}/cell/nodes"),
                "must be an array of nodes, each an array of edges",
            ));
        };
        for (index, node) in nodes.iter().enumerate() {
            let pointer = format!("{pointer}/cell/nodes/{index}");
            let port = self.scoped(&format!("nodes.{index}"), |g| g.cell_node(node, &states, cell, &pointer))?;
            states.push(port);
        }
        self.passed += 1;
        self.cell_output(members.get("concat"), &states, pointer)
    }

    /// One input is read as it is. Two inputs are brought to the cell's channels; the older is halved where it is larger
    /// (DARTS, section 1.2 of the released code).
    fn cell_inputs(&mut self, cell: Cell, pointer: &str) -> Result<Vec<Port>, Fault> {
        let last = self.values[self.values.len() - 1];
        match cell.inputs {
            1 => Ok(vec![last]),
            2 => {
                let before = match self.values.len() {
                    // The network's input is no layer: a cell behind a single layer reads it twice.
                    0..=2 => last,
                    count => self.values[count - 2],
                };
                let first = self.preprocess("preprocess0", before, last, cell, pointer)?;
                let second = self.preprocess("preprocess1", last, last, cell, pointer)?;
                Ok(vec![first, second])
            }
            other => Err(Fault::new(pointer, format!("a cell has 1 or 2 inputs, not {other}"))),
        }
    }

    fn preprocess(&mut self, name: &str, x: Port, like: Port, cell: Cell, pointer: &str) -> Lowered {
        let halved = x.size() != like.size();
        let site = Site { stride: if halved { 2 } else { 1 }, ..self.cell_site(cell) };
        self.scoped(name, |g| {
            let mark = g.g.enter_block(if halved { FactorizedReduce::NAME } else { Convolution::NAME });
            let lowered = if halved {
                Operator::lower(&FactorizedReduce {}, x, &site, &mut g.g)
            } else {
                let conv = Convolution { kernel: 1, norm: Norm::Batch, order: Order::Pre, ..Convolution::default() };
                Operator::lower(&conv, x, &site, &mut g.g)
            };
            g.g.leave_block(mark);
            lowered.map_err(at(pointer))
        })
    }

    fn cell_site(&self, cell: Cell) -> Site {
        let (classes, depth) = (self.document.classes, self.depth());
        let pool_norm = !self.affine && cell.inputs == 2;
        Site { affine: self.affine, pool_norm, classes, depth, ..Site::plain(cell.channels) }
    }

    /// The sum of a node's edges; an open selection of edges becomes one choice.
    fn cell_node(&mut self, node: &Template, states: &[Port], cell: Cell, pointer: &str) -> Lowered {
        match node {
            Template::Array(edges) => {
                let mut ports = Vec::with_capacity(edges.len());
                for (index, edge) in edges.iter().enumerate() {
                    ports.push(self.scoped(&index.to_string(), |g| g.cell_edge(edge, states, cell, pointer))?);
                }
                let outer = (ports.len() > 1).then(|| self.g.enter_block("sum"));
                let sum = self.g.sum(&ports).map_err(at(pointer));
                outer.into_iter().for_each(|outer| self.g.leave_block(outer));
                sum
            }
            Template::ManyOf { decision, count, candidates, .. } => {
                let mut ports = Vec::with_capacity(candidates.len());
                for (index, edge) in candidates.iter().enumerate() {
                    ports.push(self.scoped(&index.to_string(), |g| g.cell_edge(edge, states, cell, pointer))?);
                }
                let labels = candidates.iter().map(edge_label).collect();
                self.g.choice(decision, *count, labels, &ports).map_err(at(pointer))
            }
            other => match closed(other) {
                Err(decision) => Err(cannot_stay_open(decision, pointer)),
                Ok(_) => Err(Fault::new(pointer, "a node is an array of edges {\"from\": state, \"op\": operator}")),
            },
        }
    }

    fn cell_edge(&mut self, edge: &Template, states: &[Port], cell: Cell, pointer: &str) -> Lowered {
        let Template::Object(members) = edge else {
            return Err(Fault::new(pointer, "an edge is an object {\"from\": state, \"op\": operator}"));
        };
        let from = whole(members.get("from"), &format!("{pointer}/from"))?;
        let Some(x) = states.get(from).copied() else {
            let detail = format!("reads state {from}, but only states 0 to {} stand before it", states.len() - 1);
            return Err(Fault::new(format!("{pointer}/from"), detail));
        };
        let Some(operator) = members.get("op") else {
            return Err(Fault::new(format!("{pointer}/op"), "is missing: the edge's operator"));
        };
        let stride = if from < cell.inputs { cell.stride } else { 1 };
        let site = self.cell_site(cell).with_stride(stride);
        let port = match operator {
            Template::OneOf { .. } if self.partial_channels > 1 => self.partial_edge(x, operator, site, pointer)?,
            _ => self.operator_at(x, operator, site, pointer)?,
        };
        if self.g.is_identity(port, x) || cell.inputs == 1 {
            return Ok(port);
        }
        // Every operation of a two-input cell may be dropped but the identity (DARTS, section 1.4).
        let outer = self.g.rejoin_block(port);
        let dropped = self.g.drop_path(port, 1.0).map_err(at(pointer));
        self.g.leave_block(outer);
        dropped
    }

    /// The concatenation of the listed states, or the last state.
    fn cell_output(&mut self, concat: Option<&Template>, states: &[Port], pointer: &str) -> Lowered {
        let Some(concat) = concat else { return Ok(states[states.len() - 1]) };
        let pointer = format!("{pointer}/cell/concat");
        let listed = closed(concat).map_err(|decision| cannot_stay_open(decision, &pointer))?;
        let port = |index: &Value| index.as_u64().and_then(|i| states.get(usize::try_from(i).ok()?)).copied();
        let ports: Option<Vec<Port>> = listed.as_array().and_then(|items| items.iter().map(port).collect());
        let ports = ports.filter(|ports| !ports.is_empty());
        let ports = ports.ok_or_else(|| Fault::new(&pointer, "must list states of the cell, by number"))?;
        let outer = (ports.len() > 1).then(|| self.g.enter_block("concat"));
        let joined = self.g.concat(&ports).map_err(at(&pointer));
        outer.into_iter().for_each(|outer| self.g.leave_block(outer));
        joined
    }
}

fn edge_label(edge: &Template) -> String {
    match edge {
        Template::Object(members) => {
            let from = members.get("from").map(label).unwrap_or_default();
            format!("{from}: {}", members.get("op").map(label).unwrap_or_default())
        }
        other => label(other),
    }
}
