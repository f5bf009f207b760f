//! A polynomial in the weights of candidates and the effective widths, evaluated in a few operations on the device.

use crate::supernet::Logits;
use std::collections::BTreeMap;
use tch::{TchError, Tensor};

/// `sum over terms of coefficient * product of factors`. Factors are numbered: first the weights in the layout of the
/// logits, then the widths.
pub struct Terms {
    weights: usize,
    terms: BTreeMap<Vec<usize>, f64>,
    /// Of every width its share of the widest per label: `(offset of its row, shares)`.
    widths: Vec<(usize, Vec<f64>)>,
    placed: Option<Placed>,
}

/// The same as tensors on the device.
struct Placed {
    coefficients: Tensor,
    /// One index per term and degree; the constant 1 stands behind all factors.
    factors: Vec<Tensor>,
    /// `[widths, weights]`
    widths: Option<Tensor>,
}

impl Terms {
    pub fn new(logits: &Logits) -> Terms {
        Terms { weights: logits.flat().numel(), terms: BTreeMap::new(), widths: vec![], placed: None }
    }

    /// Adds a term; equal ones are joined.
    pub fn add(&mut self, mut factors: Vec<usize>, coefficient: f64) {
        factors.sort_unstable();
        *self.terms.entry(factors).or_default() += coefficient;
    }

    /// The factor of an expected width: `sum_i weight_i * share_i` over the row at `offset`.
    pub fn width(&mut self, offset: usize, shares: Vec<f64>) -> usize {
        let known = self.widths.iter().position(|(at, _)| *at == offset);
        let position = known.unwrap_or_else(|| {
            self.widths.push((offset, shares));
            self.widths.len() - 1
        });
        self.weights + position
    }

    /// Makes the tensors, in the kind and on the device of `like`.
    pub fn place(&mut self, like: &Tensor) -> Result<(), TchError> {
        let placed = |tensor: Tensor| tensor.f_to_kind(like.kind())?.f_to_device(like.device());
        let constant = self.weights + self.widths.len();
        let degree = self.terms.keys().map(Vec::len).max().unwrap_or(0);
        let factor = |degree: usize| {
            let of = |factors: &Vec<usize>| factors.get(degree).copied().unwrap_or(constant) as i64;
            let column: Vec<i64> = self.terms.keys().map(of).collect();
            Tensor::f_from_slice(&column)?.f_to_device(like.device())
        };
        let coefficients: Vec<f64> = self.terms.values().copied().collect();
        let mut widths = vec![0.0; self.widths.len() * self.weights];
        for (row, (offset, shares)) in self.widths.iter().enumerate() {
            let start = row * self.weights + offset;
            widths[start..start + shares.len()].copy_from_slice(shares);
        }
        let shape = [self.widths.len() as i64, self.weights as i64];
        let widths = match self.widths.is_empty() {
            true => None,
            false => Some(placed(Tensor::f_from_slice(&widths)?.f_view(shape)?)?),
        };
        self.placed = Some(Placed {
            coefficients: placed(Tensor::f_from_slice(&coefficients)?)?,
            factors: (0..degree).map(factor).collect::<Result<_, _>>()?,
            widths,
        });
        Ok(())
    }

    /// The value under weights in the layout of the logits.
    pub fn value(&self, weights: &Tensor) -> Result<Tensor, TchError> {
        let placed = self.placed.as_ref().ok_or_else(|| TchError::Kind("a cost without a device".into()))?;
        let one = weights.f_new_ones([1], (weights.kind(), weights.device()))?;
        let all = match &placed.widths {
            Some(widths) => Tensor::f_cat(&[weights.shallow_clone(), widths.f_matmul(weights)?, one], 0)?,
            None => Tensor::f_cat(&[weights.shallow_clone(), one], 0)?,
        };
        let mut product = placed.coefficients.shallow_clone();
        for factor in &placed.factors {
            product = product.f_mul(&all.f_index_select(0, factor)?)?;
        }
        product.f_sum(weights.kind())
    }
}
