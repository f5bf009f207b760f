//! Whether bf16 pays on a device: by what the hardware says, then by a measurement.

use std::time::Instant;
use tch::{Device, Kind, TchError, Tensor};

/// What is known of bf16 on a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bf16 {
    /// The hardware has no instructions for it; libtorch would emulate it.
    Absent,
    /// It has; a convolution runs this many times as fast as in fp32.
    Measured { speedup: f64 },
}

impl Bf16 {
    /// Whether trainings should use it when a recipe leaves the choice.
    pub fn pays(&self) -> bool {
        matches!(self, Bf16::Measured { speedup } if *speedup >= 1.2)
    }
}

/// Looks at the device; where it has bf16, times a convolution in both formats (some tens of milliseconds).
pub fn bf16(device: Device) -> Result<Bf16, TchError> {
    if !has_instructions(device) {
        return Ok(Bf16::Absent);
    }
    let x = Tensor::f_ones([32, 64, 32, 32], (Kind::Float, device))?;
    let weight = Tensor::f_ones([64, 64, 3, 3], (Kind::Float, device))?;
    let single = seconds(&x, &weight, device)?;
    let half = seconds(&x.f_to_kind(Kind::BFloat16)?, &weight.f_to_kind(Kind::BFloat16)?, device)?;
    Ok(Bf16::Measured { speedup: single / half })
}

/// Best of some forward passes.
fn seconds(x: &Tensor, weight: &Tensor, device: Device) -> Result<f64, TchError> {
    let (x, weight) = (crate::primitive::channels_last(x)?, crate::primitive::channels_last(weight)?);
    let mut best = f64::INFINITY;
    for _ in 0..6 {
        let start = Instant::now();
        let _result = x.f_conv2d(&weight, None::<&Tensor>, [1, 1], [1, 1], [1, 1], 1)?;
        if let Device::Cuda(index) = device {
            tch::Cuda::synchronize(index as i64);
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    Ok(best)
}

/// CUDA devices are left to the measurement; CPUs need AVX-512 BF16 or AMX.
fn has_instructions(device: Device) -> bool {
    match device {
        Device::Cuda(_) => true,
        Device::Cpu => {
            let flags = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
            flags.contains("avx512_bf16") || flags.contains("amx_bf16")
        }
        _ => false,
    }
}
