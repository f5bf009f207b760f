//! Training of a small hand-made network on the digits that ship with the product.

use super::*;
use crate::dataset::Catalog;
use rand::Rng as _;
use search::randomness::{Purpose, Randomness};
use search::work::{CurvePoint, Directive, FailureReason, Outcome, Split, TrainWork, Work};
use serde_json::json;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;
use tch::{Device, Kind, Tensor};

/// Convolution, batch norm and ReLU, twice, with dropout before the linear layer.
struct Small {
    parameters: Vec<(String, Tensor)>,
    buffers: Vec<(String, Tensor)>,
}

const SIZES: [(&str, &[i64]); 8] = [
    ("conv1.weight", &[8, 1, 3, 3]),
    ("norm1.weight", &[8]),
    ("norm1.bias", &[8]),
    ("conv2.weight", &[16, 8, 3, 3]),
    ("norm2.weight", &[16]),
    ("norm2.bias", &[16]),
    ("fc.weight", &[10, 16]),
    ("fc.bias", &[10]),
];

impl Small {
    fn build(request: &Request<'_>) -> Result<Box<dyn Network>, TrainError> {
        let mut rng = Randomness::new(request.seed).at(Purpose::Weights, 0);
        let mut start = |name: &str, size: &[i64]| {
            let count = size.iter().product::<i64>();
            let bound = (count as f64 / size[0] as f64).sqrt().recip();
            let values: Vec<f32> = match name {
                "norm1.weight" | "norm2.weight" => vec![1.0; count as usize],
                _ => (0..count).map(|_| rng.random_range(-bound..bound) as f32).collect(),
            };
            (name.to_string(), Tensor::from_slice(&values).view(size).set_requires_grad(true))
        };
        let parameters = SIZES.iter().map(|(name, size)| start(name, size)).collect();
        let options = (Kind::Float, Device::Cpu);
        let buffers = [("norm1", 8), ("norm2", 16)]
            .iter()
            .flat_map(|(name, size)| {
                let mean = (format!("{name}.running_mean"), Tensor::zeros([*size], options));
                [mean, (format!("{name}.running_var"), Tensor::ones([*size], options))]
            })
            .collect();
        Ok(Box::new(Small { parameters, buffers }))
    }
}

impl Network for Small {
    fn forward(&self, images: &Tensor, pass: &Pass<'_>) -> Output {
        let p = |i: usize| &self.parameters[i].1;
        let norm = |x: Tensor, first: usize, buffer: usize| {
            let (mean, variance) = (&self.buffers[buffer].1, &self.buffers[buffer + 1].1);
            let x = x.batch_norm(
                Some(p(first)),
                Some(p(first + 1)),
                Some(mean),
                Some(variance),
                pass.training.is_some(),
                0.1,
                1e-5,
                false,
            );
            x.relu()
        };
        let x = images.conv2d::<Tensor>(p(0), None, 1, 1, 1, 1);
        let x = norm(x, 1, 0).max_pool2d(2, 2, 0, 1, false).conv2d::<Tensor>(p(3), None, 1, 1, 1, 1);
        let x = norm(x, 4, 2).mean_dim(&[2i64, 3][..], false, Kind::Float);
        let x = match pass.training {
            Some(training) => &x * training.noise.mask(&x.size(), 0.1, x.device()),
            None => x,
        };
        Output { logits: x.linear(p(6), Some(p(7))), auxiliary: None }
    }

    fn parameters(&self) -> Vec<(String, Tensor)> {
        self.parameters.iter().map(|(name, t)| (name.clone(), t.shallow_clone())).collect()
    }

    fn buffers(&self) -> Vec<(String, Tensor)> {
        self.buffers.iter().map(|(name, t)| (name.clone(), t.shallow_clone())).collect()
    }

    fn profits_from_bf16(&self) -> bool {
        false
    }

    fn export(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let bytes = |t: &Tensor| {
            let values = Vec::<f32>::try_from(t.detach().contiguous().view(-1))?;
            anyhow::Ok(values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())
        };
        let all = self.parameters.iter().chain(&self.buffers);
        all.map(|(name, t)| Ok((name.clone(), bytes(t)?))).collect()
    }
}

/// Keeps what it is told; says `then` once `share` of the work is done.
struct Recorder {
    points: Mutex<Vec<CurvePoint>>,
    checkpoints: Mutex<Vec<Vec<u8>>>,
    progress: Mutex<f64>,
    then: (f64, Directive),
}

impl Recorder {
    fn new(share: f64, then: Directive) -> Recorder {
        let (points, checkpoints) = (Mutex::default(), Mutex::default());
        Recorder { points, checkpoints, progress: Mutex::new(0.0), then: (share, then) }
    }

    fn patient() -> Recorder {
        Recorder::new(2.0, Directive::Continue)
    }

    fn curve(&self, metric: &str) -> Vec<f64> {
        self.points.lock().unwrap().iter().filter(|p| p.metric == metric).map(|p| p.value).collect()
    }
}

impl Supervisor for Recorder {
    fn directive(&self) -> Directive {
        if *self.progress.lock().unwrap() >= self.then.0 { self.then.1 } else { Directive::Continue }
    }

    fn progress(&self, share: f64) {
        *self.progress.lock().unwrap() = share;
    }

    fn points(&self, points: Vec<CurvePoint>) {
        self.points.lock().unwrap().extend(points);
    }

    fn checkpoint(&self, content: Vec<u8>) {
        self.checkpoints.lock().unwrap().push(content);
    }
}

fn resources() -> Resources {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data");
    let checkpoint_every = Duration::from_secs(3600);
    Resources {
        device: Device::Cpu,
        device_name: "cpu".into(),
        build: Small::build,
        catalog: Catalog::open(vec![data]),
        bf16: false,
        checkpoint_every,
    }
}

fn work(epochs: u32, split: Split, recipe: serde_json::Value) -> TrainWork {
    serde_json::from_value(json!({
        "candidate": {"network": {}, "recipe": recipe}, "dataset": "digits", "epochs": epochs, "split": split,
        "seed": 11, "metrics": ["top1"], "checkpoints": true, "export": true,
    }))
    .unwrap()
}

fn run_small(work: &TrainWork, checkpoint: Option<&[u8]>, supervisor: &Recorder) -> Result<Finished, TrainError> {
    tch::set_num_threads(1);
    let inputs = Inputs { checkpoint: checkpoint.map(<[u8]>::to_vec), ..Inputs::default() };
    train(work, &inputs, &resources(), supervisor)
}

fn metric(finished: &Finished, name: &str) -> f64 {
    match &finished.outcome {
        Outcome::Done { metrics, .. } => metrics[name],
        other => panic!("not done: {other:?}"),
    }
}

fn everything_on() -> serde_json::Value {
    json!({"optimizer": "adamw", "lr": 0.01, "ema": 0.95, "mixup": 0.2, "cutout": 2, "crop_padding": 1,
           "label_smoothing": 0.1, "warmup_epochs": 1})
}

#[test]
fn the_digits_are_learnt_in_a_few_epochs() {
    let recorder = Recorder::patient();
    let finished = run_small(&work(6, Split::Search, json!({"lr": 0.2})), None, &recorder).unwrap();
    let top1 = recorder.curve("top1");
    assert_eq!(top1.len(), 6);
    assert!(metric(&finished, "top1") > 0.9, "{top1:?}");
    assert_eq!(metric(&finished, "top1"), top1[5]);
    let losses = recorder.curve("train_loss");
    assert!(losses[5] < losses[0] / 2.0, "{losses:?}");
    assert_eq!(recorder.curve("lr")[0], 0.2);
    assert!(recorder.curve("images_per_second").iter().all(|speed| *speed > 0.0));
    assert!((*recorder.progress.lock().unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn the_test_images_are_used_in_the_final_run_alone_and_once() {
    let recorder = Recorder::patient();
    let finished = run_small(&work(3, Split::Final, json!({"lr": 0.2})), None, &recorder).unwrap();
    assert_eq!(recorder.curve("test_top1"), [metric(&finished, "test_top1")]);
    assert!(recorder.curve("top1").is_empty());
    assert_eq!(recorder.curve("train_loss").len(), 3);
}

#[test]
fn a_resumed_run_ends_with_the_same_bits() {
    let work = work(4, Split::Search, everything_on());
    let undisturbed = Recorder::patient();
    let expected = run_small(&work, None, &undisturbed).unwrap();
    // In the middle of an epoch, at the end of one, and right before the end.
    for share in [0.4, 0.5, 0.98] {
        let first = Recorder::new(share, Directive::Release);
        assert_eq!(run_small(&work, None, &first).unwrap().outcome, Outcome::Released);
        let checkpoint = first.checkpoints.lock().unwrap().pop().unwrap();
        let second = Recorder::patient();
        let resumed = run_small(&work, Some(&checkpoint), &second).unwrap();
        assert!(resumed.files == expected.files, "weights differ after a break at {share}");
        for name in ["top1", "loss", "train_loss"] {
            assert_eq!(metric(&resumed, name), metric(&expected, name), "{name} after a break at {share}");
        }
        let curve = second.curve("loss");
        assert_eq!(curve[..], undisturbed.curve("loss")[4 - curve.len()..]);
    }
}

#[test]
fn a_checkpoint_that_does_not_fit_costs_time_but_not_the_run() {
    let work = work(2, Split::Search, json!({}));
    let first = Recorder::new(0.3, Directive::Release);
    run_small(&work, None, &first).unwrap();
    let checkpoint = first.checkpoints.lock().unwrap().pop().unwrap();
    let other = TrainWork { candidate: json!({"recipe": {"optimizer": "adamw"}}), ..work.clone() };
    let damaged = &checkpoint[..checkpoint.len() / 2];
    for (work, checkpoint) in [(&other, &checkpoint[..]), (&work, damaged)] {
        let recorder = Recorder::patient();
        let resumed = run_small(work, Some(checkpoint), &recorder).unwrap();
        assert!(resumed.files == run_small(work, None, &Recorder::patient()).unwrap().files);
        assert_eq!(recorder.curve("top1").len(), 2);
    }
}

#[test]
fn a_run_stops_when_told_with_the_metrics_of_its_last_epoch() {
    let recorder = Recorder::new(0.6, Directive::Stop);
    let stopped = run_small(&work(5, Split::Search, json!({"lr": 0.2})), None, &recorder).unwrap();
    let Outcome::Stopped { epoch, metrics, .. } = &stopped.outcome else { panic!("{stopped:?}") };
    assert_eq!((*epoch, Some(&metrics["top1"])), (3, recorder.curve("top1").last()));
    let recorder = Recorder::new(0.1, Directive::Cancel);
    assert_eq!(run_small(&work(5, Split::Search, json!({})), None, &recorder).unwrap().outcome, Outcome::Released);
    assert!(recorder.checkpoints.lock().unwrap().is_empty());
}

#[test]
fn divergence_is_an_outcome_with_its_reason() {
    let hopeless = json!({"lr": 100.0, "clip_norm": 0.0, "weight_decay": 10.0});
    let error = run_small(&work(3, Split::Search, hopeless), None, &Recorder::patient()).unwrap_err();
    let outcome = error.outcome();
    assert!(matches!(outcome, Outcome::Failed { reason: FailureReason::Diverged, .. }), "{outcome:?}");
}

#[test]
fn running_out_of_memory_is_told_apart_from_a_crash() {
    let panicked = std::panic::catch_unwind(|| Tensor::zeros([1 << 50], (Kind::Float, Device::Cpu))).unwrap_err();
    let outcome = fault::panicked(panicked.as_ref());
    assert!(matches!(outcome, Outcome::Failed { reason: FailureReason::OutOfMemory, .. }), "{outcome:?}");
    let error = Tensor::f_zeros([1 << 50], (Kind::Float, Device::Cpu)).unwrap_err();
    let outcome = TrainError::from(error).outcome();
    assert!(matches!(outcome, Outcome::Failed { reason: FailureReason::OutOfMemory, .. }), "{outcome:?}");
    let panicked = std::panic::catch_unwind(|| panic!("index out of bounds")).unwrap_err();
    let outcome = fault::panicked(panicked.as_ref());
    assert!(matches!(outcome, Outcome::Failed { reason: FailureReason::Crashed, .. }), "{outcome:?}");
}

#[test]
fn whatever_is_wrong_with_the_input_is_an_outcome() {
    let outcome = |change: fn(&mut TrainWork)| {
        let mut work = work(1, Split::Search, json!({}));
        change(&mut work);
        run(&Work::Train(work), &Inputs::default(), &resources(), &Recorder::patient()).outcome
    };
    let invalid = |outcome: Outcome, hint: &str| match outcome {
        Outcome::Failed { reason: FailureReason::InvalidInput, detail } => assert!(detail.contains(hint), "{detail}"),
        other => panic!("not invalid input: {other:?}"),
    };
    invalid(outcome(|work| work.candidate["recipe"] = json!({"lr": -1, "speed": 3})), "/speed");
    invalid(outcome(|work| work.dataset = None), "names no data set");
    let unknown = outcome(|work| work.dataset = Some("letters".into()));
    assert!(matches!(&unknown, Outcome::Failed { detail, .. } if detail.contains("letters")), "{unknown:?}");
    let panics: fn(&Request<'_>) -> Result<Box<dyn Network>, TrainError> = |_| panic!("a fault of the program");
    let resources = Resources { build: panics, ..resources() };
    let work = Work::Train(work(1, Split::Search, json!({})));
    let crashed = run(&work, &Inputs::default(), &resources, &Recorder::patient()).outcome;
    assert!(matches!(crashed, Outcome::Failed { reason: FailureReason::Crashed, .. }), "{crashed:?}");
}
