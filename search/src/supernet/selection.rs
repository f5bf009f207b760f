//! Which candidates of a supernet's choices are taken.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// By decision id of the template: the chosen candidates, one for `$oneof`, k for `$manyof`. Decisions that are not
/// reached may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selection(pub BTreeMap<String, Vec<usize>>);
