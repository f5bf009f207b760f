//! The largest eigenvalue of the Hessian of a loss in the logits, by power iteration on differences of gradients
//! (section 8, the substitute for one backward pass per logit).

use tch::{TchError, Tensor, no_grad};

/// Iterations; the ratio of the two largest eigenvalues makes ten of them enough for a trend.
const ITERATIONS: usize = 10;
/// Step of the difference over the norm of the vector.
const DIFFERENCE: f64 = 1e-2;

/// The dominant eigenvalue of `d²L/da² + decay I`, with `gradient` giving `dL/da` at the present values of `logits`,
/// which end as they were. Everything stays on the device until the value is read.
pub fn largest_eigenvalue(
    logits: &Tensor,
    decay: f64,
    gradient: &mut dyn FnMut() -> Result<Tensor, TchError>,
) -> Result<f64, TchError> {
    let start = no_grad(|| logits.f_detach_copy())?;
    let result = iterate(logits, &start, gradient);
    no_grad(|| logits.shallow_clone().f_copy_(&start))?;
    Ok(result?.f_double_value(&[])? + decay)
}

fn iterate(
    logits: &Tensor,
    start: &Tensor,
    gradient: &mut dyn FnMut() -> Result<Tensor, TchError>,
) -> Result<Tensor, TchError> {
    // Any start that is not orthogonal to the eigenvector will do; the gradient is none of the worst.
    let mut vector = gradient()?;
    let mut value = vector.f_sum(vector.kind())?;
    for _ in 0..ITERATIONS {
        vector = vector.f_div(&vector.f_norm()?.f_clamp_min(1e-30)?)?;
        let mut at = |sign: f64| {
            let shifted = start.f_add(&vector.f_mul_scalar(sign * DIFFERENCE)?)?;
            no_grad(|| logits.shallow_clone().f_copy_(&shifted))?;
            gradient()
        };
        let product = at(1.0)?.f_sub(&at(-1.0)?)?.f_div_scalar(2.0 * DIFFERENCE)?;
        value = vector.f_dot(&product)?;
        vector = product;
    }
    Ok(value)
}
