//! Checkpoints: one safetensors file with all tensors of a run, and where the run stood, as JSON in its header.
//! Random numbers are addressed by (seed, epoch, step), so the position is all there is to save of them.

use super::TrainError;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use tch::{Device, Kind, Tensor};

/// Where a run stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Epochs that are over.
    pub epoch: u32,
    /// Steps of the present epoch that are over.
    pub step: usize,
    pub optimizer_steps: u64,
    /// Seconds spent in training, evaluation not counted, over all attempts.
    pub train_seconds: f64,
    /// Seconds spent in the present epoch.
    pub epoch_seconds: f64,
    /// Metrics of the last epoch that is over.
    pub metrics: BTreeMap<String, f64>,
}

/// What a checkpoint holds; `P` is where its kind of run stands.
pub struct Checkpoint<P = Position> {
    pub tensors: BTreeMap<String, Tensor>,
    pub position: P,
    pub layout: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Header<P> {
    version: u32,
    position: P,
    layout: Vec<String>,
}

const KEY: &str = "nascent";
const VERSION: u32 = 1;

impl<P: Serialize + DeserializeOwned> Checkpoint<P> {
    pub fn write(tensors: &[(String, Tensor)], position: &P, layout: &[String]) -> Result<Vec<u8>, TrainError> {
        let failed = |error: String| TrainError::Other(anyhow::anyhow!("writing a checkpoint: {error}"));
        let mut parts = Vec::with_capacity(tensors.len());
        for (name, tensor) in tensors {
            let dtype =
                dtype(tensor.kind()).ok_or_else(|| failed(format!("`{name}` is of kind {:?}", tensor.kind())))?;
            let host = tensor.detach().to_device(Device::Cpu).contiguous();
            let mut bytes = vec![0u8; host.numel() * host.kind().elt_size_in_bytes()];
            host.f_copy_data_u8(&mut bytes, host.numel())?;
            let shape = tensor.size().iter().map(|&size| size as usize).collect();
            parts.push((name.clone(), dtype, shape, bytes));
        }
        let mut views = Vec::with_capacity(parts.len());
        for (name, dtype, shape, bytes) in &parts {
            let shape: &Vec<usize> = shape;
            views.push((name, TensorView::new(*dtype, shape.clone(), bytes).map_err(|e| failed(e.to_string()))?));
        }
        let header = Header { version: VERSION, position, layout: layout.to_vec() };
        let header = serde_json::to_string(&header).map_err(|error| failed(error.to_string()))?;
        safetensors::serialize(views, Some(HashMap::from([(KEY.to_string(), header)])))
            .map_err(|error| failed(error.to_string()))
    }

    pub fn read(content: &[u8]) -> Result<Checkpoint<P>, TrainError> {
        let broken = |error: &dyn std::fmt::Display| TrainError::Checkpoint(error.to_string());
        let (_, metadata) = SafeTensors::read_metadata(content).map_err(|error| broken(&error))?;
        let header = metadata.metadata().as_ref().and_then(|map| map.get(KEY));
        let header = header.ok_or_else(|| broken(&"it is not one of a training run"))?;
        let header: Header<P> = serde_json::from_str(header).map_err(|error| broken(&error))?;
        if header.version != VERSION {
            return Err(broken(&format!("its version is {}, this worker writes {VERSION}", header.version)));
        }
        let file = SafeTensors::deserialize(content).map_err(|error| broken(&error))?;
        let mut tensors = BTreeMap::new();
        for (name, view) in file.tensors() {
            let kind = kind(view.dtype()).ok_or_else(|| broken(&format!("`{name}` is of kind {:?}", view.dtype())))?;
            let shape: Vec<i64> = view.shape().iter().map(|&size| size as i64).collect();
            tensors.insert(name, Tensor::f_from_data_size(view.data(), &shape, kind)?);
        }
        Ok(Checkpoint { tensors, position: header.position, layout: header.layout })
    }
}

fn dtype(kind: Kind) -> Option<Dtype> {
    match kind {
        Kind::Float => Some(Dtype::F32),
        Kind::Double => Some(Dtype::F64),
        Kind::Int64 => Some(Dtype::I64),
        _ => None,
    }
}

fn kind(dtype: Dtype) -> Option<Kind> {
    match dtype {
        Dtype::F32 => Some(Kind::Float),
        Dtype::F64 => Some(Kind::Double),
        Dtype::I64 => Some(Kind::Int64),
        _ => None,
    }
}
