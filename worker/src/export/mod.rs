//! What people take away: weights as safetensors with PyTorch's names, and a TorchScript file that runs by itself.

use crate::module::Module;
use crate::primitive::Pass;
use anyhow::{Context, Result};
use search::network::Shape;
use tch::{CModule, Tensor};

/// The shape of one example, batch axis first.
pub fn example_shape(input: Shape) -> Vec<i64> {
    std::iter::once(1).chain(input.dims().into_iter().map(|side| side as i64)).collect()
}

/// All parameters and buffers by name, in the safetensors format.
pub fn weights(module: &Module) -> Result<Vec<u8>> {
    let file = tempfile::Builder::new().suffix(".safetensors").tempfile()?;
    let tensors: Vec<(String, Tensor)> =
        module.tensors().into_iter().map(|(name, tensor)| (name, tensor.detach().contiguous())).collect();
    Tensor::write_safetensors(&tensors, file.path())?;
    Ok(std::fs::read(file.path())?)
}

/// The network in evaluation mode, traced with an example; any batch size runs.
pub fn torchscript(module: &Module, example: &Tensor) -> Result<Vec<u8>> {
    let file = tempfile::Builder::new().suffix(".pt").tempfile()?;
    let mut failure = None;
    let mut forward = |inputs: &[Tensor]| match module.forward(&inputs[0], &mut Pass::eval()) {
        Ok(outputs) => vec![outputs.logits],
        Err(error) => {
            failure = Some(error);
            vec![inputs[0].shallow_clone()]
        }
    };
    // A trace holds the weights themselves as constants, which must not ask for gradients until the file is written.
    let trainable =
        |yes: bool| module.parameters().into_iter().for_each(|(_, tensor)| drop(tensor.set_requires_grad(yes)));
    trainable(false);
    let saved = tch::no_grad(|| {
        CModule::create_by_tracing("nascent", "forward", &[example.shallow_clone()], &mut forward)?.save(file.path())
    });
    trainable(true);
    if let Some(error) = failure {
        return Err(error).context("tracing the network");
    }
    saved?;
    Ok(std::fs::read(file.path())?)
}
