//! Takes back work whose lease ran out, and notes which workers were heard of.

use crate::app::App;
use crate::dispatch::Ending;
use crate::store;
use search::work::{FailureReason, Outcome};

/// Leases that are taken back in one transaction.
const BATCH: i64 = 100;

pub(super) async fn run_once(app: App) -> anyhow::Result<String> {
    app.worker_note_seen().await?;
    let mut conn = app.relaxed.acquire().await?;
    let expired = store::work_expired(&mut conn, BATCH).await?;
    drop(conn);
    let endings: Vec<Ending> = expired
        .into_iter()
        .map(|(work, token)| Ending::Expired {
            work,
            token,
            outcome: Outcome::Failed {
                reason: FailureReason::LeaseExpired,
                detail: format!("no report for {} seconds", app.settings.lease.as_secs()),
            },
        })
        .collect();
    let taken = if endings.is_empty() { 0 } else { app.end_now(&endings).await? };
    Ok(format!("{taken} leases taken back"))
}
