//! A child network as the trainer sees it: built from a candidate's description, checked against its data set.

use super::{Build, Module, ModuleError};
use crate::device;
use crate::export;
use crate::primitive;
use crate::trainer::{Network, Output, Pass, Request, TrainError};
use search::fault::Faults;
use search::network::{Graph, Shape, lower};
use serde_json::Value;
use tch::{Device, Kind, Tensor};

/// A built network, its description and its graph.
pub struct Child {
    module: Module,
    graph: Graph,
    description: Value,
    dropout: f64,
    device: Device,
}

/// Builds the network that a training run asks for.
pub fn build(request: &Request<'_>) -> Result<Box<dyn Network>, TrainError> {
    let graph = lower(request.description).map_err(TrainError::Infeasible)?;
    fits(&graph, request.shape, request.classes)?;
    let build = Build { device: request.device, kind: Kind::Float, seed: request.seed };
    Ok(Box::new(Child {
        module: Module::build(&graph, build)?,
        graph,
        description: request.description.clone(),
        dropout: request.recipe.dropout,
        device: request.device,
    }))
}

/// Refuses a graph that does not fit a data set's images `[channels, height, width]` and classes.
pub fn fits(graph: &Graph, [channels, height, width]: [usize; 3], images: usize) -> Result<(), TrainError> {
    let mut faults = Faults::default();
    if graph.input != Shape::image(channels, height, width) {
        let detail =
            format!("the network takes {}, the data set's images are {channels}×{height}×{width}", graph.input);
        faults.push("/network/input", detail);
    }
    let classes = graph.nodes[graph.output.0].shape.channels();
    if classes != images {
        faults.push("/network/classes", format!("the network has {classes} classes, the data set {images}"));
    }
    faults.or(()).map_err(TrainError::Infeasible)
}

impl Network for Child {
    fn forward(&self, images: &Tensor, pass: &Pass<'_>) -> Output {
        let mut inner = primitive::Pass {
            train: pass.training.is_some(),
            track: pass.training.is_some(),
            momentum: None,
            dropout: self.dropout,
            drop_path: pass.training.map_or(0.0, |training| training.drop_path),
            noise: pass.training.map(|training| training.noise),
            bf16: pass.bf16,
        };
        match self.module.forward(images, &mut inner) {
            Ok(outputs) => Output { logits: outputs.logits, auxiliary: outputs.auxiliary },
            // Caught at the edge of the unit of work, where libtorch's text tells lack of memory from other faults.
            Err(error) => panic!("{error}"),
        }
    }

    fn parameters(&self) -> Vec<(String, Tensor)> {
        self.module.parameters()
    }

    fn buffers(&self) -> Vec<(String, Tensor)> {
        self.module.buffers()
    }

    fn profits_from_bf16(&self) -> bool {
        device::profits_from_bf16(&self.graph, self.device)
    }

    fn export(&self) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
        let example = Tensor::zeros(export::example_shape(self.graph.input), (Kind::Float, self.device));
        Ok(vec![
            ("weights".to_owned(), export::weights(&self.module)?),
            ("description".to_owned(), serde_json::to_vec_pretty(&self.description)?),
            ("torchscript".to_owned(), export::torchscript(&self.module, &example)?),
        ])
    }
}

impl From<ModuleError> for TrainError {
    fn from(error: ModuleError) -> Self {
        match error {
            ModuleError::OpenDecision(_) => TrainError::Infeasible(Faults::one("/network", error.to_string())),
            ModuleError::Misfit(detail) => TrainError::Checkpoint(detail),
            ModuleError::Torch(error) => TrainError::Torch(error),
        }
    }
}
