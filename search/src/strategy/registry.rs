//! The strategies there are; one line each.

use super::evolution::Evolution;
use super::grid::Grid;
use super::local::LocalSearch;
use super::random::RandomSearch;
use super::{Registered, StrategyKind};

/// All strategies, in the order in which they are shown.
pub fn registry() -> &'static [&'static dyn StrategyKind] {
    &[
        &Registered::<Evolution>::new(),
        &Registered::<LocalSearch>::new(),
        &Registered::<RandomSearch>::new(),
        &Registered::<Grid>::new(),
    ]
}

/// The strategy of this name.
pub fn find(name: &str) -> Option<&'static dyn StrategyKind> {
    registry().iter().copied().find(|kind| kind.name() == name)
}
