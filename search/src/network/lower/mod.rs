//! Lowers a network description to a graph. The form of descriptions is told in `README.md`.
//!
//! One walk serves closed and open descriptions: a closed one is a template without decisions.

mod cell;
mod depth;
mod document;
mod opening;
mod operator;
mod partial;
mod sequence;
mod stage;
#[cfg(test)]
mod tests;

use super::{Builder, Graph, OpenWidth, Port, Shape, ShapeFault};
use crate::fault::{Fault, Faults};
use crate::space::Template;
use document::Document;
pub use opening::Opening;
use serde_json::Value;

/// Lowers a materialised description. Faults name the place in the description and the layer.
pub fn lower(network: &Value) -> Result<Graph, Faults> {
    lower_template(&document::open_up(network), None)
}

/// Lowers a description with decisions left open to a graph with choice nodes. The norms inside cells have no parameters,
/// and pooling in cells of two inputs has a norm of its own, as search networks need it (DARTS' released code).
pub fn lower_open(network: &Template, opening: Opening) -> Result<Graph, Faults> {
    lower_template(&document::spelled_out(network), Some(opening))
}

fn lower_template(network: &Template, opening: Option<Opening>) -> Result<Graph, Faults> {
    let document = Document::read(network)?;
    let (builder, input) = Builder::new(document.input);
    let layers = depth::layers(&document.layers);
    let values = vec![input];
    let mut lowering = Lowering {
        g: builder,
        document: &document,
        affine: opening.is_none(),
        partial_channels: opening.unwrap_or_default().partial_channels,
        values,
        auxiliary: None,
        passed: 0,
        layers,
        inner_widths: Vec::new(),
    };
    let output = lowering.sequence(input, &document.layers, "/layers").map_err(|fault| Faults(vec![fault]))?;
    if output.shape != (Shape::Vector { channels: document.classes }) {
        let detail = format!(
            "the last layer gives {}, but a network with {} classes must end in a vector of so many: end it with \
             {{\"op\": \"classifier\"}}",
            output.shape, document.classes
        );
        return Err(Faults::one("/layers", detail));
    }
    let auxiliary = lowering.auxiliary;
    Ok(lowering.g.finish(output, auxiliary))
}

/// A lowering under way.
struct Lowering<'a> {
    g: Builder,
    document: &'a Document<'a>,
    /// Whether the norms of cells have parameters.
    affine: bool,
    /// Open operators of cells work on this part of the channels: 1 for all, 4 for a quarter.
    partial_channels: usize,
    /// Outputs of the layers so far; cells read the last two.
    values: Vec<Port>,
    auxiliary: Option<Port>,
    /// Layers on the way so far, and on the longest way through the network.
    passed: usize,
    layers: usize,
    /// Open numbers of channels inside the operator to come.
    inner_widths: Vec<OpenWidth>,
}

type Lowered = Result<Port, Fault>;

/// A shape fault found at a place of the description.
fn at(pointer: &str) -> impl Fn(ShapeFault) -> Fault + '_ {
    move |fault| Fault::new(pointer, fault.to_string())
}
