//! What a unit of work, a report and an outcome say: the types that coordinator, workers and external trainers
//! share over HTTP (JSON).

mod kind;
mod lease;
mod outcome;
mod report;

pub use kind::{ArtifactRef, MeasureWork, ScoreWork, Split, SupernetWork, TrainWork, Work, WorkKind};
pub use lease::{Lease, LeaseRequest, WorkerInfo};
pub use outcome::{FailureReason, NamedArtifact, Outcome};
pub use report::{CurvePoint, Directive, Report, ReportAnswer};
