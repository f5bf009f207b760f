//! Reads a study document as far as it can be read, so that the faults of its form do not hide the others.

use search::fault::Faults;
use search::reader;
use search::study::StudyDocument;
use serde_json::{Map, Value, json};

/// A document whose unreadable members were replaced.
pub struct Survey {
    pub document: StudyDocument,
    /// Faults of the form.
    pub faults: Faults,
}

impl Survey {
    /// # Errors
    /// The faults of a document of which nothing can be read.
    pub fn of(document: &Value) -> Result<Survey, Faults> {
        let faults = match reader::read(document) {
            Ok(document) => return Ok(Survey { document, faults: Faults::default() }),
            Err(faults) => faults,
        };
        let Some(members) = document.as_object() else { return Err(faults) };
        match reader::read(&Value::Object(readable(members, &faults))) {
            Ok(document) => Ok(Survey { document, faults }),
            Err(_) => Err(faults),
        }
    }

    /// Whether this member stands in for one that cannot be read.
    pub fn replaced(&self, member: &str) -> bool {
        self.faults.0.iter().any(|fault| member_of(&fault.pointer) == member)
    }

    /// Adds faults of meaning, leaving out those of members that were replaced.
    pub fn add(&mut self, found: Faults) {
        let kept: Vec<_> = found.0.into_iter().filter(|fault| !self.replaced(member_of(&fault.pointer))).collect();
        self.faults.0.extend(kept);
    }
}

/// The members without a fault; where one is needed, a harmless one takes its place.
fn readable(members: &Map<String, Value>, faults: &Faults) -> Map<String, Value> {
    let mut readable = members.clone();
    let needed = json!({
        "name": "unnamed",
        "space": {"id": ""},
        "objectives": [{"metric": "top1", "direction": "maximize"}],
        "budget": {"max_trials": 1},
    });
    for fault in &faults.0 {
        let member = member_of(&fault.pointer);
        match needed.get(member) {
            Some(harmless) => readable.insert(member.to_owned(), harmless.clone()),
            None => readable.remove(member),
        };
    }
    readable
}

/// `budget` of `/budget/max_trials`.
fn member_of(pointer: &str) -> &str {
    pointer.trim_start_matches('/').split('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_read_is_read() {
        let document = json!({
            "name": 5, "space": {"builtin": {"name": "darts"}}, "objectives": [], "unknown": 1,
            "strategy": {"name": "magic"},
        });
        let mut survey = Survey::of(&document).unwrap();
        assert_eq!(survey.document.strategy.name, "magic");
        assert!(survey.replaced("name") && survey.replaced("budget") && !survey.replaced("strategy"));
        survey.add(Faults::one("/budget/max_trials", "of the replacement"));
        survey.add(Faults::one("/objectives", "at least one objective"));
        let pointers: Vec<&str> = survey.faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
        assert_eq!(pointers, ["/budget", "/name", "/unknown", "/objectives"]);
    }
}
