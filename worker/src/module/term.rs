//! Terms of sums: values, or norms of values that are computed together with the sum.

use crate::bridge::{self, Factors};
use crate::primitive::{Layer, Pass};
use tch::{TchError, Tensor};

/// One term.
pub(crate) struct Term<'a> {
    pub value: &'a Tensor,
    /// The batch norm that the value still has to pass.
    pub norm: Option<&'a dyn Layer>,
}

impl Term<'_> {
    /// The term's value, computed.
    pub fn settled(&self, pass: &mut Pass<'_>) -> Result<Tensor, TchError> {
        match self.norm {
            None => Ok(self.value.shallow_clone()),
            Some(norm) => norm.forward(&[self.value], pass),
        }
    }
}

/// The sum of the terms, each times its factor; `None` of nothing.
pub(crate) fn sum(
    terms: &[Term<'_>],
    factors: Option<&Factors<'_>>,
    pass: &mut Pass<'_>,
) -> Result<Option<Tensor>, TchError> {
    if terms.iter().any(|term| term.norm.is_some()) {
        let described: Vec<_> = terms.iter().map(|t| (t.value, t.norm.and_then(|norm| norm.norm(pass)))).collect();
        let known = described.iter().zip(terms).all(|((_, norm), term)| norm.is_some() == term.norm.is_some());
        if let Some(sum) = if known { bridge::normed_sum(&described, factors)? } else { None } {
            return Ok(Some(sum));
        }
    }
    let values = terms.iter().map(|term| term.settled(pass)).collect::<Result<Vec<_>, _>>()?;
    let values: Vec<&Tensor> = values.iter().collect();
    let [first, rest @ ..] = values.as_slice() else { return Ok(None) };
    if let (None, []) = (factors, rest) {
        return Ok(Some(first.shallow_clone()));
    }
    if let Some(sum) = bridge::weighted_sum(&values, factors)? {
        return Ok(Some(sum));
    }
    plain(&values, factors).map(Some)
}

fn plain(values: &[&Tensor], factors: Option<&Factors<'_>>) -> Result<Tensor, TchError> {
    let [first, rest @ ..] = values else { return Err(TchError::Kind("a sum of nothing".into())) };
    let Some(Factors { weights, picks }) = factors else {
        return rest.iter().try_fold(first.shallow_clone(), |sum, value| sum.f_add(value));
    };
    let weights = weights.f_unbind(0)?;
    let mut scalars = picks.iter().map(|pick| &weights[*pick as usize]);
    let start = scalars.next().ok_or_else(|| TchError::Kind("a sum without factors".into()))?;
    let mut sum = first.f_mul(start)?;
    for (value, weight) in rest.iter().zip(scalars) {
        // The sum belongs to nobody else; its gradient needs the values, not the sum.
        sum = sum.f_addcmul_(value, &weight.f_to_kind(value.kind())?)?;
    }
    Ok(sum)
}
