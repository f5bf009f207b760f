//! A search step of a supernet: one update of the architecture and one of the shared weights.

use super::{Timed, batch, options};
use crate::module::Build;
use crate::probe::{fill_by_code, read_space};
use crate::recipe::augment::Batch;
use crate::supernet::relaxation::gumbel;
use crate::supernet::{At, Course, Search, open_graph};
use search::network::{Opening, Recipe};
use search::supernet::{
    Alternation, Architecture, Derivation, Mixture, Order, RowKind, SupernetPlan, Temperature, Watch,
};
use serde_json::{Map, Value, json};
use tch::{Device, Kind, Tensor};

#[derive(Clone, Copy, PartialEq)]
pub enum Method {
    DartsFirst,
    DartsSecond,
    Gdas,
    NasBench201,
}

const LR: f64 = 0.025;

pub struct SearchBench {
    search: Search,
    method: Method,
    images: i64,
    device: Device,
    taken: usize,
}

impl SearchBench {
    pub fn new(method: Method, images: i64, bf16: bool, device: Device) -> anyhow::Result<SearchBench> {
        let darts = matches!(method, Method::DartsFirst | Method::DartsSecond);
        let (name, settings, recipe) = if darts {
            let settings = json!({"channels": 16, "layers": 8, "auxiliary": false});
            ("darts", settings, json!({"nesterov": false, "weight_decay": 3e-4}))
        } else {
            ("nasbench201", json!({"channels": 16, "cells": 5}), json!({"nesterov": true, "weight_decay": 5e-4}))
        };
        let mut fields = options(json!({"optimizer": "sgd", "momentum": 0.9, "decay_all": true, "clip_norm": 5.0}));
        fields.extend(options(recipe));
        let plan = plan(method, darts);
        let graph = open_graph(&read_space(name, &options(settings))?, &plan)?;
        let course = Course { plan, recipe: Recipe::read(&Value::Object(fields))?, seed: 0, epochs: 250, bf16 };
        let search = Search::new(graph, course, Build { device, kind: Kind::Float, seed: 0 })?;
        // Into the weights where they lie: they are views of one flat tensor by now.
        tch::no_grad(|| fill_by_code(&search.net.tensors(), search.net.graph()))?;
        let groups: &[(&str, f64)] = if darts { &[("normal", 0.1), ("reduce", 0.9)] } else { &[("", 0.3)] };
        for (group, phase) in groups {
            set_logits(&search, group, *phase)?;
        }
        Ok(SearchBench { search, method, images, device, taken: 0 })
    }

    fn batch(&self, seed: u64, labels: [i64; 2]) -> anyhow::Result<Batch> {
        let (images, labels) = batch(self.images, seed + 100 * self.taken as u64, labels, self.device)?;
        Ok(Batch { images, labels, mixed: None })
    }
}

fn at(step: usize) -> At {
    At { epoch: 0, step, lr: LR }
}

fn plan(method: Method, darts: bool) -> SupernetPlan {
    let mixture = match method {
        Method::Gdas => {
            Mixture::HardGumbel { temperature: Temperature::Linear { start: 10.0, end: 0.1 }, unsampled: true }
        }
        Method::DartsFirst | Method::DartsSecond | Method::NasBench201 => Mixture::Softmax,
    };
    let architecture = Architecture {
        mixture,
        lr: 3e-4,
        betas: [0.5, 0.999],
        weight_decay: 1e-3,
        order: if method == Method::DartsSecond { Order::Second } else { Order::First },
        warmup_epochs: 0,
        alternation: if darts { Alternation::ArchitectureFirst } else { Alternation::WeightsFirst },
        deviation: 0.0,
        beta_decay: 0.0,
        controller: None,
    };
    SupernetPlan {
        opening: Opening::default(),
        zero_operator: darts,
        edge_normalisation: false,
        recipe: Map::new(),
        weight_share: 0.5,
        mixture,
        architecture: Some(architecture),
        cost: None,
        watch: Watch::default(),
        derivation: Derivation::Strongest,
        samples: 0,
        finalists: None,
        least_batch: None,
    }
}

/// Row `e` of a group's operators becomes `0.5 sin(1.7 (e O + o) + phase)` over its `O` labels.
fn set_logits(search: &Search, group: &str, phase: f64) -> anyhow::Result<()> {
    let rows = search.net.rows().0.iter().enumerate();
    let operators = rows.filter(|(_, row)| !matches!(row.kind, RowKind::Edges { .. }) && row.group.contains(group));
    for (e, (index, row)) in operators.enumerate() {
        let length = row.labels.len();
        let values: Vec<f64> = (0..length).map(|o| 0.5 * (1.7 * (e * length + o) as f64 + phase).sin()).collect();
        search.logits.set(index, &values)?;
    }
    Ok(())
}

impl Timed for SearchBench {
    fn step(&mut self) -> anyhow::Result<Vec<(&'static str, Tensor)>> {
        let (training, validation) = (self.batch(2, [3, 0])?, self.batch(13, [7, 1])?);
        let losses = self.search.step(at(self.taken), &training, &validation)?;
        self.taken += 1;
        let mut found = vec![("training", losses.training.detach())];
        found.extend(losses.validation.map(|loss| ("validation", loss.detach())));
        Ok(found)
    }

    /// The gumbel noise of GDAS: by step that of the weights' pass and that of the architecture's.
    fn particulars(&self) -> anyhow::Result<Map<String, Value>> {
        if self.method != Method::Gdas {
            return Ok(Map::new());
        }
        let mut noise = Vec::new();
        for step in 0..self.taken {
            let [weights, architecture] = [false, true].map(|architecture| {
                let mut rng = self.search.draws(at(step), architecture);
                let matrix = self.search.logits.matrix(&self.search.logits.groups()[0], self.search.logits.flat())?;
                Vec::<f64>::try_from(gumbel::noise(&matrix, &mut rng)?.f_flatten(0, -1)?)
            });
            noise.push(json!([weights?, architecture?]));
        }
        Ok(options(json!({"noise": noise})))
    }
}
