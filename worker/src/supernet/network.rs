//! A supernet as a libtorch module.

use super::Mixing;
use super::mixing::Mixer;
use crate::module::{Build, Layers, ModuleError, Plan, Route};
use crate::primitive::Pass;
use search::fault::Faults;
use search::network::{Graph, Layer, NodeId, Shape, lower_open};
use search::space::{Space, Template};
use search::supernet::{RowKind, Rows, SupernetPlan};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use tch::{TchError, Tensor};

/// All the networks of a space, with shared weights. The auxiliary head belongs to children alone.
pub struct Supernet {
    graph: Graph,
    layers: Layers,
    rows: Rows,
    /// By node the row that decides it.
    row_of: Vec<Option<usize>>,
    /// By row: `[options, channels]`, 1 in an option's leading channels.
    masks: Vec<Option<Tensor>>,
    anchor: Tensor,
    /// The last plan of judging and of training passes and its route: most passes repeat it.
    plans: [RefCell<Option<Planned>>; 2],
}

/// A plan and the route that it is for.
type Planned = (Route, Rc<Plan>);

/// The graph of a space's network with its decisions open.
pub fn open_graph(space: &Space, plan: &SupernetPlan) -> Result<Graph, Faults> {
    let Template::Object(mut members) = space.template() else {
        return Err(Faults::one("", "a space of networks has an object at its root"));
    };
    let network = members
        .remove("network")
        .ok_or_else(|| Faults::one("/network", "is missing: a space without a network description has no supernet"))?;
    lower_open(&network, plan.opening)
}

impl Supernet {
    /// Builds the layers of all candidates.
    pub fn build(mut graph: Graph, plan: &SupernetPlan, build: Build) -> Result<Supernet, ModuleError> {
        let main = graph.main();
        graph.auxiliary = None;
        let rows = Rows::of(&graph, plan);
        let mut row_of = vec![None; graph.nodes.len()];
        for (index, row) in rows.0.iter().enumerate() {
            row.nodes.iter().for_each(|node| row_of[node.0] = Some(index));
        }
        let masks = rows.0.iter().map(|row| mask(&graph, &row.nodes, &row.kind, build)).collect::<Result<_, _>>()?;
        let layers = Layers::build(&graph, build, &main)?;
        let anchor = Tensor::f_zeros([1], (build.kind, build.device))?;
        Ok(Supernet { graph, layers, rows, row_of, masks, anchor, plans: [RefCell::new(None), RefCell::new(None)] })
    }

    /// Logits `[batch, classes]` under the weights of a mixing.
    pub fn forward(&self, images: &Tensor, mixing: &Mixing, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let plan = self.plan(mixing.route(self), pass.train);
        let outputs = self.layers.run(&plan, images, pass, &Mixer { net: self, mixing })?;
        Ok(outputs.logits)
    }

    fn plan(&self, route: Route, train: bool) -> Rc<Plan> {
        let mut kept = self.plans[usize::from(train)].borrow_mut();
        match kept.as_ref() {
            Some((known, plan)) if *known == route => plan.clone(),
            _ => {
                let plan = Rc::new(self.layers.plan(&self.graph, train, &route));
                *kept = Some((route, plan.clone()));
                plan
            }
        }
    }

    pub fn rows(&self) -> &Rows {
        &self.rows
    }

    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Shared weights by name.
    pub fn parameters(&self) -> Vec<(String, Tensor)> {
        self.layers.parameters()
    }

    /// Running statistics and frozen tensors by name.
    pub fn buffers(&self) -> Vec<(String, Tensor)> {
        self.layers.buffers()
    }

    /// Parameters and buffers by name.
    pub fn tensors(&self) -> BTreeMap<String, Tensor> {
        self.layers.tensors()
    }

    /// Copies saved tensors into the network; all must be there.
    pub fn load(&self, saved: &BTreeMap<String, Tensor>) -> Result<(), ModuleError> {
        self.layers.load(saved)
    }

    pub(super) fn row_of(&self, node: usize) -> Option<usize> {
        self.row_of[node]
    }

    pub(super) fn mask(&self, row: usize) -> Option<&Tensor> {
        self.masks[row].as_ref()
    }

    pub(super) fn shape(&self, node: usize) -> Shape {
        self.graph.nodes[node].shape
    }

    /// A tensor of the kind and on the device of the network.
    pub(super) fn anchor(&self) -> &Tensor {
        &self.anchor
    }
}

/// The masks of a row of widths.
fn mask(graph: &Graph, nodes: &[NodeId], kind: &RowKind, build: Build) -> Result<Option<Tensor>, TchError> {
    let (RowKind::Width { options }, Some(node)) = (kind, nodes.first()) else { return Ok(None) };
    debug_assert!(matches!(graph.node(*node).layer, Layer::WidthChoice { .. }));
    let channels = graph.node(*node).shape.channels();
    let ones = |option: &usize| (0..channels).map(|channel| if channel < *option { 1.0 } else { 0.0 }).collect();
    let values: Vec<f64> = options.iter().flat_map(|option| -> Vec<f64> { ones(option) }).collect();
    let matrix = Tensor::f_from_slice(&values)?.f_view([options.len() as i64, channels as i64])?;
    matrix.f_to_kind(build.kind)?.f_to_device(build.device).map(Some)
}
