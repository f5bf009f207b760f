//! Work of kind `measure`: the time of a forward pass of graphs on this worker's device.

use super::{Finished, Resources, Supervisor, TrainError};
use crate::module::{Build, Module, ModuleError};
use crate::primitive::Pass;
use search::fault::Faults;
use search::network::{Graph, Shape};
use search::work::{Directive, Latency, MeasureResult, MeasureWork, Outcome};
use std::collections::BTreeMap;
use std::time::Instant;
use tch::{Device, Kind, TchError, Tensor, no_grad};

/// Passes before those that are timed.
const WARM_UP: u32 = 10;

/// Measures every graph, one after another.
pub fn measure(work: &MeasureWork, resources: &Resources, supervisor: &dyn Supervisor) -> Result<Finished, TrainError> {
    let mut latencies = BTreeMap::new();
    for (signature, graph) in &work.graphs {
        if supervisor.directive() != Directive::Continue {
            return Ok(Finished::without_files(Outcome::Released));
        }
        let latency = latency(graph, work, resources).map_err(|error| match error {
            TrainError::Infeasible(faults) => {
                TrainError::Infeasible(Faults::one("", format!("graph `{signature}`: {faults}")))
            }
            other => other,
        })?;
        latencies.insert(signature.clone(), latency);
        supervisor.progress(latencies.len() as f64 / work.graphs.len() as f64);
    }
    let result = MeasureResult { device: resources.device_name.clone(), latencies };
    let result = Some(serde_json::to_value(result).map_err(|error| TrainError::Other(error.into()))?);
    Ok(Finished::without_files(Outcome::Done { metrics: BTreeMap::new(), artifacts: vec![], result }))
}

fn latency(graph: &Graph, work: &MeasureWork, resources: &Resources) -> Result<Latency, TrainError> {
    let device = resources.device;
    let module = Module::build(graph, Build { device, kind: Kind::Float, seed: 0 }).map_err(|error| match error {
        ModuleError::Torch(error) => TrainError::Torch(error),
        other => TrainError::Infeasible(Faults::one("", other.to_string())),
    })?;
    let input = input(graph.input, work.batch.max(1), device)?;
    let pass = || -> Result<f64, TchError> {
        let start = Instant::now();
        let _ = module.forward(&input, &mut Pass { bf16: resources.bf16, ..Pass::eval() })?;
        if let Device::Cuda(index) = device {
            tch::Cuda::synchronize(index as i64);
        }
        Ok(start.elapsed().as_secs_f64() * 1e6)
    };
    let runs = work.runs.max(1);
    let mut times: Vec<f64> = no_grad(|| {
        (0..WARM_UP).try_for_each(|_| pass().map(drop))?;
        (0..runs).map(|_| pass()).collect::<Result<_, _>>()
    })?;
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    let median_us =
        if times.len().is_multiple_of(2) { (times[middle - 1] + times[middle]) / 2.0 } else { times[middle] };
    Ok(Latency { median_us, mean_us: times.iter().sum::<f64>() / times.len() as f64, runs })
}

/// Any values will do; ids are 0.
fn input(shape: Shape, batch: u32, device: Device) -> Result<Tensor, TchError> {
    let mut size: Vec<i64> = shape.dims().into_iter().map(|side| side as i64).collect();
    size.insert(0, i64::from(batch));
    match shape {
        Shape::Ids { .. } => Tensor::f_zeros(size, (Kind::Int64, device)),
        _ => {
            let count = size.iter().product::<i64>();
            Tensor::f_arange(count, (Kind::Float, device))?.f_sin()?.f_view(size.as_slice())
        }
    }
}
