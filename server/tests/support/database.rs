//! A fresh database per test: on `DATABASE_URL`, else on a private cluster.

use std::sync::{Arc, Mutex, Weak};
use support::cluster::Cluster;
use uuid::Uuid;

/// The cluster is shared by the tests that run at the same time and ends with the last of them.
static CLUSTER: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());

/// Where tests get a database: `DATABASE_URL`, else a private cluster.
pub struct Database {
    pub url: String,
    _cluster: Option<Arc<Cluster>>,
}

impl Database {
    /// `None` (said loudly) on a machine without Postgres.
    pub async fn fresh() -> Option<Database> {
        let name = format!("t{}", Uuid::now_v7().simple());
        if let Ok(given) = std::env::var("DATABASE_URL") {
            let mut admin = <sqlx::PgConnection as sqlx::Connection>::connect(&given).await.unwrap();
            let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
            sqlx::raw_sql(create).execute(&mut admin).await.unwrap();
            return Some(Database { url: of_database(&given, &name), _cluster: None });
        }
        let cluster = shared_cluster()?;
        let url = cluster.create_database(&name).await.unwrap();
        Some(Database { url, _cluster: Some(cluster) })
    }
}

/// The address of another database on the same server, with the same parameters.
fn of_database(url: &str, name: &str) -> String {
    let (place, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = place.rsplit_once('/').unwrap();
    let joint = if parameters.is_empty() { "" } else { "?" };
    format!("{server}/{name}{joint}{parameters}")
}

fn shared_cluster() -> Option<Arc<Cluster>> {
    let mut shared = CLUSTER.lock().unwrap();
    if let Some(cluster) = shared.upgrade() {
        return Some(cluster);
    }
    match Cluster::start() {
        Ok(cluster) => {
            let cluster = Arc::new(cluster);
            *shared = Arc::downgrade(&cluster);
            Some(cluster)
        }
        Err(error) => {
            eprintln!("SKIPPED: no Postgres for this test: {error:#}");
            None
        }
    }
}
