//! Shared by the tests of this folder.
#![allow(dead_code, reason = "each test file uses its part")]

pub mod golden;
pub mod supernet;

use search::work::{CurvePoint, Directive};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;
use tch::Device;
use worker::dataset::Catalog;
use worker::trainer::{Resources, Supervisor};

/// A file of the shared folder beside the repository (`NASCENT_SHARED` names another); says so loudly when absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let root = std::env::var_os("NASCENT_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"), PathBuf::from);
    let found = root.join(path);
    if found.exists() {
        return Some(found);
    }
    println!("SKIPPED: {} is not there; set NASCENT_SHARED", found.display());
    None
}

/// The data sets that ship with the product, and real networks.
pub fn resources() -> Resources {
    Resources {
        device: Device::Cpu,
        device_name: "cpu, 1 thread".into(),
        build: worker::module::build,
        catalog: Catalog::open(vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../data")]),
        bf16: false,
        checkpoint_every: Duration::from_secs(3600),
    }
}

/// Keeps what it is told; gives `directive` once `share` of the work is done.
pub struct Recorder {
    pub points: Mutex<Vec<CurvePoint>>,
    pub checkpoints: Mutex<Vec<Vec<u8>>>,
    progress: Mutex<f64>,
    share: f64,
    directive: Directive,
}

impl Recorder {
    pub fn new(share: f64, directive: Directive) -> Recorder {
        let (points, checkpoints) = (Mutex::default(), Mutex::default());
        Recorder { points, checkpoints, progress: Mutex::default(), share, directive }
    }

    pub fn patient() -> Recorder {
        Recorder::new(2.0, Directive::Continue)
    }
}

impl Supervisor for Recorder {
    fn directive(&self) -> Directive {
        if *self.progress.lock().expect("no poisoned lock") >= self.share {
            self.directive
        } else {
            Directive::Continue
        }
    }

    fn progress(&self, share: f64) {
        *self.progress.lock().expect("no poisoned lock") = share;
    }

    fn points(&self, points: Vec<CurvePoint>) {
        self.points.lock().expect("no poisoned lock").extend(points);
    }

    fn checkpoint(&self, content: Vec<u8>) {
        self.checkpoints.lock().expect("no poisoned lock").push(content);
    }
}
