//! Reads a JSON object of options into a typed struct with defaults, reporting every fault at once.

use crate::fault::Faults;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// The JSON schema of an options struct, with the default of every field.
pub fn schema<T: JsonSchema + Serialize + Default>() -> Value {
    let mut schema = schemars::schema_for!(T).to_value();
    let defaults = serde_json::to_value(T::default()).unwrap_or_default();
    // Fields of a flattened struct have the defaults of the struct around it.
    if let (Some(properties), Value::Object(defaults)) = (schema["properties"].as_object_mut(), defaults) {
        for (name, default) in defaults {
            if let Some(Value::Object(property)) = properties.get_mut(&name) {
                property.insert("default".into(), default);
            }
        }
    }
    schema
}

/// Reads options. Unknown names and wrong values are faults with the option's pointer; left-out options take defaults.
pub fn read<T>(options: &Value) -> Result<T, Faults>
where
    T: DeserializeOwned + Serialize + Default + JsonSchema,
{
    let given = match options {
        Value::Null => &Map::new(),
        Value::Object(map) => map,
        _ => return Err(Faults::one("", "options must be an object")),
    };
    let known = option_names::<T>();
    let mut faults = Faults::default();
    for (name, value) in given {
        let pointer = format!("/{name}");
        if !known.contains(name) {
            faults.push(pointer, format!("there is no option `{name}`; known options: {}", known.join(", ")));
        } else if let Err(error) = overlay::<T>(&Map::from_iter([(name.clone(), value.clone())])) {
            faults.push(pointer, error.to_string());
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    overlay(given).map_err(|error| Faults::one("", error.to_string()))
}

/// The defaults with the given options in their places.
fn overlay<T>(given: &Map<String, Value>) -> Result<T, serde_json::Error>
where
    T: DeserializeOwned + Serialize + Default,
{
    let mut all = serde_json::to_value(T::default())?;
    if let Value::Object(map) = &mut all {
        map.extend(given.clone());
    }
    serde_json::from_value(all)
}

/// Reads a document that is JSON or YAML.
pub fn read_text(text: &str) -> Result<Value, Faults> {
    serde_json::from_str(text).or_else(|json| {
        serde_norway::from_str(text)
            .map_err(|yaml| Faults::one("", format!("the document is neither JSON ({json}) nor YAML ({yaml})")))
    })
}

fn option_names<T: JsonSchema + Serialize + Default>() -> Vec<String> {
    let schema = schema::<T>();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.map(|p| p.keys().cloned().collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(default)]
    struct Example {
        size: u32,
        name: String,
    }

    impl Default for Example {
        fn default() -> Self {
            Example { size: 3, name: "a".into() }
        }
    }

    #[test]
    fn left_out_options_take_their_defaults() {
        assert_eq!(read::<Example>(&json!({"size": 5})).unwrap(), Example { size: 5, name: "a".into() });
        assert_eq!(read::<Example>(&Value::Null).unwrap(), Example::default());
    }

    #[test]
    fn every_fault_is_reported_at_its_option() {
        let faults = read::<Example>(&json!({"size": "big", "name": 1, "sise": 2})).unwrap_err();
        let pointers: Vec<_> = faults.0.iter().map(|f| f.pointer.as_str()).collect();
        assert_eq!(pointers, ["/name", "/sise", "/size"]);
        assert!(faults.0[1].detail.contains("known options: name, size"));
    }
}
