//! Every kernel beside libtorch's operators in 64 bit: values and gradients.

use super::*;
use tch::{Kind, Reduction};

/// Numbers that look random, with their channels innermost where there are four axes.
fn numbers(shape: &[i64], seed: i64) -> Tensor {
    let count: i64 = shape.iter().product();
    let k = Tensor::arange(count, (Kind::Double, tch::Device::Cpu)) + 1000.0 * seed as f64;
    // Irregular, without equal values that could hide a wrong position.
    let values = ((&k * 12.9898).sin() * 43758.5453).frac() * 2.0;
    crate::primitive::channels_last(&values.view(shape)).unwrap()
}

/// Compares `ours` in 32 bit with `theirs` in 64 bit on `inputs`: the value, and the gradients of a sum of products.
fn compare(
    case: &str,
    inputs: &[Tensor],
    ours: impl Fn(&[Tensor]) -> Option<Tensor>,
    theirs: impl Fn(&[Tensor]) -> Tensor,
) {
    let leaves = |kind| -> Vec<Tensor> {
        inputs.iter().map(|x| x.to_kind(kind).detach().copy().set_requires_grad(true)).collect()
    };
    let (narrow, wide) = (leaves(Kind::Float), leaves(Kind::Double));
    let y = ours(&narrow).unwrap_or_else(|| panic!("{case}: no kernel for it"));
    let z = theirs(&wide);
    assert_eq!(y.size(), z.size(), "{case}");
    close(&format!("{case}: value"), &y, &z);
    let gradient = numbers(&z.size(), 7);
    (&y * gradient.to_kind(Kind::Float)).sum(Kind::Float).backward();
    (&z * &gradient).sum(Kind::Double).backward();
    for (index, (x, w)) in narrow.iter().zip(&wide).enumerate() {
        close(&format!("{case}: gradient {index}"), &x.grad(), &w.grad());
    }
}

fn close(what: &str, ours: &Tensor, theirs: &Tensor) {
    let difference = (ours.to_kind(Kind::Double) - theirs).abs().max().double_value(&[]);
    let scale = 1.0 + theirs.abs().max().double_value(&[]);
    assert!(difference < 2e-5 * scale, "{what}: differs by {difference} of {scale}");
}

/// Sizes with whole vectors of channels, parts of one, and odd sides.
const IMAGES: [[i64; 4]; 5] = [[3, 16, 12, 12], [2, 7, 9, 11], [2, 36, 8, 5], [1, 64, 6, 6], [2, 1, 7, 7]];

#[test]
fn depthwise_convolution() {
    for shape in IMAGES {
        for (kernel, stride, dilation) in
            [(3, 1, 1), (3, 2, 1), (3, 1, 2), (3, 2, 2), (5, 1, 1), (5, 2, 2), (7, 1, 1), (4, 1, 1), (9, 2, 1)]
        {
            let padding = dilation * (kernel / 2);
            let x = numbers(&shape, 1);
            let weight = numbers(&[shape[1], 1, kernel, kernel], 2);
            for rectified in [false, true] {
                let case = format!("{shape:?} kernel {kernel} stride {stride} dilation {dilation} relu {rectified}");
                compare(
                    &case,
                    &[x.shallow_clone(), weight.shallow_clone()],
                    |t| depthwise(&t[0], &t[1], [stride; 2], [padding; 2], [dilation; 2], rectified).unwrap(),
                    |t| {
                        let input = if rectified { t[0].relu() } else { t[0].shallow_clone() };
                        input.conv2d(&t[1], None::<Tensor>, stride, padding, dilation, shape[1])
                    },
                );
            }
        }
    }
}

#[test]
fn windows_of_two_sides_and_without_padding() {
    let (x, weight) = (numbers(&[2, 20, 9, 13], 1), numbers(&[20, 1, 3, 5], 2));
    compare(
        "3x5",
        &[x, weight],
        |t| depthwise(&t[0], &t[1], [2, 1], [0, 2], [1, 2], false).unwrap(),
        |t| t[0].f_conv2d(&t[1], None::<Tensor>, [2, 1], [0, 2], [1, 2], 20).unwrap(),
    );
}

#[test]
fn pointwise_convolution() {
    for shape in IMAGES {
        for outputs in [1, 8, 16, 20, 33, 48] {
            let (x, weight) = (numbers(&shape, 1), numbers(&[outputs, shape[1], 1, 1], 2));
            let bias = numbers(&[outputs], 3);
            let case = format!("{shape:?} to {outputs}");
            compare(
                &case,
                &[x.shallow_clone(), weight.shallow_clone()],
                |t| pointwise(&t[0], &t[1], None).unwrap(),
                |t| t[0].conv2d(&t[1], None::<Tensor>, 1, 0, 1, 1),
            );
            compare(
                &format!("{case} with bias"),
                &[x, weight, bias],
                |t| pointwise(&t[0], &t[1], Some(&t[2])).unwrap(),
                |t| t[0].conv2d(&t[1], Some(&t[2]), 1, 0, 1, 1),
            );
        }
    }
}

#[test]
fn batch_norm_and_its_running_statistics() {
    for shape in IMAGES {
        for rectified in [false, true] {
            for affine in [false, true] {
                // Far from 0, where careless sums of squares lose their digits.
                let x = numbers(&shape, 1) * 0.5 + 30.0;
                let parts = [numbers(&[shape[1]], 2), numbers(&[shape[1]], 3)];
                let running =
                    |kind| [numbers(&[shape[1]], 4).to_kind(kind), numbers(&[shape[1]], 5).abs().to_kind(kind)];
                let (narrow, wide) = (running(Kind::Float), running(Kind::Double));
                let inputs: Vec<Tensor> = std::iter::once(x).chain(parts.into_iter().filter(|_| affine)).collect();
                compare(
                    &format!("{shape:?} relu {rectified} affine {affine}"),
                    &inputs,
                    |t| {
                        let norm = Norm {
                            weight: t.get(1),
                            bias: t.get(2),
                            running_mean: Some(&narrow[0]),
                            running_var: Some(&narrow[1]),
                            momentum: 0.1,
                            eps: 1e-5,
                        };
                        batch_norm(&t[0], &norm, rectified).unwrap()
                    },
                    |t| {
                        let [mean, var] = [Some(&wide[0]), Some(&wide[1])];
                        let y = t[0].batch_norm(t.get(1), t.get(2), mean, var, true, 0.1, 1e-5, false);
                        if rectified { y.relu() } else { y }
                    },
                );
                close("running mean", &narrow[0], &wide[0]);
                close("running variance", &narrow[1], &wide[1]);
            }
        }
    }
}

#[test]
fn pooling() {
    for shape in IMAGES {
        for (kernel, stride, padding) in [(3, 1, 1), (3, 2, 1), (2, 2, 0), (5, 2, 2), (2, 2, 1)] {
            let x = numbers(&shape, 1);
            let pair = |value| [value; 2];
            let case = format!("{shape:?} kernel {kernel} stride {stride} padding {padding}");
            compare(
                &format!("{case} max"),
                &[x.shallow_clone()],
                |t| max_pool(&t[0], pair(kernel), pair(stride), pair(padding)).unwrap(),
                |t| t[0].max_pool2d(kernel, stride, padding, 1, false),
            );
            for counts in [false, true] {
                compare(
                    &format!("{case} counting padding {counts}"),
                    &[x.shallow_clone()],
                    |t| average_pool(&t[0], pair(kernel), pair(stride), pair(padding), counts).unwrap(),
                    |t| t[0].avg_pool2d(kernel, stride, padding, false, counts, None),
                );
            }
        }
    }
}

#[test]
fn the_first_of_equal_values_takes_the_gradient_of_a_maximum() {
    compare(
        "equal values",
        &[numbers(&[2, 19, 6, 6], 1).relu().clamp_max(0.5)],
        |t| max_pool(&t[0], [3, 3], [1, 1], [1, 1]).unwrap(),
        |t| t[0].max_pool2d(3, 1, 1, 1, false),
    );
}

#[test]
fn sums() {
    for count in [1, 2, 3, 7, 8, 15] {
        let mut inputs: Vec<Tensor> = (0..count).map(|i| numbers(&[2, 5, 7, 3], i)).collect();
        let plain = |t: &[Tensor]| t.iter().skip(1).fold(t[0].shallow_clone(), |sum, x| sum + x);
        compare(&format!("{count}"), &inputs, |t| weighted_sum(&t.iter().collect::<Vec<_>>(), None).unwrap(), plain);
        inputs.push(numbers(&[count + 2], 20));
        let n = count as usize;
        // Two labels take no part, one takes part twice.
        let picks: Vec<i64> = (0..count).map(|i| if i == 1 { 1 } else { i + 1 }).collect();
        compare(
            &format!("{count} with weights"),
            &inputs,
            |t| {
                let factors = Factors { weights: &t[n], picks: &picks };
                weighted_sum(&t[..n].iter().collect::<Vec<_>>(), Some(&factors)).unwrap()
            },
            |t| (0..n).fold(Tensor::from(0.0), |sum, i| sum + &t[i] * t[n].get(picks[i])),
        );
    }
}

#[test]
fn values_that_are_no_numbers_stay() {
    let x = crate::primitive::channels_last(&Tensor::full([1, 16, 4, 4], f64::NAN, (Kind::Float, tch::Device::Cpu)));
    let x = x.unwrap();
    let pooled = max_pool(&x, [3, 3], [1, 1], [1, 1]).unwrap().unwrap();
    assert!(bool::try_from(pooled.isnan().all()).unwrap());
    let weight = Tensor::ones([16, 1, 3, 3], (Kind::Float, tch::Device::Cpu));
    let convolved = depthwise(&x, &weight, [1, 1], [1, 1], [1, 1], true).unwrap().unwrap();
    assert!(bool::try_from(convolved.isnan().all()).unwrap());
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let x = numbers(&[6, 24, 16, 16], 1).to_kind(Kind::Float);
    let run = |threads: i32| -> Vec<Tensor> {
        tch::set_num_threads(threads);
        let [depth, point] = [numbers(&[24, 1, 5, 5], 2), numbers(&[24, 24, 1, 1], 3)]
            .map(|w| w.to_kind(Kind::Float).set_requires_grad(true));
        let norm = Norm { weight: None, bias: None, running_mean: None, running_var: None, momentum: 0.1, eps: 1e-5 };
        let y = depthwise(&x, &depth, [1, 1], [2, 2], [1, 1], true).unwrap().unwrap();
        let y = pointwise(&y, &point, None).unwrap().unwrap();
        let y = batch_norm(&y, &norm, true).unwrap().unwrap();
        y.mse_loss(&x, Reduction::Sum).backward();
        vec![y, depth.grad(), point.grad()]
    };
    let threads = tch::get_num_threads();
    let (one, several) = (run(1), run(3));
    tch::set_num_threads(threads);
    for (a, b) in one.iter().zip(&several) {
        assert_eq!(a, b);
    }
}

#[test]
fn other_tensors_are_left_to_libtorch() {
    let channels_first = Tensor::zeros([2, 16, 8, 8], (Kind::Float, tch::Device::Cpu));
    let double = numbers(&[2, 16, 8, 8], 1);
    for x in [channels_first, double] {
        assert!(max_pool(&x, [3, 3], [1, 1], [1, 1]).unwrap().is_none());
        assert!(pointwise(&x, &numbers(&[8, 16, 1, 1], 2).to_kind(Kind::Float), None).unwrap().is_none());
    }
    let x = numbers(&[1, 4, 8, 8], 1).to_kind(Kind::Float);
    assert!(max_pool(&x, [3, 3], [3, 3], [1, 1]).unwrap().is_none(), "a stride of 3");
}

#[test]
fn a_second_derivative_is_refused_with_a_clear_word() {
    let x = numbers(&[1, 4, 8, 8], 1).to_kind(Kind::Float).set_requires_grad(true);
    let y = max_pool(&x, [3, 3], [1, 1], [1, 1]).unwrap().unwrap().square().sum(Kind::Float);
    let fault = Tensor::f_run_backward(&[y], &[&x], true, true).unwrap_err();
    assert!(fault.to_string().contains("no second derivative"), "{fault}");
}

#[test]
fn sums_of_normed_terms() {
    for shape in IMAGES.into_iter().filter(|shape| shape[0] * shape[2] * shape[3] > 1) {
        for (affine, weighted) in [(false, false), (true, false), (false, true)] {
            let channels = shape[1];
            // Terms 0, 2 and 3 are normed, 1 is not.
            let mut inputs: Vec<Tensor> = (0..4).map(|i| numbers(&shape, i) + i as f64).collect();
            inputs.extend(affine.then(|| [numbers(&[channels], 8), numbers(&[channels], 9)]).into_iter().flatten());
            let place = inputs.len();
            inputs.extend(weighted.then(|| numbers(&[6], 10)));
            let picks = [3i64, 0, 5, 1];
            let means = [Kind::Float, Kind::Double].map(|kind| numbers(&[channels], 4).to_kind(kind));
            compare(
                &format!("{shape:?} affine {affine} weighted {weighted}"),
                &inputs,
                |t| {
                    let norm = |i: usize| {
                        (i != 1).then(|| Norm {
                            weight: t[..place].get(4).filter(|_| i == 0),
                            bias: t[..place].get(5).filter(|_| i == 0),
                            running_mean: Some(&means[0]).filter(|_| i == 3),
                            running_var: None,
                            momentum: 0.1,
                            eps: 1e-5,
                        })
                    };
                    let terms: Vec<_> = (0..4).map(|i| (&t[i], norm(i))).collect();
                    let factors = t.get(place).map(|weights| Factors { weights, picks: &picks });
                    normed_sum(&terms, factors.as_ref()).unwrap()
                },
                |t| {
                    let normed = |i: usize| {
                        let none = None::<Tensor>;
                        let (weight, bias) =
                            (t[..place].get(4).filter(|_| i == 0), t[..place].get(5).filter(|_| i == 0));
                        t[i].batch_norm(weight, bias, none.as_ref(), none.as_ref(), true, 0.1, 1e-5, false)
                    };
                    let mean = t[3].mean_dim([0i64, 2, 3].as_slice(), false, Kind::Double).detach();
                    let _ = means[1].shallow_clone().g_mul_scalar_(0.9).g_add_(&(mean * 0.1));
                    let factor = |i: usize| t.get(place).map_or(Tensor::from(1.0), |w| w.get(picks[i]));
                    (0..4).fold(Tensor::from(0.0), |sum, i| {
                        sum + factor(i) * if i == 1 { t[1].shallow_clone() } else { normed(i) }
                    })
                },
            );
            close("running mean", &means[0], &means[1]);
        }
    }
}

#[test]
fn smaller_instruction_sets_compute_the_same() {
    for instructions in ["portable", "avx2"] {
        let run = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["bridge::tests", "--skip", "smaller_instruction_sets"])
            .env("NASCENT_INSTRUCTIONS", instructions)
            .output()
            .unwrap();
        assert!(run.status.success(), "{instructions}: {}", String::from_utf8_lossy(&run.stdout));
    }
}

#[test]
fn the_instruction_set_is_the_one_that_was_asked_for() {
    let wanted = std::env::var("NASCENT_INSTRUCTIONS");
    let known = ["portable", "avx2", "avx512"];
    assert!(known.contains(&instructions()));
    if let Some(wanted) = wanted.ok().filter(|_| cfg!(target_arch = "x86_64")) {
        // A machine without it falls back to the portable one.
        assert!(instructions() == wanted || instructions() == "portable");
    }
}
