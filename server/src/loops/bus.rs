//! Wake-ups and events: at once within this process, and gathered for the other coordinators.
//!
//! A wake-up only saves waiting. Whoever is woken looks into the database; whoever is not, looks at the end of its
//! period. So nothing is lost when a message is.

use crate::app::EventView;
use search::work::CurvePoint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use tokio::sync::{Notify, broadcast};
use uuid::Uuid;

/// Events a slow stream may lag behind before it is told that it missed some.
const BACKLOG: usize = 4096;
/// Events kept for other coordinators between two messages; what is more is dropped, their clients poll.
const OUTBOX: usize = 1000;

pub struct Bus {
    /// Work may have come into the queue.
    pub work: Notify,
    /// Studies may have something to take in; see [`Bus::take_studies`].
    pub studies: Notify,
    /// The outbox has something.
    pub(super) outgoing: Notify,
    /// Names this process among coordinators.
    pub(super) origin: Uuid,
    changed: Mutex<BTreeSet<Uuid>>,
    outbox: Mutex<Message>,
    events: broadcast::Sender<EventView>,
}

/// What coordinators tell each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Message {
    pub work: bool,
    pub studies: BTreeSet<Uuid>,
    pub events: Vec<EventView>,
}

impl Message {
    pub fn is_empty(&self) -> bool {
        !self.work && self.studies.is_empty() && self.events.is_empty()
    }
}

impl Default for Bus {
    fn default() -> Self {
        Bus {
            work: Notify::new(),
            studies: Notify::new(),
            outgoing: Notify::new(),
            origin: Uuid::now_v7(),
            changed: Mutex::default(),
            outbox: Mutex::default(),
            events: broadcast::channel(BACKLOG).0,
        }
    }
}

impl Bus {
    /// Work came into the queue.
    pub fn work_ready(&self) {
        self.work.notify_waiters();
        self.outgoing(|message| message.work = true);
    }

    /// A study has outcomes to take in, or its limits or state were changed.
    pub fn study_changed(&self, study: Uuid) {
        self.study_woken(study);
        self.outgoing(|message| {
            message.studies.insert(study);
        });
    }

    /// Sends an event to the streams of all coordinators.
    pub fn publish(&self, event: EventView) {
        self.outgoing(|message| {
            if message.events.len() < OUTBOX {
                message.events.push(event.clone());
            }
        });
        self.deliver(event);
    }

    /// A trial is in a new state; for streams only, not kept.
    pub fn trial_changed(&self, study: Uuid, trial: Option<Uuid>, state: &str) {
        self.publish(EventView {
            id: None,
            study_id: study,
            trial_id: trial,
            kind: "trial".into(),
            data: serde_json::json!({ "state": state }),
        });
    }

    /// A run (work that is no trial) is in a new state or further on; for streams only, not kept.
    pub fn run_changed(&self, study: Uuid, run: Uuid, state: &str, progress: Option<f64>) {
        let data = serde_json::json!({ "run_id": run, "state": state, "progress": progress });
        self.publish(EventView { id: None, study_id: study, trial_id: None, kind: "run".into(), data });
    }

    /// Curve points came in; for streams only, not kept. The probabilities of an architecture (`p/…`) are hundreds in
    /// every epoch: they are fetched, not streamed.
    pub fn curve_changed(&self, study: Uuid, trial: Option<Uuid>, work: Uuid, points: &[CurvePoint]) {
        let points: Vec<&CurvePoint> = points.iter().filter(|point| !point.metric.starts_with("p/")).collect();
        let data = match trial {
            Some(_) => serde_json::json!({ "points": points }),
            None => serde_json::json!({ "run_id": work, "points": points }),
        };
        self.publish(EventView { id: None, study_id: study, trial_id: trial, kind: "curve".into(), data });
    }

    /// The live feed of events of all studies.
    pub fn subscribe(&self) -> broadcast::Receiver<EventView> {
        self.events.subscribe()
    }

    /// Studies that were woken since the last call.
    pub(super) fn take_studies(&self) -> BTreeSet<Uuid> {
        std::mem::take(&mut *self.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the other coordinators are to be told.
    pub(super) fn take_outbox(&self) -> Message {
        std::mem::take(&mut *self.outbox.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes in a message of another coordinator.
    pub(super) fn receive(&self, message: Message) {
        if message.work {
            self.work.notify_waiters();
        }
        message.studies.into_iter().for_each(|study| self.study_woken(study));
        message.events.into_iter().for_each(|event| self.deliver(event));
    }

    fn study_woken(&self, study: Uuid) {
        self.changed.lock().unwrap_or_else(PoisonError::into_inner).insert(study);
        self.studies.notify_one();
    }

    fn deliver(&self, event: EventView) {
        // No stream is listening: fine.
        let _ = self.events.send(event);
    }

    fn outgoing(&self, change: impl FnOnce(&mut Message)) {
        change(&mut self.outbox.lock().unwrap_or_else(PoisonError::into_inner));
        self.outgoing.notify_one();
    }
}
