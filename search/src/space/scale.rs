//! Scales of float decisions (space-language §4): between a value and its coordinate in 0..1.

use serde::Deserialize;

/// How a number is spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    #[default]
    Linear,
    Log,
    /// Reversed logarithm: fine near the maximum.
    Rlog,
}

impl Scale {
    /// Coordinate of `value` in `min..=max`, 0 to 1.
    pub fn to_unit(self, value: f64, min: f64, max: f64) -> f64 {
        if min == max {
            return 0.0;
        }
        match self {
            Scale::Linear => (value - min) / (max - min),
            Scale::Log => (value / min).ln() / (max / min).ln(),
            Scale::Rlog => 1.0 - ((max + min - value) / min).ln() / (max / min).ln(),
        }
    }

    /// Value at coordinate `unit`, kept inside `min..=max`.
    pub fn from_unit(self, unit: f64, min: f64, max: f64) -> f64 {
        let value = match self {
            Scale::Linear => min + unit * (max - min),
            Scale::Log => min * (max / min).powf(unit),
            Scale::Rlog => max + min - min * (max / min).powf(1.0 - unit),
        };
        value.clamp(min, max)
    }
}

/// `count` values equally spaced in the scale, each rounded to 12 significant digits.
pub(super) fn grid(scale: Scale, min: f64, max: f64, count: usize) -> Vec<f64> {
    let unit = |i: usize| {
        if count == 1 { 0.0 } else { i as f64 / (count - 1) as f64 }
    };
    (0..count).map(|i| twelve_digits(scale.from_unit(unit(i), min, max))).collect()
}

pub(super) fn twelve_digits(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}
