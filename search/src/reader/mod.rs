//! Reads a JSON document into a type, reporting every fault of its form at once, each with its pointer.
//!
//! Serde stops at the first fault and does not say where it is. So a document that serde refuses is walked along the
//! type's JSON schema, which finds the rest. What the schema cannot say (ranges between members, meaning) is checked by
//! whoever owns the type.

mod branch;
mod walk;

use crate::fault::Faults;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Reads a document.
///
/// # Errors
/// All faults of its form.
pub fn read<T: DeserializeOwned + JsonSchema>(document: &Value) -> Result<T, Faults> {
    T::deserialize(document).map_err(|error| explain::<T>(document, &error))
}

/// The faults of a document that serde refused with `error`.
fn explain<T: JsonSchema>(document: &Value, error: &serde_json::Error) -> Faults {
    let schema = schemars::schema_for!(T).to_value();
    let faults = walk::faults(&schema, document);
    // The schema is wider than the type: serde knows better, though not where.
    if faults.is_empty() { Faults::one("", error.to_string()) } else { faults }
}

#[cfg(test)]
mod tests;
