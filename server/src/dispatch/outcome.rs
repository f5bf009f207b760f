//! Outcomes as workers send them.

use super::lease::ask;
use super::parse_id;
use crate::app::{App, AppError};
use crate::store::{Holder, LeaseFilter};
use search::work::{Lease, LeaseRequest, Outcome};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::Ref;
use uuid::Uuid;

/// The answer to an outcome.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OutcomeAnswer {
    /// `false`: the same outcome was recorded before.
    pub recorded: bool,
    /// New work, if it was asked for and there is some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = lease_schema, required = false)]
    pub next: Option<Lease>,
}

fn lease_schema() -> Ref {
    Ref::from_schema_name("Lease")
}

impl App {
    /// Records how a lease ended; durable when it returns. With `next` it leases new work, in the same transaction where
    /// it can, and waits for some as [`App::work_lease`] does.
    pub async fn work_outcome(
        &self,
        work_id: &str,
        token: &str,
        outcome: Outcome,
        next: Option<&LeaseRequest>,
    ) -> Result<OutcomeAnswer, AppError> {
        let work = parse_id(work_id, "work")?;
        let token = Uuid::parse_str(token).map_err(|_| AppError::Stale)?;
        let asked: Option<(LeaseFilter, Holder)> = next.map(ask).transpose()?;
        if let Some((_, holder)) = &asked {
            self.heard.note(&holder.worker);
        }
        let mut answer = self.committer.commit(work, token, outcome, asked.clone()).await?;
        if let (None, Some((filter, holder)), Some(request)) = (&answer.next, asked, next) {
            answer.next = if answer.recorded {
                self.work_wait(filter, holder, request.wait_seconds).await?
            } else {
                // The first answer was lost, and perhaps a lease with it.
                self.work_lease(request).await?
            };
        }
        Ok(answer)
    }
}
