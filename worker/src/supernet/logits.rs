//! The parameters of the architecture: a row of logits per decision, all in one flat tensor.

use rand_distr::{Distribution as _, StandardNormal};
use search::randomness::Rng;
use search::supernet::{Architectures, RowKind, Rows};
use tch::{Device, Kind, TchError, Tensor};

/// Rows of equal length lie together, so that a relaxation works on matrices `[rows, labels]`.
pub struct Logits {
    flat: Tensor,
    groups: Vec<Group>,
    decisions: Vec<String>,
}

/// Rows of one length.
pub struct Group {
    /// Row numbers in [`Rows`].
    pub rows: Vec<usize>,
    pub length: usize,
    /// Rows of edges: they are always mixed by their softmax.
    pub edges: bool,
    offset: usize,
}

impl Logits {
    /// Logits `deviation * N(0, 1)`. Choices of edges have logits only under `edge_normalisation`.
    pub fn new(
        rows: &Rows,
        edge_normalisation: bool,
        deviation: f64,
        rng: &mut Rng,
        device: Device,
        kind: Kind,
    ) -> Result<Logits, TchError> {
        let mut groups: Vec<Group> = Vec::new();
        for (index, row) in rows.0.iter().enumerate() {
            let edges = matches!(row.kind, RowKind::Edges { .. });
            if edges && !edge_normalisation {
                continue;
            }
            let length = row.labels.len();
            match groups.iter_mut().find(|group| group.length == length && group.edges == edges) {
                Some(group) => group.rows.push(index),
                None => groups.push(Group { rows: vec![index], length, edges, offset: 0 }),
            }
        }
        let mut total = 0;
        for group in &mut groups {
            group.offset = total;
            total += group.rows.len() * group.length;
        }
        let mut normal = || -> f64 { StandardNormal.sample(rng) };
        let values: Vec<f64> = (0..total).map(|_| deviation * normal()).collect();
        let flat = Tensor::f_from_slice(&values)?.f_to_kind(kind)?.f_to_device(device)?.set_requires_grad(true);
        Ok(Logits { flat, groups, decisions: rows.0.iter().map(|row| row.decision.clone()).collect() })
    }

    /// All logits, a leaf tensor `[values]`.
    pub fn flat(&self) -> &Tensor {
        &self.flat
    }

    pub fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// `[rows, labels]`, a view of `flat` or of a tensor of its layout.
    pub fn matrix(&self, group: &Group, flat: &Tensor) -> Result<Tensor, TchError> {
        let (rows, length) = (group.rows.len() as i64, group.length as i64);
        flat.f_narrow(0, group.offset as i64, rows * length)?.f_view([rows, length])
    }

    /// Where a row lies in the flat tensor; `None` for edges without logits.
    pub fn offset(&self, row: usize) -> Option<usize> {
        let place = |group: &Group| {
            let position = group.rows.iter().position(|index| *index == row)?;
            Some(group.offset + position * group.length)
        };
        self.groups.iter().find_map(place)
    }

    /// Overwrites a row.
    pub fn set(&self, row: usize, values: &[f64]) -> Result<(), TchError> {
        let Some(start) = self.offset(row) else { return Ok(()) };
        let source = Tensor::f_from_slice(values)?;
        tch::no_grad(|| self.flat.f_narrow(0, start as i64, values.len() as i64)?.f_copy_(&source))
    }

    /// Cuts values in the layout of the logits into rows: row number and values. Waits for the device.
    pub fn by_row(&self, flat: &Tensor) -> Result<Vec<(usize, Vec<f64>)>, TchError> {
        let host = flat.detach().f_to_device(Device::Cpu)?.f_to_kind(Kind::Double)?.f_contiguous()?;
        let values = Vec::<f64>::try_from(&host)?;
        let cut = |group: &Group| {
            let (offset, length) = (group.offset, group.length);
            let row = |(position, row): (usize, &usize)| {
                let start = offset + position * length;
                (*row, values[start..start + length].to_vec())
            };
            group.rows.iter().enumerate().map(row).collect::<Vec<_>>()
        };
        Ok(self.groups.iter().flat_map(cut).collect())
    }

    /// Softmax of every row, by decision. Waits for the device.
    pub fn probabilities(&self) -> Result<Architectures, TchError> {
        let rows = self.by_row(&self.flat)?;
        Ok(rows.into_iter().map(|(row, logits)| (self.decisions[row].clone(), softmax(&logits))).collect())
    }

    /// Mean of `logsumexp` over the rows (beta-decay, section 8).
    pub fn mean_logsumexp(&self) -> Result<Tensor, TchError> {
        let mut sums = Vec::with_capacity(self.groups.len());
        for group in &self.groups {
            sums.push(self.matrix(group, &self.flat)?.f_logsumexp([1i64].as_slice(), false)?);
        }
        Tensor::f_cat(&sums, 0)?.f_mean(self.flat.kind())
    }
}

/// Softmax on the host.
pub fn softmax(logits: &[f64]) -> Vec<f64> {
    let largest = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}
