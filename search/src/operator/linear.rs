//! A linear layer at every position.

use super::Operator;
use crate::network::{Activation, Builder, Conv, Port, Primitive, Shape, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Linear layer over the channels and perhaps an activation. Images: a 1×1 convolution.
/// `[c, h, w] -> [channels, h, w]`, `[n, c] -> [n, channels]`, `[c] -> [channels]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Linear {
    pub bias: bool,
    pub activation: Option<Activation>,
}

impl Default for Linear {
    fn default() -> Self {
        Linear { bias: true, activation: None }
    }
}

impl Operator for Linear {
    const NAME: &'static str = "linear";
    const SUMMARY: &'static str = "Linear layer at every position, with an activation";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        if site.stride != 1 {
            return g.refuse("a linear layer has stride 1");
        }
        let x = pointwise("linear", x, site.channels, self.bias, g)?;
        self.activation.map_or(Ok(x), |function| g.activation(x, function))
    }
}

/// A linear layer over the channels: a 1×1 convolution for images. The weights have one order in both forms.
pub(super) fn pointwise(name: &str, x: Port, channels: usize, bias: bool, g: &mut Builder) -> Result<Port, ShapeFault> {
    let primitive = match x.shape {
        Shape::Image { .. } => Conv::square(channels, 1).bias(bias).primitive(x.channels()),
        _ => Primitive::Linear { in_features: x.channels(), out_features: channels, bias },
    };
    g.add_named(name, primitive, &[x])
}

/// Two linear layers with an activation between, under `name`: `fc1`, `act`, `fc2`.
pub(super) fn mlp(
    name: &str,
    x: Port,
    hidden: usize,
    function: Activation,
    bias: bool,
    g: &mut Builder,
) -> Result<Port, ShapeFault> {
    g.scope(name, |g| {
        let channels = x.channels();
        let x = pointwise("fc1", x, hidden, bias, g)?;
        let x = g.add_named("act", Primitive::Activation { function }, &[x])?;
        pointwise("fc2", x, channels, bias, g)
    })
}

/// Runs `body` on tokens: images become `[h*w, c]` before and images again after.
pub(super) fn as_tokens(
    x: Port,
    g: &mut Builder,
    body: impl FnOnce(Port, &mut Builder) -> Result<Port, ShapeFault>,
) -> Result<Port, ShapeFault> {
    use crate::network::Rearrangement::{ImageToTokens, TokensToImage};
    match x.size() {
        None => body(x, g),
        Some([height, width]) => {
            let tokens = g.add(Primitive::Rearrange { to: ImageToTokens }, &[x])?;
            let tokens = body(tokens, g)?;
            g.add(Primitive::Rearrange { to: TokensToImage { height, width } }, &[tokens])
        }
    }
}

/// Refuses a site that changes the shape, for operators that keep it.
pub(super) fn keeps_shape(x: Port, site: &Site, g: &Builder) -> Result<(), ShapeFault> {
    match site.stride == 1 && site.channels == x.channels() {
        true => Ok(()),
        false => g.refuse(format!(
            "keeps its shape {}; it cannot give {} channels at stride {}",
            x.shape, site.channels, site.stride
        )),
    }
}
