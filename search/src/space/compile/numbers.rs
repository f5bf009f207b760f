//! `$int` and `$float`.

use super::Compiler;
use crate::space::node::{Float, Kind, Node, OneOf};
use crate::space::scale::{Scale, grid};
use serde_json::{Map, Value};

/// Values that an `$int` or a gridded `$float` may have.
const MAX_VALUES: i64 = 100_000;

impl Compiler<'_> {
    pub(super) fn integer(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        self.points += 1;
        let map = self.arguments(argument, &["min", "max", "step"], pointer)?;
        let min = self.whole(map.get("min"), &format!("{pointer}/min"));
        let max = self.whole(map.get("max"), &format!("{pointer}/max"));
        let step = map.get("step").map_or(Some(1), |step| self.whole(Some(step), &format!("{pointer}/step")));
        let (min, max, step) = (min?, max?, step?);
        if min > max || step < 1 {
            self.faults.push(pointer, format!("needs min ≤ max and step ≥ 1, not {min}, {max}, {step}"));
            return None;
        }
        if max.abs_diff(min) / step.unsigned_abs() >= MAX_VALUES.unsigned_abs() {
            self.faults.push(pointer, format!("has more than {MAX_VALUES} values: take a larger step"));
            return None;
        }
        let values = (0..=max.abs_diff(min) / step.unsigned_abs()).map(|i| min + i as i64 * step);
        let candidates = values.map(|value| Node::constant(value.into())).collect();
        Some(Kind::OneOf(OneOf { ordered: true, candidates }))
    }

    pub(super) fn float(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        self.points += 1;
        let map = self.arguments(argument, &["min", "max", "scale", "grid"], pointer)?;
        let min = self.real(map.get("min"), &format!("{pointer}/min"));
        let max = self.real(map.get("max"), &format!("{pointer}/max"));
        let scale = self.scale(map, pointer);
        let (min, max, scale) = (min?, max?, scale?);
        if min > max {
            self.faults.push(pointer, format!("needs min ≤ max, not {min} and {max}"));
            return None;
        }
        if scale != Scale::Linear && min <= 0.0 {
            self.faults.push(format!("{pointer}/min"), "a logarithmic scale needs a minimum above 0");
            return None;
        }
        if !(max - min).is_finite() || (scale != Scale::Linear && !(max / min).is_finite()) {
            self.faults.push(pointer, format!("{min} and {max} are too far apart for double precision"));
            return None;
        }
        let Some(points) = map.get("grid") else {
            return Some(Kind::Float(Float { min, max, scale }));
        };
        let points = self.count(Some(points), &format!("{pointer}/grid"))?;
        if points == 0 || points as i64 > MAX_VALUES {
            self.faults.push(format!("{pointer}/grid"), format!("must be 1 to {MAX_VALUES} points"));
            return None;
        }
        let candidates = grid(scale, min, max, points).into_iter().map(|value| Node::constant(value.into())).collect();
        Some(Kind::OneOf(OneOf { ordered: true, candidates }))
    }

    fn scale(&mut self, map: &Map<String, Value>, pointer: &str) -> Option<Scale> {
        let Some(name) = map.get("scale") else {
            return Some(Scale::Linear);
        };
        let scale = serde_json::from_value(name.clone()).ok();
        if scale.is_none() {
            self.faults.push(format!("{pointer}/scale"), "must be linear, log or rlog");
        }
        scale
    }

    fn whole(&mut self, json: Option<&Value>, pointer: &str) -> Option<i64> {
        let whole = json.and_then(Value::as_i64).filter(|value| value.unsigned_abs() < 1 << 53);
        if whole.is_none() {
            self.faults.push(pointer, "must be a whole number");
        }
        whole
    }

    fn real(&mut self, json: Option<&Value>, pointer: &str) -> Option<f64> {
        let real = json.and_then(Value::as_f64).filter(|value| value.is_finite());
        if real.is_none() {
            self.faults.push(pointer, "must be a number");
        }
        real
    }

    /// A number of things, 0 or more.
    pub(super) fn count(&mut self, json: Option<&Value>, pointer: &str) -> Option<usize> {
        let count = json.and_then(Value::as_u64).filter(|count| *count <= MAX_VALUES.unsigned_abs());
        if count.is_none() {
            self.faults.push(pointer, format!("must be a whole number from 0 to {MAX_VALUES}"));
        }
        count.map(|count| count as usize)
    }
}
