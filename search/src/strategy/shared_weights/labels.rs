//! Short names of candidates.

use serde_json::{Map, Value};

/// The labels of a row with what all candidates have in common left out: `mbconv kernel=3 expansion=6`.
pub fn readable(labels: &[String]) -> Vec<String> {
    let objects: Vec<Option<Map<String, Value>>> =
        labels.iter().map(|label| serde_json::from_str(label).ok()).collect();
    let known: Vec<&Map<String, Value>> = objects.iter().flatten().collect();
    let short = |(label, object): (&String, &Option<Map<String, Value>>)| match object {
        None => label.clone(),
        Some(object) => {
            let operator = object.get("op").and_then(Value::as_str).unwrap_or("layer");
            let alike = known.iter().filter(|other| other.get("op") == object.get("op")).collect::<Vec<_>>();
            let differs = |key: &str| alike.iter().any(|other| other.get(key) != object.get(key));
            let parts = object.iter().filter(|(key, _)| *key != "op" && differs(key));
            parts.fold(operator.to_owned(), |text, (key, value)| format!("{text} {key}={}", plain(value)))
        }
    };
    labels.iter().zip(&objects).map(short).collect()
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn only_what_tells_candidates_apart_is_left() {
        let labels = [
            r#"{"op":"mbconv","kernel":3,"expansion":1,"channels":16}"#,
            r#"{"op":"mbconv","kernel":3,"expansion":6,"channels":16}"#,
            r#"{"op":"skip","strict":true}"#,
            "none",
        ];
        let labels = labels.map(str::to_owned);
        assert_eq!(readable(&labels), ["mbconv expansion=1", "mbconv expansion=6", "skip", "none"]);
    }
}
