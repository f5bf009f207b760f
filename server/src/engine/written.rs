//! A strategy's state as the database has it, and how the next one is written: as a whole, or as what has changed.

use super::change::Change;
use crate::store::{StateWrite, StoreError, StoredState, text};
use serde_json::Value;

/// A shorter state is written as a whole: a second row would cost more.
const SHORT: usize = 2000;

/// The state in the database.
#[derive(Default)]
pub(super) struct Written {
    state: Value,
    /// Length when it was last written as a whole, and of the changes since then.
    whole: usize,
    changes: usize,
}

impl Written {
    /// Puts together what is stored. The state is `null` before the first advance.
    pub fn read(stored: StoredState) -> Result<Written, StoreError> {
        let mut state = stored.state.unwrap_or_default();
        let whole = text(&state)?.len();
        let mut changes = 0;
        for change in stored.changes {
            changes += text(&change)?.len();
            let change: Change = serde_json::from_value(change)
                .map_err(|e| StoreError::unreadable("change of a strategy's state", e))?;
            change.apply(&mut state).map_err(|e| StoreError::unreadable("change of a strategy's state", e))?;
        }
        Ok(Written { state, whole, changes })
    }

    /// The state, unless there is none yet.
    pub fn state(&self) -> Option<&Value> {
        (!self.state.is_null()).then_some(&self.state)
    }

    /// How `state` is to be written, and what is in the database then.
    pub fn next(&mut self, state: Value) -> Result<StateWrite, StoreError> {
        let write = self.write(&state)?;
        self.state = state;
        Ok(write)
    }

    fn write(&mut self, state: &Value) -> Result<StateWrite, StoreError> {
        if self.whole > SHORT {
            let Some(change) = Change::between(&self.state, state) else { return Ok(StateWrite::Same) };
            let change = text(&change)?;
            if self.changes + change.len() <= self.whole {
                self.changes += change.len();
                return Ok(StateWrite::Change(change));
            }
        }
        let whole = text(state)?;
        *self = Written { whole: whole.len(), ..Written::default() };
        Ok(StateWrite::Whole(whole))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The database as rows: the whole state and the changes since.
    #[derive(Default)]
    struct Rows {
        state: Option<Value>,
        changes: Vec<Value>,
        bytes: usize,
    }

    impl Rows {
        fn take(&mut self, write: StateWrite) {
            let read = |text: &str| serde_json::from_str(text).unwrap();
            match write {
                StateWrite::Same => {}
                StateWrite::Change(change) => {
                    self.bytes += change.len();
                    self.changes.push(read(&change));
                }
                StateWrite::Whole(whole) => {
                    self.bytes += whole.len();
                    (self.state, self.changes) = (Some(read(&whole)), Vec::new());
                }
            }
        }

        fn stored(&self) -> StoredState {
            StoredState { state: self.state.clone(), changes: self.changes.clone() }
        }
    }

    #[test]
    fn a_growing_state_comes_back_and_costs_as_much_as_it_grew() {
        let mut written = Written::read(StoredState::default()).unwrap();
        assert_eq!(written.state(), None);
        let (mut rows, mut seen) = (Rows::default(), String::new());
        for step in 0..3000 {
            seen.push_str(&format!("{step:016x}"));
            let state = json!({"version": 1, "state": {"proposed": step, "seen": seen}});
            rows.take(written.next(state.clone()).unwrap());
            if step % 100 == 0 {
                written = Written::read(rows.stored()).unwrap();
                assert_eq!(written.state(), Some(&state));
            }
        }
        let each_time_whole = 3000 * seen.len() / 2;
        assert!(rows.bytes * 50 < each_time_whole, "{} bytes were written", rows.bytes);
    }
}
