#![doc = include_str!("README.md")]

mod mixture;
mod plan;
mod record;
mod selection;

pub use mixture::{Mixture, Temperature};
pub use plan::{Alternation, Architecture, Controller, CostForm, CostTerm, Derivation, Finalists, Order, SupernetPlan};
pub use plan::{Source, Watch};
pub use record::{Architectures, EpochRecord, Finalist, SupernetResult};
pub use selection::Selection;
