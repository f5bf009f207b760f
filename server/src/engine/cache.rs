//! Strategies that are kept in memory between two advances, each for the version of the study that it belongs to.

use super::known::Known;
use super::plan::Memory;
use super::prepare::Prepared;
use super::written::Written;
use crate::store::InFlight;
use search::strategy::Strategy;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use uuid::Uuid;

/// Studies kept; the one that rested longest makes room.
const MOST: usize = 128;

/// A study loaded for advancing.
pub(super) struct Session {
    /// Version of the study that this is the state of.
    pub version: i64,
    pub prepared: Prepared,
    pub strategy: Box<dyn Strategy>,
    pub known: Known,
    pub memory: Memory,
    /// Work whose outcome was not taken in yet.
    pub in_flight: InFlight,
    /// The strategy's state as the database has it.
    pub written: Written,
}

#[derive(Default)]
pub(crate) struct Cache(Mutex<HashMap<Uuid, (Session, Instant)>>);

impl Cache {
    /// Takes the session out if it is of this version. Whoever takes it puts it back after a successful commit; after
    /// a failure it is dropped, because the strategy has moved on from what the database holds.
    pub(super) fn take(&self, study: Uuid, version: i64) -> Option<Session> {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.remove(&study).map(|(session, _)| session).filter(|session| session.version == version)
    }

    pub(super) fn put(&self, study: Uuid, session: Session) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST
            && let Some(oldest) = sessions.iter().min_by_key(|(_, (_, used))| *used).map(|(id, _)| *id)
        {
            sessions.remove(&oldest);
        }
        sessions.insert(study, (session, Instant::now()));
    }
}
