//! Submitting a study: parse, check everything, store; once per idempotency key.

use super::check;
use super::prepare::Prepared;
use super::survey::Survey;
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
        let mut survey = Survey::of(document)?;
        let space = if survey.replaced("space") {
            None
        } else {
            match self.space_resolve(&survey.document.space).await {
                Ok(space) => Some(space),
                Err(AppError::Invalid(faults)) => {
                    survey.add(under("/space", faults));
                    None
                }
                Err(other) => return Err(other),
            }
        };
        let unknown_data = self.check_dataset(&survey.document).await?;
        let document = survey.document.clone();
        let prepare = move || match space {
            Some(space) => Prepared::new(document, space),
            None => Err(check::alone(&document)),
        };
        let prepared = tokio::task::spawn_blocking(prepare)
            .await
            .map_err(|_| anyhow::anyhow!("checking a study failed in an unforeseen way"))?;
        survey.add(unknown_data);
        match prepared {
            Ok(prepared) if survey.faults.is_empty() => return Ok(prepared),
            Ok(_) => {}
            Err(found) => survey.add(found),
        }
        Err(survey.faults.into())
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

    /// The space that a source names; faults point into the source.
    pub async fn space_resolve(&self, source: &SpaceSource) -> Result<Arc<Space>, AppError> {
        let space = match source {
            SpaceSource::Builtin { name, options } => {
                let place = if catalogue::find(name).is_some() { "/builtin/options" } else { "/builtin/name" };
                catalogue::build(name, options).map_err(|faults| under(place, faults))?
            }
            SpaceSource::Document(document) => Space::parse(document).map_err(|faults| under("/document", faults))?,
            SpaceSource::Id(id) => {
                let stored = self.space_get(id).await.map_err(|error| match error {
                    AppError::NotFound(_) => Faults::one("/id", "the id of a stored space").into(),
                    other => other,
                })?;
                Space::parse(&stored.document).map_err(|faults| under("/id", faults))?
            }
        };
        Ok(Arc::new(space))
    }

    /// A data set must be one that a worker has, once any worker has announced itself.
    async fn check_dataset(&self, document: &StudyDocument) -> Result<Faults, AppError> {
        let Some(dataset) = &document.dataset else { return Ok(Faults::default()) };
        let known = self.dataset_list().await?;
        if known.is_empty() || known.contains(dataset) {
            return Ok(Faults::default());
        }
        Ok(Faults::one("/dataset", format!("a data set that a worker has: {}", known.join(", "))))
    }
}

fn under(place: &str, faults: Faults) -> Faults {
    let mut all = Faults::default();
    all.nest(place, faults);
    all
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
