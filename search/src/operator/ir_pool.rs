//! The pooled end of FBNetV2/V3 and MobileNetV3 (Howard et al., ICCV 2019, section 5.1).

use super::squeeze_excite::{Gate, squeeze_excite};
use super::{Operator, round_channels};
use crate::network::{Activation, Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 1×1 convolution with norm and activation, mean over space, 1×1 convolution with activation but neither norm nor bias.
/// `[c, h, w] -> [channels, 1, 1]`
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IrPool {
    pub expansion: f64,
    /// Channels before pooling, in place of the expansion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<usize>,
    pub activation: Activation,
    /// Squeeze-and-excitation before pooling, with a quarter of the channels and this gate (MobileNetV3-Small).
    pub se: Option<Gate>,
    /// The channels before pooling are a multiple of this.
    pub width_divisor: usize,
}

impl Default for IrPool {
    fn default() -> Self {
        IrPool { expansion: 6.0, hidden: None, activation: Activation::Relu, se: None, width_divisor: 8 }
    }
}

impl Operator for IrPool {
    const NAME: &'static str = "ir_pool";
    const SUMMARY: &'static str = "Expansion, global pooling and a last 1×1 convolution (FBNet)";

    fn check(&self) -> Result<(), String> {
        match self.expansion {
            e if e > 0.0 && e <= 64.0 => Ok(()),
            e => Err(format!("`expansion` must be above 0 and at most 64, not {e}")),
        }
    }

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let wanted = x.channels() as f64 * self.expansion;
        let hidden = self.hidden.unwrap_or_else(|| round_channels(wanted, self.width_divisor));
        let x = g.conv(x, Conv::square(hidden, 1))?;
        let x = g.batch_norm(x, site.affine)?;
        let x = g.activation(x, self.activation)?;
        let x = match self.se {
            Some(gate) => {
                let squeeze = round_channels((hidden as f64 * 0.25).trunc(), self.width_divisor);
                squeeze_excite(x, squeeze, self.activation, gate, g)?
            }
            None => x,
        };
        let x = g.add(Primitive::GlobalAveragePool, &[x])?;
        let x = g.conv(x, Conv::square(site.channels, 1))?;
        g.activation(x, self.activation)
    }
}
