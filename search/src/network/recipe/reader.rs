//! Takes known fields out of a flat object and collects what is wrong with them.

use crate::fault::Faults;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

pub(super) struct Reader<'a> {
    fields: &'a Map<String, Value>,
    known: BTreeSet<&'static str>,
    faults: Faults,
}

impl<'a> Reader<'a> {
    /// Reads from the fields of a recipe.
    pub fn new(fields: &'a Map<String, Value>) -> Self {
        Reader { fields, known: BTreeSet::new(), faults: Faults::default() }
    }

    fn get(&mut self, name: &'static str) -> Option<&'a Value> {
        self.known.insert(name);
        self.fields.get(name)
    }

    /// A number from `low` to `high`.
    pub fn number(&mut self, name: &'static str, default: f64, low: f64, high: f64) -> f64 {
        let Some(value) = self.get(name) else { return default };
        match value.as_f64() {
            Some(number) if (low..=high).contains(&number) => number,
            _ => {
                self.faults.push(format!("/{name}"), format!("{value} must be a number from {low} to {high}"));
                default
            }
        }
    }

    /// A number of at least 0 and below 1.
    pub fn share(&mut self, name: &'static str, default: f64) -> f64 {
        let Some(value) = self.get(name) else { return default };
        match value.as_f64() {
            Some(number) if (0.0..1.0).contains(&number) => number,
            _ => {
                self.faults.push(format!("/{name}"), format!("{value} must be at least 0 and below 1"));
                default
            }
        }
    }

    /// A share, or `true` for `on`, or `false` for 0.
    pub fn switched(&mut self, name: &'static str, default: f64, on: f64) -> f64 {
        match self.fields.get(name) {
            Some(Value::Bool(flag)) => {
                self.known.insert(name);
                if *flag { on } else { 0.0 }
            }
            _ => self.share(name, default),
        }
    }

    /// A whole number within bounds.
    pub fn whole(&mut self, name: &'static str, default: usize, low: usize, high: usize) -> usize {
        let Some(value) = self.get(name) else { return default };
        match value.as_u64().and_then(|n| usize::try_from(n).ok()) {
            Some(number) if (low..=high).contains(&number) => number,
            _ => {
                self.faults.push(format!("/{name}"), format!("{value} must be a whole number from {low} to {high}"));
                default
            }
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, name: &'static str, default: bool) -> bool {
        let Some(value) = self.get(name) else { return default };
        value.as_bool().unwrap_or_else(|| {
            self.faults.push(format!("/{name}"), format!("{value} must be true or false"));
            default
        })
    }

    /// One of `names`; the first is the default.
    pub fn name(&mut self, name: &'static str, names: &[&'static str]) -> &'static str {
        let Some(value) = self.get(name) else { return names[0] };
        let found = names.iter().find(|known| value.as_str() == Some(known));
        found.copied().unwrap_or_else(|| {
            self.faults.push(format!("/{name}"), format!("{value} is not known; there are {}", names.join(", ")));
            names[0]
        })
    }

    /// The value, if no field was wrong and none unknown.
    pub fn finish<T>(mut self, value: T) -> Result<T, Faults> {
        for name in self.fields.keys().filter(|name| !self.known.contains(name.as_str())) {
            let known: Vec<&str> = self.known.iter().copied().collect();
            let place = name.replace('~', "~0").replace('/', "~1");
            self.faults.push(format!("/{place}"), format!("unknown recipe field; there are {}", known.join(", ")));
        }
        self.faults.or(value)
    }
}
