//! Connections and migrations.

use super::StoreError;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;

/// Two pools on one database.
///
/// `durable` is for what must be on disk when it is answered: submissions, changes by people, outcomes.
///
/// `relaxed` has `synchronous_commit = off`: a commit is answered at once and reaches the disk some milliseconds later,
/// *in order*. It serves what a crash may forget without harm. A lost lease or report is found out by its token: the
/// worker gets 409 and the work is leased again. A lost advance is made again from the same outcomes, because a durable
/// commit flushes all that came before it: an outcome on disk has its trial on disk.
pub struct Pools {
    pub durable: PgPool,
    pub relaxed: PgPool,
}

impl Pools {
    pub async fn connect(url: &str, connections: u32) -> Result<Pools, StoreError> {
        let options = PgConnectOptions::from_str(url)?.application_name("nascent");
        let relaxed = options.clone().options([("synchronous_commit", "off")]);
        let pool = |most: u32| PgPoolOptions::new().max_connections(most).acquire_timeout(Duration::from_secs(30));
        Ok(Pools {
            durable: pool(connections.max(2)).connect_with(options).await?,
            relaxed: pool(connections.max(2)).connect_with(relaxed).await?,
        })
    }
}

/// Applies what is missing, under an advisory lock: several coordinators may start at once.
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    Ok(sqlx::migrate!("../migrations").run(pool).await?)
}
