//! Shapes of what flows along an edge of the graph, for one sample (no batch axis).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The shape of one value, without the batch axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `[batch, channels, height, width]`
    Image { channels: usize, height: usize, width: usize },
    /// `[batch, tokens, channels]`
    Tokens { tokens: usize, channels: usize },
    /// `[batch, channels]`
    Vector { channels: usize },
    /// `[batch, tokens]`, integers
    Ids { tokens: usize },
}

impl Shape {
    /// `[channels, height, width]`
    pub fn image(channels: usize, height: usize, width: usize) -> Self {
        Shape::Image { channels, height, width }
    }

    /// Number of values; the axes in the order in which the worker keeps them.
    pub fn dims(&self) -> Vec<usize> {
        match *self {
            Shape::Image { channels, height, width } => vec![channels, height, width],
            Shape::Tokens { tokens, channels } => vec![tokens, channels],
            Shape::Vector { channels } => vec![channels],
            Shape::Ids { tokens } => vec![tokens],
        }
    }

    /// Numbers in one value.
    pub fn numel(&self) -> usize {
        self.dims().iter().product()
    }

    /// Size of the channel axis (0 for ids).
    pub fn channels(&self) -> usize {
        match *self {
            Shape::Image { channels, .. } | Shape::Tokens { channels, .. } | Shape::Vector { channels } => channels,
            Shape::Ids { .. } => 0,
        }
    }

    /// The same shape with another number of channels (ids have none and stay).
    pub fn with_channels(self, channels: usize) -> Self {
        match self {
            Shape::Image { height, width, .. } => Shape::Image { channels, height, width },
            Shape::Tokens { tokens, .. } => Shape::Tokens { tokens, channels },
            Shape::Vector { .. } => Shape::Vector { channels },
            Shape::Ids { tokens } => Shape::Ids { tokens },
        }
    }

    /// Height and width of an image.
    pub fn size(&self) -> Option<[usize; 2]> {
        match *self {
            Shape::Image { height, width, .. } => Some([height, width]),
            _ => None,
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dims: Vec<String> = self.dims().iter().map(ToString::to_string).collect();
        write!(f, "[{}]", dims.join("×"))
    }
}
