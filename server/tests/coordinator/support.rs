//! A coordinator without HTTP: a fresh database per test, short periods, verbs of a worker and of a user.

use crate::database::Database;
use search::work::{Lease, LeaseRequest, Outcome, Report, ReportAnswer, WorkKind};
use serde_json::{Value, json};
use server::app::{App, AppError, ArtifactPlace, Settings, StudyView, TrialView};
use server::dispatch::OutcomeAnswer;
use server::engine::TrialFilter;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub struct Coordinator {
    pub app: App,
    pub database: Arc<Database>,
    _folder: TempDir,
}

impl Coordinator {
    pub async fn start() -> Option<Coordinator> {
        Coordinator::with(|_| {}).await
    }

    pub async fn with(change: impl FnOnce(&mut Settings)) -> Option<Coordinator> {
        let database = Arc::new(Database::fresh().await?);
        let coordinator = Coordinator::open(database, change).await;
        coordinator.app.start_loops();
        Some(coordinator)
    }

    /// A coordinator on a database, without its loops.
    pub async fn open(database: Arc<Database>, change: impl FnOnce(&mut Settings)) -> Coordinator {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::new(&database.url, ArtifactPlace::Folder(folder.path().join("artifacts")));
        settings.connections = 6;
        settings.period = Duration::from_millis(200);
        settings.lease = Duration::from_secs(30);
        change(&mut settings);
        let app = App::open(settings, CancellationToken::new()).await.unwrap();
        Coordinator { app, database, _folder: folder }
    }

    /// Another coordinator on the same database.
    pub async fn second(&self) -> Coordinator {
        let other = Coordinator::open(self.database.clone(), |_| {}).await;
        other.app.start_loops();
        other
    }

    pub async fn submit(&self, document: &Value) -> Uuid {
        self.app.study_submit(document, None).await.unwrap().study.id
    }

    pub async fn study(&self, id: Uuid) -> StudyView {
        self.app.study_get(id).await.unwrap()
    }

    pub async fn trials(&self, study: Uuid) -> Vec<TrialView> {
        let filter = TrialFilter { limit: Some(500), ..TrialFilter::default() };
        self.app.trial_list(study, &filter).await.unwrap().items
    }

    pub async fn lease(&self, worker: &str, wait: u32) -> Option<Lease> {
        self.app.work_lease(&request(worker, wait)).await.unwrap()
    }

    /// A lease that must be there.
    pub async fn must_lease(&self, worker: &str) -> Lease {
        self.lease(worker, 10).await.expect("work within ten seconds")
    }

    pub async fn report(&self, lease: &Lease, report: Report) -> Result<ReportAnswer, AppError> {
        self.app.work_report(&lease.work_id, &Report { token: lease.token.clone(), ..report }).await
    }

    pub async fn outcome(&self, lease: &Lease, outcome: Outcome) -> Result<OutcomeAnswer, AppError> {
        self.app.work_outcome(&lease.work_id, &lease.token, outcome, None).await
    }

    /// Works like an external trainer until the study ends: scores a candidate by `score`.
    pub async fn work(&self, worker: &str, study: Uuid, score: impl Fn(&Value) -> f64) -> StudyView {
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            while let Some(lease) = self.lease(worker, 1).await {
                let outcome = done("score", score(candidate(&lease)));
                self.outcome(&lease, outcome).await.unwrap();
            }
            let study = self.study(study).await;
            if study.finished_at.is_some() {
                return study;
            }
            assert!(Instant::now() < end, "the study does not end: {study:?}");
        }
    }

    /// Waits until the study looks as `wanted`.
    pub async fn until(&self, study: Uuid, wanted: impl Fn(&StudyView) -> bool) -> StudyView {
        let end = Instant::now() + Duration::from_secs(20);
        loop {
            let view = self.study(study).await;
            if wanted(&view) {
                return view;
            }
            assert!(Instant::now() < end, "this was not to be: {view:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub async fn sql_count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.app.pool).await.unwrap()
    }
}

pub fn request(worker: &str, wait_seconds: u32) -> LeaseRequest {
    LeaseRequest {
        worker: worker.into(),
        slot: 0,
        kinds: vec![WorkKind::Train],
        datasets: None,
        study: None,
        wait_seconds,
    }
}

pub fn candidate(lease: &Lease) -> &Value {
    match &lease.work {
        search::work::Work::Train(train) => &train.candidate,
        other => panic!("no training: {other:?}"),
    }
}

pub fn done(metric: &str, value: f64) -> Outcome {
    Outcome::Done { metrics: BTreeMap::from([(metric.into(), value)]), artifacts: vec![], result: None }
}

pub fn failed(reason: search::work::FailureReason) -> Outcome {
    Outcome::Failed { reason, detail: "as planned".into() }
}

/// An external space of `side` × `side` candidates.
pub fn external(side: u32, change: Value) -> Value {
    let mut study = json!({
        "name": "points",
        "space": {"document": {"nas_space": 1, "name": "points", "root": {
            "x": {"$int": {"min": 0, "max": side - 1}}, "y": {"$int": {"min": 0, "max": side - 1}}}}},
        "objectives": [{"metric": "score", "direction": "maximize"}],
        "strategy": {"name": "random"},
        "budget": {"max_trials": 6, "parallel_trials": 2},
        "seed": 3,
    });
    merge(&mut study, change);
    study
}

fn merge(into: &mut Value, change: Value) {
    match (into, change) {
        (Value::Object(into), Value::Object(change)) => {
            for (key, value) in change {
                merge(into.entry(key).or_insert(Value::Null), value);
            }
        }
        (into, change) => *into = change,
    }
}

/// Larger `x` and `y` are better.
pub fn sum(candidate: &Value) -> f64 {
    candidate["x"].as_f64().unwrap() + candidate["y"].as_f64().unwrap()
}

/// The coordinator of a test, or the end of the test where there is no Postgres.
#[macro_export]
macro_rules! coordinator {
    () => {
        match $crate::support::Coordinator::start().await {
            Some(coordinator) => coordinator,
            None => return,
        }
    };
    ($change:expr) => {
        match $crate::support::Coordinator::with($change).await {
            Some(coordinator) => coordinator,
            None => return,
        }
    };
}
