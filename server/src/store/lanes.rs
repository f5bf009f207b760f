//! Connections for the paths that are walked thousands of times a second.
//!
//! A pool asks Postgres about a connection whenever it is lent and whenever it comes back: two more questions for each
//! that is really asked. Here a connection that was used without a fault is lent again as it is.

use super::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{PgConnection, PgPool, Postgres};
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{Semaphore, SemaphorePermit};

/// After so long a rest a connection is looked at again, by its pool.
const FRESH: Duration = Duration::from_secs(1);

/// A pool with connections kept at hand.
pub struct Lanes {
    pool: PgPool,
    /// Half of the pool: the other half is always there for those who ask the pool itself.
    room: Semaphore,
    kept: Mutex<Vec<(PoolConnection<Postgres>, Instant)>>,
}

impl Lanes {
    pub fn new(pool: PgPool) -> Lanes {
        let most = pool.options().get_max_connections() as usize / 2;
        Lanes { pool, room: Semaphore::new(most.max(1)), kept: Mutex::default() }
    }

    /// A connection kept at hand, else one of the pool; waits while all are taken.
    pub async fn take(&self) -> Result<Lane<'_>, StoreError> {
        let permit = self.room.acquire().await.map_err(|_| sqlx::Error::PoolClosed)?;
        let conn = match self.fresh() {
            Some(conn) => conn,
            None => self.pool.acquire().await?,
        };
        Ok(Lane { conn, lanes: self, _permit: permit })
    }

    /// The connection used last, if that was a moment ago; those that have rested go back to the pool.
    fn fresh(&self) -> Option<PoolConnection<Postgres>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (conn, used) = kept.pop()?;
        if used.elapsed() < FRESH {
            return Some(conn);
        }
        // It was the last one used, so the others have rested longer.
        kept.clear();
        None
    }

    /// Gives back what is kept, so that the pool can be closed.
    pub fn clear(&self) {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// A connection on loan; unless it is kept it goes back to its pool, which looks whether it is sound.
pub struct Lane<'a> {
    conn: PoolConnection<Postgres>,
    lanes: &'a Lanes,
    _permit: SemaphorePermit<'a>,
}

impl Lane<'_> {
    /// Everything that was asked on it was answered: the next who wants one may have it at once.
    pub fn keep(self) {
        self.lanes.kept.lock().unwrap_or_else(PoisonError::into_inner).push((self.conn, Instant::now()));
    }
}

impl Deref for Lane<'_> {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.conn
    }
}

impl DerefMut for Lane<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.conn
    }
}
