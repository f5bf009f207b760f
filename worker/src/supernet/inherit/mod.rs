//! Weights of a child from those of a supernet that holds it.

mod alike;
mod matching;

use search::network::{Graph, Layer, Primitive};
use std::collections::BTreeMap;
use tch::{TchError, Tensor};

pub use matching::correspondence;

/// The supernet's tensors under the child's names, cut to the child's shapes (`wanted`): of open widths the leading
/// channels. What the supernet has not (norms' factors and offsets) is left out. `None` when the child is no network of
/// this supernet.
pub fn inherited(
    child: &Graph,
    open: &Graph,
    tensors: &BTreeMap<String, Tensor>,
    wanted: &BTreeMap<String, Vec<i64>>,
) -> Option<Result<BTreeMap<String, Tensor>, TchError>> {
    let pairs = correspondence(child, open)?;
    Some(collect(child, open, &pairs, tensors, wanted))
}

fn collect(
    child: &Graph,
    open: &Graph,
    pairs: &BTreeMap<usize, usize>,
    tensors: &BTreeMap<String, Tensor>,
    wanted: &BTreeMap<String, Vec<i64>>,
) -> Result<BTreeMap<String, Tensor>, TchError> {
    let mut inherited = BTreeMap::new();
    for (name, shape) in wanted {
        let Some((owner, part)) = name.rsplit_once('.') else { continue };
        let node = child.nodes.iter().position(|node| node.name == owner);
        let Some(other) = node.and_then(|node| pairs.get(&node)) else { continue };
        let Some(source) = tensors.get(&format!("{}.{part}", open.nodes[*other].name)) else { continue };
        if let Some(cut) = cut(source, shape)? {
            inherited.insert(name.clone(), cut);
        }
    }
    for (node, other) in pairs {
        shift_mean(child, open, (*node, *other), pairs, tensors, &mut inherited)?;
    }
    Ok(inherited)
}

/// The leading part of a tensor; `None` where it is too small.
fn cut(source: &Tensor, shape: &[i64]) -> Result<Option<Tensor>, TchError> {
    let size = source.size();
    if size.len() != shape.len() || size.iter().zip(shape).any(|(have, want)| have < want) {
        return Ok(None);
    }
    let mut cut = source.shallow_clone();
    for (axis, want) in shape.iter().enumerate() {
        cut = cut.f_narrow(axis as i64, 0, *want)?;
    }
    Ok(Some(cut))
}

/// Convolutions of search networks may have a bias that their children lack: the running mean behind contains it.
fn shift_mean(
    child: &Graph,
    open: &Graph,
    (node, other): (usize, usize),
    pairs: &BTreeMap<usize, usize>,
    tensors: &BTreeMap<String, Tensor>,
    inherited: &mut BTreeMap<String, Tensor>,
) -> Result<(), TchError> {
    if !matches!(child.nodes[node].layer, Layer::Primitive { primitive: Primitive::BatchNorm { .. } }) {
        return Ok(());
    }
    let (Some(before), Some(open_before)) = (child.nodes[node].inputs.first(), open.nodes[other].inputs.first()) else {
        return Ok(());
    };
    let biased = |graph: &Graph, node: usize| {
        matches!(graph.nodes[node].layer, Layer::Primitive { primitive: Primitive::Conv2d { bias: true, .. } })
    };
    if pairs.get(&before.0) != Some(&open_before.0) || biased(child, before.0) || !biased(open, open_before.0) {
        return Ok(());
    }
    let name = format!("{}.running_mean", child.nodes[node].name);
    let bias = tensors.get(&format!("{}.bias", open.nodes[open_before.0].name));
    if let (Some(mean), Some(bias)) = (inherited.get(&name), bias) {
        let shifted = mean.f_sub(&bias.f_narrow(0, 0, mean.size()[0])?)?;
        inherited.insert(name, shifted);
    }
    Ok(())
}
