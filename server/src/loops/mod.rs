//! What runs in the background. A loop is a function without input that may run at any time and any number of times:
//! one code path serves the happy case, a restart, and several coordinators at once.

mod advance;
mod bus;
mod driver;
mod listen;
mod prune;
mod rescue;

pub use bus::Bus;
pub use driver::{LoopStatus, LoopStatuses};

use crate::app::{App, AppError, ServiceCounts};
use crate::store;
use std::time::Duration;

/// Starts all loops; they end when the stop token is cancelled.
pub fn start(app: &App) {
    let spawn = |task| app.tasks.spawn(task);
    spawn(Box::pin(advance::run(app.clone())) as futures::future::BoxFuture<'static, ()>);
    spawn(Box::pin(listen::listen(app.clone())));
    spawn(Box::pin(listen::notify(app.clone())));
    let period = app.settings.period;
    spawn(Box::pin(driver::drive(app.clone(), "rescue", period, rescue::run_once)));
    spawn(Box::pin(driver::drive(app.clone(), "prune", Duration::from_secs(60), prune::run_once)));
}

impl App {
    /// Numbers for `/metrics`.
    pub async fn service_counts(&self) -> Result<ServiceCounts, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::service_counts(&mut conn).await?)
    }
}
