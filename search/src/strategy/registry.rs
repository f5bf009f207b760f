//! The strategies there are; one line each.

use super::evolution::Evolution;
use super::grid::Grid;
use super::local::LocalSearch;
use super::random::RandomSearch;
use super::{Registered, StrategyKind};

/// In the order in which they are shown.
const REGISTRY: &[&dyn StrategyKind] = &[
    &Registered::<Evolution>::new(),
    &Registered::<LocalSearch>::new(),
    &Registered::<RandomSearch>::new(),
    &Registered::<Grid>::new(),
];

/// All strategies.
pub fn registry() -> &'static [&'static dyn StrategyKind] {
    REGISTRY
}

/// The strategy of this name.
pub fn find(name: &str) -> Option<&'static dyn StrategyKind> {
    registry().iter().copied().find(|kind| kind.name() == name)
}
