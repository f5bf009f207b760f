//! What people do to a running study: pause, resume, stop, cancel, delete.

use crate::app::{App, AppError, EventView, StudyView};
use crate::dispatch::{self, Change};
use crate::store::{self, StoreError, Transition};
use sqlx::PgConnection;
use uuid::Uuid;

impl App {
    /// Stops leasing; running trials are asked to checkpoint and come back to this study when it is resumed.
    pub async fn study_pause(&self, id: Uuid) -> Result<StudyView, AppError> {
        let mut tx = self.pool.begin().await?;
        allowed(store::study_transition(&mut tx, id, &["running"], "paused", None).await?, "paused")?;
        store::work_hold(&mut tx, id).await?;
        let event = study_event(&mut tx, id, "paused", None).await?;
        tx.commit().await?;
        self.bus.publish(event);
        self.study_get(id).await
    }

    /// Goes on after a pause.
    pub async fn study_resume(&self, id: Uuid) -> Result<StudyView, AppError> {
        let mut tx = self.pool.begin().await?;
        allowed(store::study_transition(&mut tx, id, &["paused"], "running", None).await?, "resumed")?;
        store::work_unhold(&mut tx, id).await?;
        let event = study_event(&mut tx, id, "running", None).await?;
        tx.commit().await?;
        self.bus.publish(event);
        self.bus.work_ready();
        self.bus.study_changed(id);
        self.study_get(id).await
    }

    /// Ends a study gently: queued trials are dropped, running ones stop after their epoch and keep their metrics. No
    /// final training follows.
    pub async fn study_stop(&self, id: Uuid) -> Result<StudyView, AppError> {
        let reason = "stopped by a user";
        let mut tx = self.pool.begin().await?;
        let moved = store::study_transition(&mut tx, id, &["running", "paused"], "stopping", Some(reason)).await?;
        allowed(moved, "stopped")?;
        store::work_direct(&mut tx, id, "stop").await?;
        let queued = store::work_ids(&mut tx, id, &["queued", "held"]).await?;
        let changes = dispatch::cancel(&mut tx, &queued, reason).await?;
        let event = study_event(&mut tx, id, "stopping", None).await?;
        tx.commit().await?;
        self.tell(&changes);
        self.bus.publish(event);
        self.bus.study_changed(id);
        self.study_get(id).await
    }

    /// Ends a study at once: all leases end, workers learn it from their next report.
    pub async fn study_cancel(&self, id: Uuid) -> Result<StudyView, AppError> {
        let from = ["draft", "running", "paused", "stopping"];
        allowed(self.end_study(id, &from, "stopped", "cancelled by a user").await?, "cancelled")?;
        self.study_get(id).await
    }

    /// Deletes an ended study with its trials and artifacts.
    pub async fn study_delete(&self, id: Uuid) -> Result<(), AppError> {
        let mut tx = self.pool.begin().await?;
        let state = store::study_get(&mut tx, id).await?.ok_or(AppError::NotFound("study"))?.state;
        let artifacts = store::artifact_ids_of_study(&mut tx, id).await?;
        store::curve_delete_of_study(&mut tx, id).await?;
        store::event_delete_of_study(&mut tx, id).await?;
        if !store::study_delete(&mut tx, id).await? {
            return Err(AppError::Conflict(format!("the study is {state}; only an ended study can be deleted")));
        }
        tx.commit().await?;
        for artifact in artifacts {
            if let Err(error) = self.artifacts.delete(artifact).await {
                tracing::warn!(artifact.id = %artifact, %error, "the bytes of a deleted artifact are left behind");
            }
        }
        Ok(())
    }

    /// Ends a study in one transaction with everything that it has in flight.
    pub(super) async fn end_study(
        &self,
        id: Uuid,
        from: &[&str],
        state: &str,
        reason: &str,
    ) -> Result<Transition, AppError> {
        let mut tx = self.pool.begin().await?;
        let changes = match end_in(&mut tx, id, from, state, Some(reason)).await? {
            Ok(changes) => changes,
            Err(refused) => return Ok(refused),
        };
        let event = study_event(&mut tx, id, state, Some(reason.to_owned())).await?;
        tx.commit().await?;
        self.tell(&changes);
        self.bus.publish(event);
        Ok(Transition::Done)
    }
}

/// Moves a study to an end state, cancels what is in flight, and counts what no advance will take in any more. The
/// inner error says why the state does not allow it.
pub(super) async fn end_in(
    conn: &mut PgConnection,
    id: Uuid,
    from: &[&str],
    state: &str,
    reason: Option<&str>,
) -> Result<Result<Vec<Change>, Transition>, StoreError> {
    match store::study_transition(conn, id, from, state, reason).await? {
        Transition::Done => {}
        refused => return Ok(Err(refused)),
    }
    let live = store::work_ids(conn, id, &["queued", "held", "leased"]).await?;
    let changes = dispatch::cancel(conn, &live, reason.unwrap_or("the study has ended")).await?;
    store::outcome_absorb(conn, id).await?;
    Ok(Ok(changes))
}

/// Writes the event of a study's new state.
pub(super) async fn study_event(
    conn: &mut PgConnection,
    id: Uuid,
    state: &str,
    reason: Option<String>,
) -> Result<EventView, StoreError> {
    let data = serde_json::json!({ "state": state, "reason": reason });
    let mut events = [EventView { id: None, study_id: id, trial_id: None, kind: "study".into(), data }];
    store::event_insert(conn, &mut events).await?;
    let [event] = events;
    Ok(event)
}

fn allowed(transition: Transition, what: &str) -> Result<(), AppError> {
    match transition {
        Transition::Done => Ok(()),
        Transition::Absent => Err(AppError::NotFound("study")),
        Transition::NotFrom(state) => Err(AppError::Conflict(format!("a study that is {state} cannot be {what}"))),
    }
}
