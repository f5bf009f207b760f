//! A genotype as a tree along the nodes of its space, and its flat form.

use super::genotype::{Choice, Genotype};
use super::node::{Kind, ManyOf, Node, Path};
use super::place::Place;
use crate::fault::Fault;

/// The choices below one node.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    /// No decisions.
    Leaf,
    /// Members of a container, in traversal order.
    Items(Vec<Tree>),
    OneOf {
        index: usize,
        child: Box<Tree>,
    },
    ManyOf(Vec<(usize, Tree)>),
    Float(f64),
    /// `index` among the possible lengths.
    Repeat {
        index: usize,
        bodies: Vec<Tree>,
    },
    /// Per step the index of the state among *all* states, and its emit.
    Path(Vec<(usize, Tree)>),
}

impl Tree {
    /// The choice of a candidate.
    pub fn one_of(index: usize, child: Tree) -> Tree {
        Tree::OneOf { index, child: Box::new(child) }
    }
}

/// Appends the choices of a tree in traversal order.
pub(super) fn flatten(node: &Node, tree: &Tree, flat: &mut Vec<Choice>) {
    match (&node.kind, tree) {
        (Kind::Definition(node), tree) => flatten(node, tree, flat),
        (Kind::Array(nodes), Tree::Items(trees)) => {
            nodes.iter().zip(trees).for_each(|(node, tree)| flatten(node, tree, flat));
        }
        (Kind::Object(members), Tree::Items(trees)) => {
            members.iter().zip(trees).for_each(|((_, node), tree)| flatten(node, tree, flat));
        }
        (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
            flat.push(Choice::Index(*index as u64));
            flatten(&choice.candidates[*index], child, flat);
        }
        (Kind::ManyOf(many), Tree::ManyOf(chosen)) => {
            for (index, child) in chosen {
                flat.push(Choice::Index(*index as u64));
                flatten(&many.candidates[*index], child, flat);
            }
        }
        (Kind::Float(_), Tree::Float(value)) => flat.push(Choice::Float(*value)),
        (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
            if repeat.open {
                flat.push(Choice::Index(*index as u64));
            }
            bodies.iter().for_each(|body| flatten(&repeat.body, body, flat));
        }
        (Kind::Path(path), Tree::Path(steps)) => {
            let mut previous = None;
            for (step, (state, emit)) in steps.iter().enumerate() {
                let position = path.options(step, previous).iter().position(|option| option == state);
                flat.push(Choice::Index(position.unwrap_or_default() as u64));
                flatten(&path.states[*state].emit, emit, flat);
                previous = Some(*state);
            }
        }
        _ => {}
    }
}

/// Reads a flat genotype along the nodes of its space.
pub(super) struct Reader<'a> {
    choices: &'a [Choice],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads from the start of a genotype.
    pub fn new(genotype: &'a Genotype) -> Self {
        Reader { choices: &genotype.0, at: 0 }
    }

    /// A fault when choices are left over.
    pub fn end(&self) -> Result<(), Fault> {
        let rest = self.choices.len() - self.at;
        if rest == 0 {
            Ok(())
        } else {
            Err(Fault::new("", format!("the genotype is too long: {rest} choices are left over")))
        }
    }

    /// The choices below a node; takes them off the genotype.
    pub fn read(&mut self, node: &Node, place: &Place<'_>) -> Result<Tree, Fault> {
        match &node.kind {
            Kind::Constant(_) | Kind::Variable(_) | Kind::Derived(_) => Ok(Tree::Leaf),
            Kind::Definition(node) => self.read(node, place),
            Kind::Array(items) => {
                let read = |(i, node)| self.read(node, &place.element(i));
                items.iter().enumerate().map(read).collect::<Result<_, _>>().map(Tree::Items)
            }
            Kind::Object(members) => {
                let read = |(key, node): &(String, Node)| self.read(node, &place.member(key));
                members.iter().map(read).collect::<Result<_, _>>().map(Tree::Items)
            }
            Kind::OneOf(choice) => {
                let index = self.index(choice.candidates.len(), place)?;
                let child = self.read(&choice.candidates[index], &place.candidate(index, choice.candidates.len()))?;
                Ok(Tree::one_of(index, child))
            }
            Kind::ManyOf(many) => self.many(many, place),
            Kind::Float(float) => self.float(float.min, float.max, place).map(Tree::Float),
            Kind::Repeat(repeat) => {
                let index = if repeat.open { self.index(repeat.times.len(), place)? } else { 0 };
                let bodies = 0..repeat.bodies(repeat.times[index]);
                let read = |i| self.read(&repeat.body, &place.element(i));
                Ok(Tree::Repeat { index, bodies: bodies.map(read).collect::<Result<_, _>>()? })
            }
            Kind::Path(path) => self.path(path, place),
        }
    }

    fn many(&mut self, many: &ManyOf, place: &Place<'_>) -> Result<Tree, Fault> {
        let mut chosen: Vec<(usize, Tree)> = Vec::with_capacity(many.count);
        for position in 0..many.count {
            let place = place.element(position);
            let index = self.index(many.candidates.len(), &place)?;
            if many.distinct && chosen.iter().any(|(other, _)| *other == index) {
                return Err(place.fault(format!("candidate {index} is chosen twice in a distinct choice")));
            }
            if many.sorted && chosen.last().is_some_and(|(last, _)| *last > index) {
                return Err(place.fault("the choices of a sorted choice must ascend"));
            }
            let child = self.read(&many.candidates[index], &place.candidate(index, many.candidates.len()))?;
            chosen.push((index, child));
        }
        Ok(Tree::ManyOf(chosen))
    }

    fn path(&mut self, path: &Path, place: &Place<'_>) -> Result<Tree, Fault> {
        let mut steps: Vec<(usize, Tree)> = Vec::with_capacity(path.length);
        for step in 0..path.length {
            let place = place.element(step);
            let options = path.options(step, steps.last().map(|(state, _)| *state));
            let state = options[self.index(options.len(), &place)?];
            let emit = self.read(&path.states[state].emit, &place.member(&path.states[state].name))?;
            steps.push((state, emit));
        }
        Ok(Tree::Path(steps))
    }

    fn next(&mut self, place: &Place<'_>) -> Result<Choice, Fault> {
        let choice = self.choices.get(self.at).copied();
        self.at += 1;
        choice.ok_or_else(|| place.fault("the genotype is too short: a choice is missing here"))
    }

    fn index(&mut self, count: usize, place: &Place<'_>) -> Result<usize, Fault> {
        match self.next(place)? {
            Choice::Index(index) if index < count as u64 => Ok(index as usize),
            Choice::Index(index) => {
                Err(place.fault(format!("index {index} is out of range: there are {count} candidates")))
            }
            Choice::Float(value) => {
                Err(place.fault(format!("{value} is no index: a whole number below {count} belongs here")))
            }
        }
    }

    fn float(&mut self, min: f64, max: f64, place: &Place<'_>) -> Result<f64, Fault> {
        let value = match self.next(place)? {
            Choice::Float(value) => value,
            Choice::Index(index) => index as f64,
        };
        if (min..=max).contains(&value) {
            Ok(value)
        } else {
            Err(place.fault(format!("{value} is outside {min} to {max}")))
        }
    }
}
