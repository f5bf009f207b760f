//! Builds a graph node by node: names parameters, infers shapes, keeps blocks and scopes.

use super::{Block, Graph, Layer, Node, NodeId, Primitive, Shape};
use thiserror::Error;

/// Most nodes that a graph may have.
pub const MAX_NODES: usize = 100_000;

/// A layer whose shapes do not fit.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("layer `{layer}`: {detail}")]
pub struct ShapeFault {
    /// Name of the layer in the graph (`cells.3.nodes.2.0.1`).
    pub layer: String,
    /// What does not fit.
    pub detail: String,
}

/// A value in the graph: the node that makes it, and its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Port {
    pub id: NodeId,
    pub shape: Shape,
}

impl Port {
    /// Channels of an image, of tokens, or values of a vector.
    pub fn channels(&self) -> usize {
        self.shape.channels()
    }

    /// Height and width of an image.
    pub fn size(&self) -> Option<[usize; 2]> {
        self.shape.size()
    }
}

/// An open number of channels inside an operator.
#[derive(Clone, Debug)]
pub(crate) struct OpenWidth {
    /// The operator's parameter.
    pub parameter: String,
    pub decision: String,
    pub options: Vec<usize>,
}

/// Where a scope was entered.
pub(crate) struct ScopeMark {
    length: usize,
    next: usize,
}

/// A graph that grows. Nodes are named `scope.index` in the order in which they are added, as the members of a
/// PyTorch `Sequential` are.
#[derive(Debug)]
pub struct Builder {
    input: Shape,
    nodes: Vec<Node>,
    blocks: Vec<Block>,
    scope: String,
    next: usize,
    block: usize,
    /// Open numbers of channels inside the operator that is being built.
    widths: Vec<OpenWidth>,
}

impl Builder {
    /// An empty graph and the port of its input.
    pub fn new(input: Shape) -> (Builder, Port) {
        let node = Node { name: "input".into(), layer: Layer::Input, inputs: vec![], shape: input, block: 0 };
        let block = Block { name: "input".into(), operator: "input".into(), group: None };
        let builder = Builder {
            input,
            nodes: vec![node],
            blocks: vec![block],
            scope: String::new(),
            next: 0,
            block: 0,
            widths: vec![],
        };
        (builder, Port { id: NodeId(0), shape: input })
    }

    /// Adds a primitive; its name is the next index of the scope.
    pub fn add(&mut self, primitive: Primitive, inputs: &[Port]) -> Result<Port, ShapeFault> {
        let name = self.join(&self.next.to_string());
        self.next += 1;
        self.insert(name, primitive, inputs)
    }

    /// Adds a primitive under a name of its own (`fc1`), relative to the scope.
    pub fn add_named(&mut self, name: &str, primitive: Primitive, inputs: &[Port]) -> Result<Port, ShapeFault> {
        let name = self.join(name);
        self.insert(name, primitive, inputs)
    }

    /// Runs `body` with names under `scope.name`.
    pub fn scope<T>(&mut self, name: &str, body: impl FnOnce(&mut Builder) -> T) -> T {
        let mark = self.enter(name);
        let result = body(self);
        self.leave(mark);
        result
    }

    /// Enters a scope; [`Builder::leave`] with the mark goes back.
    pub(crate) fn enter(&mut self, name: &str) -> ScopeMark {
        let mark = ScopeMark { length: self.scope.len(), next: std::mem::take(&mut self.next) };
        if !self.scope.is_empty() {
            self.scope.push('.');
        }
        self.scope.push_str(name);
        mark
    }

    pub(crate) fn leave(&mut self, mark: ScopeMark) {
        self.scope.truncate(mark.length);
        self.next = mark.next;
    }

    /// Starts a block of its own, named as the scope is; its group is the scope's head (`cells.3`, `stem`).
    pub(crate) fn enter_block(&mut self, operator: &str) -> usize {
        let outer = std::mem::replace(&mut self.block, self.blocks.len());
        self.blocks.push(Block { name: self.scope.clone(), operator: operator.into(), group: self.group() });
        outer
    }

    /// Refuses when there are as many layers as a graph may have.
    pub(crate) fn room(&self) -> Result<(), ShapeFault> {
        match self.blocks.len() < MAX_NODES {
            true => Ok(()),
            false => self.refuse(format!("the network has more than {MAX_NODES} layers")),
        }
    }

    /// Goes back to the block that was open before.
    pub(crate) fn leave_block(&mut self, outer: usize) {
        self.block = outer;
    }

    /// Goes on with the block that made `port`.
    pub(crate) fn rejoin_block(&mut self, port: Port) -> usize {
        std::mem::replace(&mut self.block, self.nodes[port.id.0].block)
    }

    /// The layer that the scope is in: its first name, and the number after it.
    fn group(&self) -> Option<String> {
        let mut parts = self.scope.split('.');
        let head = parts.next()?;
        match parts.next().filter(|part| part.parse::<usize>().is_ok()) {
            Some(number) => Some(format!("{head}.{number}")),
            None => Some(head.to_owned()),
        }
    }

    /// The scope's full name.
    pub fn path(&self) -> &str {
        &self.scope
    }

    /// The node that makes a port.
    pub fn node(&self, port: Port) -> &Node {
        &self.nodes[port.id.0]
    }

    /// Whether the port is what a plain identity made of `of`: such branches are never dropped.
    pub fn is_identity(&self, port: Port, of: Port) -> bool {
        let node = self.node(port);
        port.id == of.id
            || matches!(node.layer, Layer::Primitive { primitive: Primitive::Identity }) && node.inputs == [of.id]
    }

    /// An open decision between ports of one shape; `pick` of them are summed.
    pub fn choice(
        &mut self,
        decision: &str,
        pick: usize,
        labels: Vec<String>,
        candidates: &[Port],
    ) -> Result<Port, ShapeFault> {
        let name = self.join("choice");
        let first = candidates.first().ok_or_else(|| self.fault(&name, "a choice needs a candidate"))?;
        if let Some((label, other)) = labels.iter().zip(candidates).find(|(_, port)| port.shape != first.shape) {
            let detail = format!(
                "decision `{decision}` cannot stay open: candidate `{label}` gives {}, `{}` gives {}",
                other.shape, labels[0], first.shape
            );
            return Err(self.fault(&name, detail));
        }
        let layer = Layer::Choice { decision: decision.into(), pick, labels };
        let outer = self.enter_block("choice");
        let port = self.push(name, layer, candidates, first.shape);
        self.leave_block(outer);
        port
    }

    /// An open number of channels: `x` has the largest option.
    pub fn width_choice(&mut self, x: Port, decision: &str, options: &[usize]) -> Result<Port, ShapeFault> {
        let name = self.join("width");
        let layer = Layer::WidthChoice { decision: decision.into(), options: options.to_vec() };
        let outer = self.rejoin_block(x);
        let port = self.push(name, layer, &[x], x.shape);
        self.leave_block(outer);
        port
    }

    /// Masks the channels of `x` where the operator's parameter of this name is an open decision; otherwise `x` itself.
    pub fn open_width(&mut self, parameter: &str, x: Port) -> Result<Port, ShapeFault> {
        match self.widths.iter().position(|width| width.parameter == parameter) {
            None => Ok(x),
            Some(index) => {
                let width = self.widths.remove(index);
                self.width_choice(x, &width.decision, &width.options)
            }
        }
    }

    /// Open numbers of channels of the operator to come, and those of the operator around it.
    pub(crate) fn exchange_widths(&mut self, widths: Vec<OpenWidth>) -> Vec<OpenWidth> {
        std::mem::replace(&mut self.widths, widths)
    }

    /// The finished graph. Nodes that no output depends on stay: a cell's state that is read by nobody belongs to the
    /// network as published, and is counted with it.
    pub fn finish(self, output: Port, auxiliary: Option<Port>) -> Graph {
        let auxiliary = auxiliary.map(|port| port.id);
        Graph { input: self.input, nodes: self.nodes, blocks: self.blocks, output: output.id, auxiliary }
    }

    /// A fault of the layer that is being built.
    pub fn fault(&self, layer: &str, detail: impl Into<String>) -> ShapeFault {
        ShapeFault { layer: layer.into(), detail: detail.into() }
    }

    /// A fault of the operator that is being built.
    pub fn refuse<T>(&self, detail: impl Into<String>) -> Result<T, ShapeFault> {
        Err(self.fault(&self.scope, detail))
    }

    fn join(&self, name: &str) -> String {
        match self.scope.is_empty() {
            true => name.to_string(),
            false => {
                let mut full = String::with_capacity(self.scope.len() + name.len() + 1);
                full.push_str(&self.scope);
                full.push('.');
                full.push_str(name);
                full
            }
        }
    }

    fn insert(&mut self, name: String, primitive: Primitive, inputs: &[Port]) -> Result<Port, ShapeFault> {
        let shape = match inputs {
            [x] => primitive.output(&[x.shape]),
            _ => primitive.output(&inputs.iter().map(|port| port.shape).collect::<Vec<_>>()),
        };
        let shape = shape.map_err(|detail| self.fault(&name, detail))?;
        self.push(name, Layer::Primitive { primitive }, inputs, shape)
    }

    fn push(&mut self, name: String, layer: Layer, inputs: &[Port], shape: Shape) -> Result<Port, ShapeFault> {
        if self.nodes.len() >= MAX_NODES {
            return Err(self.fault(&name, format!("the network has more than {MAX_NODES} nodes")));
        }
        let id = NodeId(self.nodes.len());
        let inputs = inputs.iter().map(|port| port.id).collect();
        self.nodes.push(Node { name, layer, inputs, shape, block: self.block });
        Ok(Port { id, shape })
    }
}
