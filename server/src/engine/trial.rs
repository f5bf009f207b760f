//! Reading and cancelling single trials.

use super::candidate::candidate;
use crate::app::{App, AppError, AttemptView, CurveView, TrialView};
use crate::dispatch::Ending;
use crate::store;
use search::space::Genotype;
use search::work::Work;
use serde_json::Value;
use uuid::Uuid;

impl App {
    pub async fn trial_get(&self, id: Uuid) -> Result<TrialView, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        store::trial_get(&mut conn, id).await?.ok_or(AppError::NotFound("trial"))
    }

    /// The learning curve, by metric and step.
    pub async fn trial_curve(&self, id: Uuid) -> Result<Vec<CurveView>, AppError> {
        self.trial_get(id).await?;
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::curve_of_trial(&mut conn, id).await?)
    }

    /// How its attempts ended, oldest first.
    pub async fn trial_attempts(&self, id: Uuid) -> Result<Vec<AttemptView>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::trial_attempts(&mut conn, id).await?)
    }

    /// The candidate document: network and recipe as they are trained.
    pub async fn trial_candidate(&self, id: Uuid) -> Result<Value, AppError> {
        let trial = self.trial_get(id).await?;
        let mut conn = self.relaxed.acquire().await?;
        if let Some(payload) = store::trial_payload(&mut conn, id).await? {
            let work: Work = serde_json::from_value(payload).map_err(anyhow::Error::new)?;
            if let Work::Train(train) = work {
                return Ok(train.candidate);
            }
        }
        drop(conn);
        let row = self.study_row(trial.study_id).await?;
        let space = self.space_load(&row.space_id).await?;
        let genotype: Genotype =
            serde_json::from_value(trial.genotype.unwrap_or_default()).map_err(anyhow::Error::new)?;
        Ok(candidate(&space, &genotype, &row.parsed()?.training)?)
    }

    /// Takes a trial back from whoever has it; its worker learns that from its next report.
    pub async fn trial_cancel(&self, id: Uuid) -> Result<TrialView, AppError> {
        let trial = self.trial_get(id).await?;
        let mut conn = self.relaxed.acquire().await?;
        let work = store::work_of_trial(&mut conn, id).await?;
        drop(conn);
        let ended = match work {
            Some(work) => self.end_now(&[Ending::Cancelled { work, detail: "cancelled by a user".into() }]).await?,
            None => 0,
        };
        if ended == 0 {
            let state = self.trial_get(id).await?.state;
            return Err(AppError::Conflict(format!("trial {} is {state} and cannot be cancelled", trial.number)));
        }
        self.trial_get(id).await
    }
}
