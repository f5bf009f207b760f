//! What the rooms of the coordinator share: the database, the object store, the wake-ups, the stop token.
//!
//! The verbs that handlers call (`study_submit`, `work_lease`, …) are methods of [`App`] that stand in the room that
//! they belong to: `engine` for studies, trials and spaces, `dispatch` for work and workers, `artifact` for bytes,
//! `account` for tokens, `loops` for events and health.

mod account;
mod error;
mod run_view;
mod settings;
mod view;

pub use account::{Identity, Role};
pub use error::AppError;
pub use run_view::*;
pub use settings::{ArtifactPlace, Settings};
pub use view::*;

use crate::artifact::ArtifactStore;
use crate::dispatch::{Committer, Desk, Heard};
use crate::engine::Cache;
use crate::loops::{Bus, LoopStatuses};
use crate::store::{self, Lanes};
use sqlx::PgPool;
use std::ops::Deref;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// One coordinator's inside. Cheap to clone.
#[derive(Clone)]
pub struct App {
    shared: Arc<Shared>,
}

pub struct Shared {
    pub settings: Settings,
    /// Commits wait for the disk.
    pub pool: PgPool,
    /// Commits do not wait for the disk; see [`store::Pools`] for what may use it.
    pub relaxed: PgPool,
    /// The same pools for what happens thousands of times a second.
    pub durable_lanes: Lanes,
    pub relaxed_lanes: Lanes,
    pub artifacts: ArtifactStore,
    /// Wake-ups and events, within this process and between coordinators.
    pub bus: Bus,
    /// Cancelled when the coordinator is to end: long polls, streams and loops return.
    pub stop: CancellationToken,
    /// All background tasks; the coordinator waits for them at its end.
    pub tasks: TaskTracker,
    /// What each loop did last.
    pub loops: LoopStatuses,
    pub(crate) heard: Heard,
    pub(crate) cache: Cache,
    pub(crate) committer: Committer,
    pub(crate) desk: Desk,
}

impl Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.shared
    }
}

impl App {
    /// Connects, applies migrations and opens the object store. No loop runs yet: see [`App::start_loops`].
    pub async fn open(settings: Settings, stop: CancellationToken) -> Result<App, AppError> {
        for warning in settings.warnings() {
            tracing::warn!("{warning}");
        }
        let pools = store::Pools::connect(&settings.database_url, settings.connections).await?;
        store::migrate(&pools.durable).await?;
        let artifacts = ArtifactStore::open(&settings.artifacts, settings.artifact_limit)?;
        let (committer, outcomes) = Committer::new();
        let (desk, leases) = Desk::new();
        let shared = Shared {
            settings,
            durable_lanes: Lanes::new(pools.durable.clone()),
            relaxed_lanes: Lanes::new(pools.relaxed.clone()),
            pool: pools.durable,
            relaxed: pools.relaxed,
            artifacts,
            bus: Bus::default(),
            stop,
            tasks: TaskTracker::new(),
            loops: LoopStatuses::default(),
            heard: Heard::default(),
            cache: Cache::default(),
            committer,
            desk,
        };
        let app = App { shared: Arc::new(shared) };
        app.tasks.spawn(crate::dispatch::commit_outcomes(app.clone(), outcomes));
        app.tasks.spawn(crate::dispatch::serve_leases(app.clone(), leases));
        Ok(app)
    }

    /// Starts advance, rescue, prune, listener and notifier.
    pub fn start_loops(&self) {
        crate::loops::start(self);
    }

    /// Ends everything in order: loops and long polls, then the database connections.
    pub async fn close(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.durable_lanes.clear();
        self.relaxed_lanes.clear();
        self.pool.close().await;
        self.relaxed.close().await;
    }

    /// Whether the database answers; for `/readyz`.
    pub async fn ready(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }
}
