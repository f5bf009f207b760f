//! From a materialised document back to the genotype that gives it: what notations are read with.

use crate::fault::Faults;
use crate::space::{Genotype, Space, Template};
use serde_json::{Map, Value};

/// Choices by decision id.
pub(super) type Choices = Map<String, Value>;

/// The genotype that materialises to `candidate`. `known` are choices that the document does not show (variables
/// that are only computed with), by decision id.
pub(super) fn genotype_of(space: &Space, candidate: &Value, known: Choices) -> Result<Genotype, Faults> {
    let mut search = Search { choices: known, deepest: String::new() };
    if !search.matches(&space.template(), candidate, "") {
        let place = search.deepest;
        let value = candidate.pointer(&place).map_or_else(|| "nothing".to_owned(), ToString::to_string);
        return Err(Faults::one("", format!("the space has no such candidate: it does not allow {value} at {place}")));
    }
    space.read_genotype(&Value::Object(search.choices))
}

struct Search {
    choices: Choices,
    /// The longest pointer at which something did not match.
    deepest: String,
}

impl Search {
    /// Whether the template can become the value; if so, the choices for it are kept.
    fn matches(&mut self, template: &Template, value: &Value, pointer: &str) -> bool {
        let matched = match (template, value) {
            (Template::Constant(constant), _) => same(constant, value),
            (Template::Derived(_), _) => true,
            (Template::Array(items), Value::Array(values)) => self.all(items, values, pointer),
            (Template::Object(members), Value::Object(values)) => {
                members.len() == values.len()
                    && members.iter().all(|(key, member)| {
                        values.get(key).is_some_and(|value| self.matches(member, value, &format!("{pointer}/{key}")))
                    })
            }
            (Template::OneOf { decision, candidates, .. }, _) => self.one_of(decision, candidates, value, pointer),
            (Template::ManyOf { decision, candidates, count, .. }, Value::Array(values)) => {
                let one = |(i, value): (usize, &Value)| {
                    self.one_of(&format!("{decision}[{i}]"), candidates, value, &format!("{pointer}/{i}"))
                };
                values.len() == *count && values.iter().enumerate().all(one)
            }
            (Template::Float { decision, .. }, Value::Number(_)) => {
                self.choices.insert(decision.clone(), value.clone());
                true
            }
            (Template::Repeat { decision, times, bodies }, Value::Array(values)) => {
                let index = times.iter().position(|times| *times == values.len());
                if let (Some(decision), Some(index)) = (decision, index) {
                    self.choices.insert(decision.clone(), index.into());
                }
                index.is_some() && self.all(&bodies[..values.len()], values, pointer)
            }
            _ => false,
        };
        if !matched && pointer.len() > self.deepest.len() {
            self.deepest = pointer.to_owned();
        }
        matched
    }

    fn all(&mut self, templates: &[Template], values: &[Value], pointer: &str) -> bool {
        let pairs = templates.iter().zip(values).enumerate();
        templates.len() == values.len()
            && pairs.into_iter().all(|(i, (template, value))| self.matches(template, value, &format!("{pointer}/{i}")))
    }

    /// Tries the candidates in order; a decision that was met before keeps its choice.
    fn one_of(&mut self, decision: &str, candidates: &[Template], value: &Value, pointer: &str) -> bool {
        let met = self.choices.get(decision).and_then(Value::as_u64).map(|index| index as usize);
        for (index, candidate) in candidates.iter().enumerate().filter(|(index, _)| met.is_none_or(|met| met == *index))
        {
            let before = self.choices.clone();
            self.choices.insert(decision.to_owned(), index.into());
            if self.matches(candidate, value, pointer) {
                return true;
            }
            self.choices = before;
        }
        false
    }
}

/// Equality of plain values; numbers to nine digits, whole or not.
fn same(constant: &Value, value: &Value) -> bool {
    match (constant, value) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * a.abs().max(b.abs()),
            _ => a == b,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => constant == value,
    }
}
