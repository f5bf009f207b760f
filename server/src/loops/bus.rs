//! Wake-ups and events: at once within this process, and gathered for the other coordinators.
//!
//! A wake-up only saves waiting. Whoever is woken looks into the database; whoever is not, looks at the end of its
//! period. So nothing is lost when a message is. While no other coordinator is heard of, nothing is gathered for any.

use crate::app::EventView;
use search::work::CurvePoint;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
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
    /// Whether another coordinator was heard of lately, and when.
    company: AtomicBool,
    heard: Mutex<Option<Instant>>,
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
            company: AtomicBool::new(false),
            heard: Mutex::default(),
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
        self.publish_with(|| event);
    }

    /// Makes an event only if somebody may want it.
    fn publish_with(&self, event: impl FnOnce() -> EventView) {
        if self.events.receiver_count() == 0 && !self.in_company() {
            return;
        }
        let event = event();
        self.outgoing(|message| {
            if message.events.len() < OUTBOX {
                message.events.push(event.clone());
            }
        });
        self.deliver(event);
    }

    /// A trial is in a new state; for streams only, not kept.
    pub fn trial_changed(&self, study_id: Uuid, trial_id: Option<Uuid>, state: &str) {
        self.publish_with(|| {
            let data = serde_json::json!({ "state": state });
            EventView { id: None, study_id, trial_id, kind: "trial".into(), data }
        });
    }

    /// A run (work that is no trial) is in a new state or further on; for streams only, not kept.
    pub fn run_changed(&self, study_id: Uuid, run: Uuid, state: &str, progress: Option<f64>) {
        self.publish_with(|| {
            let data = serde_json::json!({ "run_id": run, "state": state, "progress": progress });
            EventView { id: None, study_id, trial_id: None, kind: "run".into(), data }
        });
    }

    /// Curve points came in; for streams only, not kept. The probabilities of an architecture (`p/…`) are hundreds in
    /// every epoch: they are fetched, not streamed.
    pub fn curve_changed(&self, study_id: Uuid, trial_id: Option<Uuid>, work: Uuid, points: &[CurvePoint]) {
        self.publish_with(|| {
            let points: Vec<&CurvePoint> = points.iter().filter(|point| !point.metric.starts_with("p/")).collect();
            let data = match trial_id {
                Some(_) => serde_json::json!({ "points": points }),
                None => serde_json::json!({ "run_id": work, "points": points }),
            };
            EventView { id: None, study_id, trial_id, kind: "curve".into(), data }
        });
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

    /// Whether another coordinator was heard of lately.
    pub(super) fn in_company(&self) -> bool {
        self.company.load(Ordering::Relaxed)
    }

    /// Forgets the others when none was heard of for so long.
    pub(super) fn look_for_company(&self, patience: Duration) {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        self.company.store(heard.is_some_and(|heard| heard.elapsed() < patience), Ordering::Relaxed);
    }

    /// Takes in a message of another coordinator; `true` when it is the first that was heard of for a while.
    pub(super) fn receive(&self, message: Message) -> bool {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        let first = !self.company.swap(true, Ordering::Relaxed);
        if message.work {
            self.work.notify_waiters();
        }
        message.studies.into_iter().for_each(|study| self.study_woken(study));
        message.events.into_iter().for_each(|event| self.deliver(event));
        first
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
        if !self.in_company() {
            return;
        }
        change(&mut self.outbox.lock().unwrap_or_else(PoisonError::into_inner));
        self.outgoing.notify_one();
    }
}
