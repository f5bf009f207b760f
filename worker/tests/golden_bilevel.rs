//! Steps of the bilevel problem against the golden file (float64): first and second order, toy and search network.

mod support;

use search::network::Recipe;
use search::supernet::{Alternation, Architecture, Mixture, Order, SupernetPlan};
use serde_json::{Value, json};
use support::golden::{assert_close, golden, numbers};
use support::supernet::{DOUBLE, assert_all, images, plan, rows_of, set_alpha, space, values};
use tch::{Kind, TchError, Tensor, no_grad};
use worker::module::Build;
use worker::probe::fill_by_code;
use worker::recipe::FlatParameters;
use worker::recipe::augment::Batch;
use worker::supernet::bilevel::{Bilevel, Of, Side, Unrolling, logit_gradient, second_order};
use worker::supernet::hessian::largest_eigenvalue;
use worker::supernet::relaxation::Moment;
use worker::supernet::{Adam, At, Course, Search, open_graph, relaxation};

/// `L(w, a; s)` of the golden file.
struct Toy {
    w: Tensor,
    a: Tensor,
    s: [Tensor; 2],
}

fn toy_loss(w: &Tensor, a: &Tensor, s: &Tensor) -> Tensor {
    let square = (w - s * a).square() * 0.5;
    let sine = (w * a.flip([0])).sin() * 0.3;
    let product = w.get(0) * w.get(1) * (a.get(0) + s.get(0) * a.get(1)) * 0.1;
    (square + sine).sum(Kind::Double) + product
}

impl Bilevel for Toy {
    fn parts(&self) -> usize {
        1
    }

    fn loss(&self, side: Side, _: usize, of: Of) -> Result<Tensor, TchError> {
        let a = if of == Of::Weights { self.a.detach() } else { self.a.shallow_clone() };
        Ok(toy_loss(&self.w, &a, &self.s[usize::from(side == Side::Validation)]))
    }
}

fn pair(value: &Value) -> Tensor {
    Tensor::from_slice(&numbers(value))
}

/// The first two values of a flat tensor: parameters are padded.
fn two(flat: &Tensor) -> Vec<f64> {
    values(flat)[..2].to_vec()
}

#[test]
fn the_toy_problem_has_the_gradients_of_the_reference() {
    let Some(golden) = golden("darts.json") else { return };
    for case in golden["toy_bilevel"]["cases"].as_array().unwrap() {
        let w = pair(&case["w"]).set_requires_grad(true);
        let a = pair(&case["alpha"]).set_requires_grad(true);
        let toy = Toy { w: w.shallow_clone(), a: a.shallow_clone(), s: [pair(&case["s_train"]), pair(&case["s_val"])] };
        let parameters = FlatParameters::adopt(vec![("w".into(), w)], true);
        let velocity = parameters.weights().zeros_like();
        if !case["momentum_buffer"].is_null() {
            velocity.narrow(0, 0, 2).copy_(&pair(&case["momentum_buffer"]));
        }
        let eta = case["eta"].as_f64().unwrap();
        let unrolling = Unrolling { eta, momentum: 0.9, decay: 3e-4, velocity: &velocity };
        let mut adam = Adam::new(3e-4, [0.5, 0.999], 1e-3, &a).unwrap();
        let (first, _) = logit_gradient(&toy, Side::Validation, &a).unwrap();
        assert_all(&values(&first), &numbers(&case["first_order_gradient"]), 1e-9, "first order");
        for (step, after) in case["alpha_after_each_of_3_adam_steps"].as_array().unwrap().iter().enumerate() {
            let found = second_order(&toy, &parameters, &a, &unrolling).unwrap();
            if step == 0 {
                assert_all(&values(&found.direct), &numbers(&case["direct"]), 1e-9, "direct");
                assert_all(&values(&found.implicit), &numbers(&case["implicit"]), 1e-8, "implicit");
                let wanted = numbers(&case["second_order_gradient"]);
                assert_all(&values(&found.gradient), &wanted, 1e-9, "second order");
                assert_close(found.loss.double_value(&[]), case["L_val_at_w_prime"].as_f64().unwrap(), "loss");
                let radius = 0.01 / found.vector_norm.double_value(&[]);
                assert_close(radius, case["R"].as_f64().unwrap(), "R");
                assert_eq!(two(&parameters.weights()), numbers(&case["w"]), "the weights are restored exactly");
            }
            adam.step(&a, &found.gradient).unwrap();
            assert_all(&values(&a), &numbers(after), 1e-9, "alpha after a step");
        }
    }
}

#[test]
fn the_largest_eigenvalue_is_that_of_the_exact_hessian() {
    let Some(golden) = golden("darts.json") else { return };
    let cases = golden["hessian_toy"]["cases"].as_array().or(golden["robust_darts"]["hessian_toy"]["cases"].as_array());
    for case in cases.unwrap() {
        let (w, s) = (pair(&case["w"]), pair(&case["s"]));
        let a = pair(&case["alpha"]).set_requires_grad(true);
        let mut gradient = || {
            let more = a.pow_tensor_scalar(4).sum(Kind::Double) * 0.05 + a.get(0).square() * a.get(1) * 0.2;
            let loss = toy_loss(&w, &a, &s) + more;
            Ok(Tensor::run_backward(&[&loss], &[&a], false, false).pop().unwrap())
        };
        let value = largest_eigenvalue(&a, case["arch_weight_decay"].as_f64().unwrap(), &mut gradient).unwrap();
        let wanted = case["dominant_eigenvalue"].as_f64().unwrap();
        assert!((value - wanted).abs() < 2e-3 * wanted, "{value}, golden {wanted}");
        assert_eq!(values(&a), numbers(&case["alpha"]), "the logits are restored exactly");
    }
}

struct Fixture {
    search: Search,
    golden: Value,
}

impl Fixture {
    fn new(order: Order) -> Option<Fixture> {
        Fixture::build(order, DOUBLE)
    }

    fn build(order: Order, build: Build) -> Option<Fixture> {
        tch::set_num_threads(1);
        let golden = golden("darts.json")?["supernet_numeric"].take();
        let options = json!({"channels": golden["C"], "layers": golden["layers"], "classes": golden["classes"],
            "input": [3, golden["hw"], golden["hw"]], "auxiliary": false});
        let architecture = Architecture {
            mixture: Mixture::Softmax,
            lr: 3e-4,
            betas: [0.5, 0.999],
            weight_decay: 1e-3,
            order,
            warmup_epochs: 0,
            alternation: Alternation::ArchitectureFirst,
            deviation: 0.0,
            beta_decay: 0.0,
            controller: None,
        };
        let plan = SupernetPlan { architecture: Some(architecture), ..plan(true) };
        let recipe = json!({"optimizer": "sgd", "momentum": 0.9, "nesterov": false, "weight_decay": 3e-4,
            "decay_all": true, "clip_norm": 5.0});
        let graph = open_graph(&space("darts", &options), &plan).unwrap();
        let course = Course { plan, recipe: Recipe::read(&recipe).unwrap(), seed: 0, epochs: 50, bf16: false };
        let search = Search::new(graph, course, build).unwrap();
        // Into the weights where they lie: they are views of one flat tensor by now.
        no_grad(|| fill_by_code(&search.net.tensors(), search.net.graph())).unwrap();
        let phases = numbers(&golden["alpha_init_phases"]);
        set_alpha(&search.net, &search.logits, "normal", phases[0], 0.5);
        set_alpha(&search.net, &search.logits, "reduce", phases[1], 0.5);
        Some(Fixture { search, golden })
    }

    fn batch(&self, side: &str, iteration: u64) -> Batch {
        let seed = self.golden[format!("{side}_seed")].as_u64().unwrap() + 100 * iteration;
        let targets = numbers(&self.golden[format!("{side}_targets")]);
        let (batch, hw) = (self.golden["batch"].as_i64().unwrap(), self.golden["hw"].as_i64().unwrap());
        let labels = Tensor::from_slice(&targets).to_kind(Kind::Int64);
        let kind = self.search.logits.flat().kind();
        Batch { images: images(&[batch, 3, hw, hw], seed).to_kind(kind), labels, mixed: None }
    }

    fn at(&self) -> At {
        At { epoch: 0, step: 0, lr: self.golden["eta"].as_f64().unwrap() }
    }

    fn rows(&self, flat: &Tensor, group: &str) -> Vec<f64> {
        rows_of(&self.search.net, &self.search.logits, flat, group)
    }
}

#[test]
fn a_search_network_has_the_values_and_first_order_gradients_of_the_reference() {
    let Some(fixture) = Fixture::new(Order::First) else { return };
    let (search, golden) = (&fixture.search, &fixture.golden);
    let mut rng = search::randomness::Randomness::new(0).at(search::randomness::Purpose::Show, 0);
    let moment = Moment { epoch: 0, epochs: 1 };
    let mixing = relaxation::draw(&search.net, &search.logits, &Mixture::Softmax, moment, &mut rng).unwrap();
    let (train, val) = (fixture.batch("train", 0), fixture.batch("val", 0));
    let logits = search.predict(&val.images, &mixing, true).unwrap();
    assert_all(&values(&logits), &numbers(&golden["val_logits"]), 1e-9, "validation logits");
    let loss = |batch: &Batch| {
        let mut pass = worker::primitive::Pass::batch_statistics();
        let logits = search.net.forward(&batch.images, &mixing, &mut pass).unwrap();
        worker::recipe::loss(&logits, &batch.labels, 0.0, None)
    };
    assert_close(loss(&train).double_value(&[]), golden["train_loss"].as_f64().unwrap(), "training loss");
    let val_loss = loss(&val);
    assert_close(val_loss.double_value(&[]), golden["val_loss"].as_f64().unwrap(), "validation loss");
    val_loss.backward();
    let gradient = search.logits.flat().grad();
    for group in ["normal", "reduce"] {
        let wanted = numbers(&golden["first_order"][format!("d_alpha_{group}")]);
        assert_all(&fixture.rows(&gradient, group), &wanted, 1e-9, &format!("first order, {group}"));
    }
}

#[test]
fn in_32_bit_values_and_gradients_come_close() {
    let Some(mut fixture) = Fixture::build(Order::First, Build { kind: Kind::Float, ..DOUBLE }) else { return };
    let (train, val, at) = (fixture.batch("train", 0), fixture.batch("val", 0), fixture.at());
    let logits = fixture.search.logits.flat().copy();
    let losses = fixture.search.step(at, &train, &val).unwrap();
    assert_all(&values(&losses.validation.unwrap()), &numbers(&fixture.golden["val_loss"]), 2e-3, "validation loss");
    assert_all(&values(&losses.training), &numbers(&fixture.golden["train_loss"]), 2e-3, "training loss");
    no_grad(|| fixture.search.logits.flat().shallow_clone().copy_(&logits));
    // Adam's first step takes the sign: the gradient itself is compared before any step.
    let Some(fixture) = Fixture::build(Order::First, Build { kind: Kind::Float, ..DOUBLE }) else { return };
    let mut rng = search::randomness::Randomness::new(0).at(search::randomness::Purpose::Show, 0);
    let (net, moment) = (&fixture.search.net, Moment { epoch: 0, epochs: 1 });
    let mixing = relaxation::draw(net, &fixture.search.logits, &Mixture::Softmax, moment, &mut rng).unwrap();
    let y = net.forward(&val.images, &mixing, &mut worker::primitive::Pass::batch_statistics()).unwrap();
    worker::recipe::loss(&y, &val.labels, 0.0, None).backward();
    let gradient = fixture.search.logits.flat().grad();
    for group in ["normal", "reduce"] {
        let wanted = numbers(&fixture.golden["first_order"][format!("d_alpha_{group}")]);
        assert_all(&fixture.rows(&gradient, group), &wanted, 2e-3, group);
    }
}

#[test]
fn batches_in_parts_have_the_gradient_of_the_whole() {
    let w = Tensor::from_slice(&[0.5, -0.8]).set_requires_grad(true);
    let a = Tensor::from_slice(&[0.3, 0.9]).set_requires_grad(true);
    /// The toy loss as the sum of `parts` equal shares.
    struct Shares(Toy, usize);
    impl Bilevel for Shares {
        fn parts(&self) -> usize {
            self.1
        }

        fn loss(&self, side: Side, part: usize, of: Of) -> Result<Tensor, TchError> {
            Ok(self.0.loss(side, part, of)? / self.1 as f64)
        }
    }
    let s = || [Tensor::from_slice(&[1.0, 2.0]), Tensor::from_slice(&[-0.5, 1.5])];
    let toy = |parts| Shares(Toy { w: w.shallow_clone(), a: a.shallow_clone(), s: s() }, parts);
    let parameters = FlatParameters::adopt(vec![("w".into(), w.shallow_clone())], true);
    let velocity = parameters.weights().zeros_like();
    let unrolling = Unrolling { eta: 0.1, momentum: 0.9, decay: 3e-4, velocity: &velocity };
    let gradient = |parts| values(&second_order(&toy(parts), &parameters, &a, &unrolling).unwrap().gradient);
    assert_all(&gradient(4), &gradient(1), 1e-9, "second order");
}

#[test]
fn second_order_gradients_are_those_of_the_reference_before_and_after_a_step_of_the_weights() {
    let Some(mut fixture) = Fixture::new(Order::Second) else { return };
    let (train, val, at) = (fixture.batch("train", 0), fixture.batch("val", 0), fixture.at());
    let before = fixture.search.parameters.weights().copy();
    for (place, case) in [
        ("before", fixture.golden["second_order_no_momentum_buffer"].clone()),
        ("after", fixture.golden["after_one_weight_step"]["second_order"].clone()),
    ] {
        if place == "after" {
            let loss = fixture.search.weight_step(at, &train).unwrap();
            assert_close(loss.double_value(&[]), fixture.golden["train_loss"].as_f64().unwrap(), "training loss");
        }
        let found = fixture.search.second_order(at, Mixture::Softmax, [&train, &val]).unwrap();
        assert_close(found.loss.double_value(&[]), case["unrolled_val_loss"].as_f64().unwrap(), place);
        assert_close(found.vector_norm.double_value(&[]), case["vector_norm"].as_f64().unwrap(), place);
        for group in ["normal", "reduce"] {
            let wanted = numbers(&case[format!("final_{group}")]);
            assert_all(&fixture.rows(&found.gradient, group), &wanted, 1e-8, &format!("{place}, {group}"));
            if let Some(implicit) = case.get(format!("implicit_{group}")) {
                assert_all(&fixture.rows(&found.implicit, group), &numbers(implicit), 1e-7, "implicit");
            }
        }
        if place == "before" {
            assert_eq!(fixture.search.parameters.weights(), before, "the weights are restored exactly");
        }
    }
}

#[test]
fn three_iterations_of_the_search_follow_the_reference() {
    let Some(mut fixture) = Fixture::new(Order::Second) else { return };
    let start = fixture.rows(&fixture.search.logits.flat().copy(), "normal");
    let trace = fixture.golden["search_loop_3_iterations"]["trace"].clone();
    for (iteration, case) in trace.as_array().unwrap().iter().enumerate() {
        let (train, val) = (fixture.batch("train", iteration as u64), fixture.batch("val", iteration as u64));
        let losses = fixture.search.step(fixture.at(), &train, &val).unwrap();
        // Rounding is magnified by the finite difference and by Adam's division.
        assert_all(&values(&losses.training), &numbers(&case["train_loss"]), 1e-5, "training loss");
        let flat = fixture.search.logits.flat().copy();
        let (normal, reduce) = (fixture.rows(&flat, "normal"), fixture.rows(&flat, "reduce"));
        assert_all(&normal[..8], &numbers(&case["alpha_normal_row0"]), 1e-5, "first normal row");
        assert_all(&reduce[13 * 8..], &numbers(&case["alpha_reduce_row13"]), 1e-5, "last reduction row");
        let change: f64 = normal.iter().zip(&start).map(|(a, b)| (a - b).abs()).sum();
        assert_all(&[change], &numbers(&case["alpha_normal_sum_abs_change"]), 1e-4, "change");
        if iteration == 0 {
            let wanted = numbers(&fixture.golden["alpha_normal_after_adam_step_1"]);
            assert_all(&normal, &wanted, 1e-6, "after one step");
        }
    }
}
