//! The space language: decisions, genotypes, canonical form, counting, drawing, mutation, encoding.

mod genotype;

pub use genotype::{Choice, Genotype};
