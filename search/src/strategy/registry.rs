//! The strategies there are; one line each.

use super::darts::Darts;
use super::enas::Enas;
use super::evolution::Evolution;
use super::fbnet::Fbnet;
use super::gdas::Gdas;
use super::grid::Grid;
use super::local::LocalSearch;
use super::random::RandomSearch;
use super::rsps::Rsps;
use super::setn::Setn;
use super::shared_weights::Flow;
use super::sharpdarts::SharpDarts;
use super::spos::Spos;
use super::{Registered, StrategyKind};

/// In the order in which they are shown.
const REGISTRY: &[&dyn StrategyKind] = &[
    &Registered::<Evolution>::new(),
    &Registered::<LocalSearch>::new(),
    &Registered::<RandomSearch>::new(),
    &Registered::<Grid>::new(),
    &Registered::<Flow<Darts>>::new(),
    &Registered::<Flow<SharpDarts>>::new(),
    &Registered::<Flow<Gdas>>::new(),
    &Registered::<Flow<Setn>>::new(),
    &Registered::<Flow<Rsps>>::new(),
    &Registered::<Flow<Enas>>::new(),
    &Registered::<Flow<Spos>>::new(),
    &Registered::<Flow<Fbnet>>::new(),
];

/// All strategies.
pub fn registry() -> &'static [&'static dyn StrategyKind] {
    REGISTRY
}

/// The strategy of this name.
pub fn find(name: &str) -> Option<&'static dyn StrategyKind> {
    registry().iter().copied().find(|kind| kind.name() == name)
}
