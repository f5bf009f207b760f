//! Genotypes in their nested and dictionary forms (space-language §3), and reading any form.

use super::genotype::Choice;
use super::node::{Kind, Node};
use super::place::Place;
use super::tree::Tree;
use serde_json::{Map, Value, json};

/// Collects the elements of the nested form: a number per choice, `{"t": [choice, below…]}` for a choice with decisions
/// below it, an array per multi-choice.
pub(super) fn nested(node: &Node, tree: &Tree, elements: &mut Vec<Value>) {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => nested(node, tree, elements),
        (Kind::Array(nodes), Tree::Items(trees)) => {
            nodes.iter().zip(trees).for_each(|(node, tree)| nested(node, tree, elements));
        }
        (Kind::Object(members), Tree::Items(trees)) => {
            members.iter().zip(trees).for_each(|((_, node), tree)| nested(node, tree, elements));
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            elements.push(conditional(*index, &choice.candidates[*index], child));
        }
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) => {
            let sub = chosen.iter().map(|(index, child)| conditional(*index, &many.candidates[*index], child));
            elements.push(Value::Array(sub.collect()));
        }
        (Kind::Float(_), Tree::Float(value)) => elements.push(json!(value)),
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
            let mut below = Vec::new();
            bodies.iter().for_each(|body| nested(&repeat.body, body, &mut below));
            if repeat.open { elements.push(tuple(*index, below)) } else { elements.append(&mut below) }
        }
        (Kind::Path(path), Tree::Path(steps)) => {
            let mut previous = None;
            for (step, (state, emit)) in steps.iter().enumerate() {
                let position = path.options(step, previous).iter().position(|option| option == state);
                elements.push(conditional(position.unwrap_or_default(), &path.states[*state].emit, emit));
                previous = Some(*state);
            }
        }
        _ => {}
    }
}

fn conditional(index: usize, node: &Node, child: &Tree) -> Value {
    let mut below = Vec::new();
    nested(node, child, &mut below);
    tuple(index, below)
}

fn tuple(index: usize, below: Vec<Value>) -> Value {
    if below.is_empty() { json!(index) } else { json!({"t": [index, collapse(below)]}) }
}

/// One element stands for itself.
pub(super) fn collapse(mut elements: Vec<Value>) -> Value {
    if elements.len() == 1 { elements.remove(0) } else { Value::Array(elements) }
}

/// All choices of a nested or flat form, in order; `None` where something else than numbers is in it.
pub(super) fn numbers(value: &Value, choices: &mut Vec<Choice>) -> Option<()> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| numbers(item, choices)),
        Value::Object(map) if map.len() == 1 => numbers(map.get("t")?, choices),
        Value::Number(number) => {
            let whole = number.as_u64().map(Choice::Index);
            choices.push(whole.or_else(|| number.as_f64().map(Choice::Float))?);
            Some(())
        }
        _ => None,
    }
}

/// Reads the dictionary form: looks up every decision as it is met.
pub(super) struct Dictionary<'a> {
    pub entries: &'a Map<String, Value>,
    pub used: Vec<String>,
    pub choices: Vec<Choice>,
}

impl Dictionary<'_> {
    /// Appends the choices of a node; the error names the decision that is missing or wrong.
    pub fn read(&mut self, node: &Node, place: &Place<'_>) -> Result<(), crate::fault::Fault> {
        match &node.kind {
            Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Ok(()),
            Kind::Definition(node) => self.read(node, place),
            Kind::Array(nodes) => nodes.iter().enumerate().try_for_each(|(i, node)| self.read(node, &place.element(i))),
            Kind::Object(members) => members.iter().try_for_each(|(key, node)| self.read(node, &place.member(key))),
            Kind::OneOf(choice) => self.choose(&choice.candidates, place),
            Kind::ManyOf(many) => {
                (0..many.count).try_for_each(|position| self.choose(&many.candidates, &place.element(position)))
            }
            Kind::Float(_) => {
                let value = self.entry(place)?.as_f64().ok_or_else(|| place.fault("must be a number"))?;
                self.choices.push(Choice::Float(value));
                Ok(())
            }
            Kind::Repeat(repeat) => {
                let index = if repeat.open { self.index(repeat.times.len(), |_| None, place)? } else { 0 };
                let bodies = 0..repeat.bodies(repeat.times[index]);
                bodies.into_iter().try_for_each(|i| self.read(&repeat.body, &place.element(i)))
            }
            Kind::Path(path) => {
                let mut previous = None;
                for step in 0..path.length {
                    let place = place.element(step);
                    let options = path.options(step, previous);
                    let name = |literal: &Value| options.iter().position(|s| literal == path.states[*s].name.as_str());
                    let state = options[self.index(options.len(), name, &place)?];
                    self.read(&path.states[state].emit, &place.member(&path.states[state].name))?;
                    previous = Some(state);
                }
                Ok(())
            }
        }
    }

    fn choose(&mut self, candidates: &[Node], place: &Place<'_>) -> Result<(), crate::fault::Fault> {
        let literal = |value: &Value| candidates.iter().position(|node| node.constant_value() == Some(value));
        let index = self.index(candidates.len(), literal, place)?;
        self.read(&candidates[index], &place.candidate(index, candidates.len()))
    }

    /// An index, or the literal of a candidate where it is not a number.
    fn index(
        &mut self,
        count: usize,
        literal: impl Fn(&Value) -> Option<usize>,
        place: &Place<'_>,
    ) -> Result<usize, crate::fault::Fault> {
        let entry = self.entry(place)?;
        let index = match entry.as_u64() {
            Some(index) => usize::try_from(index).ok().filter(|index| *index < count),
            None => literal(&entry),
        };
        let index =
            index.ok_or_else(|| place.fault(format!("{entry} is neither an index below {count} nor a candidate")))?;
        self.choices.push(Choice::Index(index as u64));
        Ok(index)
    }

    fn entry(&mut self, place: &Place<'_>) -> Result<Value, crate::fault::Fault> {
        let id = place.id();
        let entry = self.entries.get(&id).cloned().ok_or_else(|| place.fault("this decision has no choice"))?;
        self.used.push(id);
        Ok(entry)
    }
}
