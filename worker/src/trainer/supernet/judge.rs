//! Judging by shared weights: on the validation split, under a mixing.

use crate::dataset::View;
use crate::recipe::augment::Normalizer;
use crate::supernet::{Mixing, Search};
use crate::trainer::TrainError;
use crate::trainer::evaluate::Judgement;
use tch::{Kind, Reduction, Tensor, no_grad};

/// Logits of images under what is judged.
pub type Predict<'a> = dyn FnMut(&Tensor) -> Result<Tensor, tch::TchError> + 'a;

/// Judges on the first `batches` of the judging images, 0 for all. Waits for the device once, at the end.
pub fn judge(
    view: &View,
    normalizer: &Normalizer,
    batch: usize,
    batches: usize,
    predict: &mut Predict<'_>,
) -> Result<Judgement, TrainError> {
    let device = view.pixels.device();
    let images = if batches == 0 { view.judge.len() } else { view.judge.len().min(batches * batch) };
    let mut sums = Tensor::f_zeros([2], (Kind::Double, device))?;
    no_grad(|| -> Result<(), TrainError> {
        let index = Tensor::f_from_slice(&view.judge[..images])?.f_to_device(device)?;
        for part in index.f_split(batch as i64, 0)? {
            let labels = view.labels.f_index_select(0, &part)?;
            let logits = predict(&normalizer.apply(&view.pixels.f_index_select(0, &part)?))?;
            let right = logits.f_argmax(-1, false)?.f_eq_tensor(&labels)?.f_sum(Kind::Double)?;
            let loss = logits.f_cross_entropy_loss::<Tensor>(&labels, None, Reduction::Sum, -100, 0.0)?;
            let _ = sums.f_add_(&Tensor::f_stack(&[right, loss.f_to_kind(Kind::Double)?], 0)?)?;
        }
        Ok(())
    })?;
    let count = images as f64;
    Ok(Judgement { top1: sums.f_double_value(&[0])? / count, loss: sums.f_double_value(&[1])? / count })
}

/// Judges one path by the statistics of each batch.
pub fn judge_path(
    search: &Search,
    view: &View,
    normalizer: &Normalizer,
    batch: usize,
    batches: usize,
    mixing: &Mixing,
) -> Result<Judgement, TrainError> {
    judge(view, normalizer, batch, batches, &mut |images| search.predict(images, mixing, true))
}
