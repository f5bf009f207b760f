//! `nascent-worker bench`: seconds of a whole training step of a child network, or of a search step of a supernet. The
//! same steps in plain PyTorch are in `bench/`; the losses must agree.

mod child;
mod supernet;

use crate::device::DeviceChoice;
use crate::probe::code;
use child::ChildNet;
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use std::time::Instant;
use supernet::Method;
use tch::{Device, Tensor};

/// Options of `bench`.
#[derive(Args, Debug)]
pub struct BenchArgs {
    #[arg(long, value_enum)]
    net: Net,
    #[arg(long, value_enum, default_value = "fp32")]
    precision: Precision,
    /// Images in a step.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=65536))]
    batch: u32,
    /// Steps that are timed; the median counts.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Steps before that.
    #[arg(long, default_value_t = 2)]
    warm_up: u32,
    /// CPU threads; by default libtorch's choice.
    #[arg(long)]
    threads: Option<u32>,
    /// `auto`, `cpu`, `cuda` or `cuda:N`.
    #[arg(long, default_value = "cpu")]
    device: DeviceChoice,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Net {
    /// DARTS_V2 with 16 channels and 8 cells.
    Darts,
    /// The best cell with 16 channels and 5 cells in a stage.
    Nasbench201,
    /// The supernet of DARTS with 16 channels and 8 cells, first order.
    SupernetDartsFirst,
    /// The same, second order.
    SupernetDartsSecond,
    /// The supernet of NAS-Bench-201 with 16 channels and 5 cells in a stage, searched as by GDAS.
    SupernetGdas,
    /// The same as by DARTS, first order.
    SupernetNasbench201,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Precision {
    Fp32,
    Bf16,
}

/// What is timed.
trait Timed {
    /// One step; its losses stay on the device.
    fn step(&mut self) -> anyhow::Result<Vec<(&'static str, Tensor)>>;

    /// What another implementation needs to take the same steps, beyond the formulas.
    fn particulars(&self) -> anyhow::Result<Map<String, Value>> {
        Ok(Map::new())
    }
}

fn subject(args: &BenchArgs, device: Device) -> anyhow::Result<Box<dyn Timed>> {
    let (batch, bf16) = (i64::from(args.batch), args.precision == Precision::Bf16);
    let search = |method| -> anyhow::Result<Box<dyn Timed>> {
        Ok(Box::new(supernet::SearchBench::new(method, batch, bf16, device)?))
    };
    match args.net {
        Net::Darts => Ok(Box::new(child::ChildBench::new(ChildNet::Darts, batch, bf16, device)?)),
        Net::Nasbench201 => Ok(Box::new(child::ChildBench::new(ChildNet::Nasbench201, batch, bf16, device)?)),
        Net::SupernetDartsFirst => search(Method::DartsFirst),
        Net::SupernetDartsSecond => search(Method::DartsSecond),
        Net::SupernetGdas => search(Method::Gdas),
        Net::SupernetNasbench201 => search(Method::NasBench201),
    }
}

/// Prints one line of JSON.
pub fn run(args: &BenchArgs) -> anyhow::Result<()> {
    if let Some(threads) = args.threads {
        tch::set_num_threads(threads as i32);
    }
    let device = args.device.resolve()?;
    let mut subject = subject(args, device)?;
    let mut seconds = Vec::new();
    let mut losses = Map::new();
    for step in 0..args.warm_up + args.steps {
        let start = Instant::now();
        let found = subject.step()?;
        if let Device::Cuda(index) = device {
            tch::Cuda::synchronize(index as i64);
        }
        if step >= args.warm_up {
            seconds.push(start.elapsed().as_secs_f64());
        }
        for (name, loss) in found {
            let of_steps = losses.entry(name).or_insert_with(|| json!([]));
            of_steps.as_array_mut().into_iter().for_each(|all| all.push(json!(loss.double_value(&[]))));
        }
    }
    seconds.sort_by(f64::total_cmp);
    let median = (seconds[(seconds.len() - 1) / 2] + seconds[seconds.len() / 2]) / 2.0;
    let name = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
    let mut report = json!({
        "net": name(args.net.to_possible_value()),
        "precision": name(args.precision.to_possible_value()),
        "batch": args.batch,
        "seconds_per_step": median,
        "images_per_second": f64::from(args.batch) / median,
        "losses": losses,
    });
    if let Some(members) = report.as_object_mut() {
        members.extend(subject.particulars()?);
    }
    println!("{report}");
    Ok(())
}

/// Images and labels by formula: pixels between -2 and 2, labels `(factor i + offset) mod 10`.
fn batch(images: i64, seed: u64, [factor, offset]: [i64; 2], device: Device) -> anyhow::Result<(Tensor, Tensor)> {
    let count = images as usize * 3 * 32 * 32;
    let values: Vec<f32> = code(count, seed).iter().map(|u| (2.0 * (2.0 * u - 1.0)) as f32).collect();
    let pixels = Tensor::f_from_slice(&values)?.f_view([images, 3, 32, 32])?.f_to_device(device)?;
    let labels: Vec<i64> = (0..images).map(|i| (factor * i + offset) % 10).collect();
    Ok((pixels, Tensor::f_from_slice(&labels)?.f_to_device(device)?))
}

fn options(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}
