//! Training passes in 32 bit, where the bridge's kernels and joined layers do the work, beside the same passes in 64 bit,
//! where libtorch's operators do.

mod support;

use search::network::catalogue;
use serde_json::json;
use std::collections::BTreeMap;
use support::supernet::{images, plan, set_alpha, space};
use tch::{Device, Kind, Tensor};
use worker::module::{Build, Module};
use worker::primitive::Pass;
use worker::probe::{fill_by_code, network_graph};
use worker::recipe::loss;
use worker::supernet::{Logits, Supernet, open_graph, relaxation};

const DARTS: &str = r#"{"normal": [["sep_conv_3x3", 0], ["dil_conv_5x5", 1], ["sep_conv_5x5", 0], ["max_pool_3x3", 1],
    ["avg_pool_3x3", 1], ["skip_connect", 0], ["skip_connect", 0], ["dil_conv_3x3", 2]], "normal_concat": [2, 3, 4, 5],
    "reduce": [["max_pool_3x3", 0], ["sep_conv_5x5", 1], ["skip_connect", 2], ["dil_conv_3x3", 1],
    ["avg_pool_3x3", 0], ["skip_connect", 2], ["skip_connect", 2], ["sep_conv_3x3", 1]],
    "reduce_concat": [2, 3, 4, 5]}"#;

/// Loss, gradients and buffers of a pass, by name.
type Found = BTreeMap<String, Tensor>;

fn build(kind: Kind) -> Build {
    Build { device: Device::Cpu, kind, seed: 0 }
}

fn pixels(kind: Kind) -> (Tensor, Tensor) {
    (images(&[3, 3, 16, 16], 2).to_kind(kind), Tensor::from_slice(&[1i64, 3, 5]))
}

fn collect(loss: Tensor, parameters: Vec<(String, Tensor)>, buffers: Vec<(String, Tensor)>) -> Found {
    loss.backward();
    let gradients = parameters.into_iter().map(|(name, parameter)| (format!("gradient of {name}"), parameter.grad()));
    gradients.chain(buffers).chain([("loss".to_owned(), loss.detach())]).collect()
}

fn supernet(name: &str, zero: bool, kind: Kind) -> Found {
    let options = json!({"channels": 8, "input": [3, 16, 16]});
    let mut options = options.as_object().unwrap().clone();
    match name {
        "darts" => options.extend([("layers".to_owned(), json!(4)), ("auxiliary".to_owned(), json!(false))]),
        _ => options.extend([("cells".to_owned(), json!(1))]),
    }
    let plan = plan(zero);
    let graph = open_graph(&space(name, &json!(options)), &plan).unwrap();
    let net = Supernet::build(graph, &plan, build(kind)).unwrap();
    fill_by_code(&net.tensors(), net.graph()).unwrap();
    let mut rng = search::randomness::Randomness::new(0).at(search::randomness::Purpose::Show, 0);
    let logits = Logits::new(net.rows(), false, 0.0, &mut rng, Device::Cpu, kind).unwrap();
    set_alpha(&net, &logits, "", 0.3, 0.5);
    let moment = relaxation::Moment { epoch: 0, epochs: 1 };
    let mixing = relaxation::draw(&net, &logits, &search::supernet::Mixture::Softmax, moment, &mut rng).unwrap();
    let (images, labels) = pixels(kind);
    let outputs = net.forward(&images, &mixing, &mut Pass::plain_train()).unwrap();
    let mut parameters = net.parameters();
    parameters.push(("logits".to_owned(), logits.flat().shallow_clone()));
    collect(loss(&outputs, &labels, 0.0, None), parameters, net.buffers())
}

fn child(kind: Kind) -> Found {
    let options = json!({"channels": 8, "layers": 4, "input": [3, 16, 16], "auxiliary": false});
    let space = catalogue::build("darts", options.as_object().unwrap()).unwrap();
    let graph = network_graph(&space, DARTS).unwrap();
    let module = Module::build(&graph, build(kind)).unwrap();
    fill_by_code(&module.tensors(), &graph).unwrap();
    let (images, labels) = pixels(kind);
    let outputs = module.forward(&images, &mut Pass::plain_train()).unwrap();
    collect(loss(&outputs.logits, &labels, 0.0, None), module.parameters(), module.buffers())
}

fn agree(narrow: &Found, wide: &Found) {
    assert_eq!(narrow.keys().collect::<Vec<_>>(), wide.keys().collect::<Vec<_>>());
    for (name, value) in wide {
        let difference = (narrow[name].to_kind(Kind::Double) - value).norm().double_value(&[]);
        let scale = value.norm().double_value(&[]);
        assert!(difference <= 2e-3 * scale + 1e-4, "{name}: differs by {difference} of {scale}");
    }
}

#[test]
fn a_child_of_darts() {
    agree(&child(Kind::Float), &child(Kind::Double));
}

#[test]
fn the_supernet_of_darts() {
    agree(&supernet("darts", true, Kind::Float), &supernet("darts", true, Kind::Double));
}

#[test]
fn the_supernet_of_nasbench201() {
    agree(&supernet("nasbench201", false, Kind::Float), &supernet("nasbench201", false, Kind::Double));
}
