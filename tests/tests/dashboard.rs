//! The dashboard in a real Chromium against a real server with a real study.

use anyhow::{Result, ensure};
use std::process::Command;
use std::time::Duration;
use support::installation::Installation;
use support::process::repository;
use support::study::digits;

#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_works_in_chromium() -> Result<()> {
    let web = repository().join("web");
    let chromium = std::env::var("NASCENT_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    if !web.join("node_modules").exists() || !std::path::Path::new(&chromium).exists() {
        println!("SKIPPED: the dashboard's tests need web/node_modules (npm ci) and Chromium at {chromium}");
        return Ok(());
    }
    let nascent = Installation::start().await?;
    let _worker = nascent.worker("worker")?;
    let study = nascent.client.submit(&digits("Digits", 6, 3)).await?;
    nascent.client.wait_for(&study, &["completed"], Duration::from_secs(240)).await?;
    let status = Command::new("npm")
        .args(["run", "e2e"])
        .current_dir(web)
        .env("NASCENT_URL", nascent.client.base())
        .env("NASCENT_CHROMIUM", chromium)
        .status()?;
    ensure!(status.success(), "the browser tests failed");
    Ok(())
}
