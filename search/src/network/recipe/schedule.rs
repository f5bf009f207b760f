//! The learning rate over the epochs.

use super::reader::Reader;
use std::f64::consts::PI;

/// The course after the warm-up; `t` counts whole epochs from the end of the warm-up, `n` is how many there are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Curve {
    Constant,
    /// `min + (lr - min) (1 + cos(pi t / n)) / 2` (Loshchilov and Hutter 2017, eq. 5).
    Cosine {
        min_lr: f64,
    },
    /// `lr * gamma^floor(t / step_epochs)`
    Step {
        gamma: f64,
        step_epochs: usize,
    },
    /// `lr * gamma^t`
    Exponential {
        gamma: f64,
    },
    /// Cosine power annealing (Hundt et al. 2019, section 3.3): `power^(c + 1)` for the half cosine c, scaled to reach
    /// from `lr` to `min_lr`. Its warm-up goes by whole epochs and begins above 0.
    CosinePower {
        min_lr: f64,
        power: f64,
    },
}

/// `lr`, `schedule` (cosine, constant, step, exponential, cosine_power), `min_lr`, `gamma`, `step_epochs`, `power`,
/// `warmup_epochs`, `warmup_lr`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    /// The rate after the warm-up.
    pub lr: f64,
    pub curve: Curve,
    /// Epochs in which the rate grows linearly, step by step, from `warmup_lr`. Default 0.
    pub warmup_epochs: f64,
    pub warmup_lr: f64,
}

impl Schedule {
    pub(super) fn read(reader: &mut Reader<'_>, default_lr: f64) -> Schedule {
        let lr = reader.number("lr", default_lr, 0.0, 100.0);
        let name = reader.name("schedule", &["cosine", "constant", "step", "exponential", "cosine_power"]);
        let min_lr = reader.number("min_lr", 0.0, 0.0, 100.0);
        let gamma = reader.number("gamma", if name == "step" { 0.1 } else { 0.97 }, 0.0, 1.0);
        let step_epochs = reader.whole("step_epochs", 30, 1, 1_000_000);
        let power = reader.number("power", 2.0, 1.0, 100.0);
        let curve = match name {
            "constant" => Curve::Constant,
            "step" => Curve::Step { gamma, step_epochs },
            "exponential" => Curve::Exponential { gamma },
            "cosine_power" => Curve::CosinePower { min_lr, power },
            _ => Curve::Cosine { min_lr },
        };
        let warmup_epochs = reader.number("warmup_epochs", 0.0, 0.0, 1e6);
        Schedule { lr, curve, warmup_epochs, warmup_lr: reader.number("warmup_lr", 0.0, 0.0, 100.0) }
    }

    /// The rate of a step. `epoch` counts from 0, `done` is the share of it that is over, `epochs` the whole run's
    /// length. After the warm-up the rate changes from epoch to epoch, over the epochs that are left.
    pub fn lr_at(&self, epoch: u32, done: f64, epochs: u32) -> f64 {
        if let Curve::CosinePower { min_lr, power } = self.curve {
            let share = cosine_power(epoch, epochs, self.warmup_epochs.round(), power);
            return min_lr + (self.lr - min_lr) * share;
        }
        let position = f64::from(epoch) + done;
        if position < self.warmup_epochs {
            return self.warmup_lr + (self.lr - self.warmup_lr) * position / self.warmup_epochs;
        }
        let t = (f64::from(epoch) - self.warmup_epochs).max(0.0);
        let n = (f64::from(epochs) - self.warmup_epochs).max(1.0);
        match self.curve {
            Curve::Constant => self.lr,
            Curve::Cosine { min_lr } => min_lr + (self.lr - min_lr) * (1.0 + (PI * t / n).cos()) / 2.0,
            Curve::Step { gamma, step_epochs } => self.lr * gamma.powf((t / step_epochs as f64).floor()),
            Curve::Exponential { gamma } => self.lr * gamma.powf(t),
            Curve::CosinePower { min_lr, .. } => min_lr,
        }
    }
}

/// Share of the way from the least to the greatest rate. The curve is scaled by the values that it takes in whole epochs
/// (the first without a warm-up is 1, the last 0); the warm-up covers its epochs and one more.
fn cosine_power(epoch: u32, epochs: u32, warmup: f64, power: f64) -> f64 {
    let t = f64::from(epoch) + 1.0;
    if warmup > 0.0 && t <= warmup + 1.0 {
        return t / (warmup + 1.0);
    }
    let n = (f64::from(epochs) - warmup).max(1.0);
    let value = |t: f64| {
        let cosine = (1.0 + (PI * (t - warmup) / n).cos()) / 2.0;
        if power == 1.0 { cosine } else { power.powf(cosine + 1.0) }
    };
    let (least, most) = (value(warmup + n), value(warmup.max(1.0)));
    if most > least { (value(t) - least) / (most - least) } else { 1.0 }
}
