//! The training loss: cross entropy with label smoothing, over one target or two mixed ones.

use tch::{Reduction, Tensor};

/// Images that are `weight` parts their own and the rest those of another label (mixup).
pub struct Mixed {
    pub others: Tensor,
    pub weight: f64,
}

/// Mean over the batch of the cross entropy against `(1 - smoothing) onehot + smoothing / classes`.
/// `logits` `[batch, classes]`, `labels` `[batch]`.
pub fn loss(logits: &Tensor, labels: &Tensor, smoothing: f64, mixed: Option<&Mixed>) -> Tensor {
    let against = |labels: &Tensor| logits.cross_entropy_loss::<Tensor>(labels, None, Reduction::Mean, -100, smoothing);
    match mixed {
        None => against(labels),
        Some(Mixed { others, weight }) => against(labels) * *weight + against(others) * (1.0 - weight),
    }
}
