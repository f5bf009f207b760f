//! Reading a study: state, counts, progress, best trials, insights, events.

use super::finals;
use super::prepare::Prepared;
use super::written::Written;
use crate::app::{App, AppError, BestView, EventView, ProgressView, StudyView, TrialView};
use crate::store::{self, StudyRow};
use search::strategy::{Insight, StateDocument};
use serde::Deserialize;
use uuid::Uuid;

impl App {
    pub async fn study_get(&self, id: Uuid) -> Result<StudyView, AppError> {
        Ok(view(self.study_row(id).await?))
    }

    /// The Pareto-optimal completed trials; with one objective the best.
    pub async fn study_pareto(&self, id: Uuid) -> Result<Vec<TrialView>, AppError> {
        let row = self.study_row(id).await?;
        let prepared = self.prepared(&row).await?;
        let mut conn = self.relaxed.acquire().await?;
        let completed = store::trial_completed(&mut conn, id).await?;
        Ok(finals::pareto(&prepared, &completed))
    }

    /// What a user takes away: the final trials if there are any, else the best of the search. The best first, the
    /// baseline last.
    pub async fn study_best(&self, id: Uuid) -> Result<Vec<TrialView>, AppError> {
        let row = self.study_row(id).await?;
        let mut conn = self.relaxed.acquire().await?;
        let mut finals = store::trial_final(&mut conn, id).await?;
        if finals.is_empty() {
            let Some(best) = row.best_trial else { return Ok(Vec::new()) };
            return Ok(store::trial_get(&mut conn, best).await?.into_iter().collect());
        }
        let first = row.parsed()?.objectives.into_iter().next();
        if let Some(objective) = first {
            let test = format!("test_{}", objective.metric);
            let value = |trial: &TrialView| {
                let value = trial.metrics.get(&test).or_else(|| trial.metrics.get(&objective.metric));
                let value = value.or_else(|| trial.statistics.get(&objective.metric)).copied();
                match objective.direction {
                    search::objective::Direction::Maximize => value.map_or(f64::INFINITY, |v| -v),
                    search::objective::Direction::Minimize => value.unwrap_or(f64::INFINITY),
                }
            };
            finals.sort_by(|a, b| a.baseline.cmp(&b.baseline).then(value(a).total_cmp(&value(b))));
        }
        Ok(finals)
    }

    /// What the strategy shows of itself.
    pub async fn study_insights(&self, id: Uuid) -> Result<Vec<Insight>, AppError> {
        let row = self.study_row(id).await?;
        let prepared = self.prepared(&row).await?;
        let mut conn = self.relaxed.acquire().await?;
        let (stored, _) = store::study_memory(&mut conn, id).await?;
        drop(conn);
        let look = move || -> Result<Vec<Insight>, anyhow::Error> {
            let state = Written::read(stored)?.state().map(StateDocument::deserialize).transpose()?;
            Ok(prepared.strategy(state.as_ref())?.insights())
        };
        Ok(tokio::task::spawn_blocking(look).await.map_err(|_| anyhow::anyhow!("the strategy's insights failed"))??)
    }

    /// Kept events after `after`; `study` restricts them.
    pub async fn event_after(&self, study: Option<Uuid>, after: i64) -> Result<Vec<EventView>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::event_after(&mut conn, study, after, 1000).await?)
    }

    pub(super) async fn study_row(&self, id: Uuid) -> Result<StudyRow, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        store::study_get(&mut conn, id).await?.ok_or(AppError::NotFound("study"))
    }

    /// The study with its space, as it was checked at submission.
    pub(super) async fn prepared(&self, row: &StudyRow) -> Result<Prepared, AppError> {
        let space = self.space_load(&row.space_id).await?;
        Ok(Prepared::new(row.parsed()?, space)?)
    }
}

pub(super) fn view(row: StudyRow) -> StudyView {
    let progress = progress(&row);
    let seconds_left = (row.state == "running" && row.phase == "search" && progress.share > 0.0)
        .then(|| row.seconds * (1.0 - progress.share) / progress.share);
    StudyView {
        id: row.id,
        limits: row.limits(),
        counts: row.counts(),
        best: row.best_trial.zip(row.best_metrics).map(|(trial_id, m)| BestView { trial_id, metrics: m.0 }),
        name: row.name,
        state: row.state,
        phase: row.phase,
        reason: row.reason,
        document: row.document,
        space_id: row.space_id,
        created_at: row.created_at,
        started_at: row.started_at,
        finished_at: row.finished_at,
        progress,
        seconds_left,
    }
}

fn progress(row: &StudyRow) -> ProgressView {
    let trials = row.completed + row.pruned + row.failed + row.cancelled;
    let share = |used: f64, most: Option<f64>| most.map_or(0.0, |most| used / most);
    let limits = [
        share(trials as f64, row.max_trials.map(|n| n as f64)),
        share(row.epochs_spent as f64, row.max_epochs.map(|n| n as f64)),
        share(row.seconds, row.timeout_seconds),
    ];
    let over = row.phase == "final" || row.state == "completed";
    let share = if over { 1.0 } else { limits.into_iter().fold(0.0, f64::max).min(1.0) };
    ProgressView { trials, epochs: row.epochs_spent, seconds: row.seconds, share }
}
