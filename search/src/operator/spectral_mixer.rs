//! Mixing without parameters by a transform.

use super::Operator;
use super::linear::{as_tokens, keeps_shape};
use crate::network::{Builder, Port, Primitive, ShapeFault, Site, Transform};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Fourier or cosine transform over tokens and channels (Lee-Thorp et al., "FNet", NAACL 2022, section 3.2).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpectralMixer {
    pub transform: Transform,
}

impl Default for SpectralMixer {
    fn default() -> Self {
        SpectralMixer { transform: Transform::Dft }
    }
}

impl Operator for SpectralMixer {
    const NAME: &'static str = "spectral_mixer";
    const SUMMARY: &'static str = "Fourier or cosine transform over tokens and channels (FNet)";

    fn lower(&self, x: Port, site: &Site, g: &mut Builder) -> Result<Port, ShapeFault> {
        keeps_shape(x, site, g)?;
        as_tokens(x, g, |x, g| g.add(Primitive::Spectral { transform: self.transform }, &[x]))
    }
}
