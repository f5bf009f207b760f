//! The end of trainings that went well, which is how nearly all work ends: one statement settles any number of them and
//! leases as many new pieces of work.

use super::lease::{Holder, LeaseFilter, LeaseRow};
use super::{StoreError, text};
use crate::app::{EventView, Values};
use chrono::{DateTime, Utc};
use search::work::Work;
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

/// A lease that ended with an outcome `done`.
#[derive(Clone, Debug)]
pub struct Finish {
    pub work: Uuid,
    pub token: Uuid,
    /// The outcome as JSON text.
    pub outcome: String,
    pub metrics: Values,
    /// Who gets new work in exchange.
    pub next: Option<Holder>,
}

/// Work that was settled as completed.
#[derive(Clone, Debug)]
pub struct Finished {
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
    /// The event that was kept.
    pub event: i64,
}

/// What one statement did: by work what was settled, and the new leases.
#[derive(Debug, Default)]
pub struct FinishAnswer {
    pub finished: Vec<(Uuid, Finished)>,
    pub leases: Vec<LeaseRow>,
}

/// Settles the trials that are held under their token and bring all metrics that they must; the rest is left as it is,
/// and is not in the answer. The works must differ. Each holder whose work was settled gets new work that fits the filter, if there is any.
pub async fn work_finish(
    conn: &mut PgConnection,
    finishes: &[Finish],
    filter: &LeaseFilter,
    seconds: f64,
) -> Result<FinishAnswer, StoreError> {
    let metrics = finishes.iter().map(|f| text(&f.metrics)).collect::<Result<Vec<_>, _>>()?;
    let event = |f: &Finish| text(&EventView::trial(Uuid::nil(), None, "completed", &f.metrics).data);
    let events = finishes.iter().map(event).collect::<Result<Vec<_>, _>>()?;
    let rows: Vec<Row> = sqlx::query_as(FINISH)
        .bind(finishes.iter().map(|f| f.work).collect::<Vec<_>>())
        .bind(finishes.iter().map(|f| f.token).collect::<Vec<_>>())
        .bind(finishes.iter().map(|f| f.outcome.as_str()).collect::<Vec<_>>())
        .bind(metrics)
        .bind(events)
        .bind(finishes.iter().map(|f| f.next.as_ref().map(|h| h.worker.as_str())).collect::<Vec<_>>())
        .bind(finishes.iter().map(|f| f.next.as_ref().map(|h| h.slot)).collect::<Vec<_>>())
        .bind(&filter.kinds)
        .bind(&filter.datasets)
        .bind(filter.study)
        .bind(seconds)
        .fetch_all(conn)
        .await?;
    let mut answer = FinishAnswer::default();
    for row in rows {
        match row.event {
            Some(event) => {
                let finished = Finished { study_id: row.study_id, trial_id: row.trial_id, event };
                answer.finished.push((row.work_id, finished));
            }
            None => answer.leases.extend(row.lease()),
        }
    }
    Ok(answer)
}

/// The queries in `WITH` see the state before the statement: what is leased here was queued before.
const FINISH: &str = "
    WITH s AS (
        SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
            WITH ORDINALITY AS s (work_id, token, outcome, metrics, event, worker, slot, n)
    ), finished AS (
        UPDATE work SET state = 'done', lease_token = NULL, deadline = NULL, directive = NULL
        FROM s WHERE work.id = s.work_id AND work.state = 'leased' AND work.lease_token = s.token
            AND work.trial_id IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM json_array_elements_text(work.payload -> 'metrics') AS required
                            WHERE NOT s.metrics::jsonb ? required)
        RETURNING work.id, work.study_id, work.trial_id, work.attempt, work.epochs, s.*
    ), t AS (
        UPDATE trials SET state = 'completed', reason = NULL, metrics = trials.metrics || finished.metrics::jsonb,
            epochs_done = finished.epochs, finished_at = now()
        FROM finished WHERE trials.id = finished.trial_id
    ), o AS (
        INSERT INTO outcomes (work_id, study_id, token, attempt, outcome, settled)
        SELECT id, study_id, token, attempt, outcome::json, 'completed' FROM finished ORDER BY n
    ), e AS (
        INSERT INTO events (study_id, trial_id, kind, data)
        SELECT study_id, trial_id, 'trial', event::json FROM finished ORDER BY n RETURNING id
    ), kept AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM e
    ), asked AS (
        SELECT worker, slot, row_number() OVER (ORDER BY n) AS n FROM finished WHERE worker IS NOT NULL
    ), next AS (
        SELECT id FROM work
        WHERE state = 'queued' AND kind = ANY($8)
            AND ($9::text[] IS NULL OR dataset = ANY($9) OR (dataset IS NULL AND kind <> 'train'))
            AND ($10::uuid IS NULL OR study_id = $10)
        ORDER BY priority DESC, id LIMIT (SELECT count(*) FROM asked) FOR UPDATE SKIP LOCKED
    ), picked AS (
        SELECT id, row_number() OVER (ORDER BY id) AS n FROM next
    ), leased AS (
        UPDATE work SET state = 'leased', attempt = attempt + 1, lease_token = gen_random_uuid(),
            deadline = now() + make_interval(secs => $11), worker = asked.worker, slot = asked.slot
        FROM picked JOIN asked USING (n) WHERE work.id = picked.id
        RETURNING work.id, lease_token, study_id, trial_id, attempt, deadline, checkpoint, payload, work.worker, work.slot
    ), started AS (
        UPDATE trials SET state = 'running', attempt = leased.attempt, worker = leased.worker, reason = NULL,
            started_at = coalesce(started_at, now())
        FROM leased WHERE trials.id = leased.trial_id
    )
    SELECT f.id AS work_id, f.study_id, f.trial_id, kept.id AS event, NULL::uuid AS lease_token, NULL::int AS attempt,
        NULL::timestamptz AS deadline, NULL::uuid AS checkpoint, NULL::json AS payload, NULL::text AS worker,
        NULL::int AS slot
    FROM (SELECT id, study_id, trial_id, row_number() OVER (ORDER BY n) AS n FROM finished) AS f JOIN kept USING (n)
    UNION ALL
    SELECT id, study_id, trial_id, NULL, lease_token, attempt, deadline, checkpoint, payload, worker, slot FROM leased";

/// Either work that was settled (`event` is there) or a lease.
#[derive(sqlx::FromRow)]
struct Row {
    work_id: Uuid,
    study_id: Uuid,
    trial_id: Option<Uuid>,
    event: Option<i64>,
    lease_token: Option<Uuid>,
    attempt: Option<i32>,
    deadline: Option<DateTime<Utc>>,
    checkpoint: Option<Uuid>,
    payload: Option<Json<Work>>,
    worker: Option<String>,
    slot: Option<i32>,
}

impl Row {
    fn lease(self) -> Option<LeaseRow> {
        Some(LeaseRow {
            work_id: self.work_id,
            lease_token: self.lease_token?,
            study_id: self.study_id,
            trial_id: self.trial_id,
            attempt: self.attempt?,
            deadline: self.deadline?,
            checkpoint: self.checkpoint,
            payload: self.payload?,
            worker: self.worker?,
            slot: self.slot?,
        })
    }
}
