//! `nascent-worker devices`: what this machine can train on.

use crate::device::{Bf16, bf16};
use clap::Args;
use serde_json::{Value, json};
use tch::Device;

/// Options of `devices`.
#[derive(Args, Debug)]
pub struct DevicesArgs {
    /// One JSON document instead of lines for people.
    #[arg(long)]
    json: bool,
}

/// Lists the devices.
pub fn run(args: &DevicesArgs) -> anyhow::Result<()> {
    let cuda = usize::try_from(tch::Cuda::device_count()).unwrap_or(0);
    let devices = std::iter::once(Device::Cpu).chain((0..cuda).map(Device::Cuda));
    let found = devices.map(|device| Ok((device, bf16(device)?))).collect::<anyhow::Result<Vec<_>>>()?;
    if args.json {
        let documents: Vec<Value> = found.iter().map(|(device, bf16)| document(*device, bf16)).collect();
        println!("{}", serde_json::to_string_pretty(&documents)?);
    } else {
        found.iter().for_each(|(device, bf16)| println!("{}", line(*device, bf16)));
    }
    Ok(())
}

fn name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_owned(),
    }
}

fn document(device: Device, bf16: &Bf16) -> Value {
    let speedup = match bf16 {
        Bf16::Absent => Value::Null,
        Bf16::Measured { speedup } => json!(speedup),
    };
    let threads = (device == Device::Cpu).then(tch::get_num_threads);
    json!({"device": name(device), "threads": threads, "bf16_speedup": speedup, "bf16": bf16.pays()})
}

fn line(device: Device, bf16: &Bf16) -> String {
    let threads = match device {
        Device::Cpu => format!(", {} threads", tch::get_num_threads()),
        _ => String::new(),
    };
    let precision = match bf16 {
        Bf16::Absent => "fp32 (no bf16 in hardware)".to_owned(),
        Bf16::Measured { speedup } if bf16.pays() => format!("bf16 (measured {speedup:.1}× as fast as fp32)"),
        Bf16::Measured { speedup } => format!("fp32 (bf16 measured {speedup:.1}× as fast)"),
    };
    format!("{}{threads}: trains in {precision}", name(device))
}
