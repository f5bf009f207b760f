//! Leasing: one statement that picks, locks, stamps and returns.

use super::StoreError;
use chrono::{DateTime, Utc};
use search::work::Work;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// What a worker can take. Requests with the same filter can be served together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LeaseFilter {
    pub kinds: Vec<&'static str>,
    /// `None` takes any; a list takes training on these data sets, and work that needs none and is no training.
    pub datasets: Option<Vec<String>>,
    pub study: Option<Uuid>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Holder {
    pub worker: String,
    pub slot: i32,
}

#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LeaseRow {
    pub work_id: Uuid,
    pub lease_token: Uuid,
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
    pub attempt: i32,
    pub deadline: DateTime<Utc>,
    pub checkpoint: Option<Uuid>,
    pub payload: Json<Work>,
    pub worker: String,
    pub slot: i32,
}

impl LeaseRow {
    pub fn holder(&self) -> Holder {
        Holder { worker: self.worker.clone(), slot: self.slot }
    }
}

/// Leases up to one piece of work to each holder; who gets none is not in the answer. `only` restricts the choice to
/// one piece of work (a worker that gets back what it left unfinished).
pub async fn work_lease(
    conn: &mut PgConnection,
    filter: &LeaseFilter,
    holders: &[Holder],
    seconds: f64,
    only: Option<Uuid>,
) -> Result<Vec<LeaseRow>, StoreError> {
    Ok(sqlx::query_as(
        "WITH next AS (
             SELECT id FROM work
             WHERE state = 'queued' AND kind = ANY($1)
               AND ($2::text[] IS NULL OR dataset = ANY($2) OR (dataset IS NULL AND kind <> 'train'))
               AND ($3::uuid IS NULL OR study_id = $3)
               AND ($7::uuid IS NULL OR id = $7)
             ORDER BY priority DESC, id LIMIT cardinality($4::text[]) FOR UPDATE SKIP LOCKED
         ), picked AS (
             SELECT id, row_number() OVER (ORDER BY id) AS n FROM next
         ), leased AS (
             UPDATE work SET state = 'leased', attempt = attempt + 1, lease_token = gen_random_uuid(),
                 deadline = now() + make_interval(secs => $6), worker = asked.worker, slot = asked.slot
             FROM picked JOIN UNNEST($4, $5::int[]) WITH ORDINALITY AS asked (worker, slot, n) USING (n)
             WHERE work.id = picked.id
             RETURNING work.id, lease_token, study_id, trial_id, attempt, deadline, checkpoint, payload, work.worker,
                 work.slot
         ), started AS (
             UPDATE trials SET state = 'running', attempt = leased.attempt, worker = leased.worker, reason = NULL,
                 started_at = coalesce(started_at, now())
             FROM leased WHERE trials.id = leased.trial_id
         )
         SELECT id AS work_id, lease_token, study_id, trial_id, attempt, deadline, checkpoint, payload, worker, slot
         FROM leased",
    )
    .bind(&filter.kinds)
    .bind(&filter.datasets)
    .bind(filter.study)
    .bind(holders.iter().map(|h| h.worker.as_str()).collect::<Vec<_>>())
    .bind(holders.iter().map(|h| h.slot).collect::<Vec<_>>())
    .bind(seconds)
    .bind(only)
    .fetch_all(conn)
    .await?)
}

/// Work that this holder has on lease already: it comes back after a crash.
pub async fn work_unfinished(conn: &mut PgConnection, holder: &Holder) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
    Ok(sqlx::query_as("SELECT id, lease_token FROM work WHERE worker = $1 AND slot = $2 AND state = 'leased'")
        .bind(&holder.worker)
        .bind(holder.slot)
        .fetch_all(conn)
        .await?)
}
