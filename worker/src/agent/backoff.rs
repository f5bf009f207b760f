//! Waiting longer after each failure, up to a limit, with a random part so that workers do not come back together.

use super::ClientError;
use std::hash::{BuildHasher as _, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(15);

pub struct Backoff {
    failures: u32,
}

impl Backoff {
    pub fn new() -> Backoff {
        Backoff { failures: 0 }
    }

    pub fn failures(&self) -> u32 {
        self.failures
    }

    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// Logs a failure: the first at once and loudly, those that follow quietly.
    pub fn complain(&mut self, what: &str, error: &ClientError) {
        self.failures += 1;
        if self.failures == 1 {
            tracing::warn!(%error, "{what} failed; trying again until it works");
        } else {
            tracing::debug!(%error, failures = self.failures, "{what} failed again");
        }
    }

    /// How long to wait after the failures so far.
    pub fn delay(&self) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.saturating_sub(1).min(10));
        // The standard library's hash keys are random: enough to spread workers, and no generator to seed.
        let spread = RandomState::new().hash_one(self.failures) as f64 / u64::MAX as f64;
        doubled.min(LONGEST).mul_f64(0.75 + spread / 2.0)
    }

    pub async fn wait(&self) {
        tokio::time::sleep(self.delay()).await;
    }
}
