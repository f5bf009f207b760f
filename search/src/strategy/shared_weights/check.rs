//! Which spaces a supernet of a method can hold, and what is said of those that it cannot.

use super::SharedWeights;
use crate::fault::Faults;
use crate::network::{Graph, Layer, Opening, Recipe, lower_open};
use crate::space::Template;
use crate::strategy::Problem;
use crate::supernet::{NONE, RowKind, Rows};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a method's relaxation can hold beside choices between operators of one output shape, which all can.
struct Takes {
    strategy: &'static str,
    /// Choices of several edges.
    edges: bool,
    /// Open numbers of channels, by masks.
    widths: bool,
}

const TAKES: [Takes; 8] = [
    Takes { strategy: "darts", edges: true, widths: false },
    Takes { strategy: "sharpdarts", edges: true, widths: false },
    Takes { strategy: "gdas", edges: true, widths: false },
    Takes { strategy: "setn", edges: true, widths: false },
    Takes { strategy: "rsps", edges: true, widths: false },
    // Its controller draws one candidate per decision.
    Takes { strategy: "enas", edges: false, widths: false },
    Takes { strategy: "spos", edges: true, widths: true },
    // Its expected cost sums over candidates of which one is taken.
    Takes { strategy: "fbnet", edges: false, widths: true },
];

/// Strategies that train every candidate by itself take any decision.
const TRIALS: &str = "evolution";

/// A problem's supernet: its graph with decisions open.
pub struct Supernet {
    pub graph: Graph,
    pub rows: Rows,
    /// Whether the edges need an added `none`: they can be chosen, and no operator of theirs is `none` already.
    pub zero_operator: bool,
}

impl Supernet {
    /// Whether edges are chosen.
    pub fn has_edges(&self) -> bool {
        self.rows.0.iter().any(|row| matches!(row.kind, RowKind::Edges { .. }))
    }
}

/// Lowers the space of a problem with its decisions open; the sentence says why it cannot be.
pub fn supernet(problem: &Problem, opening: Opening) -> Result<Supernet, Faults> {
    let network = match problem.space.template() {
        Template::Object(mut members) => members.remove("network"),
        Template::Constant(mut root) => root.get_mut("network").map(Value::take).map(Template::Constant),
        _ => None,
    };
    let network = network.ok_or_else(|| Faults::one("", "the space has no `network`"))?;
    let graph = lower_open(&network, opening)?;
    let rows = Rows::read(&graph, false);
    let edges = rows.0.iter().filter(|row| matches!(row.kind, RowKind::Edges { .. }));
    let below: Vec<_> = edges.flat_map(|row| (0..row.candidates()).flat_map(|edge| rows.below(row, edge))).collect();
    let zero_operator = !below.is_empty() && !below.iter().any(|row| row.labels.iter().any(|label| label == NONE));
    Ok(Supernet { graph, rows, zero_operator })
}

/// Adds a fault for each decision that the method's supernet cannot hold.
pub fn check_space<M: SharedWeights>(problem: &Problem, options: &M::Options, faults: &mut Faults) {
    let (name, template) = (M::NAME, problem.space.template());
    let network = match &template {
        Template::Object(members) => members.get("network").map(ids).map(Some),
        Template::Constant(root) => root.get("network").map(|_| None),
        _ => None,
    };
    let (Some(network), true) = (network, problem.dataset.is_some()) else {
        let detail = format!(
            "{name} trains shared weights of a described network on a data set; this space or study has none: use {TRIALS}"
        );
        return faults.push("/space", detail);
    };
    let network: BTreeSet<String> = network.into_iter().flatten().map(|decision| decision.id).collect();
    outside(name, problem, &network, faults);
    unused(name, problem, &network, faults);
    if network.is_empty() {
        return faults
            .push("/space", format!("{name} finds no open decision in the network: there is nothing to search"));
    }
    match supernet(problem, M::opening(options)) {
        Ok(supernet) => held(name, &supernet, &network, faults),
        Err(inner) => {
            for fault in inner.0 {
                let detail = format!(
                    "{name} needs choices whose candidates fit into one network ({}): use {TRIALS}, which builds every \
                     network by itself",
                    fault.detail
                );
                faults.push("/space", detail);
            }
        }
    }
}

/// The recipe of the shared weights must be one.
pub fn check_recipe(recipe: &serde_json::Map<String, Value>, faults: &mut Faults) {
    if let Err(inner) = Recipe::read(&Value::Object(recipe.clone())) {
        faults.nest("/recipe", inner);
    }
}

/// Decisions that are not the network's, and continuous ones.
fn outside(name: &str, problem: &Problem, network: &BTreeSet<String>, faults: &mut Faults) {
    for decision in ids(&problem.space.template()) {
        let id = &decision.id;
        if !network.contains(id) {
            let detail = format!(
                "{name} chooses between layers of one network; decision `{id}` stands outside of it: fix it in the \
                 space, or use {TRIALS}"
            );
            faults.push("/space", detail);
        } else if decision.continuous {
            let detail = format!(
                "{name} chooses among candidates; decision `{id}` is continuous: give it a `grid`, or use {TRIALS}"
            );
            faults.push("/space", detail);
        }
    }
}

/// Shared variables that no layer uses by themselves: a supernet never chooses them.
fn unused(name: &str, problem: &Problem, network: &BTreeSet<String>, faults: &mut Faults) {
    let decisions = problem.space.decisions();
    let variables = decisions.iter().filter(|decision| decision.id.starts_with('$'));
    let names: BTreeSet<&str> = variables.filter_map(|decision| decision.id.split(['[', '.']).next()).collect();
    for variable in names.into_iter().filter(|variable| !network.iter().any(|id| id.starts_with(variable))) {
        let detail = format!(
            "{name} chooses between layers of one network; no layer is chosen by the shared decision `{variable}`: fix \
             it in the space, or use {TRIALS}"
        );
        faults.push("/space", detail);
    }
}

/// What stands in the graph but cannot be relaxed by this method, and what does not stand in it.
fn held(name: &str, supernet: &Supernet, network: &BTreeSet<String>, faults: &mut Faults) {
    let takes = TAKES.iter().find(|takes| takes.strategy == name);
    let can = |ability: fn(&Takes) -> bool| takes.is_some_and(ability);
    for row in &supernet.rows.0 {
        let id = &row.decision;
        match &row.kind {
            RowKind::Width { .. } if !can(|takes| takes.widths) => {
                let detail = format!(
                    "{name} needs choices between operators of the same output shape; decision `{id}` changes channels: \
                     use {} (channel masking) or {TRIALS}",
                    others(|takes| takes.widths)
                );
                faults.push("/space", detail);
            }
            RowKind::Edges { pick } if !can(|takes| takes.edges) => {
                let detail = format!(
                    "{name} takes one candidate of every decision; decision `{id}` picks {pick} of {} edges: use {} or \
                     {TRIALS}",
                    row.candidates(),
                    others(|takes| takes.edges)
                );
                faults.push("/space", detail);
            }
            _ => {}
        }
    }
    for id in network.iter().filter(|id| supernet.rows.find(id).is_none()) {
        let detail = format!("{name} finds decision `{id}` in no layer of the supernet: fix it, or use {TRIALS}");
        faults.push("/space", detail);
    }
    if supernet.graph.nodes.iter().all(|node| matches!(node.layer, Layer::Input | Layer::Primitive { .. })) {
        faults.push("/space", format!("{name} finds no choice in the network: there is nothing to search"));
    }
}

/// `gdas, darts`: the strategies with an ability.
fn others(ability: fn(&Takes) -> bool) -> String {
    let names: Vec<&str> = TAKES.iter().filter(|takes| ability(takes)).map(|takes| takes.strategy).collect();
    names.join(", ")
}

struct Found {
    id: String,
    continuous: bool,
}

/// Decisions of a template, each once.
fn ids(template: &Template) -> Vec<Found> {
    let mut found = Vec::new();
    collect(template, &mut found);
    let mut known = BTreeSet::new();
    found.retain(|decision| known.insert(decision.id.clone()));
    found
}

fn collect(template: &Template, found: &mut Vec<Found>) {
    let mut add = |id: &str, continuous| found.push(Found { id: id.into(), continuous });
    match template {
        Template::Constant(_) | Template::Derived(_) => {}
        Template::Float { decision, .. } => add(decision, true),
        Template::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Template::Object(members) => members.values().for_each(|member| collect(member, found)),
        Template::OneOf { decision, candidates, .. } | Template::ManyOf { decision, candidates, .. } => {
            add(decision, false);
            candidates.iter().for_each(|candidate| collect(candidate, found));
        }
        Template::Repeat { decision, bodies, .. } => {
            decision.iter().for_each(|decision| add(decision, false));
            bodies.iter().for_each(|body| collect(body, found));
        }
        Template::Path { decision, steps } => {
            add(decision, false);
            steps.iter().flat_map(|states| states.values()).for_each(|emit| collect(emit, found));
        }
    }
}
