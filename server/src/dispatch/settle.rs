//! What follows from an outcome: pure, so that every case can be read and tested in one place.

use crate::app::Values;
use crate::store::{Ended, LockedWork, Next};
use search::work::{FailureReason, Outcome};

/// How locked work goes on after the holder of its lease reported `outcome`.
pub(super) fn settle(work: &LockedWork, outcome: &Outcome, study: StudyStage) -> Next {
    match outcome {
        Outcome::Done { metrics, .. } => match missing(work, metrics) {
            None => ended(Ended::Completed, None, metrics.clone(), work.epochs),
            Some(detail) => retry(work, FailureReason::NoMetrics, &detail, study),
        },
        Outcome::Stopped { epoch, metrics, .. } => {
            let epochs = i32::try_from(*epoch).unwrap_or(work.epochs).min(work.epochs);
            ended(Ended::Pruned, Some(format!("stopped after epoch {epoch}")), metrics.clone(), epochs)
        }
        Outcome::Infeasible { detail } => ended(Ended::Infeasible, Some(detail.clone()), Values::new(), 0),
        Outcome::Failed { reason: FailureReason::InvalidInput, detail } => {
            let reason = describe(FailureReason::InvalidInput, detail);
            ended(Ended::Failed, Some(reason), Values::new(), epochs_begun(work))
        }
        Outcome::Failed { reason, detail } => retry(work, *reason, detail, study),
        // Given back: the attempt does not count.
        Outcome::Released => again(work, None, work.attempt - 1, study),
    }
}

/// Whether a study's work may go back into the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StudyStage {
    Running,
    Paused,
    /// Stopping, or ended.
    Over,
}

impl StudyStage {
    pub fn of(state: &str) -> StudyStage {
        match state {
            "running" => StudyStage::Running,
            "paused" | "draft" => StudyStage::Paused,
            _ => StudyStage::Over,
        }
    }
}

/// The end of work that the coordinator takes back from whoever has it.
pub(super) fn cancelled(work: &LockedWork, detail: &str) -> Next {
    ended(Ended::Cancelled, Some(detail.to_owned()), Values::new(), epochs_begun(work))
}

fn retry(work: &LockedWork, reason: FailureReason, detail: &str, study: StudyStage) -> Next {
    let text = describe(reason, detail);
    if work.attempt < work.max_attempts {
        return again(work, Some(text), work.attempt, study);
    }
    let text =
        if work.attempt > 1 { format!("{text} (attempt {} of {})", work.attempt, work.max_attempts) } else { text };
    ended(Ended::Failed, Some(text), Values::new(), epochs_begun(work))
}

fn again(work: &LockedWork, reason: Option<String>, attempts: i32, study: StudyStage) -> Next {
    match study {
        StudyStage::Running => Next::Queued { reason, attempts },
        StudyStage::Paused => Next::Held { attempts },
        StudyStage::Over => cancelled(work, "the study was ending"),
    }
}

fn ended(trial: Ended, reason: Option<String>, metrics: Values, epochs_done: i32) -> Next {
    Next::Ended { trial, reason, metrics, epochs_done }
}

/// Which of the required metrics is not there.
fn missing(work: &LockedWork, metrics: &Values) -> Option<String> {
    let missing: Vec<&str> =
        work.required.iter().filter(|name| !metrics.contains_key(*name)).map(String::as_str).collect();
    if missing.is_empty() {
        return None;
    }
    Some(format!("finished but reported no value for {}", missing.join(", ")))
}

/// Epochs that were spent on work that did not come to its end, as far as the worker told.
fn epochs_begun(work: &LockedWork) -> i32 {
    (work.progress * f64::from(work.epochs)).floor() as i32
}

fn describe(reason: FailureReason, detail: &str) -> String {
    let what = match reason {
        FailureReason::Diverged => "diverged",
        FailureReason::OutOfMemory => "out of memory",
        FailureReason::InvalidInput => "invalid input",
        FailureReason::Crashed => "the worker crashed",
        FailureReason::LeaseExpired => "the worker went silent",
        FailureReason::NoMetrics => "no metrics",
        FailureReason::Other => "failed",
    };
    if detail.is_empty() { what.to_owned() } else { format!("{what}: {detail}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn work(attempt: i32) -> LockedWork {
        LockedWork {
            id: Uuid::nil(),
            study_id: Uuid::nil(),
            trial_id: None,
            state: "leased".into(),
            lease_token: None,
            expired: false,
            attempt,
            epochs: 10,
            progress: 0.55,
            max_attempts: 2,
            required: vec!["top1".into()],
        }
    }

    fn failed(reason: FailureReason) -> Outcome {
        Outcome::Failed { reason, detail: "d".into() }
    }

    fn state(next: &Next) -> &'static str {
        match next {
            Next::Ended { trial, .. } => trial.as_str(),
            Next::Queued { .. } => "queued",
            Next::Held { .. } => "held",
        }
    }

    #[test]
    fn a_failure_is_tried_again_until_the_attempts_are_used_up() {
        let running = StudyStage::Running;
        assert_eq!(state(&settle(&work(1), &failed(FailureReason::OutOfMemory), running)), "queued");
        let last = settle(&work(2), &failed(FailureReason::OutOfMemory), running);
        let Next::Ended { trial, reason, epochs_done, .. } = last else { panic!("{last:?}") };
        assert_eq!((trial, epochs_done), (Ended::Failed, 5));
        assert_eq!(reason.as_deref(), Some("out of memory: d (attempt 2 of 2)"));
        assert_eq!(state(&settle(&work(1), &failed(FailureReason::InvalidInput), running)), "failed");
    }

    #[test]
    fn finishing_without_a_required_metric_is_a_failure_that_says_so() {
        let done = Outcome::Done { metrics: [("loss".to_owned(), 1.0)].into(), artifacts: vec![], result: None };
        let next = settle(&work(2), &done, StudyStage::Running);
        let Next::Ended { trial: Ended::Failed, reason: Some(reason), .. } = next else { panic!("{next:?}") };
        assert!(reason.contains("reported no value for top1"), "{reason}");
    }

    #[test]
    fn a_released_lease_counts_for_nothing_and_waits_while_the_study_is_paused() {
        assert_eq!(
            settle(&work(2), &Outcome::Released, StudyStage::Running),
            Next::Queued { reason: None, attempts: 1 }
        );
        assert_eq!(settle(&work(2), &Outcome::Released, StudyStage::Paused), Next::Held { attempts: 1 });
        assert_eq!(state(&settle(&work(2), &Outcome::Released, StudyStage::Over)), "cancelled");
    }

    #[test]
    fn a_stopped_trial_is_pruned_with_its_metrics() {
        let stopped = Outcome::Stopped { epoch: 3, metrics: [("top1".to_owned(), 0.4)].into(), artifacts: vec![] };
        let next = settle(&work(1), &stopped, StudyStage::Over);
        let Next::Ended { trial: Ended::Pruned, metrics, epochs_done: 3, .. } = next else { panic!("{next:?}") };
        assert_eq!(metrics.get("top1"), Some(&0.4));
    }
}
