//! The bilevel problem `min_a L_val(w*(a), a)`: gradients of its two losses and of the unrolled one (DARTS, section 3).

use crate::recipe::FlatParameters;
use tch::{TchError, Tensor, no_grad};

/// Which of the two losses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `L_train`
    Training,
    /// `L_val`
    Validation,
}

/// What gradient is asked for; the loss need not follow the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Weights,
    Logits,
    Both,
}

/// The losses as sums over parts of a batch that fit in memory.
pub trait Bilevel {
    fn parts(&self) -> usize;

    /// One part's share of the loss, at the present weights and logits.
    fn loss(&self, side: Side, part: usize, of: Of) -> Result<Tensor, TchError>;
}

/// One unrolled step of the weights: `w' = w - eta (momentum buffer + dL_train/dw + decay w)`.
pub struct Unrolling<'a> {
    pub eta: f64,
    pub momentum: f64,
    pub decay: f64,
    /// The optimiser's velocity; zeros before its first step.
    pub velocity: &'a Tensor,
}

/// Step of the finite difference over the norm of the vector.
const DIFFERENCE: f64 = 0.01;

/// What a second-order gradient consists of: `gradient = direct - eta * implicit`.
pub struct SecondOrder {
    pub gradient: Tensor,
    pub direct: Tensor,
    pub implicit: Tensor,
    /// `L_val(w', a)`
    pub loss: Tensor,
    /// Norm of `dL_val(w', a)/dw'`.
    pub vector_norm: Tensor,
}

/// Leaves `dL/dw` in the gradients of `parameters`; gives the loss.
pub fn weight_gradient(problem: &dyn Bilevel, parameters: &FlatParameters) -> Result<Tensor, TchError> {
    parameters.clear_gradients();
    accumulate(problem, Side::Training, Of::Weights)
}

/// `dL/da` and the loss of a side.
pub fn logit_gradient(problem: &dyn Bilevel, side: Side, logits: &Tensor) -> Result<(Tensor, Tensor), TchError> {
    let (mut gradient, mut total): (Option<Tensor>, Option<Tensor>) = (None, None);
    for part in 0..problem.parts() {
        let loss = problem.loss(side, part, Of::Logits)?;
        // Asked for by name, the gradients of the weights are not computed.
        let mut found = Tensor::f_run_backward(&[&loss], &[logits], false, false)?;
        let found = found.pop().filter(Tensor::defined).map_or_else(|| logits.f_zeros_like(), Ok)?;
        gradient = Some(plus(gradient, found)?);
        total = Some(plus(total, loss.f_detach()?)?);
    }
    let none = || TchError::Kind("a batch without parts".into());
    Ok((gradient.ok_or_else(none)?, total.ok_or_else(none)?))
}

/// The gradient through one unrolled step, its Hessian product by a central finite difference. The weights end exactly
/// as they were; the gradients of `parameters` are overwritten.
pub fn second_order(
    problem: &dyn Bilevel,
    parameters: &FlatParameters,
    logits: &Tensor,
    unrolling: &Unrolling<'_>,
) -> Result<SecondOrder, TchError> {
    let weights = parameters.weights();
    let start = no_grad(|| weights.f_detach_copy())?;
    let result = unrolled(problem, parameters, logits, unrolling, &start);
    // Copied back, on failure too: adding and subtracting would drift.
    no_grad(|| weights.shallow_clone().f_copy_(&start))?;
    result
}

fn unrolled(
    problem: &dyn Bilevel,
    parameters: &FlatParameters,
    logits: &Tensor,
    unrolling: &Unrolling<'_>,
    start: &Tensor,
) -> Result<SecondOrder, TchError> {
    let mut weights = parameters.weights();
    let _ = weight_gradient(problem, parameters)?;
    no_grad(|| {
        let step = parameters.gradients();
        let decaying = parameters.decaying();
        let decay = start.f_narrow(0, 0, decaying)?.f_mul_scalar(unrolling.decay)?;
        let _ = step.f_narrow(0, 0, decaying)?.f_add_(&decay)?;
        let step = step.f_add(&unrolling.velocity.f_mul_scalar(unrolling.momentum)?)?;
        weights.f_sub_(&step.f_mul_scalar(unrolling.eta)?).map(drop)
    })?;
    parameters.clear_gradients();
    let mut logits = logits.shallow_clone();
    logits.zero_grad();
    let loss = accumulate(problem, Side::Validation, Of::Both)?;
    let direct = logits.f_grad()?.f_detach_copy()?;
    logits.zero_grad();
    let vector = parameters.gradients().f_detach_copy()?;
    let vector_norm = vector.f_norm()?;
    let radius = vector_norm.f_reciprocal()?.f_mul_scalar(DIFFERENCE)?;
    let shift = vector.f_mul(&radius)?;
    no_grad(|| weights.f_copy_(&start.f_add(&shift)?))?;
    let (above, _) = logit_gradient(problem, Side::Training, &logits)?;
    no_grad(|| weights.f_copy_(&start.f_sub(&shift)?))?;
    let (below, _) = logit_gradient(problem, Side::Training, &logits)?;
    let implicit = above.f_sub(&below)?.f_div(&radius.f_mul_scalar(2.0)?)?;
    let gradient = direct.f_sub(&implicit.f_mul_scalar(unrolling.eta)?)?;
    Ok(SecondOrder { gradient, direct, implicit, loss, vector_norm })
}

/// Runs the backward pass of every part; gives the loss.
fn accumulate(problem: &dyn Bilevel, side: Side, of: Of) -> Result<Tensor, TchError> {
    let mut total: Option<Tensor> = None;
    for part in 0..problem.parts() {
        let loss = problem.loss(side, part, of)?;
        if loss.requires_grad() {
            loss.f_backward()?;
        }
        total = Some(plus(total, loss.f_detach()?)?);
    }
    total.ok_or_else(|| TchError::Kind("a batch without parts".into()))
}

fn plus(sum: Option<Tensor>, value: Tensor) -> Result<Tensor, TchError> {
    match sum {
        None => Ok(value),
        Some(sum) => sum.f_add(&value),
    }
}
