//! What leasing, reporting, ending and requeueing mean. The SQL is in `store`; here is who may do what and what follows.

mod commit;
mod desk;
mod ending;
mod lease;
mod outcome;
mod report;
mod settle;
mod workers;

pub use commit::{Committer, commit_outcomes};
pub use desk::{Desk, serve_leases};
pub use outcome::OutcomeAnswer;

pub(crate) use ending::{Change, Ending, cancel};
pub(crate) use workers::Heard;

use crate::app::AppError;
use uuid::Uuid;

/// Reads an id that came in a path or a body; what is no id names nothing.
pub fn parse_id(text: &str, what: &'static str) -> Result<Uuid, AppError> {
    Uuid::parse_str(text).map_err(|_| AppError::NotFound(what))
}
