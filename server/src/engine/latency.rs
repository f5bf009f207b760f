//! Reading latency tables.

use crate::app::{App, AppError, LatencyTableDetail, LatencyTableView};
use crate::store;
use search::supernet;

impl App {
    pub async fn latency_tables(&self) -> Result<Vec<LatencyTableView>, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        Ok(store::latency_tables(&mut conn).await?)
    }

    pub async fn latency_table(&self, device: &str, batch: i32) -> Result<LatencyTableDetail, AppError> {
        let mut conn = self.relaxed.acquire().await?;
        let entries = store::latency_entries(&mut conn, device, batch).await?;
        if entries.is_empty() {
            return Err(AppError::NotFound("latency table"));
        }
        Ok(LatencyTableDetail { device: device.to_owned(), batch, latencies: entries.into_iter().collect() })
    }

    /// A latency table as a study's options take it.
    pub async fn latency_document(&self, device: &str, batch: i32) -> Result<supernet::LatencyTable, AppError> {
        let table = self.latency_table(device, batch).await?;
        let days = table.latencies.values().map(|latency| latency.measured_at.date_naive());
        let measured_at = match (days.clone().min(), days.max()) {
            (Some(first), Some(last)) if first == last => format!("{last}, medians"),
            (Some(first), Some(last)) => format!("{first} to {last}, medians"),
            _ => String::new(),
        };
        Ok(supernet::LatencyTable {
            device: table.device,
            batch: u32::try_from(table.batch).unwrap_or_default(),
            measured_at,
            entries: table.latencies.into_iter().map(|(signature, latency)| (signature, latency.median_us)).collect(),
            ..supernet::LatencyTable::default()
        })
    }
}
