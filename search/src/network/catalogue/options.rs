//! Checks that the ready-made spaces share.

use crate::fault::Faults;

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
