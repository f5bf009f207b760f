//! The agent against a tiny server in the same process that can be away, slow or of another opinion.

use super::*;
use search::work::{CurvePoint, Directive, FailureReason, Outcome};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server was told, and what it is to answer.
#[derive(Default)]
struct Fake {
    /// Method and path with query, and body, in order.
    told: Mutex<Vec<(String, Vec<u8>)>>,
    leases: Mutex<Vec<Value>>,
    directive: Mutex<Option<&'static str>>,
    /// Answers 409 to reports.
    stale: Mutex<bool>,
    /// Answers 503 to everything.
    trouble: Mutex<bool>,
}

impl Fake {
    fn bodies(&self, part: &str) -> Vec<Value> {
        let told = self.told.lock().unwrap();
        let wanted = told.iter().filter(|(path, _)| path.contains(part));
        wanted.map(|(_, body)| serde_json::from_slice(body).unwrap_or_default()).collect()
    }

    fn answer(&self, line: &str, body: &[u8]) -> (u16, Value) {
        if *self.trouble.lock().unwrap() {
            return (503, json!({"detail": "in trouble"}));
        }
        let lease = || self.leases.lock().unwrap().pop();
        match line {
            line if line.contains("/v1/workers") => (200, json!({"id": "w"})),
            line if line.contains("/work/lease") => lease().map_or((204, json!(null)), |lease| (200, lease)),
            line if line.contains("/report") && *self.stale.lock().unwrap() => (409, json!({"detail": "stale"})),
            line if line.contains("/report") => {
                let directive = self.directive.lock().unwrap().unwrap_or("continue");
                (200, json!({"directive": directive, "deadline": "2030-01-01T00:00:00Z"}))
            }
            line if line.contains("/outcome") => (200, json!({"recorded": true, "next": lease()})),
            line if line.contains("/v1/artifacts?") => {
                (200, json!({"id": "a1", "sha256": hex::encode(Sha256::digest(body))}))
            }
            _ => (404, json!({"detail": "no such thing"})),
        }
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        let mut bytes = Vec::new();
        let (head, length) = loop {
            if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
            if let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
                break (end + 4, length.unwrap_or(0usize));
            }
        };
        while bytes.len() < head + length {
            stream.read_buf(&mut bytes).await.unwrap();
        }
        let line = String::from_utf8_lossy(&bytes[..head]).lines().next().unwrap_or_default().to_string();
        let body = bytes[head..].to_vec();
        let (status, answer) = self.answer(&line, &body);
        self.told.lock().unwrap().push((line, body));
        let text = if status == 204 { String::new() } else { answer.to_string() };
        let head = format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", text.len());
        let _ = stream.write_all(format!("{head}{text}").as_bytes()).await;
    }
}

async fn start(fake: Arc<Fake>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(fake.clone().serve(stream));
        }
    });
    format!("http://{address}")
}

fn lease(work_id: &str) -> Value {
    json!({"work_id": work_id, "token": "t", "study_id": "s", "trial_id": "1", "attempt": 1,
           "deadline": "2030-01-01T00:00:00Z", "heartbeat_seconds": 0.1,
           "work": {"kind": "train", "candidate": {}, "epochs": 1, "split": "search", "seed": 0, "metrics": []}})
}

/// Works for `length` unless told otherwise; leaves a point, a checkpoint when released, and a file.
struct Sleeper {
    length: Duration,
}

impl Executor for Sleeper {
    fn prepare(&self) {}

    fn execute(&self, _: &Work, _: &Inputs, supervisor: &dyn Supervisor) -> Finished {
        let start = Instant::now();
        supervisor.points(vec![CurvePoint { metric: "top1".into(), step: 1, value: 0.5 }]);
        while start.elapsed() < self.length {
            std::thread::sleep(Duration::from_millis(5));
            supervisor.progress(start.elapsed().as_secs_f64() / self.length.as_secs_f64());
            match supervisor.directive() {
                Directive::Continue => {}
                Directive::Release => {
                    supervisor.checkpoint(b"half done".to_vec());
                    return Finished::without_files(Outcome::Released);
                }
                Directive::Stop | Directive::Cancel => {
                    let reason = FailureReason::Other;
                    return Finished::without_files(Outcome::Failed { reason, detail: "told to end".into() });
                }
            }
        }
        let outcome = Outcome::Done { metrics: [("top1".to_string(), 0.5)].into(), artifacts: vec![], result: None };
        Finished { outcome, files: vec![("weights".into(), b"numbers".to_vec())] }
    }
}

/// Runs an agent until `enough` says so, at most ten seconds, and then stops it in order.
async fn run_until(fake: Arc<Fake>, length: Duration, enough: impl Fn(&Fake) -> bool) {
    let client = Client::new(&start(fake.clone()).await, Some("secret".into())).unwrap();
    let identity = Identity {
        name: "w".into(),
        device: "cpu".into(),
        slots: 1,
        kinds: vec![WorkKind::Train],
        datasets: vec!["digits".into()],
        study: None,
    };
    let stop = CancellationToken::new();
    let agent = tokio::spawn(run(client, identity, Arc::new(Sleeper { length }), stop.clone()));
    let begin = Instant::now();
    while !enough(&fake) {
        assert!(begin.elapsed() < Duration::from_secs(10), "waited too long; told: {:?}", fake.told.lock().unwrap());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), agent).await.expect("the agent must end").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn work_is_reported_while_it_lasts_and_brought_home_with_its_files() {
    let fake = Arc::new(Fake::default());
    fake.leases.lock().unwrap().extend([lease("second"), lease("first")]);
    run_until(fake.clone(), Duration::from_millis(500), |fake| fake.bodies("/outcome").len() == 2).await;
    let reports = fake.bodies("first/report");
    assert!(reports.len() >= 3, "{} heartbeats in half a second at 0.1 s", reports.len());
    let points: Vec<&Value> = reports.iter().flat_map(|r| r["points"].as_array().unwrap()).collect();
    assert_eq!(points, [&json!({"metric": "top1", "step": 1, "value": 0.5})]);
    assert!(reports.iter().any(|r| r["progress"].as_f64().unwrap() > 0.3));
    let outcome = &fake.bodies("first/outcome")[0];
    assert_eq!(outcome["outcome"]["artifacts"], json!([{"name": "weights", "id": "a1"}]));
    assert_eq!(outcome["next"]["slot"], 0);
    // The second work came with the answer to the first one's outcome.
    assert_eq!(fake.bodies("second/outcome").len(), 1);
    let introduction = &fake.bodies("/v1/workers")[0];
    assert_eq!((&introduction["name"], &introduction["datasets"]), (&json!("w"), &json!(["digits"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn work_under_a_stale_lease_is_dropped_and_the_slot_goes_on() {
    let fake = Arc::new(Fake::default());
    fake.leases.lock().unwrap().push(lease("lost"));
    *fake.stale.lock().unwrap() = true;
    run_until(fake.clone(), Duration::from_secs(60), |fake| fake.bodies("/work/lease").len() >= 2).await;
    assert!(fake.bodies("/outcome").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_work_has_no_outcome_and_stopped_work_has_one() {
    for (directive, outcomes) in [("cancel", 0), ("stop", 1)] {
        let fake = Arc::new(Fake::default());
        fake.leases.lock().unwrap().push(lease("work"));
        *fake.directive.lock().unwrap() = Some(directive);
        run_until(fake.clone(), Duration::from_secs(60), |fake| fake.bodies("/work/lease").len() >= 2).await;
        assert_eq!(fake.bodies("work/outcome").len(), outcomes, "{directive}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_stopped_saves_and_gives_back() {
    let fake = Arc::new(Fake::default());
    fake.leases.lock().unwrap().push(lease("long"));
    run_until(fake.clone(), Duration::from_secs(60), |fake| !fake.bodies("/report").is_empty()).await;
    let reports = fake.bodies("/report");
    assert_eq!(reports.last().unwrap()["checkpoint"], "a1");
    let outcome = &fake.bodies("/outcome")[0];
    assert_eq!((&outcome["outcome"], outcome.get("next")), (&json!({"state": "released"}), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_server_costs_time_but_no_work() {
    let fake = Arc::new(Fake::default());
    fake.leases.lock().unwrap().push(lease("work"));
    let away = fake.clone();
    tokio::spawn(async move {
        while away.bodies("/work/lease").is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        *away.trouble.lock().unwrap() = true;
        // Longer than the work takes: points, file and outcome all have to wait.
        tokio::time::sleep(Duration::from_millis(700)).await;
        away.told.lock().unwrap().clear();
        *away.trouble.lock().unwrap() = false;
    });
    let home = |fake: &Fake| !*fake.trouble.lock().unwrap() && !fake.bodies("/outcome").is_empty();
    run_until(fake.clone(), Duration::from_millis(300), home).await;
    assert_eq!(fake.bodies("/report")[0]["points"][0]["value"], 0.5);
    assert_eq!(fake.bodies("/outcome")[0]["outcome"]["artifacts"][0]["id"], "a1");
}

#[test]
fn waiting_grows_to_a_limit() {
    let mut backoff = Backoff::new();
    let mut longest = Duration::ZERO;
    for failures in 1..40 {
        backoff.complain("a test", &ClientError::Stale);
        assert_eq!(backoff.failures(), failures);
        longest = longest.max(backoff.delay());
    }
    assert!(longest > Duration::from_secs(11) && longest < Duration::from_secs(19), "{longest:?}");
}

#[test]
fn what_could_not_be_sent_stays_in_order_and_only_the_newest_checkpoint() {
    let desk = desk::Desk::default();
    let point = |step| CurvePoint { metric: "loss".into(), step, value: 0.0 };
    desk.points(vec![point(1)]);
    desk.checkpoint(vec![1]);
    let unsent = desk.take();
    desk.points(vec![point(2)]);
    desk.checkpoint(vec![2]);
    desk.put_back(unsent);
    let pending = desk.take();
    assert_eq!((pending.points, pending.checkpoint), (vec![point(1), point(2)], Some(vec![2])));
    desk.direct(Directive::Release);
    desk.direct(Directive::Continue);
    assert_eq!(desk.directive(), Directive::Release);
}
