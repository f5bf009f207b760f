//! What changed between two JSON documents: small where a document grows, or slides on, at its ends.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Turns one document into another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Change {
    /// It is another value.
    Is(Value),
    /// Text came to the end of a string.
    Longer(String),
    /// Members that are new or changed, and the names of those that went.
    Object {
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        changed: BTreeMap<String, Change>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        gone: Vec<String>,
    },
    /// Items that went from the front; of those that stayed the changed ones by their new place; items at the end.
    Array {
        #[serde(default, skip_serializing_if = "is_zero")]
        gone: usize,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        changed: BTreeMap<usize, Change>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        added: Vec<Value>,
    },
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Change {
    /// What leads from `old` to `new`; `None` when they are the same.
    pub fn between(old: &Value, new: &Value) -> Option<Change> {
        match (old, new) {
            (Value::Object(old), Value::Object(new)) => members(old, new),
            (Value::Array(old), Value::Array(new)) => items(old, new),
            (Value::String(old), Value::String(new)) if new != old => Some(match new.strip_prefix(old.as_str()) {
                Some(more) => Change::Longer(more.to_owned()),
                None => Change::Is(Value::String(new.clone())),
            }),
            _ if old == new => None,
            _ => Some(Change::Is(new.clone())),
        }
    }

    /// Carries the change out; `Err` when the document is not the one that it was made for.
    pub fn apply(self, document: &mut Value) -> Result<(), String> {
        match (self, document) {
            (Change::Is(value), document) => *document = value,
            (Change::Longer(more), Value::String(text)) => text.push_str(&more),
            (Change::Object { changed, gone }, Value::Object(members)) => {
                for name in gone {
                    members.remove(&name);
                }
                for (name, change) in changed {
                    change.apply(members.entry(name).or_insert(Value::Null))?;
                }
            }
            (Change::Array { gone, changed, added }, Value::Array(items)) => {
                if gone > items.len() {
                    return Err(format!("{gone} items go from an array of {}", items.len()));
                }
                items.drain(..gone);
                for (place, change) in changed {
                    change.apply(items.get_mut(place).ok_or_else(|| format!("there is no item {place}"))?)?;
                }
                items.extend(added);
            }
            (change, document) => return Err(format!("{change:?} does not fit {document}")),
        }
        Ok(())
    }
}

fn members(old: &Map<String, Value>, new: &Map<String, Value>) -> Option<Change> {
    let gone: Vec<String> = old.keys().filter(|name| !new.contains_key(*name)).cloned().collect();
    let change = |(name, value): (&String, &Value)| {
        let change = match old.get(name) {
            Some(before) => Change::between(before, value)?,
            None => Change::Is(value.clone()),
        };
        Some((name.clone(), change))
    };
    let changed: BTreeMap<String, Change> = new.iter().filter_map(change).collect();
    (!changed.is_empty() || !gone.is_empty()).then_some(Change::Object { changed, gone })
}

fn items(old: &[Value], new: &[Value]) -> Option<Change> {
    // What is first now was somewhere before, if items only went from the front.
    let gone = new.first().and_then(|first| old.iter().position(|item| item == first)).unwrap_or(0);
    let kept = &old[gone..];
    if kept.len() > new.len() {
        return Some(Change::Is(new.into()));
    }
    let change = |(place, (before, after))| Some((place, Change::between(before, after)?));
    let changed: BTreeMap<usize, Change> = kept.iter().zip(new).enumerate().filter_map(change).collect();
    let added = new[kept.len()..].to_vec();
    (gone > 0 || !changed.is_empty() || !added.is_empty()).then_some(Change::Array { gone, changed, added })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ab]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::btree_map("[abc]", inner, 0..4).prop_map(|m| Value::Object(m.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_change_leads_from_any_document_to_any_other(old in document(), new in document()) {
            let mut found = old.clone();
            if let Some(change) = Change::between(&old, &new) {
                // As it comes back from the database.
                let stored: Change = serde_json::from_str(&serde_json::to_string(&change).unwrap()).unwrap();
                stored.apply(&mut found).unwrap();
            }
            prop_assert_eq!(found, new);
        }
    }

    #[test]
    fn a_state_that_grows_at_its_ends_changes_little() {
        let old = json!({"count": 3, "seen": "aaabbb", "population": [{"g": 1}, {"g": 2}, {"g": 3}]});
        let new = json!({"count": 4, "seen": "aaabbbccc", "population": [{"g": 2}, {"g": 3}, {"g": 4}]});
        let change = serde_json::to_value(Change::between(&old, &new)).unwrap();
        let expected = json!({"object": {"changed": {
            "count": {"is": 4}, "seen": {"longer": "ccc"}, "population": {"array": {"gone": 1, "added": [{"g": 4}]}}}}});
        assert_eq!(change, expected);
        assert_eq!(Change::between(&new, &new), None);
    }

    #[test]
    fn a_change_for_another_document_is_refused() {
        let change = Change::between(&json!([1, 2, 3]), &json!([3, 4])).unwrap();
        assert!(change.apply(&mut json!([1])).is_err());
        assert!(Change::Longer("a".into()).apply(&mut json!(1)).is_err());
    }
}
