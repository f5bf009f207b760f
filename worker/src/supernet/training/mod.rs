//! A search under way: shared weights, architecture, their optimisers, and the steps that train them.

mod problem;
mod room;

pub use room::is_out_of_memory;

use super::adam::Adam;
use super::bilevel::{self, SecondOrder, Side, Unrolling};
use super::controller::Controller;
use super::cost::ExpectedCost;
use super::relaxation::{self, Moment};
use super::{Logits, Mixing, Supernet, hessian};
use crate::module::{Build, ModuleError};
use crate::primitive::Pass;
use crate::recipe::augment::Batch;
use crate::recipe::optimizer::{self, Optimizer};
use crate::recipe::{FlatParameters, clip_norm};
use problem::Problem;
use search::network::recipe::Optimizer as OptimizerSettings;
use search::network::{Graph, Recipe};
use search::randomness::{Purpose, Randomness, Rng};
use search::space::Selection;
use search::supernet::{Alternation, Architecture, Mixture, Order, SupernetPlan};
use std::cell::Cell;
use tch::{TchError, Tensor};
use thiserror::Error;

#[derive(Debug, Error)]
pub enum SearchError {
    /// The plan cannot be carried out on this network.
    #[error("{0}")]
    Plan(String),
    #[error(transparent)]
    Module(#[from] ModuleError),
    #[error(transparent)]
    Torch(#[from] TchError),
}

/// What stays the same over a search.
pub struct Course {
    pub plan: SupernetPlan,
    pub recipe: Recipe,
    pub seed: u64,
    pub epochs: u32,
    /// Convolutions and matrix products in bf16.
    pub bf16: bool,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug)]
pub struct At {
    /// Counted from 0.
    pub epoch: u32,
    /// Of the epoch, counted from 0.
    pub step: usize,
    /// Learning rate of the weights.
    pub lr: f64,
}

/// Losses of a step, on the device.
pub struct Losses {
    /// Of the weights' batch.
    pub training: Tensor,
    /// Of the architecture's, where it was trained.
    pub validation: Option<Tensor>,
}

/// Draws for judging stand behind those of all steps.
const JUDGING: usize = 1 << 31;

/// Everything that a search carries from step to step.
pub struct Search {
    pub net: Supernet,
    pub parameters: FlatParameters,
    pub optimizer: Box<dyn Optimizer>,
    pub logits: Logits,
    /// The logits' optimiser, where the plan trains them.
    pub adam: Option<Adam>,
    pub controller: Option<Controller>,
    pub cost: Option<ExpectedCost>,
    /// Parts that a batch is cut into, as memory asks.
    pub parts: Cell<usize>,
    course: Course,
}

impl Search {
    /// Builds the supernet of an open graph and everything that trains it.
    pub fn new(graph: Graph, course: Course, build: Build) -> Result<Search, SearchError> {
        let plan = &course.plan;
        let net = Supernet::build(graph, plan, build)?;
        if net.rows().0.is_empty() {
            return Err(SearchError::Plan("no decision of the space stands open in its network".into()));
        }
        let randomness = Randomness::new(course.seed);
        let deviation = plan.architecture.as_ref().map_or(0.0, |architecture| architecture.deviation);
        let mut rng = randomness.at(Purpose::Weights, 1);
        let logits = Logits::new(net.rows(), plan.edge_normalisation, deviation, &mut rng, build.device, build.kind)?;
        let parameters = FlatParameters::adopt(net.parameters(), course.recipe.decay_all);
        let optimizer = optimizer::build(&course.recipe, &parameters);
        let trained = plan.architecture.as_ref().filter(|architecture| architecture.controller.is_none());
        let adam = trained.map(|a| Adam::new(a.lr, a.betas, a.weight_decay, logits.flat())).transpose()?;
        let controller = match plan.architecture.as_ref().and_then(|a| Some((a, a.controller?))) {
            Some((architecture, settings)) => {
                Some(Controller::new(settings, architecture, net.rows(), &mut randomness.at(Purpose::Weights, 2))?)
            }
            None => None,
        };
        let cost = plan.cost.as_ref().map(|term| ExpectedCost::new(term, &net, &logits));
        let cost = cost.transpose().map_err(SearchError::Plan)?;
        let search = Search { net, parameters, optimizer, logits, adam, controller, cost, parts: Cell::new(1), course };
        search.check()?;
        Ok(search)
    }

    /// What of the plan does not go together.
    fn check(&self) -> Result<(), SearchError> {
        let plan = &self.course.plan;
        let controlled = self.controller.is_some();
        let wrong = |detail: &str| Err(SearchError::Plan(detail.into()));
        if plan.mixture == Mixture::Controller && !controlled {
            return wrong("the mixture `controller` needs `architecture.controller`");
        }
        let Some(architecture) = &plan.architecture else { return Ok(()) };
        if architecture.order == Order::Second && !matches!(self.course.recipe.optimizer, OptimizerSettings::Sgd { .. })
        {
            return wrong("the second order unrolls a step of SGD; the recipe has another optimizer");
        }
        match architecture.mixture {
            Mixture::UniformPath { .. } | Mixture::SampledPath if !controlled => {
                wrong("the architecture's mixture must carry gradient to the logits; single paths do not")
            }
            _ => Ok(()),
        }
    }

    pub fn course(&self) -> &Course {
        &self.course
    }

    /// One step of both kinds in the plan's order; `Alternation::Epochs` trains the weights alone.
    pub fn step(&mut self, at: At, training: &Batch, validation: &Batch) -> Result<Losses, TchError> {
        let alternation = self.course.plan.architecture.as_ref().map(|architecture| architecture.alternation);
        match alternation.filter(|_| self.trains_logits(at.epoch)) {
            Some(Alternation::ArchitectureFirst) => {
                let validation = self.architecture_step(at, training, validation)?;
                Ok(Losses { training: self.weight_step(at, training)?, validation: Some(validation) })
            }
            Some(Alternation::WeightsFirst) => {
                let training_loss = self.weight_step(at, training)?;
                let validation = self.architecture_step(at, training, validation)?;
                Ok(Losses { training: training_loss, validation: Some(validation) })
            }
            Some(Alternation::Epochs) | None => {
                Ok(Losses { training: self.weight_step(at, training)?, validation: None })
            }
        }
    }

    /// Whether the logits are trained by gradient in an epoch.
    pub fn trains_logits(&self, epoch: u32) -> bool {
        let warm = |architecture: &Architecture| epoch >= architecture.warmup_epochs;
        self.adam.is_some() && self.course.plan.architecture.as_ref().is_some_and(warm)
    }

    /// One step of the shared weights on a training batch; gives its loss.
    pub fn weight_step(&mut self, at: At, batch: &Batch) -> Result<Tensor, TchError> {
        let mixture = self.course.plan.mixture;
        let path = match mixture {
            Mixture::Controller => Some(self.controlled_path(at)?),
            _ => None,
        };
        let loss = room::with_room(&self.parts, self.least_parts(batch), |parts| {
            let problem =
                Problem { parts, path: path.as_ref(), track: true, ..Problem::new(self, at, mixture, [batch, batch]) };
            bilevel::weight_gradient(&problem, &self.parameters)
        })?;
        clip_norm(&self.parameters, self.course.recipe.clip_norm);
        self.optimizer.step(&self.parameters, at.lr);
        Ok(loss)
    }

    /// One step of the logits; gives the validation loss before it, of the unrolled weights in second order.
    pub fn architecture_step(&mut self, at: At, training: &Batch, validation: &Batch) -> Result<Tensor, TchError> {
        let Some(architecture) = &self.course.plan.architecture else {
            return Err(TchError::Kind("the plan has no architecture to train".into()));
        };
        let (order, mixture) = (architecture.order, architecture.mixture);
        let batches = [training, validation];
        let (gradient, loss) = match order {
            Order::First => room::with_room(&self.parts, self.least_parts(validation), |parts| {
                let problem = Problem { parts, ..Problem::new(self, at, mixture, batches) };
                bilevel::logit_gradient(&problem, Side::Validation, self.logits.flat())
            })?,
            Order::Second => {
                let found = self.second_order(at, mixture, batches)?;
                (found.gradient, found.loss)
            }
        };
        if let Some(adam) = &mut self.adam {
            adam.step(self.logits.flat(), &gradient)?;
        }
        Ok(loss)
    }

    /// The second-order gradient of the logits, with its parts; batches of training and validation.
    pub fn second_order(&mut self, at: At, mixture: Mixture, batches: [&Batch; 2]) -> Result<SecondOrder, TchError> {
        let velocity = velocity(self.optimizer.as_ref(), &self.parameters)?;
        let unrolling = unrolling(&self.course.recipe, at.lr, &velocity);
        room::with_room(&self.parts, self.least_parts(batches[1]), |parts| {
            let problem = Problem { parts, ..Problem::new(self, at, mixture, batches) };
            bilevel::second_order(&problem, &self.parameters, self.logits.flat(), &unrolling)
        })
    }

    /// The dominant eigenvalue of the validation loss' Hessian in the logits, on one batch. Waits for the device.
    pub fn eigenvalue(&self, at: At, batch: &Batch) -> Result<f64, TchError> {
        let Some(architecture) = &self.course.plan.architecture else { return Ok(0.0) };
        room::with_room(&self.parts, self.least_parts(batch), |parts| {
            let problem = Problem { parts, cost: None, ..Problem::new(self, at, architecture.mixture, [batch, batch]) };
            let flat = self.logits.flat();
            let mut gradient = || Ok(bilevel::logit_gradient(&problem, Side::Validation, flat)?.0);
            hessian::largest_eigenvalue(flat, architecture.weight_decay, &mut gradient)
        })
    }

    /// Logits of a batch under a mixing, by the statistics of the batch or the running ones; without gradient.
    pub fn predict(&self, images: &Tensor, mixing: &Mixing, by_batch: bool) -> Result<Tensor, TchError> {
        let mut pass = if by_batch { Pass::batch_statistics() } else { Pass::eval() };
        pass.bf16 = self.course.bf16;
        tch::no_grad(|| self.net.forward(images, mixing, &mut pass))
    }

    /// A mixing that the supernet is judged by after an epoch: continuous weights without noise, or a drawn path.
    pub fn judged_mixing(&self, epoch: u32, number: usize) -> Result<Mixing, TchError> {
        let mut rng = self.step_rng(At { epoch, step: JUDGING + number, lr: 0.0 });
        match (self.course.plan.mixture, &self.controller) {
            (Mixture::Controller, Some(controller)) => {
                Ok(Mixing::path(&self.net, &controller.draw(self.net.rows(), &mut rng)?.selection))
            }
            (mixture, _) => {
                let quiet = matches!(mixture, Mixture::Gumbel { .. } | Mixture::HardGumbel { .. });
                let mixture = if quiet { Mixture::Softmax } else { mixture };
                let moment = Moment { epoch, epochs: self.course.epochs };
                relaxation::draw_without_gradient(&self.net, &self.logits, &mixture, moment, &mut rng)
            }
        }
    }

    /// Goes on with another weight decay; the optimiser keeps its state.
    pub fn set_weight_decay(&mut self, decay: f64) {
        self.course.recipe.weight_decay = decay;
        let mut optimizer = optimizer::build(&self.course.recipe, &self.parameters);
        optimizer.set_steps(self.optimizer.steps());
        for ((_, mut new), (_, old)) in optimizer.state().into_iter().zip(self.optimizer.state()) {
            tch::no_grad(|| new.copy_(&old));
        }
        self.optimizer = optimizer;
    }

    fn controlled_path(&self, at: At) -> Result<Selection, TchError> {
        let controller = self.controller.as_ref();
        let controller = controller.ok_or_else(|| TchError::Kind("the plan has no controller".into()))?;
        tch::no_grad(|| Ok(controller.draw(self.net.rows(), &mut self.step_rng(at))?.selection))
    }

    /// Draws of a step: of the weights' passes, or of the architecture's.
    pub fn draws(&self, at: At, architecture: bool) -> Rng {
        step_rng(problem::seed(self.course.seed, architecture), at)
    }

    /// Draws of a step of the weights.
    pub fn step_rng(&self, at: At) -> Rng {
        self.draws(at, false)
    }

    /// Most parts that a batch may be cut into.
    fn least_parts(&self, batch: &Batch) -> usize {
        let images = batch.labels.size().first().map_or(1, |images| *images as usize);
        self.course.plan.least_batch.map_or(1, |least| (images / least.max(1)).max(1))
    }
}

/// Draws of a step: paths and gumbel noise.
fn step_rng(seed: u64, at: At) -> Rng {
    Randomness::new(seed).at(Purpose::Architecture, (u64::from(at.epoch) << 32) | at.step as u64)
}

/// The momentum buffer of SGD; zeros of an optimiser that has none yet.
fn velocity(optimizer: &dyn Optimizer, parameters: &FlatParameters) -> Result<Tensor, TchError> {
    let found = optimizer.state().into_iter().find(|(name, _)| *name == "velocity");
    found.map_or_else(|| parameters.weights().f_zeros_like(), |(_, velocity)| Ok(velocity))
}

fn unrolling<'a>(recipe: &Recipe, eta: f64, velocity: &'a Tensor) -> Unrolling<'a> {
    let momentum = match recipe.optimizer {
        OptimizerSettings::Sgd { momentum, .. } => momentum,
        OptimizerSettings::AdamW { .. } | OptimizerSettings::RmsProp { .. } => 0.0,
    };
    Unrolling { eta, momentum, decay: recipe.weight_decay, velocity }
}
