//! Squeeze-and-excitation (Hu et al., CVPR 2018, section 3), a part of inverted residuals.

use crate::network::{Activation, Builder, Conv, Port, Primitive, ShapeFault};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The function that makes gates of the excitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    Sigmoid,
    /// `relu6(x + 3) / 6`
    Hsigmoid,
}

/// Mean over space, 1×1 convolution to `hidden`, `inner`, 1×1 convolution back, gate; multiplies the input. Both
/// convolutions have biases. Keeps the shape of an image.
pub(super) fn squeeze_excite(
    x: Port,
    hidden: usize,
    inner: Activation,
    gate: Gate,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    let squeezed = g.add(Primitive::GlobalAveragePool, &[x])?;
    let reduced = g.conv(squeezed, Conv::square(hidden, 1).bias(true))?;
    let reduced = g.activation(reduced, inner)?;
    let gates = g.conv(reduced, Conv::square(x.channels(), 1).bias(true))?;
    let function = match gate {
        Gate::Sigmoid => Activation::Sigmoid,
        Gate::Hsigmoid => Activation::Hsigmoid,
    };
    let gates = g.activation(gates, function)?;
    g.add(Primitive::Multiply, &[x, gates])
}
