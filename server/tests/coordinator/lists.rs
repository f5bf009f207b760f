//! Lists by pages, orders and filters; workers; events; counts.

use crate::coordinator;
use crate::support::{external, sum};
use search::work::{WorkKind, WorkerInfo};
use serde_json::json;
use server::engine::{StudyFilter, TrialFilter};

#[tokio::test(flavor = "multi_thread")]
async fn trials_are_listed_by_pages_in_any_order() {
    let c = coordinator!();
    let study = c.submit(&external(20, json!({"budget": {"max_trials": 11, "parallel_trials": 3}}))).await;
    c.work("w", study, sum).await;
    for sort in ["number", "-number", "score", "-score", "nothing"] {
        let (mut seen, mut cursor) = (Vec::new(), None);
        loop {
            let filter = TrialFilter { sort: Some(sort.into()), cursor, limit: Some(4), state: None };
            let page = c.app.trial_list(study, &filter).await.unwrap();
            seen.extend(page.items.into_iter().map(|t| (t.number, t.metrics["score"])));
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        let mut wanted = seen.clone();
        match sort {
            "-number" => wanted.sort_by_key(|t| -t.0),
            "score" => wanted.sort_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0))),
            "-score" => wanted.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0))),
            _ => wanted.sort_by_key(|t| t.0),
        }
        assert_eq!(seen, wanted, "{sort}");
        assert_eq!(seen.len(), 11);
    }
    let filter = TrialFilter { state: Some("failed".into()), ..TrialFilter::default() };
    assert!(c.app.trial_list(study, &filter).await.unwrap().items.is_empty());
    let bad = TrialFilter { cursor: Some("x'; DROP TABLE trials".into()), ..TrialFilter::default() };
    assert!(c.app.trial_list(study, &bad).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn studies_and_spaces_are_listed_newest_first() {
    let c = coordinator!();
    let mut ids = Vec::new();
    for side in 5..10 {
        ids.insert(0, c.submit(&external(side, json!({}))).await);
    }
    let first = c.app.study_list(&StudyFilter { limit: Some(3), ..StudyFilter::default() }).await.unwrap();
    let rest = c.app.study_list(&StudyFilter { cursor: first.next, ..StudyFilter::default() }).await.unwrap();
    let listed: Vec<uuid::Uuid> = first.items.iter().chain(&rest.items).map(|s| s.id).collect();
    assert_eq!(listed, ids);
    let spaces = c.app.space_list(None, Some(2)).await.unwrap();
    let more = c.app.space_list(spaces.next.as_deref(), None).await.unwrap();
    assert_eq!((spaces.items.len(), more.items.len()), (2, 3));
    assert_eq!(spaces.items[0].size, "81");
    let again = json!({"space": null});
    let mut by_id = external(5, again);
    by_id["space"] = json!({"id": spaces.items[0].id});
    let study = c.submit(&by_id).await;
    assert_eq!(c.study(study).await.space_id, spaces.items[0].id);
}

#[tokio::test(flavor = "multi_thread")]
async fn workers_announce_data_sets_and_studies_are_checked_against_them() {
    let c = coordinator!();
    let info = WorkerInfo {
        name: "gpu-1".into(),
        device: "test".into(),
        slots: 2,
        kinds: vec![WorkKind::Train],
        datasets: vec!["digits".into()],
        version: "0".into(),
    };
    c.app.worker_register(&info).await.unwrap();
    c.app.worker_register(&info).await.unwrap();
    assert_eq!(c.app.worker_list().await.unwrap().len(), 1);
    assert_eq!(c.app.dataset_list().await.unwrap(), ["digits"]);
    let study = json!({
        "name": "n", "space": {"builtin": {"name": "digits-quickstart"}}, "dataset": "imagenet",
        "objectives": [{"metric": "top1", "direction": "maximize"}], "budget": {"max_trials": 1},
    });
    let refused = c.app.study_submit(&study, None).await.unwrap_err().to_string();
    assert!(refused.contains("/dataset") && refused.contains("digits"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_live_everywhere_and_kept_for_who_comes_back() {
    let c = coordinator!();
    let other = c.second().await;
    // The listening connection of the second coordinator must be up.
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let (mut here, mut there) = (c.app.bus.subscribe(), other.app.bus.subscribe());
    let study = c.submit(&external(10, json!({"budget": {"max_trials": 2}}))).await;
    c.work("w", study, sum).await;
    let mut completed = 0;
    while let Ok(Ok(event)) = tokio::time::timeout(std::time::Duration::from_secs(2), there.recv()).await {
        completed += usize::from(event.kind == "trial" && event.data["state"] == "completed");
    }
    assert_eq!(completed, 2, "the other coordinator hears of both trials, each once");
    assert!(here.try_recv().is_ok());
    let kept = c.app.event_after(Some(study), 0).await.unwrap();
    let states: Vec<&str> = kept.iter().filter_map(|e| e.data["state"].as_str()).collect();
    assert_eq!((states[0], states[states.len() - 1]), ("running", "completed"));
    let tail = c.app.event_after(Some(study), kept[0].id.unwrap()).await.unwrap();
    assert_eq!(tail.len(), kept.len() - 1);
    other.app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_add_up_and_absent_states_are_zero() {
    let c = coordinator!();
    let study = c.submit(&external(10, json!({}))).await;
    c.work("w", study, sum).await;
    c.submit(&external(10, json!({}))).await;
    let lease = c.must_lease("w").await;
    let counts = c.app.service_counts().await.unwrap();
    assert_eq!((counts.studies["running"], counts.studies["completed"], counts.studies["paused"]), (1, 1, 0));
    assert_eq!((counts.trials["completed"], counts.trials["running"], counts.trials["failed"]), (6, 1, 0));
    assert_eq!((counts.work["leased"], counts.work["held"]), (1, 0));
    let loops = c.app.loops.all();
    assert!(["advance", "rescue", "prune"].iter().all(|name| loops[name].runs > 0), "{loops:?}");
    drop(lease);
}
