//! Reading runs (work that is no trial).

use super::lists::{bad_cursor, page, page_size};
use crate::app::{App, AppError, DecisionView, Page, RunCurve, RunDetail, RunView};
use crate::store::{self, CurveFilter};
use search::fault::Faults;
use search::network::lower_open;
use search::space::{Space, Template};
use search::supernet::{Row, RowKind, Rows};
use search::work::{SupernetWork, Work};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which runs of a study, from where.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    /// A state, or `live` for all that have not ended.
    pub state: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<u32>,
}

const STATES: [&str; 7] = ["queued", "held", "leased", "done", "failed", "cancelled", "live"];

impl App {
    /// In the order of creation.
    pub async fn run_list(&self, study: Uuid, filter: &RunFilter) -> Result<Page<RunView>, AppError> {
        let limit = page_size(filter.limit)?;
        if filter.state.as_deref().is_some_and(|state| !STATES.contains(&state)) {
            return Err(Faults::one("/state", format!("one of {}", STATES.join(", "))).into());
        }
        let after = filter.cursor.as_deref().map(|c| Uuid::parse_str(c).map_err(|_| bad_cursor())).transpose()?;
        let mut conn = self.relaxed.acquire().await?;
        let rows = store::run_list(&mut conn, study, filter.state.as_deref(), after, limit + 1).await?;
        if rows.is_empty() && store::study_get(&mut conn, study).await?.is_none() {
            return Err(AppError::NotFound("study"));
        }
        Ok(page(rows, limit, |run: &RunView| run.id.to_string()))
    }

    /// A run with its result, attempts, artifacts and decisions.
    pub async fn run_get(&self, id: Uuid) -> Result<RunDetail, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        let run = store::run_get(&mut conn, id).await?.ok_or(AppError::NotFound("run"))?;
        let result = store::run_result(&mut conn, id).await?;
        let attempts = store::run_attempts(&mut conn, id).await?;
        let artifacts = store::run_artifacts(&mut conn, id).await?;
        let work = store::run_payload(&mut conn, id).await?;
        drop(conn);
        let (decisions, edges) = tokio::task::spawn_blocking(move || work.as_ref().map(decisions).unwrap_or_default())
            .await
            .map_err(|_| anyhow::anyhow!("the decisions of a supernet could not be read"))?;
        Ok(RunDetail { run, result, attempts, artifacts, decisions, edges })
    }

    /// The curves of a run.
    pub async fn run_curves(&self, id: Uuid, filter: &CurveFilter) -> Result<Vec<RunCurve>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        store::run_get(&mut conn, id).await?.ok_or(AppError::NotFound("run"))?;
        Ok(store::run_curves(&mut conn, id, filter).await?)
    }
}

/// The decisions of a supernet, and how many operators the largest group of them keeps; nothing for other work.
fn decisions(work: &Work) -> (Vec<DecisionView>, Option<u32>) {
    let Work::Supernet(work) = work else { return Default::default() };
    let Some(rows) = rows(work) else { return Default::default() };
    let mut kept: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for row in &rows.0 {
        let (picked, operators) = kept.entry(&row.group).or_default();
        match row.kind {
            RowKind::Edges { pick } => *picked += u32::try_from(pick).unwrap_or(u32::MAX),
            RowKind::Operators { .. } => *operators += 1,
            RowKind::Width { .. } => {}
        }
    }
    // Where edges are chosen, only the picked ones keep their operator.
    let edges = kept.values().map(|(picked, operators)| if *picked > 0 { *picked } else { *operators }).max();
    let view = |row: Row| DecisionView { id: row.decision, group: row.group, labels: row.labels };
    (rows.0.into_iter().map(view).collect(), edges)
}

/// `None` where the space's document cannot be opened, which its worker has told by an outcome.
fn rows(work: &SupernetWork) -> Option<Rows> {
    let space = Space::parse(&work.space).ok()?;
    let Template::Object(mut members) = space.template() else { return None };
    let graph = lower_open(&members.remove("network")?, work.plan.opening).ok()?;
    Some(Rows::of(&graph, &work.plan))
}
