//! Closing a space whose decisions stand open: from the chosen candidates of its template to a genotype, and back.

use super::node::{Kind, ManyOf, Node, Path};
use super::place::Place;
use super::template::Template;
use super::tree::Tree;
use crate::fault::{Fault, Faults};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Which candidates of a template's decisions are taken, by decision id: one index for `$oneof` and for the length of a
/// `$repeat`, k for `$manyof`, and for every step of a `$path` (`id[step]`) one among the states offered there. Ids are the
/// template's: below a `$manyof` the position of the pick is left out. Decisions that are not reached may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Selection(pub BTreeMap<String, Vec<usize>>);

/// Reads the choices of a selection along the nodes of its space.
pub(super) struct Closer<'a> {
    pub selection: &'a Selection,
    pub used: BTreeSet<String>,
}

impl<'a> Closer<'a> {
    /// Closes with the choices of a selection.
    pub fn new(selection: &'a Selection) -> Self {
        Closer { selection, used: BTreeSet::new() }
    }

    /// The choices below a node.
    pub fn close(&mut self, node: &Node, place: &Place<'_>) -> Result<Tree, Fault> {
        match &node.kind {
            Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Ok(Tree::Leaf),
            Kind::Definition(node) => self.close(node, place),
            Kind::Array(items) => {
                let close = |(i, node)| self.close(node, &place.element(i));
                items.iter().enumerate().map(close).collect::<Result<_, _>>().map(Tree::Items)
            }
            Kind::Object(members) => {
                let close = |(key, node): &(String, Node)| self.close(node, &place.member(key));
                members.iter().map(close).collect::<Result<_, _>>().map(Tree::Items)
            }
            Kind::OneOf(choice) => {
                let index = self.index(choice.candidates.len(), place)?;
                let place = place.candidate(index, choice.candidates.len());
                Ok(Tree::one_of(index, self.close(&choice.candidates[index], &place)?))
            }
            Kind::ManyOf(many) => self.many(many, place),
            Kind::Float(_) => Err(place.fault("a continuous decision cannot be closed by choosing a candidate")),
            Kind::Repeat(repeat) => {
                let index = if repeat.open { self.index(repeat.times.len(), place)? } else { 0 };
                let bodies = 0..repeat.bodies(repeat.times[index]);
                let close = |i| self.close(&repeat.body, &place.element(i));
                Ok(Tree::Repeat { index, bodies: bodies.map(close).collect::<Result<_, _>>()? })
            }
            Kind::Path(path) => self.path(path, place),
        }
    }

    fn many(&mut self, many: &ManyOf, place: &Place<'_>) -> Result<Tree, Fault> {
        let mut indices = self.indices(many.candidates.len(), many.count, place)?;
        if many.sorted {
            indices.sort_unstable();
        }
        if many.distinct && indices.iter().collect::<BTreeSet<_>>().len() < indices.len() {
            return Err(place.fault("a candidate is chosen twice in a distinct choice"));
        }
        let close = |index: usize| {
            let place = place.candidate(index, many.candidates.len());
            self.close(&many.candidates[index], &place).map(|tree| (index, tree))
        };
        indices.into_iter().map(close).collect::<Result<_, _>>().map(Tree::ManyOf)
    }

    fn path(&mut self, path: &Path, place: &Place<'_>) -> Result<Tree, Fault> {
        let mut steps: Vec<(usize, Tree)> = Vec::with_capacity(path.length);
        for step in 0..path.length {
            let place = place.element(step);
            let options = path.options(step, steps.last().map(|(state, _)| *state));
            let state = options[self.index(options.len(), &place)?];
            let emit = self.close(&path.states[state].emit, &place.member(&path.states[state].name))?;
            steps.push((state, emit));
        }
        Ok(Tree::Path(steps))
    }

    fn index(&mut self, candidates: usize, place: &Place<'_>) -> Result<usize, Fault> {
        self.indices(candidates, 1, place).map(|indices| indices[0])
    }

    /// The entry of a decision: `count` indices below `candidates`.
    fn indices(&mut self, candidates: usize, count: usize, place: &Place<'_>) -> Result<Vec<usize>, Fault> {
        let id = place.id();
        let indices = self.selection.0.get(&id).ok_or_else(|| place.fault("this decision has no choice"))?;
        if indices.len() != count {
            return Err(place.fault(format!("needs {count} chosen candidates, not {}", indices.len())));
        }
        if let Some(wrong) = indices.iter().find(|index| **index >= candidates) {
            return Err(place.fault(format!("index {wrong} is out of range: there are {candidates} candidates")));
        }
        self.used.insert(id);
        Ok(indices.clone())
    }
}

/// Adds the choices of a tree under the ids of the template.
pub(super) fn select(node: &Node, tree: &Tree, place: &Place<'_>, selection: &mut Selection) -> Result<(), Fault> {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => select(node, tree, place, selection),
        (Kind::Array(nodes), Tree::Items(trees)) => {
            let mut pairs = nodes.iter().zip(trees).enumerate();
            pairs.try_for_each(|(i, (node, tree))| select(node, tree, &place.element(i), selection))
        }
        (Kind::Object(members), Tree::Items(trees)) => {
            let mut pairs = members.iter().zip(trees);
            pairs.try_for_each(|((key, node), tree)| select(node, tree, &place.member(key), selection))
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            take(vec![*index], place, selection)?;
            select(&choice.candidates[*index], child, &place.candidate(*index, choice.candidates.len()), selection)
        }
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) => {
            take(chosen.iter().map(|(index, _)| *index).collect(), place, selection)?;
            chosen.iter().try_for_each(|(index, child)| {
                select(&many.candidates[*index], child, &place.candidate(*index, many.candidates.len()), selection)
            })
        }
        (Kind::Float(_), Tree::Float(_)) => Err(place.fault("a continuous decision has no candidates to choose from")),
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
            if repeat.open {
                take(vec![*index], place, selection)?;
            }
            let mut bodies = bodies.iter().enumerate();
            bodies.try_for_each(|(i, body)| select(&repeat.body, body, &place.element(i), selection))
        }
        (Kind::Path(path), Tree::Path(steps)) => select_path(path, steps, place, selection),
        _ => Ok(()),
    }
}

fn select_path(path: &Path, steps: &[(usize, Tree)], place: &Place<'_>, to: &mut Selection) -> Result<(), Fault> {
    let mut previous = None;
    for (step, (state, emit)) in steps.iter().enumerate() {
        let place = place.element(step);
        let position = path.options(step, previous).iter().position(|option| option == state);
        take(vec![position.unwrap_or_default()], &place, to)?;
        select(&path.states[*state].emit, emit, &place.member(&path.states[*state].name), to)?;
        previous = Some(*state);
    }
    Ok(())
}

/// A candidate that is picked twice with different choices below it has no single choice in the template.
fn take(indices: Vec<usize>, place: &Place<'_>, selection: &mut Selection) -> Result<(), Fault> {
    match selection.0.insert(place.id(), indices.clone()) {
        Some(other) if other != indices => {
            Err(place.fault("is chosen twice, and differently, under one candidate of a choice with repeats"))
        }
        _ => Ok(()),
    }
}

/// Faults of a selection's entries that name no decision of the template.
pub(super) fn unknown(selection: &Selection, used: &BTreeSet<String>, template: impl FnOnce() -> Template) -> Faults {
    let mut faults = Faults::default();
    if selection.0.len() > used.len() {
        let mut known = BTreeSet::new();
        ids(&template(), &mut known);
        for id in selection.0.keys().filter(|id| !known.contains(*id)) {
            faults.push(format!("/{id}"), "there is no such decision in the space");
        }
    }
    faults
}

fn ids(template: &Template, found: &mut BTreeSet<String>) {
    match template {
        Template::Constant(_) | Template::Derived(_) => {}
        Template::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Template::Object(members) => members.values().for_each(|member| ids(member, found)),
        Template::OneOf { decision, candidates, .. } | Template::ManyOf { decision, candidates, .. } => {
            found.insert(decision.clone());
            candidates.iter().for_each(|candidate| ids(candidate, found));
        }
        Template::Float { decision, .. } => {
            found.insert(decision.clone());
        }
        Template::Repeat { decision, bodies, .. } => {
            found.extend(decision.clone());
            bodies.iter().for_each(|body| ids(body, found));
        }
        Template::Path { decision, steps } => {
            for (step, states) in steps.iter().enumerate() {
                found.insert(format!("{decision}[{step}]"));
                states.values().for_each(|emit| ids(emit, found));
            }
        }
    }
}
