//! Fourier and cosine mixing (FNet, Lee-Thorp et al. 2022, section 3.2), as products with fixed matrices.

use super::{Init, Layer, Pass, widened};
use search::network::{Shape, Transform};
use std::f64::consts::PI;
use tch::{TchError, Tensor};

/// Matrices of the transform over tokens and over channels: real parts, and for the DFT imaginary parts.
pub struct Spectral {
    tokens: Tensor,
    channels: Tensor,
    imaginary: Option<(Tensor, Tensor)>,
}

impl Spectral {
    pub fn new(transform: Transform, inputs: &[Shape], init: &Init<'_>) -> Result<Self, TchError> {
        let (n, c) = match inputs.first() {
            Some(Shape::Tokens { tokens, channels }) => (*tokens, *channels),
            other => return Err(TchError::Shape(format!("{}: mixes tokens, not {other:?}", init.name))),
        };
        let matrix = |size: usize, entry: &dyn Fn(f64, f64, f64) -> f64| {
            let values = (0..size * size).map(|i| entry((i / size) as f64, (i % size) as f64, size as f64) as f32);
            init.buffer(&[size, size], values.collect())
        };
        Ok(match transform {
            Transform::Dct => {
                let dct = |k: f64, j: f64, size: f64| 2.0 * (PI * k * (2.0 * j + 1.0) / (2.0 * size)).cos();
                Spectral { tokens: matrix(n, &dct)?, channels: matrix(c, &dct)?, imaginary: None }
            }
            Transform::Dft => {
                let real = |k: f64, j: f64, size: f64| (2.0 * PI * k * j / size).cos();
                let imaginary = |k: f64, j: f64, size: f64| -(2.0 * PI * k * j / size).sin();
                Spectral {
                    tokens: matrix(n, &real)?,
                    channels: matrix(c, &real)?,
                    imaginary: Some((matrix(n, &imaginary)?, matrix(c, &imaginary)?)),
                }
            }
        })
    }
}

impl Layer for Spectral {
    fn forward(&self, inputs: &[&Tensor], _: &mut Pass<'_>) -> Result<Tensor, TchError> {
        let x = widened(inputs[0])?;
        let product = |n: &Tensor, c: &Tensor| n.f_matmul(&x.f_matmul(&c.f_transpose(0, 1)?)?);
        let real = product(&self.tokens, &self.channels)?;
        match &self.imaginary {
            // Re((a + ib) x (c + id)) = a x c - b x d
            Some((n, c)) => real.f_sub(&product(n, c)?),
            None => Ok(real),
        }
    }
}
