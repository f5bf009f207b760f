//! The README's Python example trains a study from lease to outcome.

use anyhow::{Context, Result};
use serde_json::json;
use std::process::Command;
use std::time::Duration;
use support::installation::Installation;
use support::process::{Process, repository};

/// The first Python block of the README.
fn example() -> Result<String> {
    let readme = std::fs::read_to_string(repository().join("README.md"))?;
    let (_, rest) = readme.split_once("```python\n").context("the README has no Python example")?;
    let (code, _) = rest.split_once("```").context("the example does not end")?;
    Ok(code.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_readme_example_finishes_a_study() -> Result<()> {
    let nascent = Installation::start().await?;
    let study = nascent
        .client
        .submit(&json!({
            "name": "external",
            "space": {"document": {"nas_space": 1, "name": "mlp", "root": {
                "units": {"$int": {"min": 8, "max": 64, "step": 8}},
                "lr": {"$float": {"min": 0.0001, "max": 0.1, "scale": "log"}}}}},
            "objectives": [{"metric": "score", "direction": "maximize"}],
            "strategy": {"name": "evolution"},
            "budget": {"max_trials": 12, "parallel_trials": 2},
        }))
        .await?;
    let script = nascent.folder().join("trainer.py");
    std::fs::write(&script, example()?)?;
    let mut python = Command::new("python3");
    python.arg(script).env("NASCENT_URL", nascent.client.base());
    let trainer = Process::start(python, &nascent.folder().join("trainer.log"))?;
    let done = nascent.client.wait_for(&study, &["completed"], Duration::from_secs(60)).await;
    done.with_context(|| trainer.log())?;
    let trials = nascent.client.trials(&study).await?;
    assert_eq!(trials.len(), 12);
    assert!(trials.iter().all(|trial| trial["state"] == "completed" && trial["metrics"]["score"].is_f64()));
    let first = nascent.client.get(&format!("/v1/trials/{}", trials[0]["id"].as_str().context("id")?)).await?;
    assert!(first["artifacts"].as_array().is_some_and(|artifacts| !artifacts.is_empty()), "{first:#}");
    Ok(())
}
