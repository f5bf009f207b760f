//! Supernets with the weights, images and logits of the golden files.

use search::network::{Graph, Opening, catalogue};
use search::space::Space;
use search::supernet::{Derivation, Mixture, RowKind, SupernetPlan, Watch};
use serde_json::{Map, Value};
use tch::{Device, Kind, Tensor};
use worker::module::Build;
use worker::probe::{code, fill_by_code};
use worker::supernet::{Logits, Supernet, open_graph};

pub const DOUBLE: Build = Build { device: Device::Cpu, kind: Kind::Double, seed: 0 };

/// A plan that only opens the space.
pub fn plan(zero_operator: bool) -> SupernetPlan {
    SupernetPlan {
        opening: Opening::default(),
        zero_operator,
        edge_normalisation: false,
        recipe: Map::new(),
        weight_share: 0.5,
        mixture: Mixture::Softmax,
        architecture: None,
        cost: None,
        watch: Watch::default(),
        derivation: Derivation::Strongest,
        samples: 0,
        finalists: None,
        least_batch: None,
    }
}

/// A ready-made space.
pub fn space(name: &str, options: &Value) -> Space {
    catalogue::build(name, options.as_object().expect("options")).expect("a space")
}

/// The supernet of a space in 64 bit, weights by formula.
pub fn supernet(space: &Space, plan: &SupernetPlan) -> Supernet {
    of_graph(open_graph(space, plan).expect("an open graph"), plan)
}

pub fn of_graph(graph: Graph, plan: &SupernetPlan) -> Supernet {
    tch::set_num_threads(1);
    let net = Supernet::build(graph, plan, DOUBLE).expect("a supernet");
    fill_by_code(&net.tensors(), net.graph()).expect("weights");
    net
}

/// `inp(shape, seed)` of the golden files.
pub fn images(shape: &[i64], seed: u64) -> Tensor {
    let values: Vec<f64> =
        code(shape.iter().product::<i64>() as usize, seed).iter().map(|u| 2.0 * (2.0 * u - 1.0)).collect();
    Tensor::from_slice(&values).view(shape)
}

/// `alpha(E, O, phase, amp)`, row `e`.
pub fn alpha(e: usize, length: usize, phase: f64, amplitude: f64) -> Vec<f64> {
    (0..length).map(|o| amplitude * (1.7 * (e * length + o) as f64 + phase).sin()).collect()
}

/// The rows of operators in a group, in order.
pub fn operator_rows(net: &Supernet, group: &str) -> Vec<usize> {
    let operators =
        |row: &search::supernet::Row| !matches!(row.kind, RowKind::Edges { .. }) && row.group.contains(group);
    net.rows().0.iter().enumerate().filter(|(_, row)| operators(row)).map(|(index, _)| index).collect()
}

/// Logits of a supernet, zero.
pub fn logits(net: &Supernet, edge_normalisation: bool) -> Logits {
    let mut rng = search::randomness::Randomness::new(0).at(search::randomness::Purpose::Show, 0);
    Logits::new(net.rows(), edge_normalisation, 0.0, &mut rng, Device::Cpu, Kind::Double).expect("logits")
}

/// Sets the rows of operators of a group to `alpha(.., phase, amplitude)`.
pub fn set_alpha(net: &Supernet, logits: &Logits, group: &str, phase: f64, amplitude: f64) {
    for (e, row) in operator_rows(net, group).into_iter().enumerate() {
        logits.set(row, &alpha(e, net.rows().0[row].labels.len(), phase, amplitude)).expect("a row");
    }
}

/// Rows of a gradient (or of the logits) of the operators of a group, one after another.
pub fn rows_of(net: &Supernet, logits: &Logits, flat: &Tensor, group: &str) -> Vec<f64> {
    let by_row: std::collections::BTreeMap<usize, Vec<f64>> = logits.by_row(flat).expect("rows").into_iter().collect();
    operator_rows(net, group).into_iter().flat_map(|row| by_row[&row].clone()).collect()
}

/// Compares all numbers, relative to 1 + the golden one.
pub fn assert_all(computed: &[f64], wanted: &[f64], tolerance: f64, what: &str) {
    assert_eq!(computed.len(), wanted.len(), "{what}");
    for (index, (a, b)) in computed.iter().zip(wanted).enumerate() {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{what}: value {index} is {a}, golden {b}");
    }
}

/// The values of a tensor.
pub fn values(tensor: &Tensor) -> Vec<f64> {
    Vec::try_from(&tensor.detach().to_kind(Kind::Double).reshape(-1)).expect("values")
}
