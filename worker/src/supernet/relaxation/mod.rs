//! Relaxations: from a matrix of logits `[rows, labels]` to weights of the candidates, one file each.

pub mod gumbel;
pub mod hard_gumbel;
pub mod max_w;
pub mod path;
pub mod softmax;

use super::{Logits, Mixing, Supernet};
use search::randomness::Rng;
use search::supernet::Mixture;
use tch::{TchError, Tensor, no_grad};

/// What a relaxation makes of a matrix of logits.
pub enum Relaxed {
    /// All candidates are computed; weights `[rows, labels]`.
    All(Tensor),
    /// Of every row one candidate is computed, times its weight. With `unsampled` the weights of the others are added as
    /// scalars, so that they get gradient.
    Hard { weights: Tensor, chosen: Vec<usize>, unsampled: bool },
}

/// When a pass is made: what temperatures depend on.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// Counted from 0.
    pub epoch: u32,
    pub epochs: u32,
}

/// Draws the weights of one pass, once per decision. `Controller` has no weights of its own: its paths come from
/// [`Mixing::path`]. Softmax, max-W and gumbel never wait for the device; hard gumbel and sampled paths read the logits
/// back, because what is computed depends on them.
pub fn draw(
    net: &Supernet,
    logits: &Logits,
    mixture: &Mixture,
    moment: Moment,
    rng: &mut Rng,
) -> Result<Mixing, TchError> {
    let temperature = |t: &search::supernet::Temperature| t.at(moment.epoch, moment.epochs);
    match mixture {
        Mixture::Softmax => Mixing::relaxed(net, logits, &mut |a| Ok(Relaxed::All(softmax::weights(a)?))),
        Mixture::MaxW { detach_max } => {
            Mixing::relaxed(net, logits, &mut |a| Ok(Relaxed::All(max_w::weights(a, *detach_max)?)))
        }
        Mixture::Gumbel { temperature: t } => Mixing::relaxed(net, logits, &mut |a| {
            Ok(Relaxed::All(gumbel::weights(a, &gumbel::noise(a, rng)?, temperature(t))?))
        }),
        Mixture::HardGumbel { temperature: t, unsampled } => Mixing::relaxed(net, logits, &mut |a| {
            hard_gumbel::weights(a, &gumbel::noise(a, rng)?, temperature(t), *unsampled)
        }),
        Mixture::UniformPath { per_node: true } => Ok(path::per_node(net, rng)),
        Mixture::UniformPath { per_node: false } => Ok(Mixing::path(net, &path::uniform(net, rng))),
        Mixture::SampledPath => Ok(Mixing::path(net, &path::sampled(net, logits, rng)?)),
        Mixture::Controller => Err(TchError::Kind("paths of a controller are drawn by it".into())),
    }
}

/// The same, without gradient to the logits: for steps of the weights.
pub fn draw_without_gradient(
    net: &Supernet,
    logits: &Logits,
    mixture: &Mixture,
    moment: Moment,
    rng: &mut Rng,
) -> Result<Mixing, TchError> {
    no_grad(|| draw(net, logits, mixture, moment, rng))
}
