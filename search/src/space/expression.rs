//! Expressions of `$eval` and of constraints: pure arithmetic on decided values. Integers stay integers.

use super::weight;
use crate::fault::Faults;
use serde_json::{Number, Value};
use std::collections::BTreeMap;

/// What an expression computes of its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Add,
    Sub,
    Mul,
    Idiv,
    Min,
    Max,
    Eq,
    Lt,
    If,
    At,
    List,
    RoundTo,
}

/// The operations by name, with the least and the largest number of arguments.
const OPERATIONS: [(&str, Operation, usize, usize); 12] = [
    ("add", Operation::Add, 1, usize::MAX),
    ("sub", Operation::Sub, 2, 2),
    ("mul", Operation::Mul, 1, usize::MAX),
    ("idiv", Operation::Idiv, 2, 2),
    ("min", Operation::Min, 1, usize::MAX),
    ("max", Operation::Max, 1, usize::MAX),
    ("eq", Operation::Eq, 2, 2),
    ("lt", Operation::Lt, 2, 2),
    ("if", Operation::If, 3, 3),
    ("at", Operation::At, 2, 2),
    ("list", Operation::List, 0, usize::MAX),
    ("round_to", Operation::RoundTo, 2, 2),
];

/// A value that follows from decisions.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    Constant(Value),
    /// A shared variable.
    Variable(String),
    /// A place in the materialised value; constraints only.
    Get(Vec<String>),
    Apply(Operation, Vec<Expression>),
}

/// What an expression may refer to.
pub(super) struct Scope<'a> {
    pub variables: &'a BTreeMap<String, Value>,
    /// The materialised value, for `get`.
    pub value: Option<&'a Value>,
}

impl Expression {
    /// Parses an expression found at `pointer`; `known` are the shared variables, `gets` allows `get`.
    pub(super) fn parse(
        json: &Value,
        pointer: &str,
        known: &dyn Fn(&str) -> bool,
        gets: bool,
        faults: &mut Faults,
    ) -> Expression {
        match json {
            Value::Array(items) => Self::parse_call(items, pointer, known, gets, faults),
            Value::Object(map) if map.len() == 1 && map.contains_key("$var") => {
                let name = map["$var"].as_str().unwrap_or_default();
                if !known(name) {
                    faults.push(format!("{pointer}/$var"), format!("there is no shared variable `{name}`"));
                }
                Expression::Variable(name.to_owned())
            }
            Value::Object(_) => {
                faults.push(pointer, "an expression is a constant, {\"$var\": name} or [operation, arguments…]");
                Expression::Constant(Value::Null)
            }
            constant => Expression::Constant(constant.clone()),
        }
    }

    fn parse_call(
        items: &[Value],
        pointer: &str,
        known: &dyn Fn(&str) -> bool,
        gets: bool,
        faults: &mut Faults,
    ) -> Expression {
        let name = items.first().and_then(Value::as_str).unwrap_or_default();
        let arguments = items.get(1..).unwrap_or_default();
        if name == "get" && gets {
            let path = arguments.first().and_then(Value::as_str).unwrap_or_default();
            return Expression::Get(path.split('.').map(str::to_owned).collect());
        }
        let Some((_, operation, least, most)) = OPERATIONS.iter().find(|entry| entry.0 == name) else {
            let names: Vec<_> = OPERATIONS.iter().map(|entry| entry.0).collect();
            faults.push(pointer, format!("`{name}` is no operation; there are {}", names.join(", ")));
            return Expression::Constant(Value::Null);
        };
        if !(*least..=*most).contains(&arguments.len()) {
            let wanted = if least == most { format!("{least}") } else { format!("at least {least}") };
            faults.push(pointer, format!("`{name}` takes {wanted} arguments, not {}", arguments.len()));
        }
        let parse = |(i, argument): (usize, &Value)| {
            Self::parse(argument, &format!("{pointer}/{}", i + 1), known, gets, faults)
        };
        Expression::Apply(*operation, arguments.iter().enumerate().map(parse).collect())
    }

    /// The value, or what stands in its way.
    pub(super) fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, String> {
        match self {
            Expression::Constant(value) => Ok(value.clone()),
            Expression::Variable(name) => {
                scope.variables.get(name).cloned().ok_or_else(|| format!("`{name}` has no value yet"))
            }
            Expression::Get(path) => {
                let found = scope.value.and_then(|value| path.iter().try_fold(value, |value, key| step(value, key)));
                found.cloned().ok_or_else(|| format!("there is no `{}` in the value", path.join(".")))
            }
            Expression::Apply(Operation::If, arguments) => {
                let taken = if truth(&arguments[0].evaluate(scope)?)? { 1 } else { 2 };
                arguments[taken].evaluate(scope)
            }
            Expression::Apply(operation, arguments) => {
                let values =
                    arguments.iter().map(|argument| argument.evaluate(scope)).collect::<Result<Vec<_>, _>>()?;
                apply(*operation, &values)
            }
        }
    }

    /// How many values the result can hold at most, given the weights of the shared variables.
    pub(super) fn weight(&self, variables: &dyn Fn(&str) -> u64) -> u64 {
        match self {
            Expression::Constant(value) => weight::values(value),
            Expression::Variable(name) => variables(name),
            Expression::Get(_) => 1,
            Expression::Apply(_, arguments) => {
                arguments.iter().fold(1, |sum, argument| sum.saturating_add(argument.weight(variables)))
            }
        }
    }

    /// A constraint's verdict.
    pub(super) fn holds(&self, scope: &Scope<'_>) -> Result<bool, String> {
        truth(&self.evaluate(scope)?)
    }
}

fn step<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    match value {
        Value::Array(items) => items.get(key.parse::<usize>().ok()?),
        other => other.get(key),
    }
}

fn truth(value: &Value) -> Result<bool, String> {
    value.as_bool().ok_or_else(|| format!("{value} is neither true nor false"))
}

fn apply(operation: Operation, values: &[Value]) -> Result<Value, String> {
    match operation {
        Operation::Add => fold(values, i64::checked_add, |a, b| a + b),
        Operation::Sub => fold(values, i64::checked_sub, |a, b| a - b),
        Operation::Mul => fold(values, i64::checked_mul, |a, b| a * b),
        Operation::Min => fold(values, |a, b| Some(a.min(b)), f64::min),
        Operation::Max => fold(values, |a, b| Some(a.max(b)), f64::max),
        Operation::Idiv => floor_division(&values[0], &values[1]),
        Operation::Eq => Ok(Value::Bool(equal(&values[0], &values[1]))),
        Operation::Lt => Ok(Value::Bool(number(&values[0])? < number(&values[1])?)),
        Operation::At => {
            let index = values[1].as_u64().and_then(|i| usize::try_from(i).ok());
            let item = index.and_then(|i| values[0].as_array().and_then(|items| items.get(i)));
            item.cloned().ok_or_else(|| format!("{} has no element {}", values[0], values[1]))
        }
        Operation::List => Ok(Value::Array(values.to_vec())),
        Operation::RoundTo => round_to(&values[0], &values[1]),
        Operation::If => Err("`if` is evaluated lazily".into()),
    }
}

fn fold(
    values: &[Value],
    integers: impl Fn(i64, i64) -> Option<i64>,
    floats: impl Fn(f64, f64) -> f64,
) -> Result<Value, String> {
    if let Some(all) = values.iter().map(Value::as_i64).collect::<Option<Vec<i64>>>() {
        let mut rest = all.into_iter();
        let first = rest.next().ok_or("no arguments")?;
        let result = rest.try_fold(first, integers).ok_or("integer overflow")?;
        return Ok(result.into());
    }
    let all = values.iter().map(number).collect::<Result<Vec<f64>, _>>()?;
    float(all.into_iter().reduce(floats).ok_or("no arguments")?)
}

fn floor_division(a: &Value, b: &Value) -> Result<Value, String> {
    match (a.as_i64(), b.as_i64()) {
        (Some(_), Some(0)) => Err("division by zero".into()),
        (Some(a), Some(b)) => whole(num_integer::Integer::div_floor(&i128::from(a), &i128::from(b))),
        _ => float((number(a)? / number(b)?).floor()),
    }
}

/// `max(m, floor(v / m + 0.5) * m)`
fn round_to(value: &Value, multiple: &Value) -> Result<Value, String> {
    if number(multiple)? <= 0.0 {
        return Err("round_to needs a positive multiple".into());
    }
    match (value.as_i64(), multiple.as_i64()) {
        (Some(v), Some(m)) => {
            let (v, m) = (i128::from(v), i128::from(m));
            whole((num_integer::Integer::div_floor(&(2 * v + m), &(2 * m)) * m).max(m))
        }
        (_, multiple_integer) => {
            let (v, m) = (number(value)?, number(multiple)?);
            let rounded = ((v / m + 0.5).floor() * m).max(m);
            if multiple_integer.is_some() { Ok((rounded as i64).into()) } else { float(rounded) }
        }
    }
}

fn whole(value: i128) -> Result<Value, String> {
    i64::try_from(value).map(Value::from).map_err(|_| "integer overflow".into())
}

fn equal(a: &Value, b: &Value) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("{value} is not a number"))
}

fn float(value: f64) -> Result<Value, String> {
    Number::from_f64(value).map(Value::Number).ok_or_else(|| "the result is not finite".into())
}
