//! Workers: registration, and noting that they were heard of.

use crate::app::{App, AppError, WorkerView};
use crate::store;
use search::fault::Faults;
use search::work::WorkerInfo;
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Names heard of since they were last written down. Writing at every report would double the writes of a heartbeat.
#[derive(Default)]
pub(crate) struct Heard(Mutex<HashSet<String>>);

impl Heard {
    pub fn note(&self, worker: &str) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !names.contains(worker) {
            names.insert(worker.to_owned());
        }
    }

    pub fn take(&self) -> Vec<String> {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *names).into_iter().collect()
    }
}

impl App {
    /// Registers a worker, or replaces what it said of itself before.
    pub async fn worker_register(&self, info: &WorkerInfo) -> Result<(), AppError> {
        let mut faults = Faults::default();
        if info.name.is_empty() || info.name.len() > 200 {
            faults.push("/name", "1 to 200 characters");
        }
        if info.slots == 0 {
            faults.push("/slots", "at least 1");
        }
        faults.or(())?;
        let mut conn = self.pool.acquire().await?;
        Ok(store::worker_put(&mut conn, info).await?)
    }

    /// All workers, the one last heard of first.
    pub async fn worker_list(&self) -> Result<Vec<WorkerView>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::worker_list(&mut conn).await?)
    }

    /// Data sets that some worker has announced.
    pub async fn dataset_list(&self) -> Result<Vec<String>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::worker_datasets(&mut conn).await?)
    }

    /// Writes down which workers were heard of; the rescue loop calls it.
    pub(crate) async fn worker_note_seen(&self) -> Result<(), AppError> {
        let names = self.heard.take();
        if !names.is_empty() {
            let mut conn = self.relaxed.acquire().await?;
            store::worker_seen(&mut conn, &names).await?;
        }
        Ok(())
    }
}
