//! Submitting a study: parse, check everything, store; once per idempotency key.

use super::prepare::Prepared;
use crate::app::{App, AppError, StudyView};
use crate::store::{self, KeyClaim, NewSpace};
use search::fault::Faults;
use search::network::catalogue;
use search::space::{Space, canonical};
use search::study::{SpaceSource, StudyDocument};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use uuid::Uuid;

/// The answer to a submission.
#[derive(Clone, Debug)]
pub struct Submitted {
    pub study: StudyView,
    /// `false`: the same request came before, and this is the study that it made.
    pub created: bool,
}

impl App {
    /// Checks a study document as a submission would, and stores nothing.
    pub async fn study_check(&self, document: &Value) -> Result<Prepared, AppError> {
        let document: StudyDocument =
            serde_json::from_value(document.clone()).map_err(|e| Faults::one("", e.to_string()))?;
        let space = self.space_resolve(&document.space).await?;
        let prepared = tokio::task::spawn_blocking(move || Prepared::new(document, space))
            .await
            .map_err(|_| anyhow::anyhow!("checking a study failed in an unforeseen way"))??;
        self.check_dataset(&prepared).await?;
        Ok(prepared)
    }

    /// Submits a study; it starts at once. With a key the same body can be sent again and makes no second study.
    pub async fn study_submit(&self, document: &Value, key: Option<&str>) -> Result<Submitted, AppError> {
        let prepared = self.study_check(document).await?;
        let hash = Sha256::digest(canonical(document).as_bytes()).to_vec();
        let id = Uuid::now_v7();
        let mut tx = self.pool.begin().await?;
        let size = prepared.space.size().to_string();
        let builtin = builtin(&prepared.document.space);
        let space = new_space(&prepared.space, &size, builtin.as_ref());
        store::space_put(&mut tx, &space).await?;
        store::study_insert(&mut tx, id, space.id, &prepared.document).await?;
        if let Some(key) = key {
            match store::key_claim(&mut tx, key, &hash, id).await? {
                KeyClaim::Claimed => {}
                KeyClaim::Answered(first) => {
                    drop(tx);
                    return Ok(Submitted { study: self.study_get(first).await?, created: false });
                }
                KeyClaim::OtherBody => {
                    return Err(AppError::Conflict("the Idempotency-Key was used for another study".into()));
                }
            }
        }
        let event = super::control::study_event(&mut tx, id, "running", None).await?;
        tx.commit().await?;
        self.bus.publish(event);
        self.bus.study_changed(id);
        Ok(Submitted { study: self.study_get(id).await?, created: true })
    }

    /// The space that a study document names.
    pub async fn space_resolve(&self, source: &SpaceSource) -> Result<Arc<Space>, AppError> {
        let under = |prefix: &str, faults: Faults| {
            let mut all = Faults::default();
            all.nest(prefix, faults);
            all
        };
        let space = match source {
            SpaceSource::Builtin { name, options } => {
                let built = catalogue::build(name, options);
                built.map_err(|faults| under("/space/builtin", faults))?
            }
            SpaceSource::Document(document) => {
                Space::parse(document).map_err(|faults| under("/space/document", faults))?
            }
            SpaceSource::Id(id) => {
                let stored = self.space_get(id).await.map_err(|error| match error {
                    AppError::NotFound(_) => Faults::one("/space/id", "the id of a stored space").into(),
                    other => other,
                })?;
                Space::parse(&stored.document)?
            }
        };
        Ok(Arc::new(space))
    }

    /// A data set must be one that a worker has, once any worker has announced itself.
    async fn check_dataset(&self, prepared: &Prepared) -> Result<(), AppError> {
        let Some(dataset) = &prepared.document.dataset else { return Ok(()) };
        let known = self.dataset_list().await?;
        if known.is_empty() || known.contains(dataset) {
            return Ok(());
        }
        Err(Faults::one("/dataset", format!("a data set that a worker has: {}", known.join(", "))).into())
    }
}

pub(super) fn new_space<'a>(space: &'a Space, size: &'a str, builtin: Option<&'a Value>) -> NewSpace<'a> {
    NewSpace { id: space.fingerprint(), name: space.name(), document: space.document(), size, builtin }
}

fn builtin(source: &SpaceSource) -> Option<Value> {
    match source {
        SpaceSource::Builtin { name, options } => Some(json!({ "name": name, "options": options })),
        SpaceSource::Document(_) | SpaceSource::Id(_) => None,
    }
}
