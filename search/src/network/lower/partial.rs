//! Open edges on a part of the channels (PC-DARTS, section 7).

use super::{Lowered, Lowering, at};
use crate::fault::Fault;
use crate::network::{PoolKind, Port, Primitive, ShapeFault, Site};
use crate::space::Template;

impl Lowering<'_> {
    /// The operators read the first channels of `x`; the others pass by, halved by max pooling where the edge has
    /// stride 2, and a shuffle mixes the two.
    pub(super) fn partial_edge(&mut self, x: Port, operator: &Template, site: Site, pointer: &str) -> Lowered {
        let (channels, parts) = (x.channels(), self.partial_channels);
        if !channels.is_multiple_of(parts) {
            let detail = format!("{channels} channels cannot be divided by `partial_channels` {parts}");
            return Err(Fault::new(pointer, detail));
        }
        let part = channels / parts;
        let slice = |start, end| Primitive::Slice { start, end };
        let head = self.g.add_named("part", slice(0, part), &[x]).map_err(at(pointer))?;
        let mixed = self.scoped("ops", |g| g.operator_at(head, operator, site.with_channels(part), pointer))?;
        let joined = |lowering: &mut Self| -> Result<Port, ShapeFault> {
            let g = &mut lowering.g;
            let mut rest = g.add_named("rest", slice(part, channels), &[x])?;
            if site.stride > 1 {
                rest = g.pool(rest, PoolKind::Max, site.stride, site.stride, 0)?;
            }
            let all = g.concat(&[mixed, rest])?;
            g.add_named("shuffle", Primitive::ChannelShuffle { groups: parts }, &[all])
        };
        joined(self).map_err(at(pointer))
    }
}
