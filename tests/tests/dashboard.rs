//! The dashboard in a real Chromium against a real server with real studies.

use anyhow::{Result, ensure};
use search::work::{FailureReason, Lease, WorkKind};
use std::process::Command;
use std::time::Duration;
use support::installation::Installation;
use support::process::repository;
use support::study::digits;
use support::supernet::{self, Trainer};

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
    finished_supernet(&nascent).await?;
    failed_supernet(&nascent).await?;
    measured_supernet(&nascent).await?;
    let (trainer, live) = live_supernet(&nascent).await?;
    let alive = tokio::spawn(async move {
        loop {
            trainer.heartbeat(&live).await?;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        #[expect(unreachable_code, reason = "names the type of the error")]
        anyhow::Ok(())
    });
    nascent.client.wait_for(&study, &["completed"], Duration::from_secs(240)).await?;
    let status = Command::new("npm")
        .args(["run", "e2e"])
        .args(std::env::var("NASCENT_E2E").ok().iter().flat_map(|name| ["--", name]))
        .current_dir(web)
        .env("NASCENT_URL", nascent.client.base())
        .env("NASCENT_CHROMIUM", chromium)
        .status()?;
    alive.abort();
    ensure!(status.success(), "the browser tests failed");
    Ok(())
}

/// A study named Supernet: its search collapses, and the derived network is trained.
async fn finished_supernet(nascent: &Installation) -> Result<()> {
    let trainer = Trainer::register(&nascent.client, "trainer").await?;
    let study = nascent.client.submit(&supernet::study("Supernet", 30)).await?;
    let lease = trainer.lease(&study, WorkKind::Supernet).await?;
    trainer.train(&lease, 30).await?;
    trainer.finish(&lease).await?;
    let lease = trainer.lease(&study, WorkKind::Train).await?;
    trainer.done(&lease, None).await?;
    nascent.client.wait_for(&study, &["completed"], Duration::from_secs(20)).await?;
    Ok(())
}

/// A study named No memory, which fails with its supernet.
async fn failed_supernet(nascent: &Installation) -> Result<()> {
    let trainer = Trainer::register(&nascent.client, "small trainer").await?;
    let study = nascent.client.submit(&supernet::study("No memory", 10)).await?;
    let lease = trainer.lease(&study, WorkKind::Supernet).await?;
    trainer.train(&lease, 1).await?;
    trainer.fail(&lease, FailureReason::OutOfMemory, "a batch of 64 needs 90 GiB").await?;
    nascent.client.wait_for(&study, &["failed"], Duration::from_secs(20)).await?;
    Ok(())
}

/// A study named Latency, whose operators were measured and whose supernet is in its sixth epoch.
async fn measured_supernet(nascent: &Installation) -> Result<()> {
    let trainer = Trainer::register(&nascent.client, "phone").await?;
    let study = nascent.client.submit(&supernet::latency_study("Latency", 20)).await?;
    let lease = trainer.lease(&study, WorkKind::Measure).await?;
    trainer.measure(&lease).await?;
    let lease = trainer.lease(&study, WorkKind::Supernet).await?;
    trainer.train(&lease, 6).await?;
    Ok(())
}

/// A study named Live supernet, in its fourth epoch of fifty.
async fn live_supernet(nascent: &Installation) -> Result<(Trainer, Lease)> {
    let trainer = Trainer::register(&nascent.client, "patient trainer").await?;
    let study = nascent.client.submit(&supernet::study("Live supernet", 50)).await?;
    let lease = trainer.lease(&study, WorkKind::Supernet).await?;
    trainer.train(&lease, 4).await?;
    Ok((trainer, lease))
}
