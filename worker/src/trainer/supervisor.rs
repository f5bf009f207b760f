//! The way between a run and whoever watches over it.

use search::work::{CurvePoint, Directive, Outcome};

/// Watches over a run. Called from the run's thread; nothing may block for long.
pub trait Supervisor: Sync {
    /// What the run is to do; asked between steps.
    fn directive(&self) -> Directive;

    /// Share of the work that is done, 0 to 1; told after every step.
    fn progress(&self, share: f64);

    /// New points of the learning curves.
    fn points(&self, points: Vec<CurvePoint>);

    /// A checkpoint that another run could go on from.
    fn checkpoint(&self, content: Vec<u8>);
}

/// How a run ended: the outcome, and the files that go with it (their ids are not known yet).
#[derive(Debug)]
pub struct Finished {
    pub outcome: Outcome,
    /// Name and content.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Finished {
    pub fn without_files(outcome: Outcome) -> Finished {
        Finished { outcome, files: vec![] }
    }
}
