//! Advances studies when they are woken, and all live ones every period (a wake-up may be lost, a time limit may pass).
//! Studies do not wait for each other: each is advanced by a task of its own, one at a time.

use super::driver::jitter;
use crate::app::App;
use crate::engine::Advanced;
use crate::store;
use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Studies being advanced; `true` when one was woken meanwhile and must be looked at again.
type Busy = Arc<Mutex<HashMap<Uuid, bool>>>;

pub(super) async fn run(app: App) {
    let busy = Busy::default();
    let mut next_look = Instant::now();
    loop {
        let mut woken = pin!(app.bus.studies.notified());
        woken.as_mut().enable();
        let mut studies = app.bus.take_studies();
        if Instant::now() >= next_look {
            let began = Instant::now();
            match live(&app).await {
                Ok(all) => {
                    app.loops.record("advance", began, Ok(format!("{} live studies", all.len())));
                    studies.extend(all);
                }
                Err(error) => app.loops.record("advance", began, Err(error)),
            }
            next_look = Instant::now() + jitter(app.settings.period);
        }
        studies.into_iter().for_each(|study| begin(&app, &busy, study));
        tokio::select! {
            _ = app.stop.cancelled() => return,
            _ = woken => {}
            _ = tokio::time::sleep_until(next_look.into()) => {}
        }
    }
}

async fn live(app: &App) -> anyhow::Result<Vec<Uuid>> {
    let mut conn = app.relaxed.acquire().await?;
    Ok(store::study_live(&mut conn).await?)
}

/// Starts a task for the study, or marks it for another look by the task that it has.
fn begin(app: &App, busy: &Busy, study: Uuid) {
    let mut studies = busy.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(again) = studies.get_mut(&study) {
        *again = true;
        return;
    }
    studies.insert(study, false);
    let (task_app, busy) = (app.clone(), busy.clone());
    app.tasks.spawn(async move {
        while !task_app.stop.is_cancelled() {
            advance(&task_app, study).await;
            let mut studies = busy.lock().unwrap_or_else(PoisonError::into_inner);
            if !studies.get_mut(&study).is_some_and(std::mem::take) {
                studies.remove(&study);
                return;
            }
        }
    });
}

/// Advances until there is nothing to do. A failure is logged; the next look tries again.
async fn advance(app: &App, study: Uuid) {
    while !app.stop.is_cancelled() {
        match app.advance(study).await {
            Ok(Advanced::Again) => {}
            Ok(Advanced::Idle) => return,
            Err(error) => {
                tracing::error!(study.id = %study, %error, "the study could not be advanced; it is tried again");
                tokio::time::sleep(Duration::from_millis(200)).await;
                return;
            }
        }
    }
}
