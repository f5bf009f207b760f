#![doc = include_str!("README.md")]

mod derive;
mod eigenvalue;
mod latency;
mod mixture;
mod operators;
mod plan;
mod record;
mod rows;

pub use crate::space::Selection;
pub use derive::{sample, skip_count, strongest, uniform};
pub use eigenvalue::{EigenvalueTracker, Trigger};
pub use latency::{LatencyCost, LatencyTable, Unit, rank_correlation};
pub use mixture::{Mixture, Temperature};
pub use operators::{Operators, signature};
pub use plan::{Alternation, Architecture, Controller, CostForm, CostTerm, Derivation, Finalists, Order, SupernetPlan};
pub use plan::{Source, Watch};
pub use record::{Architectures, EpochRecord, Finalist, SupernetResult};
pub use rows::{NONE, Row, RowKind, Rows};
