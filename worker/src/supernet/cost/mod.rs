//! The expected cost of an architecture, differentiable in its weights, and its place in the loss (FBNet, section 2.3).

mod counted;
mod terms;

use super::{Logits, Supernet};
use search::supernet::{CostForm, CostTerm, RowKind, Source};
use tch::{Device, TchError, Tensor};
use terms::Terms;

/// A cost as a polynomial in the weights of the candidates.
pub struct ExpectedCost {
    form: CostForm,
    alpha: f64,
    beta: f64,
    terms: Terms,
}

impl ExpectedCost {
    /// The cost of a term for this network; what is wrong with it otherwise.
    pub fn new(term: &CostTerm, net: &Supernet, logits: &Logits) -> Result<ExpectedCost, String> {
        let mut terms = match &term.source {
            Source::Latency { rows, fixed } => latency(rows, *fixed, net, logits)?,
            Source::Flops => counted::terms(net, logits, |counts| counts.flops),
            Source::Params => counted::terms(net, logits, |counts| counts.params),
        };
        terms.place(logits.flat()).map_err(|error| error.to_string())?;
        Ok(ExpectedCost { form: term.form, alpha: term.alpha, beta: term.beta, terms })
    }

    /// The expected cost under weights in the layout of the logits.
    pub fn of(&self, weights: &Tensor) -> Result<Tensor, TchError> {
        self.terms.value(weights)
    }

    /// The loss of a batch's part that is `share` of it, from that part's share of the cross entropy.
    pub fn combine(&self, cross_entropy: &Tensor, cost: &Tensor, share: f64) -> Result<Tensor, TchError> {
        combine(self.form, self.alpha, self.beta, cross_entropy, cost, share)
    }

    /// The expected cost on the host. Waits for the device.
    pub fn value(&self, weights: &Tensor) -> Result<f64, TchError> {
        tch::no_grad(|| self.of(weights)?.f_to_device(Device::Cpu)?.f_double_value(&[]))
    }
}

/// The three forms of section 2.3; costs above 1, so that their logarithm is positive.
pub fn combine(
    form: CostForm,
    alpha: f64,
    beta: f64,
    cross_entropy: &Tensor,
    cost: &Tensor,
    share: f64,
) -> Result<Tensor, TchError> {
    match form {
        CostForm::Paper => cross_entropy.f_mul(&cost.f_log()?.f_pow_tensor_scalar(beta)?.f_mul_scalar(alpha)?),
        CostForm::LogOfPower => cross_entropy.f_mul(&cost.f_log()?.f_mul_scalar(alpha * beta)?),
        CostForm::Additive => cross_entropy.f_add(&cost.f_pow_tensor_scalar(beta)?.f_mul_scalar(alpha * share)?),
    }
}

/// `fixed + sum over rows and candidates of weight * latency`.
fn latency(
    rows: &std::collections::BTreeMap<String, Vec<f64>>,
    fixed: f64,
    net: &Supernet,
    logits: &Logits,
) -> Result<Terms, String> {
    let mut terms = Terms::new(logits);
    terms.add(vec![], fixed);
    for (decision, latencies) in rows {
        let found = net.rows().0.iter().position(|row| row.decision == *decision);
        let index = found.ok_or_else(|| format!("the cost names decision `{decision}`, which the network has not"))?;
        let row = &net.rows().0[index];
        let leading = match latencies.len() {
            count if count == row.labels.len() => 0,
            count if count == row.candidates() => row.leading(),
            count => {
                let detail = format!("has {count} latencies, but {} candidates", row.candidates());
                return Err(format!("the cost of decision `{decision}` {detail}"));
            }
        };
        if let Some(offset) = logits.offset(index) {
            for (candidate, latency) in latencies.iter().enumerate() {
                terms.add(vec![offset + leading + candidate], *latency);
            }
        }
    }
    let missing =
        net.rows().0.iter().find(|row| !rows.contains_key(&row.decision) && !matches!(row.kind, RowKind::Edges { .. }));
    match missing {
        Some(row) => Err(format!("the cost has no latencies for decision `{}`", row.decision)),
        None => Ok(terms),
    }
}
