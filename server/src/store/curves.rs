//! Learning curves.

use super::StoreError;
use crate::app::CurveView;
use sqlx::PgConnection;
use uuid::Uuid;

/// The curve of a trial as its last attempt left it: what an earlier attempt reported beyond the checkpoint that the
/// last one started from is left out.
pub async fn curve_of_trial(conn: &mut PgConnection, trial: Uuid) -> Result<Vec<CurveView>, StoreError> {
    Ok(sqlx::query_as(
        "WITH points AS (
             SELECT p.metric, p.step, p.value, p.attempt FROM work w JOIN curve_points p ON p.work_id = w.id
             WHERE w.trial_id = $1
         ), last AS (
             SELECT attempt, min(step) AS first_step FROM points GROUP BY attempt ORDER BY attempt DESC LIMIT 1
         )
         SELECT points.* FROM points, last
         WHERE points.attempt = last.attempt OR points.step < last.first_step
         ORDER BY points.metric, points.step",
    )
    .bind(trial)
    .fetch_all(conn)
    .await?)
}

/// Deletes the points of a study's work (they have no foreign key).
pub async fn curve_delete_of_study(conn: &mut PgConnection, study: Uuid) -> Result<(), StoreError> {
    sqlx::query("DELETE FROM curve_points USING work WHERE work.id = curve_points.work_id AND work.study_id = $1")
        .bind(study)
        .execute(conn)
        .await?;
    Ok(())
}
