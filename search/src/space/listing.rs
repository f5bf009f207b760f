//! The decisions of a space and the choices of a genotype, by decision id.

use super::genotype::Choice;
use super::node::{Kind, Node};
use super::place::Place;
use super::tree::Tree;
use serde::Serialize;
use serde_json::{Value, json};

/// One decision of a space, whether or not a genotype reaches it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DecisionPoint {
    pub id: String,
    #[serde(flatten)]
    pub kind: DecisionKind,
}

/// What can be chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DecisionKind {
    /// One of some candidates; the labels are their values, or their positions where they hold decisions.
    Discrete {
        ordered: bool,
        candidates: Vec<Value>,
    },
    Continuous {
        min: f64,
        max: f64,
    },
}

impl DecisionPoint {
    /// Whether it is a choice of a number in an interval.
    pub fn is_continuous(&self) -> bool {
        matches!(self.kind, DecisionKind::Continuous { .. })
    }
}

/// Appends every decision below a node in traversal order, all branches included.
pub(super) fn decisions(node: &Node, place: &Place<'_>, found: &mut Vec<DecisionPoint>) {
    match &node.kind {
        Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => {}
        Kind::Definition(node) => decisions(node, place, found),
        Kind::Array(nodes) => nodes.iter().enumerate().for_each(|(i, node)| decisions(node, &place.element(i), found)),
        Kind::Object(members) => members.iter().for_each(|(key, node)| decisions(node, &place.member(key), found)),
        Kind::OneOf(choice) => discrete(choice.ordered, &choice.candidates, place, found),
        Kind::ManyOf(many) => {
            (0..many.count).for_each(|position| discrete(false, &many.candidates, &place.element(position), found));
        }
        Kind::Float(float) => {
            found.push(DecisionPoint {
                id: place.id(),
                kind: DecisionKind::Continuous { min: float.min, max: float.max },
            });
        }
        Kind::Repeat(repeat) => {
            if repeat.open {
                let candidates = repeat.times.iter().map(|times| json!(times)).collect();
                found
                    .push(DecisionPoint { id: place.id(), kind: DecisionKind::Discrete { ordered: true, candidates } });
            }
            let bodies = 0..repeat.bodies(repeat.longest());
            bodies.into_iter().for_each(|i| decisions(&repeat.body, &place.element(i), found));
        }
        Kind::Path(path) => {
            for step in 0..path.length {
                let place = place.element(step);
                let candidates = path.states.iter().map(|state| json!(state.name)).collect();
                found.push(DecisionPoint {
                    id: place.id(),
                    kind: DecisionKind::Discrete { ordered: false, candidates },
                });
                path.states.iter().for_each(|state| decisions(&state.emit, &place.member(&state.name), found));
            }
        }
    }
}

fn discrete(ordered: bool, candidates: &[Node], place: &Place<'_>, found: &mut Vec<DecisionPoint>) {
    let label = |(i, node): (usize, &Node)| node.constant_value().cloned().unwrap_or_else(|| json!(format!("#{i}")));
    let labels = candidates.iter().enumerate().map(label).collect();
    found.push(DecisionPoint { id: place.id(), kind: DecisionKind::Discrete { ordered, candidates: labels } });
    for (index, node) in candidates.iter().enumerate() {
        decisions(node, &place.candidate(index, candidates.len()), found);
    }
}

/// Appends the decisions that a genotype reaches, with its choices, in traversal order.
pub(super) fn active(node: &Node, tree: &Tree, place: &Place<'_>, found: &mut Vec<(String, Choice)>) {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => active(node, tree, place, found),
        (Kind::Array(nodes), Tree::Items(trees)) => {
            let pairs = nodes.iter().zip(trees).enumerate();
            pairs.for_each(|(i, (node, tree))| active(node, tree, &place.element(i), found));
        }
        (Kind::Object(members), Tree::Items(trees)) => {
            members.iter().zip(trees).for_each(|((key, node), tree)| active(node, tree, &place.member(key), found));
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            chosen(&choice.candidates, *index, child, place, found);
        }
        (Kind::ManyOf(many), Tree::ManyOf(choices)) => {
            for (position, (index, child)) in choices.iter().enumerate() {
                chosen(&many.candidates, *index, child, &place.element(position), found);
            }
        }
        (Kind::Float(_), Tree::Float(value)) => found.push((place.id(), Choice::Float(*value))),
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
            if repeat.open {
                found.push((place.id(), Choice::Index(*index as u64)));
            }
            bodies.iter().enumerate().for_each(|(i, body)| active(&repeat.body, body, &place.element(i), found));
        }
        (Kind::Path(path), Tree::Path(steps)) => {
            let mut previous = None;
            for (step, (state, emit)) in steps.iter().enumerate() {
                let place = place.element(step);
                let position = path.options(step, previous).iter().position(|option| option == state);
                found.push((place.id(), Choice::Index(position.unwrap_or_default() as u64)));
                active(&path.states[*state].emit, emit, &place.member(&path.states[*state].name), found);
                previous = Some(*state);
            }
        }
        _ => {}
    }
}

fn chosen(candidates: &[Node], index: usize, child: &Tree, place: &Place<'_>, found: &mut Vec<(String, Choice)>) {
    found.push((place.id(), Choice::Index(index as u64)));
    active(&candidates[index], child, &place.candidate(index, candidates.len()), found);
}
