//! What a client of the benchmark does: a trainer whose training takes no time.

use anyhow::Result;
use search::work::{CurvePoint, Lease, Outcome, Report};
use std::collections::BTreeMap;
use std::time::Instant;
use support::client::Client;

/// How long a client goes on.
#[derive(Clone, Copy)]
pub enum Limit {
    Time(Instant),
    Trials(u64),
}

impl Limit {
    fn reached(self, done: usize) -> bool {
        match self {
            Limit::Time(end) => Instant::now() >= end,
            Limit::Trials(count) => done as u64 >= count,
        }
    }
}

/// One client: lease; then reports and outcome, which brings the next lease. The milliseconds that each outcome took, one
/// per finished trial.
pub async fn trial_loop(client: Client, worker: String, reports: u32, limit: Limit) -> Result<Vec<f64>> {
    let mut times = Vec::new();
    let mut held: Option<Lease> = None;
    while !limit.reached(times.len()) {
        let Some(lease) = (match held.take() {
            Some(lease) => Some(lease),
            None => client.lease(&worker, 5).await?,
        }) else {
            continue;
        };
        if reports > 0 {
            client.report(&lease, &curve(&lease, reports)).await?;
        }
        let metrics = BTreeMap::from([("score".to_owned(), 0.5)]);
        let outcome = Outcome::Done { metrics, artifacts: Vec::new(), result: None };
        let sent = Instant::now();
        held = client.outcome_and_lease(&lease, &outcome, &worker, 5).await?;
        times.push(sent.elapsed().as_secs_f64() * 1000.0);
    }
    if let Some(lease) = held {
        client.outcome(&lease, &Outcome::Released).await?;
    }
    Ok(times)
}

/// All reports of a trial in one message, as a trainer batches them.
fn curve(lease: &Lease, reports: u32) -> Report {
    let point = |step| CurvePoint { metric: "score".into(), step, value: f64::from(step) };
    Report { token: lease.token.clone(), points: (1..=reports).map(point).collect(), ..Report::default() }
}
