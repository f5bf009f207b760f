//! The front of the room: one compiled space and all that can be done with it.

use super::canonical::{canonical, canonical_float, sha256_hex};
use super::closing::{self, Closer, Selection};
use super::document::{self, Compiled, MAX_BYTES};
use super::expression::Scope;
use super::forms::{self, Dictionary};
use super::genotype::{Choice, Genotype};
use super::listing::{self, DecisionPoint};
use super::mutate::{self, Mutation};
use super::node::Node;
use super::place::Place;
use super::recombine::{self, Recombination};
use super::tree::{self, Reader, Tree};
use super::{Size, Template, materialise, neighbours, open, rank, sample, vector};
use crate::fault::{Fault, Faults};
use crate::randomness::Rng;
use num_bigint::BigUint;
use num_integer::Integer;
use num_traits::{One, Zero};
use serde_json::Value;
use std::collections::BTreeMap;

/// How genotypes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Draw {
    /// Each choice uniform as it is met; favours branches with few genotypes.
    ByDecision,
    /// Each genotype with the same probability; spaces with continuous decisions are drawn by decision.
    ByPoint,
}

/// A compiled space. Immutable; its identity is the fingerprint of its document.
#[derive(Debug)]
pub struct Space {
    document: Value,
    fingerprint: String,
    compiled: Compiled,
    size: Size,
}

/// The choices of a whole genotype: shared variables first, then the root.
struct Trees {
    shared: Vec<Tree>,
    root: Tree,
}

impl Space {
    /// Compiles a document; all its faults at once.
    pub fn parse(document: &Value) -> Result<Space, Faults> {
        let compiled = document::read(document)?;
        let text = canonical(document);
        if text.len() > MAX_BYTES {
            return Err(Faults::one("", format!("the document is larger than {MAX_BYTES} bytes")));
        }
        let size = compiled.shared.iter().fold(compiled.root.size.clone(), |size, (_, node)| size.times(&node.size));
        Ok(Space { document: document.clone(), fingerprint: sha256_hex(text.as_bytes()), compiled, size })
    }

    /// Reads JSON or YAML.
    pub fn from_text(text: &str) -> Result<Space, Faults> {
        if text.len() > MAX_BYTES {
            return Err(Faults::one("", format!("the document is larger than {MAX_BYTES} bytes")));
        }
        let document = crate::options::read_text(text)?;
        Space::parse(&document)
    }

    /// The name in the document.
    pub fn name(&self) -> &str {
        &self.compiled.name
    }

    /// The document as it was read.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// Hexadecimal SHA-256 of the document's canonical text.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The number of genotypes.
    pub fn size(&self) -> &Size {
        &self.size
    }

    /// All decisions in traversal order, those of every branch included.
    pub fn decisions(&self) -> Vec<DecisionPoint> {
        let mut found = Vec::new();
        for (name, node) in &self.compiled.shared {
            listing::decisions(node, &Place::shared(name), &mut found);
        }
        listing::decisions(&self.compiled.root, &Place::ROOT, &mut found);
        found
    }

    /// Whether the genotype has exactly one valid choice for each active decision; the pointer is the decision id.
    pub fn validate(&self, genotype: &Genotype) -> Result<(), Faults> {
        self.trees(genotype).map(drop).map_err(|fault| Faults(vec![fault]))
    }

    /// The plain value that the genotype stands for. Faults: an invalid genotype, a derived value that cannot be
    /// computed, a broken constraint.
    pub fn materialise(&self, genotype: &Genotype) -> Result<Value, Faults> {
        let trees = self.trees(genotype).map_err(|fault| Faults(vec![fault]))?;
        let variables = self.variables(&trees).map_err(|why| Faults::one("/shared", why))?;
        let value = materialise::value(&self.compiled.root, &trees.root, &variables)
            .map_err(|why| Faults::one("/root", why))?;
        let scope = Scope { variables: &variables, value: Some(&value) };
        let mut faults = Faults::default();
        for (i, constraint) in self.compiled.constraints.iter().enumerate() {
            match constraint.holds(&scope) {
                Ok(true) => {}
                Ok(false) => faults.push(format!("/constraints/{i}"), "the genotype breaks this constraint"),
                Err(why) => faults.push(format!("/constraints/{i}"), why),
            }
        }
        faults.or(value)
    }

    /// Identity of a genotype in this space (`dna_key`): hexadecimal SHA-256.
    pub fn key(&self, genotype: &Genotype) -> String {
        let choice = |choice: &Choice| match choice {
            Choice::Index(index) => index.to_string(),
            Choice::Float(value) => canonical_float(*value),
        };
        let flat: Vec<String> = genotype.0.iter().map(choice).collect();
        sha256_hex(format!("{}\n[{}]", self.fingerprint, flat.join(",")).as_bytes())
    }

    /// The decisions that a genotype reaches and its choices, in traversal order.
    pub fn active(&self, genotype: &Genotype) -> Result<Vec<(String, Choice)>, Faults> {
        let trees = self.trees(genotype).map_err(|fault| Faults(vec![fault]))?;
        let mut found = Vec::new();
        for ((name, node), tree) in self.compiled.shared.iter().zip(&trees.shared) {
            listing::active(node, tree, &Place::shared(name), &mut found);
        }
        listing::active(&self.compiled.root, &trees.root, &Place::ROOT, &mut found);
        Ok(found)
    }

    /// Reads a genotype in flat, nested or dictionary form.
    pub fn read_genotype(&self, value: &Value) -> Result<Genotype, Faults> {
        let mut choices = Vec::new();
        let genotype = if forms::numbers(value, &mut choices).is_some() {
            Genotype(choices)
        } else if let Value::Object(entries) = value {
            self.read_dictionary(entries)?
        } else {
            return Err(Faults::one("", "a genotype is an array of choices or an object {decision id: choice}"));
        };
        let trees = self.trees(&genotype).map_err(|fault| Faults(vec![fault]))?;
        Ok(self.flat(&trees))
    }

    fn read_dictionary(&self, entries: &serde_json::Map<String, Value>) -> Result<Genotype, Faults> {
        let mut dictionary = Dictionary { entries, used: Vec::new(), choices: Vec::new() };
        let mut shared = self.compiled.shared.iter();
        shared
            .try_for_each(|(name, node)| dictionary.read(node, &Place::shared(name)))
            .and_then(|()| dictionary.read(&self.compiled.root, &Place::ROOT))
            .map_err(|fault| Faults(vec![fault]))?;
        let mut faults = Faults::default();
        for id in entries.keys().filter(|id| !dictionary.used.contains(id)) {
            faults.push(format!("/{id}"), "there is no such decision, or it is not active under the other choices");
        }
        faults.or(Genotype(dictionary.choices))
    }

    /// The nested form; `null` for a genotype of another space.
    pub fn nested(&self, genotype: &Genotype) -> Value {
        let Ok(trees) = self.trees(genotype) else {
            return Value::Null;
        };
        let mut elements = Vec::new();
        for ((_, node), tree) in self.compiled.shared.iter().zip(&trees.shared) {
            forms::nested(node, tree, &mut elements);
        }
        forms::nested(&self.compiled.root, &trees.root, &mut elements);
        forms::collapse(elements)
    }

    /// The dictionary form `{decision id: index or float}`; `null` for a genotype of another space.
    pub fn dictionary(&self, genotype: &Genotype) -> Value {
        let entry = |(id, choice): (String, Choice)| (id, serde_json::to_value(choice).unwrap_or_default());
        self.active(genotype).map_or(Value::Null, |active| Value::Object(active.into_iter().map(entry).collect()))
    }

    /// Draws a genotype.
    pub fn sample(&self, how: Draw, rng: &mut Rng) -> Genotype {
        match (how, &self.size) {
            (Draw::ByPoint, Size::Finite(size)) if !size.is_zero() => {
                let rank = sample::below(size, rng);
                self.flat(&self.trees_at(rank))
            }
            _ => {
                let shared = self.compiled.shared.iter().map(|(_, node)| sample::by_decision(node, rng)).collect();
                self.flat(&Trees { shared, root: sample::by_decision(&self.compiled.root, rng) })
            }
        }
    }

    /// Position in enumeration order; `None` in an infinite space or for a genotype of another space.
    pub fn rank(&self, genotype: &Genotype) -> Option<BigUint> {
        self.size.finite()?;
        let trees = self.trees(genotype).ok()?;
        let parts = self.compiled.shared.iter().map(|(_, node)| node).zip(&trees.shared);
        let parts = parts.chain([(&self.compiled.root, &trees.root)]);
        Some(parts.fold(BigUint::zero(), |number, (node, tree)| number * node.finite_size() + rank::rank(node, tree)))
    }

    /// The genotype at a position; `None` beyond the end and in an infinite space.
    pub fn unrank(&self, index: &BigUint) -> Option<Genotype> {
        self.size.finite().filter(|size| index < size)?;
        Some(self.flat(&self.trees_at(index.clone())))
    }

    /// All genotypes in order; nothing for an infinite space.
    pub fn enumerate(&self) -> impl Iterator<Item = Genotype> + '_ {
        let mut next = BigUint::zero();
        std::iter::from_fn(move || {
            let genotype = self.unrank(&next)?;
            next += BigUint::one();
            Some(genotype)
        })
    }

    /// The genotype after this one in enumeration order.
    pub fn next_after(&self, genotype: &Genotype) -> Option<Genotype> {
        self.unrank(&(self.rank(genotype)? + BigUint::one()))
    }

    /// A mutated copy; a genotype of another space comes back unchanged.
    pub fn mutate(&self, genotype: &Genotype, how: &Mutation, rng: &mut Rng) -> Genotype {
        let Ok(mut trees) = self.trees(genotype) else {
            return genotype.clone();
        };
        self.mutate_trees(&mut trees, how, rng);
        self.flat(&trees)
    }

    fn mutate_trees(&self, trees: &mut Trees, how: &Mutation, rng: &mut Rng) {
        let shared = self.compiled.shared.iter().zip(&mut trees.shared);
        let parts = shared.map(|((name, node), tree)| (Place::shared(name), node, tree));
        let parts = parts.chain([(Place::ROOT, &self.compiled.root, &mut trees.root)]);
        mutate::mutate(parts.collect(), how, rng);
    }

    /// The ids of the decision nodes that a uniform mutation may pick.
    pub fn mutable(&self, genotype: &Genotype) -> Vec<String> {
        let Ok(mut trees) = self.trees(genotype) else {
            return Vec::new();
        };
        let shared = self.compiled.shared.iter().zip(&mut trees.shared);
        let parts = shared.map(|((name, node), tree)| (Place::shared(name), node, tree));
        mutate::mutable(parts.chain([(Place::ROOT, &self.compiled.root, &mut trees.root)]).collect())
    }

    /// A child of two genotypes of this space.
    pub fn recombine(&self, a: &Genotype, b: &Genotype, how: &Recombination, rng: &mut Rng) -> Genotype {
        let (Ok(x), Ok(y)) = (self.trees(a), self.trees(b)) else {
            return a.clone();
        };
        if let Recombination::KPoint(cuts) = how {
            let parts = self.compiled.shared.iter().map(|(_, node)| node).zip(&x.shared);
            let parts = parts.chain([(&self.compiled.root, &x.root)]);
            let points = parts.map(|(node, tree)| recombine::top_level_points(node, tree)).sum();
            return self.segmented(a, b, &recombine::cuts(points, *cuts, rng));
        }
        let pairs = self.compiled.shared.iter().zip(x.shared.iter().zip(&y.shared));
        let shared = pairs.map(|((_, node), (x, y))| recombine::uniform(node, x, y, *how, rng)).collect();
        self.flat(&Trees { shared, root: recombine::uniform(&self.compiled.root, &x.root, &y.root, *how, rng) })
    }

    /// The child that takes top-level points from `a` up to the first cut, then from `b`, and so on.
    pub fn segmented(&self, a: &Genotype, b: &Genotype, cuts: &[usize]) -> Genotype {
        let (Ok(x), Ok(y)) = (self.trees(a), self.trees(b)) else {
            return a.clone();
        };
        let mut at = 0;
        let pairs = self.compiled.shared.iter().zip(x.shared.iter().zip(&y.shared));
        let shared = pairs.map(|((_, node), (x, y))| recombine::segmented(node, x, y, cuts, &mut at)).collect();
        self.flat(&Trees { shared, root: recombine::segmented(&self.compiled.root, &x.root, &y.root, cuts, &mut at) })
    }

    /// The genotypes that differ in one decision, each once, in a fixed order.
    pub fn neighbours(&self, genotype: &Genotype) -> Vec<Genotype> {
        let Ok(trees) = self.trees(genotype) else {
            return Vec::new();
        };
        let mut found: Vec<Genotype> = Vec::new();
        for (position, (_, node)) in self.compiled.shared.iter().enumerate() {
            for tree in neighbours::of(node, &trees.shared[position]) {
                let mut shared = trees.shared.clone();
                shared[position] = tree;
                found.push(self.flat(&Trees { shared, root: trees.root.clone() }));
            }
        }
        for root in neighbours::of(&self.compiled.root, &trees.root) {
            found.push(self.flat(&Trees { shared: trees.shared.clone(), root }));
        }
        let mut keys = std::collections::BTreeSet::from([self.key(genotype)]);
        found.retain(|genotype| keys.insert(self.key(genotype)));
        found
    }

    /// The fixed-length vector; zeros for a genotype of another space.
    pub fn vector(&self, genotype: &Genotype) -> Vec<f64> {
        let trees = self.trees(genotype).ok();
        let mut vector = Vec::with_capacity(self.vector_length());
        for (position, (_, node)) in self.compiled.shared.iter().enumerate() {
            vector::push(node, trees.as_ref().map(|trees| &trees.shared[position]), &mut vector);
        }
        vector::push(&self.compiled.root, trees.as_ref().map(|trees| &trees.root), &mut vector);
        vector
    }

    /// Length of [`Space::vector`] for every genotype.
    pub fn vector_length(&self) -> usize {
        let shared: usize = self.compiled.shared.iter().map(|(_, node)| vector::length(node)).sum();
        shared + vector::length(&self.compiled.root)
    }

    /// The space with its decisions left open.
    pub fn template(&self) -> Template {
        let mut variables = BTreeMap::new();
        for (name, node) in &self.compiled.shared {
            let template = open::template(node, &Place::shared(name), &variables);
            variables.insert(name.clone(), template);
        }
        open::template(&self.compiled.root, &Place::ROOT, &variables)
    }

    /// The genotype whose decisions take the selected candidates. Faults: a decision that is reached and not selected, a
    /// wrong index, a continuous decision, an entry that names no decision.
    pub fn close(&self, selection: &Selection) -> Result<Genotype, Faults> {
        let mut closer = Closer::new(selection);
        let shared = self.compiled.shared.iter().map(|(name, node)| closer.close(node, &Place::shared(name)));
        let trees = shared
            .collect::<Result<_, _>>()
            .and_then(|shared| closer.close(&self.compiled.root, &Place::ROOT).map(|root| Trees { shared, root }));
        let trees = trees.map_err(|fault| Faults(vec![fault]))?;
        closing::unknown(selection, &closer.used, || self.template()).or(self.flat(&trees))
    }

    /// The candidates that a genotype takes, under the ids of the template; [`Space::close`] leads back.
    pub fn selection(&self, genotype: &Genotype) -> Result<Selection, Faults> {
        let mut selection = Selection::default();
        let trees = self.trees(genotype).map_err(|fault| Faults(vec![fault]))?;
        let shared = self.compiled.shared.iter().zip(&trees.shared);
        let shared = shared.map(|((name, node), tree)| (Place::shared(name), node, tree));
        let mut parts = shared.chain([(Place::ROOT, &self.compiled.root, &trees.root)]);
        parts
            .try_for_each(|(place, node, tree)| closing::select(node, tree, &place, &mut selection))
            .map_err(|fault| Faults(vec![fault]))?;
        Ok(selection)
    }

    fn trees(&self, genotype: &Genotype) -> Result<Trees, Fault> {
        let mut reader = Reader::new(genotype);
        let read = |(name, node): &(String, Node)| reader.read(node, &Place::shared(name));
        let shared = self.compiled.shared.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let root = reader.read(&self.compiled.root, &Place::ROOT)?;
        reader.end()?;
        Ok(Trees { shared, root })
    }

    fn trees_at(&self, mut rank: BigUint) -> Trees {
        let (rest, root) = rank.div_rem(&self.compiled.root.finite_size());
        rank = rest;
        let mut shared = Vec::with_capacity(self.compiled.shared.len());
        for (_, node) in self.compiled.shared.iter().rev() {
            let (rest, digit) = rank.div_rem(&node.finite_size());
            shared.push(rank::unrank(node, digit));
            rank = rest;
        }
        shared.reverse();
        Trees { shared, root: rank::unrank(&self.compiled.root, root) }
    }

    fn flat(&self, trees: &Trees) -> Genotype {
        let mut flat = Vec::new();
        for ((_, node), tree) in self.compiled.shared.iter().zip(&trees.shared) {
            tree::flatten(node, tree, &mut flat);
        }
        tree::flatten(&self.compiled.root, &trees.root, &mut flat);
        Genotype(flat)
    }

    fn variables(&self, trees: &Trees) -> Result<BTreeMap<String, Value>, String> {
        let mut variables = BTreeMap::new();
        for ((name, node), tree) in self.compiled.shared.iter().zip(&trees.shared) {
            let value = materialise::value(node, tree, &variables)?;
            variables.insert(name.clone(), value);
        }
        Ok(variables)
    }
}
