//! Requests for work that wait, served together: one statement leases to all who ask for the same, instead of one for
//! each whenever something comes into the queue.

use crate::app::{App, AppError};
use crate::store::{self, Holder, LeaseFilter, LeaseRow};
use std::collections::{HashMap, HashSet};
use std::pin::pin;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

type Answer = Result<Option<LeaseRow>, AppError>;

/// Somebody who waits for work.
pub struct Waiting {
    filter: LeaseFilter,
    holder: Holder,
    until: Instant,
    /// Whether it was looked for at least once.
    served: bool,
    answer: oneshot::Sender<Answer>,
}

/// The way in.
pub struct Desk {
    requests: mpsc::UnboundedSender<Waiting>,
}

impl Desk {
    pub fn new() -> (Desk, mpsc::UnboundedReceiver<Waiting>) {
        let (requests, receiver) = mpsc::unbounded_channel();
        (Desk { requests }, receiver)
    }

    /// Waits for work until `until`; looks at least once. `None` also when the coordinator is ending.
    pub(super) async fn ask(&self, filter: LeaseFilter, holder: Holder, until: Instant) -> Answer {
        let (answer, answered) = oneshot::channel();
        if self.requests.send(Waiting { filter, holder, until, served: false, answer }).is_err() {
            return Ok(None);
        }
        answered.await.unwrap_or(Ok(None))
    }
}

/// Serves who waits until the coordinator ends.
pub async fn serve_leases(app: App, mut requests: mpsc::UnboundedReceiver<Waiting>) {
    let mut waiting: Vec<Waiting> = Vec::new();
    let mut all = true;
    loop {
        // Registered before looking: work that comes between the look and the wait is not missed.
        let mut woken = pin!(app.bus.work.notified());
        woken.as_mut().enable();
        while let Ok(request) = requests.try_recv() {
            waiting.push(request);
        }
        waiting = serve(&app, waiting, all).await;
        let next_look = Instant::now() + app.settings.period;
        let end = waiting.iter().map(|w| w.until).min().map_or(next_look, |first| first.min(next_look));
        all = tokio::select! {
            _ = app.stop.cancelled() => return,
            _ = woken => true,
            request = requests.recv() => match request {
                Some(request) => {
                    waiting.push(request);
                    false
                }
                None => return,
            },
            _ = tokio::time::sleep_until(end) => true,
        };
    }
}

/// Leases to all who wait, or to those who ask for the same as somebody who has just come; who goes on waiting comes back.
async fn serve(app: &App, waiting: Vec<Waiting>, all: bool) -> Vec<Waiting> {
    let mut groups: HashMap<LeaseFilter, Vec<Waiting>> = HashMap::new();
    for request in waiting.into_iter().filter(|w| !w.answer.is_closed()) {
        groups.entry(request.filter.clone()).or_default().push(request);
    }
    let mut rest = Vec::new();
    for (filter, group) in groups {
        if all || group.iter().any(|w| !w.served) {
            rest.extend(serve_group(app, &filter, group).await);
        } else {
            rest.extend(group);
        }
    }
    let now = Instant::now();
    let (over, rest): (Vec<Waiting>, Vec<Waiting>) = rest.into_iter().partition(|w| w.until <= now && w.served);
    over.into_iter().for_each(|w| send(w, Ok(None)));
    rest
}

async fn serve_group(app: &App, filter: &LeaseFilter, mut group: Vec<Waiting>) -> Vec<Waiting> {
    // A holder that asks twice is served once at a time: it would not know which of two leases is whose.
    let mut holders = HashSet::new();
    let asked: Vec<Holder> =
        group.iter().map(|w| w.holder.clone()).filter(|holder| holders.insert(holder.clone())).collect();
    match lease(app, filter, &asked).await {
        Ok(rows) => {
            let mut rows: HashMap<Holder, LeaseRow> = rows.into_iter().map(|row| (row.holder(), row)).collect();
            let mut rest = Vec::new();
            for mut request in group {
                request.served = true;
                match rows.remove(&request.holder) {
                    Some(row) => send(request, Ok(Some(row))),
                    None => rest.push(request),
                }
            }
            rest
        }
        Err(error) => {
            tracing::warn!(%error, requests = group.len(), "leasing failed");
            // A pause, or everybody would come back at once.
            tokio::time::sleep(Duration::from_millis(50)).await;
            group.drain(..).for_each(|w| send(w, Err(anyhow::anyhow!("leasing failed: {error}").into())));
            group
        }
    }
}

async fn lease(app: &App, filter: &LeaseFilter, holders: &[Holder]) -> Result<Vec<LeaseRow>, AppError> {
    let mut lane = app.relaxed_lanes.take().await?;
    let rows = store::work_lease(&mut lane, filter, holders, app.lease_seconds(), None).await?;
    lane.keep();
    Ok(rows)
}

/// Who has gone away does not hear it; its worker is given the same work when it asks again.
fn send(waiting: Waiting, answer: Answer) {
    let _ = waiting.answer.send(answer);
}
