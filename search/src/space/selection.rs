//! Counting the choices of a `$manyof` (space-language §4): how many selections there are, and in how many ways one that
//! is begun can go on.

use super::node::{ManyOf, Node};
use super::size::Size;
use num_bigint::BigUint;
use num_traits::{One, Zero};

/// Steps of arithmetic for a rank among candidates of unequal sizes.
pub(super) fn work(candidates: usize, count: usize) -> u64 {
    (candidates as u64).saturating_mul(count as u64).saturating_mul(count as u64)
}

/// Ways to make `count` choices among candidates of the given sizes, their subtrees included.
///
/// Sorted and distinct choices are the elementary symmetric polynomials of the sizes, sorted ones with repeats the
/// complete homogeneous polynomials; unsorted distinct ones come in `count!` orders.
pub(super) fn selections(sizes: &[&Size], count: usize, distinct: bool, sorted: bool) -> Size {
    if !distinct && !sorted {
        return sizes.iter().fold(Size::zero(), |sum, size| sum.plus(size)).power(count);
    }
    let candidates = sizes.len();
    let chosen = match sizes.first() {
        None => return if count == 0 { Size::one() } else { Size::zero() },
        Some(first) if sizes.iter().all(|size| size == first) => {
            let ways = if distinct { binomial(candidates, count) } else { binomial(candidates + count - 1, count) };
            Size::Finite(ways).times(&first.power(count))
        }
        _ if distinct && count == candidates => sizes.iter().fold(Size::one(), |product, size| product.times(size)),
        _ => polynomial(sizes, count, distinct).swap_remove(count),
    };
    if sorted { chosen } else { chosen.times(&Size::Finite(factorial(count))) }
}

/// Coefficient k: ways to choose k of the candidates, in order, each once (`distinct`) or repeatedly.
fn polynomial(sizes: &[&Size], count: usize, distinct: bool) -> Vec<Size> {
    let mut ways = vec![Size::zero(); count + 1];
    ways[0] = Size::one();
    for size in sizes {
        if distinct {
            (1..=count).rev().for_each(|k| ways[k] = ways[k].plus(&ways[k - 1].times(size)));
        } else {
            (1..=count).for_each(|k| ways[k] = ways[k].plus(&ways[k - 1].times(size)));
        }
    }
    ways
}

fn factorial(n: usize) -> BigUint {
    (1..=n).map(BigUint::from).product()
}

/// `n` over `k`; 0 when `k` is larger.
fn binomial(n: usize, k: usize) -> BigUint {
    if k > n {
        return BigUint::zero();
    }
    // Every partial product is a binomial itself, so each division is exact.
    (0..k.min(n - k)).fold(BigUint::one(), |ways, i| ways * (n - i) / (i + 1))
}

/// A selection that is being made, first choice first; only in finite spaces.
pub(super) struct Selection<'a> {
    many: &'a ManyOf,
    taken: Vec<bool>,
    last: usize,
    made: usize,
    ways: Ways,
}

/// What the number of ways to go on is computed from.
enum Ways {
    /// All candidates have this size.
    Equal(BigUint),
    /// Neither distinct nor sorted: the sum of the sizes.
    Free(BigUint),
    /// Sorted: `[candidate][k]`, ways to choose k from this candidate on.
    Suffixes(Vec<Vec<BigUint>>),
    /// Distinct in any order: coefficients of the polynomial of the candidates that are left.
    Remaining(Vec<BigUint>),
}

impl<'a> Selection<'a> {
    /// Nothing chosen yet.
    pub fn new(many: &'a ManyOf) -> Self {
        let sizes: Vec<BigUint> = many.candidates.iter().map(Node::finite_size).collect();
        let ways = if !many.distinct && !many.sorted {
            Ways::Free(sizes.iter().sum())
        } else if sizes.iter().all(|size| *size == sizes[0]) {
            Ways::Equal(sizes[0].clone())
        } else if many.sorted {
            Ways::Suffixes(suffixes(&sizes, many.count, many.distinct))
        } else {
            Ways::Remaining(coefficients(&sizes, many.count))
        };
        Selection { many, taken: vec![false; sizes.len()], last: 0, made: 0, ways }
    }

    /// The candidates that may be chosen next.
    pub fn allowed(&self) -> impl Iterator<Item = usize> + '_ {
        let from = match (self.many.sorted, self.made) {
            (true, 1..) => self.last,
            _ => 0,
        };
        (from..self.many.candidates.len()).filter(|index| !self.many.distinct || !self.taken[*index])
    }

    /// Ways to make the choices after this one, if the candidate is chosen now.
    pub fn ways_after(&self, index: usize) -> BigUint {
        let left = self.many.count - self.made - 1;
        let candidates = self.many.candidates.len();
        match &self.ways {
            Ways::Free(sum) => sum.pow(left as u32),
            Ways::Equal(size) => {
                let orders = match (self.many.distinct, self.many.sorted) {
                    (true, true) => binomial(candidates - index - 1, left),
                    (false, _) => binomial((candidates - index + left).saturating_sub(1), left),
                    (true, false) => (0..left).map(|i| BigUint::from(candidates - self.made - 1 - i)).product(),
                };
                orders * size.pow(left as u32)
            }
            Ways::Suffixes(table) => table[index + usize::from(self.many.distinct)][left].clone(),
            Ways::Remaining(ways) => without(ways, &self.size(index), left).swap_remove(left) * factorial(left),
        }
    }

    /// Takes a candidate at the next position.
    pub fn choose(&mut self, index: usize) {
        if let Ways::Remaining(ways) = &self.ways {
            self.ways = Ways::Remaining(without(ways, &self.size(index), self.many.count - self.made - 1));
        }
        self.taken[index] = true;
        self.last = index;
        self.made += 1;
    }

    fn size(&self, index: usize) -> BigUint {
        self.many.candidates[index].finite_size()
    }
}

fn suffixes(sizes: &[BigUint], count: usize, distinct: bool) -> Vec<Vec<BigUint>> {
    let mut row = vec![BigUint::zero(); count + 1];
    row[0] = BigUint::one();
    let mut table = vec![row];
    for size in sizes.iter().rev() {
        let later = &table[table.len() - 1];
        let mut row = vec![BigUint::one()];
        for k in 1..=count {
            let with = if distinct { &later[k - 1] } else { &row[k - 1] } * size;
            row.push(&later[k] + with);
        }
        table.push(row);
    }
    table.reverse();
    table
}

fn coefficients(sizes: &[BigUint], count: usize) -> Vec<BigUint> {
    let mut ways = vec![BigUint::zero(); count + 1];
    ways[0] = BigUint::one();
    for size in sizes {
        (1..=count).rev().for_each(|k| {
            let with = &ways[k - 1] * size;
            ways[k] += with;
        });
    }
    ways
}

/// The polynomial without the factor of one candidate, up to coefficient `most`.
fn without(ways: &[BigUint], size: &BigUint, most: usize) -> Vec<BigUint> {
    let mut rest: Vec<BigUint> = vec![BigUint::one()];
    for k in 1..=most {
        rest.push(&ways[k] - &rest[k - 1] * size);
    }
    rest
}
