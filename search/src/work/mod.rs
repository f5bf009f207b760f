//! What a unit of work, a report and an outcome say: the types that coordinator, workers and external trainers
//! share over HTTP (JSON).

mod kind;
mod lease;
mod measure;
mod outcome;
mod report;
mod supernet;

pub use kind::{ArtifactRef, Split, TrainWork, Work, WorkKind};
pub use lease::{Lease, LeaseRequest, WorkerInfo};
pub use measure::{Latency, MeasureResult, MeasureWork};
pub use outcome::{FailureReason, NamedArtifact, Outcome};
pub use report::{CurvePoint, Directive, Report, ReportAnswer};
pub use supernet::{ScoreResult, ScoreWork, SupernetWork};
