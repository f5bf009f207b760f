//! Connections and migrations.

use super::StoreError;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use std::str::FromStr;
use std::time::Duration;

/// Statements are planned once for each connection. By itself Postgres compares plans by estimated cost, finds those for
/// given arrays a little cheaper, and plans the long statements of an outcome and an advance each time anew, which takes
/// longer than running them.
const PLANS: [(&str, &str); 1] = [("plan_cache_mode", "force_generic_plan")];

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
        let options = PgConnectOptions::from_str(url)?.application_name("nascent").options(PLANS);
        let relaxed = options.clone().options([("synchronous_commit", "off")]);
        let pool = || PgPoolOptions::new().max_connections(connections.max(4)).acquire_timeout(Duration::from_secs(30));
        Ok(Pools { durable: pool().connect_with(options).await?, relaxed: pool().connect_with(relaxed).await? })
    }
}

/// Applies what is missing, under an advisory lock: several coordinators may start at once.
pub async fn migrate(pool: &PgPool) -> Result<(), StoreError> {
    Ok(sqlx::migrate!("../migrations").run(pool).await?)
}
