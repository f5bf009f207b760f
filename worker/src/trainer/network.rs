//! What a training run needs of a network.

use super::TrainError;
use crate::recipe::Noise;
use search::network::Recipe;
use serde_json::Value;
use tch::{Device, Tensor};

/// How a forward pass is meant.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// Present in a training step: batch statistics, dropout and drop-path, auxiliary head.
    pub training: Option<Training<'a>>,
    /// Matrix work in bf16.
    pub bf16: bool,
}

/// What a training step adds to a pass.
#[derive(Clone, Copy)]
pub struct Training<'a> {
    /// Drop-path rate of this epoch; each branch drops its share of it.
    pub drop_path: f64,
    /// Where dropout and drop-path draw from.
    pub noise: &'a Noise,
}

/// What a forward pass gives.
pub struct Output {
    /// `[batch, classes]`, 32 bit.
    pub logits: Tensor,
    /// Logits of the auxiliary head; only in training.
    pub auxiliary: Option<Tensor>,
}

/// A network on its device. Parameters and buffers carry PyTorch's names.
pub trait Network {
    /// `images` `[batch, channels, height, width]`
    fn forward(&self, images: &Tensor, pass: &Pass<'_>) -> Output;

    /// Leaf tensors that are trained.
    fn parameters(&self) -> Vec<(String, Tensor)>;

    /// Running statistics and other tensors that belong to the network but are not trained.
    fn buffers(&self) -> Vec<(String, Tensor)>;

    /// Whether bf16 makes it faster on a device that has bf16.
    fn profits_from_bf16(&self) -> bool;

    /// The files that an export consists of (`weights`, `description`, `torchscript`), by name.
    fn export(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>>;
}
/// What a network is built for.
pub struct Request<'a> {
    /// The candidate's `network` member.
    pub description: &'a Value,
    pub recipe: &'a Recipe,
    /// `[channels, height, width]` of the data set's images, and its number of classes.
    pub shape: [usize; 3],
    pub classes: usize,
    /// Seeds the first weights.
    pub seed: u64,
    pub device: Device,
}

/// Makes a network from its description.
pub type Build = fn(&Request<'_>) -> Result<Box<dyn Network>, TrainError>;
