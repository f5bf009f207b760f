//! Real processes, killed on purpose: nothing is lost and nothing is repeated.

use anyhow::Result;
use search::work::{Outcome, Report};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use support::client::Client;
use support::installation::Installation;
use support::study::{digits, external};

fn done(score: f64) -> Outcome {
    Outcome::Done { metrics: BTreeMap::from([("score".to_owned(), score)]), artifacts: Vec::new(), result: None }
}

/// Works until the study has ended, through every crash of the coordinator.
async fn tireless_trainer(client: Client, name: String, study: String) {
    loop {
        match client.lease(&name, 1).await {
            Ok(Some(lease)) => {
                while client
                    .outcome(&lease, &done(lease.attempt.into()))
                    .await
                    .is_err_and(|e| !e.to_string().contains("409"))
                {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Ok(None) => {
                if client.study(&study).await.is_ok_and(|s| s["state"] == "completed") {
                    return;
                }
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coordinator_killed_again_and_again_loses_nothing_and_repeats_nothing() -> Result<()> {
    let mut nascent = Installation::start().await?;
    let study = nascent.client.submit(&external("crashes", 60, "evolution")).await?;
    let trainers: Vec<_> = (0..3)
        .map(|i| tokio::spawn(tireless_trainer(nascent.client.clone(), format!("trainer-{i}"), study.clone())))
        .collect();
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(700)).await;
        nascent.crash_and_restart().await?;
    }
    nascent.client.wait_for(&study, &["completed"], Duration::from_secs(120)).await?;
    for trainer in trainers {
        trainer.await?;
    }
    let trials = nascent.client.trials(&study).await?;
    assert_eq!(trials.len(), 60);
    assert!(trials.iter().all(|trial| trial["state"] == "completed"), "{trials:#?}");
    let genotypes: BTreeSet<String> = trials.iter().map(|trial| trial["genotype"].to_string()).collect();
    assert_eq!(genotypes.len(), 60, "a genotype was evaluated twice");
    let numbers: BTreeSet<u64> = trials.iter().filter_map(|trial| trial["number"].as_u64()).collect();
    assert_eq!(numbers.len(), 60);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_token_gets_409_and_changes_nothing() -> Result<()> {
    let nascent = Installation::start().await?;
    let study = nascent.client.submit(&external("fencing", 4, "random")).await?;
    let first = nascent.client.lease("one", 10).await?.expect("work");
    // The same worker asks again, as after a crash: it gets its unfinished trial back under a new token.
    let second = nascent.client.lease("one", 10).await?.expect("work");
    assert_eq!(first.work_id, second.work_id);
    assert_ne!(first.token, second.token);
    let path = format!("/v1/work/{}/outcome", first.work_id);
    let (status, problem) =
        nascent.client.try_post(&path, &json!({"token": first.token, "outcome": done(9.0)})).await?;
    assert_eq!(status, 409, "{problem}");
    nascent.client.outcome(&second, &done(1.0)).await?;
    // The same outcome twice is one outcome.
    nascent.client.outcome(&second, &done(1.0)).await?;
    let trials = nascent.client.trials(&study).await?;
    let finished: Vec<&Value> = trials.iter().filter(|trial| trial["state"] == "completed").collect();
    assert_eq!(finished.len(), 1);
    assert_eq!(finished[0]["metrics"]["score"], 1.0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_coordinators_share_one_study_without_double_proposals() -> Result<()> {
    let nascent = Installation::start().await?;
    let (_second, other) = nascent.second_coordinator().await?;
    let study = nascent.client.submit(&external("two coordinators", 80, "evolution")).await?;
    let trainers: Vec<_> = (0..4)
        .map(|i| {
            let client = if i % 2 == 0 { nascent.client.clone() } else { other.clone() };
            tokio::spawn(tireless_trainer(client, format!("trainer-{i}"), study.clone()))
        })
        .collect();
    nascent.client.wait_for(&study, &["completed"], Duration::from_secs(60)).await?;
    for trainer in trainers {
        trainer.await?;
    }
    let trials = nascent.client.trials(&study).await?;
    let genotypes: BTreeSet<String> = trials.iter().map(|trial| trial["genotype"].to_string()).collect();
    assert_eq!((trials.len(), genotypes.len()), (80, 80));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_resume_and_cancel_keep_what_was_reported() -> Result<()> {
    let nascent = Installation::start().await?;
    let study = nascent.client.submit(&external("pause", 10, "random")).await?;
    let lease = nascent.client.lease("one", 10).await?.expect("work");
    nascent.client.outcome(&lease, &done(0.25)).await?;
    nascent.client.post(&format!("/v1/studies/{study}/pause"), &json!({})).await?;
    assert!(nascent.client.lease("two", 0).await?.is_none(), "a paused study gives no work");
    nascent.client.post(&format!("/v1/studies/{study}/resume"), &json!({})).await?;
    let lease = nascent.client.lease("two", 10).await?.expect("work after resume");
    nascent.client.post(&format!("/v1/studies/{study}/cancel"), &json!({})).await?;
    let report = Report { token: lease.token.clone(), ..Report::default() };
    let answer = nascent.client.report(&lease, &report).await;
    let told = match &answer {
        Ok(answer) => format!("{:?}", answer.directive) == "Cancel",
        Err(error) => error.to_string().contains("409"),
    };
    assert!(told, "{answer:?}");
    let trials = nascent.client.trials(&study).await?;
    assert!(trials.iter().any(|trial| trial["state"] == "completed" && trial["metrics"]["score"] == 0.25));
    Ok(())
}

/// The sha256 of the weights that the study's final training exported.
async fn final_weights(client: &Client, study: &str) -> Result<String> {
    let trials = client.trials(study).await?;
    let last = trials.iter().find(|trial| trial["final"] == true && trial["baseline"] != true).expect("a final trial");
    let trial = client.get(&format!("/v1/trials/{}", last["id"].as_str().unwrap_or_default())).await?;
    let artifacts = trial["artifacts"].as_array().expect("artifacts");
    let weights = artifacts.iter().find(|artifact| artifact["name"] == "weights").expect("weights");
    Ok(weights["sha256"].as_str().expect("sha256").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_mid_training_is_replaced_and_the_weights_are_the_same() -> Result<()> {
    let nascent = Installation::start().await?;
    let study = |name: &str| digits(name, 2, 6);

    let undisturbed = nascent.client.submit(&study("undisturbed")).await?;
    let mut worker = nascent.worker("steady")?;
    nascent.client.wait_for(&undisturbed, &["completed"], Duration::from_secs(240)).await?;
    worker.kill()?;

    let disturbed = nascent.client.submit(&study("disturbed")).await?;
    let mut generation = 0;
    let mut worker = nascent.worker("victim-0")?;
    while generation < 4 {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        if nascent.client.study(&disturbed).await?["state"] == "completed" {
            break;
        }
        worker.kill()?;
        generation += 1;
        worker = nascent.worker(&format!("victim-{generation}"))?;
    }
    nascent.client.wait_for(&disturbed, &["completed"], Duration::from_secs(300)).await?;
    assert!(generation > 0, "the training was over before a worker could be killed");
    assert_eq!(final_weights(&nascent.client, &undisturbed).await?, final_weights(&nascent.client, &disturbed).await?);
    Ok(())
}
