//! `$repeat` and `$path`.

use super::Compiler;
use crate::space::count;
use crate::space::document::escape;
use crate::space::node::{Kind, Node, Path, Repeat, State};
use crate::space::size::Size;
use serde_json::{Map, Value};

const MAX_LENGTH: usize = 4_096;

impl Compiler<'_> {
    pub(super) fn repeat(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        let map = self.arguments(argument, &["times", "body", "tie"], pointer)?;
        let tie = self.flag(map, "tie", false, pointer);
        let times = self.times(map.get("times").unwrap_or(&Value::Null), &format!("{pointer}/times"));
        if !map.contains_key("body") {
            self.faults.push(format!("{pointer}/body"), "is missing: the node that is repeated");
        }
        let body = self.node(map.get("body").unwrap_or(&Value::Null), &format!("{pointer}/body"));
        let (times, open) = times?;
        self.points += usize::from(open);
        Some(Kind::Repeat(Repeat { times, open, tie, body: Box::new(body) }))
    }

    /// The possible lengths, and whether they are a decision.
    fn times(&mut self, json: &Value, pointer: &str) -> Option<(Vec<usize>, bool)> {
        let length = |value: &Value| value.as_u64().and_then(|n| usize::try_from(n).ok()).filter(|n| *n <= MAX_LENGTH);
        if let Some(fixed) = length(json) {
            return Some((vec![fixed], false));
        }
        let node = json.is_object().then(|| self.node(json, pointer));
        let times: Option<Vec<usize>> = match node.as_ref().map(|node| &node.resolved().kind) {
            Some(Kind::OneOf(choice)) => {
                choice.candidates.iter().map(|node| node.constant_value().and_then(length)).collect()
            }
            _ => None,
        };
        if times.is_none() {
            let detail = format!("must be a length from 0 to {MAX_LENGTH}, or an `$int` or `$oneof` of such");
            self.faults.push(pointer, detail);
        }
        times.map(|times| (times, true))
    }

    pub(super) fn path(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        let map = self.arguments(argument, &["length", "start", "end", "states"], pointer)?;
        let length = self.count(map.get("length"), &format!("{pointer}/length"));
        let Some(Value::Object(states)) = map.get("states") else {
            self.faults.push(format!("{pointer}/states"), "must be an object of named states");
            return None;
        };
        let length = length?;
        if length > MAX_LENGTH {
            self.faults.push(format!("{pointer}/length"), format!("must be at most {MAX_LENGTH}"));
            return None;
        }
        self.points += length;
        let mut names: Vec<&str> = states.keys().map(String::as_str).collect();
        names.sort_unstable();
        let start = self.state_names(map.get("start"), &names, &format!("{pointer}/start"))?;
        let end = match map.get("end") {
            None => (0..names.len()).collect(),
            end => self.state_names(end, &names, &format!("{pointer}/end"))?,
        };
        let states = names.iter().map(|name| self.state(name, &states[*name], &names, pointer));
        let states = states.collect::<Vec<_>>().into_iter().collect::<Option<Vec<State>>>()?;
        self.walk(Path { length, states, start, completions: Vec::new() }, &end, pointer)
    }

    fn state(&mut self, name: &str, json: &Value, names: &[&str], pointer: &str) -> Option<State> {
        let pointer = format!("{pointer}/states/{}", escape(name));
        let map: &Map<String, Value> = self.arguments(json, &["emit", "next"], &pointer)?;
        let emit: Node = self.node(map.get("emit").unwrap_or(&Value::Null), &format!("{pointer}/emit"));
        let next = self.state_names(map.get("next"), names, &format!("{pointer}/next"))?;
        Some(State { name: name.to_owned(), emit, next })
    }

    fn state_names(&mut self, json: Option<&Value>, names: &[&str], pointer: &str) -> Option<Vec<usize>> {
        let found = json.and_then(Value::as_array).and_then(|items| {
            items.iter().map(|item| names.binary_search(&item.as_str()?).ok()).collect::<Option<Vec<usize>>>()
        });
        if found.is_none() {
            self.faults.push(pointer, format!("must be an array of states ({})", names.join(", ")));
        }
        let mut seen = vec![false; names.len()];
        for (i, state) in found.iter().flatten().enumerate() {
            if std::mem::replace(&mut seen[*state], true) {
                self.faults.push(format!("{pointer}/{i}"), format!("state `{}` stands here twice", names[*state]));
            }
        }
        found
    }

    fn walk(&mut self, mut path: Path, end: &[usize], pointer: &str) -> Option<Kind> {
        self.spend(count::walk_work(path.length, &path.states), pointer)?;
        let emits: Vec<&Size> = path.states.iter().map(|state| &state.emit.size).collect();
        let next: Vec<Vec<usize>> = path.states.iter().map(|state| state.next.clone()).collect();
        path.completions = count::completions(path.length, &emits, &next, end);
        if path.length > 0 && path.options(0, None).is_empty() {
            self.faults.push(pointer, format!("no walk of {} steps leads from a start to an end", path.length));
            return None;
        }
        Some(Kind::Path(path))
    }
}
