//! A child that starts from the weights of a supernet.

use super::supernet::weights::SharedWeights;
use super::{Network, TrainError};
use crate::supernet::inherit::inherited;
use search::network::{Opening, lower, lower_open};
use search::space::{Space, Template};
use serde_json::Value;
use std::collections::BTreeMap;
use tch::no_grad;

/// Overwrites the network's tensors by those of the supernet's that belong to it; gives how many it has.
pub fn inherit(network: &dyn Network, description: &Value, content: &[u8]) -> Result<usize, TrainError> {
    let shared = SharedWeights::read(content)?;
    if shared.origin.opening != Opening::default() {
        let detail = "a supernet that works on a part of the channels hands no weights on";
        return Err(TrainError::Invalid(detail.into()));
    }
    let invalid = |detail: String| TrainError::Invalid(detail);
    let space = Space::parse(&shared.origin.space).map_err(|faults| invalid(faults.to_string()))?;
    let Template::Object(mut members) = space.template() else {
        return Err(invalid("the supernet's space has no network".into()));
    };
    let template = members.remove("network").unwrap_or(Template::Constant(Value::Null));
    let open = lower_open(&template, shared.origin.opening).map_err(|faults| invalid(faults.to_string()))?;
    let child = lower(description).map_err(TrainError::Infeasible)?;
    let own: BTreeMap<_, _> = network.parameters().into_iter().chain(network.buffers()).collect();
    let wanted = own.iter().map(|(name, tensor)| (name.clone(), tensor.size())).collect();
    let found = inherited(&child, &open, &shared.tensors, &wanted)
        .ok_or_else(|| invalid("the network is none of the supernet that it is to inherit from".into()))??;
    for (name, source) in &found {
        if let Some(tensor) = own.get(name) {
            no_grad(|| tensor.shallow_clone().f_copy_(source))?;
        }
    }
    Ok(found.len())
}
