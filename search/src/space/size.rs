//! Sizes of spaces: exact integers of any magnitude, or infinite.

use num_bigint::BigUint;
use num_traits::{One, Zero};
use serde::{Serialize, Serializer};
use std::fmt;

/// Number of genotypes of a space. Constraints are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Size {
    Finite(BigUint),
    /// There is a continuous decision.
    Infinite,
}

impl Size {
    pub(super) fn one() -> Size {
        Size::Finite(BigUint::one())
    }

    pub(super) fn zero() -> Size {
        Size::Finite(BigUint::zero())
    }

    /// The number, unless the space has continuous decisions.
    pub fn finite(&self) -> Option<&BigUint> {
        match self {
            Size::Finite(size) => Some(size),
            Size::Infinite => None,
        }
    }

    /// Infinite if either is; nothing of an infinite kind is nothing.
    pub(super) fn times(&self, other: &Size) -> Size {
        match (self, other) {
            (Size::Finite(a), Size::Finite(b)) => Size::Finite(a * b),
            (Size::Finite(zero), _) | (_, Size::Finite(zero)) if zero.is_zero() => Size::zero(),
            _ => Size::Infinite,
        }
    }

    pub(super) fn plus(&self, other: &Size) -> Size {
        match (self, other) {
            (Size::Finite(a), Size::Finite(b)) => Size::Finite(a + b),
            _ => Size::Infinite,
        }
    }

    pub(super) fn power(&self, exponent: usize) -> Size {
        match self {
            Size::Finite(base) => Size::Finite(base.pow(u32::try_from(exponent).unwrap_or(u32::MAX))),
            Size::Infinite if exponent == 0 => Size::one(),
            Size::Infinite => Size::Infinite,
        }
    }
}

/// A decimal number; `-1` when infinite.
impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Size::Finite(size) => size.fmt(f),
            Size::Infinite => f.write_str("-1"),
        }
    }
}

/// As a string, because JSON numbers end at 2^53.
impl Serialize for Size {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
