//! The database's address: parameters in it reach every connection, beside those that the coordinator sets itself.

use crate::coordinator;
use crate::support::{external, sum};
use serde_json::json;
use sqlx::PgPool;

async fn shown(pool: &PgPool, setting: &str) -> String {
    let sql = sqlx::AssertSqlSafe(format!("SHOW {setting}"));
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_of_the_address_reach_the_connections() {
    let c = coordinator!(|settings| {
        let joint = if settings.database_url.contains('?') { '&' } else { '?' };
        settings.database_url +=
            &format!("{joint}sslmode=disable&options=-c%20statement_timeout%3D54321%20-c%20work_mem%3D7MB");
    });
    for (pool, commits) in [(&c.app.pool, "on"), (&c.app.relaxed, "off")] {
        assert_eq!(shown(pool, "statement_timeout").await, "54321ms");
        assert_eq!(shown(pool, "work_mem").await, "7MB");
        assert_eq!(shown(pool, "synchronous_commit").await, commits);
        assert_eq!(shown(pool, "plan_cache_mode").await, "force_generic_plan");
        assert_eq!(shown(pool, "application_name").await, "nascent");
    }
    let study = c.submit(&external(10, json!({"budget": {"max_trials": 3}}))).await;
    assert_eq!(c.work("w", study, sum).await.state, "completed");
}
