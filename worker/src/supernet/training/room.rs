//! Falling back to smaller parts of a batch when the device has no memory for it.

use std::cell::Cell;
use tch::TchError;

/// Whether an error says that memory ran out; libtorch tells by text alone.
pub fn is_out_of_memory(error: &TchError) -> bool {
    crate::trainer::says_out_of_memory(&error.to_string())
}

/// Runs `work` with as many parts as the last steps needed; twice as many, up to `most`, each time memory runs out.
pub(super) fn with_room<T>(
    parts: &Cell<usize>,
    most: usize,
    mut work: impl FnMut(usize) -> Result<T, TchError>,
) -> Result<T, TchError> {
    loop {
        let now = parts.get().clamp(1, most.max(1));
        match work(now) {
            Err(error) if is_out_of_memory(&error) && 2 * now <= most => {
                tracing::warn!(parts = 2 * now, "out of memory; batches are cut into smaller parts");
                parts.set(2 * now);
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> TchError {
        TchError::Torch("CUDA out of memory. Tried to allocate 2.00 GiB".into())
    }

    #[test]
    fn batches_are_cut_until_they_fit_and_stay_so() {
        let parts = Cell::new(1);
        let fits = |needed: usize| move |parts: usize| if parts >= needed { Ok(parts) } else { Err(full()) };
        assert_eq!(with_room(&parts, 8, fits(4)).unwrap(), 4);
        assert_eq!(with_room(&parts, 8, fits(1)).unwrap(), 4);
        assert!(is_out_of_memory(&with_room(&parts, 4, fits(8)).unwrap_err()));
    }

    #[test]
    fn other_faults_are_not_tried_again() {
        let mut tries = 0;
        let result: Result<(), _> = with_room(&Cell::new(1), 8, |_| {
            tries += 1;
            Err(TchError::Shape("misfit".into()))
        });
        assert!(result.is_err());
        assert_eq!(tries, 1);
    }
}
