//! Forgets what nobody will ask for: old events and idempotency keys, spent checkpoints, workers long gone.

use crate::app::App;
use crate::store;
use std::time::Duration;

/// A worker that was silent for so long is forgotten.
const WORKER_MEMORY: Duration = Duration::from_secs(7 * 24 * 3600);

pub(super) async fn run_once(app: App) -> anyhow::Result<String> {
    let keep = app.settings.keep_events.as_secs_f64();
    let mut conn = app.relaxed.acquire().await?;
    let events = store::event_prune(&mut conn, keep).await?;
    let keys = store::key_prune(&mut conn, keep).await?;
    let workers = store::worker_prune(&mut conn, WORKER_MEMORY.as_secs_f64()).await?;
    let spent = store::artifact_spent_checkpoints(&mut conn, 1000).await?;
    // Bytes first: a row without bytes is found again by the next run, bytes without a row never.
    for id in &spent {
        app.artifacts.delete(*id).await?;
    }
    store::artifact_delete(&mut conn, &spent).await?;
    Ok(format!("{events} events, {keys} keys, {workers} workers, {} checkpoints forgotten", spent.len()))
}
