//! Mutation (space-language §7): one decision is drawn again with everything below it.

use super::node::{Kind, ManyOf, Node};
use super::place::Place;
use super::sample::{by_decision, selection, walk};
use super::tree::Tree;
use crate::randomness::Rng;
use rand::Rng as _;
use rand_distr::{Distribution as _, Normal};

/// How a genotype is varied.
#[derive(Clone, Debug, PartialEq)]
pub enum Mutation {
    /// Draws one decision again, picked uniformly among those whose id fits the `filter` (`*` stands for any text).
    /// The result can equal the parent.
    Uniform { filter: Option<String> },
    /// Exchanges two positions of a multi-choice that is not sorted.
    Swap,
    /// Moves one float or ordered choice by a normal step of standard deviation `sigma` in its scaled coordinate;
    /// an unordered choice is drawn again.
    Gaussian { sigma: f64 },
}

/// A part of a genotype: where it stands, its node and its tree.
pub(super) type Part<'a> = (Place<'a>, &'a Node, &'a mut Tree);

/// Mutates one decision of the parts in place.
pub(super) fn mutate(mut parts: Vec<Part<'_>>, how: &Mutation, rng: &mut Rng) {
    let ids = list(&mut parts, how, rng);
    let fits: Vec<usize> = match how {
        Mutation::Uniform { filter: Some(filter) } => (0..ids.len()).filter(|i| glob(filter, &ids[*i])).collect(),
        _ => (0..ids.len()).collect(),
    };
    if fits.is_empty() {
        return;
    }
    let pick = fits[rng.random_range(0..fits.len())];
    let mut walk = Walk { how, pick: Some(pick), seen: 0, ids: None, rng };
    parts.iter_mut().for_each(|(place, node, tree)| walk.visit(node, tree, place, false));
}

/// The decision nodes that a uniform mutation may pick, by id.
pub(super) fn mutable(mut parts: Vec<Part<'_>>) -> Vec<String> {
    // Nothing is picked, so the generator is never asked.
    let mut rng = rand::SeedableRng::seed_from_u64(0);
    list(&mut parts, &Mutation::Uniform { filter: None }, &mut rng)
}

fn list(parts: &mut [Part<'_>], how: &Mutation, rng: &mut Rng) -> Vec<String> {
    let mut ids = Vec::new();
    let mut walk = Walk { how, pick: None, seen: 0, ids: Some(&mut ids), rng };
    parts.iter_mut().for_each(|(place, node, tree)| walk.visit(node, tree, place, false));
    ids
}

/// Counts the nodes that may be mutated, and mutates the picked one.
struct Walk<'a> {
    how: &'a Mutation,
    pick: Option<usize>,
    seen: usize,
    ids: Option<&'a mut Vec<String>>,
    rng: &'a mut Rng,
}

impl Walk<'_> {
    /// Registers a node; true when it is the picked one.
    fn picks(&mut self, place: &Place<'_>) -> bool {
        if let Some(ids) = &mut self.ids {
            ids.push(place.id());
        }
        self.seen += 1;
        self.pick == Some(self.seen - 1)
    }

    /// `alone`: the node is all of a chosen candidate.
    fn visit(&mut self, node: &Node, tree: &mut Tree, place: &Place<'_>, alone: bool) {
        match (&node.kind, tree) {
            (Kind::Definition(node), tree) => self.visit(node, tree, place, alone),
            (Kind::Array(nodes), Tree::Items(trees)) => {
                let pairs = nodes.iter().zip(trees).enumerate();
                pairs.for_each(|(i, (node, tree))| self.visit(node, tree, &place.element(i), false));
            }
            (Kind::Object(members), Tree::Items(trees)) => {
                let pairs = members.iter().zip(trees);
                pairs.for_each(|((key, node), tree)| self.visit(node, tree, &place.member(key), false));
            }
            (Kind::OneOf(choice), Tree::OneOf { index, child }) => {
                let count = choice.candidates.len();
                if !matches!(self.how, Mutation::Swap) && self.picks(place) {
                    let drawn = self.redraw_index(*index, count, choice.ordered);
                    if drawn != *index || matches!(self.how, Mutation::Uniform { .. }) {
                        **child = by_decision(&choice.candidates[drawn], self.rng);
                        *index = drawn;
                    }
                } else {
                    self.visit(&choice.candidates[*index], child, &place.candidate(*index, count), true);
                }
            }
            (Kind::ManyOf(many), Tree::ManyOf(chosen)) => self.many_of(many, chosen, place, alone),
            (Kind::Float(float), Tree::Float(value)) if !matches!(self.how, Mutation::Swap) && self.picks(place) => {
                let unit = match self.how {
                    Mutation::Gaussian { sigma } => {
                        float.scale.to_unit(*value, float.min, float.max) + normal(*sigma, self.rng)
                    }
                    _ => self.rng.random(),
                };
                *value = float.scale.from_unit(unit.clamp(0.0, 1.0), float.min, float.max);
            }
            (Kind::Repeat(repeat), Tree::Repeat { index, bodies }) => {
                if repeat.open && !matches!(self.how, Mutation::Swap) && self.picks(place) {
                    *index = self.redraw_index(*index, repeat.times.len(), true);
                    // Bodies that remain keep their choices, so that a change of length is a small step.
                    bodies.truncate(repeat.bodies(repeat.times[*index]));
                    while bodies.len() < repeat.bodies(repeat.times[*index]) {
                        bodies.push(by_decision(&repeat.body, self.rng));
                    }
                } else {
                    let pairs = bodies.iter_mut().enumerate();
                    pairs.for_each(|(i, body)| self.visit(&repeat.body, body, &place.element(i), false));
                }
            }
            (Kind::Path(path), Tree::Path(steps)) => {
                for step in 0..steps.len() {
                    let place = place.element(step);
                    if !matches!(self.how, Mutation::Swap) && self.picks(&place) {
                        steps.truncate(step);
                        *steps = walk(path, std::mem::take(steps), self.rng);
                        return;
                    }
                    let (state, emit) = &mut steps[step];
                    let state = &path.states[*state];
                    self.visit(&state.emit, emit, &place.member(&state.name), true);
                }
            }
            _ => {}
        }
    }

    fn many_of(&mut self, many: &ManyOf, chosen: &mut Vec<(usize, Tree)>, place: &Place<'_>, alone: bool) {
        if matches!(self.how, Mutation::Swap) {
            if !many.sorted && !alone && chosen.len() > 1 && self.picks(place) {
                let pair = rand::seq::index::sample(self.rng, chosen.len(), 2);
                chosen.swap(pair.index(0), pair.index(1));
                return;
            }
        } else if !alone && self.picks(place) {
            *chosen = selection(many, self.rng);
            return;
        }
        let count = many.candidates.len();
        for position in 0..chosen.len() {
            let place = place.element(position);
            if !matches!(self.how, Mutation::Swap) && self.picks(&place) {
                let free: Vec<usize> =
                    (0..count).filter(|i| !many.distinct || !taken_elsewhere(chosen, position, *i)).collect();
                let index = free[self.rng.random_range(0..free.len())];
                chosen[position] = (index, by_decision(&many.candidates[index], self.rng));
                if many.sorted {
                    chosen.sort_by_key(|(index, _)| *index);
                }
                return;
            }
            let (index, child) = &mut chosen[position];
            self.visit(&many.candidates[*index], child, &place.candidate(*index, count), true);
        }
    }

    fn redraw_index(&mut self, index: usize, count: usize, ordered: bool) -> usize {
        match self.how {
            Mutation::Gaussian { sigma } if ordered && count > 1 => {
                let step = normal(*sigma, self.rng) * (count - 1) as f64;
                (index as f64 + step).round().clamp(0.0, (count - 1) as f64) as usize
            }
            _ => self.rng.random_range(0..count),
        }
    }
}

fn taken_elsewhere(chosen: &[(usize, Tree)], position: usize, index: usize) -> bool {
    chosen.iter().enumerate().any(|(other, (taken, _))| other != position && *taken == index)
}

fn normal(sigma: f64, rng: &mut Rng) -> f64 {
    Normal::new(0.0, sigma.abs()).map_or(0.0, |normal| normal.sample(rng))
}

/// Whether a text fits a pattern in which `*` stands for any text.
fn glob(pattern: &str, text: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_prefix(head).and_then(|text| text.strip_suffix(tail)) else {
        return false;
    };
    // The first place where each part fits leaves the most room for the parts behind it.
    for part in middle.split('*') {
        let Some((_, behind)) = text.split_once(part) else {
            return false;
        };
        text = behind;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a[0].*", "a[0].op", true),
            ("*.op", "a.op.op", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "a-c-b", false),
            ("a*a", "a", false),
            ("**", "x", true),
            ("a", "ab", false),
        ] {
            assert_eq!(glob(pattern, text), fits, "{pattern} {text}");
        }
    }
}
