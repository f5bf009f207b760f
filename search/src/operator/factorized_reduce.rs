//! Halving of an image without losing positions: two shifted 1×1 convolutions (DARTS' released code, after NASNet).

use super::Operator;
use crate::network::{Builder, Conv, Port, Primitive, ShapeFault, Site};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// ReLU; two 1×1 convolutions of stride 2, one on the image shifted by a pixel; concatenation; batch norm.
/// `[c, h, w] -> [channels, ceil(h/2), ceil(w/2)]`; an image of odd size gets a row and a column of zeros before the shift
/// (sharpDARTS' release).
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FactorizedReduce {}

impl Operator for FactorizedReduce {
    const NAME: &'static str = "factorized_reduce";
    const SUMMARY: &'static str = "Two shifted 1×1 convolutions of stride 2, concatenated";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        let Some([height, width]) = x.size() else {
            return g.refuse(format!("takes an image, not {}", x.shape));
        };
        if site.stride != 2 {
            return g.refuse(format!("halves images; here is {} with stride {}", x.shape, site.stride));
        }
        if site.channels < 2 {
            return g.refuse("needs at least 2 output channels");
        }
        let x = g.relu(x)?;
        let first = site.channels / 2;
        let even = g.conv(x, Conv::square(first, 1).stride(2))?;
        let padded = match height % 2 == 0 && width % 2 == 0 {
            true => x,
            false => g.add_named("pad", Primitive::Pad { bottom: 1, right: 1 }, &[x])?,
        };
        let shifted = g.add(Primitive::Shift, &[padded])?;
        let odd = g.conv(shifted, Conv::square(site.channels - first, 1).stride(2))?;
        let both = g.concat(&[even, odd])?;
        g.batch_norm(both, site.affine)
    }
}
