//! What clients see of studies, trials and the rest: the shapes of the answers, read from the store.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use uuid::Uuid;

/// Metric or statistic values by name.
pub type Values = BTreeMap<String, f64>;

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StudyView {
    pub id: Uuid,
    pub name: String,
    /// `draft`, `running`, `paused`, `stopping`, `completed`, `stopped` or `failed`.
    pub state: String,
    /// `search` while candidates are proposed, `final` while the best are retrained and tested.
    pub phase: String,
    /// Why it ended or is ending.
    pub reason: Option<String>,
    /// The study document as submitted.
    #[schema(schema_with = study_document_schema)]
    pub document: Value,
    pub space_id: String,
    pub limits: LimitsView,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
    pub counts: TrialCounts,
    /// Best completed trial of the search in the first objective.
    pub best: Option<BestView>,
    pub progress: ProgressView,
    /// Estimate from the pace so far; absent when there is nothing to go by.
    pub seconds_left: Option<f64>,
}

fn study_document_schema() -> Ref {
    Ref::from_schema_name("StudyDocument")
}

fn outcome_schema() -> Ref {
    Ref::from_schema_name("Outcome")
}

/// The limits in force now; they start from the document's budget and can be changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LimitsView {
    pub max_trials: Option<i64>,
    pub max_epochs: Option<i64>,
    pub timeout_seconds: Option<f64>,
    pub parallel_trials: i32,
    pub max_failed_trials: Option<i64>,
    pub max_attempts: i32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TrialCounts {
    pub waiting: i64,
    pub running: i64,
    pub paused: i64,
    pub completed: i64,
    pub pruned: i64,
    pub infeasible: i64,
    pub failed: i64,
    pub cancelled: i64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct BestView {
    pub trial_id: Uuid,
    /// Metrics and free statistics together.
    pub metrics: Values,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ProgressView {
    /// Trials that ended, infeasible ones that cost nothing left out.
    pub trials: i64,
    pub epochs: i64,
    /// Running time without pauses.
    pub seconds: f64,
    /// How much of the tightest limit is used up, 0 to 1.
    pub share: f64,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct TrialView {
    pub id: Uuid,
    pub study_id: Uuid,
    /// 1, 2, 3 … in the order of proposal.
    pub number: i64,
    /// `waiting`, `running`, `paused`, `completed`, `pruned`, `infeasible`, `failed` or `cancelled`.
    pub state: String,
    pub reason: Option<String>,
    /// 0 while it waits for its first worker.
    pub attempt: i32,
    /// Flat genotype; null for a baseline given as a candidate document.
    #[sqlx(json(nullable))]
    #[schema(value_type = Option<Vec<f64>>)]
    pub genotype: Option<Value>,
    #[sqlx(json)]
    pub statistics: Values,
    #[sqlx(json)]
    pub metrics: Values,
    /// Epochs it is to be trained.
    pub epochs: i32,
    pub epochs_done: i32,
    /// Whether it is a final training (judged on the test split).
    #[sqlx(rename = "final")]
    #[serde(rename = "final")]
    pub is_final: bool,
    pub baseline: bool,
    pub worker: Option<String>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub finished_at: Option<DateTime<Utc>>,
}

/// One lease of a trial's work and how it ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct AttemptView {
    pub attempt: i32,
    #[sqlx(json)]
    #[schema(schema_with = outcome_schema)]
    pub outcome: Value,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct CurveView {
    pub metric: String,
    pub step: i32,
    pub value: f64,
    pub attempt: i32,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct SpaceView {
    /// The fingerprint of its canonical form.
    pub id: String,
    pub name: String,
    /// Number of genotypes as a decimal string, "-1" when infinite.
    pub size: String,
    /// `{"name", "options"}` of a ready-made space.
    #[sqlx(json(nullable))]
    #[schema(value_type = Option<Object>)]
    pub builtin: Option<Value>,
    #[sqlx(json)]
    #[schema(value_type = Object)]
    pub document: Value,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct WorkerView {
    pub name: String,
    pub device: String,
    pub slots: i32,
    pub kinds: Vec<String>,
    pub datasets: Vec<String>,
    pub version: String,
    pub registered_at: DateTime<Utc>,
    pub seen_at: DateTime<Utc>,
    /// Pieces of work it holds now.
    pub busy: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct ArtifactView {
    pub id: Uuid,
    pub name: String,
    pub size: i64,
    pub sha256: String,
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct TokenView {
    pub id: Uuid,
    pub name: String,
    /// `admin`, `user` or `worker`.
    pub role: String,
    pub created_at: DateTime<Utc>,
    pub last_used_at: Option<DateTime<Utc>>,
}

/// Something that happened, for streams. The client fetches what it shows; an event says what has changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema, sqlx::FromRow)]
pub struct EventView {
    /// Present for events that are kept (`Last-Event-ID`); passing ones (a curve point) have none.
    pub id: Option<i64>,
    pub study_id: Uuid,
    pub trial_id: Option<Uuid>,
    /// `study`, `trial`, `run` or `curve`; for a run, `data` has its `run_id`.
    pub kind: String,
    #[sqlx(json)]
    #[schema(value_type = Object)]
    pub data: Value,
}

impl EventView {
    /// A trial is in a new state.
    pub fn trial(study_id: Uuid, trial_id: Option<Uuid>, state: &str, metrics: &Values) -> EventView {
        let data = serde_json::json!({ "state": state, "metrics": metrics });
        EventView { id: None, study_id, trial_id, kind: "trial".into(), data }
    }
}

/// A page of a list; `next` is the cursor of the following page.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    pub next: Option<String>,
}

/// Everything that `/metrics` shows of the service, computed from the database on scrape.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ServiceCounts {
    /// Studies by state; every state is present.
    pub studies: BTreeMap<String, i64>,
    /// Trials by state; every state is present.
    pub trials: BTreeMap<String, i64>,
    /// Work by state (`queued`, `held`, `leased`).
    pub work: BTreeMap<String, i64>,
    /// Workers heard of in the last minute.
    pub workers: i64,
    /// Slots of those workers.
    pub slots: i64,
    /// Age of the oldest queued work in seconds.
    pub oldest_queued_seconds: f64,
    /// Settled outcomes that no advance has taken in yet.
    pub outcomes_waiting: i64,
}
