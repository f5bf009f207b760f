//! Where an operator stands: what its surroundings ask of it.

/// What the place of an operator demands. Operators read it; they never change it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// Channels that the output should have.
    pub channels: usize,
    /// Step along height and width; the output is `ceil(size / stride)`.
    pub stride: usize,
    /// Whether batch norms are learnable. `false` inside the cells of a search network (DARTS, section 3.1.1 of the
    /// released code: shared cells would rescale each other).
    pub affine: bool,
    /// Whether pooling gets a norm of its own: in the two-input cells of a search network (DARTS; NAS-Bench-201 has
    /// none).
    pub pool_norm: bool,
    /// Depth of the layer as a share of the network: 0 for the first, 1 for the last. Stochastic depth grows with it.
    pub depth: f64,
    /// Classes of the task, for heads.
    pub classes: usize,
}

impl Site {
    /// A site that asks for `channels` and nothing special.
    pub fn plain(channels: usize) -> Self {
        Site { channels, stride: 1, affine: true, pool_norm: false, depth: 0.0, classes: channels }
    }

    /// The same site with another number of channels.
    pub fn with_channels(self, channels: usize) -> Self {
        Site { channels, ..self }
    }

    /// The same site with another stride.
    pub fn with_stride(self, stride: usize) -> Self {
        Site { stride, ..self }
    }
}
