//! Canonical text of JSON values, and the keys made of it (space-language §5).

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Text that is equal exactly for equal values: no blanks, keys ascending by bytes, numbers that are not integers as the
/// bits of their double.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write_value(value, &mut text);
    text
}

/// Identity of a materialised value (`arch_key`): hexadecimal SHA-256 of its canonical text.
pub fn value_key(value: &Value) -> String {
    sha256_hex(canonical(value).as_bytes())
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

pub(super) fn canonical_float(value: f64) -> String {
    let value = if value == 0.0 { 0.0 } else { value };
    format!("\"f{:016x}\"", value.to_bits())
}

fn write_value(value: &Value, text: &mut String) {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (i, item) in items.iter().enumerate() {
                separate(i, text);
                write_value(item, text);
            }
            text.push(']');
        }
        Value::Object(members) => write_object(members, text),
        Value::Number(number) if number.is_f64() => {
            text.push_str(&canonical_float(number.as_f64().unwrap_or(f64::NAN)));
        }
        scalar => text.push_str(&scalar.to_string()),
    }
}

fn write_object(members: &Map<String, Value>, text: &mut String) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_by(|a, b| a.0.as_bytes().cmp(b.0.as_bytes()));
    text.push('{');
    for (i, (key, value)) in sorted.into_iter().enumerate() {
        separate(i, text);
        // Writing to a string cannot fail.
        let _ = write!(text, "{}:", Value::String(key.clone()));
        write_value(value, text);
    }
    text.push('}');
}

fn separate(position: usize, text: &mut String) {
    if position > 0 {
        text.push(',');
    }
}
