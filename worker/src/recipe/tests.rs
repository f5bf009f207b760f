//! Each piece against the golden values of the DARTS family, or against the formula that it follows.

use super::augment::{EpochPlan, Normalizer, blanked};
use super::*;
use crate::dataset::View;
use search::dataset::Normalization;
use search::network::Recipe;
use serde_json::{Value, json};
use tch::{Device, Kind, Tensor};

fn golden(name: &str) -> Option<Value> {
    let shared = std::env::var_os("NASCENT_SHARED").map_or_else(
        || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        std::path::PathBuf::from,
    );
    let path = shared.join("golden").join(name);
    match std::fs::read(&path) {
        Ok(text) => Some(serde_json::from_slice(&text).unwrap()),
        Err(_) => {
            println!("SKIPPED: {} is not there", path.display());
            None
        }
    }
}

fn recipe(document: Value) -> Recipe {
    Recipe::read(&document).unwrap()
}

fn near(a: f64, b: f64, tolerance: f64) {
    assert!((a - b).abs() <= tolerance, "{a} is not {b}");
}

#[test]
fn cosine_and_drop_path_follow_the_golden_schedules() {
    let Some(golden) = golden("darts.json") else { return };
    for part in ["search", "eval"] {
        let case = &golden["cosine_lr"][part];
        let epochs = case["epochs"].as_u64().unwrap() as u32;
        let schedule = recipe(json!({"lr": case["max"], "min_lr": case["min"]})).schedule;
        for (epoch, lr) in case["lr_at_epoch"].as_object().unwrap() {
            near(schedule.lr_at(epoch.parse().unwrap(), 0.5, epochs), lr.as_f64().unwrap(), 1e-12);
        }
    }
    let case = &golden["drop_path_schedule"];
    let recipe = recipe(json!({"drop_path": case["p_max"]}));
    for (epoch, rate) in case["at"].as_object().unwrap() {
        near(recipe.drop_path_at(epoch.parse().unwrap(), 600), rate.as_f64().unwrap(), 1e-12);
    }
}

/// The golden files' formula for inputs.
fn formula(count: i64, seed: i64) -> Tensor {
    let unit = |k: i64| {
        (((1103 * k * k) % 10007 + ((7919 + 74 * seed) % 10007) * k + 131 * seed + 17) % 10007) as f64 / 10007.0
    };
    Tensor::from_slice(&(0..count).map(|k| 2.0 * (2.0 * unit(k) - 1.0)).collect::<Vec<f64>>())
}

#[test]
fn label_smoothing_follows_the_golden_losses() {
    let Some(golden) = golden("darts.json") else { return };
    for case in golden["label_smooth"].as_array().unwrap() {
        let classes = case["classes"].as_i64().unwrap();
        let logits = formula(3 * classes, 0).view([3, classes]) * 2.0;
        let targets: Vec<i64> = serde_json::from_value(case["targets"].clone()).unwrap();
        let value = loss(&logits, &Tensor::from_slice(&targets), case["eps"].as_f64().unwrap(), None);
        near(value.double_value(&[]), case["loss"].as_f64().unwrap(), 1e-9);
    }
}

#[test]
fn cutout_blanks_the_golden_boxes() {
    let Some(golden) = golden("darts.json") else { return };
    for case in golden["cutout_boxes_half_open"].as_array().unwrap() {
        let number = |name: &str| case[name].as_i64().unwrap();
        let (height, width, length) = (number("h"), number("w"), number("length"));
        let rows = blanked(number("center_y"), length, height);
        let columns = blanked(number("center_x"), length, width);
        assert_eq!(json!([rows, columns]), json!([case["zero_rows"], case["zero_cols"]]));
        let ones = Tensor::ones([1, 2, height, width], (Kind::Float, Device::Cpu));
        let center = |name: &str| Tensor::from_slice(&[number(name)]);
        let image = augment::cutout(&ones, &center("center_y"), &center("center_x"), length);
        let zeros = (ones.sum(Kind::Float) - image.sum(Kind::Float)).double_value(&[]);
        assert_eq!(zeros, (2 * (rows[1] - rows[0]) * (columns[1] - columns[0])) as f64);
        assert_eq!(image.double_value(&[0, 1, rows[0], columns[0]]), 0.0);
    }
}

/// Three weights `[2, 3]`, `[4]` and `[3, 2]` strided, and ten steps with gradient `w + step`.
fn ten_steps(document: Value) -> (Vec<f64>, Vec<f64>) {
    let recipe = recipe(document);
    let leaf = |t: Tensor| t.to_kind(Kind::Float).set_requires_grad(true);
    let matrix = leaf(formula(6, 0).view([2, 3]));
    let strided = leaf(tch::no_grad(|| formula(6, 1).to_kind(Kind::Float).view([2, 3]).tr()));
    let bias = leaf(formula(4, 2));
    let named = [("bias", &bias), ("matrix", &matrix), ("strided", &strided)];
    let before: Vec<f64> = [&matrix, &strided, &bias].iter().flat_map(|t| values(t)).collect();
    let parameters = FlatParameters::adopt(
        named.iter().map(|(n, t)| (n.to_string(), t.shallow_clone())).collect(),
        recipe.decay_all,
    );
    let mut optimizer = optimizer::build(&recipe, &parameters);
    for step in 0..10 {
        parameters.clear_gradients();
        let total =
            named.iter().map(|(_, t)| (*t * *t).sum(Kind::Float) * 0.5 + (*t * f64::from(step)).sum(Kind::Float));
        total.reduce(|a, b| a + b).unwrap().backward();
        optimizer.step(&parameters, 0.05);
    }
    (before, [&matrix, &strided, &bias].iter().flat_map(|t| values(t)).collect())
}

fn values(tensor: &Tensor) -> Vec<f64> {
    Vec::<f64>::try_from(tensor.detach().contiguous().to_kind(Kind::Double).view(-1)).unwrap()
}

/// Runs `rule(w, gradient, decay, step)` on each value alone and compares; the last four values do not decay.
fn compare(document: Value, rule: impl Fn(&mut [f64; 3], f64, f64, i32)) {
    let (before, after) = ten_steps(document);
    for (i, (w, expected)) in before.iter().zip(&after).enumerate() {
        let mut state = [*w, 0.0, 0.0];
        let decay = if i < 12 { 0.1 } else { 0.0 };
        for step in 0..10 {
            let gradient = state[0] + f64::from(step);
            rule(&mut state, gradient, decay, step);
        }
        near(state[0], *expected, 2e-5 * (1.0 + expected.abs()));
    }
}

#[test]
fn sgd_follows_its_formula() {
    for nesterov in [false, true] {
        compare(json!({"momentum": 0.8, "nesterov": nesterov, "weight_decay": 0.1}), |state, gradient, decay, _| {
            let g = gradient + decay * state[0];
            state[1] = 0.8 * state[1] + g;
            state[0] -= 0.05 * if nesterov { g + 0.8 * state[1] } else { state[1] };
        });
    }
}

#[test]
fn adamw_follows_its_formula() {
    let document = json!({"optimizer": "adamw", "beta1": 0.8, "beta2": 0.95, "eps": 1e-6, "weight_decay": 0.1});
    compare(document, |state, g, decay, step| {
        state[0] *= 1.0 - 0.05 * decay;
        state[1] = 0.8 * state[1] + 0.2 * g;
        state[2] = 0.95 * state[2] + 0.05 * g * g;
        let corrected = |value: f64, beta: f64| value / (1.0 - beta.powi(step + 1));
        state[0] -= 0.05 * corrected(state[1], 0.8) / (corrected(state[2], 0.95).sqrt() + 1e-6);
    });
}

#[test]
fn rmsprop_follows_both_its_formulas() {
    let base = json!({"optimizer": "rmsprop", "momentum": 0.7, "alpha": 0.8, "eps": 0.01, "weight_decay": 0.1});
    let mut torch = base.clone();
    torch["tensorflow_form"] = json!(false);
    compare(torch, |state, gradient, decay, _| {
        let g = gradient + decay * state[0];
        state[2] = 0.8 * state[2] + 0.2 * g * g;
        state[1] = 0.7 * state[1] + g / (state[2].sqrt() + 0.01);
        state[0] -= 0.05 * state[1];
    });
    compare(base, |state, gradient, decay, step| {
        let g = gradient + decay * state[0];
        // The square average starts at 1.
        let square = if step == 0 { 1.0 } else { state[2] };
        state[2] = 0.8 * square + 0.2 * g * g;
        state[1] = 0.7 * state[1] + 0.05 * g / (state[2] + 0.01).sqrt();
        state[0] -= state[1];
    });
}

#[test]
fn the_gradient_is_scaled_to_the_limit_as_one_vector() {
    let leaf = |values: &[f32]| Tensor::from_slice(values).set_requires_grad(true);
    let (a, b) = (leaf(&[1.0, 1.0]), leaf(&[1.0]));
    let parameters =
        FlatParameters::adopt(vec![("a".into(), a.shallow_clone()), ("b".into(), b.shallow_clone())], false);
    ((&a * Tensor::from_slice(&[3.0f32, 0.0])).sum(Kind::Float) + (&b * 4.0).sum(Kind::Float)).backward();
    clip_norm(&parameters, 10.0);
    assert_eq!(values(&a.grad()), [3.0, 0.0]);
    clip_norm(&parameters, 1.0);
    near(values(&a.grad())[0], 0.6, 1e-6);
    near(values(&b.grad())[0], 0.8, 1e-6);
}

#[test]
fn the_average_follows_quickly_at_first_and_steps_in_for_judging() {
    let value = Tensor::from_slice(&[0.0f32]);
    let mut average = Average::new(0.5, vec![value.shallow_clone()]);
    let mut expected = 0.0;
    for t in 1..20u64 {
        let _ = value.shallow_clone().fill_(t as f64);
        average.update(t);
        let decay = 0.5f64.min((1.0 + t as f64) / (10.0 + t as f64));
        expected = decay * expected + (1.0 - decay) * t as f64;
    }
    near(average.during(|| value.double_value(&[0])), expected, 1e-5);
    assert_eq!(value.double_value(&[0]), 19.0);
}

/// Forty images of 4×4 whose pixels say where they are: `16 * image + 4 * row + column` (mod 256).
fn view() -> View {
    let pixels: Vec<u8> = (0..40u32 * 16).map(|i| i as u8).collect();
    View {
        pixels: Tensor::from_slice(&pixels).view([40, 1, 4, 4]),
        labels: Tensor::arange(40, (Kind::Int64, Device::Cpu)),
        train: (0..37).collect(),
        judge: (37..40).collect(),
        classes: 40,
        shape: [1, 4, 4],
        normalization: Normalization { mean: vec![0.0], std: vec![1.0 / 255.0] },
    }
}

#[test]
fn an_epoch_shows_every_image_once_in_an_order_of_its_own() {
    let (view, recipe) = (view(), recipe(json!({"batch_size": 9})));
    let labels = |seed, epoch| -> Vec<i64> {
        let plan = EpochPlan::new(&view, &recipe, seed, epoch);
        // 37 = 4 * 9 + 1: the last image alone is left out.
        assert_eq!(plan.steps(), 4);
        let normalizer = Normalizer::new(&view);
        let batch = |step| Vec::<i64>::try_from(plan.batch(&view, &normalizer, step).labels).unwrap();
        (0..4).flat_map(batch).collect()
    };
    let first = labels(5, 0);
    assert_eq!(first.iter().collect::<std::collections::BTreeSet<_>>().len(), 36);
    assert!(first.iter().all(|label| *label < 37));
    assert_eq!(first, labels(5, 0));
    assert_ne!(first, labels(5, 1));
    assert_ne!(first, labels(6, 0));
}

#[test]
fn crops_and_mirrors_only_move_pixels() {
    let (view, recipe) = (view(), recipe(json!({"batch_size": 37, "crop_padding": 1, "flip": true})));
    let plan = EpochPlan::new(&view, &recipe, 3, 0);
    let batch = plan.batch(&view, &Normalizer::new(&view), 0);
    let (mut moved, mut mirrored) = (0, 0);
    for image in 0..37 {
        let label = batch.labels.int64_value(&[image]);
        let at = |row: i64, column: i64| batch.images.double_value(&[image, 0, row, column]).round() as i64;
        let original = |row: i64, column: i64| {
            let inside = (0..4).contains(&row) && (0..4).contains(&column);
            if inside { (16 * label + 4 * row + column) % 256 } else { 0 }
        };
        let fits = |top: i64, left: i64, mirror: bool| {
            (0..16).all(|i| {
                let (row, column) = (i / 4, i % 4);
                let source = if mirror { 3 - column } else { column };
                at(row, column) == original(row + top - 1, source + left - 1)
            })
        };
        let all = (0..18).map(|i| (i % 3, i / 3 % 3, i >= 9));
        let found: Vec<_> = all.filter(|(top, left, mirror)| fits(*top, *left, *mirror)).collect();
        assert_eq!(found.len(), 1, "image {label} is not a crop of its original");
        moved += i32::from((found[0].0, found[0].1) != (1, 1));
        mirrored += i32::from(found[0].2);
    }
    assert!(moved > 20 && (8..30).contains(&mirrored), "{moved} moved, {mirrored} mirrored");
}

#[test]
fn mixup_mixes_images_and_losses_by_one_weight() {
    let (view, recipe) = (view(), recipe(json!({"batch_size": 4, "mixup": 1.0})));
    let plan = EpochPlan::new(&view, &recipe, 3, 0);
    let batch = plan.batch(&view, &Normalizer::new(&view), 2);
    let Mixed { others, weight } = batch.mixed.as_ref().unwrap();
    let own = view.pixels.index_select(0, &batch.labels).to_kind(Kind::Float);
    let other = view.pixels.index_select(0, others).to_kind(Kind::Float);
    let difference = (&batch.images - (own * *weight + other * (1.0 - weight))).abs().max();
    assert!(difference.double_value(&[]) < 1e-3 && (0.0..=1.0).contains(weight));
    let logits = formula(160, 0).view([4, 40]);
    let [mixed, first, second] = [(&batch.labels, batch.mixed.as_ref()), (&batch.labels, None), (others, None)]
        .map(|(labels, mixed)| loss(&logits, labels, 0.0, mixed).double_value(&[]));
    near(mixed, weight * first + (1.0 - weight) * second, 1e-9);
}

#[test]
fn noise_masks_keep_the_mean_and_repeat_by_address() {
    let mask = |step| Noise::new(1, 2, step).mask(&[100, 100], 0.25, Device::Cpu);
    near(mask(3).mean(Kind::Double).double_value(&[]), 1.0, 0.03);
    assert!(mask(3).equal(&mask(3)) && !mask(3).equal(&mask(4)));
}
