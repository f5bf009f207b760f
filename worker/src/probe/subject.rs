//! What is probed: the network of a genotype, or one operator.

use crate::module::ModuleError;
use search::fault::Faults;
use search::network::{Builder, Graph, Shape, Site, catalogue, lower};
use search::operator;
use search::space::{Genotype, Space};
use serde_json::{Map, Value};
use std::path::Path;
use tch::TchError;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum ProbeError {
    #[error("{0}")]
    Faults(#[from] Faults),
    #[error("{0}")]
    Operator(String),
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error(transparent)]
    Module(#[from] ModuleError),
    #[error(transparent)]
    Torch(#[from] TchError),
}

/// The space of a file (JSON or YAML), or a ready-made one with options.
pub fn read_space(space: &str, options: &Map<String, Value>) -> Result<Space, ProbeError> {
    if catalogue::find(space).is_none() && Path::new(space).exists() {
        let text =
            std::fs::read_to_string(space).map_err(|source| ProbeError::File { path: space.to_owned(), source })?;
        return Ok(Space::from_text(&text)?);
    }
    Ok(catalogue::build(space, options)?)
}

/// The graph of a genotype's network. `genotype` is JSON in any of the space's forms, or the space's own notation.
pub fn network_graph(space: &Space, genotype: &str) -> Result<Graph, ProbeError> {
    let candidate = space.materialise(&read_genotype(space, genotype)?)?;
    Ok(lower(candidate.get("network").unwrap_or(&Value::Null))?)
}

fn read_genotype(space: &Space, text: &str) -> Result<Genotype, Faults> {
    let ours = match serde_json::from_str::<Value>(text) {
        Ok(value) => space.read_genotype(&value),
        Err(error) => Err(Faults::one("", format!("the genotype is no JSON: {error}"))),
    };
    let notation = catalogue::find(space.name()).and_then(|entry| (entry.notation)());
    match (ours, notation) {
        (Err(faults), Some(notation)) => notation.read(space, text).map_err(|second| {
            let mut all = faults;
            all.0.extend(second.0);
            all
        }),
        (ours, _) => ours,
    }
}

/// The graph of one operator (`{"op": "conv", "kernel": 3}`) between an input and nothing else.
pub fn operator_graph(operator: &Value, input: Shape, site: &Site) -> Result<Graph, ProbeError> {
    let mut parameters =
        operator.as_object().cloned().ok_or_else(|| ProbeError::Operator("an operator is a JSON object".into()))?;
    let Some(Value::String(name)) = parameters.remove("op") else {
        return Err(ProbeError::Operator("the operator's name is missing: {\"op\": \"conv\"}".into()));
    };
    let operator = operator::read(&name, parameters).map_err(ProbeError::Operator)?;
    let (mut builder, x) = Builder::new(input);
    let y = operator.lower(x, site, &mut builder).map_err(|fault| ProbeError::Operator(fault.to_string()))?;
    Ok(builder.finish(y, None))
}
