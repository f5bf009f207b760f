//! Latency of a trained network on this worker's device.

use super::{Network, Pass};
use std::time::Instant;
use tch::{Device, Kind, Tensor, no_grad};

const WARM_UPS: usize = 5;
const RUNS: usize = 30;

/// Median milliseconds of a forward pass of one image, `[channels, height, width]`.
pub fn latency_ms(network: &dyn Network, shape: [usize; 3], device: Device, bf16: bool) -> f64 {
    let [channels, height, width] = shape.map(|size| size as i64);
    let image = Tensor::zeros([1, channels, height, width], (Kind::Float, device));
    let pass = Pass { training: None, bf16 };
    let mut milliseconds: Vec<f64> = no_grad(|| {
        (0..WARM_UPS + RUNS)
            .map(|_| {
                let start = Instant::now();
                let _ = network.forward(&image, &pass);
                if let Device::Cuda(index) = device {
                    tch::Cuda::synchronize(index as i64);
                }
                start.elapsed().as_secs_f64() * 1e3
            })
            .skip(WARM_UPS)
            .collect()
    });
    milliseconds.sort_by(f64::total_cmp);
    milliseconds[milliseconds.len() / 2]
}
