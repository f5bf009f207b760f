//! What the thread that works and the task that reports share.

use crate::trainer::Supervisor;
use search::work::{CurvePoint, Directive};
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// What came up since the last report.
#[derive(Default)]
pub struct Pending {
    pub points: Vec<CurvePoint>,
    /// The newest checkpoint only: older ones are of no use any more.
    pub checkpoint: Option<Vec<u8>>,
}

impl Pending {
    pub fn is_empty(&self) -> bool {
        self.points.is_empty() && self.checkpoint.is_none()
    }
}

/// One piece of running work, seen from both sides.
#[derive(Default)]
pub struct Desk {
    directive: AtomicU8,
    /// Bits of the share that is done.
    progress: AtomicU64,
    pending: Mutex<Pending>,
    news: Notify,
}

impl Desk {
    /// Tells the thread what to do. The strongest word stands: nobody takes back a `Cancel`.
    pub fn direct(&self, directive: Directive) {
        self.directive.fetch_max(rank(directive), Ordering::AcqRel);
    }

    pub fn done(&self) -> f64 {
        f64::from_bits(self.progress.load(Ordering::Acquire)).clamp(0.0, 1.0)
    }

    /// Takes what is to be reported.
    pub fn take(&self) -> Pending {
        std::mem::take(&mut *self.pending())
    }

    /// Puts back what could not be sent, before what has come since.
    pub fn put_back(&self, mut unsent: Pending) {
        let mut pending = self.pending();
        unsent.points.append(&mut pending.points);
        pending.points = unsent.points;
        pending.checkpoint = pending.checkpoint.take().or(unsent.checkpoint);
    }

    pub fn has_news(&self) -> bool {
        !self.pending().is_empty()
    }

    /// Waits until something new is to be reported.
    pub async fn news(&self) {
        self.news.notified().await;
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Supervisor for Desk {
    fn directive(&self) -> Directive {
        match self.directive.load(Ordering::Acquire) {
            0 => Directive::Continue,
            1 => Directive::Stop,
            2 => Directive::Release,
            _ => Directive::Cancel,
        }
    }

    fn progress(&self, share: f64) {
        self.progress.store(share.to_bits(), Ordering::Release);
    }

    fn points(&self, points: Vec<CurvePoint>) {
        self.pending().points.extend(points);
        self.news.notify_one();
    }

    fn checkpoint(&self, content: Vec<u8>) {
        self.pending().checkpoint = Some(content);
        self.news.notify_one();
    }
}

fn rank(directive: Directive) -> u8 {
    match directive {
        Directive::Continue => 0,
        Directive::Stop => 1,
        Directive::Release => 2,
        Directive::Cancel => 3,
    }
}
