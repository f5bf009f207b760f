//! Server-sent events: what changed, so that a client fetches it again. `Last-Event-ID` resumes.

use super::extract::Id;
use super::{Api, ApiError};
use crate::app::EventView;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures::Stream;
use std::collections::BTreeSet;
use std::convert::Infallible;
use tokio::sync::broadcast::error::RecvError;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

pub(super) fn router() -> OpenApiRouter<Api> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(of_study))
}

/// Changes of all studies.
#[utoipa::path(get, path = "/v1/events", tag = "events",
    responses((status = OK, content_type = "text/event-stream", body = EventView)))]
async fn all(
    State(api): State<Api>,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    Ok(stream(api, None, last_id(&headers)))
}

/// Changes of one study, its trials and their curves.
#[utoipa::path(get, path = "/v1/studies/{id}/events", tag = "events", params(("id" = Uuid, Path)),
    responses((status = OK, content_type = "text/event-stream", body = EventView)))]
async fn of_study(
    State(api): State<Api>,
    Id(id): Id,
    headers: HeaderMap,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, ApiError> {
    api.app.study_get(id).await?;
    Ok(stream(api, Some(id), last_id(&headers)))
}

fn last_id(headers: &HeaderMap) -> Option<i64> {
    headers.get("last-event-id")?.to_str().ok()?.parse().ok()
}

/// Kept events after `last`, then the live feed; ends when the service ends.
fn stream(api: Api, study: Option<Uuid>, last: Option<i64>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    // Subscribed before looking back, so that nothing falls between; what comes twice is dropped by its id.
    let mut live = api.app.bus.subscribe();
    let events = async_stream::stream! {
        yield Ok(Event::default().event("ready").data("{}"));
        let mut repeated = BTreeSet::new();
        for event in missed(&api, study, last).await {
            repeated.extend(event.id);
            yield Ok(shaped(&event));
        }
        loop {
            let event = tokio::select! {
                () = api.app.stop.cancelled() => break,
                event = live.recv() => event,
            };
            match event {
                Ok(event) if study.is_some_and(|id| id != event.study_id) => {}
                Ok(event) if event.id.is_some_and(|id| repeated.remove(&id)) => {}
                Ok(event) => yield Ok(shaped(&event)),
                Err(RecvError::Lagged(_)) => yield Ok(Event::default().event("reload").data("{}")),
                Err(RecvError::Closed) => break,
            }
        }
    };
    Sse::new(events).keep_alive(KeepAlive::default())
}

/// Kept events after `last`; none for a client that comes for the first time.
async fn missed(api: &Api, study: Option<Uuid>, last: Option<i64>) -> Vec<EventView> {
    let Some(last) = last else { return Vec::new() };
    api.app.event_after(study, last).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "missed events cannot be read");
        Vec::new()
    })
}

fn shaped(event: &EventView) -> Event {
    let data = serde_json::to_string(event).unwrap_or_default();
    let shaped = Event::default().event(&event.kind).data(data);
    match event.id {
        Some(id) => shaped.id(id.to_string()),
        None => shaped,
    }
}
