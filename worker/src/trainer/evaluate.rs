//! Judges a network by images that it was not trained on.

use super::{Network, Pass};
use crate::dataset::View;
use crate::recipe::augment::Normalizer;
use tch::{Kind, Reduction, Tensor, no_grad};

/// Share of right answers, and mean cross entropy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    pub top1: f64,
    pub loss: f64,
}

/// Evaluates on the view's judging images, without augmentation. Waits for the device once, at the end.
pub fn evaluate(network: &dyn Network, view: &View, normalizer: &Normalizer, batch: usize, bf16: bool) -> Judgement {
    let device = view.pixels.device();
    let pass = Pass { training: None, bf16 };
    let mut sums = Tensor::zeros([2], (Kind::Double, device));
    no_grad(|| {
        let index = Tensor::from_slice(&view.judge).to_device(device);
        for part in index.split(batch as i64, 0) {
            let labels = view.labels.index_select(0, &part);
            let images = normalizer.apply(&view.pixels.index_select(0, &part));
            let logits = network.forward(&images, &pass).logits;
            let right = logits.argmax(-1, false).eq_tensor(&labels).sum(Kind::Double);
            let loss = logits.cross_entropy_loss::<Tensor>(&labels, None, Reduction::Sum, -100, 0.0);
            sums += Tensor::stack(&[right, loss.to_kind(Kind::Double)], 0);
        }
    });
    let count = view.judge.len() as f64;
    Judgement { top1: sums.double_value(&[0]) / count, loss: sums.double_value(&[1]) / count }
}
