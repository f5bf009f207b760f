//! How a description is lowered with its decisions left open.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a search network has that its children do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Opening {
    /// The operators of an open edge work on one channel of so many, the others pass by; 1 for all channels (PC-DARTS,
    /// section 7).
    #[schemars(range(min = 1))]
    pub partial_channels: usize,
}

impl Default for Opening {
    fn default() -> Self {
        Opening { partial_channels: 1 }
    }
}
