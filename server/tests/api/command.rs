//! The client commands against a running service.

use crate::app::{TestApp, done, external, word};
use crate::runs::{lease, measure, order, supernet};
use crate::service;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::app::Role;
use server::auth::Access;
use std::path::Path;
use std::process::Output;
use tempfile::TempDir;

struct Terminal<'a> {
    app: &'a TestApp,
    token: Option<String>,
    folder: TempDir,
}

impl<'a> Terminal<'a> {
    fn new(app: &'a TestApp) -> Terminal<'a> {
        Terminal { app, token: None, folder: tempfile::tempdir().unwrap() }
    }

    fn write(&self, name: &str, value: &Value) {
        std::fs::write(self.path(name), value.to_string()).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    async fn run(&self, arguments: &[&str]) -> Output {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_nascent"));
        command.args(arguments).current_dir(self.folder.path()).env("NASCENT_URL", &self.app.base);
        if let Some(token) = &self.token {
            command.env("NASCENT_TOKEN", token);
        }
        command.output().await.unwrap()
    }

    /// Standard output of a command that must succeed.
    async fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    async fn json(&self, arguments: &[&str]) -> Value {
        let text = self.ok(&[arguments, &["--format", "json"]].concat()).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// Standard error of a command that must fail with status 1.
    async fn failure(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments).await;
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        String::from_utf8(output.stderr).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_is_submitted_changed_and_ended() {
    let app = service!();
    let terminal = Terminal::new(&app);
    terminal.write("study.json", &external(json!({"name": "from a file"})));
    let study = terminal.json(&["study", "submit", "study.json"]).await;
    let id = word(&study, "id");
    assert!(terminal.ok(&["study", "list"]).await.contains("from a file"));
    let paused = terminal.json(&["study", "pause", id]).await;
    assert_eq!(paused["state"], "paused");
    assert_eq!(terminal.json(&["study", "list", "--state", "paused"]).await[0]["id"], id);
    assert_eq!(terminal.json(&["study", "resume", id]).await["state"], "running");
    let set = terminal.json(&["study", "set", id, "max_trials=7", "parallel_trials=1"]).await;
    assert_eq!((&set["limits"]["max_trials"], &set["limits"]["parallel_trials"]), (&json!(7), &json!(1)));
    assert!(terminal.failure(&["study", "set", id, "parallel_trials=0"]).await.contains("/parallel_trials"));
    assert_eq!(terminal.json(&["study", "cancel", id]).await["state"], "stopped");
    assert!(terminal.failure(&["study", "resume", id]).await.contains("The state does not allow this"));
    terminal.ok(&["study", "delete", id]).await;
    assert!(terminal.failure(&["study", "show", id]).await.contains("no such study"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_of_a_document_is_shown() {
    let app = service!();
    let terminal = Terminal::new(&app);
    terminal.write("study.json", &external(json!({"strategy": {"name": "magic"}, "budget": {"max_trials": 0}})));
    let shown = terminal.failure(&["run", "study.json"]).await;
    assert!(shown.contains("/strategy/name: one of") && shown.contains("/budget/max_trials"), "{shown}");
    std::fs::write(terminal.path("study.yaml"), "a: [1").unwrap();
    assert!(terminal.failure(&["run", "study.yaml"]).await.contains("study.yaml"));
    assert!(terminal.failure(&["run", "nowhere.yaml"]).await.contains("nowhere.yaml"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_watched_to_its_end_and_its_best_taken_away() {
    let app = service!();
    let terminal = Terminal::new(&app);
    terminal.write("study.json", &external(json!({"budget": {"max_trials": 1}})));
    let trainer = async {
        let lease = app.must_lease("trainer").await;
        app.upload(&lease, "weights", b"numbers".to_vec(), None).await.expect(StatusCode::CREATED);
        app.outcome(&lease, done(0.5)).await.expect(StatusCode::OK);
    };
    let (ended, ()) = tokio::join!(terminal.json(&["run", "study.json"]), trainer);
    assert_eq!(ended["state"], "completed");
    let id = word(&ended, "id");
    terminal.ok(&["export", id, "--to", "best"]).await;
    let saved = std::fs::read(terminal.path("best/weights.safetensors")).unwrap();
    assert_eq!(saved, b"numbers");
    assert!(!Path::new(&terminal.path("best/weights.safetensors.part")).exists());
    let trials = terminal.json(&["trial", "list", id, "--sort", "-score"]).await;
    let trial = word(&trials[0], "id");
    assert!(terminal.ok(&["trial", "show", trial]).await.contains("completed"));
    assert_eq!(terminal.json(&["trial", "curve", trial]).await, json!([]));
    assert!(terminal.failure(&["trial", "cancel", trial]).await.contains("cannot be cancelled"));
    assert!(terminal.ok(&["worker", "list"]).await.contains("device"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_study_that_fails_makes_the_command_fail() {
    let app = service!();
    let terminal = Terminal::new(&app);
    terminal.write("study.json", &external(json!({"budget": {"max_failed_trials": 0, "max_attempts": 1}})));
    let trainer = async {
        let lease = app.must_lease("trainer").await;
        let outcome = json!({"state": "failed", "reason": "out_of_memory", "detail": "as planned"});
        app.outcome(&lease, outcome).await.expect(StatusCode::OK);
        // The other trial in flight ends as well.
        let lease = app.lease("trainer", 1).await;
        if lease.status == StatusCode::OK {
            app.outcome(&lease.json(), done(0.5)).await;
        }
    };
    let (shown, ()) = tokio::join!(terminal.failure(&["run", "study.json"]), trainer);
    assert!(shown.contains("the study failed"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_managed_by_who_has_one() {
    let mut app = service!(Access::Tokens);
    let admin = app.log_in(Role::Admin).await;
    let mut terminal = Terminal::new(&app);
    assert!(terminal.failure(&["token", "list"]).await.contains("A token is needed"));
    terminal.token = Some(admin);
    let made = terminal.json(&["token", "create", "fleet", "--role", "worker"]).await;
    assert!(word(&made, "secret").starts_with("nascent_"));
    assert!(terminal.ok(&["token", "list"]).await.contains("fleet"));
    terminal.ok(&["token", "revoke", word(&made, "id")]).await;
    assert!(!terminal.ok(&["token", "list"]).await.contains("fleet"));
    let shown = terminal.failure(&["token", "create", "x", "--role", "king"]).await;
    assert!(shown.contains("/role: one of admin, user, worker"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_and_latency_tables_are_shown() {
    let app = service!();
    let terminal = Terminal::new(&app);
    let study = app.must_submit(&external(json!({"budget": {"max_trials": 1}}))).await;
    assert!(!terminal.ok(&["study", "show", &study]).await.contains("supernet"));
    order(&app, &study, supernet(50), 50).await;
    order(&app, &study, measure(4), 0).await;
    let leased = lease(&app, &study, "supernet").await;
    let point = |metric: &str, value: f64| json!({"metric": metric, "step": 3, "value": value});
    let points = json!([point("loss", 1.25), point("top1", 0.5)]);
    app.report(&leased, json!({"points": points, "progress": 0.06})).await.expect(StatusCode::OK);
    let shown = terminal.ok(&["study", "show", &study]).await;
    assert!(shown.contains("epoch 3 of 50") && shown.contains("loss 1.2500, top1 50.00 %"), "{shown}");
    let measuring = lease(&app, &study, "measure").await;
    let latency = json!({"median_us": 12.5, "mean_us": 13.0, "runs": 50});
    let result = json!({"device": "cpu, 2 threads", "latencies": {"conv 3x3": latency}});
    app.outcome(&measuring, json!({"state": "done", "metrics": {}, "result": result})).await.expect(StatusCode::OK);
    assert!(terminal.ok(&["latency", "list"]).await.contains("cpu, 2 threads"));
    let table = terminal.json(&["latency", "show", "cpu, 2 threads", "4"]).await;
    assert_eq!(table["entries"]["conv 3x3"], 12.5);
    assert!(terminal.ok(&["latency", "show", "cpu, 2 threads", "4"]).await.contains("12.5"));
    assert!(terminal.failure(&["latency", "show", "cpu", "4"]).await.contains("no such latency table"));
    let watching = async {
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
        app.outcome(&leased, json!({"state": "done", "metrics": {}})).await.expect(StatusCode::OK);
        let lease = app.must_lease("trainer").await;
        app.outcome(&lease, done(0.5)).await.expect(StatusCode::OK);
    };
    let watch = ["study", "watch", study.as_str()];
    let (watched, ()) = tokio::join!(terminal.ok(&watch), watching);
    assert!(watched.contains("supernet: epoch 3 of 50, loss 1.2500, top1 50.00 %"), "{watched}");
    let runs = terminal.json(&["study", "runs", &study]).await;
    assert_eq!((&runs[0]["kind"], &runs[0]["state"]), (&json!("supernet"), &json!("done")));
}
