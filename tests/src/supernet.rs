//! A trainer of supernets as an external program would write it: it speaks the worker protocol and makes its numbers up.

use crate::client::Client;
use anyhow::{Context, Result};
use search::network::lower_open;
use search::space::{Space, Template};
use search::supernet::{Architectures, EpochRecord, Row, RowKind, Rows, SupernetResult, strongest};
use search::work::{
    CurvePoint, FailureReason, Latency, Lease, LeaseRequest, MeasureResult, Outcome, Report, SupernetWork, Work,
    WorkKind,
};
use serde_json::{Value, json};

/// The data set that it alone has.
pub const DATASET: &str = "made-up";

/// Where it claims to run.
const DEVICE: &str = "imagination, 2 threads";

/// A study whose supernet this trainer takes.
pub fn study(name: &str, epochs: u32) -> Value {
    json!({
        "name": name,
        "space": {"builtin": {"name": "darts", "options": {"layers": 3, "channels": 4}}},
        "dataset": DATASET,
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "strategy": {"name": "darts", "options": {"epochs": epochs}},
        "budget": {"max_trials": 1, "max_attempts": 1},
        "training": {"epochs": 1},
        "seed": 1,
    })
}

/// A study that has latencies measured before it trains its supernet.
pub fn latency_study(name: &str, epochs: u32) -> Value {
    let mut study = study(name, epochs);
    study["space"] = json!({"builtin": {"name": "fbnet"}});
    study["strategy"] =
        json!({"name": "fbnet", "options": {"epochs": epochs, "warmup_epochs": 0, "measured_networks": 0}});
    study
}

pub struct Trainer {
    client: Client,
    name: String,
}

impl Trainer {
    /// Registers as a worker.
    pub async fn register(client: &Client, name: &str) -> Result<Trainer> {
        let info = json!({
            "name": name, "device": DEVICE, "slots": 1, "version": "1", "datasets": [DATASET],
            "kinds": ["train", "supernet", "score", "measure"],
        });
        client.post("/v1/workers", &info).await?;
        Ok(Trainer { client: client.clone(), name: name.to_owned() })
    }

    /// The next piece of work of a study, of one kind.
    pub async fn lease(&self, study: &str, kind: WorkKind) -> Result<Lease> {
        let request = LeaseRequest {
            worker: self.name.clone(),
            slot: 0,
            kinds: vec![kind],
            datasets: Some(vec![DATASET.into()]),
            study: Some(study.into()),
            wait_seconds: 20,
        };
        let answer = self.client.post("/v1/work/lease", &serde_json::to_value(request)?).await?;
        serde_json::from_value(answer).context("no work within twenty seconds")
    }

    /// Reports the epochs of a supernet up to `epochs`; skip connections win, as they do where a search goes wrong.
    pub async fn train(&self, lease: &Lease, epochs: u32) -> Result<()> {
        let (work, rows) = opened(lease)?;
        for epoch in 1..=epochs {
            let mut points = course(epoch);
            for (decision, probabilities) in architectures(&rows, epoch) {
                let labels = &rows.find(&decision).context("row")?.labels;
                points.extend(labels.iter().zip(probabilities).map(|(label, value)| CurvePoint {
                    metric: format!("p/{decision}/{label}"),
                    step: epoch,
                    value,
                }));
            }
            let progress = Some(f64::from(epoch) / f64::from(work.epochs));
            let report = Report { token: lease.token.clone(), points, progress, checkpoint: None };
            self.client.report(lease, &report).await?;
        }
        Ok(())
    }

    /// Ends a measurement with a time for every graph that was asked for.
    pub async fn measure(&self, lease: &Lease) -> Result<()> {
        let Work::Measure(work) = &lease.work else { anyhow::bail!("no measurement: {:?}", lease.work.kind()) };
        let latency = |i: usize| Latency { median_us: 20.0 + i as f64, mean_us: 21.0 + i as f64, runs: work.runs };
        let latencies = work.graphs.keys().enumerate().map(|(i, signature)| (signature.clone(), latency(i))).collect();
        let result = MeasureResult { device: DEVICE.into(), latencies };
        self.done(lease, Some(serde_json::to_value(result)?)).await
    }

    /// Keeps the lease.
    pub async fn heartbeat(&self, lease: &Lease) -> Result<()> {
        self.client.report(lease, &Report { token: lease.token.clone(), ..Report::default() }).await?;
        Ok(())
    }

    /// Ends a supernet with the network that its last epoch means.
    pub async fn finish(&self, lease: &Lease) -> Result<()> {
        let (work, rows) = opened(lease)?;
        let space = Space::parse(&work.space)?;
        let derived = space.close(&strongest(&rows, &architectures(&rows, work.epochs)))?;
        let labels = rows.0.iter().map(|row| (row.decision.clone(), row.labels.clone())).collect();
        let result = SupernetResult {
            derived: vec![derived],
            epochs: records(&rows, work.epochs),
            labels,
            finalists: vec![],
            stopped: None,
        };
        self.done(lease, Some(serde_json::to_value(result)?)).await
    }

    /// Ends any work as done, a training with `top1`.
    pub async fn done(&self, lease: &Lease, result: Option<Value>) -> Result<()> {
        let metrics = [("top1".to_owned(), 0.9), ("loss".to_owned(), 0.3)].into();
        self.client.outcome(lease, &Outcome::Done { metrics, artifacts: vec![], result }).await?;
        Ok(())
    }

    pub async fn fail(&self, lease: &Lease, reason: FailureReason, detail: &str) -> Result<()> {
        self.client.outcome(lease, &Outcome::Failed { reason, detail: detail.into() }).await?;
        Ok(())
    }
}

fn opened(lease: &Lease) -> Result<(&SupernetWork, Rows)> {
    let Work::Supernet(work) = &lease.work else { anyhow::bail!("no supernet: {:?}", lease.work.kind()) };
    let Template::Object(mut members) = Space::parse(&work.space)?.template() else { anyhow::bail!("no network") };
    let graph = lower_open(&members.remove("network").context("network")?, work.plan.opening)?;
    Ok((work, Rows::of(&graph, &work.plan)))
}

/// The usual metrics after an epoch.
fn course(epoch: u32) -> Vec<CurvePoint> {
    let e = f64::from(epoch);
    let point = |metric: &str, value: f64| CurvePoint { metric: metric.into(), step: epoch, value };
    let mut points = vec![
        point("train_loss", 2.3 * (-0.08 * e).exp() + 0.1),
        point("loss", 2.3 * (-0.06 * e).exp() + 0.2),
        point("top1", 0.9 - 0.8 * (-0.1 * e).exp()),
        point("entropy", 2.08 - 0.02 * e),
        point("skip_count", (e / 4.0).floor().min(7.0)),
    ];
    if epoch.is_multiple_of(2) {
        points.push(point("lambda_max", 0.2 + 0.002 * e * e));
    }
    points
}

/// Probabilities that lean more towards skip connections, and towards one other operator per edge, with every epoch.
fn architectures(rows: &Rows, epoch: u32) -> Architectures {
    let e = f64::from(epoch);
    let logit = |edge: usize, at: usize, labels: usize, label: &str| match label {
        "skip_connect" => 0.06 * e,
        "none" => 0.02 * e,
        _ if at == 1 + (edge * 5) % (labels - 1) => 0.005 * e * (edge % 9) as f64,
        _ => 0.0,
    };
    let of = |(edge, row): (usize, &Row)| {
        let places = row.labels.iter().enumerate();
        let raised: Vec<f64> = places.map(|(at, label)| logit(edge, at, row.labels.len(), label).exp()).collect();
        let sum: f64 = raised.iter().sum();
        (row.decision.clone(), raised.into_iter().map(|value| value / sum).collect())
    };
    rows.0.iter().filter(|row| matches!(row.kind, RowKind::Operators { .. })).enumerate().map(of).collect()
}

/// All epochs as the result tells them.
fn records(rows: &Rows, epochs: u32) -> Vec<EpochRecord> {
    let metrics = |epoch| course(epoch).into_iter().map(|point| (point.metric, point.value)).collect();
    let record = |epoch| EpochRecord {
        epoch,
        architectures: architectures(rows, epoch),
        genotype: None,
        metrics: metrics(epoch),
    };
    (1..=epochs).map(record).collect()
}
