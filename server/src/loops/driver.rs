//! One driver for all periodic loops: run, note how it went, wait for the period or the end.

use crate::app::App;
use chrono::{DateTime, Utc};
use rand::TryRngCore;
use serde::Serialize;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How a loop is doing.
#[derive(Clone, Debug, Serialize)]
pub struct LoopStatus {
    pub runs: u64,
    pub failures: u64,
    pub last_start: DateTime<Utc>,
    pub last_seconds: f64,
    /// What the last run did, or why it failed.
    pub last_result: Result<String, String>,
}

/// The state of every loop, by name.
#[derive(Default)]
pub struct LoopStatuses(Mutex<BTreeMap<&'static str, LoopStatus>>);

impl LoopStatuses {
    pub fn all(&self) -> BTreeMap<&'static str, LoopStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes a run; a failure is logged here, once.
    pub(super) fn record(&self, name: &'static str, began: Instant, result: anyhow::Result<String>) {
        if let Err(error) = &result {
            tracing::error!(
                loop_name = name,
                error = format!("{error:#}"),
                "the loop {name} failed; the next run tries again"
            );
        }
        let mut statuses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = statuses.get(name).map_or((0, 0), |s| (s.runs, s.failures));
        let took = began.elapsed();
        statuses.insert(
            name,
            LoopStatus {
                runs: before.0 + 1,
                failures: before.1 + u64::from(result.is_err()),
                last_start: Utc::now() - took,
                last_seconds: took.as_secs_f64(),
                last_result: result.map_err(|e| format!("{e:#}")),
            },
        );
    }
}

/// Runs `run_once` every period until the coordinator ends.
pub(super) async fn drive<F, R>(app: App, name: &'static str, period: Duration, run_once: F)
where
    F: Fn(App) -> R + Send,
    R: Future<Output = anyhow::Result<String>> + Send,
{
    loop {
        let began = Instant::now();
        let result = run_once(app.clone()).await;
        app.loops.record(name, began, result);
        tokio::select! {
            _ = app.stop.cancelled() => return,
            _ = tokio::time::sleep(jitter(period)) => {}
        }
    }
}

/// The period give or take a tenth: several coordinators that were started together drift apart.
pub(super) fn jitter(period: Duration) -> Duration {
    let share = f64::from(rand::rngs::OsRng.try_next_u32().unwrap_or(u32::MAX / 2)) / f64::from(u32::MAX);
    period.mul_f64(0.9 + 0.2 * share)
}
