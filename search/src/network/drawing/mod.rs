//! Draws a network as SVG: a box per block, framed by cell or stage, from top to bottom.
//!
//! Neighbouring cells of one make are drawn once with their number. The drawing has its own colours for light and dark
//! surroundings and needs nothing from outside.

mod layout;
mod outline;
mod svg;
#[cfg(test)]
mod tests;

use super::Graph;

/// The network as an SVG document. Hovering a box shows its name, shapes, parameters and multiply-adds.
pub fn draw_svg(graph: &Graph, title: &str) -> String {
    let groups = outline::outline(graph);
    svg::write(&groups, &layout::lay_out(&groups, title), title)
}
