//! Whether bf16 pays on a device: by what the hardware says, then by a measurement.

use search::network::{Convention, Graph, Layer, NodeId, Primitive};
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

/// Channels from which on a pointwise convolution is a matrix product that bf16 makes faster on a CPU.
const WIDE: usize = 128;

/// Whether most of a network's arithmetic is what bf16 makes faster. On a CPU these are convolutions over windows of all
/// channels and wide matrix products; depthwise and narrow pointwise convolutions are faster in this worker's own 32-bit
/// layers.
pub fn profits_from_bf16(graph: &Graph, device: Device) -> bool {
    if device != Device::Cpu {
        return true;
    }
    let flops = |(index, _): (usize, _)| graph.counts(NodeId(index), Convention::Plain).flops;
    let all: u64 = graph.nodes.iter().enumerate().map(flops).sum();
    let dense: u64 = graph.nodes.iter().enumerate().filter(|(_, node)| is_dense(&node.layer)).map(flops).sum();
    2 * dense >= all
}

fn is_dense(layer: &Layer) -> bool {
    match layer {
        Layer::Primitive { primitive: Primitive::Conv2d { kernel, groups, in_channels, .. } } => {
            *groups == 1 && (*kernel != [1, 1] || *in_channels >= WIDE)
        }
        Layer::Primitive { primitive } => {
            matches!(primitive, Primitive::Linear { .. } | Primitive::AttentionCore { .. })
        }
        Layer::Input | Layer::Choice { .. } | Layer::WidthChoice { .. } => false,
    }
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

#[cfg(test)]
mod tests {
    use super::profits_from_bf16;
    use search::network::{catalogue, lower};
    use search::randomness::{Purpose, Randomness};
    use search::space::Draw;
    use serde_json::json;
    use tch::Device;

    #[test]
    fn windows_over_all_channels_profit_and_depthwise_ones_do_not() {
        let profits = |name: &str, options: serde_json::Value, genotype: Option<serde_json::Value>| {
            let space = catalogue::build(name, options.as_object().unwrap()).unwrap();
            let genotype = match genotype {
                Some(flat) => space.read_genotype(&flat).unwrap(),
                None => space.sample(Draw::ByDecision, &mut Randomness::new(0).at(Purpose::Show, 0)),
            };
            let graph = lower(&space.materialise(&genotype).unwrap()["network"]).unwrap();
            profits_from_bf16(&graph, Device::Cpu)
        };
        assert!(!profits("darts", json!({"channels": 16, "layers": 8}), None));
        assert!(profits("nasbench201", json!({}), Some(json!([3, 3, 3, 3, 3, 3]))));
    }
}
