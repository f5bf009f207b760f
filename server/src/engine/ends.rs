//! When a search has gone on long enough.

use super::plan::Memory;
use crate::store::StepRow;

/// Why no more candidates are proposed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limit {
    pub reason: String,
    /// Whether trials in flight are stopped too.
    pub cut: bool,
}

impl Limit {
    fn drain(reason: impl Into<String>) -> Option<Limit> {
        Some(Limit { reason: reason.into(), cut: false })
    }

    fn cut(reason: impl Into<String>) -> Option<Limit> {
        Some(Limit { reason: reason.into(), cut: true })
    }
}

/// What a limit is compared with: the row with what this advance has added.
pub(super) struct Used {
    pub trained: i64,
    /// Epochs of ended trials and those planned for trials in flight.
    pub epochs: i64,
    pub next_epochs: i64,
}

/// The first limit that is reached, if any.
pub(super) fn limit(row: &StepRow, used: &Used, memory: &Memory, goal: Option<String>) -> Option<Limit> {
    if let Some(goal) = goal {
        return Limit::cut(goal);
    }
    if let Some(seconds) = row.timeout_seconds.filter(|most| row.seconds >= *most) {
        return Limit::cut(format!("the time of {seconds} seconds is spent"));
    }
    if let Some(reason) = &memory.search_over {
        return Limit::drain(reason);
    }
    if let Some(most) = row.max_trials.filter(|most| used.trained >= *most) {
        return Limit::drain(format!("all {most} trials were run"));
    }
    if let Some(most) = row.max_epochs.filter(|most| used.epochs + used.next_epochs > *most) {
        return Limit::drain(format!("the budget of {most} epochs is spent"));
    }
    None
}

/// More failures than the study bears.
pub(super) fn too_many_failures(row: &StepRow, failed: i64) -> Option<String> {
    let most = row.max_failed_trials.filter(|most| failed > *most)?;
    Some(format!("{failed} trials have failed; the study bears {most}"))
}

/// How many more trials may be started now.
pub(super) fn room(row: &StepRow, used: &Used, in_flight: i64) -> usize {
    let mut room = i64::from(row.parallel_trials) - in_flight;
    if let Some(most) = row.max_trials {
        room = room.min(most - used.trained);
    }
    if let Some(most) = row.max_epochs {
        room = room.min((most - used.epochs) / used.next_epochs.max(1));
    }
    usize::try_from(room).unwrap_or(0)
}
