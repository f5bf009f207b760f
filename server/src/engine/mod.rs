//! The engine: from a submitted document to a finished study. It loads what a strategy needs, lets it think outside of
//! any transaction, and commits what it wants by compare-and-set.

mod advance;
mod cache;
mod candidate;
mod change;
mod check;
mod control;
mod decide;
mod ends;
mod finals;
mod known;
mod latency;
mod lists;
mod patch;
mod plan;
mod prepare;
mod run;
mod space;
mod study;
mod submit;
mod survey;
mod trial;
mod written;

pub use lists::{StudyFilter, TrialFilter};
pub use prepare::Prepared;
pub use run::RunFilter;
pub use submit::Submitted;

pub(crate) use advance::Advanced;
pub(crate) use cache::Cache;
