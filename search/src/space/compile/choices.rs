//! `$oneof`, `$manyof`, `$perm`, `$bool`, `$optional`.

use super::Compiler;
use crate::space::node::{Kind, ManyOf, Node, OneOf};
use crate::space::selection;
use serde_json::Value;

impl Compiler<'_> {
    pub(super) fn one_of(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        self.points += 1;
        if argument.is_array() {
            let candidates = self.candidates(argument, pointer)?;
            return Some(Kind::OneOf(OneOf { ordered: false, candidates }));
        }
        let map = self.arguments(argument, &["of", "ordered"], pointer)?;
        let ordered = self.flag(map, "ordered", false, pointer);
        let candidates = self.candidates(map.get("of").unwrap_or(&Value::Null), &format!("{pointer}/of"))?;
        Some(Kind::OneOf(OneOf { ordered, candidates }))
    }

    pub(super) fn many_of(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        let map = self.arguments(argument, &["k", "of", "distinct", "sorted"], pointer)?;
        let distinct = self.flag(map, "distinct", true, pointer);
        let sorted = self.flag(map, "sorted", false, pointer);
        let candidates = self.candidates(map.get("of").unwrap_or(&Value::Null), &format!("{pointer}/of"));
        let count = self.count(map.get("k"), &format!("{pointer}/k"));
        let (candidates, count) = (candidates?, count?);
        self.points += count;
        if distinct && count > candidates.len() {
            let detail = format!("{count} distinct choices cannot be made among {} candidates", candidates.len());
            self.faults.push(format!("{pointer}/k"), detail);
            return None;
        }
        if candidates.iter().any(|node| node.size != candidates[0].size) {
            self.spend(selection::work(candidates.len(), count), pointer)?;
        }
        Some(Kind::ManyOf(ManyOf { count, distinct, sorted, candidates }))
    }

    pub(super) fn permutation(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        let candidates = self.candidates(argument, pointer)?;
        self.points += candidates.len();
        Some(Kind::ManyOf(ManyOf { count: candidates.len(), distinct: true, sorted: false, candidates }))
    }

    pub(super) fn boolean(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        self.points += 1;
        if argument != &Value::Bool(true) {
            self.faults.push(pointer, "is written {\"$bool\": true}");
        }
        let candidates = [false, true].map(|value| Node::constant(value.into())).into();
        Some(Kind::OneOf(OneOf { ordered: false, candidates }))
    }

    pub(super) fn optional(&mut self, argument: &Value, pointer: &str) -> Option<Kind> {
        self.points += 1;
        let candidates = vec![Node::constant(Value::Null), self.node(argument, pointer)];
        Some(Kind::OneOf(OneOf { ordered: false, candidates }))
    }

    fn candidates(&mut self, json: &Value, pointer: &str) -> Option<Vec<Node>> {
        match json {
            Value::Array(items) if !items.is_empty() => {
                let compile = |(i, item): (usize, &Value)| self.node(item, &format!("{pointer}/{i}"));
                Some(items.iter().enumerate().map(compile).collect())
            }
            _ => {
                self.faults.push(pointer, "must be an array of at least one candidate");
                None
            }
        }
    }
}
