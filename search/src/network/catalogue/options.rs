//! Checks that the ready-made spaces share.

use crate::fault::Faults;
use serde::Serialize;
use serde_json::{Value, json};

/// A number of things between bounds.
pub(super) fn between(name: &str, value: usize, least: usize, most: usize, faults: &mut Faults) {
    if !(least..=most).contains(&value) {
        faults.push(format!("/{name}"), format!("must be {least} to {most}, not {value}"));
    }
}

/// An image shape `[channels, height, width]` whose sides are multiples of `multiple`.
pub(super) fn image(input: [usize; 3], multiple: usize, faults: &mut Faults) {
    let fits = |side: usize| (1..=4096).contains(&side) && side.is_multiple_of(multiple);
    if !(1..=64).contains(&input[0]) || !fits(input[1]) || !fits(input[2]) {
        faults.push("/input", format!("must be [channels, height, width] with sides that are multiples of {multiple}"));
    }
}

/// One of several values of a kind that has an order; a single value is no decision.
pub(super) fn ordered(values: &[usize]) -> Value {
    match values {
        [one] => json!(one),
        _ => json!({"$oneof": {"of": values, "ordered": true}}),
    }
}

/// One of several values; a single value is no decision.
pub(super) fn one_of<T: Serialize>(values: &[T]) -> Value {
    match values {
        [one] => json!(one),
        _ => json!({"$oneof": values}),
    }
}
