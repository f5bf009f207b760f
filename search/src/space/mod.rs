//! The space language: decisions, genotypes, canonical form, counting, drawing, mutation, encoding.
//!
//! A space is a JSON (or YAML) document in which any value may be a decision. It compiles once; every operation then walks
//! the compiled nodes. The language knows nothing of networks.

mod bisection;
mod canonical;
mod closing;
mod compile;
mod compiled;
mod count;
mod crossover;
mod document;
mod expression;
mod forms;
mod genotype;
mod listing;
mod materialise;
mod mutate;
mod neighbours;
mod node;
mod open;
mod place;
mod rank;
mod recombine;
mod sample;
mod scale;
mod selection;
mod size;
mod template;
mod tree;
mod vector;
mod weight;

#[cfg(test)]
mod tests;

pub use bisection::bisect;
pub use canonical::{canonical, value_key};
pub use closing::Selection;
pub use compiled::{Draw, Space};
pub use expression::{Expression, Operation};
pub use genotype::{Choice, Genotype};
pub use listing::{DecisionKind, DecisionPoint};
pub use mutate::Mutation;
pub use recombine::{PermutationCrossover, Recombination};
pub use scale::Scale;
pub use size::Size;
pub use template::Template;
