//! Signs of collapse and what is done about them (section 8).

use super::images::{ArchitectureBatches, Images};
use super::state::{Position, State};
use crate::supernet::At;
use crate::trainer::TrainError;
use search::supernet::{EigenvalueTracker, Watch};
use tch::{Device, Tensor};

/// Factor on the weight decay when a search goes back, and the largest it gets (DARTS-ADA).
const DECAY_FACTOR: f64 = 10.0;
const LARGEST_DECAY: f64 = 0.03;
/// Epochs with an eigenvalue between the one that triggers and the one gone back to, and one more.
const SNAPSHOTS: usize = 8;

/// A state of an earlier epoch, on the host.
pub struct Snapshot {
    pub position: Position,
    pub tensors: Vec<(String, Tensor)>,
}

/// What becomes of a search after an epoch.
pub enum Verdict {
    GoOn,
    /// Stop, with the network recorded after this many epochs, and why.
    Stop {
        epochs: u32,
        why: String,
    },
    /// The search went back to an earlier state.
    WentBack,
}

/// The tracker of a watch, if it looks at eigenvalues.
pub fn tracker(watch: &Watch, epochs: u32) -> Option<EigenvalueTracker> {
    let growth = watch.eigenvalue_growth.unwrap_or(f64::INFINITY);
    (watch.eigenvalue_every > 0).then(|| EigenvalueTracker::new(watch.eigenvalue_every, epochs, growth))
}

/// The eigenvalue after the epoch that has just ended, if one is due.
pub fn eigenvalue(state: &State, images: &Images<'_>) -> Result<Option<f64>, TrainError> {
    let epoch = state.position.epoch - 1;
    let due = state.position.tracker.as_ref().is_some_and(|tracker| tracker.is_due(epoch));
    if !due || images.architecture.train.is_empty() {
        return Ok(None);
    }
    let batch = ArchitectureBatches::new(images).get(u64::from(epoch) * images.architecture_steps() as u64);
    let at = At { epoch, step: 0, lr: 0.0 };
    Ok(Some(state.search.eigenvalue(at, &batch)?))
}

/// Takes the eigenvalue and the number of skips of the epoch that has just ended in.
pub fn consider(
    watch: &Watch,
    state: &mut State,
    eigenvalue: Option<f64>,
    skips: usize,
) -> Result<Verdict, TrainError> {
    let epoch = state.position.epoch - 1;
    if watch.skip_cap.is_some_and(|cap| skips > cap as usize) {
        let why = format!("the network of epoch {} has {skips} skip connections in a kind of cell", epoch + 1);
        return Ok(Verdict::Stop { epochs: epoch, why });
    }
    let Some(value) = eigenvalue else { return Ok(Verdict::GoOn) };
    let trigger = state.position.tracker.as_mut().and_then(|tracker| tracker.observe(epoch, value));
    if watch.adapt {
        keep_snapshot(state)?;
    }
    let Some(trigger) = trigger else { return Ok(Verdict::GoOn) };
    if watch.adapt {
        return if go_back(state, trigger.stop_epoch)? { Ok(Verdict::WentBack) } else { Ok(Verdict::GoOn) };
    }
    let why = format!(
        "the largest eigenvalue of the validation loss grew by a factor of {:.2} within the epochs after {}",
        trigger.growth,
        trigger.stop_epoch + 1
    );
    Ok(Verdict::Stop { epochs: trigger.stop_epoch + 1, why })
}

fn keep_snapshot(state: &mut State) -> Result<(), TrainError> {
    let copy = |(name, tensor): (String, Tensor)| -> Result<_, TrainError> {
        Ok((name, tensor.f_detach_copy()?.f_to_device(Device::Cpu)?))
    };
    let tensors = state.tensors().into_iter().map(copy).collect::<Result<_, _>>()?;
    let position = Position { snapshots: vec![], ..state.noted() };
    state.snapshots.push(Snapshot { position, tensors });
    if state.snapshots.len() > SNAPSHOTS {
        state.snapshots.remove(0);
    }
    Ok(())
}

/// Restores the state after `stop_epoch` (counted from 0), with a larger weight decay; false once that is at its largest.
fn go_back(state: &mut State, stop_epoch: u32) -> Result<bool, TrainError> {
    let decay = state.search.course().recipe.weight_decay;
    let place = state.snapshots.iter().position(|snapshot| snapshot.position.epoch == stop_epoch + 1);
    let Some(place) = place.filter(|_| decay < LARGEST_DECAY) else { return Ok(false) };
    let mut kept = std::mem::take(&mut state.snapshots);
    kept.truncate(place + 1);
    state.go_back(&kept[place])?;
    state.snapshots = kept;
    // Products of decimal factors fall short of the largest by rounding.
    let raised = if decay * DECAY_FACTOR > 0.99 * LARGEST_DECAY { LARGEST_DECAY } else { decay * DECAY_FACTOR };
    state.search.set_weight_decay(raised);
    state.position.weight_decay = raised;
    tracing::info!(epoch = stop_epoch + 1, weight_decay = raised, "the search goes back with a larger weight decay");
    Ok(true)
}
